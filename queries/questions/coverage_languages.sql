-- name: coverage_languages
-- title: Which system x task x language cells there are, which are gaps or unknown, and why
-- view: yes
-- params: task, system
-- column: state: there (a score), gap (none, and the reason), unknown (cannot be told here, and why)
WITH wanted AS (
    SELECT yardstick, task, split, subset, metric FROM yardsticks WHERE is_primary AND ($task IS NULL OR task = $task)
), named AS (
    SELECT system FROM systems WHERE $system IS NULL OR system = $system
), asked AS (
    -- the languages that a task has, where that is known, and those that any system has on the yardstick
    SELECT w.yardstick, l.language FROM wanted w JOIN task_languages l USING (task)
    UNION SELECT l.yardstick, l.language FROM language_scores l JOIN wanted w USING (yardstick) WHERE l.language IS NOT NULL
), had AS (
    SELECT system, yardstick, language, count(value) AS scores, any_value(gap) AS gap, bool_or(is_train_language) AS train
    FROM language_scores WHERE language IS NOT NULL GROUP BY system, yardstick, language
), any_of AS (
    SELECT system, yardstick, count(value) AS scores FROM language_scores GROUP BY system, yardstick
), out_of_view AS (
    SELECT system, task, any_value(hidden_why) AS why FROM runs WHERE hidden GROUP BY system, task
), homes AS (
    SELECT DISTINCT system, split_part(found_path, '/', 1) AS folder FROM runs WHERE found_path LIKE '%/%' AND NOT hidden
), left_out AS (
    SELECT h.system, f.status, f.reason, lower(f.path) AS path, list_last(string_split(f.path, '/')) AS file
    FROM sources f JOIN homes h ON contains(f.path, '/' || h.folder || '/') WHERE f.status IN ('refused', 'waiting')
), cells AS (
    SELECT n.system, w.task, w.split, w.subset, w.metric, w.yardstick, a.language, coalesce(h.scores, 0) AS scores, h.gap,
           EXISTS (SELECT 1 FROM task_languages t WHERE t.task = w.task) AS task_known,
           EXISTS (SELECT 1 FROM task_languages t WHERE t.task = w.task AND t.language = a.language) AS in_task,
           coalesce(o.scores, 0) AS others, m.value IS NOT NULL AS stated, v.system IS NOT NULL AS hidden, v.why
    FROM named n CROSS JOIN wanted w JOIN asked a USING (yardstick)
    LEFT JOIN had h ON h.system = n.system AND h.yardstick = w.yardstick AND h.language = a.language
    LEFT JOIN any_of o ON o.system = n.system AND o.yardstick = w.yardstick
    LEFT JOIN stated_means m ON m.system = n.system AND m.yardstick = w.yardstick AND m.scope = 'macro'
    LEFT JOIN out_of_view v ON v.system = n.system AND v.task = w.task
), files AS (
    SELECT c.system, c.yardstick, c.language, min(l.status) AS status, min(l.reason || ' (' || l.file || ')') AS reason
    FROM cells c JOIN left_out l ON l.system = c.system AND contains(l.path, lower(c.task))
     AND regexp_matches(l.file, '(^|[^A-Za-z])' || c.language || '([^A-Za-z]|$)')
    WHERE c.scores = 0 GROUP BY c.system, c.yardstick, c.language
)
SELECT c.system, c.task, c.split, c.subset, c.metric, c.yardstick, c.language, CAST(NULL AS VARCHAR) AS subject,
       CASE WHEN c.scores > 0 THEN 'there'
            WHEN c.gap IS NOT NULL OR f.status = 'refused' THEN 'gap'
            WHEN f.status = 'waiting' THEN 'unknown'
            WHEN c.task_known AND NOT c.in_task THEN 'gap'
            WHEN c.others > 0 THEN CASE WHEN c.task_known THEN 'gap' ELSE 'unknown' END
            WHEN c.stated THEN 'unknown'
            ELSE 'gap' END AS state,
       CASE WHEN c.scores > 0 THEN NULL
            WHEN c.gap IS NOT NULL THEN c.gap
            WHEN f.status = 'refused' THEN 'refused: ' || f.reason
            WHEN f.status = 'waiting' THEN 'still being written: ' || f.reason
            WHEN c.task_known AND NOT c.in_task THEN 'not one of the languages of the task'
            WHEN c.others > 0 AND c.task_known THEN 'its runs have no score for it'
            WHEN c.others > 0 THEN 'its runs have no score for it; which languages the task has is not known here'
            WHEN c.stated THEN 'only a mean over languages is stated'
            WHEN c.hidden THEN 'its run is hidden' || coalesce(': ' || c.why, '')
            ELSE 'no run in this store' END AS reason
FROM cells c LEFT JOIN files f ON f.system = c.system AND f.yardstick = c.yardstick AND f.language = c.language
UNION ALL
SELECT l.system, w.task, w.split, w.subset, w.metric, l.yardstick, NULL, l.subject, 'unknown',
       'its file names no language that is known here: ' || l.subject
FROM language_scores l JOIN wanted w USING (yardstick) JOIN named n ON n.system = l.system
WHERE l.language IS NULL
ORDER BY ALL
