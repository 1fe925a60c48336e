"""The market as an account's group sees it: instruments, quotations, candles."""

from decimal import Decimal

import msgspec

from prorata.messages.refusals import Refusal
from prorata.projections.candles import Candle, Period, span_of
from prorata.projections.quotes import QuoteStore
from prorata.rest.broker.instruments import Instrument, instrument_of
from prorata.rest.broker.kinds import Given, Record, money_of
from prorata.rest.broker.market import CANDLES_MAX, CandleView, candle_digits, candle_view, read_interval
from prorata.rest.platform.call import AccountCall
from prorata.rest.platform.registry import on_account
from prorata.trading.terms import Terms
from prorata.units.numbers import SECOND_MS, Moment, Points
from prorata.units.rounding import div_floor, div_half_even
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

SYMBOLS_MAX = 200
UNDEFINED = "UNDEFINED"


class TerminalInstrument(Instrument, frozen=True):
    """`termination_type` is UNDEFINED: no symbol here expires."""

    fixed_leverage: bool
    multiplier_currency: str
    termination_date_iso: str | None


class Quotation(Record, frozen=True):
    """`change`: percent since the day began, UTC; `high`, `low`: of the day's bids, without markup."""

    symbol: str
    alias: str
    bid: Decimal
    ask: Decimal
    change: Decimal
    high: Decimal
    low: Decimal
    timestamp_ms: Moment
    timestamp_sec: int


class TerminalCandle(CandleView, frozen=True):
    """`volume`: how many quotes."""

    volume: int


class Candles(Record, frozen=True):
    symbol: str
    interval: str
    candles: list[TerminalCandle]


class Symbols(Given, frozen=True):
    """`symbols`: with commas between; `apply_markup`: prices as the account deals at them."""

    symbols: str
    apply_markup: bool = True


class CandlesWanted(Given, frozen=True):
    symbol: str
    interval: str
    from_: str = msgspec.field(name="from")
    to: str


@on_account("GET", "effective-instruments", plain=True)
async def effective_instruments(call: AccountCall) -> list[TerminalInstrument]:
    """The instruments that the account may trade."""
    return [_instrument(call, terms) for terms in _terms(call) if terms.enabled]


@on_account("GET", "instruments", plain=True)
async def instruments(call: AccountCall) -> list[TerminalInstrument]:
    """All instruments, those that the account may not trade too."""
    return [_instrument(call, terms) for terms in _terms(call)]


@on_account("GET", "quotations", plain=True)
async def quotations(call: AccountCall, given: Symbols) -> list[Quotation]:
    """The newest prices of symbols; those that are not there, or have no price yet, are passed over."""
    names = [name.strip() for name in given.symbols.split(",")]
    if len(names) > SYMBOLS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"symbols: names at most {SYMBOLS_MAX}")
    group = call.platform.desk.groups[call.account.group]
    wanted = [terms for name in names if (terms := group.terms.get(name)) is not None and terms.quote.bid]
    midnight, _ = span_of(Period.D1, call.platform.now())
    days = await call.sql(days_of, call.platform.quotes, [terms.name for terms in wanted], midnight)
    return [_quotation(terms, day, given.apply_markup) for terms, day in zip(wanted, days, strict=True)]


@on_account("GET", "candles", plain=True)
async def candles(call: AccountCall, given: CandlesWanted) -> Candles:
    """Candles of a symbol's bid, oldest first, at most ten thousand."""
    period, digits = read_interval(given.interval), candle_digits(call.platform, given.symbol)
    since, until = read_moment(given.from_, "from"), read_moment(given.to, "to")
    store = call.platform.quotes
    found = await call.sql(store.candles, given.symbol, period, since=since, until=until, limit=CANDLES_MAX)
    return Candles(symbol=given.symbol, interval=period.name, candles=[_candle(one, digits) for one in found])


def _terms(call: AccountCall) -> list[Terms]:
    terms = call.platform.desk.groups[call.account.group].terms
    return [terms[name] for name in sorted(terms)]


def _instrument(call: AccountCall, terms: Terms) -> TerminalInstrument:
    made = instrument_of(call.platform.desk, terms, call.platform.now())
    same = {name: getattr(made, name) for name in Instrument.__struct_fields__} | {"termination_type": UNDEFINED}
    return TerminalInstrument(
        **same, fixed_leverage=made.is_fixed_leverage, multiplier_currency=terms.spec.margin_currency,
        termination_date_iso=None,
    )  # fmt: skip


def days_of(store: QuoteStore, symbols: list[str], midnight: Moment) -> list[Candle | None]:
    """Return today's candle of each symbol; the newest bid may not be in it yet."""
    return [next(iter(store.candles(symbol, Period.D1, since=midnight, limit=1)), None) for symbol in symbols]


def _quotation(terms: Terms, day: Candle | None, apply_markup: bool) -> Quotation:
    digits, bid = terms.spec.digits, terms.quote.bid
    opened, high, low = (bid, bid, bid) if day is None else (day.open, max(day.high, bid), min(day.low, bid))
    return Quotation(
        symbol=terms.name, alias=terms.name, bid=money_of(terms.bid if apply_markup else bid, digits),
        ask=money_of(terms.ask if apply_markup else terms.quote.ask, digits),
        change=day_change(bid, opened), high=money_of(high, digits),
        low=money_of(low, digits), timestamp_ms=terms.quote.at, timestamp_sec=div_floor(terms.quote.at, SECOND_MS),
    )  # fmt: skip


def day_change(bid: Points, opened: Points) -> Decimal:
    """Return how many percent a bid is above the one that the day began with."""
    return money_of(div_half_even((bid - opened) * 10_000, opened), 2)


def _candle(candle: Candle, digits: int) -> TerminalCandle:
    shown = candle_view(candle, digits)
    same = {name: getattr(shown, name) for name in CandleView.__struct_fields__}
    return TerminalCandle(**same, volume=candle.ticks)
