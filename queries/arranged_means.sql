, each_task AS (
-- a task counts once, by the mean of its yardsticks; what is not in 0..1 or better when lower is left out
SELECT system, task, any_value(base_model) AS base_model, any_value(recipe) AS recipe, any_value(systems) AS systems,
       any_value(task_group) AS task_group, min(place) AS place, avg(value) AS value, avg(delta) AS delta, avg(number) AS number,
       min(list_position(['published', 'logged', 'recomputed', 'measured'], evidence)) FILTER (value IS NOT NULL) AS rung,
       bool_or(value IS NOT NULL AND evidence IS NULL) AS unknown_rung,
       min(baseline) FILTER (delta IS NOT NULL) AS first_baseline, max(baseline) FILTER (delta IS NOT NULL) AS last_baseline
FROM shown WHERE unit_interval AND higher_is_better GROUP BY system, task
), means AS (
SELECT system, any_value(base_model) AS base_model, any_value(recipe) AS recipe, any_value(systems) AS systems,
       CASE WHEN grouping(task_group) = 1 THEN '' ELSE coalesce(task_group, 'other tasks') END AS tasks,
       CASE WHEN grouping(task_group) = 1 THEN 'mean' ELSE 'mean:' || coalesce(task_group, 'None') END AS task,
       min(place) AS place, avg(value) AS value, avg(delta) AS delta, avg(number) AS number,
       CASE WHEN NOT bool_or(unknown_rung) THEN ['published', 'logged', 'recomputed', 'measured'][min(rung)] END AS evidence,
       CASE WHEN min(first_baseline) = max(last_baseline) THEN min(first_baseline) END AS baseline,
       CASE WHEN count(number) = count(*) THEN NULL WHEN count(number) = 0 THEN 'no task shown has a number here'
            ELSE count(*) - count(number) || ' of ' || count(*) || ' tasks without a number: '
                 || string_agg(task, ' ' ORDER BY place) FILTER (number IS NULL) END AS gap
FROM each_task GROUP BY GROUPING SETS ((system), (system, task_group)) HAVING count(*) > 1 AND ({groups} OR grouping(task_group) = 1)
), with_means AS (
SELECT * FROM shown
UNION ALL BY NAME SELECT *, task AS yardstick FROM means WHERE task NOT IN ({hidden})
)
