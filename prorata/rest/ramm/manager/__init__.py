"""The Manager API: one file for each subject, with its methods."""
