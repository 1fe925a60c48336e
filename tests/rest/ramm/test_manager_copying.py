"""Copy trading through the Manager API: what is done is done to the cent, and shown as it is."""

from typing import Any

import pytest

from prorata.messages.copy_commands import OpenStrategy, PutCopySpec
from prorata.messages.copy_events import StrategyOpened
from prorata.messages.copy_terms import CopySpec, ManageType
from tests.rest.ramm.broker import Broker
from tests.rest.ramm.copied_world import EUROS, SERVER, World


@pytest.fixture
def world(copy_broker: Broker) -> World:
    """A company of its own for each test."""
    company = copy_broker.add_company("Copying Broker")
    login, _ = copy_broker.hire(company)
    return World(copy_broker, company, copy_broker.manager(login, company, ExpirationMinutes=43_200))


@pytest.fixture(autouse=True)
def _no_money_is_made_or_lost(world: World) -> Any:
    yield
    assert world.money_left_over() == 0


# Wallets and transfers.


def test_a_wallet_is_opened_with_the_client_and_its_money_is_booked_once(world: World) -> None:
    made = world.ask("clients.addWithWallet", Login=f"joe{world.company.id}@mail.test", Test=True)
    wallet = made["Wallet"]["ID"]
    assert (made["Wallet"]["AssetID"], made["Wallet"]["AssetName"]) == (840, "USD")
    assert world.ask("wallets.get", ID=wallet)["Status"] == 0
    body = {"WalletID": wallet, "Type": 0, "Amount": 254.56, "ExternalTransferID": 546546, "CommentClient": "by card"}
    assert world.ask("walletTransfers.add", **body) == world.ask("walletTransfers.add", **body)
    world.settle()
    found = world.ask("walletTransfers.search", Filter={"WalletID": wallet, "Test": 1})["WalletTransfers"]
    assert [(one["Amount"], one["ExternalTransferID"], one["CommentClient"]) for one in found] == [(254.56, 546546, "by card")]
    shown = world.ask("wallets.get", ID=wallet)
    assert (shown["Balance"], shown["Status"], shown["Test"]) == (254.56, 1, True)
    assert world.ask("walletTransfers.search", Filter={"WalletID": wallet, "Test": 0})["WalletTransfers"] == []


def test_a_bonus_is_no_money_that_can_be_withdrawn(world: World) -> None:
    _, wallet = world.wallet_of(100)
    world.ask("walletTransfers.add", WalletID=wallet, Type=2, Amount=50)
    shown = world.ask("wallets.get", ID=wallet)
    assert (shown["Balance"], shown["Bonus"]) == (150, 50)
    assert world.refused("walletTransfers.add", WalletID=wallet, Type=1, Amount=100.01)[0] == 402
    world.ask("walletTransfers.add", WalletID=wallet, Type=1, Amount=100)
    world.ask("walletTransfers.add", WalletID=wallet, Type=3, Amount=50)
    assert world.ask("wallets.get", ID=wallet)["Balance"] == 0


def test_a_wallet_is_named_by_the_account_elsewhere_that_it_mirrors(world: World) -> None:
    account = f"8{world.company.id:06d}"
    _, wallet = world.wallet_of(execution_server=SERVER, execution_account=account)
    body = {"ExecutionServerName": SERVER, "Type": 0, "Amount": 10}
    world.ask("walletTransfers.add", ExecutionAccount=account, **body)
    world.ask("walletTransfers.add", ExecutionAccount=int(account), WalletID=wallet, **body)
    assert world.ask("wallets.get", ID=wallet)["Balance"] == 20
    other = world.wallet_of()[1]
    assert world.refused("walletTransfers.add", ExecutionAccount=account, WalletID=other, **body)[2] == "WalletID"


def test_wallets_show_what_is_invested_and_can_be_put_in_order_by_it(world: World) -> None:
    assert world.copied
    world.quote(EUROS, 110_100, 110_110)
    found = world.ask("wallets.search", OrderBy={"Field": "Invested", "Direction": "Desc"})["Wallets"]
    # The trader has 0.50 lot bought at 1.10010 less 3.50 for the broker, the investor 0.30 lot less 2.10 and 0.33.
    assert [(one["Balance"], one["Invested"], one["IntervalPnL"]) for one in found] == [
        (5_000, 5_041.5, 41.5), (7_000, 3_024.56, 24.56),
    ]  # fmt: skip
    world.quote(EUROS, 110_000, 110_010)


# Strategies.


def test_a_strategy_is_opened_with_a_public_offer_of_its_terms(world: World) -> None:
    client, wallet = world.wallet_of(1_000)
    number = world.open(wallet, Money=600, CommissionRate=0.00001, Protection=0.5, Target=1.5, ExternalAccount=10_001)
    shown = world.ask("strategies.get", ID=number)
    assert (shown["Fee"], shown["Commission"], shown["PartnerShare"], shown["Status"]) == (0.25, 0.00001, 0, 1)
    assert (shown["TraderID"], shown["TraderLogin"], shown["Equity"], shown["Accounts"]) == (client.id, client.login, 600, 1)
    assert (shown["ExternalServer"], shown["ExternalAccount"], shown["UnitPrice"]) == (SERVER, "10001", 100)
    (own,) = world.ask("accounts.search", Filter={"StrategyID": number})["Accounts"]
    assert (own["Protection"], own["ProtectionEquity"], own["Target"], own["TargetEquity"]) == (0.5, 300, 1.5, 1_500)
    assert world.ask("wallets.get", ID=wallet)["Balance"] == 400


def test_a_strategys_own_account_is_routed_as_its_client_is(world: World) -> None:
    client, wallet = world.wallet_of(1_000)
    world.ask("clients.set", ID=client.id, StrategyDefaultStreamID=2, StrategyDefaultHedge=0.25)
    number = world.open(wallet, Money=600)
    (own,) = world.ask("accounts.search", Filter={"StrategyID": number})["Accounts"]
    assert (own["StreamID"], own["StreamName"], own["ABook"]) == (2, "Second", 0.25)


def test_a_strategy_whose_offer_was_not_made_is_gone_on_with(world: World) -> None:
    _, wallet = world.wallet_of(1_000)
    name = world.name()
    opened = world.do(
        OpenStrategy(wallet, name, 600_00, manage=ManageType.MANAGER, external_server=SERVER, external_account="77")
    )[0]
    assert isinstance(opened, StrategyOpened)
    assert world.open(wallet, Name=name, Money=600, ExternalAccount="77") == opened.strategy
    assert world.ask("strategies.get", ID=opened.strategy)["Fee"] == 0.25
    assert world.ask("wallets.get", ID=wallet)["Balance"] == 400
    again = {"WalletID": wallet, "Name": name, "Money": 600, "ExternalServer": SERVER, "ExternalAccount": "77"}
    assert world.refused("strategies.add", **again)[2] == "Name"


def test_strategies_are_found_by_what_is_said_of_them(world: World) -> None:
    trader = world.trader[0]
    name = world.ask("strategies.get", ID=world.copied)["Name"]
    closed = world.open(world.wallet_of(300)[1], Money=250)
    world.ask("strategies.close", ID=closed)
    world.settle()
    finding: list[dict[str, Any]] = [
        {"Name": name.lower()}, {"Value": str(world.copied)}, {"Value": trader.login.upper()}, {"TraderLogin": trader.login},
        {"ExternalAccount": str(trader.id)}, {"Symbols": EUROS}, {"Closed": False}, {"Status": 1}, {"YieldTo": 0.5},
        {"DTCreatedFrom": "2026-01-01", "DTCreatedTo": "2027-01-01"}, {"WalletID": world.trader[1], "AccountingSystem": 1},
    ]  # fmt: skip
    for wanted in finding:
        found = world.ask("strategies.search", Filter=wanted)["Strategies"]
        assert world.copied in [one["ID"] for one in found], wanted
    missing: list[dict[str, Any]] = [
        {"Symbols": "EURUSD,USDJPY"},
        {"Closed": True},
        {"YieldFrom": 0.5},
        {"DTClosedFrom": "2026-01-01"},
        {"Value": "?"},
    ]
    for wanted in missing:
        found = world.ask("strategies.search", Filter=wanted)["Strategies"]
        assert world.copied not in [one["ID"] for one in found], wanted
    assert [one["ID"] for one in world.ask("strategies.search", Filter={"Closed": True})["Strategies"]] == [closed]


def test_a_strategys_symbols_share_its_turnover(world: World) -> None:
    world.sync_by_hand(world.copied, 0)
    world.fill(110_000)
    signals = [{"Symbol": "USDJPY", "Lot": 1, "Equity": 10_000}]
    world.ask("trading.addSync", StrategyID=world.copied, Signals=signals)
    world.settle()
    shares = world.ask("strategysymbolstat.get", ID=world.copied)["StrategySymbolStat"]
    assert [one["Symbol"] for one in shares] == [EUROS, "USDJPY"]
    assert round(sum(one["Share"] for one in shares), 4) == 100
    assert world.ask("strategies.get", ID=world.copied)["Symbols"] == "EURUSD, USDJPY"


def test_a_closed_strategy_pays_everybody_out(world: World) -> None:
    number = world.copied
    world.ask("strategies.close", ID=number)
    world.fill(110_000)
    world.settle()
    shown = world.ask("strategies.get", ID=number)
    assert (shown["Status"], shown["Accounts"], shown["Equity"]) == (4, 0, 0)
    accounts = world.ask("accounts.search", Filter={"StrategyID": number})["Accounts"]
    assert {(one["State"], one["Status"], one["Equity"]) for one in accounts} == {(15, 6, 0)}
    # Each lot costs 7.00 on both ways and a spread of 10.00; the investor also 10.00 for a million, 0.34 and 0.34.
    balances = [world.ask("wallets.get", ID=wallet)["Balance"] for _, wallet in (world.trader, world.investor)]
    assert balances == [9_988.68, 9_992.12]


# Accounts.


def test_an_account_shows_result_fee_and_limits_to_the_cent(world: World) -> None:
    world.quote(EUROS, 111_000, 111_010)
    account = world.investment
    world.quote(EUROS, 112_000, 112_010)
    shown = world.ask("accounts.get", ID=account)
    # 0.30 lot filled at 1.10010 and worth 1.12000: 597.00; 2.10 for the broker, 0.34 for the trader.
    assert (shown["Balance"], shown["Equity"], shown["ProfitPositions"]) == (2_997.56, 3_594.56, 597)
    assert (shown["ProfitCurrentIntervalGross"], shown["SuccessFee"], shown["ProfitCurrentIntervalNet"]) == (
        594.56, 148.64, 445.92,
    )  # fmt: skip
    assert (shown["ProtectionEquity"], shown["TargetEquity"], shown["FeeRate"]) == (1_500, 6_000, 0.25)
    assert (shown["AvailableToWithdraw"], shown["AccountMinBalance"]) == (3_344.56, 250)
    assert (shown["Type"], shown["IsSecurity"], shown["State"], shown["Status"], shown["PositionsCount"]) == (3, 0, 3, 1, 1)
    head = world.ask("accountStatements.get", ID=account)
    assert (head["MCLevel"], head["LeverageMax"], head["Commission"], head["Fee"]) == (20, 50, 0.00001, 0.25)
    world.quote(EUROS, 110_000, 110_010)


def test_pausing_closes_positions_first_and_resuming_waits_for_a_synchronisation(world: World) -> None:
    account = world.investment
    command = world.ask("accounts.pause", ID=account)["CommandID"]
    shown = world.ask("accounts.get", ID=account)
    assert (shown["State"], shown["Status"], command > 0) == (10, 4, True)
    assert world.refused("accounts.pause", ID=account)[1] == "invalid_status"
    (asked,) = world.ask("positions.search", Filter={"AccountID": account})["Positions"]
    assert (asked["VolumeOpen"], asked["VolumeRequestShort"], asked["MarginRequestShort"] > 0) == (0.3, 0.3, True)
    world.fill(110_000)
    assert world.ask("accounts.get", ID=account)["State"] == 11
    world.ask("accounts.resume", ID=account)
    assert world.ask("accounts.get", ID=account)["State"] == 2
    (collected,) = world.ask("trading.searchStrategies", ExternalServer=SERVER, NeedSyncOnly=1)
    assert (collected["ID"], collected["NeedSync"]) == (world.copied, True)
    world.ask("trading.addSync", StrategyID=world.copied, SoftSync=True, Signals=[
        {"Symbol": EUROS, "Lot": 1, "Equity": 10_000},
    ])  # fmt: skip
    world.fill(110_010)
    assert world.ask("accounts.get", ID=account)["State"] == 3
    assert world.ask("trading.searchStrategies", ExternalServer=SERVER, NeedSyncOnly=True) == []


def test_an_account_that_closes_names_the_command_until_it_is_done(world: World) -> None:
    account = world.investment
    command = world.ask("accounts.close", ID=account)["CommandID"]
    assert world.ask("accounts.get", ID=account)["CommandCloseID"] == command
    world.fill(110_000)
    shown = world.ask("accounts.get", ID=account)
    assert (shown["State"], shown["CommandCloseID"], shown["DTClosed"] is not None) == (15, None, True)
    assert world.refused("accounts.close", ID=account)[1] == "invalid_status"


def test_share_and_stream_are_set_by_one_command(world: World) -> None:
    account = world.investment
    both = world.ask("accounts.set", ID=account, ABook=0.5, StreamID=2)
    assert both["ABookCommandID"] == both["CommandStreamID"] > 0
    one = world.ask("accounts.set", ID=account, ABook=0.25)
    assert (one["ABookCommandID"] > both["ABookCommandID"], one["CommandStreamID"]) == (True, None)
    shown = world.ask("accounts.get", ID=account)
    assert (shown["ABook"], shown["StreamID"], shown["LiquidityID"]) == (0.25, 2, 2)
    world.fill(110_000)


def test_accounts_are_found_by_what_they_are(world: World) -> None:
    number, account = world.copied, world.investment
    investor = world.investor[0]
    all_of_it = {"StrategyID": number}
    finding: list[dict[str, Any]] = [
        {"ClientID": investor.id}, {"Type": 3}, {"State": 3, **all_of_it}, {"ID": account}, {"StreamID": 1}, {"Test": 0},
        {"Statuses": [1, 4]}, {"AccountingSystem": 1}, {"DTCreatedFrom": "2026-01-01", "DTCreatedTo": "2027-01-01"},
    ]  # fmt: skip
    for wanted in finding:
        found = world.ask("accounts.search", Filter=wanted)["Accounts"]
        assert account in [one["ID"] for one in found], wanted
    missing: list[dict[str, Any]] = [{"Type": 0}, {"State": 2}, {"Test": 1}, {"Statuses": [0, 4, 6]}, {"AccountingSystem": 0},
               {"DTClosedFrom": "2026-01-01"}, {"DTCreatedFrom": "2027-01-01"}, {"StreamID": 2}]  # fmt: skip
    for wanted in missing:
        found = world.ask("accounts.search", Filter=wanted)["Accounts"]
        assert account not in [one["ID"] for one in found], wanted
    beside = world.ask("accounts.search", Statuses=[6], Filter=all_of_it)
    assert beside["Pagination"]["TotalRecords"] == 0


# Deals and execution.


def test_deals_say_what_they_did_to_the_balance(world: World) -> None:
    account = world.investment
    money, bought = world.ask("deals.search", Filter={"AccountID": account})["Deals"]
    assert (money["Type"], money["Profit"], money["TotalProfit"], money["Symbol"], money["Price"]) == (
        2, 3_000, 3_000, None, None,
    )  # fmt: skip
    assert (bought["Type"], bought["Entry"], bought["Volume"], bought["VolumeA"], bought["Price"]) == (0, 0, 0.3, 0.3, 1.1001)
    assert (bought["Commission"], bought["TotalProfit"], bought["Netting"], bought["Symbol"]) == (2.44, -2.44, 1, EUROS)
    assert (bought["ClientLogin"], bought["TurnoverUSD"]) == (world.investor[0].login, 33_003)
    card = world.ask("deals.get", ID=bought["ID"])
    parts = [card[f"Commission{who}"] for who in ("Broker", "Trader", "Partner", "Liquidity")]
    assert (parts, card["Commission"], card["SignalID"] is not None) == ([2.1, 0.34, 0, 0], 2.44, True)
    balance = world.ask("accounts.get", ID=account)["Balance"]
    assert round(sum(deal["TotalProfit"] for deal in (money, bought)), 2) == balance


def test_a_part_that_the_venue_rejects_is_shown(world: World) -> None:
    number = world.copied
    world.sync_by_hand(number, 2.0)
    (asked,) = world.ask("positions.search", Filter={"AccountID": world.investment})["Positions"]
    assert (asked["VolumeRequestLong"] > 0.29, asked["VolumeOpen"]) == (True, 0.3)
    request = world.first("fillRequests.search", "FillRequests", Symbol=EUROS)
    world.settle()
    request = world.first("fillRequests.search", "FillRequests", Symbol=EUROS)
    assert world.ask("fillRequests.get", ID=request)["DTProcessed"] is None
    world.fill(110_020, 0.5)
    world.settle()
    (fill,) = world.ask("fills.search", Filter={"FillRequestID": request})["Fills"]
    assert (fill["Price"], fill["Ticket"], fill["Test"]) == (1.1002, f"fill {request}", 0)
    ordered = world.ask("hb.get", ID=request)
    assert round(fill["VolumeFilled"] + fill["VolumeRejected"], 6) == ordered["Volume"]
    assert ordered["DTProcessed"] is not None
    for wanted, count in (({"PriceFrom": 1.1002, "PriceTo": 1.1002}, 1), ({"PriceFrom": 1.10021}, 0), ({"PriceTo": 1.1}, 0),
                          ({"Test": 1}, 0), ({"Ticket": f"fill {request}"}, 1)):  # fmt: skip
        found = world.ask("fills.search", Filter={"FillRequestID": request, **wanted})
        assert found["Pagination"]["TotalRecords"] == count, wanted


def test_only_test_clients_make_a_test_fill(world: World) -> None:
    client, wallet = world.wallet_of(1_000, test=True)
    number = world.open(wallet, Money=600)
    (own,) = world.ask("accounts.search", Filter={"StrategyID": number, "Test": 1})["Accounts"]
    world.ask("accounts.set", ID=own["ID"], ABook=1)
    world.sync_by_hand(number, 1)
    world.fill(110_010)
    world.settle()
    (fill,) = world.ask("fills.search", Filter={"Test": 1})["Fills"]
    assert (fill["Test"], world.ask("fills.search", Filter={"Test": 0})["Fills"]) == (1, [])
    assert client.test


def test_a_signal_is_found_with_what_it_said(world: World) -> None:
    world.ask("trading.addSignal", StrategyID=world.copied, Symbol=EUROS, Lot=0.75, Equity=10_000.5, Ticket=9, Comment="less")
    world.settle()
    found = world.ask("signals.search", Filter={"StrategyID": world.copied, "Symbol": EUROS})["Signals"]
    assert [(one["TraderLot"], one["TraderEquity"], one["Ticket"], one["Comment"], one["Status"]) for one in found] == [
        (0.75, 10_000.5, "9", "less", 1)
    ]
    syncs = world.ask("signals.search", Filter={"StrategyID": world.copied})["Signals"]
    assert (syncs[0]["Symbol"], syncs[0]["SymbolsSync"]) == (None, EUROS)
    world.fill(110_000)


# What is added up.


def test_charges_and_rewards_are_polled_from_the_last_one_on(world: World) -> None:
    world.trader = world.wallet_of(10_000, execution_server=SERVER, execution_account=f"6{world.company.id:07d}")
    account = world.investment
    world.charge()
    charges = world.ask("clients.getCharges", ExecutionServerName=SERVER, ID=0)["Charges"]
    assert {one["ExecutionAccount"] for one in charges} == {world.investor[0].execution_account}
    shown = world.ask("accounts.get", ID=account)
    deals = world.ask("deals.search", Filter={"AccountID": account})["Deals"]
    costs = sum(deal["Commission"] for deal in deals) + shown["FeeTotal"]
    assert round(sum(one["Charges"] for one in charges), 2) == round(costs, 2)
    later = world.ask("clients.getCharges", ExecutionServerName=SERVER, ID=charges[0]["ID"])["Charges"]
    assert later == charges[1:]
    (reward,) = world.ask("walletTransfers.getRewards", ExecutionServerName=SERVER, ID=0)["Transactions"]
    assert (reward["ExecutionAccount"], reward["Amount"]) == (world.trader[0].execution_account, shown["FeeTotal"])
    assert world.ask("walletTransfers.getRewards", ExecutionServerName=SERVER, ID=reward["ID"])["Transactions"] == []
    assert world.ask("clients.getCharges", ExecutionServerName="Nowhere", ID=0)["Charges"] == []


def test_a_clients_card_and_lists_tell_where_his_money_came_from(world: World) -> None:
    account = world.investment
    world.charge()
    trader, investor = world.trader[0], world.investor[0]
    rows = {one["ID"]: one for one in world.ask("clients.search")["Clients"]}
    assert (rows[trader.id]["Status"], rows[trader.id]["ActiveStrategiesCount"], rows[trader.id]["ActiveAccountsCount"]) == (
        4,
        1,
        1,
    )
    assert (rows[investor.id]["ClosedAccountsCount"], rows[investor.id]["ActiveAccountsCount"]) == (1, 0)
    bonus, wallet = world.wallet_of()
    assert world.ask("clients.get", ID=bonus.id)["Status"] == 0
    world.ask("walletTransfers.add", WalletID=wallet, Type=2, Amount=10)
    world.settle()
    assert world.ask("clients.get", ID=bonus.id)["Status"] == 1
    card = world.ask("clients.get", ID=investor.id)["Statistic"]
    fee = world.ask("accounts.get", ID=account)["FeeTotal"]
    assert (card["ClientFundsTotalIn"], card["FeeCharged"], card["Volume"]) == (10_000, -fee, 0.6)
    assert (card["ActiveAccounts"], card["ClosedAccounts"], card["Equity"]) == (0, 1, 0)
    assert world.ask("clients.get", ID=trader.id)["Statistic"]["FeeReceived"] == fee
    assert world.ask("wallets.get", ID=world.investor[1])["Balance"] == round(10_000 + card["GrossProfit"] - fee, 2)


def test_statistics_of_clients_add_up(world: World) -> None:
    account = world.investment
    world.quote(EUROS, 112_000, 112_010)
    rows = {one["IDClient"]: one for one in world.ask("clients.searchStatistic")["Statistic"]}
    trader, investor = rows[world.trader[0].id], rows[world.investor[0].id]
    shown = world.ask("accounts.get", ID=account)
    assert (investor["AccountsEquity"], investor["AccountsBalance"]) == (shown["Equity"], shown["Balance"])
    assert (investor["AccountsFeeCharged"], investor["AccountsFeePaid"]) == (shown["SuccessFee"], 0)
    assert (investor["AccountsProfitPositionsGross"], investor["PositionsCount"], investor["DealsVolume"]) == (597, 1, 0.3)
    assert (trader["StrategiesFeeDue"], trader["StrategiesCommissionDue"]) == (shown["SuccessFee"], 0.34)
    assert (trader["WalletTransfersTotalIn"], trader["WalletsTotalBalance"]) == (10_000, 5_000)
    assert world.ask("clients.searchStatistic", Filter={"Test": 1})["Statistic"] == []
    world.quote(EUROS, 110_000, 110_010)


def test_a_companys_day_ends_with_what_its_clients_have(world: World) -> None:
    world.wallet_of(77, test=True)
    world.end_day()
    (day,) = world.ask("company.getEquity", Filter={"DTFrom": "2026-03-02T00:00:00"})
    accounts = world.ask("accounts.search")["Accounts"]
    assert day["IDCompany"] == world.company.id
    assert (day["Equity"], day["Balance"]) == tuple(
        round(sum(one[name] for one in accounts), 2) for name in ("Equity", "Balance")
    )
    assert day["WalletsBalance"] == 5_000 + 7_000 + 0.34  # The turnover commission is paid out when the day ends.
    assert world.ask("company.getEquity", Filter={"DTTo": "2026-03-02T00:00:00"}) == []


def test_a_company_of_another_currency_shows_its_money_with_its_digits(copy_broker: Broker, world: World) -> None:
    company = copy_broker.add_company("Yen Broker", currency="JPY")
    login, _ = copy_broker.hire(company)
    boss = copy_broker.manager(login, company, ExpirationMinutes=43_200)
    world.do(PutCopySpec(CopySpec(company=company.id, currency="JPY", investor_min=100, trader_min=100)))
    made = boss("clients.addWithWallet", Login=f"yen{company.id}@mail.test").body["Wallet"]
    assert made["AssetName"] == "JPY"
    wallet = made["ID"]
    assert boss("walletTransfers.add", WalletID=wallet, Type=0, Amount=1000.5).status == 400
    assert boss("walletTransfers.add", WalletID=wallet, Type=0, Amount=1000).status == 200
    number = boss("strategies.add", WalletID=wallet, Name=world.name(), Money=500).body["Strategy"]["ID"]
    (own,) = boss("accounts.search", Filter={"StrategyID": number}).body["Accounts"]
    assert (own["Precision"], own["AssetName"], own["AccountSpecAssetID"]) == (0, "JPY", company.id * 100_000 + 392)
    assert '"Balance":500,' in boss("accounts.get", ID=own["ID"]).text
