-- The matrix as it is looked at: view_sql.py fills in what stands in braces. `place` is the question's own order.
WITH cells AS (
SELECT row_number() OVER () AS place, coalesce(task_group, 'other tasks') AS tasks, {family} AS systems, * FROM (
{question}
)
), shown AS (
SELECT *{replaced}, {number} AS number FROM cells
WHERE {where}
){means}
SELECT {columns}
FROM {source}
ORDER BY {order};
