-- name: matrix
-- title: Systems x tasks, one row a cell
-- view: yes
-- params: baseline, aggregate, metric, implementation, task, system
-- A parameter left open (NULL) means: each system's own direct arm; macro; the task's primary metric; all.
WITH asked AS (
    SELECT y.*, coalesce(m.unit_interval, false) AS unit_interval, coalesce(m.higher_is_better, true) AS higher_is_better,
           CASE WHEN list_contains(m.mean_for, t.kind) THEN 'mean' ELSE m.kind END AS metric_kind, t.title AS task_title, t.task_group, t.position
    FROM yardsticks y LEFT JOIN metrics m USING (metric) LEFT JOIN tasks t USING (task)
    WHERE CASE WHEN $metric IS NULL THEN y.is_primary
               ELSE y.metric = $metric AND ($implementation IS NULL OR y.implementation = $implementation) END
      AND ($task IS NULL OR y.task = $task)
), arms AS (
    SELECT s.*, coalesce($baseline, s.baseline) AS arm,
           -- base models with something to compare come first: that is what the matrix is for
           s.base_model IS NOT NULL AND bool_or(s.recipe <> 'direct') OVER (PARTITION BY s.base_model)
               AND bool_or(s.recipe = 'direct') OVER (PARTITION BY s.base_model) AS is_comparable
    FROM systems s WHERE $system IS NULL OR s.system = $system
), own AS (
    SELECT l.*, a.arm FROM language_scores l JOIN arms a USING (system) JOIN asked USING (yardstick)
), matched AS (
    -- the languages that system and baseline share, on the same items as far as that is known
    SELECT o.system, o.yardstick, o.value, b.value AS base_value, o.n, o.is_train_language
    FROM own o JOIN language_scores b
      ON b.system = o.arm AND b.yardstick = o.yardstick AND b.language IS NOT DISTINCT FROM o.language
     AND b.language_2 IS NOT DISTINCT FROM o.language_2 AND b.subject = o.subject
    WHERE o.value IS NOT NULL AND b.value IS NOT NULL AND o.arm <> o.system
      AND coalesce(o.item_set = b.item_set, true) AND coalesce(o.n = b.n, true)
), sides AS (
    SELECT system, yardstick, 'own' AS side, value, n, is_train_language FROM own
    UNION ALL SELECT system, yardstick, 'a', value, n, is_train_language FROM matched
    UNION ALL SELECT system, yardstick, 'b', base_value, n, is_train_language FROM matched
), measures AS (
    SELECT s.system, s.yardstick, s.side, count(s.value) AS languages, sum(s.n) AS n,
           avg(s.value) AS macro, median(s.value) AS median,
           CASE WHEN any_value(q.higher_is_better) THEN min(s.value) ELSE max(s.value) END AS worst,
           CASE WHEN count(s.n) FILTER (s.value IS NOT NULL) = count(s.value) AND any_value(q.metric_kind) = 'mean'
                THEN sum(s.value * s.n) / nullif(sum(s.n) FILTER (s.value IS NOT NULL), 0) END AS micro,
           CASE WHEN bool_or(s.is_train_language) THEN avg(s.value) FILTER (NOT s.is_train_language) END AS macro_without_train,
           avg(s.value) FILTER (s.is_train_language) AS train_value
    FROM sides s JOIN asked q USING (yardstick) GROUP BY s.system, s.yardstick, s.side
), chosen AS (
    SELECT *, CASE coalesce($aggregate, 'macro') WHEN 'macro' THEN macro WHEN 'median' THEN median WHEN 'worst' THEN worst
                   WHEN 'micro' THEN micro WHEN 'without-train' THEN macro_without_train END AS value
    FROM measures
), told AS (
    SELECT o.system, o.yardstick, max(o.seeds) AS seeds,
           list_extract(['published', 'logged', 'recomputed', 'measured'],
               min(list_position(['published', 'logged', 'recomputed', 'measured'], o.evidence)) FILTER (o.value IS NOT NULL)) AS evidence,
           bool_or(o.mismatch) AS mismatch, bool_or(o.is_train_language) AS has_train,
           count(*) FILTER (o.value IS NULL) AS missing,
           string_agg(coalesce(o.language, o.subject, '?'), ' ' ORDER BY o.language) FILTER (o.value IS NULL) AS missing_languages,
           any_value(o.gap) AS gap
    FROM own o GROUP BY o.system, o.yardstick
), stated AS (
    -- a mean that a tool or publication states stands in only where no language stands behind it
    SELECT * FROM stated_means QUALIFY row_number() OVER (PARTITION BY system, yardstick ORDER BY scope <> 'macro') = 1
)
SELECT a.system, a.base_model, a.model_family, a.recipe, a.shots, a.prompt,
       q.task, q.task_title, q.task_group, q.subset, q.split, q.task_version, q.filter, q.item_limit,
       q.metric, q.implementation, q.yardstick, q.is_primary, q.higher_is_better, q.unit_interval,
       coalesce(c.value, CASE WHEN c.languages IS NULL AND coalesce($aggregate, 'macro') = 'macro' THEN st.value END) AS value,
       nullif(c.languages, 0) AS languages,
       coalesce(nullif(k.seeds, 0), st.seeds) AS seeds,
       coalesce(k.evidence, st.evidence) AS evidence,
       coalesce(k.mismatch, false) AS mismatch,
       c.n, c.median, c.worst, c.micro, c.macro_without_train,
       CASE WHEN k.has_train THEN c.train_value - c.macro_without_train END AS transfer_gap,
       CASE WHEN a.arm <> a.system THEN a.arm END AS baseline,
       coalesce(da.value - db.value,
                CASE WHEN c.languages IS NULL AND a.arm <> a.system AND coalesce($aggregate, 'macro') = 'macro'
                     THEN st.value - sb.value END) AS delta,
       da.languages AS matched_languages,
       CAST(NULL AS DOUBLE) AS low, CAST(NULL AS DOUBLE) AS high, CAST(NULL AS DOUBLE) AS p_adjusted,
       CASE WHEN coalesce(c.languages, 0) > 0 AND k.missing > 0
                 THEN k.missing || CASE k.missing WHEN 1 THEN ' language' ELSE ' languages' END || ' without a value: ' || k.missing_languages || coalesce(' (' || k.gap || ')', '')
            WHEN coalesce(c.languages, 0) > 0 AND c.value IS NULL
                 THEN CASE $aggregate WHEN 'without-train' THEN 'no train language is known here'
                                      WHEN 'micro' THEN 'sizes are not known, or the metric is no mean over items' END
            WHEN coalesce(c.languages, 0) > 0 THEN NULL
            WHEN k.missing > 0 THEN coalesce(k.gap, 'no value')
            WHEN st.value IS NOT NULL AND coalesce($aggregate, 'macro') <> 'macro' THEN 'only a mean over languages is stated'
            WHEN st.value IS NOT NULL THEN NULL
            ELSE coalesce(st.gap, 'no run in this store') END AS gap,
       (c.languages IS NULL AND st.value IS NOT NULL) AS stated_only
FROM arms a CROSS JOIN asked q
LEFT JOIN chosen c ON c.system = a.system AND c.yardstick = q.yardstick AND c.side = 'own'
LEFT JOIN chosen da ON da.system = a.system AND da.yardstick = q.yardstick AND da.side = 'a'
LEFT JOIN chosen db ON db.system = a.system AND db.yardstick = q.yardstick AND db.side = 'b'
LEFT JOIN told k ON k.system = a.system AND k.yardstick = q.yardstick
LEFT JOIN stated st ON st.system = a.system AND st.yardstick = q.yardstick
LEFT JOIN stated sb ON sb.system = a.arm AND sb.yardstick = q.yardstick
ORDER BY q.position NULLS LAST, q.task, q.systems DESC, q.split, q.subset, q.yardstick,
         coalesce(a.is_comparable, false) DESC,
         -- base models in the order of the columns that they have values in, so that a matrix does not begin with gaps
         min(q.position) FILTER (c.value IS NOT NULL OR st.value IS NOT NULL) OVER (PARTITION BY a.base_model, a.is_comparable) NULLS LAST,
         a.base_model NULLS LAST, a.recipe <> 'direct', a.recipe, a.system
