"""An engine under watch: each command's answer is judged where it happens, and counted."""

from collections import Counter

import msgspec

from prorata.copying.engine import Engine
from prorata.messages.commands import CloseBy, Command, HedgeEnded, HedgeFilled, Quote, Quotes, Side
from prorata.messages.copy_events import StatesChanged
from prorata.messages.events import Dealt, Event, OrderRemoved, Reason, Refused
from prorata.sim.claims import must
from prorata.sim.copy_oracle import check_limits
from prorata.sim.oracle import Oracle, check_triggers
from prorata.trading.desk import Desk
from prorata.trading.state import Order
from prorata.units.numbers import PRICE_MAX, Moment, Volume


class WatchedEngine(Engine):
    """The real engine; a refused command must leave its state, byte for byte, as it was."""

    __slots__ = ("_oracle", "_seen")

    def __init__(self, engine: Engine, oracle: Oracle, seen: Counter[str]) -> None:
        # Not built anew: what the engine has derived is part of what is tested.
        self.trading, self.desk, self.copy = engine.trading, engine.desk, engine.copy
        self._oracle = oracle
        self._seen = seen

    def apply(self, command: Command, now: Moment) -> list[Event]:
        before = self.snapshot()
        hedged = _order_at_venue(self.desk, command)
        closing = _hedged_of(self.desk, command) if isinstance(command, CloseBy) else 0
        awaited = hedged and msgspec.structs.replace(hedged)
        events = super().apply(command, now)
        self._seen[f"command {type(command).__name__}"] += 1
        self._count(events)
        if events and type(events[0]) is Refused:
            must(len(events) == 1, "a refusal is the only answer", command, events)
            must(self.snapshot() == before, "a refused command changes nothing", command, events[0])
            return events
        if awaited is not None:
            self._note_rest(command, awaited)
        if isinstance(command, CloseBy):
            self._oracle.rests[_symbol_of(events)] += closing - _hedged_of(self.desk, command)
        self._oracle.note(self, events)
        if isinstance(command, Quotes):
            known = {quote.symbol for quote in command.quotes if is_sound(quote)} & self.desk.markets.keys()
            check_triggers(self.desk, known)
            check_limits(self.copy, known)
        return events

    def finish(self) -> list[Event]:
        events = super().finish()
        self._count(events)
        return events

    def advance(self, now: Moment) -> list[Event]:
        events = super().advance(now)
        self._count(events)
        self._oracle.note(self, events)
        return events

    def _count(self, events: list[Event]) -> None:
        for event in events:
            self._seen[f"event {type(event).__name__}"] += 1
            if isinstance(event, StatesChanged):
                self._seen[f"investment {event.state.name}"] += 1
            code = event.code if isinstance(event, Refused | OrderRemoved) else None
            if code is not None:
                self._seen[f"refusal {code.name}"] += 1
            if isinstance(event, Dealt):
                self._seen[f"deal {event.entry.name} by {event.reason.name}"] += 1
                if event.reason == Reason.STOP_LOSS and event.stop_loss and event.price != event.stop_loss:
                    self._seen["deal through a gap"] += 1

    def _note_rest(self, command: Command, order: Order) -> None:
        """When an order is over, what the venue filled and no client dealt stays with the house. `order`: as it was before."""
        if order.ticket in self.desk.in_flight:
            return
        filled, dealt = order.hedge_filled, order.hedge_dealt
        if isinstance(command, HedgeFilled):
            filled += command.volume
            step = self.desk.state.symbols[order.symbol].volume_step
            whole = filled == order.hedge_volume
            reached = order.volume if whole else order.volume * filled // order.hedge_volume // step * step
            if reached > order.filled:
                dealt = filled
        rest = filled - dealt
        if rest:
            self._seen["hedge rest left with the house"] += 1
            self._oracle.rests[order.symbol] += rest if order.side == Side.BUY else -rest


def _hedged_of(desk: Desk, command: CloseBy) -> Volume:
    """Return what is hedged, signed, of the two positions. Closing them against each other does nothing at the venue."""
    positions = desk.state.accounts[command.login].positions if command.login in desk.state.accounts else {}
    pair = [positions[ticket] for ticket in (command.ticket, command.by_ticket) if ticket in positions]
    return sum(position.hedged if position.side == Side.BUY else -position.hedged for position in pair)


def _symbol_of(events: list[Event]) -> str:
    return next(event.symbol for event in events if isinstance(event, Dealt))


def is_sound(quote: Quote) -> bool:
    return 0 < quote.bid <= quote.ask <= PRICE_MAX


def _order_at_venue(desk: Desk, command: Command) -> Order | None:
    if not isinstance(command, HedgeFilled | HedgeEnded):
        return None
    login = desk.in_flight.get(command.order)
    return None if login is None else desk.state.accounts[login].orders[command.order]
