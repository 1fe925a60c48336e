"""API clients: an organization's programs."""
