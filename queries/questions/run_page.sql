-- name: run_page
-- title: A stretch of the list of runs: around one of them, or from a position on
-- view: no
-- params: system, task, filter, concealed BOOLEAN, sort, descending BOOLEAN, run, first BIGINT, most BIGINT
-- The list of a large store is never fetched whole: scores are looked at for the runs of the stretch alone, unless
-- rungs are sorted by or words are looked for in them.
WITH rungs AS (
    SELECT run_id, min(list_position(['published', 'logged', 'recomputed', 'measured'], evidence)) AS rung
    FROM scores WHERE $sort = 'evidence' OR $filter <> '' GROUP BY run_id
), kept AS (
    SELECT r.run_id, r.date, r.system, r.task,
           CASE coalesce($sort, 'date') WHEN 'date' THEN r.date WHEN 'system' THEN r.system WHEN 'task' THEN r.task END AS word,
           CASE $sort WHEN 'seed' THEN r.train_seed WHEN 'items' THEN r.n_items WHEN 'evidence' THEN coalesce(g.rung, 0) END AS number,
           CASE WHEN $filter <> '' THEN lower(concat_ws(' ', r.run_id, r.system, r.base_model, r.recipe, r.task, r.split, r.subset,
               r.shots, r.train_seed, r.step, list_extract(['published', 'logged', 'recomputed', 'measured'], g.rung), r.identity,
               r.found_name, r.tool, r.tool_version, r.date, r.source_path, r.superseded_by, r.hidden_why)) END AS text
    FROM runs r LEFT JOIN rungs g USING (run_id)
    WHERE ($system IS NULL OR r.system = $system) AND ($task IS NULL OR r.task = $task)
      AND (coalesce($concealed, true) OR (NOT r.hidden AND r.superseded_by IS NULL))
), placed AS (
    SELECT run_id, count(*) OVER () AS matching,
           row_number() OVER (ORDER BY word IS NULL AND number IS NULL,
               CASE WHEN coalesce($descending, true) THEN word END DESC, CASE WHEN coalesce($descending, true) THEN number END DESC,
               CASE WHEN NOT coalesce($descending, true) THEN word END, CASE WHEN NOT coalesce($descending, true) THEN number END,
               date DESC NULLS LAST, system, task, run_id) - 1 AS position
    FROM kept
    -- words of a filter must all be there, those with ! not
    WHERE coalesce($filter, '') = '' OR
          len(list_filter(string_split_regex(lower(trim($filter)), '\s+'),
                          lambda w: CASE WHEN starts_with(w, '!') THEN contains(text, substr(w, 2)) ELSE NOT contains(text, w) END)) = 0
), page AS (
    SELECT * FROM placed
    WHERE position >= coalesce((SELECT position FROM placed WHERE run_id = $run) - coalesce($most, 400) // 2, $first, 0)
      AND position < greatest(coalesce((SELECT position FROM placed WHERE run_id = $run) - coalesce($most, 400) // 2, $first, 0), 0)
                     + coalesce($most, 400)
), told AS (
    SELECT run_id, count(*) AS scores, count(DISTINCT language) AS languages,
           list_extract(['published', 'logged', 'recomputed', 'measured'],
               min(list_position(['published', 'logged', 'recomputed', 'measured'], evidence))) AS evidence
    FROM scores WHERE run_id IN (SELECT run_id FROM page) GROUP BY run_id
)
SELECT r.run_id, r.system, r.base_model, r.recipe, r.task, r.split, r.subset, r.shots, r.train_seed, r.step,
       coalesce(t.scores, 0) AS scores, coalesce(t.languages, 0) AS languages, t.evidence,
       r.n_items AS items, r.items_path, r.identity, r.found_name, r.tool, r.tool_version, r.date, r.source_path AS source,
       r.superseded_by, r.hidden, r.hidden_why, p.position, p.matching, (SELECT count(*) FROM runs) AS whole
FROM page p JOIN runs r USING (run_id) LEFT JOIN told t USING (run_id)
ORDER BY p.position
