"""An answer tells of an event as the stream does, and of nothing that is the house's own."""

import msgspec

from prorata.copying.engine import Engine
from prorata.messages import events as told
from prorata.messages.commands import BalanceKind
from prorata.server.writer import Answer
from prorata.views.events import event_json
from prorata.views.outcomes import outcome_of
from prorata.views.texts import moment_text
from tests.views.test_event_json import CASES, engine

__all__ = ["engine"]

NOON = 1_772_452_800_000


def test_the_events_of_an_answer_are_the_streams(engine: Engine) -> None:
    for event, _ in CASES:
        outcome = outcome_of(engine, Answer((event,), 3, NOON, 17, False))
        shown = [msgspec.json.encode(part) for part in outcome.events]
        hedging = isinstance(event, (told.HedgeRequested, told.HedgeBooked, told.HedgeClosed, told.BreakFound))
        assert shown == ([] if hedging else [event_json(engine, event, 17, moment_text(NOON))])


def test_a_booking_that_came_before_is_told_as_repeated(engine: Engine) -> None:
    booked = told.BalanceBooked(9, 7, BalanceKind.DEPOSIT, 500, 500, 0, "bank-1", "", ())
    outcome = outcome_of(engine, Answer((told.Repeated(booked),), 3, NOON, 0, False))
    assert outcome.repeated
    assert [msgspec.json.encode(part) for part in outcome.events] == [event_json(engine, booked, None, None)]
