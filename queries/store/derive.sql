-- Tables derived from runs and scores, brought up to date at each publish, step by step as those of load.sql. What is
-- worked out by system is made anew only for the systems in the temporary table `touched`, so that a few new runs in
-- a large store cost little.

-- step: derive
-- Systems, and the arm each one's deltas are taken against: the direct recipe of the same base model. The others stay
-- as they are, but for their arm.
CREATE OR REPLACE TEMP TABLE named AS
SELECT system, min(base_model) AS base_model, min(recipe) AS recipe, min(shots) AS shots, min(prompt) AS prompt,
       CASE min(CASE identity WHEN 'unknown' THEN 0 WHEN 'guessed' THEN 1 ELSE 2 END)
            WHEN 0 THEN 'unknown' WHEN 1 THEN 'guessed' ELSE 'known' END AS identity,
       arg_min(identity_why, (CASE identity WHEN 'unknown' THEN 0 WHEN 'guessed' THEN 1 ELSE 2 END, identity_why)) AS identity_why,
       count(*) AS runs, count(DISTINCT train_seed) AS train_seeds,
       list_sort(list(DISTINCT found_name)) AS found_names
FROM runs WHERE NOT hidden AND system IN (SELECT system FROM touched) GROUP BY system
UNION ALL BY NAME
SELECT * EXCLUDE (model_family, baseline) FROM systems WHERE system NOT IN (SELECT system FROM touched);
DELETE FROM systems;
INSERT INTO systems BY NAME
SELECT n.*, b.family AS model_family,
       (SELECT min(d.system) FROM named d
        WHERE d.recipe = 'direct' AND n.recipe <> 'direct' AND d.base_model = n.base_model
          AND d.shots IS NOT DISTINCT FROM n.shots AND d.prompt IS NOT DISTINCT FROM n.prompt) AS baseline
FROM named n LEFT JOIN base_models b USING (base_model)
ORDER BY n.base_model NULLS LAST, n.recipe <> 'direct', n.recipe, n.system;
DROP TABLE named;

-- Runs that are in view, with the part of the yardstick that belongs to the run, and whether another
-- run in view claims the same place (then the newest wins, language by language).
CREATE OR REPLACE TEMP TABLE shown AS
SELECT r.run_id, r.system, r.task, r.split, r.subset, r.task_version, nullif(r.filter, 'none') AS filter, r.item_limit,
       r.train_seed, r.step, r.date, r.written, r.source_path,
       coalesce(r.train_language, CASE WHEN r.shots IS NULL THEN t.train_language END) AS train_language,
       count(*) OVER (PARTITION BY r.system, r.task, r.split, r.subset, r.task_version, nullif(r.filter, 'none'),
                                   r.item_limit, r.train_seed) AS rivals,
       count(*) OVER (PARTITION BY r.system, r.task, r.split, r.subset, r.task_version, nullif(r.filter, 'none'),
                                   r.item_limit) AS company
FROM runs r LEFT JOIN tasks t USING (task)
WHERE r.superseded_by IS NULL AND NOT r.hidden AND r.system IN (SELECT system FROM touched);

-- Which systems have scores on which yardsticks: of the touched ones their scores say so, of the others what was
-- derived from theirs.
CREATE OR REPLACE TEMP TABLE measured AS
WITH had AS (
    SELECT DISTINCT system, yardstick, true AS counted FROM language_scores
    UNION ALL SELECT DISTINCT system, yardstick, scope <> 'group' FROM stated_means
), met AS (
    SELECT w.task, w.split, w.subset, w.task_version, w.filter, w.item_limit, s.metric, s.implementation,
           w.system, bool_or(s.scope <> 'group') AS counted
    FROM shown w JOIN scores s USING (run_id)
    GROUP BY ALL
    UNION ALL
    SELECT y.task, y.split, y.subset, y.task_version, y.filter, y.item_limit, y.metric, y.implementation, h.system, h.counted
    FROM had h JOIN yardsticks y USING (yardstick) JOIN systems USING (system)
    WHERE h.system NOT IN (SELECT system FROM touched)
)
SELECT * EXCLUDE (system, counted), count(DISTINCT system) AS systems, bool_or(counted) AS counted FROM met GROUP BY ALL;
DELETE FROM yardsticks;
INSERT INTO yardsticks BY NAME
WITH judged AS (
    -- an alternate implementation is one only beside another: alone it is what there is
    SELECT m.*, coalesce(i.alternate, false) AND bool_or(NOT coalesce(i.alternate, false)) OVER (
               PARTITION BY m.task, m.split, m.subset, m.task_version, m.filter, m.item_limit, m.metric) AS alternate,
           -- the metric that stands for a task: the task's own, else the best known of those met
           coalesce(m.metric = t.primary_metric, false) AS own,
           CASE m.metric WHEN 'accuracy' THEN 1 WHEN 'f1' THEN 2 WHEN 'exact_match' THEN 3
                WHEN 'main_score' THEN 4 ELSE 5 END AS liking
    FROM measured m LEFT JOIN tasks t USING (task)
    LEFT JOIN implementations i ON i.metric = m.metric AND i.implementation = m.implementation
)
SELECT substr(md5(concat_ws(chr(31), task, coalesce(split, '?'), coalesce(subset, ''), coalesce(task_version, '?'),
                            coalesce(filter, ''), coalesce(item_limit, -1), metric, coalesce(implementation, '?'))), 1, 10)
           AS yardstick,
       task, split, subset, task_version, filter, item_limit, metric, implementation, systems,
       NOT alternate AND counted AND dense_rank() OVER (
           PARTITION BY task, split, subset, task_version, filter, item_limit
           ORDER BY alternate, NOT counted, NOT own, liking, metric) = 1 AS is_primary
FROM judged;
DROP TABLE measured;

-- Runs that share their place with no other, as most of a large tree: their scores need no grouping, which for
-- millions takes long and much memory. (A run with two scores for one place has it anyway.)
CREATE OR REPLACE TEMP TABLE alone AS
WITH lonely AS (SELECT run_id FROM shown WHERE company = 1)
SELECT run_id FROM lonely WHERE run_id NOT IN (
    SELECT run_id FROM scores WHERE run_id IN (SELECT run_id FROM lonely)
    GROUP BY run_id, hash(metric, implementation, scope, language, language_2, subject) HAVING count(*) > 1);

-- Where the scores of each run go, metric by metric: the larger side, the scores themselves, is then read once, by
-- several threads, and joined with this one alone.
CREATE OR REPLACE TEMP TABLE spots AS
SELECT w.run_id, y.metric, y.implementation, w.system, y.yardstick, coalesce(m.tolerance, 1e-6) AS tolerance, w.train_seed,
       w.train_language, w.source_path, w.rivals, w.step, w.date, w.written, a.run_id IS NOT NULL AS alone,
       ntile($parts) OVER (PARTITION BY alone ORDER BY y.yardstick) AS part
FROM shown w
JOIN yardsticks y
  ON y.task = w.task AND y.split IS NOT DISTINCT FROM w.split AND y.subset IS NOT DISTINCT FROM w.subset
 AND y.task_version IS NOT DISTINCT FROM w.task_version AND y.filter IS NOT DISTINCT FROM w.filter
 AND y.item_limit IS NOT DISTINCT FROM w.item_limit
LEFT JOIN metrics m ON m.metric = y.metric
LEFT JOIN alone a ON a.run_id = w.run_id;

-- Scores in view with their place.
CREATE OR REPLACE TEMP VIEW placed AS
SELECT p.system, p.yardstick, s.scope, s.language, s.language_2, p.train_seed, s.value, s.n, s.stderr, s.evidence, s.logged,
       s.item_set, coalesce(s.subject, '') AS subject, s.gap, p.train_language, p.source_path, s.run_id, s.locator,
       p.rivals, p.step, p.date, p.written, p.tolerance, p.alone, p.part
FROM scores s
JOIN spots p ON p.run_id = s.run_id AND p.metric = s.metric AND p.implementation IS NOT DISTINCT FROM s.implementation;

-- Of the others, the newest per system, yardstick, language and train seed.
CREATE OR REPLACE TEMP TABLE several AS SELECT * FROM placed WHERE NOT alone;
CREATE OR REPLACE TEMP TABLE current_scores AS
SELECT * EXCLUDE (rivals, step, date, written, alone, part) FROM several WHERE rivals = 1
UNION ALL
SELECT * EXCLUDE (rivals, step, date, written, alone, part) FROM several WHERE rivals > 1
QUALIFY row_number() OVER (PARTITION BY system, yardstick, scope, language, language_2, subject, train_seed
                           ORDER BY value IS NULL, step DESC NULLS FIRST, date DESC NULLS LAST, written DESC, run_id) = 1;

-- One row a system, yardstick and language: the mean over train seeds. The standard error joins that of
-- the items (shared by the seeds, so not divided) and that of the seeds.
DELETE FROM language_scores WHERE system IN (SELECT system FROM touched) OR system NOT IN (SELECT system FROM systems);
INSERT INTO language_scores BY NAME
SELECT c.* EXCLUDE (of_runs, only_stderr),
       -- in the order of the runs: summed as they come, ties would fall otherwise in each index
       list_avg([x.value FOR x IN of_runs]) AS value,
       CASE WHEN seeds = 0 THEN NULL
            WHEN seeds = 1 THEN only_stderr
            ELSE sqrt(coalesce(list_avg([x.stderr * x.stderr FOR x IN of_runs]), 0)
                      + list_var_samp([x.value FOR x IN of_runs]) / seeds) END AS stderr,
       list_avg([x.logged FOR x IN of_runs]) AS logged,
       [x.run_id FOR x IN of_runs] AS run_ids,
       CASE WHEN len(of_runs) > 1 THEN [x.value FOR x IN of_runs] END AS run_values,
       CASE WHEN len(of_runs) > 1 THEN [x.n FOR x IN of_runs] END AS run_ns
FROM (
    SELECT c.system, c.yardstick, c.language, c.language_2, c.subject,
           min(c.n) AS n,
           any_value(c.stderr) FILTER (c.value IS NOT NULL) AS only_stderr,
           count(c.value) AS seeds,
           list_extract(['published', 'logged', 'recomputed', 'measured'],
               CAST(min(CASE c.evidence WHEN 'published' THEN 1 WHEN 'logged' THEN 2 WHEN 'recomputed' THEN 3 ELSE 4 END) AS INTEGER))
               AS evidence,
           bool_or(c.logged IS NOT NULL AND abs(c.logged - c.value) > c.tolerance) AS mismatch,
           CASE WHEN count(DISTINCT c.item_set) = 1 AND count(c.item_set) = count(*) THEN any_value(c.item_set) END AS item_set,
           any_value(c.gap) AS gap,
           bool_or(c.train_language = c.language) AS is_train_language,
           min(c.source_path) AS source, min(c.locator) AS locator,
           list_sort(list({run_id: c.run_id, value: c.value, n: c.n, stderr: c.stderr, logged: c.logged})) AS of_runs
    FROM current_scores c
    WHERE c.scope = 'language'
    GROUP BY c.system, c.yardstick, c.language, c.language_2, c.subject
) c
ORDER BY yardstick, system, language;
-- step: derive a part
-- Part by part, so that what is asked for together lies together: sorting rows as wide as these takes a gigabyte.
INSERT INTO language_scores BY NAME
SELECT c.system, c.yardstick, c.language, c.language_2, c.subject, c.value, c.n, CASE WHEN c.value IS NOT NULL THEN c.stderr END AS stderr,
       CAST(c.value IS NOT NULL AS BIGINT) AS seeds, c.evidence,
       c.logged IS NOT NULL AND abs(c.logged - c.value) > c.tolerance AS mismatch,
       c.logged, c.item_set, c.gap, c.train_language = c.language AS is_train_language, c.source_path AS source, c.locator,
       [c.run_id] AS run_ids
FROM placed c
WHERE c.alone AND c.part = $part AND c.scope = 'language';

-- step: derive means
-- Means over languages as published or logged by a tool: shown only where no language stands behind them.
DELETE FROM stated_means WHERE system IN (SELECT system FROM touched) OR system NOT IN (SELECT system FROM systems);
INSERT INTO stated_means BY NAME
SELECT c.system, c.yardstick, c.scope, avg(c.value) AS value, count(c.value) AS seeds,
       list_extract(['published', 'logged', 'recomputed', 'measured'],
           CAST(min(CASE c.evidence WHEN 'published' THEN 1 WHEN 'logged' THEN 2 WHEN 'recomputed' THEN 3 ELSE 4 END) AS INTEGER))
           AS evidence,
       any_value(c.gap) AS gap, min(c.source_path) AS source, min(c.locator) AS locator
FROM (SELECT * FROM current_scores UNION ALL BY NAME
      SELECT * EXCLUDE (rivals, step, date, written, alone, part) FROM placed WHERE alone) c
WHERE c.scope IN ('macro', 'group')
GROUP BY c.system, c.yardstick, c.scope;
DROP TABLE touched;
DROP VIEW placed;
DROP TABLE spots;
DROP TABLE several;
DROP TABLE alone;
DROP TABLE current_scores;
