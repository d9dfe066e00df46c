-- name: published_values
-- title: Published values of systems on tasks, whatever the yardstick: how far they differ among themselves
-- view: no
-- params: systems varchar[], tasks varchar[]
WITH each AS (
    SELECT system, yardstick, value, 'macro' AS scope, evidence FROM stated_means WHERE scope = 'macro'
    UNION ALL
    SELECT system, yardstick, value, language AS scope, evidence FROM language_scores
)
SELECT e.system, y.task, y.metric, y.split, e.scope, y.yardstick, e.value
FROM each e JOIN yardsticks y USING (yardstick)
WHERE e.evidence = 'published' AND e.value IS NOT NULL
  AND ($systems IS NULL OR list_contains($systems, e.system)) AND ($tasks IS NULL OR list_contains($tasks, y.task))
ORDER BY e.system, y.task, y.metric, y.split, e.scope, y.yardstick
