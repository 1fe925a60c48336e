"""What the back office does to trades: checking stops beforehand, correcting, deleting, calling back."""

from prorata.units.numbers import MINUTE_MS

LEAST_EXPIRY_MS = 10 * MINUTE_MS
"""A pending order must be good for so long, as the description says of this check."""
