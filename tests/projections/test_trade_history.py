"""Closed positions and parts, from the deals of the real engine."""

from collections import defaultdict
from pathlib import Path

import pytest

from prorata.messages.batch import Published
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    ClosePosition,
    Command,
    OpenAccount,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.messages.dealer_commands import DealerComment
from prorata.messages.events import Dealt, Entry, Reason
from prorata.messages.groups import Commission, CommissionType, GroupSpec
from prorata.projections.history import History
from prorata.projections.trade_history import TradeHistory
from prorata.trading.engine import Engine
from prorata.units.numbers import SECOND_MS
from tests.databases import sqlite_history
from tests.projections.happened import LOT
from tests.trading.crowd import MONDAY, command_of, moment_after, opening
from tests.trading.test_laws import long_day
from tests.trading.words import new_symbol


class Told:
    """An engine whose events go into a history, one batch a command."""

    def __init__(self, folder: Path) -> None:
        self.engine = Engine()
        self.history = History(sqlite_history(folder / "history.db"), "test")
        self.now = MONDAY
        self.batches: list[Published] = []
        self.sequence = 0

    def do(self, command: Command) -> None:
        events = [*self.engine.advance(self.now), *self.engine.apply(command, self.now)]
        told = tuple(event for event in events if type(event).__name__ not in ("Refused", "Repeated"))
        if told:
            self.batches.append(Published(len(self.batches) + 1, self.now, self.sequence + 1, told))
            self.sequence += len(told)

    def write(self) -> TradeHistory:
        self.history.write(self.batches)
        return TradeHistory(self.history)


def desk(folder: Path) -> Told:
    """Account 1001, with 3.33 of commission a lot and deal."""
    told = Told(folder)
    commission = Commission(CommissionType.PER_LOT, 333)
    told.do(PutSymbol(new_symbol("EURUSD")))
    told.do(PutGroup(GroupSpec(name="desk", currency="USD", commission=commission)))
    told.do(OpenAccount("desk", 1001))
    told.do(BookBalance(1001, BalanceKind.DEPOSIT, 1_000_000))
    told.do(Quotes((Quote("EURUSD", 110_000, 110_010),)))
    return told


def test_what_opening_cost_is_shared_among_the_parts_to_the_cent(tmp_path: Path) -> None:
    told = desk(tmp_path)
    told.do(PlaceOrder(1001, "EURUSD", Side.BUY, LOT, comment="mine"))
    told.now += 60 * SECOND_MS
    told.do(ClosePosition(1001, 1, LOT // 4))
    told.do(ClosePosition(1001, 1, LOT // 4))
    assert told.engine.desk.state.accounts[1001].positions[1].commission == -167
    told.do(DealerComment(1001, 1, "goodwill"))
    told.do(ClosePosition(1001, 1))
    first, second, last = told.write().closings(1001)
    # 3.33 / 4 = 0.8325; then a third of 2.50; the rest. Closing a quarter of a lot costs 0.84.
    assert [closing.commission for closing in (first, second, last)] == [-83 - 84, -83 - 84, -167 - 167]
    assert [(closing.volume, closing.left) for closing in (first, second, last)] == [
        (LOT // 4, LOT * 3 // 4), (LOT // 4, LOT // 2), (LOT // 2, 0),
    ]  # fmt: skip
    assert (last.opened_at, last.closed_at) == (MONDAY, MONDAY + 60 * SECOND_MS)
    assert (last.side, last.open_price, last.close_price, last.profit) == (Side.BUY, 110_010, 110_000, -500)
    assert (last.open_reason, last.close_reason, last.comment) == (Reason.CLIENT, Reason.CLIENT, "goodwill")


def test_a_span_has_the_closings_within_it_though_they_were_opened_before(tmp_path: Path) -> None:
    told = desk(tmp_path)
    moments = []
    told.do(PlaceOrder(1001, "EURUSD", Side.SELL, LOT))
    for _ in range(4):
        told.now += 60 * SECOND_MS
        moments.append(told.now)
        told.do(ClosePosition(1001, 1, LOT // 4))
    closings = told.write()
    everything = closings.closings(1001)
    assert [closing.closed_at for closing in everything] == moments
    assert closings.closings(1001, since=moments[1], until=moments[3]) == everything[1:3]
    assert closings.closings(1001, since=moments[3] + 1) == []
    assert closings.closings(1002) == []
    assert closings.closings_of_position(1) == everything
    assert closings.closings_of_position(2) == []
    assert [closings.closing_at(closing.sequence) for closing in everything] == everything
    assert closings.closing_at(1) is None


@pytest.mark.parametrize("seed", range(3))
def test_closings_and_what_is_open_sum_to_the_deals(tmp_path: Path, seed: int) -> None:
    told = Told(tmp_path)
    for command in opening(seed % 2 * 100):
        told.do(command)
    for step in long_day(seed):
        told.now = moment_after(told.now, step)
        told.do(command_of(told.engine.desk, step))
    dealt: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for batch in told.batches:
        for event in batch.events:
            if isinstance(event, Dealt):
                for place, amount in enumerate((event.profit, event.commission, event.swap)):
                    dealt[event.login, event.position][place] += amount
    closings, closed = told.write(), 0
    for login, account in told.engine.desk.state.accounts.items():
        for position in account.positions.values():
            dealt[login, position.ticket][1] -= position.commission
        for closing in closings.closings(login):
            closed += 1
            for place, amount in enumerate((closing.profit, closing.commission, closing.swap)):
                dealt[login, closing.position][place] -= amount
    assert closed == sum(
        isinstance(event, Dealt) and event.entry == Entry.OUT for batch in told.batches for event in batch.events
    )
    assert closed > 15
    assert {tuple(left) for left in dealt.values()} == {(0, 0, 0)}
