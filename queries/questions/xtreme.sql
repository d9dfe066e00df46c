-- name: xtreme
-- title: The XTREME score: unweighted means over languages, (F1 + EM) / 2 for QA, mean of nine tasks
-- view: yes
-- params: system
WITH cells AS (
    SELECT l.system, y.task, t.xtreme_group, l.language,
           avg(l.value) FILTER (y.metric = 'accuracy' OR y.metric = 'f1') AS first_value,
           avg(l.value) FILTER (y.metric = 'exact_match') AS em
    FROM language_scores l JOIN yardsticks y USING (yardstick) JOIN tasks t USING (task)
    LEFT JOIN implementations i ON i.metric = y.metric AND i.implementation = y.implementation
    WHERE t.xtreme_group IS NOT NULL AND y.split IS NOT DISTINCT FROM 'test' AND NOT coalesce(i.alternate, false)
      AND y.subset IS NULL AND y.item_limit IS NULL AND l.language_2 IS NULL AND ($system IS NULL OR l.system = $system)
      AND y.implementation LIKE 'xtreme%'
    GROUP BY ALL
), by_task AS (
    SELECT system, task, any_value(xtreme_group) AS xtreme_group, count(*) AS languages,
           avg(CASE WHEN xtreme_group = 'qa' THEN (first_value + em) / 2 ELSE first_value END) AS value
    FROM cells GROUP BY system, task
)
SELECT * FROM (
SELECT system, 'task' AS level, task AS name, xtreme_group, languages, value FROM by_task
UNION ALL
SELECT system, 'group', xtreme_group, xtreme_group, NULL, avg(value) FROM by_task GROUP BY system, xtreme_group
UNION ALL
SELECT system, 'all', 'all_task', NULL, NULL, CASE WHEN count(*) = 9 THEN avg(value) END FROM by_task GROUP BY system
) ORDER BY system, level <> 'all', level <> 'group', name
