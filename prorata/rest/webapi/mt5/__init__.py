"""The operations of the MT5 surface."""
