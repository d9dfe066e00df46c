-- name: flag_scores
-- title: The value of each run behind a cell and language, where a collapse could be told
-- view: no
-- params: system, task, counted VARCHAR[]
-- On the metric that stands for a task, where that lies in 0..1 and more is better. One run alone can be judged only
-- where what guessing reaches is known; `counted` names metrics for which that is nil whatever the task.
WITH cells AS (
    SELECT l.system, l.language, l.language_2, l.subject, unnest(l.run_ids) AS run_id, y.yardstick, y.task, y.split, y.subset,
           y.metric, y.implementation, t.kind AS task_kind, CASE WHEN y.metric = t.primary_metric THEN t.chance END AS chance
    FROM language_scores l
    JOIN yardsticks y USING (yardstick)
    JOIN metrics m ON m.metric = y.metric
    LEFT JOIN tasks t ON t.task = y.task
    WHERE y.is_primary AND m.unit_interval AND m.higher_is_better
      AND (l.seeds > 1 OR (y.metric = t.primary_metric AND t.chance IS NOT NULL)
           OR coalesce(list_contains($counted, y.metric), false))
      AND ($system IS NULL OR l.system = $system) AND ($task IS NULL OR y.task = $task)
)
SELECT c.system, c.task, c.split, c.subset, c.metric, c.yardstick, c.language, c.language_2, c.subject, c.run_id,
       r.recipe, r.shots, r.train_seed, c.task_kind, c.chance, s.value
FROM cells c
JOIN runs r ON r.run_id = c.run_id
JOIN scores s ON s.run_id = c.run_id AND s.scope = 'language' AND s.metric = c.metric
 AND s.implementation IS NOT DISTINCT FROM c.implementation AND s.language IS NOT DISTINCT FROM c.language
 AND s.language_2 IS NOT DISTINCT FROM c.language_2 AND coalesce(s.subject, '') = c.subject
WHERE s.value IS NOT NULL
ORDER BY c.task, c.split, c.subset, c.yardstick, c.system, c.language, c.language_2, c.subject, r.train_seed, c.run_id
