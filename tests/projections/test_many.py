"""Many accounts are asked for in one question, and each is told what it is told when it is asked for alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    CancelOrder,
    ClosePosition,
    ModifyOrder,
    OpenAccount,
    OrderType,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.messages.groups import Commission, CommissionType, GroupSpec
from prorata.messages.postings import PostingKind
from prorata.projections.history import History
from prorata.projections.many import NAMES_WALKED, LedgerChoice, ManyAccounts, OrderChoice, Wanted
from prorata.projections.rows import OrderOutcome
from prorata.projections.trade_history import TradeHistory
from prorata.units.numbers import SECOND_MS
from tests.projections.happened import LOT
from tests.projections.test_trade_history import Told
from tests.trading.crowd import MONDAY
from tests.trading.words import new_symbol

ALL = frozenset(PostingKind) - {PostingKind.CREDIT}
LOGINS = (1001, 1002, 1003)


@pytest.fixture
def many(tmp_path: Path, history: History) -> tuple[ManyAccounts, TradeHistory, History]:
    """Three accounts, each with money in and out, credit in and out, a position closed in parts, and three orders."""
    told = Told(tmp_path)
    commission = Commission(CommissionType.PER_LOT, 333)
    told.do(PutSymbol(new_symbol("EURUSD")))
    told.do(PutGroup(GroupSpec(name="g", currency="USD", leverage=100, commission=commission)))
    told.do(Quotes((Quote("EURUSD", 110_000, 110_010),)))
    for login in LOGINS:
        told.do(OpenAccount("g", login))
        for kind, amount in (("DEPOSIT", 1_000_000), ("CREDIT_IN", 500), ("WITHDRAWAL", 100), ("CREDIT_OUT", 200)):
            told.now += SECOND_MS
            told.do(BookBalance(login, BalanceKind[kind], amount, comment=f"{kind} {login}"))
        told.do(PlaceOrder(login, "EURUSD", Side.BUY, LOT))
        position = next(iter(told.engine.desk.state.accounts[login].positions))
        told.do(ClosePosition(login, position, LOT // 4))
        told.do(ClosePosition(login, position))
        for _ in range(3):
            told.do(PlaceOrder(login, "EURUSD", Side.BUY, LOT, OrderType.LIMIT, 100_000))
        first, second, _ = told.engine.desk.state.accounts[login].orders
        told.do(CancelOrder(login, first))
        told.now += SECOND_MS
        told.do(ModifyOrder(login, second, 99_000))
    history.write(told.batches)
    return ManyAccounts(history), TradeHistory(history), history


@contextmanager
def counted(history: History) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(history._database, "before_cursor_execute", note)
    yield asked
    event.remove(history._database, "before_cursor_execute", note)


def test_ledgers_of_many_accounts_are_one_question(many: tuple[ManyAccounts, TradeHistory, History]) -> None:
    asked, _, history = many
    everything = LedgerChoice(kinds=ALL, credit_in=True, credit_out=True)
    assert 2 * len(LOGINS) > NAMES_WALKED, "many are asked for in another way than one"
    for wanted in (
        Wanted(limit=1_000),
        Wanted(limit=2),
        Wanted(since=MONDAY + 6 * SECOND_MS, until=MONDAY + 9 * SECOND_MS, limit=9),
    ):
        with counted(history) as questions:
            found = asked.ledger_entries(LOGINS, everything, wanted)
        assert len(questions) == 1
        for login in LOGINS:
            page = history.ledger_entries(login=login, since=wanted.since, until=wanted.until, limit=1_000, newest_first=False)
            assert found.get(login, []) == list(page.rows)[: wanted.limit]
            assert asked.ledger_entries([login], everything, wanted).get(login, []) == found.get(login, [])
    assert sum(map(len, found.values())) > 0


def test_credit_is_told_apart_by_where_it_goes(many: tuple[ManyAccounts, TradeHistory, History]) -> None:
    asked, _, _ = many
    for given, taken, amounts in ((True, False, [500]), (False, True, [200]), (True, True, [500, 200]), (False, False, [])):
        chosen = LedgerChoice(kinds=frozenset(), credit_in=given, credit_out=taken)
        found = asked.ledger_entries(LOGINS, chosen, Wanted(limit=10))
        assert [row.amount for row in found.get(1002, [])] == amounts
    comments = asked.comments([1002], Wanted(limit=10))
    assert sorted(comments.values()) == [f"{kind} 1002" for kind in ("CREDIT_IN", "CREDIT_OUT", "DEPOSIT", "WITHDRAWAL")]


def test_orders_of_many_accounts_are_one_question(many: tuple[ManyAccounts, TradeHistory, History]) -> None:
    asked, trades, history = many
    everything = OrderChoice(done=frozenset(OrderOutcome) - {OrderOutcome.WORKING}, placed=True, changed=True)
    for limit in (1_000, 2):
        with counted(history) as questions:
            found = asked.orders_changed(LOGINS, everything, Wanted(limit=limit))
        assert len(questions) == 1
        for login in LOGINS:
            assert found[login] == trades.orders_changed(login)[:limit]
    for placed, changed in ((True, False), (False, True)):
        chosen = OrderChoice(done=frozenset(), placed=placed, changed=changed)
        rows = asked.orders_changed(LOGINS, chosen, Wanted(limit=10))
        assert [len(rows[login]) for login in LOGINS] == [1, 1, 1]
        assert all((row.last_sequence == row.sequence) == placed for several in rows.values() for row in several)
    one = found[1002][0].ticket
    named = OrderChoice(done=everything.done, placed=True, changed=True, tickets=frozenset({one}))
    assert [row.ticket for row in asked.orders_changed(LOGINS, named, Wanted(limit=10))[1002]] == [one]


def test_closings_of_many_accounts_take_as_many_questions_as_those_of_one(
    many: tuple[ManyAccounts, TradeHistory, History],
) -> None:
    _, trades, history = many
    with counted(history) as questions:
        found = trades.closings_of_many(LOGINS)
    assert len(questions) == 3
    assert len(found) == 2 * len(LOGINS)
    for login in LOGINS:
        assert [one for one in found if one.login == login] == trades.closings(login)
