"""The engine: a command and a moment in, events out. Same commands, same moments: same events, same state, always."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, get_args

import msgspec

from prorata.messages.commands import (
    BookBalance,
    CancelOrder,
    ChangeAccount,
    CloseAll,
    CloseBy,
    ClosePosition,
    Command,
    HedgeEnded,
    HedgeFilled,
    ModifyOrder,
    ModifyPosition,
    OpenAccount,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    PutSymbols,
    Quotes,
    RemoveSymbol,
    ReversePosition,
    SetGuards,
    SettleBreak,
    Tick,
    VenuePositions,
)
from prorata.messages.copy_commands import CopyCommand
from prorata.messages.dealer_commands import (
    DealerActivate,
    DealerCancel,
    DealerClose,
    DealerCloseAll,
    DealerCloseBy,
    DealerComment,
    DealerModify,
    DealerOpen,
)
from prorata.messages.events import Event, Refused
from prorata.trading import accounts, configure, dealing, hedging, levels, loss_limits, orders, positions, rollover, triggers
from prorata.trading.desk import Desk
from prorata.trading.state import State
from prorata.units.numbers import Moment

Handler = Callable[[Desk, Any], Refused | None]


def _take_quotes(desk: Desk, command: Quotes) -> Refused | None:
    triggers.take_quotes(desk, command)
    return None


def _take_venue_positions(desk: Desk, command: VenuePositions) -> Refused | None:
    hedging.take_venue_positions(desk, command)
    return None


def _let_time_pass(desk: Desk, command: Tick) -> Refused | None:
    return None  # Time has passed before any command is applied: see `Engine.advance`.


HANDLERS: dict[type, Handler] = {
    PlaceOrder: orders.place_order,
    ModifyOrder: orders.modify_order,
    CancelOrder: orders.cancel_order,
    ModifyPosition: positions.modify_position,
    ClosePosition: positions.close_position,
    CloseBy: positions.close_by,
    CloseAll: positions.close_all,
    ReversePosition: positions.reverse_position,
    OpenAccount: accounts.open_account,
    ChangeAccount: accounts.change_account,
    BookBalance: accounts.book_balance,
    SetGuards: loss_limits.set_guards,
    PutSymbol: configure.put_symbol,
    PutSymbols: configure.put_symbols,
    RemoveSymbol: configure.remove_symbol,
    PutGroup: configure.put_group,
    Quotes: _take_quotes,
    Tick: _let_time_pass,
    HedgeFilled: hedging.hedge_filled,
    HedgeEnded: hedging.hedge_ended,
    VenuePositions: _take_venue_positions,
    SettleBreak: hedging.settle_break,
    DealerOpen: dealing.dealer_open,
    DealerClose: dealing.dealer_close,
    DealerCloseBy: positions.close_by,
    DealerCloseAll: positions.close_all,
    DealerModify: dealing.dealer_modify,
    DealerCancel: dealing.dealer_cancel,
    DealerActivate: dealing.dealer_activate,
    DealerComment: dealing.dealer_comment,
}
assert HANDLERS.keys() == set(get_args(Command)) - set(get_args(CopyCommand)), "a command without a handler"

_state_encoder = msgspec.msgpack.Encoder()
_state_decoder = msgspec.msgpack.Decoder(State)


class Engine:
    """One trade platform. `desk.state` is everything it remembers."""

    __slots__ = ("desk",)

    def __init__(self, state: State | None = None) -> None:
        self.desk = Desk(State() if state is None else state)

    def apply(self, command: Command, now: Moment) -> list[Event]:
        """Apply one command and return what happened, in order.

        A refused command gives just one `Refused` and leaves the state as it was. `now` never goes back.
        """
        desk = self.desk
        desk.now = now
        events: list[Event] = []
        desk.events = events
        refused = HANDLERS[type(command)](desk, command)
        if refused is not None:
            events.append(refused)
        if desk.uneasy:
            levels.settle(desk)
        return events

    def advance(self, now: Moment) -> list[Event]:
        """Let time pass: end days, execute delayed orders, remove expired ones. Call before the commands of a batch."""
        desk = self.desk
        desk.now = now
        events: list[Event] = []
        desk.events = events
        rollover.take_rollover(desk)
        if desk.due and desk.due[0][0] <= now:
            triggers.take_due(desk)
        if desk.uneasy:
            levels.settle(desk)
        return events

    def is_due(self, now: Moment) -> bool:
        """Say whether `advance` would find something to do."""
        desk = self.desk
        return rollover.is_due(desk, now) or bool(desk.due and desk.due[0][0] <= now)

    def snapshot(self) -> bytes:
        """Return the whole state, encoded."""
        return _state_encoder.encode(self.desk.state)

    @staticmethod
    def load(data: bytes) -> "Engine":
        """Return an engine that continues from a snapshot."""
        return Engine(_state_decoder.decode(data))

    def state_hash(self) -> str:
        """Return the SHA-256 of the encoded state, in hex: equal states, and no others, have equal hashes."""
        return sha256(self.snapshot()).hexdigest()
