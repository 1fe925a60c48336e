"""Numbers as the messages have them: doubles, and texts with the decimals that a value has."""

from decimal import Decimal

from prorata.messages.groups import CommissionType, GroupSpec, HedgedMargin, Level, LevelType
from prorata.messages.symbols import MarginMode, SymbolSpec
from prorata.rest.broker.kinds import money_of
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import PPM


def text_of(number: Decimal) -> str:
    """Return a number as text without an exponent."""
    return format(number, "f")


def level_of(level: Level, currency: str) -> Decimal:
    """Return a margin level in percent, or in units of the group's currency."""
    return money_of(level.value, 2 if level.type == LevelType.PERCENT else CURRENCY_DIGITS[currency])


LEVEL_TYPES = {LevelType.PERCENT: 1, LevelType.MONEY: 2, LevelType.OFF: 3}
HEDGED = {HedgedMargin.NETTING: 1, HedgedMargin.LARGER_LEG: 2, HedgedMargin.BOTH_SIDES: 3}
SYMBOL_TYPES = {MarginMode.FOREX: 1, MarginMode.CFD: 2, MarginMode.FIXED: 2, MarginMode.LEVERAGE: 3}
SWAP_TYPES = {"PIPS": 1, "PERCENTS": 2, "NOT_DEFINED": 3, "UNKNOWN": 0}
"""by the name that an instrument's record has"""
COMMISSION_TYPES = {"USD_PER_MILLION": 1, "USD_PER_CONTRACT": 2, "USD_PER_LOT": 3, "PERCENTAGE": 4}


def commission_per_million(spec: GroupSpec) -> int:
    """Return a group's own commission for each million, in whole units of its currency."""
    if spec.commission.type != CommissionType.PER_MILLION:
        return 0
    return int(money_of(spec.commission.rate, CURRENCY_DIGITS[spec.currency]))


def leverage_of(spec: SymbolSpec) -> float:
    """Return the most leverage that a symbol has, 0 for no limit of its own."""
    return PPM / spec.margin_rate_ppm if spec.margin_mode == MarginMode.CFD else float(spec.leverage_max)
