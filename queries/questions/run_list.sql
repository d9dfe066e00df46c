-- name: run_list
-- title: The runs of the store, newest first
-- view: yes
-- params: system, task
SELECT r.run_id, r.system, r.base_model, r.recipe, r.task, r.split, r.subset, r.shots, r.train_seed, r.step,
       count(s.run_id) AS scores, count(DISTINCT s.language) AS languages,
       list_extract(['published', 'logged', 'recomputed', 'measured'],
           min(list_position(['published', 'logged', 'recomputed', 'measured'], s.evidence))) AS evidence,
       r.n_items AS items, r.items_path, r.identity, r.found_name, r.tool, r.tool_version, r.date, r.source_path AS source,
       r.superseded_by, r.hidden, r.hidden_why
FROM runs r LEFT JOIN scores s USING (run_id)
WHERE ($system IS NULL OR r.system = $system) AND ($task IS NULL OR r.task = $task)
GROUP BY ALL ORDER BY r.date DESC NULLS LAST, r.system, r.task, r.run_id
