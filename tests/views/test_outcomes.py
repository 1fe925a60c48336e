"""An answer tells of an event as the stream does, and of nothing that is the house's own."""

import msgspec

from prorata.messages import events as told
from prorata.messages.commands import BalanceKind
from prorata.server.writer import Answer
from prorata.trading.desk import Desk
from prorata.views.events import event_json
from prorata.views.outcomes import outcome_of
from prorata.views.texts import moment_text
from tests.views.test_event_json import CASES, desk

__all__ = ["desk"]

NOON = 1_772_452_800_000


def test_the_events_of_an_answer_are_the_streams(desk: Desk) -> None:
    for event, _ in CASES:
        outcome = outcome_of(desk, Answer((event,), 3, NOON, 17, False))
        shown = [msgspec.json.encode(part) for part in outcome.events]
        hedging = isinstance(event, (told.HedgeRequested, told.HedgeBooked, told.HedgeClosed, told.BreakFound))
        assert shown == ([] if hedging else [event_json(desk, event, 17, moment_text(NOON))])


def test_a_booking_that_came_before_is_told_as_repeated(desk: Desk) -> None:
    booked = told.BalanceBooked(9, 7, BalanceKind.DEPOSIT, 500, 500, 0, "bank-1", "", ())
    outcome = outcome_of(desk, Answer((told.Repeated(booked),), 3, NOON, 0, False))
    assert outcome.repeated
    assert [msgspec.json.encode(part) for part in outcome.events] == [event_json(desk, booked, None, None)]
