-- name: names
-- title: Names that this store holds: systems, tasks, metrics
-- view: no
-- params:
SELECT 'system' AS kind, system AS name FROM systems
UNION ALL SELECT DISTINCT 'task', task FROM yardsticks
UNION ALL SELECT DISTINCT 'metric', metric FROM yardsticks
ORDER BY kind, name
