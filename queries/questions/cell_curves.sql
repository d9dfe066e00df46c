-- name: cell_curves
-- title: The learning curves kept with the runs behind a cell
-- view: no
-- params: system, yardstick
-- Curves are columns of numbers by name (importers), or points of each stage of a training (runs made here).
WITH behind AS (
    SELECT DISTINCT unnest(run_ids) AS run_id FROM language_scores
    WHERE ($system IS NULL OR system = $system) AND ($yardstick IS NULL OR yardstick = $yardstick)
)
SELECT r.run_id, r.train_seed, r.config -> '$.curves' AS curves,
       r.config -> '$.asked.training.stages[*].curve' AS points,
       r.config ->> '$.asked.training.stages[*].stage.lineage' AS lineages
FROM runs r JOIN behind USING (run_id)
WHERE contains(r.config, '"curve')
ORDER BY r.train_seed, r.run_id
