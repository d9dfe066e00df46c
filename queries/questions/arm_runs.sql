-- name: arm_runs
-- title: What is known of runs that may or may not be compared
-- view: no
-- params: runs VARCHAR[]
SELECT run_id, system, recipe, shots, prompt, prompt_hash, dataset_revision, selection, train_seed, step, train_language,
       items_path IS NOT NULL AS has_items, n_items, items_partial, texts_path, source_path, tool
FROM runs WHERE $runs IS NULL OR list_contains($runs, run_id)
ORDER BY run_id
