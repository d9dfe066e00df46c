-- name: run_list
-- title: The runs of the store, newest first
-- view: yes
-- params: system, task
-- Scores are counted run by run before the runs are joined: grouping rows as wide as these takes four times as long.
WITH told AS (
    SELECT run_id, count(*) AS scores, count(DISTINCT language) AS languages,
           list_extract(['published', 'logged', 'recomputed', 'measured'],
               min(list_position(['published', 'logged', 'recomputed', 'measured'], evidence))) AS evidence
    FROM scores GROUP BY run_id
)
SELECT r.run_id, r.system, r.base_model, r.recipe, r.task, r.split, r.subset, r.shots, r.train_seed, r.step,
       coalesce(t.scores, 0) AS scores, coalesce(t.languages, 0) AS languages, t.evidence,
       r.n_items AS items, r.items_path, r.identity, r.found_name, r.tool, r.tool_version, r.date, r.source_path AS source,
       r.superseded_by, r.hidden, r.hidden_why
FROM runs r LEFT JOIN told t USING (run_id)
WHERE ($system IS NULL OR r.system = $system) AND ($task IS NULL OR r.task = $task)
ORDER BY r.date DESC NULLS LAST, r.system, r.task, r.run_id
