"""The real client of the WebAPI trades: an account, money, orders, margins, history, charts; the same key gives one answer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from cplugin_webapi_sdk import ApiError, CPluginWebApiClient, unwrap
from cplugin_webapi_sdk._generated.models.chart_period import ChartPeriod
from cplugin_webapi_sdk._generated.models.mt4_chart_bar import MT4ChartBar
from cplugin_webapi_sdk._generated.models.mt4_chart_write_request import MT4ChartWriteRequest
from cplugin_webapi_sdk._generated.models.mt4_trade import MT4Trade
from cplugin_webapi_sdk._generated.models.mt4_trade_transaction import MT4TradeTransaction
from cplugin_webapi_sdk._generated.models.mt4_trade_update import MT4TradeUpdate
from cplugin_webapi_sdk._generated.models.mt4_user_create import MT4UserCreate

from tests.rest.house import House
from tests.rest.webapi.office import LIVE, Office
from tests.rest.webapi.test_sdk import client_at
from tests.rest.webapi.token_endpoint import TokenEndpoint


class Program:
    """A program at a trade platform, as its author writes it."""

    def __init__(self, client: CPluginWebApiClient) -> None:
        self.client = client

    def call(self, area: str, name: str, **arguments: Any) -> Any:
        """Call an operation that the client has no method of its own for."""
        module = import_module(f"cplugin_webapi_sdk._generated.api.mt4_v_2_{area}.{name}")
        return unwrap(self.client.mt4.raw(module, trade_platform=LIVE, **arguments))

    def transact(self, kind: str, *, key: str | None = None, **fields: Any) -> dict[str, Any]:
        body = MT4TradeTransaction(trade_transaction_type=kind, **fields)
        name = "post_api_v_2_mt4_trade_platform_trade_transaction"
        done: dict[str, Any] = self.call("trades", name, body=body, idempotency_key=key)
        return done

    def margin(self, login: int) -> dict[str, Any]:
        name = "get_api_v_2_mt4_trade_platform_margin_level_request_login"
        level: dict[str, Any] = self.call("margins", name, login=login)
        return level

    def history(self, login: int) -> list[MT4Trade]:
        name = "get_api_v_2_mt4_trade_platform_trades_user_history_login"
        return [MT4Trade.from_dict(trade) for trade in self.call("history", name, login=login)]


@pytest.fixture(scope="module")
def program(office: Office, house: House) -> Iterator[Program]:
    authority = TokenEndpoint(house, {"first": "all"})
    client = client_at(office, authority)
    yield Program(client)
    client.close()
    authority.stop()


def account_of(program: Program) -> int:
    user = program.call(
        "users", "post_api_v_2_mt4_trade_platform_user_record_new", body=MT4UserCreate(group="euro", name="Jane Doe")
    )
    login: int = user["login"]
    return login


def test_a_traders_day(program: Program, house: House) -> None:
    login = account_of(program)
    program.transact("BrBalance", trade_command="Balance", order_by=login, price=5_000.0, comment="wire", key=f"in {login}")
    wish: dict[str, Any] = {"order_by": login, "symbol": "EURUSD", "volume": 100, "trade_command": "Buy"}
    opened = program.transact("OpenInstant", price=1.1001, ie_deviation=5, sl=1.09, key=f"open {login}", **wish)
    assert program.transact("OpenInstant", price=1.1001, ie_deviation=5, sl=1.09, key=f"open {login}", **wish) == opened
    order = opened["order"]
    program.transact("Modify", order=order, sl=1.095, tp=1.12)
    waiting = program.transact("PendingOpen", **{**wish, "trade_command": "SellStop", "price": 1.05, "volume": 10})["order"]
    level = program.margin(login)
    # 100,000 EUR at 1:30 in an account of EUR.
    assert (level["margin"], level["volume"], level["balance"]) == (3333.34, 100, 5000.0)
    program.transact("CloseMarket", order=order, volume=40)
    mine = program.client.paged(lambda cursor: program.client.mt4.trades_request(LIVE, cursor=cursor, limit=1, group="euro"))
    trades = [MT4Trade.from_dict(trade) for page in mine for trade in page if trade["login"] == login]
    assert [(trade.order, trade.trade_command, trade.volume, trade.sl) for trade in trades] == [
        (order, "Buy", 60, 1.095), (waiting, "SellStop", 10, 0.0),
    ]  # fmt: skip
    program.transact("CloseMarket", order=order)
    program.transact("Delete", order=waiting)
    house.write_history()
    deposit, part, rest, deleted = program.history(login)
    assert (deposit.trade_command, deposit.profit, deposit.comment) == ("Balance", 5000.0, "wire")
    assert (part.trade_record_state, part.volume_lots, rest.order) == ("ClosedPart", 0.4, order)
    assert (rest.close_time, deleted.trade_record_state) == (datetime(2026, 3, 2, 12, tzinfo=UTC), "Deleted")
    assert isinstance(part.profit, float)
    assert isinstance(rest.profit, float)
    assert program.margin(login)["balance"] == pytest.approx(5000.0 + part.profit + rest.profit)


def test_what_is_refused_has_its_result_code_and_may_be_tried_again(program: Program) -> None:
    login = account_of(program)
    wish: dict[str, Any] = {"order_by": login, "symbol": "EURUSD", "volume": 100, "trade_command": "Buy"}
    with pytest.raises(ApiError) as poor:
        program.transact("OpenMarket", **wish)
    assert (poor.value.code, poor.value.manager_code, poor.value.outcome_unknown) == ("MT4Error", "TradeNoMoney", False)
    with pytest.raises(ApiError) as misspelt:
        program.transact("OpenMarkets", **wish)
    assert misspelt.value.code == "Validation"
    program.transact("BrBalance", trade_command="Balance", order_by=login, price=5_000.0)
    assert program.transact("OpenMarket", **wish)["price"] == 1.1001


def test_the_back_office_and_charts(program: Program, house: House) -> None:
    login = account_of(program)
    program.transact("BrBalance", trade_command="Balance", order_by=login, price=5_000.0)
    order = program.transact("BrOpen", order_by=login, symbol="EURUSD", volume=10, trade_command="Sell", price=1.15)["order"]
    changed = program.call(
        "trades", "post_api_v_2_mt4_trade_platform_adm_trade_record_modify_ticket", ticket=order,
        body=MT4TradeUpdate(order=order, comment="agreed"),
    )  # fmt: skip
    assert (changed["comment"], changed["openPrice"], changed["tradeRecordReason"]) == ("agreed", 1.15, "Dealer")
    bar = MT4ChartBar(time=datetime(2026, 2, 27, 10, tzinfo=UTC), open_=1.1, high=1.2, low=1.0, close=1.15, volume=9.0)
    prices: dict[str, Any] = {"symbol": "EURUSD", "period": ChartPeriod.H1}
    added = program.call(
        "prices", "post_api_v_2_mt4_trade_platform_chart_add_symbol", body=MT4ChartWriteRequest(rates=[bar]), **prices
    )
    assert added is True
    end = datetime(2026, 3, 1, tzinfo=UTC)
    bars = program.call("prices", "get_api_v_2_mt4_trade_platform_chart_request_symbol", end=end, **prices)
    assert [MT4ChartBar.from_dict(one).to_dict() for one in bars] == [bar.to_dict()]
