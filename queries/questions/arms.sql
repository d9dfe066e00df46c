-- name: arms
-- title: Systems on the yardsticks of a task, language by language, with the runs behind them
-- view: no
-- params: systems VARCHAR[], task, yardstick
-- Means that somebody states come too, as rows of scope macro or group: a comparison says where only those exist.
WITH asked AS (
    SELECT y.*, coalesce(m.unit_interval, false) AS unit_interval, coalesce(m.higher_is_better, true) AS higher_is_better,
           CASE WHEN list_contains(m.mean_for, t.kind) THEN 'mean' ELSE m.kind END AS metric_kind,
           t.title AS task_title, t.kind AS task_kind, t.parallel,
           -- what guessing reaches is known for the task's own metric only
           CASE WHEN y.metric = t.primary_metric THEN t.chance END AS chance
    FROM yardsticks y LEFT JOIN metrics m USING (metric) LEFT JOIN tasks t USING (task)
    WHERE ($task IS NULL OR y.task = $task) AND ($yardstick IS NULL OR y.yardstick = $yardstick)
)
SELECT q.yardstick, q.task, q.task_title, q.subset, q.split, q.task_version, q.filter, q.item_limit, q.metric, q.implementation,
       q.unit_interval, q.higher_is_better, q.metric_kind, q.task_kind, q.parallel, q.chance, q.is_primary,
       l.system, 'language' AS scope, l.language, l.language_2, l.subject, g.name, g.family, g.script,
       coalesce(l.is_train_language, false) AS is_train_language,
       l.value, l.n, l.stderr, l.seeds, l.evidence, l.item_set, l.gap, l.run_ids, l.run_values, l.run_ns
FROM language_scores l JOIN asked q USING (yardstick) LEFT JOIN language_codes g ON g.language = l.language
WHERE $systems IS NULL OR list_contains($systems, l.system)
UNION ALL
SELECT q.yardstick, q.task, q.task_title, q.subset, q.split, q.task_version, q.filter, q.item_limit, q.metric, q.implementation,
       q.unit_interval, q.higher_is_better, q.metric_kind, q.task_kind, q.parallel, q.chance, q.is_primary,
       s.system, s.scope, NULL, NULL, '', NULL, NULL, NULL, false,
       s.value, NULL, NULL, s.seeds, s.evidence, NULL, s.gap, [], NULL, NULL
FROM stated_means s JOIN asked q USING (yardstick)
WHERE $systems IS NULL OR list_contains($systems, s.system)
ORDER BY ALL
