"""The contract of the Manager API's methods over copy trading: see `contract`."""

from functools import cache
from typing import Any

from tests.rest.ramm.broker import Broker
from tests.rest.ramm.contract import BOOL, NUM, OR_NULL, REAL, TEXT, TIME, Row, Scene, found
from tests.rest.ramm.copied_world import EUROS, SERVER, World

WALLET_ROW = {
    "ID": NUM, "ClientID": NUM, "Asset": TEXT, "DTCreated": TIME, "Balance": REAL, "Bonus": REAL, "Status": NUM,
    "Invested": REAL, "Margin": REAL, "IntervalPnL": REAL,
}  # fmt: skip
TRANSFER = {
    "ID": NUM, "WalletID": NUM, "ExternalTransferID": OR_NULL(NUM), "DT": TIME, "Type": NUM, "Amount": REAL,
    "CommentClient": TEXT, "CommentCompany": TEXT,
}  # fmt: skip
YIELDS = {
    "current": REAL, "day": OR_NULL(REAL), "week": OR_NULL(REAL), "month": OR_NULL(REAL), "quarter": OR_NULL(REAL),
}  # fmt: skip
STRATEGY = {
    "ID": NUM, "AccountingSystem": NUM, "WalletID": NUM, "TradingCoreID": NUM, "Name": TEXT, "DTCreated": TIME,
    "DTClosed": OR_NULL(TIME), "DTStat": TIME, "DTStamp": TIME, "Commission": REAL, "Fee": REAL, "PartnerShare": REAL,
    "Yield": REAL, "Accounts": NUM, "Status": NUM, "Symbols": TEXT, "UnitPrice": REAL, "Leverage": REAL, "MonthlyYield": REAL,
    "TraderLogin": TEXT, "ExternalServer": TEXT, "ExternalAccount": TEXT,
}  # fmt: skip
STRATEGY_ROW = {**STRATEGY, "ClientID": NUM, "Yields": YIELDS, "Chart": [{"Yield": REAL}]}
STRATEGY_CARD = {
    **STRATEGY, "CompanyID": NUM, "TraderID": NUM, "Demo": BOOL, "Equity": REAL, "TraderLastName": TEXT,
    "TraderFirstName": TEXT, "CompanyName": TEXT, "Chart": [{"Yield": REAL, "DT": TIME}],
}  # fmt: skip
ACCOUNT = {
    "ID": NUM, "StrategyID": NUM, "AccountingSystem": NUM, "ClientID": NUM, "WalletID": NUM, "TradingCoreID": NUM,
    "DTClosed": OR_NULL(TIME), "AssetName": TEXT, "AccountSpecAssetID": NUM, "LiquidityID": NUM, "StreamID": NUM,
    "PartnerID": OR_NULL(NUM), "CommandCloseID": OR_NULL(NUM), "TradingIntervalCurrentID": NUM, "Type": NUM, "ABook": REAL,
    "Balance": REAL, "Factor": REAL, "Equity": REAL, "ProfitBase": REAL, "Bonus": REAL, "Margin": REAL, "Status": NUM,
    "MCReached": OR_NULL(TIME), "Protection": REAL, "ProtectionEquity": REAL, "ProtectionReached": OR_NULL(TIME),
    "Target": OR_NULL(REAL), "TargetEquity": OR_NULL(REAL), "TargetReached": OR_NULL(TIME), "Precision": NUM,
    "IsSecurity": NUM, "State": NUM,
}  # fmt: skip
ACCOUNT_ROW = {**ACCOUNT, "DTCreated": TIME, "StreamName": TEXT, "Test": NUM}
ACCOUNT_CARD = {
    **ACCOUNT, "CompanyID": NUM, "DT": TIME, "SuccessFee": REAL, "FeeTotal": REAL, "AccountMinBalance": REAL,
    "AvailableToWithdraw": REAL, "ProfitCurrentIntervalGross": REAL, "ProfitCurrentIntervalNet": REAL,
    "ProfitPositions": REAL, "FeeRate": REAL, "DrawdownIn": REAL, "PositionsCount": NUM,
    "AvailableStreams": [{"StreamID": NUM, "Name": TEXT}],
}  # fmt: skip
STATEMENT = {
    "IDStrategy": NUM, "StrategyName": TEXT, "AccountingSystem": NUM, "Commission": REAL, "Fee": REAL, "IDAccount": NUM,
    "DT": TIME, "ABook": REAL, "Type": NUM, "DTStamp": TIME, "AccountAssetName": TEXT, "LeverageMax": NUM, "MCLevel": REAL,
    "State": NUM, "Factor": REAL, "Target": OR_NULL(REAL), "Protection": REAL, "TargetEquity": OR_NULL(REAL),
    "ProtectionEquity": REAL,
}  # fmt: skip
DEAL = {
    "StrategyID": NUM, "AccountingSystem": NUM, "AccountID": NUM, "SignalID": OR_NULL(NUM), "CommandID": OR_NULL(NUM),
    "SOID": OR_NULL(NUM), "SymbolSpecID": OR_NULL(NUM), "StreamID": OR_NULL(NUM), "FillRequestID": OR_NULL(NUM), "DT": TIME,
    "Type": NUM, "Symbol": OR_NULL(TEXT), "Volume": REAL, "VolumeA": REAL, "Price": OR_NULL(REAL), "Commission": REAL,
    "Entry": OR_NULL(NUM), "Profit": REAL, "Swap": REAL, "TotalProfit": REAL, "DealToID": OR_NULL(NUM), "Netting": NUM,
    "PrecisionPrice": OR_NULL(NUM), "PrecisionVolume": NUM, "TurnoverUSD": REAL,
}  # fmt: skip
DEAL_ROW = {
    **DEAL, "ID": NUM, "AccountType": NUM, "ClientID": NUM, "WalletID": NUM, "ClientLogin": TEXT, "ClientEmail": TEXT,
    "Test": NUM, "StrategyTags": TEXT,
}  # fmt: skip
DEAL_CARD = {
    **DEAL, "DealID": NUM, "CommissionLiquidity": REAL, "CommissionBroker": REAL, "CommissionTrader": REAL,
    "CommissionPartner": REAL, "Comment": TEXT, "Tag": NUM,
}  # fmt: skip
POSITION = {
    "AccountingSystem": NUM, "Ticket": TEXT, "AccountID": NUM, "SymbolSpecID": NUM, "Symbol": TEXT, "VolumeRequestLong": REAL,
    "VolumeRequestShort": REAL, "VolumeOpen": REAL, "VolumeRejected": REAL, "PriceOpen": OR_NULL(REAL), "Swap": REAL,
    "SwapDT": OR_NULL(TIME), "MarginRequestLong": REAL, "MarginRequestShort": REAL, "MarginOpen": REAL,
    "MarginLongTotal": REAL, "MarginShortTotal": REAL, "MarginTotal": REAL, "Profit": REAL, "TotalProfit": REAL,
    "ProfitCalcQuote": OR_NULL(REAL), "ClientID": NUM, "WalletID": NUM, "PrecisionPrice": NUM, "PrecisionVolume": NUM,
}  # fmt: skip
POSITION_ROW = {
    **POSITION, "ID": NUM, "StrategyID": NUM, "StrategyName": TEXT, "TraderID": NUM, "TraderLogin": TEXT, "Test": NUM,
}  # fmt: skip
FILL = {
    "ID": NUM, "FillRequestID": NUM, "Symbol": TEXT, "Price": REAL, "VolumeFilled": REAL, "VolumeRejected": REAL,
    "CommissionFill": REAL, "Ticket": TEXT, "DT": TIME, "DTExecuted": TIME, "DTProcessed": TIME,
}  # fmt: skip
FILL_REQUEST = {
    "ID": NUM, "StreamID": NUM, "Symbol": TEXT, "Volume": REAL, "DT": TIME, "DTProcessed": OR_NULL(TIME),
    "DTLastFill": OR_NULL(TIME),
}  # fmt: skip
SIGNAL = {
    "ID": NUM, "StrategyID": NUM, "DT": TIME, "Symbol": OR_NULL(TEXT), "TraderLot": REAL, "TraderEquity": REAL,
    "SymbolsSync": TEXT, "Status": NUM, "Ticket": TEXT, "Comment": TEXT, "DTProcessed": TIME,
}  # fmt: skip
STATISTIC = {
    "IDClient": NUM, "IDCompany": NUM, "Test": NUM, "AccountsBalance": REAL, "AccountsEquity": REAL,
    "AccountsProfitCurrentIntervalGross": REAL, "AccountsProfitPositionsGross": REAL, "AccountsPastProfit": REAL,
    "AccountsFeeCharged": REAL, "AccountsFeePaid": REAL, "AccountsCommissionPaid": REAL, "AccountsActive": NUM,
    "AccountsClosed": NUM, "StrategiesActive": NUM, "StrategiesClosed": NUM, "StrategiesFeeReceived": REAL,
    "StrategiesFeeDue": REAL, "StrategiesCommissionReceived": REAL, "StrategiesCommissionDue": REAL,
    "WalletTransfersTotalIn": REAL, "WalletTransfersTotalOut": REAL, "WalletTransfersTotalDelta": REAL, "Swap": REAL,
    "DealsVolume": REAL, "WalletsTotalBalance": REAL, "PositionsCount": NUM, "Login": TEXT,
}  # fmt: skip
COLLECTED = {"ID": NUM, "Status": NUM, "NeedSync": BOOL, "ExternalAccount": TEXT, "ExternalServer": TEXT}
EQUITY_DAY = {"IDCompany": NUM, "DT": TIME, "Equity": REAL, "Balance": REAL, "WalletsBalance": REAL}
COMMAND = {"CommandID": NUM}

PAGE = {"Pagination": {"CurrentPage": 1, "PerPage": 5}, "OrderBy": {"Field": "ID", "Direction": "Desc"}}


@cache
def _world_of(broker: Broker) -> World:
    world = World(broker, broker.company, broker.boss)
    assert world.copied
    return world


def _world(scene: Scene) -> World:
    """Return a world to be looked at, one for all rows."""
    return _world_of(scene.broker)


def _new_world(scene: Scene) -> World:
    """Return a world in which something may be changed."""
    world = World(scene.broker, scene.broker.company, scene.caller)
    assert world.copied
    return world


def _account(scene: Scene) -> dict[str, Any]:
    return {"ID": _world(scene).investment}


def _new_account(scene: Scene) -> dict[str, Any]:
    return {"ID": _new_world(scene).investment}


def _strategy(scene: Scene) -> dict[str, Any]:
    return {"ID": _world(scene).copied}


def _new_strategy(scene: Scene) -> dict[str, Any]:
    return {"ID": _new_world(scene).copied}


def _paused(scene: Scene) -> dict[str, Any]:
    world = _new_world(scene)
    world.ask("accounts.pause", ID=world.investment)
    world.fill(110_000)
    return {"ID": world.investment}


def _transfer_to_add(scene: Scene) -> dict[str, Any]:
    _, wallet = _world(scene).investor
    return {
        "WalletID": wallet, "ExternalTransferID": 546546, "Type": 2, "Amount": 254.56, "CommentClient": "Bonus",
        "CommentCompany": "all of it",
    }  # fmt: skip


def _transfers(scene: Scene) -> dict[str, Any]:
    client, wallet = _world(scene).investor
    return {"Filter": {"WalletID": wallet, "ClientID": client.id, "Type": 0, "Test": 0}, **PAGE}


def _transfer(scene: Scene) -> dict[str, Any]:
    world = _world(scene)
    return {"ID": world.first("walletTransfers.search", "WalletTransfers", WalletID=world.investor[1])}


def _charged(scene: Scene) -> dict[str, Any]:
    _new_world(scene).charge()
    return {"ExecutionServerName": SERVER, "ID": 0}


def _rewarded(scene: Scene) -> dict[str, Any]:
    """A trader who is himself on the server elsewhere, so that his reward is paid in there."""
    world = World(scene.broker, scene.broker.company, scene.caller)
    account = f"7{scene.client.id:07d}"
    world.trader = world.wallet_of(10_000, execution_server=SERVER, execution_account=account)
    assert world.copied
    world.charge()
    return {"ExecutionServerName": SERVER, "ID": 0}


def _strategy_to_add(scene: Scene) -> dict[str, Any]:
    world = _world(scene)
    client, wallet = world.wallet_of(5_000)
    return {
        "WalletID": wallet, "ClientID": client.id, "Name": f"Profit USD {client.id}", "FeeRate": 0.25, "Protection": 0.5,
        "Target": 1.5, "Money": 1_000, "CommissionRate": 0.0001, "ExternalServer": "FXTrade MT5 Server",
        "ExternalAccount": "10000005454", "ExecutionTags": '{"postfix": ".m"}', "AccountingSystem": 1,
    }  # fmt: skip


def _new_name(scene: Scene) -> dict[str, Any]:
    world = _new_world(scene)
    return {"ID": world.copied, "Name": f"Renamed {world.copied}"}


def _route(scene: Scene) -> dict[str, Any]:
    return {**_new_account(scene), "ABook": 0.5, "StreamID": 2}


def _deals(scene: Scene) -> dict[str, Any]:
    return {"Filter": {"AccountID": _world(scene).investment, "DTFrom": "2018-12-25T17:19:16.547"}, **PAGE}


def _deal(scene: Scene) -> dict[str, Any]:
    world = _world(scene)
    return {"ID": world.first("deals.search", "Deals", AccountID=world.investment)}


def _position(scene: Scene) -> dict[str, Any]:
    return {"PositionID": _world(scene).position}


def _fills(scene: Scene) -> dict[str, Any]:
    request = _world(scene).first("fillRequests.search", "FillRequests", Symbol=EUROS)
    return {"Filter": {"FillRequestID": request, "Symbol": EUROS, "PriceFrom": 1.1, "PriceTo": 1.2}, **PAGE}


def _fill(scene: Scene) -> dict[str, Any]:
    return {"ID": _world(scene).first("fills.search", "Fills", Symbol=EUROS)}


def _fill_request(scene: Scene) -> dict[str, Any]:
    return {"ID": _world(scene).first("fillRequests.search", "FillRequests", StreamID=1)}


def _signals(scene: Scene) -> dict[str, Any]:
    return {"Filter": {"StrategyID": _world(scene).copied, "Status": 1}, **PAGE}


def _signal(scene: Scene) -> dict[str, Any]:
    world = _world(scene)
    return {"ID": world.first("signals.search", "Signals", StrategyID=world.copied)}


def _signal_to_add(scene: Scene) -> dict[str, Any]:
    return {
        "StrategyID": _new_world(scene).copied,
        "Symbol": EUROS,
        "Lot": 0.5,
        "Equity": 10_000,
        "Ticket": "7",
        "Comment": "x",
    }


def _sync_to_add(scene: Scene) -> dict[str, Any]:
    signals = [{"Symbol": EUROS, "Lot": 0.5, "Equity": 10_000.5}]
    return {"StrategyID": _new_world(scene).copied, "SoftSync": True, "Signals": signals, "Ticket": "7", "Comment": "x"}


def _dealt(scene: Scene) -> str:
    """Return a symbol of which an order was sent."""
    assert _world(scene).copied
    return EUROS


def _server(scene: Scene) -> str:
    """Return a server on which there is a strategy."""
    assert _world(scene).copied
    return SERVER


def _days(scene: Scene) -> dict[str, Any]:
    _world(scene).end_day()
    return {"Filter": {"DTFrom": "2018-11-23T11:59:12.493", "DTTo": "2030-11-23T12:59:12.493"}}


MANAGER_ROWS: list[Row] = [
    Row("manager/v1", "company.getEquity", _days, [EQUITY_DAY]),
    # Clients and wallets.
    Row("manager/v1", "clients.getCharges", _charged, {"Charges": [{"ExecutionAccount": TEXT, "ID": NUM, "Charges": REAL}]}),
    Row(
        "manager/v1", "clients.searchStatistic",
        lambda scene: {"Filter": {"Login": scene.client.login, "Test": 0}, "OrderBy": {"Field": "Login", "Direction": "Desc"}},
        found(Statistic=[STATISTIC]),
    ),
    Row("manager/v1", "wallets.get", lambda scene: {"ID": _world(scene).investor[1]}, {**WALLET_ROW, "Test": BOOL}),
    Row(
        "manager/v1", "wallets.search", lambda scene: {"Filter": {"ClientID": scene.client.id, "TestClient": False}, **PAGE},
        found(Wallets=[WALLET_ROW]),
    ),
    Row("manager/v1", "walletTransfers.add", _transfer_to_add, {"WalletTransferID": NUM}),
    Row("manager/v1", "walletTransfers.search", _transfers, found(WalletTransfers=[{**TRANSFER, "Test": NUM}])),
    Row("manager/v1", "walletTransfers.get", _transfer, TRANSFER),
    Row(
        "manager/v1", "walletTransfers.getRewards", _rewarded,
        {"Transactions": [{"ExecutionAccount": TEXT, "ID": NUM, "Amount": REAL}]},
    ),
    # Strategies.
    Row(
        "manager/v1", "strategies.search", lambda scene: {"Filter": {"ClientID": _world(scene).trader[0].id}, **PAGE},
        found(Strategies=[STRATEGY_ROW]),
    ),
    Row("manager/v1", "strategies.get", _strategy, STRATEGY_CARD),
    Row("manager/v1", "strategies.add", _strategy_to_add, {"Strategy": {"ID": NUM}}),
    Row("manager/v1", "strategies.set", _new_name, {}),
    Row("manager/v1", "strategies.close", _new_strategy, COMMAND),
    Row("manager/v1", "strategies.checkName", {"Name": "Nobody has it"}, {"StrategyNameAvailable": BOOL}),
    Row("manager/v1", "strategysymbolstat.get", _strategy, {"StrategySymbolStat": [{"Symbol": TEXT, "Share": REAL}]}),
    # Trading accounts.
    Row(
        "manager/v1", "accounts.search",
        lambda scene: {"Filter": {"StrategyID": _world(scene).copied, "Statuses": [0, 1]}, **PAGE},
        found(Accounts=[ACCOUNT_ROW]),
    ),
    Row("manager/v1", "accounts.get", _account, ACCOUNT_CARD),
    Row("manager/v1", "accounts.set", _route, {"ABookCommandID": NUM, "CommandStreamID": NUM}),
    Row("manager/v1", "accounts.close", _new_account, COMMAND),
    Row("manager/v1", "accounts.getStatement", _account, STATEMENT),
    Row("manager/v1", "accounts.pause", _new_account, COMMAND),
    Row("manager/v1", "accounts.resume", _paused, COMMAND),
    # Deals and positions.
    Row("manager/v1", "deals.search", _deals, found(Deals=[DEAL_ROW])),
    Row("manager/v1", "deals.get", _deal, DEAL_CARD),
    Row(
        "manager/v1", "positions.search", lambda scene: {"Filter": {"AccountID": _world(scene).investment}, **PAGE},
        found(Positions=[POSITION_ROW]),
    ),
    Row("manager/v1", "positions.get", _position, {**POSITION, "PositionID": NUM}),
    # Execution.
    Row("manager/v1", "fills.search", _fills, found(Fills=[{**FILL, "Test": NUM}])),
    Row("manager/v1", "fills.get", _fill, FILL),
    Row(
        "manager/v1", "fillRequests.search",
        lambda scene: {"Filter": {"StreamID": 1, "Symbol": _dealt(scene), "Test": 2}, **PAGE},
        found(FillRequests=[{**FILL_REQUEST, "Test": NUM}]),
    ),
    Row("manager/v1", "fillRequests.get", _fill_request, FILL_REQUEST),
    Row("manager/v1", "signals.search", _signals, found(Signals=[SIGNAL])),
    Row("manager/v1", "signals.get", _signal, SIGNAL),
    Row("manager/v1", "streams.get", {}, [{"IDStream": NUM, "Name": TEXT}]),
    # Signals by hand.
    Row(
        "manager/v1", "trading.searchStrategies",
        lambda scene: {"NeedSyncOnly": 0, "ExternalServer": _server(scene), "Statuses": [1]},
        [COLLECTED],
    ),
    Row("manager/v1", "trading.addSignal", _signal_to_add, {"SignalID": NUM}),
    Row("manager/v1", "trading.addSync", _sync_to_add, {}),
]  # fmt: skip
