"""The relational records, on SQLite and PostgreSQL."""
