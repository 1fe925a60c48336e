"""What a symbol's price was today: the highest and the lowest bid, and which way the last tick went."""

from collections.abc import Sequence

import msgspec

from prorata.projections.candles import Period, span_of
from prorata.projections.quotes import QuoteStore
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.schemas.mt4_names import SymbolPriceDirection
from prorata.units.numbers import Moment, Points


class SeenPrice(msgspec.Struct, frozen=True):
    """`high` and `low`: of today's bids, UTC; the newest bid if there are no others."""

    high: Points
    low: Points
    direction: SymbolPriceDirection


async def seen_prices(call: Call, symbols: Sequence[str]) -> list[SeenPrice]:
    """Return what was seen of each symbol; the tables may be half a second behind the newest bid, which always counts."""
    bids = [call.state.quotes[symbol].bid for symbol in symbols]
    midnight, _ = span_of(Period.D1, call.now())
    return await call.sql(_seen, call.platform.quotes, list(zip(symbols, bids, strict=True)), midnight)


def _seen(store: QuoteStore, newest: Sequence[tuple[str, Points]], midnight: Moment) -> list[SeenPrice]:
    return [_seen_of(store, symbol, bid, midnight) for symbol, bid in newest]


def _seen_of(store: QuoteStore, symbol: str, bid: Points, midnight: Moment) -> SeenPrice:
    today = store.candles(symbol, Period.D1, since=midnight, limit=1)
    earlier = next((tick.bid for tick in reversed(store.ticks(symbol, limit=2, last=True)) if tick.bid != bid), bid)
    return SeenPrice(
        max([bid, *(candle.high for candle in today)]),
        min([bid, *(candle.low for candle in today)]),
        SymbolPriceDirection.NONE
        if bid == earlier
        else SymbolPriceDirection.Up
        if bid > earlier
        else SymbolPriceDirection.Down,
    )
