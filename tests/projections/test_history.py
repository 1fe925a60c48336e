"""Claims about the history's tables, each made on SQLite and on PostgreSQL."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, event, inspect, select
from sqlalchemy.exc import IntegrityError

from prorata.messages.commands import OrderType
from prorata.messages.events import (
    CommentChanged,
    Entry,
    HedgeBooked,
    MarginCalled,
    NegativeBalanceCovered,
    Posting,
    PostingKind,
    Removal,
    StoppedOut,
    SwapCharged,
)
from prorata.messages.refusals import Refusal
from prorata.projections.history import History, rebuild
from prorata.projections.marks import Mark, RebuildNeeded
from prorata.projections.paging import BadCursor
from prorata.projections.rows import EntrySource, LedgerEntryRow, MarginEventKind, OrderOutcome, Step
from prorata.projections.tables import metadata
from prorata.storage import migrate
from prorata.storage.database import DatabaseUnusable, open_database
from prorata.units.numbers import SECOND_MS
from tests.databases import sqlite_history

from .conftest import PLATFORM
from .happened import LOT, MONDAY, Story, busy_story, modified, placed, removed


def contents(history: History) -> dict[str, list[Any]]:
    """Return every row of every table."""
    with history.reading() as connection:
        return {name: sorted(map(repr, connection.execute(select(table)))) for name, table in metadata.tables.items()}


# Tables and revisions.


def test_the_revisions_make_the_tables_that_the_program_expects(bare_url: str) -> None:
    database = open_database(bare_url)
    migrate.upgrade(database)
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    for name, table in metadata.tables.items():
        kept = {check["name"] for check in inspect(database).get_check_constraints(name)}
        assert kept == {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
    database.dispose()


def test_the_newest_revision_is_the_one_that_a_start_looks_for(bare_url: str) -> None:
    database = open_database(bare_url)
    assert migrate.current_revision(database) is None
    migrate.upgrade(database)
    assert migrate.current_revision(database) == migrate.NEWEST_REVISION
    migrate.upgrade(database)
    database.dispose()


def test_the_checks_of_a_table_hold_on_both_databases(history: History) -> None:
    story = Story()
    deposit = story.deposit(1001, 100)
    backwards = Posting("bank", "bank", 100, "USD", PostingKind.DEPOSIT)
    changed = type(deposit)(1, 1001, deposit.kind, 100, 100, 0, "", "", (backwards,))
    with pytest.raises(IntegrityError):
        history.write([story.tell(changed)])
    assert history.journal_position() == Mark()


@pytest.mark.parametrize("url", ["mysql://root@localhost/x", "sqlite://", "sqlite:///:memory:", "history.db"])
def test_an_address_of_no_kept_database_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUnusable):
        open_database(url)


# Writing.


def test_a_batch_that_comes_twice_changes_nothing(history: History) -> None:
    story = busy_story()
    history.write(story.batches)
    once = contents(history)
    assert history.write(story.batches) == history.write(story.batches[-3:]) == history.journal_position()
    assert contents(history) == once


@pytest.mark.parametrize("group", [1, 3, 7])
def test_the_tables_do_not_depend_on_how_batches_were_grouped(history: History, tmp_path: Path, group: int) -> None:
    story = busy_story()
    history.write(story.batches)
    with closing(History(sqlite_history(tmp_path / "other.db"), PLATFORM)) as other:
        for start in range(0, len(story.batches), group):
            other.write(story.batches[max(0, start - 2) : start + group])
        assert contents(other) == contents(history)


def test_a_restart_in_the_middle_goes_on_from_the_mark(history_url: str) -> None:
    story = busy_story()
    with closing(History(history_url, PLATFORM)) as first:
        first.write(story.batches[:17])
    with closing(History(history_url, PLATFORM)) as second:
        mark = second.journal_position()
        assert (mark.number, mark.sequence) == (17, story.batches[17].first - 1)
        second.write(story.batches[mark.number :])
        in_two = contents(second)
        rebuild(second, story.batches)
        assert contents(second) == in_two


def test_a_failed_transaction_leaves_neither_rows_nor_mark(history: History) -> None:
    story = busy_story(10)
    history.write(story.batches[:5])
    before = contents(history)

    @event.listens_for(history._database, "before_cursor_execute")
    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE history_marks"):
            raise OSError("pulled plug")

    with pytest.raises(OSError, match="pulled plug"):
        history.write(story.batches[5:])
    event.remove(history._database, "before_cursor_execute", fail)
    assert contents(history) == before


def test_a_gap_is_named_and_nothing_is_written_beyond_it(history: History) -> None:
    story = busy_story(10)
    history.write(story.batches[:3])
    before = contents(history)
    with pytest.raises(RebuildNeeded, match=r"events 7 to 8 are gone.*Rebuild"):
        history.write(story.batches[5:])
    assert contents(history) == before


def test_batches_of_another_journal_are_not_mixed_in(history: History) -> None:
    history.write(busy_story(10).batches[:5])
    other = Story()
    for _ in range(6):
        last = other.tell(other.deposit(1001, 100))
    with pytest.raises(RebuildNeeded, match="another journal"):
        history.write([last])


def test_a_batch_without_events_only_moves_the_mark(history: History) -> None:
    story = Story()
    story.tell(story.deposit(1001, 100))
    history.write([*story.batches, story.tell()])
    assert history.journal_position() == Mark(2, 1, MONDAY + 2 * SECOND_MS)


def test_platforms_in_one_database_do_not_see_each_other(history_url: str) -> None:
    story = busy_story(10)
    with closing(History(history_url, PLATFORM)) as one, closing(History(history_url, "live-2")) as two:
        one.write(story.batches)
        two.write(story.batches[:1])
        assert len(two.balance_operations().rows) == 2
        assert two.orders().rows == ()
        two.clear()
        assert two.journal_position() == Mark()
        assert one.journal_position().number == 10
        assert len(one.balance_operations().rows) == 2


def test_a_comment_that_a_database_cannot_keep_does_not_stop_the_history(history: History) -> None:
    story = Story()
    history.write([story.tell(story.deposit(1001, 100, comment="a\0b", external_id="\0"), placed(1, 1001, comment="\0"))])
    (row,) = history.balance_operations().rows
    assert (row.comment, row.external_id) == ("a\ufffdb", "\ufffd")


# Orders.


def test_an_order_that_deals_at_once_is_filled_with_all_its_deals(history: History) -> None:
    """A netting account's order may close and open: two deals of one order, here even in two transactions."""
    story = Story()
    history.write([story.tell(story.deal(1001, 5, LOT, entry=Entry.OUT, position=2))])
    history.write([story.tell(story.deal(1001, 5, 2 * LOT))])
    order = history.order(5)
    assert order is not None
    assert (order.state, order.type, order.volume, order.filled, order.position) == (
        OrderOutcome.FILLED, OrderType.MARKET, 3 * LOT, 3 * LOT, 2,
    )  # fmt: skip
    assert [step.step for step in history.order_steps(5)] == [Step.FILLED, Step.FILLED]


@pytest.mark.parametrize("together", [True, False])
def test_a_pending_order_keeps_its_whole_story(history: History, together: bool) -> None:
    story = Story()
    story.tell(placed(7, 1001))
    story.tell(modified(7, 1001, 109_500))
    story.tell(story.deal(1001, 7, LOT // 4))
    story.tell(removed(7, 1001, Removal.VENUE, Refusal.VENUE_REJECTED, "no liquidity"))
    for batches in [story.batches] if together else [[batch] for batch in story.batches]:
        history.write(batches)
    order = history.order(7)
    assert order is not None
    assert (order.state, order.volume, order.filled, order.price) == (OrderOutcome.VENUE, LOT, LOT // 4, 109_500)
    assert (order.code, order.detail) == (Refusal.VENUE_REJECTED, "no liquidity")
    assert (order.placed_at, order.changed_at) == (MONDAY + 1_000, MONDAY + 4_000)
    steps = history.order_steps(7)
    assert [step.step for step in steps] == [Step.PLACED, Step.MODIFIED, Step.FILLED, Step.VENUE]
    assert [step.price for step in steps] == [109_000, 109_500, 110_000, 0]
    assert (steps[2].deal, steps[2].volume) == (1, LOT // 4)


@pytest.mark.parametrize("together", [True, False])
def test_a_pending_order_is_filled_when_its_deals_reach_its_volume(history: History, together: bool) -> None:
    story = Story()
    story.tell(placed(7, 1001))
    story.tell(story.deal(1001, 7, LOT // 4))
    story.tell(story.deal(1001, 7, 3 * LOT // 4))
    for batches in [story.batches] if together else [[batch] for batch in story.batches]:
        history.write(batches)
    order = history.order(7)
    assert order is not None
    assert (order.state, order.volume, order.filled) == (OrderOutcome.FILLED, LOT, LOT)


@pytest.mark.parametrize("together", [True, False])
def test_a_position_that_could_not_be_closed_leaves_its_order_filled(history: History, together: bool) -> None:
    story = Story()
    story.tell(story.deal(1001, 7))
    story.tell(removed(7, 1001, Removal.REFUSED, Refusal.MARKET_CLOSED, "stays open"))
    for batches in [story.batches] if together else [[batch] for batch in story.batches]:
        history.write(batches)
    order = history.order(7)
    assert order is not None
    assert (order.state, order.code) == (OrderOutcome.FILLED, None)


def test_working_orders_and_done_ones_are_listed_apart(history: History) -> None:
    story = Story()
    story.tell(placed(1, 1001), placed(2, 1001), placed(3, 1002), story.deal(1001, 4))
    story.tell(removed(1, 1001, Removal.EXPIRED))
    history.write(story.batches)
    assert [order.ticket for order in history.orders(working=True).rows] == [3, 2]
    assert [order.ticket for order in history.orders(working=True, login=1001).rows] == [2]
    done = history.orders(working=False, login=1001, newest_first=False).rows
    assert [(order.ticket, order.state) for order in done] == [(1, OrderOutcome.EXPIRED), (4, OrderOutcome.FILLED)]


def test_a_dealers_comment_replaces_that_of_the_order_in_the_same_batch_and_in_a_later_one(history: History) -> None:
    story = Story()
    story.tell(placed(1, 1001), story.deal(1001, 2), CommentChanged(1, 1001, "EURUSD", "first"))
    story.tell(CommentChanged(2, 1001, "EURUSD", "a \0 in it"))
    history.write(story.batches)
    assert [(order.ticket, order.comment) for order in history.orders(newest_first=False).rows] == [
        (1, "first"),
        (2, "a \ufffd in it"),
    ]


# Other rows.


def test_margin_events_swaps_and_days_are_kept_as_they_were_told(history: History) -> None:
    story = Story()
    cover = Posting("house/protection", "account/1001", 42, "USD", PostingKind.NEGATIVE_BALANCE)
    story.tell(
        MarginCalled(1001, 900, 1_000, 1_000, "EURUSD", 110_000, 110_010),
        StoppedOut(1001, 400, 1_000, 500, "EURUSD", 109_000, 109_010, "largest loss first", (9, 4, 17)),
        NegativeBalanceCovered(1001, 42, 0, (cover,)),
        SwapCharged(9, 1001, "EURUSD", -21, 3, -63),
    )
    history.write(story.batches)
    covered, stopped, called = history.margin_events(login=1001).rows
    assert (called.kind, called.line, called.bid) == (MarginEventKind.CALL, 1_000, 110_000)
    assert (stopped.kind, stopped.rule, stopped.closing) == (MarginEventKind.STOP_OUT, "largest loss first", "9 4 17")
    assert (covered.kind, covered.amount) == (MarginEventKind.NEGATIVE_BALANCE, 42)
    (swap,) = history.swaps(login=1001).rows
    assert (swap.amount, swap.nights, swap.position_swap) == (-21, 3, -63)
    (entry,) = history.ledger_entries(login=1001).rows
    assert (entry.source, entry.reference, entry.login) == (EntrySource.PROTECTION, 1001, 1001)


def test_each_posting_is_one_ledger_entry_with_its_place_and_reference(history: History) -> None:
    story = Story()
    hedge = Posting("venue", "house/hedge", 5, "JPY", PostingKind.HEDGE)
    story.tell(story.deposit(1001, 10_000), story.deal(1001, 3, profit=250))
    story.tell(HedgeBooked(8, "USDJPY", 0, LOT, 150_000, LOT, (hedge,)))  # type: ignore[arg-type]
    history.write(story.batches)
    entries = history.ledger_entries(newest_first=False).rows
    assert [(e.sequence, e.part, e.debit, e.credit, e.amount, e.source, e.reference) for e in entries] == [
        (1, 0, "bank", "account/1001", 10_000, EntrySource.OPERATION, 1),
        (2, 0, "account/1001", "house/commission", 700, EntrySource.DEAL, 2),
        (2, 1, "house/profit", "account/1001", 250, EntrySource.DEAL, 2),
        (3, 0, "venue", "house/hedge", 5, EntrySource.HEDGE, 8),
    ]
    assert [entry.login for entry in entries] == [1001, 1001, 1001, None]
    assert history.ledger_entries(currency="JPY").rows == entries[3:]
    assert history.ledger_entries(account="house/profit").rows == entries[2:3]
    assert history.ledger_entries(account="account/1001", newest_first=False).rows == entries[:3]


def test_an_entry_between_balance_and_credit_of_one_login_is_listed_once(history: History) -> None:
    story = Story()
    deposit = story.deposit(1001, 100)
    posting = Posting("credit/1001", "account/1001", 100, "USD", PostingKind.CREDIT)
    history.write([story.tell(type(deposit)(1, 1001, deposit.kind, 100, 100, 0, "", "", (posting,)))])
    assert len(history.ledger_entries(login=1001).rows) == 1


# Lists.


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("filters", [{}, {"login": 1001}, {"account": "house/commission"}])
def test_pages_put_together_are_the_whole_list(history: History, newest_first: bool, filters: dict[str, Any]) -> None:
    history.write(busy_story().batches)
    whole = history.ledger_entries(limit=1000, newest_first=newest_first, **filters)
    assert whole.cursor is None
    parts: list[LedgerEntryRow] = []
    cursor = None
    while True:
        page = history.ledger_entries(limit=3, cursor=cursor, newest_first=newest_first, **filters)
        assert 1 <= len(page.rows) <= 3
        parts += page.rows
        if (cursor := page.cursor) is None:
            break
    assert tuple(parts) == whole.rows
    keys = [(row.sequence, row.part) for row in parts]
    assert keys == sorted(keys, reverse=newest_first)


def test_a_cursor_is_not_moved_by_rows_that_are_added(history: History) -> None:
    story = busy_story(40)
    history.write(story.batches[:20])
    whole = history.deals(login=1001, limit=1000).rows
    first = history.deals(login=1001, limit=4)
    oldest = history.deals(login=1001, limit=4, newest_first=False)
    history.write(story.batches)
    assert first.rows + history.deals(login=1001, limit=1000, cursor=first.cursor).rows == whole
    assert (
        oldest.rows + history.deals(login=1001, limit=1000, cursor=oldest.cursor, newest_first=False).rows
        == history.deals(login=1001, limit=1000).rows[::-1]
    )


def test_lists_begin_at_since_and_end_before_until(history: History) -> None:
    story = Story()
    for amount in (1, 2, 3, 4):
        story.tell(story.deposit(1001, amount))
    history.write(story.batches)
    at = [batch.at for batch in story.batches]

    def amounts(**span: Any) -> list[int]:
        return [row.amount for row in history.balance_operations(login=1001, newest_first=False, **span).rows]

    assert amounts(since=at[1], until=at[3]) == [2, 3]
    assert amounts(since=at[1] + 1) == [3, 4]
    assert amounts(until=at[0]) == []
    assert amounts(until=at[3] + 1) == [1, 2, 3, 4]
    assert amounts(since=at[3] + 1) == []


def test_days_are_listed_by_day_and_login(history: History) -> None:
    history.write(busy_story().batches)
    first = history.days(limit=3, newest_first=False)
    assert [(row.day, row.login) for row in first.rows] == [(20_004, 1001), (20_004, 1002), (20_009, 1001)]
    rest = history.days(limit=3, newest_first=False, cursor=first.cursor)
    assert (rest.rows[0].day, rest.rows[0].login) == (20_009, 1002)
    assert [row.day for row in history.days(login=1002, since_day=20_009, until_day=20_019).rows] == [20_014, 20_009]


@pytest.mark.parametrize("cursor", ["", "?", "AAAA", "k2RlYWxz", "\u00e9"])
def test_text_that_is_no_cursor_is_refused(history: History, cursor: str) -> None:
    with pytest.raises(BadCursor):
        history.deals(cursor=cursor)


def test_a_cursor_of_another_list_or_order_is_refused(history: History) -> None:
    history.write(busy_story().batches)
    cursor = history.deals(limit=1).cursor
    with pytest.raises(BadCursor):
        history.orders(cursor=cursor)
    with pytest.raises(BadCursor):
        history.deals(cursor=cursor, newest_first=False)


def test_every_list_is_served_by_an_index(tmp_path: Path) -> None:
    """SQLite says SCAN or TEMP B-TREE where it would read or sort a whole table."""
    with closing(History(sqlite_history(tmp_path / "history.db"), PLATFORM)) as history:
        history.write(busy_story().batches)
        statements: list[tuple[str, Any]] = []
        event.listen(history._database, "before_cursor_execute", lambda c, cursor, s, p, *_: statements.append((s, p)))
        span: dict[str, Any] = {"since": MONDAY, "until": MONDAY + 10_000}
        history.deals(**span), history.deals(login=1001, **span), history.deals(symbol="EURUSD", **span)
        history.orders(), history.orders(login=1001), history.orders(working=True)
        history.orders(working=True, login=1001), history.order(1), history.order_steps(1)
        history.balance_operations(login=1001), history.swaps(login=1001), history.margin_events(login=1001)
        history.days(login=1001), history.days()
        asked = [(s, p) for s, p in statements if s.startswith("SELECT")]
        assert len(asked) == 14
        with history.reading() as connection:
            for statement, parameters in asked:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                problems = [row[3] for row in plan if row[3].startswith("SCAN") and "CONSTANT" not in row[3]]
                assert not problems, (statement, plan)
                if "UNION" not in statement:
                    assert not any("TEMP B-TREE" in row[3] for row in plan), (statement, plan)
