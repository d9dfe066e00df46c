-- name: xtreme
-- title: The XTREME score: unweighted means over languages, (F1 + EM) / 2 for QA, mean of nine tasks
-- view: yes
-- params: system
-- As in google-research/xtreme evaluate.py: a missing language or task is no score, never skipped.
WITH cells AS (
    SELECT l.system, y.task, l.language,
           avg(l.value) FILTER (y.metric IN ('accuracy', 'f1')) AS first_value,
           avg(l.value) FILTER (y.metric = 'exact_match') AS em
    FROM language_scores l JOIN yardsticks y USING (yardstick)
    LEFT JOIN implementations i ON i.metric = y.metric AND i.implementation = y.implementation
    WHERE y.implementation LIKE 'xtreme%' AND y.split = 'test' AND y.subset IS NULL AND y.item_limit IS NULL
      AND NOT coalesce(i.alternate, false) AND ($system IS NULL OR l.system = $system)
    GROUP BY ALL
), wanted AS (
    SELECT s.system, w.task, t.xtreme_group, t.position, w.language,
           CASE WHEN t.xtreme_group = 'qa' THEN (c.first_value + c.em) / 2 ELSE c.first_value END AS value
    FROM (SELECT DISTINCT system FROM cells) s
    CROSS JOIN task_languages w JOIN tasks t USING (task)
    LEFT JOIN cells c ON c.system = s.system AND c.task = w.task AND c.language = w.language
), by_task AS (
    SELECT system, task, any_value(xtreme_group) AS xtreme_group, any_value(position) AS position,
           count(value) AS languages, count(*) AS languages_wanted,
           CASE WHEN count(value) = count(*) THEN avg(value) END AS value,
           string_agg(language, ' ' ORDER BY language) FILTER (value IS NULL) AS missing
    FROM wanted GROUP BY system, task
), rows AS (
    SELECT system, 'task' AS level, task AS name, xtreme_group, position, languages, languages_wanted, value,
           CASE WHEN languages = 0 THEN 'no language of this task'
                WHEN value IS NULL THEN 'languages missing: ' || missing END AS gap FROM by_task
    UNION ALL
    SELECT system, 'group', xtreme_group, xtreme_group, min(position), NULL, NULL,
           CASE WHEN count(value) = count(*) THEN avg(value) END,
           'tasks without a score: ' || string_agg(task, ' ' ORDER BY position) FILTER (value IS NULL)
    FROM by_task GROUP BY system, xtreme_group
    UNION ALL
    SELECT system, 'all', 'all_task', NULL, -1, NULL, NULL, CASE WHEN count(value) = count(*) THEN avg(value) END,
           'tasks without a score: ' || string_agg(task, ' ' ORDER BY position) FILTER (value IS NULL)
    FROM by_task GROUP BY system
)
SELECT system, level, name, xtreme_group, value, languages, languages_wanted, gap
FROM rows ORDER BY system, level <> 'all', level <> 'group', position, name
