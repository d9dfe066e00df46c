-- name: unresolved
-- title: Who the files say that runs are about, where that is not fully known, and what they say besides
-- view: no
-- params:
SELECT identity, found_name, found, checkpoint, json_extract(config, '$.hints') AS hints, count(*) AS runs
FROM runs WHERE identity <> 'known' AND NOT hidden
GROUP BY identity, found_name, found, checkpoint, hints
ORDER BY identity = 'guessed', found_name, found, checkpoint, hints
