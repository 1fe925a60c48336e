"""Trade platforms as an organization sees them: ours, and those of others."""
