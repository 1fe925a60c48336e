"""Every order that the documents name is one, and puts the rows in it."""

from typing import Any

import pytest

from tests.rest.ramm.broker import Broker
from tests.rest.ramm.copied_world import World

ORDERS: dict[str, tuple[str, str]] = {
    "accounts.search": (
        "Accounts",
        "ID ClientID WalletID StrategyID TradingCoreID AccountSpecAssetID LiquidityID StreamID StreamName PartnerID "
        "CommandCloseID TradingIntervalCurrentID IsSecurity DTCreated DTClosed Type ABook Balance Factor Equity ProfitBase "
        "Bonus Margin Status MCReached Protection ProtectionEquity ProtectionReached Target TargetEquity TargetReached "
        "AssetName Precision State Test",
    ),
    "deals.search": (
        "Deals",
        "ID StrategyID AccountID AccountType SignalID CommandID SOID SymbolSpecID StreamID FillRequestID ClientID WalletID DT "
        "Type Symbol Volume VolumeA Price Commission Entry Profit Swap TotalProfit DealToID Netting ClientLogin ClientEmail "
        "Test TurnoverUSD",
    ),
    "positions.search": (
        "Positions",
        "ID AccountID SymbolSpecID Symbol VolumeRequestLong VolumeRequestShort VolumeOpen VolumeRejected PriceOpen Swap SwapDT "
        "MarginRequestLong MarginRequestShort MarginOpen MarginLongTotal MarginShortTotal MarginTotal Profit TotalProfit "
        "ProfitCalcQuote ClientID WalletID IDStrategy StrategyName TraderID TraderLogin Test AccountingSystem Ticket",
    ),
    "strategies.search": (
        "Strategies",
        "ID ClientID WalletID Name DTCreated DTClosed Yield Accounts Status Symbols UnitPrice Leverage MonthlyYield "
        "TraderLogin",
    ),
    "wallets.search": ("Wallets", "ID ClientID Asset DTCreated Balance Bonus Status Invested Margin IntervalPnL"),
    "walletTransfers.search": (
        "WalletTransfers", "ID WalletID ExternalTransferID DT Type Amount CommentClient CommentCompany Test",
    ),
    "fills.search": (
        "Fills",
        "ID FillRequestID Symbol Price VolumeFilled VolumeRejected CommissionFill Ticket DT DTExecuted DTProcessed Test",
    ),
    "fillRequests.search": ("FillRequests", "ID StreamID Symbol Volume DT DTProcessed DTLastFill Test"),
    "signals.search": (
        "Signals", "ID StrategyID DT Symbol TraderLot TraderEquity SymbolsSync Status Ticket Comment DTProcessed",
    ),
    "clients.searchStatistic": (
        "Statistic",
        "IDClient IDCompany Test AccountsBalance AccountsEquity AccountsProfitCurrentIntervalGross "
        "AccountsProfitPositionsGross AccountsPastProfit AccountsFeeCharged AccountsFeePaid AccountsCommissionPaid "
        "AccountsActive AccountsClosed "
        "StrategiesActive StrategiesClosed StrategiesFeeReceived StrategiesFeeDue StrategiesCommissionReceived "
        "StrategiesCommissionDue WalletTransfersTotalIn WalletTransfersTotalOut WalletTransfersTotalDelta Swap DealsVolume "
        "WalletsTotalBalance PositionsCount Login",
    ),
    "clients.search": (
        "Clients",
        "ID Login Email FirstName LastName Language Status Tag Test ActiveAccountsCount ActiveAccountsTotalBalance "
        "ActiveAccountsTotalEquity ActiveAccountsTotalPositionsCount ClosedAccountsCount ActiveStrategiesCount "
        "ClosedStrategiesCount WalletsTotalBalance TotalFunds",
    ),
}  # fmt: skip
CASES = [(method, field) for method, (_, fields) in ORDERS.items() for field in fields.split()]
SHOWN_AS = {("positions.search", "IDStrategy"): "StrategyID"}


@pytest.fixture(scope="module")
def world(copy_broker: Broker) -> World:
    """A company with four strategies in two symbols, one of them sold and in hedging mode, test clients, a closed account."""
    company = copy_broker.add_company("Ordering Broker")
    login, _ = copy_broker.hire(company)
    world = World(copy_broker, company, copy_broker.manager(login, company, ExpirationMinutes=43_200))
    assert world.copied
    second = world.open(world.wallet_of(3_000, test=True)[1], Money=1_000)
    world.put_in(world.wallet_of(2_000, test=True, email="ann@mail.test")[1], second, 1_500_00, factor=250)
    world.sync_by_hand(second, -0.7, "USDJPY")
    third = world.open(world.wallet_of(900)[1], Money=700, AccountingSystem=0)
    leaver = world.put_in(world.wallet_of(2_000)[1], third, 300_00)
    world.ask("trading.addSignal", StrategyID=third, Symbol="EURUSD", Lot=2, Equity=7_000, Ticket=12)
    world.ask("accounts.close", ID=leaver)
    world.ask("walletTransfers.add", WalletID=world.trader[1], Type=2, Amount=5.5, ExternalTransferID=9, CommentClient="b")
    world.ask("walletTransfers.add", WalletID=world.trader[1], Type=1, Amount=1.25, ExternalTransferID=1000)
    world.ask("strategies.close", ID=world.open(world.wallet_of(800)[1], Money=400))
    world.settle()
    return world


@pytest.mark.parametrize(("method", "field"), CASES, ids=[f"{method} {field}" for method, field in CASES])
def test_rows_are_put_in_every_documented_order(world: World, method: str, field: str) -> None:
    rows, _ = ORDERS[method]
    found: dict[str, list[Any]] = {}
    for direction in ("Asc", "Desc"):
        answer = world.ask(method, OrderBy={"Field": field, "Direction": direction}, Pagination={"PerPage": 1_000})
        assert answer["OrderBy"] == {"Field": field, "Direction": direction}
        found[direction] = answer[rows]
    assert len(found["Asc"]) >= 3 or method in ("fills.search", "fillRequests.search")
    assert sorted(map(repr, found["Asc"])) == sorted(map(repr, found["Desc"]))
    values = [_comparable(row[SHOWN_AS.get((method, field), field)]) for row in found["Asc"]]
    known = [value for value in values if value is not None]
    assert known == sorted(known)
    values = [_comparable(row[SHOWN_AS.get((method, field), field)]) for row in found["Desc"]]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)


def _comparable(value: Any) -> Any:
    """Return what is compared; None for nothing, which may stand at either end."""
    return (value.casefold() or None) if isinstance(value, str) else value


@pytest.mark.parametrize("method", ORDERS)
def test_pages_are_parts_of_one_list(world: World, method: str) -> None:
    rows, fields = ORDERS[method]
    order = {"Field": fields.split()[-1], "Direction": "Desc"}
    whole = world.ask(method, OrderBy=order, Pagination={"PerPage": 1_000})[rows]
    parts: list[Any] = []
    for page in range(1, len(whole) + 2):
        answer = world.ask(method, OrderBy=order, Pagination={"CurrentPage": page, "PerPage": 2})
        assert answer["Pagination"]["TotalRecords"] == len(whole)
        parts += answer[rows]
    assert [repr(row) for row in parts] == [repr(row) for row in whole]
