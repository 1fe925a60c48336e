"""What a command caused: its answer, with the same event objects that subscribers of the stream are told."""

from typing import get_args

import msgspec

from prorata.copying.engine import Engine
from prorata.messages.copy_events import CopyEvent
from prorata.messages.events import (
    AccountOpened,
    BreakFound,
    Dealt,
    Event,
    HedgeBooked,
    HedgeClosed,
    HedgeRequested,
    OrderPlaced,
    Refused,
    Repeated,
)
from prorata.messages.refusals import Refusal
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, WriterStopped
from prorata.units.numbers import Login, Ticket
from prorata.views.answers import Rejected
from prorata.views.event_shapes import AnyEvent
from prorata.views.events import event_shape
from prorata.views.texts import moment_text

_NOT_SHOWN = frozenset({HedgeRequested, HedgeBooked, HedgeClosed, BreakFound, *get_args(CopyEvent)})


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """A command is done, and durable. `number`: the journal batch; `at`: its time.

    `repeated`: the Idempotency-Key was used before with the same command; nothing happened now, `events` are those
    of the first time, without `seq` and `at`, and `number` and `at` are those of the repetition.
    """

    number: int
    at: str
    repeated: bool
    events: tuple[AnyEvent, ...]
    ticket: Ticket | None
    """of the order that the command placed or executed"""
    login: Login | None
    """of the account that was opened"""


def outcome_of(engine: Engine, answer: Answer) -> Outcome:
    """Render the answer to a command that was not refused."""
    at = moment_text(answer.at)
    repeated, first, events = answer.repeated, answer.first, answer.events
    if events and type(events[0]) is Repeated:
        repeated, events = True, (events[0].first,)
    login = events[0].login if events and type(events[0]) is AccountOpened else None
    if not first:
        shown = tuple([event_shape(engine, events[place], None, None) for place in shown_places(events)])
    else:
        shown = tuple([event_shape(engine, events[place], first + place, at) for place in shown_places(events)])
    return Outcome(answer.number, at, repeated, shown, ticket_of(events), login)  # type: ignore[arg-type]


def shown_places(events: tuple[Event, ...]) -> list[int]:
    """Return which events of an answer are shown: how the house hedged, and who copied it, is its own business."""
    return [place for place, event in enumerate(events) if type(event) not in _NOT_SHOWN]


def ticket_of(events: tuple[Event, ...]) -> Ticket | None:
    """Return the ticket of the order that was placed or executed."""
    for event in events:
        if type(event) is Dealt:
            return event.order
        if type(event) is OrderPlaced:
            return event.ticket
    return None


def check_done(answer: Answer) -> None:
    """Raise `Rejected` if the engine refused."""
    if answer.events:
        first = answer.events[0]
        if type(first) is Refused:
            raise Rejected(first.code, first.detail)


def rejected_by(failure: BaseException) -> Rejected:
    """Return what a command is answered that the writer did not take, or could not finish."""
    if isinstance(failure, JournalFull):
        return Rejected(Refusal.STORAGE_FULL)
    if isinstance(failure, Overloaded):
        return Rejected(Refusal.OVERLOADED, retry_after=1)
    if isinstance(failure, WriterStopped) and not failure.unknown:
        return Rejected(Refusal.STOPPING)
    return Rejected(Refusal.OUTCOME_UNKNOWN)
