-- name: languages
-- title: The languages behind a cell
-- view: yes
-- params: system, task, yardstick, baseline, metric
-- A parameter left open (NULL) means all; deltas are against each system's own direct arm.
SELECT l.system, s.base_model, s.recipe, y.task, y.split, y.subset, y.metric, y.implementation, y.yardstick, y.is_primary,
       coalesce(m.unit_interval, false) AS unit_interval, coalesce(m.higher_is_better, true) AS higher_is_better,
       l.language, l.language_2, l.subject,
       coalesce(g.name, nullif(l.subject, ''), l.language) AS language_name, g.iso639_3, g.script, g.family,
       l.value, l.n, l.stderr,
       -- no interval without a standard error: greatest() and least() pass over NULL
       CASE WHEN l.stderr IS NOT NULL THEN greatest(l.value - 1.959964 * l.stderr, m.low) END AS low,
       CASE WHEN l.stderr IS NOT NULL THEN least(l.value + 1.959964 * l.stderr, m.high) END AS high,
       l.seeds, l.evidence, l.mismatch, l.logged,
       CASE WHEN coalesce($baseline, s.baseline) <> l.system THEN coalesce($baseline, s.baseline) END AS baseline,
       b.value AS baseline_value,
       CASE WHEN coalesce(l.item_set = b.item_set, true) AND coalesce(l.n = b.n, true) THEN l.value - b.value END AS delta,
       CASE WHEN b.value IS NULL THEN NULL
            WHEN l.n <> b.n THEN 'other number of items: ' || l.n || ' against ' || b.n
            WHEN l.item_set <> b.item_set THEN 'other items' END AS refused,
       coalesce(l.source, l.locator) AS source, l.locator, l.gap, coalesce(l.is_train_language, false) AS is_train_language,
       l.run_ids
FROM language_scores l
JOIN yardsticks y USING (yardstick)
LEFT JOIN systems s ON s.system = l.system
LEFT JOIN metrics m ON m.metric = y.metric
LEFT JOIN language_codes g ON g.language = l.language
LEFT JOIN language_scores b
  ON b.system = coalesce($baseline, s.baseline) AND b.system <> l.system AND b.yardstick = l.yardstick
 AND b.language IS NOT DISTINCT FROM l.language AND b.language_2 IS NOT DISTINCT FROM l.language_2 AND b.subject = l.subject
WHERE ($system IS NULL OR l.system = $system) AND ($yardstick IS NULL OR l.yardstick = $yardstick)
  AND ($task IS NULL OR y.task = $task) AND ($metric IS NULL OR y.metric = $metric)
ORDER BY l.system, y.task, y.yardstick, l.value DESC NULLS LAST, l.language
