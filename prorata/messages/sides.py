"""The two sides of a market."""

from enum import IntEnum


class Side(IntEnum):
    BUY = 0
    SELL = 1


BUY, SELL = Side.BUY, Side.SELL
"""For hot paths: looking a member up in its class costs more than many a step of a deal."""
