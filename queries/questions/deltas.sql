-- name: deltas
-- title: Per-language differences to a baseline, with an interval from the two standard errors
-- view: yes
-- params: system, baseline, task, yardstick
-- column: low: delta - 1.96 standard errors as if unpaired: too wide for systems that agree on items; items give a closer one
-- column: unit: The language (with the task where several are asked): what a claim is judged by
SELECT CASE WHEN $task IS NULL AND $yardstick IS NULL THEN y.task || ' ' ELSE '' END || coalesce(l.language, nullif(l.subject, ''), '?')
           || coalesce('/' || l.language_2, '') AS unit,
       l.value - b.value AS delta,
       l.value - b.value - 1.959964 * sqrt(l.stderr * l.stderr + b.stderr * b.stderr) AS low,
       l.value - b.value + 1.959964 * sqrt(l.stderr * l.stderr + b.stderr * b.stderr) AS high,
       least(l.n, b.n) AS n,
       list_extract(['published', 'logged', 'recomputed', 'measured'],
           least(list_position(['published', 'logged', 'recomputed', 'measured'], l.evidence),
                 list_position(['published', 'logged', 'recomputed', 'measured'], b.evidence))) AS rung,
       y.task, l.language, l.system, b.system AS baseline, l.yardstick
FROM language_scores l
JOIN systems s ON s.system = l.system
JOIN yardsticks y ON y.yardstick = l.yardstick
JOIN language_scores b
  ON b.system = coalesce($baseline, s.baseline) AND b.system <> l.system AND b.yardstick = l.yardstick
 AND b.language IS NOT DISTINCT FROM l.language AND b.language_2 IS NOT DISTINCT FROM l.language_2 AND b.subject = l.subject
WHERE ($system IS NULL OR l.system = $system) AND ($task IS NULL OR y.task = $task)
  AND ($yardstick IS NULL OR l.yardstick = $yardstick) AND ($yardstick IS NOT NULL OR y.is_primary)
  AND coalesce(l.item_set = b.item_set, true) AND coalesce(l.n = b.n, true)
ORDER BY l.system, y.task, l.yardstick, l.language
