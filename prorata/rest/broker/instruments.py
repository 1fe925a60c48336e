"""A symbol as one group trades it, as the record of an instrument.

Prices and distances: markups, freeze and stops level are in points, the last decimal place of a price. What a symbol here
has no equivalent of stands as it is on every one: the alias is the name, multiplier and divider are 1, nothing expires.
"""

from decimal import Decimal

from prorata.messages.symbols import MarginMode, SwapType, SymbolSpec
from prorata.rest.broker.kinds import Record, money_of
from prorata.rest.broker.trade_values import lots_of
from prorata.rest.webapi.mt4.symbol_records import SWAP_DIGITS
from prorata.trading.desk import Desk
from prorata.trading.terms import GroupTerms, Terms
from prorata.units.numbers import PPM, Moment, Points
from prorata.units.rounding import div_floor

TYPES = {
    MarginMode.FOREX: "FOREX",
    MarginMode.LEVERAGE: "FOREX_CFD",
    MarginMode.CFD: "CFD",
    MarginMode.FIXED: "CFD",
}
SWAP_TYPES = {
    SwapType.NONE: "NOT_DEFINED",
    SwapType.POINTS: "PIPS",
    SwapType.PERCENT: "PERCENTS",
    SwapType.MONEY: "UNKNOWN",
}


class TradingHours(Record, frozen=True):
    """`day_number`: 0 is Sunday. A day that ends at midnight closes at 24:00:00."""

    day_number: int
    open_hours: int
    open_minutes: int
    open_seconds: int
    close_hours: int
    close_minutes: int
    close_seconds: int


class Instrument(Record, frozen=True):
    """`leverage`: the account's is at most that; with `is_fixed_leverage` it is this, whatever the account's."""

    symbol: str
    alias: str
    description: str
    tags: list[str]
    is_session_open: bool
    session_open: bool
    base_currency: str
    quote_currency: str
    type: str
    price_precision: int
    volume_precision: int
    swap_buy: Decimal
    swap_sell: Decimal
    swap_type: str
    volume_min: Decimal
    volume_step: Decimal
    volume_max: Decimal
    commission_min: Decimal
    contract_size: int
    size_of_one_point: Decimal
    multiplier: int
    divider: int
    leverage: Decimal
    is_fixed_leverage: bool
    bid_markup: Points
    ask_markup: Points
    freeze_level: Points
    stops_level: Points
    trading_hours: list[TradingHours]
    termination_type: str | None
    termination_date: str | None


def instruments_of(desk: Desk, group: GroupTerms, now: Moment, names: frozenset[str] | None = None) -> list[Instrument]:
    """Return the symbols that a group trades, by name; of some names or all."""
    return [
        instrument_of(desk, terms, now)
        for name, terms in sorted(group.terms.items())
        if terms.enabled and (names is None or name in names)
    ]


def instrument_of(desk: Desk, terms: Terms, now: Moment) -> Instrument:
    spec, is_open = terms.spec, desk.markets[terms.name].is_open(now)
    swap_digits = SWAP_DIGITS[spec.swap_type]
    leverage, fixed = _leverage(terms)
    return Instrument(
        symbol=spec.name, alias=spec.name, description=spec.description,
        tags=[part for part in spec.category.split("/") if part], is_session_open=is_open, session_open=is_open,
        base_currency=spec.base, quote_currency=spec.quote, type=TYPES[spec.margin_mode], price_precision=spec.digits,
        volume_precision=places_of(lots_of(terms.volume_step)), swap_buy=money_of(terms.swap_long, swap_digits),
        swap_sell=money_of(terms.swap_short, swap_digits), swap_type=SWAP_TYPES[spec.swap_type],
        volume_min=lots_of(terms.volume_min), volume_step=lots_of(terms.volume_step), volume_max=lots_of(terms.volume_max),
        commission_min=money_of(terms.commission.minimum, terms.group.currency_digits), contract_size=spec.contract_size,
        size_of_one_point=money_of(1, spec.digits), multiplier=1, divider=1, leverage=leverage, is_fixed_leverage=fixed,
        bid_markup=terms.markup_bid, ask_markup=terms.markup_ask, freeze_level=terms.freeze_level,
        stops_level=terms.stop_level, trading_hours=hours_of(terms.spec), termination_type=None, termination_date=None,
    )  # fmt: skip


def _leverage(terms: Terms) -> tuple[Decimal, bool]:
    """Return a symbol's leverage, and whether it is the same for every account."""
    if terms.margin_mode == MarginMode.CFD:
        return (Decimal(PPM) / terms.margin_rate_ppm).quantize(Decimal("0.01")), True
    return Decimal(terms.leverage_max or terms.group.spec.leverage), terms.margin_mode == MarginMode.FIXED


def hours_of(spec: SymbolSpec) -> list[TradingHours]:
    return [
        TradingHours(
            day_number=day, open_hours=opens[0], open_minutes=opens[1], open_seconds=opens[2], close_hours=closes[0],
            close_minutes=closes[1], close_seconds=closes[2],
        )
        for day, sessions in enumerate(spec.sessions)
        for session in sessions
        for opens, closes in [(_clock(session.opens), _clock(session.closes))]
    ]  # fmt: skip


def _clock(second: int) -> tuple[int, int, int]:
    """Return hours, minutes and seconds of a second of the day."""
    minute = div_floor(second, 60)
    hour = div_floor(minute, 60)
    return hour, minute - hour * 60, second - minute * 60


def places_of(step: Decimal) -> int:
    """Return how many decimal places a volume has."""
    exponent = step.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
