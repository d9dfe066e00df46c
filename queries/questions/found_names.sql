-- name: found_names
-- title: Names of systems as the files have them
-- view: no
-- params:
SELECT DISTINCT found_name FROM runs ORDER BY found_name
