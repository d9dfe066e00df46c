-- name: arm_scores
-- title: The scores of runs in one metric, each seed by itself
-- view: no
-- params: runs VARCHAR[], metric, implementation
-- The runs must be named; an implementation left open (NULL) means scores without one, as yardsticks have it.
SELECT s.run_id, s.language, s.language_2, coalesce(s.subject, '') AS subject, s.value, s.n
FROM scores s JOIN (SELECT unnest($runs) AS run_id) USING (run_id)
WHERE s.scope = 'language' AND ($metric IS NULL OR s.metric = $metric)
  AND s.implementation IS NOT DISTINCT FROM $implementation
