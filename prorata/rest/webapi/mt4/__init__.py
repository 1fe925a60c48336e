"""The operations of the MT4 surface."""
