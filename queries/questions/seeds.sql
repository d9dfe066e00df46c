-- name: seeds
-- title: The scores of each train seed behind a language of a cell
-- view: yes
-- params: system, task, yardstick, metric
-- column: train_seed: Seed of the training; NULL unknown or untrained
-- A parameter left open (NULL) means all. These are the runs that the language's mean is over.
SELECT l.system, y.task, y.split, y.subset, y.metric, y.implementation, y.yardstick, y.is_primary,
       coalesce(m.unit_interval, false) AS unit_interval,
       l.language, l.language_2, l.subject, r.train_seed, s.value, s.n, s.stderr, s.evidence, l.run_id
FROM (SELECT system, yardstick, language, language_2, subject, unnest(run_ids) AS run_id FROM language_scores
      WHERE ($system IS NULL OR system = $system) AND ($yardstick IS NULL OR yardstick = $yardstick)) l
JOIN yardsticks y USING (yardstick)
LEFT JOIN metrics m ON m.metric = y.metric
JOIN runs r ON r.run_id = l.run_id
JOIN scores s
  ON s.run_id = l.run_id AND s.metric = y.metric AND s.implementation IS NOT DISTINCT FROM y.implementation
 AND s.scope = 'language' AND s.language IS NOT DISTINCT FROM l.language
 AND s.language_2 IS NOT DISTINCT FROM l.language_2 AND coalesce(s.subject, '') = l.subject
WHERE ($task IS NULL OR y.task = $task) AND ($metric IS NULL OR y.metric = $metric)
-- a run may have two scores for one place: one of them counts
QUALIFY row_number() OVER (PARTITION BY l.run_id, l.yardstick, l.language, l.language_2, l.subject ORDER BY s.value IS NULL) = 1
ORDER BY l.system, y.task, y.yardstick, l.language, l.language_2, r.train_seed, l.run_id
