-- name: run_record
-- title: Everything that is known of a run
-- view: no
-- params: run
SELECT r.run_id, r.folder, r.system, r.base_model, r.base_revision, r.recipe, r.shots, r.prompt, r.identity, r.identity_why,
       r.found_name, r.found_path, r.task, r.split, r.subset, r.task_version, r.dataset_revision, r.filter,
       r.prompt_hash, r.item_limit, r.train_seed, r.eval_seed, r.step, r.checkpoint, r.train_language, r.selection,
       r.tool, r.tool_version, r.date, r.importer, r.importer_version,
       r.source_path AS source, r.source_sha256, r.source_key,
       r.n_items AS items, r.items_path, r.items_partial, r.texts_path, r.written,
       (SELECT list_sort(list(p.replaces)) FROM replacements p WHERE p.run_id = r.run_id) AS supersedes,
       r.superseded_by, r.hidden, r.hidden_why, r.config
FROM runs r WHERE $run IS NULL OR r.run_id = $run
ORDER BY r.run_id
