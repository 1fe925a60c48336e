"""Claims about the tables of copy trading, each made on SQLite and on PostgreSQL."""

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Table, insert, select, update

from prorata.messages.copy_terms import InvestmentState, TransferType
from prorata.projections.copying import details as copy_details
from prorata.projections.copying import storing as copy_storing
from prorata.projections.copying import sums as copy_sums
from prorata.projections.copying.block_tables import copy_blocks, copy_deals, investment_swaps
from prorata.projections.copying.codes import CopyDealType, CopyEntry
from prorata.projections.copying.tables import (
    company_days,
    fill_requests,
    investment_totals,
    investment_totals_marks,
    investments,
    signals,
    strategies,
    strategy_symbols,
    wallet_totals,
    wallet_transfers,
)
from prorata.projections.history import History, rebuild
from prorata.projections.ledger import verify, verify_events, verify_state
from prorata.projections.tables import ledger_entries
from prorata.storage import migrate
from prorata.storage.database import open_database
from prorata.units.numbers import SECOND_MS
from tests.databases import sqlite_history

from .conftest import PLATFORM
from .copied import Copying, busy_copying, lots
from .happened import LOT, MONDAY
from .test_history import contents


def rows(history: History, table: Table, *columns: str, **where: Any) -> list[tuple[Any, ...]]:
    query = select(*(table.c[name] for name in columns)).where(*(table.c[name] == value for name, value in where.items()))
    with history.reading() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(*table.primary_key))]


@pytest.fixture
def written(history: History) -> History:
    history.write(busy_copying().batches)
    return history


# Rows.


def test_a_deal_of_many_is_one_row_for_each_investment(written: History) -> None:
    found = rows(written, copy_deals, "deal", "investment", "type", "entry", "volume", "held", "profit", "balance", sequence=42)
    hundredth = LOT // 100
    assert found == [
        (14, 10, CopyDealType.SELL, CopyEntry.INOUT, -30 * hundredth, -10 * hundredth, 2_100, 102_067),
        (15, 13, CopyDealType.SELL, CopyEntry.OUT, -30 * hundredth, 0, 3_150, 203_117),
        (16, 14, CopyDealType.SELL, CopyEntry.OUT, -10 * hundredth, 20 * hundredth, 1_050, 201_017),
        (17, 16, CopyDealType.SELL, CopyEntry.OUT, -5 * hundredth, 5 * hundredth, 525, 200_492),
    ]


def test_entries_follow_from_what_was_held(history: History) -> None:
    story = Copying()
    story.tell(story.wallet(1, 1), *story.strategy(1, 1))
    for volume in (LOT, LOT, -LOT, -LOT, -LOT, -LOT, 3 * LOT, -LOT):
        story.tell(story.copied(1, {10: volume}, 100))
    history.write(story.batches)
    names = [CopyEntry(entry).name for (entry,) in rows(history, copy_deals, "entry")[1:]]
    assert names == ["IN", "IN", "OUT", "OUT", "IN", "IN", "INOUT", "OUT"]


def test_money_fees_corrections_and_rejections_are_deals_too(written: History) -> None:
    types = [CopyDealType.BALANCE, CopyDealType.FEE, CopyDealType.CORRECTION]
    found = [rows(written, copy_deals, "investment", "deal", "profit", "balance", type=kind) for kind in types]
    assert found == [
        [
            (10, 1, 100_000, 100_000), (20, 2, 100_000, 100_000), (13, 3, 200_000, 200_000), (14, 4, 200_000, 200_000),
            (16, 5, 200_000, 200_000), (16, 26, -50_000, 147_960), (16, 27, -147_960, 0),
        ],
        [(13, 20, -285, 202_832), (14, 21, -100, 200_917)],
        [(14, 0, 1_000, None)],
    ]  # fmt: skip
    assert rows(written, copy_deals, "investment", "volume", type=CopyDealType.REJECTED_SELL) == [(13, -LOT // 50)]
    assert rows(written, copy_deals, "investment", "volume", type=CopyDealType.REJECTED_BUY) == [(14, LOT // 100)]


def test_fees_are_one_transfer_for_each_share_that_is_above_zero(written: History) -> None:
    columns = ("transfer", "wallet", "type", "amount", "balance", "investment", "deal")
    assert rows(written, wallet_transfers, *columns, sequence=48) == [
        (12, 1, TransferType.FEE, 250, 900_250, 13, 20),
        (13, 1, TransferType.FEE, 100, 900_350, 14, 21),
        (14, 5, TransferType.PARTNER, 25, None, 13, 20),
    ]


def test_a_trader_who_is_his_own_partner_gets_both_in_order(history: History) -> None:
    story = Copying()
    story.tell(story.wallet(1, 1), story.wallet(3, 3), *story.strategy(1, 1), *story.invest(13, 1, 3, 200_000))
    before = story.wallet_balances[1]
    story.tell(story.fees(1, {10: (0, 40, 0), 13: (250, 25, 0)}, partner_wallet=1))
    history.write(story.batches)
    found = rows(history, wallet_transfers, "type", "amount", "balance", sequence=story.sequence)
    assert found == [(TransferType.FEE, 250, before + 250), (TransferType.PARTNER, 40, None), (TransferType.PARTNER, 25, None)]


def test_what_changes_is_as_it_is_now(written: History) -> None:
    assert rows(written, strategies, "strategy", "own", "accounting") == [(1, 10, 1), (2, 20, 0)]
    last = MONDAY + 29 * SECOND_MS
    assert rows(written, investments, "investment", "state", "test", "closed_at", "paid_out") == [
        (10, InvestmentState.FLAT, 0, 0, 0),
        (13, InvestmentState.PROTECTING, 0, 0, 0),
        (14, InvestmentState.FLAT, 0, 0, 0),
        (16, InvestmentState.CLOSED, 1, last, 147_960),
        (20, InvestmentState.FLAT, 0, 0, 0),
    ]
    (request,) = rows(written, fill_requests, "ticket", "filled", "last_fill_at", "ended_at", "strategies")
    assert request == (501, 90_000_000, MONDAY + 14 * SECOND_MS, MONDAY + 15 * SECOND_MS, "1")
    assert rows(written, signals, "at", "processed_at", signal=1) == [(MONDAY + 12 * SECOND_MS, MONDAY + 14 * SECOND_MS)]


def test_a_company_s_day_leaves_tests_out_and_counts_wallets_from_the_day_before(written: History) -> None:
    columns = ("day", "investments", "equity", "balance", "wallets_moved")
    assert rows(written, company_days, *columns) == [
        (20_000, 4, 606_221, 606_201, 5_000_000 - 600_000),
        (20_001, 4, 601_815, 601_795, 375 - 7_000),
    ]


# Sums.


def sums_of_deals(history: History, upto: int) -> dict[int, list[int]]:
    totals: dict[int, list[int]] = {}
    names = ("sequence", "investment", "type", "volume", "profit", "swap", "broker_commission", "trader_commission")
    for sequence, investment, kind, volume, profit, swap, broker, trader in rows(history, copy_deals, *names):
        if sequence > upto:
            continue
        traded = kind in (CopyDealType.BUY, CopyDealType.SELL)
        fee = -profit if kind == CopyDealType.FEE else 0
        money = profit if kind == CopyDealType.BALANCE else 0
        added = [traded, traded * abs(volume), traded * profit, swap, broker, trader, fee, max(money, 0), max(-money, 0)]
        totals[investment] = [a + b for a, b in zip(totals.get(investment, [0] * 9), added, strict=True)]
    return totals


@pytest.mark.parametrize("waiting", [1, 7, 10**6])
def test_totals_are_the_sums_of_deals_up_to_their_mark(
    history: History, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:  # fmt: skip
    monkeypatch.setattr(copy_sums, "WAITING_MAX", waiting)
    story = busy_copying()
    for start in range(0, len(story.batches), 5):
        history.write(story.batches[start : start + 5])
    ((upto, waits),) = rows(history, investment_totals_marks, "sequence", "waiting")
    assert waits < waiting
    columns = (
        "investment", "deals", "volume", "profit", "swap", "broker_commission", "trader_commission", "fees", "funded",
        "withdrawn",
    )  # fmt: skip
    found = {row[0]: list(row[1:]) for row in rows(history, investment_totals, *columns)}
    assert found == sums_of_deals(history, upto)
    assert bool(found) == (waiting < 10**6)


def test_a_wallet_s_transfers_and_a_trader_s_symbols_are_added_up(written: History) -> None:
    assert rows(written, wallet_totals, "type", "transfers", "amount", wallet=6) == [
        (TransferType.FUND, 1, 1_000_000), (TransferType.TO_INVESTMENT, 1, -200_000),
        (TransferType.FROM_INVESTMENT, 2, 197_960),
    ]  # fmt: skip
    assert rows(written, strategy_symbols, "strategy", "symbol", "deals", "turnover") == [
        (1, "EURUSD", 3, 50_000),
        (2, "XAUUSD", 3, 200_000),
    ]


# Writing.


def test_a_copied_batch_that_comes_twice_changes_nothing(history: History) -> None:
    story = busy_copying()
    history.write(story.batches)
    once = contents(history)
    history.write(story.batches)
    history.write(story.batches[-3:])
    assert contents(history) == once


@pytest.mark.parametrize(("group", "large"), [(1, 500), (4, 500), (7, 2)])
def test_the_tables_of_copying_do_not_depend_on_how_batches_were_grouped(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int, large: int
) -> None:
    monkeypatch.setattr(copy_sums, "WAITING_MAX", 9)
    for module in (copy_details, copy_storing):
        monkeypatch.setattr(module, "LARGE", large)
    story = busy_copying()
    history.write(story.batches)
    with closing(History(sqlite_history(tmp_path / "other.db"), PLATFORM)) as other:
        for start in range(0, len(story.batches), group):
            other.write(story.batches[start : start + group])
        assert contents(other) == contents(history)
        rebuild(other, story.batches)
        assert contents(other) == contents(history)
    assert {large for (large,) in rows(history, copy_blocks, "large")} == ({0, 1} if large == 2 else {0})


def test_a_block_of_thousands_is_written_whole(history: History) -> None:
    story = Copying()
    story.tell(story.wallet(1, 1), *story.strategy(1, 1))
    numbers = list(range(1_000, 3_345))
    for number in numbers:
        story.strategy_of[number], story.places[number], story.balance_of[number] = 1, number, 0
    volumes = lots(numbers, *(1 + number % 7 for number in numbers))
    story.tell(story.copied(1, volumes, 110_000))
    history.write(story.batches)
    found = rows(history, copy_deals, "investment", "deal", "volume", "large", type=CopyDealType.BUY)
    assert found == [(number, 2 + place, volumes[number], 1) for place, number in enumerate(numbers)]


# The ledger.


def test_a_true_ledger_of_copying_is_balanced(history: History) -> None:
    story = busy_copying()
    history.write(story.batches)
    report = verify(history, story.state(), story.copy_state())
    assert report.differences == ()
    assert report.sums == {"USD": 0}
    events = [event for batch in story.batches for event in batch.events]
    assert verify_events(events, story.state(), story.copy_state()).balanced
    assert verify_state(story.state(), story.copy_state()).balanced


def test_an_altered_deal_of_an_investment_is_found_and_named(history: History) -> None:
    story = busy_copying()
    history.write(story.batches)
    with history._writing() as connection:
        there = (copy_deals.c.sequence == 38) & (copy_deals.c.investment == 13)
        connection.execute(update(copy_deals).where(there).values(swap=100))
    assert [str(found) for found in verify(history, story.state(), story.copy_state()).differences] == [
        "deals of investments/1: 5068.16 USD expected, 5069.16 USD posted",
        "deal 11, event 38, investment 13: 1999.78 USD expected, 2000.78 USD posted",
    ]


def test_a_deal_that_was_added_or_a_posting_that_was_removed_is_found(history: History) -> None:
    story = busy_copying()
    history.write(story.batches)
    columns = dict.fromkeys(copy_deals.columns.keys(), 0)
    forged = columns | {"platform": PLATFORM, "sequence": 45, "investment": 10, "type": 2, "profit": 5, "balance": None}
    with history._writing() as connection:
        connection.execute(insert(copy_deals).values(forged))
        connection.execute(ledger_entries.delete().where(ledger_entries.c.sequence == 51))
    places = [found.place for found in verify(history, story.state(), story.copy_state()).differences]
    assert places == ["house/commission", "investments/2", "deals of investments/1", "deals of investments/2"]


# Revisions.


def test_a_history_of_the_revision_before_keeps_its_ledger(bare_url: str) -> None:
    database = open_database(bare_url)
    migrate.upgrade(database)
    entry = {
        "platform": PLATFORM, "sequence": 1, "part": 0, "at": 5, "debit": "bank", "credit": "account/1001", "amount": 10,
        "currency": "USD", "kind": 0, "login": 1001, "source": 1, "reference": 1,
    }  # fmt: skip
    later = entry | {"sequence": 2, "kind": 12, "source": 7, "login": None}
    with database.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(insert(ledger_entries), [entry, later])
        config = Config()
        config.set_main_option("script_location", str(migrate._SCRIPTS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        command.upgrade(config, "head")
        assert [row._asdict() for row in connection.execute(select(ledger_entries))] == [entry]
    database.dispose()


def test_columns_of_every_width_come_back(history: History) -> None:
    story = Copying()
    story.tell(story.wallet(1, 1), *story.strategy(1, 1))
    amounts = [0, 1, -128, 2**31, -(2**40)]
    numbers = dict(zip(range(50, 55), np.array(amounts).tolist(), strict=True))
    story.tell(story.swaps(1, numbers))
    history.write(story.batches)
    assert rows(history, investment_swaps, "amount") == [(amount,) for amount in amounts]
