"""Reference data: languages, tasks, metrics and task names, as files."""
