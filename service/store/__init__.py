"""What the service keeps: decision records, feedback and used tokens, in SQLite or PostgreSQL."""
