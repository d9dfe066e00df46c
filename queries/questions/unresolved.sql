-- name: unresolved
-- title: Who the files say that runs are about, where that is not fully known
-- view: no
-- params:
SELECT identity, found_name, found, count(*) AS runs
FROM runs WHERE identity <> 'known' AND NOT hidden
GROUP BY identity, found_name, found ORDER BY identity = 'guessed', found_name, found
