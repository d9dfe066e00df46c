-- name: cell_seeds
-- title: The value of each run behind a cell, seed by seed
-- view: no
-- params: system, yardstick
-- One row a run and language; a yardstick left open (NULL) means all of the system's.
WITH behind AS (
    SELECT l.system, l.yardstick, l.language, l.language_2, l.subject, unnest(l.run_ids) AS run_id
    FROM language_scores l
    WHERE ($system IS NULL OR l.system = $system) AND ($yardstick IS NULL OR l.yardstick = $yardstick)
)
SELECT b.system, b.yardstick, y.task, y.metric, y.is_primary, coalesce(m.unit_interval, false) AS unit_interval,
       b.language, b.language_2, b.subject, g.name AS language_name, b.run_id, r.train_seed, s.value
FROM behind b
JOIN yardsticks y USING (yardstick)
JOIN runs r ON r.run_id = b.run_id
JOIN scores s
  ON s.run_id = b.run_id AND s.scope = 'language' AND s.metric = y.metric
 AND s.implementation IS NOT DISTINCT FROM y.implementation AND s.language IS NOT DISTINCT FROM b.language
 AND s.language_2 IS NOT DISTINCT FROM b.language_2 AND coalesce(s.subject, '') = b.subject
LEFT JOIN metrics m ON m.metric = y.metric
LEFT JOIN language_codes g ON g.language = b.language
WHERE s.value IS NOT NULL
ORDER BY b.system, y.task, b.yardstick, b.language, b.language_2, b.subject, r.train_seed, b.run_id
