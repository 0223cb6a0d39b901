"""How a SQLite database is opened and migrated here: WAL, local disk only, checked before use."""
