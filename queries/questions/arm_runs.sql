-- name: arm_runs
-- title: What is known of runs that may or may not be compared
-- view: no
-- params: runs VARCHAR[]
-- The runs must be named: a join with the list, so that a large index is not read as a whole.
SELECT r.run_id, r.system, r.recipe, r.shots, r.prompt, r.prompt_hash, r.dataset_revision, r.selection, r.train_seed, r.step,
       r.train_language, r.items_path IS NOT NULL AS has_items, r.n_items, r.items_partial, r.texts_path, r.source_path, r.tool,
       CASE WHEN contains(r.config, '"prediction_hash"') THEN r.config END AS hashes
FROM runs r JOIN (SELECT unnest($runs) AS run_id) USING (run_id)
ORDER BY r.run_id
