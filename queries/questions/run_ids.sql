-- name: run_ids
-- title: The ids of all runs: what the start of an id is looked up in
-- view: no
-- params:
SELECT run_id FROM runs ORDER BY run_id
