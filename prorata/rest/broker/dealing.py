"""Orders and positions of one account: from what is asked to a command, from its answer to OK, REJECTED or PARTIAL_SUCCESS.

What the trade platform refuses - unknown or foreign positions, stops too near, a frozen order, no money - is an answer
with the status REJECTED and the refusal's name, and nothing has changed. What cannot be read, and a platform that is
away, raise `Rejected`. The client's own commands are used, so the account's access, trading hours, freeze and stop levels bind.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from prorata.messages.commands import (
    CancelOrder,
    CloseAll,
    ClosePosition,
    Command,
    ModifyOrder,
    ModifyPosition,
    OrderType,
    PlaceOrder,
    Side,
)
from prorata.messages.dealer_commands import DealerClose, DealerOpen
from prorata.messages.events import Dealt, Event, OrderPlaced, OrderRemoved
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Record
from prorata.rest.broker.trade_values import order_id, read_points, read_price, read_volume, ticket_of
from prorata.rest.own.session import Platform
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, WriterStopped
from prorata.trading.state import Account, Order, Position
from prorata.units.numbers import Login, Moment, Points, Ticket, Volume
from prorata.views.answers import Rejected
from prorata.views.outcomes import check_done, rejected_by

CLOSE_MAX = 500
_TRADE_BANDS = range(2, 8)
"""Refusals of account, symbol, order, money, configuration and venue are answers about the trade."""


class TradeStatus(StrEnum):
    OK = "OK"
    REJECTED = "REJECTED"
    PARTIAL_SUCCESS = "PARTIAL_SUCCESS"


class PartialResponse(Record, frozen=True):
    """How it went with one of several positions."""

    position_id: str
    status: TradeStatus
    error_message: str | None = None


class Traded(Record, frozen=True):
    """`native_code`: the refusal's name. A position has the id of the order that opened it."""

    status: TradeStatus
    order_id: str | None = None
    native_code: str | None = None
    error_message: str | None = None
    partial_responses: list[PartialResponse] | None = None


class Dealing:
    """One account, as somebody trades on it. `caller` and `key`: under these the same command is done once; "" is no key."""

    def __init__(self, platform: Platform, account: Account, *, caller: str, key: str) -> None:
        self._platform = platform
        self._account = account
        self._caller = caller
        self._key = key

    @property
    def login(self) -> Login:
        return self._account.login

    async def open(
        self, instrument: str, side: Side, volume: Decimal, stop_loss: Decimal | None, take_profit: Decimal | None,
        comment: str = "",
    ) -> Traded:  # fmt: skip
        return await self._done(
            lambda: PlaceOrder(
                self.login, instrument, side, read_volume(volume), comment=comment,
                stop_loss=self._points(instrument, stop_loss, "slPrice"),
                take_profit=self._points(instrument, take_profit, "tpPrice"),
            )
        )  # fmt: skip

    async def place(
        self, instrument: str, side: Side, kind: OrderType, volume: Decimal, price: tuple[str, Decimal | None],
        stop_loss: Decimal | None, take_profit: Decimal | None, *, expires_at: Moment = 0, comment: str = "",
    ) -> Traded:  # fmt: skip
        """Place a pending order. `price`: under its published name."""
        name, given = price
        return await self._done(
            lambda: PlaceOrder(
                self.login, instrument, side, read_volume(volume), kind, read_price(given, self._digits(instrument), name),
                stop_loss=self._points(instrument, stop_loss, "slPrice"),
                take_profit=self._points(instrument, take_profit, "tpPrice"), expires_at=expires_at, comment=comment,
            )
        )  # fmt: skip

    async def edit(self, position_id: str, stop_loss: Decimal | None, take_profit: Decimal | None) -> Traded:
        """Give a position new stops: 0 removes one, and what is not told stays, as does a trailing distance."""
        ticket = ticket_of(position_id, "id")

        def command() -> ModifyPosition:
            held = self._position(ticket)
            return ModifyPosition(
                self.login, ticket, self._stop(held, stop_loss, held.stop_loss, "slPrice"),
                self._stop(held, take_profit, held.take_profit, "tpPrice"), held.trailing,
            )  # fmt: skip

        return await self._done(command, ticket)

    async def edit_order(
        self, given_id: str, price: Decimal | None, stop_loss: Decimal | None, take_profit: Decimal | None
    ) -> Traded:
        """Give a pending order a new price and new stops; as `edit`."""
        ticket = ticket_of(given_id, "id")

        def command() -> ModifyOrder:
            order = self._account.orders.get(ticket)
            if order is None:
                raise Rejected(Refusal.UNKNOWN_ORDER)
            return ModifyOrder(
                self.login, ticket, read_price(price, self._digits(order.symbol), "priceOrder"), order.limit_price,
                self._stop(order, stop_loss, order.stop_loss, "slPrice"),
                self._stop(order, take_profit, order.take_profit, "tpPrice"), order.trailing, order.expires_at,
            )  # fmt: skip

        return await self._done(command, ticket)

    async def close(self, position_id: str, instrument: str | None, volume: Decimal | None = None) -> Traded:
        """Close a position, or a part of it, at the market."""
        ticket = ticket_of(position_id, "positionId")

        def command() -> ClosePosition:
            self._check_instrument(self._account.positions.get(ticket), instrument, Refusal.UNKNOWN_POSITION)
            return ClosePosition(self.login, ticket, _part(volume))

        return await self._done(command, ticket)

    async def close_several(self, wanted: Sequence[tuple[str, str | None]]) -> Traded:
        """Close positions, each with its instrument if that is told."""
        if not 0 < len(wanted) <= CLOSE_MAX or len({position_id for position_id, _ in wanted}) < len(wanted):
            raise Rejected(Refusal.OUT_OF_RANGE, f"closePositions: names 1 to {CLOSE_MAX} positions, each once")
        for position_id, _ in wanted:
            ticket_of(position_id, "positionId")
        return together([(one[0], await self.close(*one)) for one in wanted])

    async def close_all(self) -> Traded:
        """Close every position; those that cannot be closed now stay, and are told."""
        try:
            answer = await self._answer(CloseAll(self.login), f"close-all {self.login}")
        except Rejected as rejected:
            return answer_of(rejected)
        parts = [part for event in answer.events if (part := _closed(event)) is not None]
        return together(parts) if parts else Traded(status=TradeStatus.OK)

    async def cancel(self, given_id: str, instrument: str | None) -> Traded:
        ticket = ticket_of(given_id, "orderId")

        def command() -> CancelOrder:
            self._check_instrument(self._account.orders.get(ticket), instrument, Refusal.UNKNOWN_ORDER)
            return CancelOrder(self.login, ticket)

        return await self._done(command, ticket)

    async def correct(
        self, instrument: str, side: Side, volume: Decimal, price: Decimal, closing: str | None, comment: str
    ) -> Traded:  # fmt: skip
        """Open a position at a price of the house's own, or close one (`closing`) or a part of it at such a price.

        This is a dealer's: neither trading hours, nor the account's access, nor freeze levels bind (docs/trade/dealing.md).
        """
        ticket = 0 if closing is None else ticket_of(closing, "closingOrderId")

        def command() -> DealerOpen | DealerClose:
            points = read_price(price, self._digits(instrument), "price")
            if not ticket:
                return DealerOpen(self.login, instrument, side, read_volume(volume), points, comment=comment)
            self._check_instrument(self._account.positions.get(ticket), instrument, Refusal.UNKNOWN_POSITION)
            return DealerClose(self.login, ticket, read_volume(volume), points, comment)

        return await self._done(command, ticket)

    # What all share.

    async def _done(self, command: Callable[[], Command], ticket: Ticket = 0) -> Traded:
        """Have a command done. `ticket`: of what it is about."""
        try:
            made = command()
            answer = await self._answer(made, f"{type(made).__name__} {ticket}")
        except Rejected as rejected:
            return answer_of(rejected)
        return _traded(answer.events, ticket)

    async def _answer(self, command: Command, part: str) -> Answer:
        """Raises `Rejected`."""
        return await self.answer(
            command, sha256(f"{self._key}\n{self.login}\n{part}".encode()).hexdigest()[:32] if self._key else ""
        )

    async def answer(self, command: Command, key: str) -> Answer:
        """Have any command done, once for its key; "": each time. Raises `Rejected`."""
        try:
            answer = await self._platform.writer.submit(command, caller=self._caller, key=key)
        except (Overloaded, JournalFull, WriterStopped) as failure:
            raise rejected_by(failure) from None
        check_done(answer)
        return answer

    def _digits(self, symbol: str) -> int:
        """Raises `Rejected`."""
        spec = self._platform.desk.state.symbols.get(symbol)
        if spec is None:
            raise Rejected(Refusal.UNKNOWN_SYMBOL)
        return spec.digits

    def _points(self, symbol: str, given: Decimal | None, field: str) -> Points:
        return read_points(given, self._digits(symbol), field)

    def _stop(self, kept: Position | Order, given: Decimal | None, before: Points, field: str) -> Points:
        return before if given is None else self._points(kept.symbol, given, field)

    def _position(self, ticket: Ticket) -> Position:
        """Raises `Rejected`: another account's position answers as one that is not there."""
        held = self._account.positions.get(ticket)
        if held is None:
            raise Rejected(Refusal.UNKNOWN_POSITION)
        return held

    @staticmethod
    def _check_instrument(found: Position | Order | None, instrument: str | None, absent: Refusal) -> None:
        # What is gone is the platform's to refuse: a repeated call must find its first answer.
        if found is not None and instrument is not None and found.symbol != instrument:
            raise Rejected(absent, f"instrument: it is not in {instrument}")


def together(parts: Sequence[tuple[str, Traded]]) -> Traded:
    """Return one answer for several positions, each with its own."""
    told = [PartialResponse(position_id=name, status=one.status, error_message=one.error_message) for name, one in parts]
    done = sum(one.status == TradeStatus.OK for one in told)
    refused = next((one for _, one in parts if one.status == TradeStatus.REJECTED), None)
    status = TradeStatus.OK if done == len(told) else TradeStatus.PARTIAL_SUCCESS if done else TradeStatus.REJECTED
    return Traded(
        status=status, order_id=told[0].position_id if done else None,
        native_code=None if refused is None else refused.native_code,
        error_message=None if refused is None else refused.error_message, partial_responses=told,
    )  # fmt: skip


def _part(volume: Decimal | None) -> Volume:
    return 0 if volume is None else read_volume(volume)


def _traded(events: Sequence[Event], ticket: Ticket) -> Traded:
    """Return the answer to what was done. An order that is on its way to the venue is OK: its fill comes later."""
    for event in events:
        if not ticket and isinstance(event, Dealt):
            ticket = event.position
        elif not ticket and isinstance(event, OrderPlaced):
            ticket = event.ticket
    return Traded(status=TradeStatus.OK, order_id=order_id(ticket) if ticket else None)


def _closed(event: Event) -> tuple[str, Traded] | None:
    """Return what an event of closing all says of one position."""
    match event:
        case Dealt():
            return order_id(event.position), Traded(status=TradeStatus.OK)
        case OrderRemoved():
            return order_id(event.ticket), refusal(event.code or Refusal.MARKET_CLOSED, event.detail)
        case _:
            return None


def answer_of(rejected: Rejected) -> Traded:
    """Return a refusal of the trade as an answer; raise any other."""
    if rejected.code.value // 1_000 not in _TRADE_BANDS:
        raise rejected
    return refusal(rejected.code, rejected.detail)


def refusal(code: Refusal, detail: str) -> Traded:
    """Return a refusal as an answer."""
    return Traded(
        status=TradeStatus.REJECTED, native_code=code.name, error_message=detail or code.name.lower().replace("_", " ")
    )
