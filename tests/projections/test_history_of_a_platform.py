"""One claim, told with the real engine, writer and journal: the tables are what happened, whatever was killed on the way."""

import asyncio
import random
from contextlib import closing
from pathlib import Path

from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    CancelOrder,
    CloseAll,
    ClosePosition,
    Command,
    HedgeEnded,
    HedgeFilled,
    OpenAccount,
    OrderType,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Side,
)
from prorata.messages.events import HedgeRequested
from prorata.messages.groups import Commission, CommissionType, GroupSpec
from prorata.projections.history import History, rebuild, replayed
from prorata.projections.ledger import verify, verify_events, verify_state
from prorata.projections.projector import Projector
from prorata.projections.rows import OrderOutcome
from prorata.server.ports import JournalFailed
from prorata.server.writer import Applied, Writer
from prorata.storage.journals import open_journal
from prorata.units.numbers import DAY_MS, SECOND_MS, VOLUME_PER_LOT, Moment

from .conftest import PLATFORM
from .test_history import contents

LOGINS = range(1001, 1007)
SOON = 10.0
WEDNESDAY_NOON: Moment = 1_752_667_200_000


class Hands:
    """The crowd, the market, the venue and the clock of a small broker; seeded."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        self.at = WEDNESDAY_NOON
        self.price = 110_000
        self.requested: list[HedgeRequested] = []

    def now(self) -> Moment:
        self.at += SECOND_MS
        return self.at

    def hear(self, applied: Applied) -> None:
        self.requested += [event for event in applied.events if isinstance(event, HedgeRequested)]

    def quote(self) -> Quote:
        self.price = max(80_000, self.price + self.chance.randint(-900, 900))
        return Quote("EURUSD", self.price, self.price + 8)

    def answer_of_venue(self) -> Command | None:
        if not self.requested:
            return None
        order = self.requested.pop(0)
        if self.chance.random() < 0.3:
            return HedgeEnded(order.order, "rejected")
        return HedgeFilled(order.order, f"x{order.order}", order.volume, self.price, True)

    def wish(self, writer: Writer) -> Command:
        login = self.chance.choice(LOGINS)
        account = writer.engine.desk.state.accounts[login]
        side = self.chance.choice((Side.BUY, Side.SELL))
        volume = self.chance.randint(1, 40) * VOLUME_PER_LOT // 10
        kind = self.chance.random()
        if kind < 0.45:
            return PlaceOrder(login, "EURUSD", side, volume)
        if kind < 0.65:
            away = -500 if side == Side.BUY else 500
            return PlaceOrder(login, "EURUSD", side, volume, OrderType.LIMIT, self.price + away)
        if kind < 0.8 and account.positions:
            return ClosePosition(login, next(iter(account.positions)))
        if kind < 0.85:
            return CloseAll(login)
        if kind < 0.92 and account.orders:
            return CancelOrder(login, next(iter(account.orders)))
        if kind < 0.96:
            return BookBalance(login, self.chance.choice((BalanceKind.CREDIT_IN, BalanceKind.CREDIT_OUT)), 5_000)
        return BookBalance(login, BalanceKind.DEPOSIT, self.chance.randint(1, 900_000))


async def configure(writer: Writer) -> None:
    per_lot = Commission(CommissionType.PER_LOT, 350)
    await writer.submit(PutSymbol(next(spec for spec in default_symbols(2025) if spec.name == "EURUSD")))
    await writer.submit(PutGroup(GroupSpec(name="ours", currency="USD", commission=per_lot)))
    await writer.submit(PutGroup(GroupSpec(name="venue", currency="USD", hedging=False, a_book_percent=50)))
    await writer.submit(PutGroup(GroupSpec(name="late", currency="USD", execution_delay_ms=2_000)))
    for place, login in enumerate(LOGINS):
        await writer.submit(OpenAccount(("ours", "venue", "late")[place % 3], login))
        await writer.submit(BookBalance(login, BalanceKind.DEPOSIT, 300_000))


async def live(journal_url: str, history: History, hands: Hands, turns: int, *, killed: bool) -> None:
    """Run the platform for a while. Killed: the projector and the writer end wherever they are."""
    journal = open_journal(journal_url, PLATFORM)
    writer = Writer(PLATFORM, journal, clock=hands)
    await writer.start()
    writer.listen(hands.hear)
    projector = Projector(history, writer)
    projector.start()
    if not writer.engine.desk.state.accounts:
        await configure(writer)
    for turn in range(turns):
        writer.quote([hands.quote()])
        answer = hands.answer_of_venue() if turn % 3 == 0 else None
        await writer.submit(hands.wish(writer) if answer is None else answer)
        if turn == turns // 2:
            hands.at += DAY_MS
    if killed:
        await projector.stop()
        journal.append = _dead  # type: ignore[assignment, method-assign]
    else:
        assert await projector.wait_for(writer.number, SOON)
        assert (report := verify(history, writer.engine.desk.state)).balanced, report.differences
        assert verify_state(writer.engine.desk.state).balanced
        events = [event for batch in replayed(journal) for event in batch.events]
        assert verify_events(events, writer.engine.desk.state).balanced
        _orders_agree(history, writer)
        await projector.stop()
    await writer.stop()


def _dead(*_: object) -> None:
    raise JournalFailed("killed")


def _orders_agree(history: History, writer: Writer) -> None:
    """The orders that wait are those that the engine has, with what they have filled."""
    kept = {t: o for account in writer.engine.desk.state.accounts.values() for t, o in account.orders.items()}
    working = history.orders(working=True, limit=1000).rows
    assert {order.ticket: (order.volume, order.filled, order.price) for order in working} == {
        ticket: (order.volume, order.filled, order.price) for ticket, order in kept.items()
    }


def test_the_tables_are_what_happened_and_the_ledger_proves_it(history: History, tmp_path: Path) -> None:
    journal_url = f"sqlite:///{tmp_path}/journal.db"
    hands = Hands()
    for killed in (True, True, False):
        asyncio.run(asyncio.wait_for(live(journal_url, history, hands, 150, killed=killed), 4 * SOON))
    outcomes = {order.state for order in history.orders(limit=1000).rows}
    assert {OrderOutcome.FILLED, OrderOutcome.CANCELLED, OrderOutcome.VENUE} <= outcomes
    assert all(deal.position_volume >= 0 for deal in history.deals(limit=1000).rows)
    assert history.margin_events().rows
    assert history.swaps().rows
    assert history.days().rows
    followed = contents(history)
    with closing(open_journal(journal_url, PLATFORM)) as journal:
        rebuild(history, replayed(journal))
    rebuilt = contents(history)
    for tables in (followed, rebuilt):
        del tables["history_marks"]
    assert rebuilt == followed
