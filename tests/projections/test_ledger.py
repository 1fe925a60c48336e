"""Claims about the proof of the ledger."""

import pytest
from sqlalchemy import insert, update

from prorata.messages.events import Repeated
from prorata.projections.history import History
from prorata.projections.ledger import HistoryBehind, verify, verify_events, verify_state
from prorata.projections.tables import deals, ledger_entries
from prorata.units.numbers import MONEY_MAX

from .happened import Story, busy_story


def test_a_true_ledger_is_balanced(history: History) -> None:
    story = busy_story()
    history.write(story.batches)
    report = verify(history, story.state())
    assert report.balanced
    assert report.sums == {"USD": 0}
    assert report.accounts == 7


def test_an_altered_entry_is_found_and_named(history: History) -> None:
    story = Story()
    story.tell(story.deposit(1001, 100_000), story.deal(1001, 1, profit=500))
    history.write(story.batches)
    with history._writing() as connection:
        there = (ledger_entries.c.sequence == 2) & (ledger_entries.c.part == 1)
        connection.execute(update(ledger_entries).where(there).values(amount=900))
    report = verify(history, story.state())
    assert not report.balanced
    assert [str(difference) for difference in report.differences] == [
        "account/1001: 998.00 USD expected, 1002.00 USD posted",
        "house/profit: -5.00 USD expected, -9.00 USD posted",
        "deal 2, event 2, account/1001: -2.00 USD expected, 2.00 USD posted",
    ]


def test_an_altered_deal_is_found_and_named(history: History) -> None:
    story = Story()
    story.tell(story.deposit(1001, 100_000), story.deal(1001, 1, profit=500))
    history.write(story.batches)
    with history._writing() as connection:
        connection.execute(update(deals).values(profit=600))
    assert [str(difference) for difference in verify(history, story.state()).differences] == [
        "deal 2, event 2, account/1001: -1.00 USD expected, -2.00 USD posted",
    ]


def test_an_entry_that_was_added_or_removed_is_found(history: History) -> None:
    story = busy_story(5)
    history.write(story.batches)
    with history._writing() as connection:
        connection.execute(
            insert(ledger_entries).values(
                platform=history.platform, sequence=3, part=9, at=0, debit="house/profit", credit="account/1002",
                amount=1, currency="EUR", kind=4, login=1002, source=0, reference=0,
            )
        )  # fmt: skip
        connection.execute(ledger_entries.delete().where(ledger_entries.c.sequence == 1))
    named = [difference.place for difference in verify(history, story.state()).differences]
    assert named == ["account/1001", "account/1002", "bank", "house/profit", "operation 1, event 1, account/1001"]


def test_the_tables_are_compared_at_the_state_s_own_moment(history: History) -> None:
    story = busy_story(20)
    state, upto = story.state(), story.sequence
    story.tell(story.deposit(1001, 5))
    history.write(story.batches)
    assert not verify(history, state).balanced
    assert verify(history, state, upto=upto).balanced
    with pytest.raises(HistoryBehind):
        verify(history, state, upto=upto + 2)


def test_a_turnover_beyond_int64_is_added_up_exactly(history: History) -> None:
    story = Story()
    for _ in range(50):
        story.tell(*(story.deposit(1001, MONEY_MAX) for _ in range(2)), story.deal(1001, 1, profit=1 - 2 * MONEY_MAX))
    history.write(story.batches)
    assert verify(history, story.state()).balanced


def test_events_alone_prove_the_ledger_and_a_repeated_answer_moves_nothing() -> None:
    story = busy_story()
    first = story.batches[0].events[0]
    events = [event for batch in story.batches for event in batch.events]
    assert verify_events([*events, Repeated(first)], story.state()).balanced  # type: ignore[arg-type]
    state = story.state()
    state.accounts[1001].credit = 7
    report = verify_events(events, state)
    assert [(d.place, d.currency, d.said, d.posted) for d in report.differences] == [
        ("sum of the state", "USD", 0, 7),
        ("credit/1001", "USD", 7, 0),
    ]


def test_a_state_that_made_money_from_nothing_is_found() -> None:
    story = busy_story()
    state = story.state()
    assert verify_state(state).balanced
    state.accounts[1002].balance += 1
    report = verify_state(state)
    assert report.sums == {"USD": 1}
    assert [str(difference) for difference in report.differences] == ["sum of the state: 0.00 USD expected, 0.01 USD posted"]
