"""Organizations: their members, what these may do, and who is invited."""
