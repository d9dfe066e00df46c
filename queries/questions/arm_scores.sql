-- name: arm_scores
-- title: The scores of runs in one metric, each seed by itself
-- view: no
-- params: runs VARCHAR[], metric, implementation
SELECT run_id, language, language_2, coalesce(subject, '') AS subject, value, n
FROM scores
WHERE scope = 'language' AND ($runs IS NULL OR list_contains($runs, run_id)) AND ($metric IS NULL OR metric = $metric)
  AND implementation IS NOT DISTINCT FROM $implementation
