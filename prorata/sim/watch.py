"""An engine under watch: each command's answer is judged where it happens, and counted."""

from collections import Counter

import msgspec

from prorata.messages.commands import Command, HedgeEnded, HedgeFilled, Quotes
from prorata.messages.events import Dealt, Event, Reason, Refused
from prorata.sim.oracle import Oracle, check_triggers, must
from prorata.trading.desk import Desk
from prorata.trading.engine import Engine
from prorata.trading.state import Order
from prorata.units.numbers import Moment


class WatchedEngine(Engine):
    """The real engine; a refused command must leave its state, byte for byte, as it was."""

    __slots__ = ("_oracle", "_seen")

    def __init__(self, engine: Engine, oracle: Oracle, seen: Counter[str]) -> None:
        # Not built anew: what the engine has derived is part of what is tested.
        self.desk: Desk = engine.desk
        self._oracle = oracle
        self._seen = seen

    def apply(self, command: Command, now: Moment) -> list[Event]:
        before = self.snapshot()
        hedged = _order_at_venue(self.desk, command)
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
        if isinstance(command, Quotes):
            check_triggers(self.desk, {quote.symbol for quote in command.quotes} & self.desk.markets.keys())
        return events

    def advance(self, now: Moment) -> list[Event]:
        events = super().advance(now)
        self._count(events)
        return events

    def _count(self, events: list[Event]) -> None:
        for event in events:
            self._seen[f"event {type(event).__name__}"] += 1
            if isinstance(event, Refused):
                self._seen[f"refusal {event.code.name}"] += 1
            elif isinstance(event, Dealt):
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
            self._oracle.rests[order.symbol] += rest if order.side == 0 else -rest


def _order_at_venue(desk: Desk, command: Command) -> Order | None:
    if not isinstance(command, HedgeFilled | HedgeEnded):
        return None
    login = desk.in_flight.get(command.order)
    return None if login is None else desk.state.accounts[login].orders[command.order]
