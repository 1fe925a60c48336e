"""Quotes to subscribers: gathered for a moment, rendered once for each group, the newest of each symbol only."""

import asyncio

import msgspec

from prorata.server.writer import Applied, Writer
from prorata.stream.subscriptions import QuoteSubscription
from prorata.trading.desk import Desk
from prorata.units.numbers import Moment
from prorata.views.texts import amount_text, moment_text


class QuoteView(msgspec.Struct, frozen=True, gc=False):
    symbol: str
    bid: str
    ask: str
    at: str


_encode = msgspec.json.Encoder().encode


def quote_json(desk: Desk, symbol: str, group: str | None) -> bytes | None:
    """Return the newest quote as the group sees it; None without a quote, or if the group does not trade the symbol."""
    market = desk.markets.get(symbol)
    if market is None or not market.quote.bid:
        return None
    quote, digits = market.quote, market.spec.digits
    bid, ask = quote.bid, quote.ask
    if group is not None:
        terms = desk.groups[group].terms[symbol]
        if not terms.enabled:
            return None
        bid, ask = terms.bid, terms.ask
    return _encode(QuoteView(symbol, amount_text(bid, digits), amount_text(ask, digits), moment_text(quote.at)))


class QuoteBoard:
    """The quotes of one platform on their way out."""

    def __init__(self, writer: Writer, interval_s: float) -> None:
        self._writer = writer
        self._interval = interval_s
        self._subscriptions: dict[QuoteSubscription, None] = {}
        self._moved: dict[str, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def join(self, subscription: QuoteSubscription) -> None:
        """Send all quotes once, and from now on those that move."""
        desk = self._writer.engine.desk
        subscription.mailbox.sheets[subscription.number] = subscription.sheet
        subscription.tell(_sheet(desk, dict.fromkeys(desk.markets), subscription.group_now(desk)))
        self._subscriptions[subscription] = None

    def leave(self, subscription: QuoteSubscription) -> None:
        subscription.mailbox.sheets.pop(subscription.number, None)
        self._subscriptions.pop(subscription, None)

    def note(self, applied: Applied) -> None:
        """Take the quotes of a batch; they go out together with what else moves within the interval."""
        if not self._subscriptions:
            return
        for quote in applied.quotes:
            self._moved[quote.symbol] = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._tell)

    def _tell(self) -> None:
        self._timer = None
        moved, self._moved = self._moved, {}
        desk = self._writer.engine.desk
        sheets: dict[str | None, dict[str, bytes]] = {}
        for subscription in self._subscriptions:
            group = subscription.group_now(desk)
            sheet = sheets.get(group)
            if sheet is None:
                sheet = sheets[group] = _sheet(desk, moved, group)
            subscription.tell(sheet)

    def newest_at(self) -> Moment:
        """Return when the newest quote entered; 0 if there is none."""
        return max((quote.at for quote in self._writer.engine.desk.state.quotes.values()), default=0)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def _sheet(desk: Desk, symbols: dict[str, None], group: str | None) -> dict[str, bytes]:
    sheet = {}
    for symbol in symbols:
        quote = quote_json(desk, symbol, group)
        if quote is not None:
            sheet[symbol] = quote
    return sheet
