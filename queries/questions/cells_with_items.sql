-- name: cells_with_items
-- title: The cells whose runs all kept their items
-- view: no
-- params:
SELECT l.system, l.yardstick
FROM (SELECT system, yardstick, unnest(run_ids) AS run_id FROM language_scores
      WHERE value IS NOT NULL AND system IN (SELECT system FROM runs WHERE items_path IS NOT NULL)) l
JOIN runs r USING (run_id)
GROUP BY l.system, l.yardstick HAVING bool_and(r.items_path IS NOT NULL)
