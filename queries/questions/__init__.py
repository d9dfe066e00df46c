"""The questions, one .sql file each."""
