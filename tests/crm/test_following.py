"""What happens to trading accounts of the CRM is handed over once and in order, with what follows from it, or not at all."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.following import Heard, positions
from prorata.crm.tables import timeline
from prorata.messages.commands import BalanceKind, BookBalance, OpenAccount
from prorata.messages.events import BalanceBooked, GroupPut
from prorata.projections.marks import Mark, RebuildNeeded
from tests.crm.desk import Desk, Failing


class Booked:
    """Writes each booking into the account's timeline; fails at some of them."""

    def __init__(self, desk: Desk) -> None:
        self.heard: list[Heard] = []
        self.fails_at: set[int] = set()
        desk.crm.following.on(BalanceBooked, self.hear)

    def hear(self, connection: Connection, heard: Heard) -> None:
        assert isinstance(heard.event, BalanceBooked)
        self.heard.append(heard)
        text = f"booked {heard.event.amount}"
        tell(connection, heard.trading_account.account_id, TimelineEvent.SUCCESSFUL_DEPOSIT, text, "", heard.at)
        if heard.event.amount in self.fails_at:
            raise Failing


def lines(desk: Desk) -> list[str]:
    query = select(timeline.c.details).where(timeline.c.details.like("booked %")).order_by(timeline.c.id)
    with desk.control.database.reading() as connection:
        return list(connection.execute(query).scalars())


def test_each_event_of_a_trading_account_is_handed_over_once_and_in_order(desk: Desk) -> None:
    booked = Booked(desk)
    opened = desk.trading_account(desk.account(), money=100_00)
    desk.follow()
    desk.engines._apply(BookBalance(opened.login, BalanceKind.WITHDRAWAL, 30_00), "")
    desk.follow()
    desk.follow()
    assert lines(desk) == ["booked 10000", "booked -3000"]
    first, second = booked.heard
    assert (first.trading_account.uuid, first.trading_account.currency) == (opened.uuid, "USD")
    assert first.sequence < second.sequence
    assert second.at == desk.engines.now


def test_what_happens_to_accounts_of_others_is_passed_over(desk: Desk) -> None:
    booked = Booked(desk)
    for login in (1_001, 30_000_001):
        desk.engines._apply(OpenAccount("retail-usd", login), "")
        desk.engines._apply(BookBalance(login, BalanceKind.DEPOSIT, 5_00), "")
    desk.follow()
    assert booked.heard == []


def test_a_handler_that_fails_undoes_what_others_wrote_and_is_called_again(desk: Desk) -> None:
    booked = Booked(desk)
    opened = desk.trading_account(desk.account(), money=1_00)
    desk.engines._apply(BookBalance(opened.login, BalanceKind.DEPOSIT, 2_00), "")
    booked.fails_at = {2_00}
    with pytest.raises(Failing):
        desk.follow()
    assert lines(desk) == []
    booked.fails_at = set()
    desk.follow()
    assert lines(desk) == ["booked 100", "booked 200"]


def test_after_a_crash_it_goes_on_where_it_was(desk: Desk) -> None:
    Booked(desk)
    opened = desk.trading_account(desk.account(), money=1_00)
    desk.follow()
    desk.start()
    Booked(desk)
    desk.engines._apply(BookBalance(opened.login, BalanceKind.DEPOSIT, 2_00), "")
    desk.follow()
    assert lines(desk) == ["booked 100", "booked 200"]


def test_a_gap_is_noticed_and_nothing_is_handed_over(desk: Desk) -> None:
    Booked(desk)
    desk.trading_account(desk.account(), money=1_00)
    begun = desk.follower.journal_position().number
    fresh = [batch for batch in desk.engines.published if batch.number > begun]
    with pytest.raises(RebuildNeeded):
        desk.follower.write(fresh[1:])
    assert lines(desk) == []


def test_a_platform_is_followed_from_where_it_is_and_from_where_it_was_put_back_to(desk: Desk) -> None:
    opened = desk.trading_account(desk.account(), money=1_00)
    machine = desk.engines.machine
    late = desk.crm.following.follower("another", "another")
    late.begin(Mark(machine.number, machine.sequence, desk.engines.now))
    assert late.journal_position().sequence == machine.sequence
    late.begin(Mark(2, 2, 5))
    assert late.journal_position() == Mark(2, 2, 5)
    with desk.control.database.reading() as connection:
        row = connection.execute(select(positions).where(positions.c.platform_uuid == "another")).one()
    assert (row.number, row.sequence) == (2, 2)
    assert opened.login


def test_only_events_of_trading_accounts_can_be_heard(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="GroupPut"):
        desk.crm.following.on(GroupPut, lambda _connection, _heard: None)
