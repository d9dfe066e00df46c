-- name: founds
-- title: Who the files say that runs are about, with the system that each is taken for
-- view: no
-- params:
SELECT found, system, identity, count(*) AS runs FROM runs GROUP BY found, system, identity ORDER BY system, found
