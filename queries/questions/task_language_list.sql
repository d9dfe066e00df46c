-- name: task_language_list
-- title: The languages that each task has, where that is known
-- view: no
-- params:
SELECT task, language FROM task_languages ORDER BY task, language
