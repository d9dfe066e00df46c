-- name: run_scores
-- title: The scores of a run, as written
-- view: no
-- params: run
SELECT metric, language, language_2, subject, scope, value, n, stderr, evidence, logged, implementation, gap, locator
FROM scores WHERE $run IS NULL OR run_id = $run
ORDER BY scope <> 'language', metric, implementation, language, language_2, subject
