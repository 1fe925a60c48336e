"""What accounts hold and what is over, under both spellings of the paths; each answer with its published fields."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from prorata.access.permissions import Permission
from prorata.messages.commands import Access, BalanceKind, BookBalance, ChangeAccount, Quote
from prorata.projections.tables import days
from tests.rest.broker.stage import Stage
from tests.rest.broker.test_trading import CANCEL, CLOSE, PLACE, Trader

LONG, SHORT = "/v1/trading-accounts/trading-data", "/v1/trading-accounts"
DAY = {"from": "2026-03-02T00:00:00.000Z", "to": "2026-03-03T00:00:00.000Z"}
BEFORE = {"from": "2026-02-01T00:00:00.000Z", "to": "2026-02-02T00:00:00.000Z"}
CLOSED = {
    "login", "id", "uid", "symbol", "alias", "volume", "side", "openTime", "openPrice", "stopLoss", "takeProfit", "time",
    "closePrice", "commission", "swap", "profit", "netProfit", "closingOrderID", "reason", "comment",
}  # fmt: skip
HISTORICAL = {
    "orderId", "created", "updated", "status", "symbol", "side", "volume", "closingOrderId", "takeProfit", "stopLoss", "limit",
    "stop",
}  # fmt: skip
LEDGER_TYPES = ["DEPOSIT", "WITHDRAWAL", "CREDIT_IN", "CREDIT_OUT", "CLOSED_POSITION", "COMMISSIONS", "SWAPS", "OTHER"]


class Told(Trader):
    """An account with a past: 10,000.00 and 5.00 of credit, a position closed in two parts, an order cancelled."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        credit = BookBalance(int(self.login), BalanceKind.CREDIT_IN, 500, comment="welcome")
        stage.house.run(stage.house.platforms["live"].writer.submit(credit))
        self.name = self.opens(volume=0.3)
        self.asks(f"{CLOSE}-partially", positionId=self.name, instrument="EURUSD", volume=0.1)
        self.asks(CLOSE, closePositions=[{"positionId": self.name, "instrument": "EURUSD"}])
        waiting: dict[str, Any] = {
            "instrument": "EURUSD",
            "orderSide": "SELL",
            "volume": 0.1,
            "type": "STOP",
            "activationPrice": 1.05,
        }
        self.cancelled = self.asks(PLACE, **waiting).body["orderId"]
        stage.program.delete(CANCEL, self.at | {"orderId": self.cancelled})
        self.waiting = self.asks(PLACE, **waiting).body["orderId"]
        self.held = self.opens("SELL", 0.2)
        stage.house.write_history()

    def told(self, path: str, **query: Any) -> Any:
        answer = self.stage.program.get(path, **self.at, **query)
        assert answer.status == 200, answer.text
        return answer.body

    def sent(self, path: str, **body: Any) -> Any:
        answer = self.stage.program.post(path, {"systemUuid": self.stage.live} | body)
        assert answer.status == 200, answer.text
        return answer.body


@pytest.fixture(scope="module")
def account(stage: Stage) -> Told:
    return Told(stage)


@pytest.mark.parametrize("root", [LONG, SHORT])
def test_one_account_is_told_under_both_spellings(account: Told, root: str) -> None:
    assert [one["id"] for one in account.told(f"{root}/open-positions")["positions"]] == [account.held]
    assert [one["id"] for one in account.told(f"{root}/active-orders")["orders"]] == [account.waiting]
    part, rest = account.told(f"{root}/closed-positions", **DAY)["closedPositions"]
    assert set(part) == set(rest) == CLOSED
    assert (part["id"], rest["id"]) == (account.name, account.name)
    assert part["uid"] != rest["uid"]
    assert part == part | {
        "volume": Decimal("0.1"), "side": "BUY", "openPrice": Decimal("1.10013"), "closePrice": Decimal("1.09998"),
        "profit": Decimal("-1.50"), "netProfit": Decimal("-1.50"), "reason": "CLOSE_REASON_PARTIAL",
        "openTime": account.stage.platform_time, "time": account.stage.platform_time,
    }  # fmt: skip
    assert (rest["volume"], rest["reason"], rest["closingOrderID"][0]) == (Decimal("0.2"), "CLOSE_REASON_USER", "W")
    assert account.told(f"{root}/closed-positions", **BEFORE)["closedPositions"] == []
    ledger = account.told(f"{root}/ledgers", **{"types[]": LEDGER_TYPES})["operations"]
    assert [(one["type"], one["profit"], one["comment"]) for one in ledger] == [
        ("DEPOSIT", Decimal("10000.00"), ""), ("CREDIT_IN", Decimal("5.00"), "welcome"),
        ("CLOSED_POSITION", Decimal("-1.50"), ""), ("CLOSED_POSITION", Decimal("-3.00"), ""),
    ]  # fmt: skip
    assert all(set(one) == {"id", "type", "time", "profit", "comment"} for one in ledger)
    limited = account.told(f"{root}/ledgers", **{"types[]": ["CLOSED_POSITION"]}, limit=1)["operations"]
    assert limited == [ledger[2]]


@pytest.mark.parametrize("root", [LONG, SHORT])
def test_many_accounts_are_told_by_logins_and_by_groups(account: Told, root: str) -> None:
    login = int(account.login)
    chosen: dict[str, Any] = {"logins": [account.login, 99_999_999]}
    (one,) = account.sent(f"{root}/open-positions", **chosen)
    assert (one["login"], one["group"], [held["id"] for held in one["positions"]]) == (login, "standard", [account.held])
    grouped = {one["login"]: one for one in account.sent(f"{root}/open-positions", groups=["standard"])}
    assert grouped[login] == one | {"positions": grouped[login]["positions"]}
    closed = account.sent(f"{root}/closed-positions", **chosen, **DAY)["closedPositions"]
    assert [(one["login"], one["id"]) for one in closed] == [(login, account.name)] * 2
    (one,) = account.sent(f"{root}/ledgers", **chosen, types=["CREDIT_IN"])
    assert (one["login"], [operation["profit"] for operation in one["operations"]]) == (login, [5])
    (one,) = account.sent(f"{root}/order-history", **chosen, statuses=["CANCELLED", "ADDED"])
    found = {order["orderId"]: order for order in one["historicalOrders"]}
    assert {name: order["status"] for name, order in found.items()} == {
        account.cancelled: "CANCELLED", account.waiting: "ADDED",
    }  # fmt: skip
    assert all(set(order) == HISTORICAL for order in found.values())
    assert (found[account.waiting]["stop"], found[account.waiting]["limit"]) == (Decimal("1.05000"), 0)


def test_what_is_named_by_its_id_is_told(account: Told) -> None:
    asked = {"login": account.login}

    def of(path: str, *ids: str) -> Any:
        (found,) = account.sent(f"{LONG}/{path}-by-ids", **asked, ids=list(ids)).values()
        return [one.get("id") or one["orderId"] for one in found]

    assert of("open-positions", account.held, account.name) == [account.held]
    assert of("active-orders", account.waiting) == [account.waiting]
    assert of("closed-positions", account.name) == [account.name, account.name]
    assert of("order-history", account.cancelled) == [account.cancelled]
    for ids in ([], ["42"], ["W0000000000001"] * 2 + ["x"]):
        body = {"systemUuid": account.stage.live, **asked, "ids": ids}
        assert account.stage.program.post(f"{LONG}/open-positions-by-ids", body).status == 400


def test_accounts_that_may_not_trade_are_told_when_asked_for(stage: Stage) -> None:
    trader = Trader(stage)
    name = trader.opens()
    submit = stage.house.platforms["live"].writer.submit
    for access, flag in ((Access.TRADING_DISABLED, "includeLocked"), (Access.LOGIN_DISABLED, "includeBlocked")):
        stage.house.run(submit(ChangeAccount(int(trader.login), access=access)))
        body = {"systemUuid": stage.live, "logins": [trader.login]}
        assert stage.program.post(f"{LONG}/open-positions", body).body == []
        (one,) = stage.program.post(f"{LONG}/open-positions", body | {flag: True}).body
        assert [held["id"] for held in one["positions"]] == [name]


def test_a_call_for_nobody_or_without_kinds_is_refused(account: Told) -> None:
    program, system = account.stage.program, {"systemUuid": account.stage.live}
    for path, body in (
        ("open-positions", {}),
        ("open-positions", {"logins": [], "groups": []}),
        ("open-positions", {"logins": [1], "limit": 0}),
        ("closed-positions", {"logins": [account.login]}),
        ("closed-positions", {"logins": [account.login], "from": "yesterday", "to": "today"}),
        ("ledgers", {"logins": [account.login], "types": []}),
        ("ledgers", {"logins": [account.login], "types": ["NONE"]}),
        ("order-history", {"logins": [account.login]}),
    ):
        assert program.post(f"{LONG}/{path}", system | body).status == 400, (path, body)
    assert program.get(f"{LONG}/ledgers", **account.at).status == 400
    assert account.stage.stranger.get(f"{LONG}/open-positions", **account.at).status == 404
    other = account.stage.program_with([Permission.ACCOUNTS_READ])
    assert other.get(f"{LONG}/open-positions", **account.at).status == 403


def test_symbols_are_told_as_a_group_trades_them(stage: Stage) -> None:
    at = {"systemUuid": stage.live, "group": "standard"}
    found = stage.program.get("/v1/symbols", **at).body["effectiveInstruments"]
    assert "BTCUSD" not in [one["symbol"] for one in found]
    (one,) = stage.program.get("/v1/symbols", **at, symbols="EURUSD,NONE").body["effectiveInstruments"]
    assert one == one | {
        "symbol": "EURUSD", "alias": "EURUSD", "isSessionOpen": True, "sessionOpen": True, "baseCurrency": "EUR",
        "quoteCurrency": "USD", "type": "FOREX", "pricePrecision": 5, "volumePrecision": 2, "volumeMin": Decimal("0.01"),
        "contractSize": 100_000, "sizeOfOnePoint": Decimal("0.00001"), "multiplier": 1, "divider": 1, "leverage": 100,
        "isFixedLeverage": False, "bidMarkup": 2, "askMarkup": 3,
    }  # fmt: skip
    assert set(one["tradingHours"][0]) == {
        "dayNumber", "openHours", "openMinutes", "openSeconds", "closeHours", "closeMinutes", "closeSeconds",
    }  # fmt: skip
    assert stage.program.get("/v1/symbols", systemUuid=stage.live, group="none").status == 404


def test_groups_are_told_with_their_terms(stage: Stage) -> None:
    assert stage.program.get("/v1/group-names", systemUuid=stage.live).body == ["euro", "netting", "standard"]
    (one,) = stage.program.post("/v1/groups", {"names": ["euro", "none"]}, systemUuid=stage.live).body
    assert (one["id"], one["currency"], one["currencyPrecision"]) == ("euro", "EUR", 2)
    assert one["symbols"]["EURUSD"]["leverage"] == 30
    assert len(stage.program.post("/v1/groups", {}, systemUuid=stage.live).body) == 3
    assert stage.stranger.get("/v1/group-names", systemUuid=stage.live).status == 404


def test_candles_are_told_by_their_milliseconds(stage: Stage) -> None:
    stage.house.quote(Quote("EURUSD", 110_000, 110_010))
    stage.house.write_quotes()
    asked = {"systemUuid": stage.live, "symbol": "EURUSD", "interval": "M1", **DAY}
    found = stage.program.get("/v1/candles", **asked).body
    assert (found["symbol"], found["interval"]) == ("EURUSD", "M1")
    candle = found["candles"][0]
    assert set(candle) == {"time", "open", "high", "low", "close"}
    assert candle["time"] == 1_772_452_800_000
    assert candle["low"] <= candle["open"] <= candle["high"]
    assert candle["low"] <= candle["close"] <= candle["high"]
    assert stage.program.get("/v1/candles", **asked | {"interval": "M2"}).status == 400
    assert stage.program.get("/v1/candles", **asked | {"symbol": "NONE"}).status == 404


def test_a_day_that_has_ended_leaves_a_snapshot(stage: Stage) -> None:
    trader = Trader(stage)
    trader.opens(volume=0.1)
    account = stage.engine(trader.login)
    day = 20_515  # 2026-03-03
    history = stage.house.platforms["live"].history
    stage.house.write_history()
    row = {
        "platform": "live", "day": day, "login": account.login, "at": stage.house.platforms["live"].writer.at,
        "sequence": 1, "balance": 1_000_000, "credit": 500, "floating": -150, "swap": -20, "equity": 1_000_330,
        "margin": 11_000,
    }  # fmt: skip
    with history._writing() as connection:
        connection.execute(insert(days).values({name: value for name, value in row.items() if name in days.c}))
    shown = {
        "day": "2026-03-03", "time": stage.platform_time, "balance": Decimal("10000.00"), "credit": Decimal("5.00"),
        "equity": Decimal("10003.30"), "profit": Decimal("-1.50"), "swap": Decimal("-0.20"), "margin": Decimal("110.00"),
    }  # fmt: skip
    path = f"{SHORT}/balance-snapshots"
    assert stage.program.get(path, **trader.at).body == {"balanceSnapshots": [shown]}
    assert stage.program.get(path, **trader.at, to="2026-03-01T00:00:00.000Z").body == {"balanceSnapshots": []}
    (one,) = stage.program.post(path, {"systemUuid": stage.live, "logins": [trader.login, "7"]}).body
    assert one == {"login": account.login, "group": "standard", "balanceSnapshots": [shown]}
    assert stage.stranger.get(path, **trader.at).status == 404
