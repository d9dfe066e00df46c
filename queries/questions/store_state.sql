-- name: store_state
-- title: What a store holds, and what needs a look
-- view: no
-- params:
SELECT (SELECT count(*) FROM runs) AS runs,
       (SELECT count(*) FROM runs WHERE hidden) AS hidden,
       (SELECT count(*) FROM runs WHERE superseded_by IS NOT NULL) AS replaced,
       (SELECT count(DISTINCT system) FROM runs) AS systems,
       (SELECT count(DISTINCT system) FROM runs WHERE identity <> 'known') AS systems_not_known,
       (SELECT count(*) FROM quarantine) AS quarantined,
       (SELECT count(*) FROM sources WHERE status = 'refused') AS refused,
       (SELECT count(*) FROM sources WHERE status = 'waiting') AS waiting
