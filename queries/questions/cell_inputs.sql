-- name: cell_inputs
-- title: What is kept of the runs behind a cell besides scores
-- view: no
-- params: system, yardstick
WITH behind AS (
    SELECT DISTINCT unnest(run_ids) AS run_id FROM language_scores
    WHERE ($system IS NULL OR system = $system) AND ($yardstick IS NULL OR yardstick = $yardstick)
)
SELECT count(*) AS runs, count(DISTINCT r.train_seed) AS seeds, count(*) FILTER (r.items_path IS NOT NULL) AS with_items,
       count(*) FILTER (contains(r.config, '"curve')) AS with_curves
FROM runs r JOIN behind USING (run_id)
