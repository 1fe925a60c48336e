"""The first version."""

ROOTS = ("/api/TradePlatforms", "/api/Organizations", "/api/MT4/")
