-- name: mismatches
-- title: Where a recomputed value and the tool's own differ
-- view: yes
-- params:
SELECT s.run_id, r.system, r.task, s.language, s.metric, s.implementation, s.value, s.logged, s.value - s.logged AS difference,
       s.n, coalesce(m.tolerance, 1e-6) AS tolerance, r.source_path AS source
FROM scores s JOIN runs r USING (run_id) LEFT JOIN metrics m USING (metric)
WHERE s.logged IS NOT NULL AND abs(s.value - s.logged) > coalesce(m.tolerance, 1e-6) AND NOT r.hidden AND r.superseded_by IS NULL
ORDER BY abs(s.value - s.logged) DESC, r.system, r.task, s.language
