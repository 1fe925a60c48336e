"""One claim, told with the real engine and its simulated crowd: the tables of copy trading are what the engine keeps."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from prorata.copying.state import PLACE_BITS, CopyState, Strategy
from prorata.messages.copy_terms import CommandStatus, InvestmentState, StrategyStatus
from prorata.projections.copying import details as copy_details
from prorata.projections.copying import storing as copy_storing
from prorata.projections.copying import sums as copy_sums
from prorata.projections.copying.block_tables import copy_deals
from prorata.projections.copying.codes import CopyDealType
from prorata.projections.copying.filters import (
    ClientFilter,
    CommandFilter,
    DealFilter,
    InvestmentFilter,
    OfferFilter,
    RequestFilter,
    SignalFilter,
    StrategyFilter,
    SymbolFilter,
)
from prorata.projections.copying.lists import CopyLists
from prorata.projections.history import History, replayed
from prorata.projections.ledger import verify
from prorata.sim.faulty_journal import FaultyJournal
from prorata.sim.simulation import Simulation
from tests.databases import sqlite_history

from .conftest import PLATFORM
from .test_history import contents

STEPS = 300


@pytest.fixture(scope="module", params=[1, 4, 5])
def lived(request: pytest.FixtureRequest) -> Simulation:
    """A broker most of whose clients copy, after many days."""
    simulation = Simulation(request.param)
    simulation._copying = 0.7
    simulation.run(STEPS)
    return simulation


@pytest.fixture
def written(lived: Simulation, history: History, monkeypatch: pytest.MonkeyPatch) -> CopyLists:
    """Its history, written in groups of forty batches, with blocks of three as large ones."""
    monkeypatch.setattr(copy_sums, "WAITING_MAX", 50)
    for module in (copy_details, copy_storing):
        monkeypatch.setattr(module, "LARGE", 3)
    batches = list(replayed(FaultyJournal(lived.disk)))
    for start in range(0, len(batches), 40):
        history.write(batches[start : start + 40])
    return CopyLists(history)


def test_the_tables_are_what_the_engine_keeps(
    lived: Simulation, written: CopyLists, history: History, tmp_path: Path
) -> None:  # fmt: skip
    state = lived.engine.copy.state
    report = verify(history, lived.engine.desk.state, state)
    assert report.differences == ()
    for strategy in state.strategies.values():
        _strategy_agrees(written, strategy)
        _investments_agree(written, strategy)
        _positions_agree(history, strategy)
    _wallets_agree(written, state)
    _work_agrees(written, state)
    with closing(History(sqlite_history(tmp_path / "at-once.db"), PLATFORM)) as other:
        other.write(replayed(FaultyJournal(lived.disk)))
        assert without_marks(other) == without_marks(history)


def without_marks(history: History) -> dict[str, list[Any]]:
    tables = contents(history)
    del tables["history_marks"]
    return tables


def _strategy_agrees(lists: CopyLists, strategy: Strategy) -> None:
    row = lists.strategies(StrategyFilter(strategy=strategy.number)).one()
    assert row is not None
    assert (row.name, row.status, row.need_sync, row.public_offer, row.closed_at) == (
        strategy.name, StrategyStatus(strategy.status), strategy.need_sync, strategy.public_offer, strategy.closed_at,
    )  # fmt: skip
    assert row.own == strategy.investments.number[0]
    assert sum(symbol.deals for symbol in lists.symbols(SymbolFilter(strategy=strategy.number)).all()) == strategy.deals
    assert lists.signals(SignalFilter(strategy=strategy.number)).count() == strategy.signals
    assert [offer.offer for offer in lists.offers(OfferFilter(strategy=strategy.number)).all()] == strategy.offers


def _investments_agree(lists: CopyLists, strategy: Strategy) -> None:
    kept = strategy.investments
    count = strategy.rows
    rows = lists.investments(InvestmentFilter(strategy=strategy.number)).all()
    assert [row.investment for row in rows] == kept.number[:count].tolist()
    for name in (
        "client", "wallet", "company", "offer", "type", "test", "opened_at", "closed_at", "factor",
        "protection_ppm", "target_ppm", "a_book_percent", "stream",
    ):  # fmt: skip
        assert [int(getattr(row, name)) for row in rows] == getattr(kept, name)[:count].tolist(), name
    states = [InvestmentState(state) for state in kept.state[:count].tolist()]
    told = [InvestmentState.FLAT if state == InvestmentState.OPEN else state for state in states]
    assert [row.state for row in rows] == told
    totals = {row.investment: row for row in lists.investment_totals(InvestmentFilter(strategy=strategy.number)).all()}
    for place, number in enumerate(kept.number[:count].tolist()):
        total = totals[number]
        assert (total.balance, total.profit + total.swap, total.fees, total.funded, total.withdrawn) == (
            kept.balance[place], kept.realised[place], kept.fees[place], kept.deposited[place], kept.withdrawn[place],
        )  # fmt: skip
        assert (total.broker_commission, total.liquidity_commission, total.trader_commission, total.partner_commission) == (
            kept.broker_commission[place], kept.liquidity_commission[place], kept.trader_commission[place],
            kept.partner_commission[place],
        )  # fmt: skip
        deals = lists.deals(DealFilter(investment=number)).all()
        traded = [deal for deal in deals if deal.type in (CopyDealType.BUY, CopyDealType.SELL)]
        assert len(traded) == total.deals
        closed = lists.closed_positions(number).all()
        assert [(row.deal_out, row.volume) for row in closed] == [(deal.deal, deal.closed) for deal in traded if deal.closed]


def _positions_agree(history: History, strategy: Strategy) -> None:
    """The last deal of each position tells what is held, and what it cost."""
    row = copy_deals.c
    query = select(row.position, row.held, row.cost).where(row.position > 0).order_by(row.sequence)
    with history.reading() as connection:
        last = {position: (held, cost) for position, held, cost in connection.execute(query)}
    for head in strategy.legs.values():
        for place in range(strategy.rows):
            position = (head.number << PLACE_BITS) + int(strategy.investments.place[place])
            kept = (int(head.rows.volume[place]), int(head.rows.cost[place]))
            assert last.get(position, (0, 0)) == kept


def _wallets_agree(lists: CopyLists, state: CopyState) -> None:
    found = {row.client: row for row in lists.client_totals(ClientFilter()).all()}
    for wallet in state.wallets.values():
        total = found[wallet.client]
        assert total.wallets_balance == wallet.balance + wallet.reserved
        mine = [
            (strategy, place)
            for strategy in state.strategies.values()
            for place in range(strategy.rows)
            if strategy.investments.wallet[place] == wallet.number
        ]
        balances = [int(strategy.investments.balance[place]) for strategy, place in mine]
        open_ones = [strategy.investments.state[place] < InvestmentState.CLOSED for strategy, place in mine]
        assert (total.investments_balance, total.investments_active) == (sum(balances), sum(open_ones))


def _work_agrees(lists: CopyLists, state: CopyState) -> None:
    """What is under way in the tables is what the engine is waiting for."""
    open_commands = [row.command for row in lists.commands(CommandFilter(status=CommandStatus.NEW)).all()]
    assert open_commands == sorted(state.commands)
    requests = {row.ticket: row for row in lists.fill_requests(RequestFilter()).all()}
    waiting = {ticket: row.filled for ticket, row in requests.items() if not row.ended_at}
    assert waiting == {ticket: request.filled for ticket, request in state.requests.items()}
    assert all(row.filled + row.rejected == abs(row.volume) for row in requests.values() if row.ended_at)
