-- name: schema_columns
-- title: Tables, views and their columns, to complete a statement with
-- view: no
SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND database_name = current_database()
ORDER BY table_name, column_index
