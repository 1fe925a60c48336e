"""Who works for the broker and who its clients are: companies, managers, rights, sessions, audit. In SQL (decision D8)."""
