"""A trade transaction as it was asked: its names read, its numbers made whole."""

import re
from decimal import Decimal
from enum import auto
from typing import TypeVar

from prorata.messages.commands import OrderType, Side
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid, not_found
from prorata.rest.webapi.schemas.kinds import Flags, Names
from prorata.rest.webapi.schemas.mt4_names import TradeCommand
from prorata.rest.webapi.schemas.mt4_trades import MT4TradeTransaction
from prorata.rest.webapi.values import is_no_time, moment_of, price_of, volume_of
from prorata.units.numbers import Login, Moment, Points, Ticket, Volume
from prorata.views.bodies import NO_CONTROLS, TEXT_MAX

MARKET_SIDES = {TradeCommand.Buy: Side.BUY, TradeCommand.Sell: Side.SELL}
PENDING_TYPES = {
    TradeCommand.BuyLimit: (OrderType.LIMIT, Side.BUY),
    TradeCommand.SellLimit: (OrderType.LIMIT, Side.SELL),
    TradeCommand.BuyStop: (OrderType.STOP, Side.BUY),
    TradeCommand.SellStop: (OrderType.STOP, Side.SELL),
}

_NO_CONTROLS = re.compile(NO_CONTROLS)

NameType = TypeVar("NameType", bound=Names)


class TradeTransactionType(Names):
    PricesGet = auto()
    PricesRequote = auto()
    OpenInstant = auto()
    OpenRequest = auto()
    OpenMarket = auto()
    PendingOpen = auto()
    CloseInstant = auto()
    CloseRequest = auto()
    CloseMarket = auto()
    Modify = auto()
    Delete = auto()
    CloseBy = auto()
    CloseAll = auto()
    BrOpen = auto()
    BrClose = auto()
    BrDelete = auto()
    BrCloseBy = auto()
    BrCloseAll = auto()
    BrModify = auto()
    BrActivate = auto()
    BrComment = auto()
    BrBalance = auto()


_NUMBERS = dict(zip((0, 1, *range(64, 84)), TradeTransactionType, strict=True))
"""The published numbers of the types."""


class TradeRequestFlags(Flags):
    Signal = 0x1
    Expert = 0x2
    Gateway = 0x4
    Mobile = 0x8
    Web = 0x10
    API = 0x20


class Asked:
    """Its properties raise `Failure` for what is missing or cannot be."""

    __slots__ = ("call", "command", "flags", "given", "kind")

    def __init__(self, call: Call, given: MT4TradeTransaction) -> None:
        """Raises `Failure` for names that there are not."""
        self.call = call
        self.given = given
        self.kind = _kind_of(given.trade_transaction_type)
        self.command = _read_name(TradeCommand, given.trade_command or "Buy", "tradeCommand")
        self.flags = _flags_of(given.trade_request_flags)

    @property
    def by_dealer(self) -> bool:
        return self.kind.startswith("Br")

    @property
    def login(self) -> Login:
        """Return the account that `orderBy` names."""
        if self.given.order_by <= 0:
            raise invalid("orderBy", "is missing: the login of the account")
        return self.call.account(self.given.order_by).login

    @property
    def ticket(self) -> Ticket:
        if self.given.order <= 0:
            raise invalid("order", "is missing")
        return self.given.order

    @property
    def symbol(self) -> str:
        """Return the instrument that is named."""
        name = self.given.symbol
        if not name:
            raise invalid("symbol", "is missing")
        if name not in self.call.state.symbols:
            raise not_found("symbol")
        return name

    @property
    def side(self) -> Side:
        """Return the side of a command at the market."""
        side = MARKET_SIDES.get(self.command)
        if side is None:
            raise invalid("tradeCommand", f"is Buy or Sell for {self.kind}")
        return side

    @property
    def volume(self) -> Volume:
        if self.given.volume < 0:
            raise invalid("volume", "is below 0")
        return volume_of(self.given.volume)

    @property
    def deviation(self) -> Points:
        if self.given.ie_deviation < 0:
            raise invalid("ieDeviation", "is below 0")
        return self.given.ie_deviation

    @property
    def comment(self) -> str:
        return comment_of(self.given.comment)

    @property
    def expires_at(self) -> Moment:
        """Return when a pending order expires; 0 is never."""
        return 0 if is_no_time(self.given.expiration) else moment_of(self.given.expiration, "expiration")

    def points(self, symbol: str, value: Decimal, field: str) -> Points:
        """Return a price of an instrument; 0 is none. Raises `Failure`."""
        return price_of(value, self.call.state.symbols[symbol].digits, field)

    def price(self, symbol: str) -> Points:
        return self.points(symbol, self.given.price, "price")

    def stops(self, symbol: str) -> tuple[Points, Points]:
        """Return stop loss and take profit."""
        return self.points(symbol, self.given.sl, "sl"), self.points(symbol, self.given.tp, "tp")


def comment_of(text: str | None) -> str:
    """Raises `Failure` for one that is too long, or has control characters."""
    comment = text or ""
    if len(comment) > TEXT_MAX or _NO_CONTROLS.match(comment) is None:
        raise invalid("comment", f"has at most {TEXT_MAX} characters and no control characters")
    return comment


def _kind_of(text: str | None) -> TradeTransactionType:
    if not text:
        raise invalid("tradeTransactionType", "is missing")
    if text.isascii() and text.isdigit() and len(text) < 4:
        found = _NUMBERS.get(int(text))
        if found is None:
            raise invalid("tradeTransactionType", f"{text} is none of them")
        return found
    return _read_name(TradeTransactionType, text, "tradeTransactionType")


def _read_name(kind: type[NameType], text: str, field: str) -> NameType:
    try:
        return kind.read(text)
    except ValueError:
        raise invalid(field, f"{text[:40]} is none of {', '.join(kind)}") from None


def _flags_of(text: str | None) -> TradeRequestFlags:
    told = text or "None"
    if told.isascii() and told.isdigit() and len(told) < 10:
        return TradeRequestFlags(int(told))
    try:
        return TradeRequestFlags.read(told)
    except ValueError as problem:
        raise invalid("tradeRequestFlags", str(problem)[:200]) from None
