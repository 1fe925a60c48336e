"""What the Manager API does not do: said with the documented code and the field, and nothing has changed."""

from typing import Any

import pytest

from tests.rest.ramm.broker import Broker
from tests.rest.ramm.copied_world import EUROS, World

INVALID, PAYMENT, STATUS, FORBIDDEN = (
    (400, "invalid_input"), (402, "invalid_input"), (422, "invalid_status"), (403, "forbidden"),
)  # fmt: skip


@pytest.fixture(scope="module")
def world(copy_broker: Broker) -> World:
    """A company with a copied strategy, for all claims of this file: none of them changes anything."""
    company = copy_broker.add_company("Refusing Broker")
    login, _ = copy_broker.hire(company)
    world = World(copy_broker, company, copy_broker.manager(login, company, ExpirationMinutes=43_200))
    assert world.copied
    return world


@pytest.fixture(scope="module")
def foreign(copy_broker: Broker) -> World:
    """The same of another company on the same platform."""
    company = copy_broker.add_company("Foreign Broker")
    login, _ = copy_broker.hire(company)
    world = World(copy_broker, company, copy_broker.manager(login, company, ExpirationMinutes=43_200))
    assert world.copied
    return world


# Money.


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"Amount": 10.001}, INVALID, "Amount"),
        ({"Amount": 0.0000001}, INVALID, "Amount"),
        ({"Amount": 0}, INVALID, "Amount"),
        ({"Amount": -5}, INVALID, "Amount"),
        ({"Amount": 1e17}, INVALID, "Amount"),
        ({"Amount": "10"}, INVALID, "Amount"),
        ({"Amount": 1e300}, (400, "invalid_input"), "Amount"),
        ({"Type": 4}, INVALID, "Type"),
        ({"Type": 8}, INVALID, "Type"),
        ({"Type": -1}, INVALID, "Type"),
        ({"Type": 1, "Amount": 7_000.01}, PAYMENT, "Amount"),
        ({"Type": 3}, PAYMENT, "Amount"),
        ({"WalletID": None}, INVALID, "WalletID"),
        ({"WalletID": 999_999}, FORBIDDEN, "WalletID"),
        ({"WalletID": None, "ExecutionServerName": "Elsewhere-MT5", "ExecutionAccount": "0"}, FORBIDDEN, "ExecutionAccount"),
        ({"ExternalTransferID": "x"}, INVALID, "ExternalTransferID"),
    ],
)  # fmt: skip
def test_a_transfer_that_cannot_be_booked_names_its_field(
    world: World, more: dict[str, Any], status: tuple[int, str], field: str
) -> None:
    body = {"WalletID": world.investor[1], "Type": 0, "Amount": 10, **more}
    body = {name: value for name, value in body.items() if value is not None}
    assert world.refused("walletTransfers.add", **body) == (*status, field)


def test_a_transfer_number_is_not_given_to_another_operation(world: World) -> None:
    wallet = world.trader[1]
    first = world.ask("walletTransfers.add", WalletID=wallet, Type=0, Amount=10, ExternalTransferID=77)
    again = world.ask("walletTransfers.add", WalletID=wallet, Type=0, Amount=10, ExternalTransferID=77)
    assert again == first
    for more in ({"Amount": 11}, {"Type": 2}, {"CommentClient": "another"}):
        body = {"WalletID": wallet, "Type": 0, "Amount": 10, "ExternalTransferID": 77, **more}
        assert world.refused("walletTransfers.add", **body) == (*INVALID, "ExternalTransferID")
    assert world.ask("walletTransfers.add", WalletID=world.investor[1], Type=0, Amount=10, ExternalTransferID=77) != first


# Strategies.


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"Name": ""}, INVALID, "Name"),
        ({"Name": "x" * 51}, INVALID, "Name"),
        ({"Name": "Прибыль"}, INVALID, "Name"),
        ({"Name": "a/b"}, INVALID, "Name"),
        ({"Name": " ahead"}, INVALID, "Name"),
        ({"FeeRate": 1.01}, INVALID, "FeeRate"),
        ({"FeeRate": 0.255}, INVALID, "FeeRate"),
        ({"FeeRate": -0.1}, INVALID, "FeeRate"),
        ({"CommissionRate": -1}, INVALID, "CommissionRate"),
        ({"CommissionRate": 10.5}, INVALID, "CommissionRate"),
        ({"CommissionRate": 1e12}, INVALID, "CommissionRate"),
        ({"Protection": 1}, INVALID, "Protection"),
        ({"Protection": 0.5001}, INVALID, "Protection"),
        ({"Protection": -0.1}, INVALID, "Protection"),
        ({"Target": -1}, INVALID, "Target"),
        ({"Money": 199.99}, INVALID, "Money"),
        ({"Money": 0}, INVALID, "Money"),
        ({"Money": 1_000.001}, INVALID, "Money"),
        ({"Money": 100_000}, PAYMENT, "Money"),
        ({"ExecutionTags": "postfix"}, INVALID, "ExecutionTags"),
        ({"ExecutionTags": '{"postfix": 1}'}, INVALID, "ExecutionTags"),
        ({"ExternalServer": "x" * 51}, INVALID, "ExternalServer"),
        ({"AccountingSystem": 2}, INVALID, "AccountingSystem"),
        ({"ClientID": 999_999}, FORBIDDEN, "ClientID"),
        ({"AccountSpecAssetID": 1}, FORBIDDEN, "AccountSpecAssetID"),
        ({"WalletID": 999_999}, FORBIDDEN, "WalletID"),
    ],
)
def test_a_strategy_that_cannot_be_opened_names_its_field(
    world: World, more: dict[str, Any], status: tuple[int, str], field: str
) -> None:
    body = {"WalletID": world.trader[1], "Name": "Never opened", "Money": 1_000, **more}
    assert world.refused("strategies.add", **body) == (*status, field)


def test_a_name_is_one_strategys_whatever_the_letters_case_and_company(world: World, foreign: World) -> None:
    name = world.ask("strategies.get", ID=world.copied)["Name"]
    for other in (world, foreign):
        body = {"WalletID": other.trader[1], "Name": name.upper(), "Money": 1_000}
        assert other.refused("strategies.add", **body) == (*INVALID, "Name")
        assert other.ask("strategies.checkName", Name=name.lower()) == {"StrategyNameAvailable": False}
    assert world.refused("strategies.set", ID=world.copied, Name=foreign.ask("strategies.get", ID=foreign.copied)["Name"]) == (
        *INVALID, "Name",
    )  # fmt: skip


# Accounts.


def test_the_traders_own_account_is_not_paused_resumed_or_closed_alone(world: World) -> None:
    found = world.ask("accounts.search", Filter={"StrategyID": world.copied, "Type": 0})["Accounts"]
    own = found[0]["ID"]
    assert found[0]["IsSecurity"] == 1
    for method in ("accounts.pause", "accounts.resume", "accounts.close"):
        assert world.refused(method, ID=own) == (*STATUS, "")


def test_an_active_account_is_not_resumed(world: World) -> None:
    assert world.refused("accounts.resume", ID=world.investment) == (*STATUS, "")


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({}, INVALID, "ABook"),
        ({"ABook": 1.01}, INVALID, "ABook"),
        ({"ABook": 0.333}, INVALID, "ABook"),
        ({"ABook": -0.1}, INVALID, "ABook"),
        ({"StreamID": 99}, FORBIDDEN, "StreamID"),
        ({"ABook": 0.5, "StreamID": 99}, FORBIDDEN, "StreamID"),
    ],
)
def test_a_route_that_does_not_exist_is_not_set(
    world: World, more: dict[str, Any], status: tuple[int, str], field: str
) -> None:
    assert world.refused("accounts.set", ID=world.investment, **more) == (*status, field)


# Signals.


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"Symbol": "EURXXX"}, "Symbol"),
        ({"Symbol": "EURUSD.m"}, "Symbol"),
        ({"Symbol": ""}, "Symbol"),
        ({"Equity": 0}, "Equity"),
        ({"Equity": -100}, "Equity"),
        ({"Equity": 0.001}, "Equity"),
        ({"Equity": 1e17}, "Equity"),
        ({"Lot": 1e9}, "Lot"),
        ({"Lot": 0.000000001}, "Lot"),
        ({"Lot": "1"}, "Lot"),
        ({"SentAt": "2031-01-01T00:00:00"}, "SentAt"),
    ],
)
def test_a_signal_that_cannot_be_copied_names_its_field(world: World, more: dict[str, Any], field: str) -> None:
    body = {"StrategyID": world.copied, "Symbol": EUROS, "Lot": 0.5, "Equity": 10_000, **more}
    assert world.refused("trading.addSignal", **body) == (*INVALID, field)


@pytest.mark.parametrize(("equity", "field"), [(0, "Signals[0].Equity"), (-1, "Signals[0].Equity")])
def test_a_synchronisation_without_equity_is_refused(world: World, equity: int, field: str) -> None:
    signals = [{"Symbol": EUROS, "Lot": 0.5, "Equity": equity}]
    assert world.refused("trading.addSync", StrategyID=world.copied, Signals=signals) == (*INVALID, field)


def test_an_old_synchronisation_that_arrives_late_is_refused(world: World) -> None:
    def sync(second: int) -> dict[str, Any]:
        signals = [{"Symbol": EUROS, "Lot": 1.0, "Equity": 10_000}]
        return {"StrategyID": world.copied, "Signals": signals, "SentAt": f"2026-03-02T11:00:{second:02d}"}

    assert world.ask("trading.addSync", **sync(10)) == {}
    world.fill(110_010)
    assert world.refused("trading.addSync", **sync(9)) == (*STATUS, "")
    late = {"StrategyID": world.copied, "Symbol": EUROS, "Lot": 0, "Equity": 10_000, "SentAt": "2026-03-02T11:00:09"}
    assert world.refused("trading.addSignal", **late) == (*STATUS, "")


def test_a_symbol_with_the_postfix_of_the_strategy_is_taken(world: World) -> None:
    wallet = world.wallet_of(1_000)[1]
    number = world.open(wallet, Money=1_000, ExecutionTags='{"Postfix": ".m"}')
    world.ask("trading.addSignal", StrategyID=number, Symbol="EURUSD.m", Lot=1, Equity=10_000)
    held = world.ask("positions.search", Filter={"StrategyID": number})["Positions"]
    assert [(one["Symbol"], one["VolumeOpen"]) for one in held] == [(EUROS, 0.1)]
    assert world.refused("trading.addSignal", StrategyID=number, Symbol="EURUSD.pro", Lot=1, Equity=10_000) == (
        *INVALID, "Symbol",
    )  # fmt: skip


def test_a_hedging_strategy_wants_the_ticket_of_each_position(world: World) -> None:
    wallet = world.wallet_of(1_000)[1]
    number = world.open(wallet, Money=1_000, AccountingSystem=0)
    body = {"StrategyID": number, "Symbol": EUROS, "Lot": 1, "Equity": 10_000}
    assert world.refused("trading.addSignal", **body) == (*INVALID, "Ticket")
    world.ask("trading.addSignal", **body, Ticket=4711)
    held = world.ask("positions.search", Filter={"StrategyID": number, "Ticket": "4711"})["Positions"]
    assert [(one["Ticket"], one["AccountingSystem"]) for one in held] == [("4711", 0)]


# Lists.


@pytest.mark.parametrize(
    ("method", "wanted", "field"),
    [
        ("accounts.search", {"Test": 3}, "Filter.Test"),
        ("accounts.search", {"StrategyID": "1"}, "Filter.StrategyID"),
        ("accounts.search", {"DTCreatedFrom": "yesterday"}, "Filter.DTCreatedFrom"),
        ("deals.search", {"AccountType": 9}, "Filter.AccountType"),
        ("deals.search", {"AccountingSystem": 2}, "Filter.AccountingSystem"),
        ("signals.search", {"Status": 4}, "Filter.Status"),
        ("strategies.search", {"Status": 5}, "Filter.Status"),
        ("walletTransfers.search", {"Type": 9}, "Filter.Type"),
        ("fills.search", {"DTProcessedFrom": "2026-01-01T00:00:00"}, "Filter.DTProcessedFrom"),
        (
            "fills.search", {"DTProcessedFrom": "2025-01-01T00:00:00", "DTProcessedTo": "2025-02-02T00:00:00"},
            "Filter.DTProcessedFrom",
        ),
    ],
)  # fmt: skip
def test_a_filter_that_means_nothing_names_its_field(world: World, method: str, wanted: dict[str, Any], field: str) -> None:
    assert world.refused(method, Filter=wanted) == (*INVALID, field)


def test_fills_of_more_than_a_month_are_found_when_something_narrows_them(world: World) -> None:
    for more in ({"Symbol": EUROS}, {"FillRequestID": 1}, {"Ticket": "1"}):
        world.ask("fills.search", Filter={"DTProcessedFrom": "2025-01-01T00:00:00", **more})
    world.ask("fills.search", Filter={"DTProcessedFrom": "2026-02-15T00:00:00"})


@pytest.mark.parametrize(
    "method",
    [
        "accounts.search", "deals.search", "positions.search", "strategies.search", "signals.search", "fills.search",
        "fillRequests.search", "wallets.search", "walletTransfers.search", "clients.searchStatistic",
    ],
)  # fmt: skip
def test_a_list_is_ordered_by_its_own_fields_alone(world: World, method: str) -> None:
    assert world.refused(method, OrderBy={"Field": "Nothing"}) == (*INVALID, "OrderBy.Field")
    assert world.refused(method, OrderBy={"Direction": "Up"}) == (*INVALID, "OrderBy.Direction")


# The wall between companies.


def test_nothing_of_another_company_is_reached(world: World, foreign: World) -> None:
    deal = foreign.first("deals.search", "Deals", AccountID=foreign.investment)
    fill = foreign.first("fills.search", "Fills", Symbol=EUROS)
    request = foreign.first("fillRequests.search", "FillRequests")
    signal = foreign.first("signals.search", "Signals", StrategyID=foreign.copied)
    transfer = foreign.first("walletTransfers.search", "WalletTransfers")
    reached = {
        "wallets.get": foreign.trader[1], "walletTransfers.get": transfer, "strategies.get": foreign.copied,
        "strategies.close": foreign.copied, "strategysymbolstat.get": foreign.copied, "accounts.get": foreign.investment,
        "accounts.getStatement": foreign.investment, "accounts.pause": foreign.investment,
        "accounts.close": foreign.investment, "deals.get": deal, "positions.get": foreign.position, "fills.get": fill,
        "fillRequests.get": request, "signals.get": signal,
    }  # fmt: skip
    for method, number in reached.items():
        absent = world.refused(method, ID=10**9)
        assert world.refused(method, ID=number) == absent == (*FORBIDDEN, "ID"), method
    signal_body = {"StrategyID": foreign.copied, "Symbol": EUROS, "Lot": 0, "Equity": 1}
    assert world.refused("trading.addSignal", **signal_body) == (*FORBIDDEN, "StrategyID")
    assert world.refused("walletTransfers.add", WalletID=foreign.trader[1], Type=0, Amount=1) == (*FORBIDDEN, "WalletID")


def test_lists_have_nothing_of_another_company(world: World, foreign: World) -> None:
    wanted = {
        "accounts.search": ({"StrategyID": foreign.copied}, {"ID": foreign.investment}, {"ClientID": foreign.trader[0].id}),
        "deals.search": ({"AccountID": foreign.investment}, {"StrategyID": foreign.copied}),
        "positions.search": ({"AccountID": foreign.investment}, {"StrategyID": foreign.copied}),
        "strategies.search": ({"ClientID": foreign.trader[0].id}, {"WalletID": foreign.trader[1]}),
        "signals.search": ({"StrategyID": foreign.copied},),
        "wallets.search": ({"ClientID": foreign.trader[0].id},),
        "walletTransfers.search": ({"WalletID": foreign.trader[1]}, {"ClientID": foreign.trader[0].id}),
        "fills.search": ({"FillRequestID": foreign.first("fillRequests.search", "FillRequests")},),
    }
    for method, filters in wanted.items():
        for given in filters:
            assert world.ask(method, Filter=given)["Pagination"]["TotalRecords"] == 0, (method, given)
    servers = world.ask("trading.searchStrategies", ExternalServer="Elsewhere-MT5")
    assert foreign.copied not in [one["ID"] for one in servers]
