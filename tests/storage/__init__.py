"""Claims about journals, mostly made of all three kinds at once: SQLite, PostgreSQL and the one in memory."""
