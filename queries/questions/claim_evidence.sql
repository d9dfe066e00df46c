-- name: claim_evidence
-- title: The runs and scores behind systems on yardsticks, one row a run and score
-- view: no
-- params: systems varchar[], yardsticks varchar[]
WITH wanted AS (
    SELECT * FROM yardsticks WHERE $yardsticks IS NULL OR list_contains($yardsticks, yardstick)
), by_language AS (
    SELECT l.system, l.yardstick, 'language' AS scope, l.language, l.language_2, l.subject, unnest(l.run_ids) AS run_id
    FROM language_scores l JOIN wanted USING (yardstick)
    WHERE $systems IS NULL OR list_contains($systems, l.system)
), stated AS (
    SELECT m.system, m.yardstick, m.scope, CAST(NULL AS VARCHAR) AS language, CAST(NULL AS VARCHAR) AS language_2, '' AS subject, r.run_id
    FROM stated_means m JOIN wanted y USING (yardstick)
    JOIN runs r ON r.system = m.system AND r.task = y.task AND r.split IS NOT DISTINCT FROM y.split
     AND r.subset IS NOT DISTINCT FROM y.subset AND r.task_version IS NOT DISTINCT FROM y.task_version
     AND nullif(r.filter, 'none') IS NOT DISTINCT FROM y.filter AND r.item_limit IS NOT DISTINCT FROM y.item_limit
    WHERE ($systems IS NULL OR list_contains($systems, m.system)) AND NOT r.hidden AND r.superseded_by IS NULL
), each AS (SELECT * FROM by_language UNION ALL SELECT * FROM stated)
SELECT e.system, e.yardstick, e.scope, e.language, e.run_id, r.recipe, r.shots, r.train_seed,
       s.value, s.n, s.stderr, s.evidence, s.item_set,
       y.task, y.split, y.metric, y.implementation,
       r.selection, r.prompt_hash, r.dataset_revision, r.train_language, r.source_path, r.source_sha256, r.source_key,
       r.items_path, r.config, CASE WHEN t.primary_metric = y.metric THEN t.chance END AS chance, t.train_language AS task_train_language
FROM each e
JOIN wanted y USING (yardstick)
JOIN runs r ON r.run_id = e.run_id
JOIN scores s ON s.run_id = e.run_id AND s.scope = e.scope AND s.metric = y.metric
 AND s.implementation IS NOT DISTINCT FROM y.implementation AND s.language IS NOT DISTINCT FROM e.language
 AND s.language_2 IS NOT DISTINCT FROM e.language_2 AND coalesce(s.subject, '') = e.subject
LEFT JOIN tasks t ON t.task = y.task
WHERE s.value IS NOT NULL
ORDER BY e.system, e.yardstick, e.scope, e.language, r.train_seed, e.run_id
