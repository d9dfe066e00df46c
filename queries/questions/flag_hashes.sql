-- name: flag_hashes
-- title: Runs in view whose files name a hash of their predictions
-- view: no
-- params: task
SELECT r.run_id, r.system, r.recipe, r.shots, r.train_seed, r.task, r.split, r.subset, r.task_version,
       nullif(r.filter, 'none') AS filter, r.item_limit, t.kind AS task_kind, r.config
FROM runs r LEFT JOIN tasks t ON t.task = r.task
WHERE contains(r.config, '"prediction_hash"') AND NOT r.hidden AND r.superseded_by IS NULL
  AND ($task IS NULL OR r.task = $task)
ORDER BY r.task, r.split, r.subset, r.system, r.train_seed, r.run_id
