"""The units of the core, and their bounds.

`Minor`   money in the currency's smallest unit (cents of USD, whole yen, satoshi of BTC).
`Points`  a price in the symbol's last digit: 1.12345 of a five-digit symbol is 112_345.
`Volume`  a traded amount in steps of 10^-8 lot: 1.00 lot is 100_000_000.
`Moment`  a time in milliseconds since 1970-01-01 UTC.
"""

from typing import TypeAlias

Minor: TypeAlias = int
Points: TypeAlias = int
Volume: TypeAlias = int
Moment: TypeAlias = int

Login: TypeAlias = int
"""The number of a trading account."""
Ticket: TypeAlias = int
"""The number of an order. A position keeps the ticket of the order that opened it."""
DealId: TypeAlias = int

VOLUME_PER_LOT = 100_000_000
VOLUME_DIGITS = 8
PPM = 1_000_000
"""Parts in a million: the unit of every rate (10 % is 100_000)."""

MONEY_MAX: Minor = 10**17
"""The largest single amount that enters: a thousand times below the edge of int64, so that sums fit."""
PRICE_MAX: Points = 10**12
VOLUME_MAX: Volume = 10**6 * VOLUME_PER_LOT
"""The largest single order; the sum on one side of one account's symbol is bounded by it too."""
COST_MAX = 2**62
"""The most that volume x price of one account's side of a symbol may come to, now and at any price taken, to fit int64."""
LOGIN_MAX: Login = 2**53 - 1

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
