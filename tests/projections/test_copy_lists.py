"""Claims about the questions to the history of copy trading, each on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from prorata.messages.copy_terms import CommandStatus, InvestmentState, InvestmentType, TransferType
from prorata.projections.asked import Asked
from prorata.projections.copying import details as copy_details
from prorata.projections.copying import storing as copy_storing
from prorata.projections.copying import sums as copy_sums
from prorata.projections.copying.codes import CopyDealType, CopyEntry, ReservationState
from prorata.projections.copying.filters import (
    ClientFilter,
    CommandFilter,
    CompanyDayFilter,
    DealFilter,
    FeeFilter,
    FillFilter,
    IntervalFilter,
    InvestmentDayFilter,
    InvestmentFilter,
    OfferFilter,
    RequestFilter,
    ReservationFilter,
    SignalFilter,
    StateFilter,
    StrategyDayFilter,
    StrategyFilter,
    SwapFilter,
    SymbolFilter,
    TransferFilter,
    TrimmedFilter,
    WalletFilter,
)
from prorata.projections.copying.lists import CopyLists
from prorata.projections.copying.total_rows import ChargeRow, CompanyDayRow, InvestmentTotalsRow, RewardRow
from prorata.projections.history import History
from prorata.projections.paging import BadCursor
from prorata.units.numbers import SECOND_MS
from tests.databases import postgresql_history, sqlite_history

from .copied import COMPANY, Copying, busy_copying, lots
from .happened import LOT, MONDAY


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return sqlite_history(tmp_path_factory.mktemp("tables") / "history.db")
    return postgresql_history()


@pytest.fixture(scope="module", params=["small", "large"])
def lists(database: str, request: pytest.FixtureRequest) -> Iterator[CopyLists]:
    """A busy history that is only read; once more with every block of two a large one, and totals added up on the way."""
    with closing(History(database, request.param)) as history, pytest.MonkeyPatch.context() as patched:
        if request.param == "large":
            patched.setattr(copy_sums, "WAITING_MAX", 9)
            for module in (copy_details, copy_storing):
                patched.setattr(module, "LARGE", 2)
        history.write(busy_copying().batches)
        yield CopyLists(history)


def second(number: int) -> int:
    return MONDAY + number * SECOND_MS


def parts(asked: Asked[Any], limit: int, *, newest_first: bool) -> list[Any]:
    """Read a list part by part."""
    found: list[Any] = []
    cursor = None
    while True:
        page = asked.part(cursor=cursor, limit=limit, newest_first=newest_first)
        found += page.rows
        cursor = page.cursor
        if cursor is None:
            return found


# Deals.


def test_a_deal_tells_all_that_it_shares_with_others(lists: CopyLists) -> None:
    deal = lists.deals(DealFilter(deal=14)).one()
    assert deal is not None
    assert (deal.at, deal.strategy, deal.client, deal.wallet, deal.company) == (second(16), 1, 1, 1, COMPANY)
    assert (deal.investment, deal.investment_type, deal.type, deal.entry) == (
        10, InvestmentType.OWN, CopyDealType.SELL, CopyEntry.INOUT,
    )  # fmt: skip
    assert (deal.symbol, deal.price, deal.signal, deal.request, deal.stream) == ("EURUSD", 110_110, 2, 0, 0)
    assert (deal.profit, deal.swap, deal.commission, deal.total, deal.balance) == (2_100, -4, 7, 2_089, 102_067)
    assert (deal.closed, deal.held, deal.open_price) == (LOT // 5, -LOT // 10, 110_110)
    filled = lists.deals(DealFilter(deal=10)).one()
    assert filled is not None
    assert (filled.request, filled.fill, filled.stream, filled.commission) == (501, 2, 1, 11)
    assert lists.deals(DealFilter(deal=999)).one() is None


@pytest.mark.parametrize(
    ("given", "deals"),
    [
        (DealFilter(investment=13), [3, 7, 11, 15, 18, 20]),
        (DealFilter(client=3), [3, 7, 11, 15, 18, 20]),
        (DealFilter(wallet=6, type=CopyDealType.BALANCE), [5, 26, 27]),
        (DealFilter(client=3, wallet=6), []),
        (DealFilter(strategy=2), [2, 22, 23, 24]),
        (DealFilter(signal=1), list(range(6, 14))),
        (DealFilter(signal=1, investment=14), [8, 12]),
        (DealFilter(command=1), [25]),
        (DealFilter(request=501, test=0), [6, 7, 8, 10, 11, 12]),
        (DealFilter(symbol="XAUUSD"), [22, 23, 24]),
        (DealFilter(type=(CopyDealType.FEE, CopyDealType.REJECTED_BUY)), [19, 20, 21]),
        (DealFilter(investment_type=InvestmentType.EXTERNAL), [4, 8, 12, 16, 19, 21, 0]),
        (DealFilter(since=second(20), until=second(22)), [22, 23]),
        (DealFilter(client=6, since=second(20)), [25, 26, 27]),
        (DealFilter(company=COMPANY + 1), []),
        (DealFilter(company=COMPANY, test=1), [5, 9, 13, 17, 25, 26, 27]),
    ],
)
def test_deals_are_narrowed_by_anything(lists: CopyLists, given: DealFilter, deals: list[int]) -> None:
    asked = lists.deals(given)
    assert [deal.deal for deal in asked.all()] == deals
    assert asked.count() == len(deals)
    assert [deal.deal for deal in parts(asked, 2, newest_first=False)] == deals
    assert [deal.deal for deal in parts(asked, 3, newest_first=True)] == deals[::-1]


def test_pages_are_ordered_by_any_field_and_know_how_many_there_are(lists: CopyLists) -> None:
    asked = lists.deals(DealFilter(strategy=1, type=(CopyDealType.BUY, CopyDealType.SELL)))
    by_profit = asked.page(order="profit", descending=True, limit=3)
    assert ([row.profit for row in by_profit.rows], by_profit.total) == ([3_150, 2_100, 1_050], 13)
    last = asked.page(order="profit", offset=12, limit=3)
    assert [row.profit for row in last.rows] == [3_150]
    assert asked.page(offset=13).rows == ()
    ties = asked.page(order="symbol", limit=4)
    assert [row.deal for row in ties.rows] == [6, 7, 8, 9]


def test_a_cursor_of_another_list_is_refused(lists: CopyLists) -> None:
    cursor = lists.deals(DealFilter()).part(limit=1).cursor
    with pytest.raises(BadCursor):
        lists.trimmed(TrimmedFilter()).part(cursor=cursor)


def test_sums_of_deals_are_those_of_the_list(lists: CopyLists) -> None:
    given = DealFilter(investment=16, type=(CopyDealType.BUY, CopyDealType.SELL))
    sums = lists.deal_sums(given)
    listed = lists.deals(given).all()
    assert (sums.deals, sums.profit, sums.swap) == (len(listed), -2_000, -4)
    assert (sums.commission, sums.total) == (sum(d.commission for d in listed), sum(d.total for d in listed))
    nothing = lists.deal_sums(DealFilter(investment=99))
    assert (nothing.deals, nothing.total) == (0, 0)


# Closed positions.


def test_each_deal_that_closes_something_is_a_closed_position(lists: CopyLists) -> None:
    found = lists.closed_positions(20).all()
    assert [(row.ticket, row.deal_in, row.deal_out, row.volume, row.profit) for row in found] == [
        ("t1", 22, 23, LOT // 4, 2_500),
        ("t1", 22, 24, 3 * LOT // 4, -7_500),
    ]
    first = found[0]
    assert (first.type, first.open_price, first.close_price) == (CopyDealType.BUY, 200_000, 200_100)
    assert (first.opened_at, first.closed_at, first.position) == (second(20), second(21), 2 << 24)
    assert first.total == first.profit - first.broker_commission


def test_a_position_s_price_is_the_average_of_what_it_was_bought_at(lists: CopyLists) -> None:
    (closed,) = lists.closed_positions(10).all()
    assert (closed.deal_in, closed.deal_out, closed.volume, closed.open_price) == (6, 14, LOT // 5, 110_005)


def test_a_reversal_closes_one_position_and_opens_the_next(history: History) -> None:
    story = Copying()
    story.tell(story.wallet(1, 1), *story.strategy(1, 1))
    for volume, price in ((LOT, 100), (LOT, 101), (-3 * LOT, 105), (-LOT, 107), (2 * LOT, 100)):
        story.tell(story.copied(1, {10: volume}, price))
    history.write(story.batches)
    found = CopyLists(history).closed_positions(10).all()
    assert [(row.type, row.deal_in, row.deal_out, row.volume, row.open_price, row.close_price) for row in found] == [
        (CopyDealType.BUY, 2, 4, 2 * LOT, 100, 105),  # 100.5: to the even neighbour
        (CopyDealType.SELL, 4, 6, 2 * LOT, 106, 100),
    ]


# Signals and what came of them.


def test_signals_say_how_many_deals_came_of_them(lists: CopyLists) -> None:
    found = lists.signals(SignalFilter(strategy=1)).all()
    assert [(row.signal, row.deals, row.comment, row.processed_at) for row in found] == [
        (1, 8, "", second(14)),
        (2, 4, "turn", second(16)),
    ]
    asked = lists.signals(SignalFilter(since=second(20), until=second(22), company=COMPANY))
    assert [row.signal for row in asked.all()] == [3, 4]
    assert [row.signal for row in lists.signals(SignalFilter(symbol="XAUUSD", ticket="t1")).all()] == [3, 4, 5]


def test_why_a_volume_was_another_is_found_by_signal_and_by_investment(lists: CopyLists) -> None:
    assert [(row.investment, row.reasons) for row in lists.trimmed(TrimmedFilter(signal=1)).all()] == [(13, 1), (16, 4)]
    (mine,) = lists.trimmed(TrimmedFilter(investment=16)).all()
    assert (mine.client, mine.signal, mine.asked, mine.given, mine.at) == (6, 1, 5_000, 10_000, second(12))


def test_fills_are_found_by_request_price_and_execution(lists: CopyLists) -> None:
    (request,) = lists.fill_requests(RequestFilter(stream=1, symbol="EURUSD")).all()
    assert (request.ticket, request.filled, request.rejected, request.ended_at) == (501, 90_000_000, 0, second(15))
    fills = [FillFilter(request=501), FillFilter(price_from=110_001), FillFilter(price_to=110_009), FillFilter(execution="x2")]
    assert [[fill.fill for fill in lists.fills(given).all()] for given in fills] == [[1, 2], [2], [1], [2]]


def test_commands_tell_how_they_ended(lists: CopyLists) -> None:
    command = lists.commands(CommandFilter(command=1)).one()
    assert command is not None
    assert (command.investment, command.status, command.ended_at) == (16, CommandStatus.OK, second(25))
    assert lists.commands(CommandFilter(command=2)).one() is None


def test_a_limit_is_a_state_that_a_quote_caused(lists: CopyLists) -> None:
    (hit,) = lists.states(StateFilter(limits=True)).all()
    assert (hit.investment, hit.state, hit.symbol, hit.bid, hit.ask, hit.equity) == (
        13, InvestmentState.PROTECTING, "EURUSD", 109_000, 109_008, 202_832,
    )  # fmt: skip
    own = lists.states(StateFilter(investment=16)).all()
    assert [(row.state, row.command) for row in own] == [
        (InvestmentState.FLAT, 0), (InvestmentState.PAUSING, 1), (InvestmentState.PAUSED, 1), (InvestmentState.CLOSED, 0),
    ]  # fmt: skip


# Money that falls due.


def test_fees_name_their_interval_and_shares(lists: CopyLists) -> None:
    assert [(row.investment, row.interval, row.fee) for row in lists.fees(FeeFilter(strategy=1)).all()] == [
        (13, 1, 285),
        (14, 1, 100),
    ]
    (mine,) = lists.fees(FeeFilter(client=3, interval=1)).all()
    assert (mine.trader_share, mine.partner_share, mine.broker_share, mine.partner_wallet, mine.deal) == (250, 25, 10, 5, 20)
    assert [row.base for row in lists.interval_results(FeeFilter(investment=16)).all()] == [200_492]
    (interval,) = lists.intervals(IntervalFilter(strategy=1)).all()
    assert (interval.began_at, interval.ended_at, interval.next_interval) == (second(7), second(19), 2)
    assert [row.amount for row in lists.swaps(SwapFilter(investment=13)).all()] == [-4]


# Days.


def test_series_are_in_the_order_of_days(lists: CopyLists) -> None:
    days = lists.strategy_days(StrategyDayFilter(strategy=1)).all()
    assert [(row.day, row.own_equity, row.investments) for row in days] == [(20_000, 102_072, 4), (20_001, 102_072, 4)]
    assert [row.day for row in lists.strategy_days(StrategyDayFilter(strategy=(1, 2), since_day=20_001)).all()] == [20_001] * 2
    own = lists.investment_days(InvestmentDayFilter(investment=13)).all()
    assert [(row.day, row.equity, row.balance) for row in own] == [(20_000, 203_122, 203_117), (20_001, 202_837, 202_832)]
    assert [row.day for row in lists.investment_days(InvestmentDayFilter(investment=13, until_day=20_001)).all()] == [20_000]


def test_a_company_s_days_carry_the_balance_of_its_wallets_on(lists: CopyLists) -> None:
    assert lists.company_days(CompanyDayFilter(company=COMPANY)).all() == (
        CompanyDayRow(COMPANY, "USD", 20_000, second(18), 4, 606_221, 606_201, 4_400_000),
        CompanyDayRow(COMPANY, "USD", 20_001, second(30), 4, 601_815, 601_795, 4_393_375),
    )
    (second_day,) = lists.company_days(CompanyDayFilter(company=COMPANY, since_day=20_001)).all()
    assert second_day.wallets_balance == 4_393_375


# Who and what there is.


def test_transfers_are_found_by_who_and_what(lists: CopyLists) -> None:
    found = {
        name: [row.transfer for row in lists.transfers(given).all()]
        for name, given in {
            "client": TransferFilter(client=6),
            "types": TransferFilter(type=(TransferType.FEE, TransferType.PARTNER)),
            "deal": TransferFilter(deal=20),
            "strategy": TransferFilter(strategy=2),
            "time": TransferFilter(since=second(28), until=second(30)),
            "test": TransferFilter(test=1, type=TransferType.FUND),
            "external id": TransferFilter(wallet=3, external_id="w1"),
        }.items()
    }
    assert found == {
        "client": [6, 11, 15, 17], "types": [12, 13, 14], "deal": [12, 14], "strategy": [8], "time": [16, 17], "test": [6],
        "external id": [16],
    }  # fmt: skip
    fee = lists.transfers(TransferFilter(transfer=12)).one()
    assert fee is not None
    assert (fee.strategy_name, fee.client, fee.balance, fee.currency) == ("strategy 1", 1, 900_250, "USD")


def test_wallets_reservations_strategies_offers_and_investments_are_listed(lists: CopyLists) -> None:
    assert [row.wallet for row in lists.wallets(WalletFilter(test=0, company=COMPANY)).all()] == [1, 2, 3, 4, 5]
    held = lists.reservations(ReservationFilter(wallet=3)).all()
    assert [(row.amount, row.state) for row in held] == [(7_000, ReservationState.PAID), (100, ReservationState.VOIDED)]
    assert [row.strategy for row in lists.strategies(StrategyFilter(client=2)).all()] == [2]
    assert lists.strategies(StrategyFilter(closed_until=second(99))).all() == ()
    (offer,) = lists.offers(OfferFilter(link="link1")).all()
    assert (offer.offer, offer.investments, offer.investments_ever) == (1, 4, 5)
    closed = lists.investments(InvestmentFilter(closed_since=second(1), closed_until=second(99))).all()
    assert [(row.investment, row.paid_out, row.strategy_name) for row in closed] == [(16, 147_960, "strategy 1")]
    states = (InvestmentState.FLAT, InvestmentState.PROTECTING)
    assert [row.investment for row in lists.investments(InvestmentFilter(strategy=1, state=states)).all()] == [10, 13, 14]


# Totals.


def test_totals_of_investments_are_whole_whatever_waits(lists: CopyLists) -> None:
    (own,) = lists.investment_totals(InvestmentFilter(investment=16)).all()
    assert own == InvestmentTotalsRow(16, 4, LOT // 5, -2_000, -4, 28, 0, 6, 2, 0, 200_000, 197_960, 0, 0)
    assert own.balance == 0
    listed = lists.investment_totals(InvestmentFilter(strategy=1)).all()
    assert [(row.investment, row.balance) for row in listed] == [(10, 102_067), (13, 202_832), (14, 201_917), (16, 0)]
    most = lists.investment_totals(InvestmentFilter()).page(order="volume", descending=True, limit=1)
    assert ([row.investment for row in most.rows], most.total) == ([20], 5)


def test_totals_of_clients_add_wallets_investments_and_strategies(lists: CopyLists) -> None:
    found = {row.client: row for row in lists.client_totals(ClientFilter()).all()}
    assert list(found) == [1, 2, 3, 4, 5, 6]
    trader, investor, partner = found[1], found[3], found[5]
    assert (trader.funds_in, trader.fees_received, trader.wallets_balance) == (1_000_000, 350, 900_350)
    assert (trader.strategies_active, trader.investments_active, trader.investments_balance) == (1, 1, 102_067)
    assert (investor.funds_out, investor.fees, investor.rejected, investor.commission) == (7_000, 285, 1, 29)
    assert (partner.partner_received, partner.funds_out, partner.deals) == (25, 700, 0)
    assert (found[6].investments_closed, found[6].test) == (1, 1)
    assert [lists.client_totals(ClientFilter(client=client)).one() for client in found] == list(found.values())
    assert [row.client for row in lists.client_totals(ClientFilter(client=(2, 3), test=0)).all()] == [2, 3]
    richest = lists.client_totals(ClientFilter(company=COMPANY)).page(order="volume", descending=True, limit=2)
    assert ([row.client for row in richest.rows], richest.total) == ([2, 3], 6)


def test_what_traders_dealt_in_is_kept_for_each_symbol(lists: CopyLists) -> None:
    found = lists.symbols(SymbolFilter(strategy=(1, 2))).all()
    assert [(row.strategy, row.symbol, row.turnover) for row in found] == [(1, "EURUSD", 50_000), (2, "XAUUSD", 200_000)]


def test_charges_of_external_investments_are_polled_after_the_last_one_seen(lists: CopyLists) -> None:
    seen = [
        ChargeRow(8, second(13), 14, 4, 4, 0, 11), ChargeRow(12, second(14), 14, 4, 4, 0, 11),
        ChargeRow(16, second(16), 14, 4, 4, 0, 7), ChargeRow(21, second(19), 14, 4, 4, 100, 0),
    ]  # fmt: skip
    assert list(lists.charges(0, company=COMPANY)) == seen
    assert list(lists.charges(8, company=COMPANY)) == seen[1:]
    assert list(lists.charges(12, company=COMPANY, wallets_of=[4], limit=1)) == seen[2:3]
    assert lists.charges(21, company=COMPANY) == lists.charges(0, company=8) == ()
    assert lists.charges(0, company=COMPANY, wallets_of=[3]) == ()


def test_rewards_of_external_wallets_are_polled_after_the_last_one_seen(history: History) -> None:
    story = Copying()
    for wallet in (1, 2, 3):
        story.tell(story.wallet(wallet, wallet, external=wallet != 3), story.book(wallet, 500_000))
    story.tell(*story.strategy(1, 1), *story.invest(13, 1, 3, 200_000))
    story.tell(story.fees(1, {10: (0, 40, 0), 13: (250, 25, 0)}, partner_wallet=2))
    history.write(story.batches)
    lists = CopyLists(history)
    kinds = [(1, TransferType.FEE, 250), (2, TransferType.PARTNER, 40), (2, TransferType.PARTNER, 25)]
    found = lists.rewards(0, company=COMPANY)
    assert [(row.wallet, row.type, row.amount) for row in found] == kinds
    assert lists.rewards(found[0].transfer, company=COMPANY) == found[1:]
    assert lists.rewards(0, company=COMPANY, wallets_of=[1]) == (
        RewardRow(found[0].transfer, found[0].at, 1, 1, TransferType.FEE, 250),
    )
    assert lists.rewards(0, company=8) == ()


# Many rows.


@pytest.mark.parametrize(
    ("indexes", "ask"),
    [
        (("ix_copy_deals_investment", "ix_copy_blocks_large"), lambda lists: lists.deals(DealFilter(investment=13)).part()),
        (("ix_copy_deals_investment", "ix_investments_client"), lambda lists: lists.deals(DealFilter(client=3)).count()),
        (("ix_copy_blocks_signal",), lambda lists: lists.deals(DealFilter(signal=1)).part()),
        (("ix_copy_blocks_strategy",), lambda lists: lists.deals(DealFilter(strategy=1)).part()),
        (("ix_copy_blocks_request",), lambda lists: lists.deals(DealFilter(request=501)).part()),
        (("ix_copy_blocks_first_deal",), lambda lists: lists.deals(DealFilter(deal=8)).one()),
        (("ix_copy_deals_investment",), lambda lists: lists.closed_positions(13).all()),
        (("ix_copy_deals_investment",), lambda lists: lists.investment_totals(InvestmentFilter(investment=13)).all()),
        (("ix_trimmed_volumes_investment",), lambda lists: lists.trimmed(TrimmedFilter(investment=13)).part()),
        (("ix_investment_days_investment",), lambda lists: lists.investment_days(InvestmentDayFilter(investment=13)).all()),
        (("ix_copy_blocks_limits",), lambda lists: lists.states(StateFilter(strategy=1, limits=True)).part()),
        (("ix_wallet_transfers_wallet",), lambda lists: lists.transfers(TransferFilter(wallet=3)).part()),
        (("ix_wallet_transfers_wallet", "ix_wallets_client"), lambda lists: lists.transfers(TransferFilter(client=3)).part()),
        (("ix_signals_strategy",), lambda lists: lists.signals(SignalFilter(strategy=1)).part()),
        (("ix_fills_request",), lambda lists: lists.fills(FillFilter(request=501)).part()),
    ],
)
def test_an_index_leads_to_what_is_asked_for(tmp_path: Path, indexes: tuple[str, ...], ask: Callable[[CopyLists], Any]) -> None:
    """Told by SQLite, whose plans do not depend on what is in the tables."""
    with closing(History(sqlite_history(tmp_path / "history.db"), "empty")) as history:
        plans = plans_of(history, lambda: ask(CopyLists(history)))
    for index in indexes:
        assert any(f"USING INDEX {index} " in step or f"COVERING INDEX {index} " in step for step in plans), plans
    whole = [step for step in plans if step.endswith("USING PRIMARY KEY (platform=?)")]
    assert set(whole) <= {"SEARCH investment_totals_marks USING PRIMARY KEY (platform=?)"}  # It has one row.


def test_an_index_leads_to_the_deals_and_entries_of_an_account(tmp_path: Path) -> None:
    with closing(History(sqlite_history(tmp_path / "history.db"), "empty")) as history:
        assert plans_of(history, lambda: history.deals(login=1001)) == [
            "SEARCH deals USING INDEX ix_deals_login (platform=? AND login=?)"
        ]
        entries = plans_of(history, lambda: history.ledger_entries(account="house/fee"))
        assert [step for step in entries if "ledger_entries" in step] == [
            "SEARCH ledger_entries USING INDEX ix_ledger_entries_debit (platform=? AND debit=?)",
            "SEARCH ledger_entries USING INDEX ix_ledger_entries_credit (platform=? AND credit=?)",
        ]


def plans_of(history: History, ask: Callable[[], Any]) -> list[str]:
    """Return the steps in which SQLite does what is asked."""
    statements: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(history._database, "before_cursor_execute", hear)
    ask()
    event.remove(history._database, "before_cursor_execute", hear)
    with history.reading() as connection:
        return [
            row[3]
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def test_an_investment_s_deals_are_found_among_those_of_thousands(history: History) -> None:
    story = Copying()
    story.tell(story.wallet(1, 1), *story.strategy(1, 1), *story.invest(13, 1, 1, 200_000))
    crowd = range(100, 800)
    for number in crowd:
        story.strategy_of[number], story.places[number], story.balance_of[number] = 1, number, 0
    for price in (100, 101, 102):
        story.tell(story.copied(1, lots([10, 13, *crowd], *[1] * 702), price))
        story.tell(story.copied(1, lots([13], 1), price))
    history.write(story.batches)
    lists = CopyLists(history)
    assert [deal.deal for deal in lists.deals(DealFilter(investment=13)).all()] == [2, 4, 705, 707, 1408, 1410, 2111]
    (totals,) = lists.investment_totals(InvestmentFilter(investment=13)).all()
    assert (totals.deals, totals.volume) == (6, 6 * LOT // 100)
