-- name: source_list
-- title: The files behind the numbers, and those refused, with reasons
-- view: yes
-- params: status
SELECT * FROM (
SELECT path, status, reason, importer, runs, size, sha256
FROM sources WHERE $status IS NULL OR status = $status
UNION ALL
SELECT folder || '/' || file, 'quarantined', reason, NULL, NULL, NULL, NULL
FROM quarantine WHERE $status IS NULL OR $status = 'quarantined'
) ORDER BY status = 'read', status, path
