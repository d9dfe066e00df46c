-- name: coverage
-- title: Which system x task cells have which languages, and what is missing
-- view: yes
-- params: task, system
WITH expected AS (
    SELECT y.yardstick, list_sort(list(DISTINCT l.language)) AS languages
    FROM language_scores l JOIN yardsticks y USING (yardstick)
    WHERE y.is_primary AND l.language IS NOT NULL GROUP BY y.yardstick
), had AS (
    SELECT system, yardstick, list_sort(list(DISTINCT language) FILTER (value IS NOT NULL)) AS languages, any_value(gap) AS gap
    FROM language_scores GROUP BY system, yardstick
)
SELECT s.system, y.task, y.split, y.subset, y.metric, y.yardstick,
       coalesce(len(h.languages), 0) AS languages, coalesce(len(e.languages), 0) AS languages_met,
       CASE WHEN coalesce(len(h.languages), 0) = 0 AND st.value IS NOT NULL THEN 'only a mean is stated'
            WHEN coalesce(len(h.languages), 0) = 0 THEN 'gap'
            WHEN len(h.languages) < len(e.languages) THEN 'partial'
            ELSE 'complete' END AS state,
       array_to_string(list_filter(e.languages, lambda x: NOT list_contains(coalesce(h.languages, []), x)), ' ') AS missing,
       coalesce(h.gap, CASE WHEN coalesce(len(h.languages), 0) = 0 AND st.value IS NULL THEN 'no run in this store' END) AS reason
FROM systems s CROSS JOIN yardsticks y
LEFT JOIN expected e USING (yardstick)
LEFT JOIN had h ON h.system = s.system AND h.yardstick = y.yardstick
LEFT JOIN stated_means st ON st.system = s.system AND st.yardstick = y.yardstick AND st.scope = 'macro'
WHERE y.is_primary AND ($task IS NULL OR y.task = $task) AND ($system IS NULL OR s.system = $system)
ORDER BY y.task, y.split, y.yardstick, s.system
