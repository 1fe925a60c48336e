"""Trades as they are read: pages, lists, single ones, whole groups, synchronisations; and what the back office does to them."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from threading import Event, Thread
from typing import Any

import pytest

from prorata.messages.commands import (
    Access,
    BalanceKind,
    BookBalance,
    ChangeAccount,
    CloseBy,
    ClosePosition,
    Command,
    OpenAccount,
    OrderType,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.messages.groups import GroupSpec
from prorata.rest.webapi.mt4 import trades
from prorata.rest.webapi.mt4.open_tickets import BLOCK, OpenTickets, is_open
from prorata.rest.webapi.mt4.trade_records import open_trade
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade
from prorata.trading.desk import Desk
from prorata.trading.engine import Engine
from prorata.trading.state import Account
from tests.rest.house import House
from tests.rest.webapi.floor import LOT, Floor
from tests.rest.webapi.office import Client, Office
from tests.trading.crowd import MONDAY, command_of, moment_after, opening
from tests.trading.test_laws import long_day
from tests.trading.words import new_symbol


def orders_of(found: list[Any]) -> list[int]:
    return [trade["order"] for trade in found]


# Pages.


def test_pages_go_through_all_that_is_open_once_in_the_order_of_tickets(floor: Floor) -> None:
    login = floor.account()
    mine = [floor.open(login, volume=1) for _ in range(7)]
    mine.append(
        floor.do("PendingOpen", tradeCommand="BuyLimit", orderBy=login, symbol="EURUSD", volume=1, price=1.0).data["order"]
    )
    seen: list[int] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = floor.mt4.get("TradesGet", limit=3, **cursor)
        assert len(answer.data) == 3 or not answer.paging["hasMore"]
        seen += orders_of(answer.data)
        if not answer.paging["hasMore"]:
            assert answer.paging["nextCursor"] is None
            break
        cursor = {"cursor": answer.paging["nextCursor"]}
    assert seen == sorted(set(seen))
    assert set(mine) <= set(seen)
    everything = floor.mt4.get("TradesGet")
    assert orders_of(everything.data) == seen
    assert everything.paging == {"nextCursor": None, "hasMore": False}
    assert orders_of(floor.mt4.get("TradesSnapshot", limit=5).data) == seen[:5]
    assert orders_of(floor.mt4.get("TradesRequest").data) == seen


def test_a_page_costs_what_is_on_it(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    login = floor.account()
    for _ in range(5):
        floor.open(login, volume=1)
    rendered: list[int] = []

    def counted(desk: Desk, account: Account, ticket: int) -> MT4Trade | None:
        rendered.append(ticket)
        return open_trade(desk, account, ticket)

    monkeypatch.setattr(trades, "open_trade", counted)
    page = floor.mt4.get("TradesGet", limit=3)
    assert rendered == orders_of(page.data)
    assert len(rendered) == 3


def test_what_closes_between_two_pages_moves_nothing(floor: Floor) -> None:
    login = floor.account()
    mine = [floor.open(login, volume=1) for _ in range(4)]
    filters: tuple[dict[str, Any], ...] = ({"group": "standard"}, {})
    for more in filters:
        first = floor.mt4.get("TradesRequest", limit=2, **more)
        assert len(first.data) == 2
        floor.do("CloseMarket", order=mine.pop(0))
        rest = floor.mt4.get("TradesRequest", cursor=first.paging["nextCursor"], **more)
        assert set(orders_of(first.data)).isdisjoint(orders_of(rest.data))
        assert set(mine) <= set(orders_of(first.data) + orders_of(rest.data))


def test_a_groups_trades_fill_its_pages(floor: Floor) -> None:
    mine, other = floor.account("euro"), floor.account()
    wanted = []
    for _ in range(3):
        floor.open(other, volume=1)
        wanted.append(floor.open(mine, volume=1))
    seen: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = floor.mt4.get("TradesRequest", group="euro", limit=2, **cursor)
        seen += answer.data
        if not answer.paging["hasMore"]:
            break
        assert len(answer.data) == 2
        cursor = {"cursor": answer.paging["nextCursor"]}
    accounts = floor.writer.engine.desk.state.accounts
    assert {accounts[trade["login"]].group for trade in seen} == {"euro"}
    assert orders_of(seen)[-3:] == wanted


def test_a_cursor_of_another_list_and_limits_out_of_range_are_refused(floor: Floor) -> None:
    login = floor.account()
    for _ in range(2):
        floor.open(login, volume=1)
    cursor = floor.mt4.get("TradesGet", limit=1).paging["nextCursor"]
    assert floor.mt4.get("TradesRequest", cursor=cursor).code == "Validation"
    assert floor.mt4.get("TradesGet", cursor="huge" * 1000).code == "Validation"
    for limit in (0, -1, 5_001, "many"):
        assert floor.mt4.get("TradesGet", limit=limit).code == "Validation"
    assert floor.mt4.get("TradesSnapshot", limit=0).code == "Validation"
    assert floor.mt4.get("TradesRequest", group="nobody").code == "NotFound"


def test_tickets_are_in_order_whatever_opens_and_closes() -> None:
    """Against the state, after every step of a day in which orders wait, travel, are reached, and are refused."""
    engine, now = Engine(), MONDAY
    for command in opening(100):
        engine.apply(command, now)
    tickets = OpenTickets(engine.desk.state)
    chance = Random(1)
    for step in long_day(5):
        now = moment_after(now, step)
        tickets.see([*engine.advance(now), *engine.apply(command_of(engine.desk, step), now)])
        expected = sorted(
            {
                ticket
                for account in engine.desk.state.accounts.values()
                for ticket in (*account.positions, *account.orders)
                if is_open(account, ticket)
            }
        )
        assert list(tickets) == expected
        assert len(tickets) == len(expected)
        if expected:
            place = chance.randrange(len(expected))
            assert tickets[place] == expected[place]
            assert tickets[place : place + 5] == expected[place : place + 5]
            owner = tickets.owner(expected[place])
            assert owner is not None
            assert is_open(owner, expected[place])
    assert list(OpenTickets(engine.desk.state)) == list(tickets)


def test_pages_of_many_tickets_are_cut_out_of_their_blocks() -> None:
    engine = Engine()
    count = 3 * BLOCK + 17
    for command in (
        PutSymbol(new_symbol("EURUSD")), PutGroup(GroupSpec(name="desk", currency="USD", orders_max=0)),
        *opening_of(1001, 10**9), Quotes((Quote("EURUSD", 110_000, 110_010),)),
    ):  # fmt: skip
        engine.apply(command, MONDAY)
    for _ in range(count):
        engine.apply(PlaceOrder(1001, "EURUSD", Side.BUY, LOT // 100), MONDAY)
    tickets = OpenTickets(engine.desk.state)
    everything = list(range(1, count + 1))
    for begin in (0, 1, BLOCK - 2, BLOCK, 2 * BLOCK + 5, count - 1, count):
        for size in (0, 1, 10, BLOCK, 5_000):
            assert tickets[begin : begin + size] == everything[begin : begin + size]
    with pytest.raises(IndexError):
        tickets[count]
    assert 0 not in tickets
    assert 1 in tickets


def opening_of(login: int, money: int) -> list[Command]:
    return [OpenAccount("desk", login), BookBalance(login, BalanceKind.DEPOSIT, money)]


# Lists.


def test_trades_are_listed_by_account_symbol_and_market(floor: Floor) -> None:
    login, other = floor.account(), floor.account("netting")
    pound = floor.open(login, symbol="GBPUSD", volume=1)
    euro = floor.open(other, volume=1)
    waits = floor.do(
        "PendingOpen", tradeCommand="SellLimit", orderBy=login, symbol="GBPUSD", volume=1, price=1.4
    ).data["order"]  # fmt: skip
    of_login = floor.mt4.get("TradesGetByLogin/{login}/{group}", login, "standard").data
    assert orders_of(of_login) == [pound, waits]
    assert floor.mt4.get("TradesGetByLogin/{login}/{group}", login, "netting").data == []
    assert floor.mt4.get("TradesGetByLogin/{login}/{group}", 999_999_999, "standard").code == "NotFound"
    in_pounds = orders_of(floor.mt4.get("TradesGetBySymbol", symbol="GBPUSD").data)
    assert (pound in in_pounds, waits in in_pounds, euro in in_pounds) == (True, True, False)
    assert in_pounds == sorted(in_pounds)
    assert floor.mt4.get("TradesGetBySymbol", symbol="NOTHING").code == "NotFound"
    assert floor.mt4.get("TradesGetBySymbol").code == "Validation"
    at_market = orders_of(floor.mt4.get("TradesGetByMarket").data)
    assert (pound in at_market, euro in at_market, waits in at_market) == (True, True, False)


def test_whole_groups_with_their_past(floor: Floor) -> None:
    login = floor.account("charged")
    closed, held = floor.open(login, volume=1), floor.open(login, volume=1)
    floor.do("CloseMarket", order=closed)
    floor.house.write_history()
    now = floor.mt4.get("AdmTradesRequest/{group}", "charged").data
    assert held in orders_of(now)
    assert closed not in orders_of(now)
    both = floor.mt4.get("AdmTradesRequest/{group}", "char*,!nobody", openOnly="false").data
    assert {closed, held} <= set(orders_of(both))
    accounts = floor.writer.engine.desk.state.accounts
    assert {accounts[trade["login"]].group for trade in both} == {"charged"}
    assert floor.mt4.get("AdmTradesRequest/{group}", "nobody").code == "NotFound"


def test_records_are_asked_for_by_their_numbers(floor: Floor) -> None:
    login = floor.account()
    closed, held = floor.open(login, volume=2), floor.open(login, volume=1)
    floor.do("CloseMarket", order=closed, volume=1)
    floor.do("CloseMarket", order=closed)
    numbers = orders_of(floor.past(login))
    found = floor.mt4.get("TradeRecordsRequest", orders=[held, *numbers, 987_654_321, held]).data
    assert orders_of(found) == [held, *numbers]
    assert floor.mt4.get("TradeRecordsRequest").data == []
    assert floor.mt4.get("TradeRecordGet/{order}", held).data["tradeRecordState"] == "OpenNormal"
    for number in (0, -5, 987_654_321, 2**31 - 1):
        assert floor.mt4.get("TradeRecordGet/{order}", number).code == "NotFound"
        assert floor.request(number).code == "NotFound"
    # The order that closed a part is no trade of its own.
    assert floor.request(held + 1).code == "NotFound"
    assert floor.mt4.get("TradesGet/{ticket}", closed).code == "NotFound"


def test_a_live_read_waits_for_the_history_and_gives_up_at_its_deadline(floor: Floor) -> None:
    login = floor.account()
    floor.do("CloseMarket", order=floor.open(login))
    late = floor.mt4.get("TradesUserHistory/{login}", login, headers={"x-request-timeout": "1"})
    assert (late.code, late.headers["x-request-outcome"]) == ("Timeout", "timeout")


def test_a_stop_loss_and_a_stop_out_tell_why_a_trade_was_closed(floor: Floor) -> None:
    login = floor.account("netting", deposit=120_000)
    stopped = floor.open(login, symbol="GBPUSD", volume=1, sl=1.29)
    floor.open(login, volume=100)
    with floor.quoted(Quote("GBPUSD", 128_990, 129_000), Quote("EURUSD", 109_000, 109_010)):
        pass
    closed = {trade["symbol"]: trade for trade in floor.past(login) if trade["symbol"]}
    assert (closed["GBPUSD"]["order"], closed["GBPUSD"]["activationType"]) == (stopped, "SL")
    assert closed["GBPUSD"]["sl"] == Decimal("1.29")
    assert closed["EURUSD"]["activationType"] == "Stopout"


def test_a_negative_balance_made_good_is_a_movement_of_money(floor: Floor) -> None:
    login = floor.account(deposit=120_000)
    floor.open(login, volume=100)
    with floor.quoted(Quote("EURUSD", 105_000, 105_010)):
        pass
    *_, loss, cover = floor.past(login)
    assert (cover["tradeCommand"], cover["comment"]) == ("Balance", "negative balance covered")
    assert Decimal(1200) + loss["profit"] + cover["profit"] == 0
    assert floor.trade(cover["order"]) == cover


# The back office.


@pytest.mark.parametrize(
    ("fields", "manager"),
    [
        ({}, None),
        ({"sl": 1.09, "tp": 1.11}, None),
        ({"sl": 1.11}, "TradeBadStops"),
        ({"tradeCommand": "Sell", "sl": 1.09}, "TradeBadStops"),
        ({"tradeCommand": "BuyLimit", "price": 1.09, "sl": 1.08, "tp": 1.1}, None),
        ({"tradeCommand": "BuyLimit", "price": 1.2}, "TradeBadPrices"),
        ({"tradeCommand": "BuyLimit"}, "TradeBadPrices"),
        ({"tradeCommand": "BuyStop", "price": 1.2, "expiration": "2026-03-02T12:09:59Z"}, "TradeExpirationDenied"),
        ({"tradeCommand": "BuyStop", "price": 1.2, "expiration": "2026-03-02T12:10:00Z"}, None),
        ({"symbol": "XAUUSD"}, "TradeOffquotes"),
    ],
)
def test_stops_are_checked_beforehand(floor: Floor, fields: dict[str, Any], manager: str | None) -> None:
    body: dict[str, Any] = {"tradeTransactionType": "OpenMarket", "symbol": "EURUSD", **fields}
    answer = floor.mt4.post("TradeCheckStops", body=body)
    if manager is None:
        assert answer.data is True
    else:
        assert (answer.code, answer.manager_code) == ("MT4Error", manager)


def test_stops_are_checked_against_a_price_and_an_accounts_terms(floor: Floor) -> None:
    body: dict[str, Any] = {"tradeTransactionType": "OpenMarket", "symbol": "EURUSD", "sl": 1.195}
    assert floor.mt4.post("TradeCheckStops", body=body).manager_code == "TradeBadStops"
    assert floor.mt4.post("TradeCheckStops", body=body, price=1.2).data is True
    # 20 points from the bid, of which the group's markup takes two.
    close: dict[str, Any] = {**body, "sl": 1.0998}
    assert floor.mt4.post("TradeCheckStops", body=close).data is True
    own = floor.mt4.post("TradeCheckStops", body={**close, "orderBy": floor.account()})
    assert own.manager_code == "TradeBadStops"
    assert floor.mt4.post("TradeCheckStops", body={**close, "orderBy": 999_999_999}).code == "NotFound"


def test_the_back_office_changes_stops_and_comments_of_what_is_open(floor: Floor) -> None:
    login = floor.account()
    order = floor.open(login)
    floor.house.run(floor.writer.submit(ChangeAccount(login, access=Access.TRADING_DISABLED)))
    seen = floor.trade(order)
    sent = {name: float(seen[name]) for name in ("sl", "tp", "commission", "storage", "taxes", "profit", "commissionAgent")}
    changed = floor.mt4.post(
        "AdmTradeRecordModify/{ticket}", order, body={**sent, "sl": 1.08, "magic": 0, "comment": "watched"}
    ).data
    assert (changed["sl"], changed["tp"], changed["comment"]) == (Decimal("1.08"), 0, "watched")
    assert floor.mt4.post("AdmTradeRecordModify/{ticket}", order, body={}).data == changed
    for body, manager in (
        ({"sl": 1.2}, "TradeBadStops"), ({"storage": -5}, "TradeModifyDenied"), ({"commission": -5}, "TradeModifyDenied"),
    ):  # fmt: skip
        assert floor.mt4.post("AdmTradeRecordModify/{ticket}", order, body=body).manager_code == manager
    unreadable: list[dict[str, Any]] = [{"magic": 7}, {"commissionAgent": 1}, {"comment": "x" * 200}, {"volume": 5}]
    for fields in unreadable:
        assert floor.mt4.post("AdmTradeRecordModify/{ticket}", order, body=fields).code == "Validation"
    floor.house.write_history()
    assert floor.mt4.post("AdmTradeRecordModify/{ticket}", 987_654_321, body={}).code == "NotFound"


def test_stops_of_a_pending_order_change_and_all_else_of_it_stays(floor: Floor) -> None:
    asked: dict[str, Any] = {
        "orderBy": floor.account(),
        "symbol": "EURUSD",
        "volume": 1,
        "price": 1.05,
        "expiration": "2026-03-04T00:00:00Z",
    }
    order = floor.do("PendingOpen", tradeCommand="BuyLimit", **asked).data["order"]
    changed = floor.mt4.post("AdmTradeRecordModify/{ticket}", order, body={"sl": 1.01}).data
    assert (changed["openPrice"], changed["sl"]) == (Decimal("1.05"), Decimal("1.01"))
    assert changed["expiration"] == "2026-03-04T00:00:00Z"


def test_amounts_of_a_closed_trade_are_corrected_by_a_booking_that_shows_in_the_trade(floor: Floor) -> None:
    login = floor.account("charged")
    order = floor.open(login)
    floor.do("CloseMarket", order=order, volume=50)
    floor.do("CloseMarket", order=order)
    deposit, part, whole = floor.past(login)
    balance = floor.mt4.get("MarginLevelRequest/{login}", login).data["balance"]

    def corrected(number: int, **amounts: float) -> Any:
        call: Callable[[], Any] = lambda: floor.mt4.post("AdmTradeRecordModify/{ticket}", number, body=amounts)  # noqa: E731
        return with_history(floor, call)

    first = corrected(order, profit=float(whole["profit"]) + 10.25, storage=-0.5)
    assert (first["profit"], first["storage"]) == (whole["profit"] + Decimal("10.25"), Decimal("-0.50"))
    second = corrected(order, profit=float(whole["profit"]), taxes=-1)
    assert (second["profit"], second["storage"], second["taxes"]) == (whole["profit"], Decimal("-0.50"), -1)
    of_part = corrected(part["order"], commission=0)
    assert (of_part["commission"], of_part["profit"]) == (0, part["profit"])
    # Said again it is as it was said: nothing is booked.
    assert corrected(order, profit=float(whole["profit"]), taxes=-1, storage=-0.5) == second
    assert floor.past(login) == [deposit, of_part, second]
    after = floor.mt4.get("MarginLevelRequest/{login}", login).data["balance"]
    assert after - balance == Decimal("-1.50") - part["commission"]
    assert floor.mt4.get("AdmBalanceCheck/{login}", login).data["diff"] == 0


def with_history(floor: Floor, call: Callable[[], Any]) -> Any:
    """Make a call that reads the history before and after a booking, whose tables nobody else fills here."""
    done = Event()

    def write() -> None:
        while not done.wait(0.02):
            floor.house.write_history()

    writing = Thread(target=write)
    writing.start()
    try:
        return call().data
    finally:
        done.set()
        writing.join()


def test_what_is_over_is_not_rewritten(floor: Floor) -> None:
    login = floor.account()
    order = floor.open(login, comment="as it was")
    floor.do("CloseMarket", order=order)
    deposit, _ = floor.past(login)
    for number, body in (
        (order, {"comment": "nicer"}), (order, {"sl": 1.0}), (order, {"profit": -14.9, "storage": -0.1}),
        (deposit["order"], {"profit": 5}),
    ):  # fmt: skip
        answer = floor.mt4.post("AdmTradeRecordModify/{ticket}", number, body=body)
        assert (answer.code, answer.manager_code) == ("MT4Error", "TradeModifyDenied")
    assert floor.do("BrComment", order=order, comment="nicer").code == "NotFound"


def test_pending_orders_are_deleted_together_or_not_at_all(floor: Floor) -> None:
    login = floor.account()
    asked: dict[str, Any] = {"orderBy": login, "symbol": "EURUSD", "volume": 1, "price": 1.05}
    first, second = (floor.do("PendingOpen", tradeCommand="BuyLimit", **asked).data["order"] for _ in range(2))
    position = floor.open(login)
    answer = floor.mt4.post("AdmTradesDelete", orders=[first, position])
    assert (answer.code, answer.manager_code) == ("MT4Error", "TradeModifyDenied")
    floor.house.write_history()
    assert floor.mt4.post("AdmTradesDelete", orders=[first, 987_654_321]).code == "NotFound"
    assert floor.mt4.post("AdmTradesDelete").code == "Validation"
    assert floor.trade(first)["tradeRecordState"] == "OpenNormal"
    assert floor.mt4.post("AdmTradesDelete", orders=[first, second], key=f"delete {login}").data is True
    assert floor.mt4.post("AdmTradesDelete", orders=[first, second], key=f"delete {login}").data is True
    assert [floor.trade(one)["tradeRecordState"] for one in (first, second)] == ["Deleted", "Deleted"]


@pytest.mark.parametrize("name", ["TradesGet", "TradesGetByMarket", "TradesSnapshot"])
def test_reading_needs_its_permission(office: Office, name: str) -> None:
    assert office.allowed("accounts.read").get(name).code == "Forbidden"
    stranger: Client = office.client("second")
    assert stranger.get(name).code == "NotFound"


def test_a_stop_limit_is_shown_as_its_stop_and_keeps_its_limit(house: House, floor: Floor) -> None:
    login = floor.account()
    placed = house.run(floor.writer.submit(PlaceOrder(login, "EURUSD", Side.BUY, LOT, OrderType.STOP_LIMIT, 120_000, 119_000)))
    order: int = getattr(placed.events[0], "ticket")  # noqa: B009
    assert floor.trade(order)["tradeCommand"] == "BuyStop"
    floor.do("Modify", order=order, price=1.21)
    assert floor.writer.engine.desk.state.accounts[login].orders[order].limit_price == 119_000


def test_a_volume_finer_than_a_hundredth_is_exact_in_lots(house: House, floor: Floor) -> None:
    login = floor.account()
    first, second = floor.open(login, volume=2), floor.open(login, "Sell", 1)
    house.run(floor.writer.submit(CloseBy(login, first, second)))
    house.run(floor.writer.submit(ClosePosition(login, first)))
    assert [trade["volumeLots"] for trade in floor.past(login)[1:]] == [Decimal("0.01"), Decimal("0.01"), Decimal("0.01")]
