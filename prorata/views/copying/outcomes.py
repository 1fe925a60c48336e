"""What a command of copy trading caused: as `outcomes`, with the numbers of what is new."""

from collections.abc import Callable
from typing import Any

import msgspec

from prorata.copying.engine import Engine
from prorata.messages import copy_events as told
from prorata.messages.events import Event
from prorata.server.writer import Answer
from prorata.views.copying.event_shapes import AnyCopyEvent
from prorata.views.copying.events import COPY_RENDER
from prorata.views.events import event_shape
from prorata.views.texts import moment_text


class CopyOutcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A command is done, and durable. `number`: the journal batch; `at`: its time.

    `repeated`: it was done before, under the same Idempotency-Key or `external_id`, and nothing happened now; `events` are
    those of the first time, without `seq` and `at`. `command`: what is under way, or was done at once; ask
    /copy-commands for its end. What is executed at a venue follows later, on the stream.
    """

    number: int
    at: str
    repeated: bool
    wallet: int | None = None
    """that was opened"""
    transfer: int | None = None
    reservation: int | None = None
    strategy: int | None = None
    """that was opened"""
    offer: int | None = None
    """that was added"""
    investment: int | None = None
    """that was opened"""
    command: int | None = None
    signal: int | None = None
    events: tuple[AnyCopyEvent, ...]


_NUMBERS: dict[type, tuple[str, Callable[[Any], int]]] = {
    told.WalletOpened: ("wallet", lambda event: event.wallet),
    told.WalletMoved: ("transfer", lambda event: event.transfer),
    told.InvestmentMoved: ("transfer", lambda event: event.transfer),
    told.WithdrawalReserved: ("reservation", lambda event: event.reservation),
    told.StrategyOpened: ("strategy", lambda event: event.strategy),
    told.OfferAdded: ("offer", lambda event: event.offer),
    told.InvestmentOpened: ("investment", lambda event: event.investment),
    told.CommandTaken: ("command", lambda event: event.command),
    told.SignalTaken: ("signal", lambda event: event.signal),
}


def copy_outcome_of(engine: Engine, answer: Answer) -> CopyOutcome:
    """Render the answer to a command of copy trading that was not refused."""
    at = moment_text(answer.at)
    repeated, first, events = answer.repeated, answer.first, answer.events
    if events and isinstance(events[0], (told.TransferRepeated, told.WalletKnown)):
        repeated, events = True, (events[0].first,)
    shown: list[Any] = [
        event_shape(engine, event, first + place if first else None, at if first else None)
        for place, event in enumerate(events)
        if type(event) in COPY_RENDER
    ]
    return CopyOutcome(number=answer.number, at=at, repeated=repeated, events=tuple(shown), **_numbers_of(events))


def _numbers_of(events: tuple[Event, ...]) -> dict[str, int]:
    """Return the numbers of what the command itself made: of each kind the first."""
    numbers: dict[str, int] = {}
    for event in events:
        entry = _NUMBERS.get(type(event))
        if entry is not None:
            name, number_of = entry
            numbers.setdefault(name, number_of(event))
    return numbers
