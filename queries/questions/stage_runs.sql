-- name: stage_runs
-- title: The runs of trained stages, by checkpoint and task
-- view: no
-- params: checkpoint
SELECT r.run_id, r.checkpoint, r.task, r.split, r.item_limit, r.recipe, r.train_seed, r.hidden, r.date,
       CAST(json_extract(r.config, '$.took') AS VARCHAR) AS took,
       CAST(json_extract(r.config, '$.asked') AS VARCHAR) AS asked,
       CAST(json_extract(r.config, '$.asked.options') AS VARCHAR) AS options,
       list_sort(list(DISTINCT s.language) FILTER (s.language IS NOT NULL)) AS languages
FROM runs r LEFT JOIN scores s USING (run_id)
WHERE starts_with(r.checkpoint, 'stage ') AND ($checkpoint IS NULL OR r.checkpoint = $checkpoint)
      AND r.superseded_by IS NULL
GROUP BY ALL ORDER BY r.checkpoint, r.task, r.run_id
