"""The Client API, versions 1 to 3: one file for each subject, with its methods."""
