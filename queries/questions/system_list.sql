-- name: system_list
-- title: Systems, how surely they are known, and why
-- view: yes
-- params: identity
SELECT system, base_model, recipe, shots, prompt, identity, identity_why, runs, train_seeds, baseline,
       array_to_string(found_names, ', ') AS found_names
FROM systems WHERE $identity IS NULL OR identity = $identity
ORDER BY identity = 'known', identity = 'guessed', base_model NULLS FIRST, system
