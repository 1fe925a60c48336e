"""The published records of the WebAPI, one file for each area; handlers fill and read them, and nothing else."""
