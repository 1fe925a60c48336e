"""The contract of the Client, Trading and Partner APIs over copy trading: see `contract`.

One world is enough for all rows that read; a row that ends something is given a strategy or an investment of its own.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from prorata.messages.copy_commands import AddOffer
from tests.rest.ramm.broker import Broker, Caller
from tests.rest.ramm.contract import BOOL, NUM, OR_NULL, REAL, STRINGS, TEXT, TIME, Row, Scene, found
from tests.rest.ramm.copy_stage import Stage


class World:
    """`me` has a strategy with investors, investments in the strategies of `other`, and a partner's share of an offer."""

    def __init__(self, broker: Broker) -> None:
        self.stage = stage = Stage(broker)
        self.me, self.other, third = stage.client(100_000_00), stage.client(100_000_00), stage.client()
        opened = stage.strategy(self.me, Protection=0.5, Target=1)
        self.mine, self.my_own = opened["StrategyID"], opened["AccountID"]
        self.my_offer = stage.public(self.me, self.mine, commission=5)
        self.my_command = self.me.done("myStrategies.pause", StrategyID=self.mine)["CommandID"]
        self.me.done("myStrategies.resume", StrategyID=self.mine)
        stage.invest(self.other, self.mine, self.my_offer)
        closed = stage.invest(third, self.mine, self.my_offer)
        third.done("accounts.close", AccountID=closed)
        self.theirs = stage.strategy(self.other)["StrategyID"]
        self.their_offer = stage.public(self.other, self.theirs, commission=5)
        self.link = self.other.done("myStrategies.addOffer", StrategyID=self.theirs, FeeRate=0.2)["Link"]
        stage.do(AddOffer(self.theirs, 200_000, 500, f"partner{self.theirs}", self.me.wallet, 300_000))
        opened = self.me.done(
            "accounts.add", StrategyID=self.theirs, OfferID=self.their_offer, Money=1_000, Protection=0.5, Target=1
        )
        self.account, self.account_command = opened["AccountID"], opened["CommandBalanceID"]
        self.sender = stage.sender(self.other, self.theirs)
        stage.signal(self.sender, "EURUSD", 0.3)
        self.hedged = self._hedging()
        ended = stage.strategy(self.other)["StrategyID"]
        self.me.done("accounts.close", AccountID=stage.invest(self.me, ended, stage.public(self.other, ended)))
        self.others_mine = stage.strategy(self.me)["StrategyID"]
        self.me.done("myStrategies.close", StrategyID=self.others_mine)
        stage.settle()
        self.callers: dict[str, Caller] = {}

    def _hedging(self) -> int:
        stage = self.stage
        strategy = stage.strategy(self.other, AccountingSystem=0)["StrategyID"]
        account = stage.invest(self.me, strategy, stage.public(self.other, strategy, commission=5))
        sender = stage.sender(self.other, strategy)
        for lot, ticket in ((0.3, "7001"), (0.2, "7002"), (0, "7002")):
            stage.signal(sender, "EURUSD", lot, Ticket=ticket)
        return account

    def caller(self, api: str) -> Caller:
        kind, _, version = api.partition("/v")
        if api not in self.callers:
            if kind == "trading":
                self.callers[api] = self.sender
            elif kind == "partner":
                token = self.stage.broker.control.partner_tokens.add(self.stage.company.id, None)
                self.callers[api] = self.stage.broker.caller(api, token)
            else:
                self.callers[api] = self.stage.other_version(self.me, int(version)).call
        return self.callers[api]

    def new_strategy(self) -> int:
        number: int = self.stage.strategy(self.me, 200)["StrategyID"]
        return number

    def new_account(self) -> int:
        """Return a new investment of mine."""
        strategy = self.stage.strategy(self.other, 200)["StrategyID"]
        return self.stage.invest(self.me, strategy, self.stage.public(self.other, strategy))

    def paused_account(self) -> int:
        account = self.new_account()
        self.me.done("accounts.pause", AccountID=account)
        return account


@cache
def world_of(broker: Broker) -> World:
    return World(broker)


class CopyScene(Scene):
    def __init__(self, broker: Broker, api: str) -> None:
        self.broker = broker
        self.api = api
        self.world = world_of(broker)
        self.caller = self.world.caller(api)


class CopyRow(Row):
    def __init__(self, api: str, method: str, ask: dict[str, Any] | Callable[[World], dict[str, Any]], gives: Any) -> None:
        super().__init__(api, method, {}, gives)
        self._world_ask = ask

    def scene(self, broker: Broker) -> Scene:
        return CopyScene(broker, self.api)

    def body(self, scene: Scene) -> dict[str, Any]:
        assert isinstance(scene, CopyScene)
        return self._world_ask(scene.world) if callable(self._world_ask) else self._world_ask


def rows(versions: tuple[int, ...], method: str, ask: Any, gives: Any) -> list[Row]:
    return [CopyRow(f"client/v{version}", method, ask, gives) for version in versions]


WALLET = {"ID": NUM, "Asset": TEXT, "Balance": REAL, "Invested": REAL, "Margin": REAL, "IntervalPnL": REAL}
WALLET_V1 = {**WALLET, "Bonus": REAL}
TERMS = {"ID": NUM, "FeeRate": REAL, "CommissionRate": REAL}
YIELDS = {"current": REAL, **dict.fromkeys(("day", "week", "month", "quarter"), OR_NULL(REAL))}
PAID = {"FeePaid": REAL, "FeeToPay": REAL, "CommissionPaid": REAL, "CommissionToPay": REAL}
TRADER = {"MasterAccount": TEXT, "ManageType": NUM, **PAID}
ACCOUNT = {
    "ID": NUM, "DT": TIME, "DTClosed": OR_NULL(TIME), "IsMyAccount": BOOL, "IsSecurity": BOOL, "Type": NUM, "State": NUM,
    "Balance": REAL, "Equity": REAL, "Asset": TEXT, "LeverageMax": NUM, "MCLevel": NUM, "Margin": REAL, "Factor": REAL,
    "Target": OR_NULL(REAL), "Protection": REAL, "TargetEquity": OR_NULL(REAL), "ProtectionEquity": REAL,
    "FreeMargin": REAL, "MarginLevel": OR_NULL(REAL), "AccountMinBalance": REAL, "AvailableToWithdraw": REAL,
    "TotalProfit": REAL, "FeeToPay": REAL, "FeePaid": REAL, "ProfitCurrentIntervalGross": REAL,
    "TotalCommissionPaid": REAL, "PositionsCount": NUM, "Offer": TERMS,
}  # fmt: skip
OFFER = {
    "ID": NUM, "DTCreated": TIME, "FeeRate": REAL, "CommissionRate": REAL, "PartnerID": OR_NULL(NUM),
    "PartnerShareRate": REAL, "Link": TEXT, "Type": NUM, "Status": NUM, "Description": TEXT, "ActiveAccounts": NUM,
    "TotalAccounts": NUM, **PAID,
}  # fmt: skip
STRATEGY = {
    "ID": NUM, "Name": TEXT, "AccountingSystem": NUM, "Yield": REAL, "MonthlyYield": REAL, "Yields": YIELDS,
    "Accounts": NUM, "DTCreated": TIME, "DTStat": TIME, "DTClosed": OR_NULL(TIME), "Equity": REAL, "IsMyStrategy": BOOL,
    "Status": NUM, "PublicOffer": TERMS, "LinkOffer": OR_NULL({**TERMS, "Link": TEXT}), "TraderInfo": OR_NULL(TRADER),
    "PartnerInfo": PAID, "Account": ACCOUNT, "Offers": [OFFER],
}  # fmt: skip
LIMITS = {
    "MCReached": OR_NULL(TIME), "Protection": REAL, "ProtectionEquity": REAL, "ProtectionReached": OR_NULL(TIME),
    "Target": OR_NULL(REAL), "TargetEquity": OR_NULL(REAL), "TargetReached": OR_NULL(TIME),
}  # fmt: skip
LISTED_ACCOUNT = {
    "ID": NUM, "IsSecurity": BOOL, "Type": NUM, "AccountSpecAssetID": NUM, "Asset": TEXT, "TradingIntervalCurrentID": NUM,
    "DTCreated": TIME, "Balance": REAL, "Equity": REAL, "Margin": REAL, "MarginLevel": OR_NULL(REAL), "Factor": REAL,
    **LIMITS, "Positions": NUM, "AccountMinBalance": REAL, "AvailableToWithdraw": REAL, "FeePaid": REAL, "FeeToPay": REAL,
}  # fmt: skip
LISTED = {
    "ID": NUM, "Name": TEXT, "DTCreated": TIME, "DTStat": TIME, "DTClosed": OR_NULL(TIME), "Status": NUM, "Yield": REAL,
    "MonthlyYield": REAL, "Accounts": NUM, "Symbols": TEXT, "IsMyStrategy": BOOL,
}  # fmt: skip
LISTED_V2 = {
    **LISTED, "AccountingSystem": NUM, "Yields": YIELDS, "PublicOffer": TERMS, "TraderInfo": OR_NULL(TRADER),
    "PartnerInfo": OR_NULL(PAID), "Chart": [{"Yield": REAL}],
    "Account": {**LISTED_ACCOUNT, "State": NUM, "ProfitCurrentIntervalGross": REAL, "TotalProfit": REAL, "Offer": TERMS},
}  # fmt: skip
LISTED_V1 = {**LISTED, "Fee": OR_NULL(REAL), "Commission": OR_NULL(REAL)}
RATED = {
    "Strategy": {
        "ID": NUM, "Name": TEXT, "Fee": REAL, "Commission": REAL, "MonthlyYield": REAL, "Yield": REAL, "AgeByDays": NUM,
        "Symbols": TEXT, "SignalSourceType": NUM, "IsMyStrategy": BOOL, "Status": NUM, "Type": NUM, "Accounts": NUM,
    },
    "Account": OR_NULL({
        "ID": NUM, "Type": NUM, "Equity": REAL, "ProfitCurrentIntervalNet": REAL, "TotalProfitNet": REAL, "TotalProfit": REAL,
        "Factor": REAL, "Target": OR_NULL(REAL), "Protection": REAL, "ProtectionEquity": REAL, "TargetEquity": OR_NULL(REAL),
        "State": NUM, "Status": NUM, "IsSecurity": BOOL, "Balance": REAL, "AccountMinBalance": REAL,
        "AvailableToWithdraw": REAL,
    }),
    "Chart": [{"Yield": REAL}],
}  # fmt: skip
PAGES = {"TotalRecords": NUM, "TotalPages": NUM, "CurrentPage": NUM, "PerPage": NUM, "MaxPerPage": NUM}
ACCOUNT_V1 = {
    "ID": NUM, "Strategy": {"ID": NUM, "Name": TEXT, "Status": NUM}, "Fee": REAL, "Commission": REAL, "DT": TIME,
    "DTClosed": OR_NULL(TIME), "Type": NUM, "IsSecurity": BOOL, "Status": NUM, "Balance": REAL, "Bonus": REAL,
    "Equity": REAL, "AvailableToWithdraw": REAL, "AccountMinBalance": REAL, "Factor": REAL, "Margin": REAL,
    "MarginLevel": OR_NULL(REAL), **LIMITS, "ProfitBase": REAL, "AssetName": TEXT, "Precision": NUM, "PositionsCount": NUM,
    "TotalProfit": REAL, "TotalProfitGross": REAL, "FeePaid": REAL, "FeeToPay": REAL, "ProfitCurrentIntervalGross": REAL,
}  # fmt: skip
STATEMENT = {
    "CurrentDate": TIME,
    "Strategy": {"ID": NUM, "Name": TEXT, "Commission": REAL, "Fee": REAL, "IsMyStrategy": BOOL, "Status": NUM},
    "Account": {
        "ID": NUM, "IsMyAccount": BOOL, "IsSecurity": BOOL, "IDCompany": NUM, "DT": TIME, "DTClosed": OR_NULL(TIME),
        "ABook": REAL, "Type": NUM, "AssetName": TEXT, "LeverageMax": NUM, "MCLevel": NUM, "Balance": REAL, "Margin": REAL,
        "State": NUM, "Factor": REAL, "Target": OR_NULL(REAL), "Protection": REAL, "TargetEquity": OR_NULL(REAL),
        "ProtectionEquity": REAL, "Equity": REAL, "FreeMargin": REAL, "MarginLevel": OR_NULL(REAL), "Status": NUM,
        "AccountMinBalance": REAL, "AvailableToWithdraw": REAL,
    },
}  # fmt: skip
DEALS_TOTAL = {"Profit": REAL, "TotalProfit": REAL, "Swap": REAL, "Commission": REAL}
DEAL = {
    "ID": NUM, "SignalID": OR_NULL(NUM), "CommandID": OR_NULL(NUM), "SOID": OR_NULL(NUM),
    "TradingIntervalID": OR_NULL(NUM), "DT": TIME, "Type": NUM, "Symbol": OR_NULL(TEXT), "Volume": OR_NULL(REAL),
    "VolumeClosed": OR_NULL(REAL), "Price": OR_NULL(REAL), "Commission": REAL, "Entry": OR_NULL(NUM), "Profit": REAL,
    "Swap": REAL, "TotalProfit": REAL, "DealToID": OR_NULL(NUM), "PrecisionPrice": OR_NULL(NUM),
    "PrecisionVolume": OR_NULL(NUM), "Netting": NUM,
}  # fmt: skip
POSITION = {
    "ID": NUM, "Symbol": TEXT, "Volume": REAL, "Price": REAL, "Margin": REAL, "Swap": REAL, "Profit": REAL,
    "TotalProfit": REAL, "ProfitCalcQuote": REAL, "PrecisionPrice": NUM, "PrecisionVolume": NUM,
}  # fmt: skip
COMMISSIONS = {"CommissionBroker": REAL, "CommissionLiquidity": REAL, "CommissionTrader": REAL}
OPEN_POSITION = {
    "PositionID": NUM, "Ticket": TEXT, "DTOpen": TIME, "Type": NUM, "VolumeOpen": REAL, "Symbol": TEXT, "PriceOpen": REAL,
    "ProfitCalcQuote": REAL, "Profit": REAL, "TotalProfit": REAL, "Swap": REAL, "SwapDT": OR_NULL(TIME), "DealInID": NUM,
    **COMMISSIONS, "Margin": REAL, "PrecisionPrice": NUM, "PrecisionVolume": NUM,
}  # fmt: skip
CLOSED_POSITION = {
    "TicketIn": TEXT, "TicketOut": TEXT, "PositionID": NUM, "DealInID": NUM, "DealOutID": NUM, "DTOpen": TIME, "Type": NUM,
    "Volume": REAL, "Symbol": TEXT, "PriceOpen": REAL, "DTClose": TIME, "PriceClose": REAL, "Profit": REAL,
    "TotalProfit": REAL, "Swap": REAL, **COMMISSIONS, "PrecisionPrice": NUM, "PrecisionVolume": NUM,
}  # fmt: skip
POSITIONS_TOTAL = {"Profit": REAL, "TotalProfit": REAL, "Swap": REAL}
TRANSFER = {
    "ID": NUM, "StrategyID": OR_NULL(NUM), "AccountID": OR_NULL(NUM), "DealID": OR_NULL(NUM), "DT": TIME,
    "AccrualDate": TIME, "Amount": REAL, "Type": NUM, "Comment": TEXT,
}  # fmt: skip
STATISTIC = {
    **dict.fromkeys(
        ("IDClient", "IDCompany", "Test", "AccountsActive", "AccountsClosed", "StrategiesActive", "StrategiesClosed",
         "PositionsCount"), NUM,
    ),
    **dict.fromkeys(
        ("AccountsBalance", "AccountsEquity", "AccountsProfitCurrentIntervalGross", "AccountsProfitPositionsGross",
         "AccountsPastProfit", "AccountsFeeCharged", "AccountsFeePaid", "AccountsCommissionPaid", "StrategiesFeeReceived",
         "StrategiesFeeDue", "StrategiesCommissionReceived", "StrategiesCommissionDue", "WalletTransfersTotalIn",
         "WalletTransfersTotalOut", "WalletTransfersTotalDelta", "Swap", "DealsVolume", "WalletsTotalBalance"), REAL,
    ),
    "Login": TEXT,
}  # fmt: skip
CLOSED_OF_MINE = {
    **LISTED, "ActiveAccountID": OR_NULL(NUM), "PublicOffer": OR_NULL(TERMS),
    "Account": {
        "ID": NUM, "Type": NUM, "Asset": TEXT, "DTCreated": TIME, "DTClosed": TIME, "TotalProfit": REAL, "Offer": TERMS,
    },
}  # fmt: skip
WALLET_BESIDE = {**{name: kind for name, kind in WALLET.items() if name != "IntervalPnL"}}
ACTIVE_INVESTOR = {
    "ID": NUM, "DT": TIME, "State": NUM, "Equity": REAL, "ProfitCurrentIntervalGross": REAL, "FeePaid": REAL,
    "TotalCommissionTrader": REAL, "FeeToPay": REAL, "TotalProfitNet": REAL, "IsMyAccount": BOOL, "ClientID": NUM,
}  # fmt: skip
CLOSED_INVESTOR = {
    "ID": NUM, "DT": TIME, "DTClosed": TIME, "FeePaid": REAL, "TotalCommissionTrader": REAL, "TotalProfitNet": REAL,
    "IsMyAccount": BOOL, "ClientID": NUM,
}  # fmt: skip
SPEC = {
    "IDAccountSpecAsset": NUM, "IDSpec": NUM, "IDAsset": NUM, "IDStreamDefault": NUM, "IDStreamDefaultSecurity": NUM,
    "AccountMinBalance": REAL, "SecurityMinBalance": REAL, "Precision": NUM,
}  # fmt: skip
SHOWN = {
    "ID": NUM, "Name": TEXT, "Fee": REAL, "Commission": REAL, "MonthlyYield": REAL, "Yield": REAL, "AgeByDays": NUM,
    "Symbols": TEXT, "Accounts": NUM, "Equity": REAL, "Status": NUM,
}  # fmt: skip
IDEA = {
    "ID": NUM, "Name": TEXT, "Type": TEXT, "DTVideo": OR_NULL(TIME), "Youtube": TEXT, "State": TEXT,
    "DTClosed": OR_NULL(TIME), "Tags": STRINGS,
}  # fmt: skip
CHART = {"Chart": [{"DT": TIME, "Yield": REAL}]}
COMMAND = {"CommandID": NUM}
MOVED = {"AccountID": NUM, "CommandBalanceID": NUM}
PAGE = {"Pagination": {"CurrentPage": 1, "PerPage": 5}, "OrderBy": {"Field": "ID", "Direction": "Desc"}}
ALL, V1, V2, V12, V23 = (1, 2, 3), (1,), (2,), (1, 2), (2, 3)


def of_account(one: World) -> dict[str, Any]:
    return {"Filter": {"AccountID": one.account}, **PAGE}


def of_hedged(one: World) -> dict[str, Any]:
    return {"Filter": {"AccountID": one.hedged}}


def their_strategy(one: World) -> dict[str, Any]:
    return {"StrategyID": one.theirs}


def my_strategy(one: World) -> dict[str, Any]:
    return {"StrategyID": one.mine}


def new_strategy(one: World) -> dict[str, Any]:
    return {"StrategyID": one.new_strategy()}


def new_account(one: World) -> dict[str, Any]:
    return {"AccountID": one.new_account()}


COPY_ROWS: list[Row] = [
    # Totals and the wallet.
    *rows(ALL, "statistic.get", {}, STATISTIC),
    *rows(V1, "wallets.get", lambda one: {"ID": one.me.wallet}, WALLET_V1),
    *rows(V23, "wallets.get", lambda one: {"ID": one.me.wallet}, {**WALLET, "ActiveStrategiesCount": NUM}),
    *rows(V1, "walletTransfers.search", PAGE, found(Wallets=[WALLET_V1], WalletTransfers=[TRANSFER])),
    *rows(V23, "walletTransfers.search", {"Filter": {"Type": 4}, **PAGE},
          found(Wallets=[WALLET], WalletTransfers=[{**TRANSFER, "StrategyName": OR_NULL(TEXT)}])),
    # Strategies.
    *rows(V12, "strategies.get", lambda one: {"ID": one.theirs}, STRATEGY),
    *rows(V12, "charts.get", lambda one: {"StrategyID": one.theirs, "MaxPoints": 25}, CHART),
    *rows(V12, "strategyportfolio.get", their_strategy, {"StrategyPortfolio": [{"Symbol": TEXT, "Share": REAL}]}),
    *rows(V12, "strategysymbolstat.get", their_strategy, {"StrategySymbolStat": [{"Symbol": TEXT, "Share": REAL}]}),
    *rows(V2, "strategies.search", {"Filter": {"SearchMode": "MyActiveAccounts"}, **PAGE},
          found(Wallets=[{**WALLET_BESIDE, "ProfitCurrentIntervalGross": REAL}],
                Strategies=[{**LISTED_V2, "PublicOffer": OR_NULL(TERMS)}])),
    *rows(V1, "strategies.search", {"Filter": {"MyActiveAccounts": True}, **PAGE},
          found(Wallets=[WALLET_V1],
                Strategies=[{**LISTED_V1, "Chart": [{"Yield": REAL}],
                             "Account": {**LISTED_ACCOUNT, "Status": NUM, "Bonus": REAL, "IntervalPnL": REAL}}])),
    *rows(V1, "ratings.get", {"Filter": {"RatingType": 1}, "Pagination": PAGE["Pagination"]},
          {"Filter": {"RatingType": NUM}, "Pagination": PAGES, "MyFunds": {"InvestedNet": REAL, "EquityNet": REAL},
           "Strategies": [RATED]}),
    *rows(V23, "strategies.getOffers", my_strategy, {"Offers": [OFFER]}),
    # One's own strategies.
    *rows(V1, "myStrategies.search", PAGE, found(Wallets=[WALLET_V1], Strategies=[{**LISTED_V1, **PAID}])),
    *rows(V1, "myStrategies.add", lambda one: {"Name": one.stage.name(), "FeeRate": 0.25, "CommissionRate": 5,
          "Shared": False, "Protection": 0.5, "Target": 1, "Money": 200},
          {"StrategyID": NUM, "AccountID": NUM, "AccountCommandID": NUM}),
    *rows(V2, "myStrategies.add", lambda one: {"Name": one.stage.name(), "Protection": 0.5, "Target": 1, "Money": 200,
          "AccountingSystem": 1}, {"StrategyID": NUM, "AccountID": NUM, "AccountCommandID": NUM}),
    *rows(V23, "myStrategies.addOffer", lambda one: {"StrategyID": one.mine, "FeeRate": 0.25, "CommissionRate": 0},
          {"OfferID": NUM, "Link": TEXT}),
    *rows(V23, "myStrategies.setPublicOffer", lambda one: {"StrategyID": one.mine, "OfferID": one.my_offer}, {}),
    *rows(ALL, "myStrategies.close", new_strategy, COMMAND),
    *rows(V12, "myStrategies.pause", new_strategy, COMMAND),
    *rows(V12, "myStrategies.resume", lambda one: {"StrategyID": _paused(one)}, COMMAND),
    *rows(ALL, "myStrategies.getToken", my_strategy, {"Token": TEXT}),
    *rows(ALL, "myStrategies.setToken", my_strategy, {"Token": TEXT}),
    *rows(ALL, "myStrategies.checkName", {"Name": "Nobody has this"}, {"StrategyNameAvailable": BOOL}),
    *rows(ALL, "myStrategies.getActiveAccounts", lambda one: {"StrategyID": one.mine, **PAGE},
          {"StrategyID": NUM, "Pagination": PAGES, "OrderBy": {"Field": TEXT, "Direction": TEXT},
           "Accounts": [ACTIVE_INVESTOR]}),
    *rows(ALL, "myStrategies.getClosedAccounts", lambda one: {"StrategyID": one.mine, **PAGE},
          {"StrategyID": NUM, "Pagination": PAGES, "OrderBy": {"Field": TEXT, "Direction": TEXT},
           "Accounts": [CLOSED_INVESTOR]}),
    *rows(ALL, "strategyCommands.get", lambda one: {"StrategyCommandID": one.my_command, "StrategyID": one.mine},
          {"StrategyCommandStatus": NUM}),
    # Investments.
    *rows(V1, "accounts.add", lambda one: {"StrategyID": _public(one), "Factor": 1, "Protection": 0.5, "Target": 1,
          "Money": 300}, MOVED),
    *rows(V2, "accounts.add", lambda one: {"Link": _private(one), "Factor": 1, "Protection": 0.5, "Target": 1, "Money": 300},
          MOVED),
    *rows(ALL, "accounts.fund", lambda one: {"AccountID": one.account, "Amount": 10}, MOVED),
    *rows(ALL, "accounts.withdraw", lambda one: {"AccountID": one.paused_account(), "Amount": 10}, MOVED),
    *rows(ALL, "accounts.close", new_account, COMMAND),
    *rows(V12, "accounts.pause", new_account, COMMAND),
    *rows(V12, "accounts.resume", lambda one: {"AccountID": one.paused_account()}, COMMAND),
    *rows(V12, "accounts.setFactor", lambda one: {"AccountID": one.account, "Factor": 1.5}, COMMAND),
    *rows(V12, "accounts.setProtection", lambda one: {"AccountID": one.account, "Protection": 0.4}, COMMAND),
    *rows(V12, "accounts.setTarget", lambda one: {"AccountID": one.account, "Target": 2}, COMMAND),
    *rows(V1, "accounts.get", lambda one: {"AccountID": one.account}, ACCOUNT_V1),
    *rows(V23, "accounts.get", lambda one: {"AccountID": one.my_own},
          {"Strategy": {**{name: kind for name, kind in STRATEGY.items() if name not in ("Yields", "LinkOffer", "Offers")},
                        "TraderInfo": TRADER, "PartnerInfo": OR_NULL(PAID)}}),
    *rows(V1, "accounts.getStatement", lambda one: {"AccountID": one.account}, {"Statement": [STATEMENT]}),
    *rows(V1, "accounts.search", {"Filter": {"MyActiveAccounts": True}, **PAGE},
          found(Wallets=[WALLET_V1], Accounts=[ACCOUNT_V1])),
    *rows(ALL, "accounts.searchClosed", PAGE,
          found(Wallets=[{**WALLET_BESIDE, "TotalProfit": REAL}], Strategies=[CLOSED_OF_MINE])),
    *rows(V12, "accounts.getCharts", lambda one: {"AccountID": one.account, "chartType": "yield", "MaxPoints": 10},
          {"Chart": [{"DT": TIME, "Yield": REAL, "Equity": REAL}]}),
    *rows(ALL, "accounts.searchSpec", {}, {"AccountSpecAsset": SPEC}),
    *rows(ALL, "accountCommands.get", lambda one: {"AccountCommandID": one.account_command, "AccountID": one.account},
          {"AccountCommandStatus": NUM}),
    # Positions and deals.
    *rows(V1, "positions.search", of_account,
          found(Wallets=[WALLET_V1], PositionsTotal=POSITIONS_TOTAL, Positions=[POSITION])),
    *rows(V23, "positions.search", of_account,
          found(Wallets=[WALLET], PositionsTotal=POSITIONS_TOTAL, Positions=[POSITION])),
    *rows(V23, "hedgingPositions.searchOpen", of_hedged,
          found(Wallets=[WALLET], PositionsTotal=POSITIONS_TOTAL, Positions=[OPEN_POSITION])),
    *rows(V23, "hedgingPositions.searchClosed", of_hedged,
          found(Wallets=[WALLET], PositionsTotal=POSITIONS_TOTAL, Positions=[CLOSED_POSITION])),
    *rows(V1, "deals.search", of_account, found(Wallets=[WALLET_V1], DealsTotal=DEALS_TOTAL, Deals=[DEAL])),
    *rows(V23, "deals.search", of_account, found(Wallets=[WALLET], DealsTotal=DEALS_TOTAL, Deals=[DEAL])),
    # Trading API.
    CopyRow("trading/v1", "signals.send", {"Type": 0, "GetInfo": True}, {
        "App": {"CurrentVersion": TEXT, "NewestVersion": TEXT, "UpdateImportance": NUM},
        "Strategy": {"Yield": REAL, "Accounts": NUM, "Status": NUM, "NeedSync": NUM},
        "Account": {"Equity": REAL, "Margin": REAL, "Factor": REAL, "ProfitBase": REAL, **LIMITS, "Asset": TEXT},
    }),
    # Partner API.
    CopyRow("partner/v1", "ratings.get", {"Filter": {"RatingType": 1}},
            {"Filter": {"RatingType": NUM}, "Pagination": PAGES, "Strategies": [{**SHOWN, "Chart": [{"Yield": REAL}]}]}),
    CopyRow("partner/v1", "strategies.get", their_strategy,
            {"Strategy": {**SHOWN, "DTCreated": TIME, "DTClosed": OR_NULL(TIME), "DTStat": TIME}}),
    CopyRow("partner/v1", "strategies.getChart", their_strategy, CHART),
    CopyRow("partner/v1", "strategies.getPortfolio", their_strategy,
            {"StrategyPortfolio": [{"Symbol": TEXT, "Share": REAL}]}),
    CopyRow("partner/v1", "strategies.getSymbolStat", their_strategy,
            {"StrategySymbolStat": [{"Symbol": TEXT, "Share": REAL}]}),
    CopyRow("partner/v3", "strategies.get", lambda one: {"ID": one.theirs}, IDEA),
    CopyRow("partner/v3", "strategies.search", PAGE, found(Strategies=[IDEA])),
]  # fmt: skip


def _paused(one: World) -> int:
    strategy = one.new_strategy()
    one.me.done("myStrategies.pause", StrategyID=strategy)
    return strategy


def _public(one: World) -> int:
    strategy: int = one.stage.strategy(one.other, 200)["StrategyID"]
    one.stage.public(one.other, strategy)
    return strategy


def _private(one: World) -> str:
    strategy = one.stage.strategy(one.other, 200)["StrategyID"]
    link: str = one.other.done("myStrategies.addOffer", StrategyID=strategy)["Link"]
    return link
