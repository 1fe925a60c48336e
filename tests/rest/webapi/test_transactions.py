"""TradeTransaction: every type, on the real engine."""

import threading
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from prorata.access.permissions import Permission
from prorata.messages.commands import Access, ChangeAccount, HedgeEnded, Quote
from tests.rest.house import House
from tests.rest.webapi.floor import Floor
from tests.rest.webapi.office import Client, Office

EPOCH_1 = "0001-01-01T00:00:00Z"


# Opening.


def test_a_market_order_is_answered_with_its_ticket_price_and_volume(floor: Floor) -> None:
    login = floor.account()
    answer = floor.do(
        "openmarket", orderBy=login, tradeCommand="buy", symbol="EURUSD", volume=25, sl=1.09, tp=1.12, comment="hello",
        tradeRequestFlags="Expert, API", crc=7,
    )  # fmt: skip
    done = answer.data
    assert done == {
        "tradeTransactionType": "OpenMarket", "tradeCommand": "Buy", "tradeRequestFlags": "Expert, API", "crc": 7,
        "expiration": EPOCH_1, "order": done["order"], "orderBy": login, "symbol": "EURUSD", "volume": 25,
        "price": Decimal("1.10013"), "sl": Decimal("1.09"), "tp": Decimal("1.12"), "ieDeviation": 0, "comment": "hello",
    }  # fmt: skip
    trade = floor.mt4.get("TradesGet/{ticket}", done["order"]).data
    assert trade == {
        "order": done["order"], "login": login, "symbol": "EURUSD", "digits": 5, "tradeCommand": "Buy", "volume": 25,
        "volumeLots": Decimal("0.25"), "tradeRecordState": "OpenNormal", "openPrice": Decimal("1.10013"),
        "sl": Decimal("1.09"), "tp": Decimal("1.12"), "openTime": "2026-03-02T12:00:00Z", "closeTime": EPOCH_1,
        "closePrice": Decimal("1.09998"), "commission": 0, "commissionAgent": 0, "storage": 0, "profit": Decimal("-3.75"),
        "taxes": 0, "magic": 0, "comment": "hello", "expiration": EPOCH_1, "tradeRecordReason": "Client",
        "activationType": "None", "timeStamp": "2026-03-02T12:00:00Z", "marginRate": Decimal("1.1001"),
    }  # fmt: skip


def test_types_and_commands_are_understood_by_their_numbers_too(floor: Floor) -> None:
    login = floor.account()
    done = floor.do("66", orderBy=login, tradeCommand="1", symbol="EURUSD", volume=1, tradeRequestFlags="18").data
    assert (done["tradeTransactionType"], done["tradeCommand"]) == ("OpenMarket", "Sell")
    assert done["tradeRequestFlags"] == "Expert, Web"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tradeTransactionType": None}, "tradeTransactionType: is missing"),
        ({"tradeTransactionType": "OpenPending"}, "tradeTransactionType: OpenPending is none of"),
        ({"tradeTransactionType": "5"}, "tradeTransactionType: 5 is none"),
        ({"tradeCommand": "Purchase"}, "tradeCommand: Purchase is none of"),
        ({"tradeCommand": "9"}, "tradeCommand"),
        ({"tradeCommand": "BuyLimit"}, "tradeCommand: is Buy or Sell for OpenMarket"),
        ({"tradeTransactionType": "PendingOpen"}, "tradeCommand: is one of BuyLimit"),
        ({"tradeRequestFlags": "Telepathy"}, "tradeRequestFlags"),
        ({"orderBy": 0}, "orderBy"),
        ({"symbol": ""}, "symbol: is missing"),
        ({"volume": -1}, "volume"),
        ({"volume": 0.5}, "volume"),
        ({"sl": -1}, "sl: is below 0"),
        ({"sl": 1.123456}, "sl: has more than 5 decimal places"),
        ({"tp": 1e300}, "tp"),
        ({"comment": "x" * 129}, "comment"),
        ({"comment": "bell \x07"}, "comment"),
        ({"tradeTransactionType": "OpenInstant", "price": 1.1, "ieDeviation": -3}, "ieDeviation"),
        ({"tradeTransactionType": "CloseMarket"}, "order: is missing"),
        ({"tradeTransactionType": "CloseBy", "order": 999_999_999}, ""),
        ({"unknown": 1}, "unknown: there is no such field"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(floor: Floor, fields: dict[str, Any], field: str) -> None:
    login = floor.account(deposit=0)
    body: dict[str, Any] = {"tradeTransactionType": "OpenMarket", "orderBy": login, "symbol": "EURUSD", "volume": 1, **fields}
    answer = floor.mt4.post("TradeTransaction", body=body)
    assert answer.code in ("Validation", "NotFound")
    if field:
        assert answer.message.startswith(field)


def test_what_a_double_adds_to_a_price_is_no_place_of_it(floor: Floor) -> None:
    login = floor.account()
    order = floor.open(login, sl=1.0900000000000001, tp=1.1 + 0.0203)
    assert floor.trade(order)["tp"] == Decimal("1.1203")


def test_instant_execution_holds_the_price_to_the_deviation(floor: Floor) -> None:
    login = floor.account()
    asked: dict[str, Any] = {"orderBy": login, "symbol": "EURUSD", "volume": 10}
    for kind in ("OpenInstant", "OpenRequest"):
        moved = floor.do(kind, price=1.1, ieDeviation=12, **asked)
        assert (moved.code, moved.manager_code) == ("MT4Error", "TradePriceChanged")
        assert floor.do(kind, price=1.1, ieDeviation=13, **asked).data["price"] == Decimal("1.10013")
        assert floor.do(kind, ieDeviation=0, **asked).data["price"] == Decimal("1.10013")
    assert floor.do("OpenMarket", price=1.0, **asked).data["price"] == Decimal("1.10013")


@pytest.mark.parametrize(
    ("fields", "manager"),
    [
        ({"volume": 0}, "TradeBadVolume"),
        ({"volume": 2_000_000_000}, "TradeBadVolume"),
        ({"volume": 9_000}, "TradeNoMoney"),
        ({"symbol": "EURCLOSED"}, "TradeMarketClosed"),
        ({"symbol": "BTCUSD"}, "TradeDisable"),
        ({"symbol": "XAUUSD"}, "TradeOffquotes"),
        ({"sl": 1.2}, "TradeBadStops"),
        ({"tradeTransactionType": "PendingOpen", "tradeCommand": "BuyLimit"}, "TradeBadPrices"),
        ({"tradeTransactionType": "PendingOpen", "tradeCommand": "BuyLimit", "price": 1.2}, "TradeBadPrices"),
        (
            {
                "tradeTransactionType": "PendingOpen", "tradeCommand": "BuyStop", "price": 1.2,
                "expiration": "2026-03-02T11:00:00Z",
            },
            "TradeExpirationDenied",
        ),
        ({"tradeTransactionType": "PricesRequote"}, "InvalidData"),
        ({"tradeTransactionType": "CloseAll"}, "InvalidData"),
    ],
)  # fmt: skip
def test_what_the_engine_refuses_is_an_error_of_mt4_with_its_result_code(
    floor: Floor, fields: dict[str, Any], manager: str
) -> None:
    login = floor.account()
    body: dict[str, Any] = {"tradeTransactionType": "OpenMarket", "orderBy": login, "symbol": "EURUSD", "volume": 1, **fields}
    answer = floor.mt4.post("TradeTransaction", body=body)
    assert (answer.code, answer.manager_code) == ("MT4Error", manager)
    assert floor.mt4.get("TradesGetByLogin/{login}/{group}", login, "standard").data == []


def test_absent_accounts_symbols_and_tickets_are_not_found(floor: Floor) -> None:
    login = floor.account()
    order = floor.open(login)
    cases: list[dict[str, Any]] = [
        {"orderBy": 999_999_999}, {"symbol": "NOTHING"},
        {"tradeTransactionType": "CloseMarket", "order": 999_999_999},
        {"tradeTransactionType": "CloseMarket", "order": order, "orderBy": floor.account()},
        {"tradeTransactionType": "Modify", "order": 999_999_999},
        {"tradeTransactionType": "Delete", "order": order},
    ]  # fmt: skip
    for fields in cases:
        body: dict[str, Any] = {
            "tradeTransactionType": "OpenMarket",
            "orderBy": login,
            "symbol": "EURUSD",
            "volume": 1,
            **fields,
        }
        assert floor.mt4.post("TradeTransaction", body=body).code == "NotFound"


def test_prices_are_those_of_the_account_or_before_any_markup(floor: Floor) -> None:
    login = floor.account()
    for command, raw, marked in (("Buy", "1.1001", "1.10013"), ("Sell", "1.1", "1.09998")):
        assert floor.do("PricesGet", symbol="EURUSD", tradeCommand=command).data["price"] == Decimal(raw)
        own = floor.do("PricesGet", symbol="EURUSD", tradeCommand=command, orderBy=login)
        assert own.data["price"] == Decimal(marked)
    assert floor.do("PricesGet", symbol="XAUUSD").manager_code == "TradeOffquotes"


def test_pending_orders_are_placed_changed_and_deleted(floor: Floor) -> None:
    login = floor.account()
    asked: dict[str, Any] = {"orderBy": login, "symbol": "EURUSD", "volume": 10, "comment": "wait"}
    expiry = "2026-03-03T00:00:00Z"
    order = floor.do("PendingOpen", tradeCommand="BuyLimit", price=1.08, sl=1.07, expiration=expiry, **asked).data["order"]
    trade = floor.mt4.get("TradesGet/{ticket}", order).data
    assert (trade["tradeCommand"], trade["openPrice"], trade["sl"]) == ("BuyLimit", Decimal("1.08"), Decimal("1.07"))
    assert (trade["expiration"], trade["comment"], trade["profit"]) == (expiry, "wait", 0)
    floor.do("Modify", order=order, price=1.075, tp=1.11)
    trade = floor.trade(order)
    assert (trade["openPrice"], trade["sl"], trade["tp"]) == (Decimal("1.075"), 0, Decimal("1.11"))
    assert trade["expiration"] == EPOCH_1
    floor.do("Modify", order=order, orderBy=login, sl=1.07)
    assert floor.trade(order)["openPrice"] == Decimal("1.075")
    again = floor.do("Modify", order=order, sl=1.07)
    assert (again.code, again.manager_code) == ("MT4Error", "OkNone")
    assert floor.do("Delete", order=order).data["symbol"] == "EURUSD"
    trade = floor.trade(order)
    assert (trade["tradeRecordState"], trade["comment"], trade["closeTime"]) == ("Deleted", "wait", "2026-03-02T12:00:00Z")
    assert floor.do("Delete", order=order).code == "NotFound"
    kinds = {"SellLimit": 1.12, "BuyStop": 1.12, "SellStop": 1.08}
    orders = [floor.do("PendingOpen", tradeCommand=kind, price=price, **asked).data["order"] for kind, price in kinds.items()]
    assert [floor.trade(one)["tradeCommand"] for one in orders] == list(kinds)


def test_a_pending_order_that_is_reached_becomes_a_position_of_its_ticket(floor: Floor) -> None:
    login = floor.account()
    order = floor.do(
        "PendingOpen", tradeCommand="BuyLimit", orderBy=login, symbol="EURUSD", volume=10, price=1.08, tp=1.09
    ).data["order"]
    with floor.quoted(Quote("EURUSD", 107_990, 107_995)):
        trade = floor.trade(order)
        assert (trade["tradeCommand"], trade["activationType"]) == ("Buy", "Pending")
        assert trade["openPrice"] == Decimal("1.07998")
    trade = floor.trade(order)
    assert (trade["tradeRecordState"], trade["activationType"]) == ("ClosedNormal", "TP")
    assert (trade["closePrice"], trade["profit"]) == (Decimal("1.09998"), Decimal("200.00"))


# Closing.


def test_a_part_that_is_closed_has_a_number_of_its_own_and_the_rest_goes_on(floor: Floor) -> None:
    login = floor.account("charged")
    order = floor.open(login, comment="mine")
    done = floor.do("CloseMarket", order=order, volume=25, price=1.0, ieDeviation=0).data
    assert (done["order"], done["volume"], done["price"], done["symbol"]) == (order, 25, Decimal("1.1"), "EURUSD")
    rest = floor.trade(order)
    # Of 3.33 for opening 0.83 has gone with a quarter, whose closing costs 0.84.
    assert (rest["volume"], rest["commission"], rest["openPrice"]) == (75, Decimal("-2.50"), Decimal("1.1001"))
    assert floor.do("CloseInstant", order=order, price=1.1, ieDeviation=0).data["volume"] == 75
    deposit, part, last = floor.past(login)
    assert (deposit["tradeCommand"], deposit["profit"], deposit["order"] >= 1 << 30) == ("Balance", Decimal(10_000), True)
    assert (part["order"] >= 1 << 30, part["tradeRecordState"], part["comment"]) == (True, "ClosedPart", "mine")
    assert (part["volume"], part["commission"], part["profit"]) == (25, Decimal("-1.67"), Decimal("-2.50"))
    assert (last["order"], last["tradeRecordState"], last["volume"]) == (order, "ClosedNormal", 75)
    # 2.50 of opening and 2.50 of closing, 0.75 x 3.33 being rounded up.
    assert (last["commission"], last["profit"]) == (Decimal("-5.00"), Decimal("-7.50"))
    assert (part["openTime"], part["closeTime"]) == ("2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z")
    # All of it is what is left of the deposit.
    total = sum(trade["profit"] + trade["commission"] + trade["storage"] for trade in (deposit, part, last))
    assert total == Decimal("9983.33")
    assert floor.mt4.get("MarginLevelRequest/{login}", login).data["balance"] == total
    assert floor.trade(part["order"]) == part
    assert floor.trade(deposit["order"]) == deposit
    assert floor.mt4.get("TradeRecordGet/{order}", order).data == last


def test_a_close_is_held_to_its_price_and_to_what_there_is(floor: Floor) -> None:
    login = floor.account()
    order = floor.open(login)
    for fields, manager in (
        ({"price": 1.1, "ieDeviation": 1}, "TradePriceChanged"),
        ({"volume": 101}, "TradeBadVolume"),
    ):
        assert floor.do("CloseInstant", order=order, **fields).manager_code == manager
    assert floor.do("CloseRequest", order=order, price=1.1, ieDeviation=2).data["price"] == Decimal("1.09998")
    assert floor.do("CloseMarket", order=order).code == "NotFound"


def test_opposite_positions_close_each_other(floor: Floor) -> None:
    login = floor.account()
    first, second = floor.open(login), floor.open(login, "Sell", 60)
    assert floor.do("CloseBy", order=first, orderBy=0).code == "Validation"
    assert floor.do("CloseBy", order=first, orderBy=second).data["order"] == first
    assert floor.trade(first)["volume"] == 40
    _, part, whole = floor.past(login)
    assert {part["tradeRecordState"], whole["tradeRecordState"]} == {"ClosedBy"}
    assert (part["volume"], whole["order"], whole["closePrice"]) == (60, second, Decimal("1.10013"))
    alike = floor.open(login)
    assert floor.do("CloseBy", order=first, orderBy=alike).manager_code == "InvalidData"


def test_all_positions_of_an_account_or_of_one_symbol_are_closed(floor: Floor) -> None:
    login = floor.account()
    for symbol in ("EURUSD", "GBPUSD", "EURUSD"):
        floor.open(login, symbol=symbol, volume=10)
    floor.do("CloseAll", orderBy=login, symbol="EURUSD")
    (left,) = floor.mt4.get("TradesGetByLogin/{login}/{group}", login, "standard").data
    assert left["symbol"] == "GBPUSD"
    floor.do("CloseAll", orderBy=login)
    assert floor.mt4.get("TradesGetByLogin/{login}/{group}", login, "standard").data == []


def test_stops_of_a_position_are_set_and_removed(floor: Floor) -> None:
    login = floor.account()
    order = floor.open(login)
    floor.do("Modify", order=order, sl=1.09, tp=1.12, price=1.5)
    trade = floor.trade(order)
    assert (trade["sl"], trade["tp"], trade["openPrice"]) == (Decimal("1.09"), Decimal("1.12"), Decimal("1.10013"))
    assert floor.do("Modify", order=order, sl=1.3).manager_code == "TradeBadStops"
    floor.do("Modify", order=order)
    assert (floor.trade(order)["sl"], floor.trade(order)["tp"]) == (0, 0)


def test_a_netting_account_has_one_trade_for_each_symbol(floor: Floor) -> None:
    login = floor.account("netting")
    order = floor.open(login)
    assert floor.open(login, volume=50) == order
    assert floor.trade(order)["volume"] == 150
    assert floor.open(login, "Sell", 30) == order
    turned = floor.open(login, "Sell", 200)
    assert turned != order
    trade = floor.trade(turned)
    assert (trade["tradeCommand"], trade["volume"]) == ("Sell", 80)
    _, part, whole = floor.past(login)
    assert (part["volume"], part["tradeRecordState"]) == (30, "ClosedPart")
    assert (whole["order"], whole["volume"], whole["tradeRecordState"]) == (order, 120, "ClosedNormal")


# The dealer's types.


def test_a_dealer_opens_and_closes_at_his_own_price_on_an_account_that_may_not_trade(floor: Floor) -> None:
    login = floor.account()
    floor.house.run(floor.writer.submit(ChangeAccount(login, access=Access.TRADING_DISABLED)))
    asked: dict[str, Any] = {"orderBy": login, "symbol": "EURUSD", "volume": 100}
    assert floor.do("OpenMarket", **asked).manager_code == "TradeDisable"
    order = floor.do("BrOpen", price=1.09, comment="by phone", **asked).data["order"]
    trade = floor.trade(order)
    assert (trade["openPrice"], trade["tradeRecordReason"]) == (Decimal("1.09"), "Dealer")
    assert floor.do("CloseMarket", order=order).manager_code == "TradeDisable"
    assert floor.do("Modify", order=order, sl=1.05).manager_code == "TradeDisable"
    floor.do("BrModify", order=order, sl=1.05, tp=1.15)
    floor.do("BrComment", order=order, comment="agreed")
    assert floor.do("BrClose", order=order, volume=40, price=1.095).data["price"] == Decimal("1.095")
    assert floor.do("BrClose", order=order).data["price"] == Decimal("1.09998")
    _, part, whole = floor.past(login)
    assert (part["profit"], part["comment"], part["sl"]) == (Decimal("200.00"), "agreed", Decimal("1.05"))
    assert (whole["profit"], whole["tradeRecordReason"], whole["tp"]) == (Decimal("598.80"), "Dealer", Decimal("1.15"))


def test_a_dealer_places_activates_and_deletes_pending_orders(floor: Floor) -> None:
    login = floor.account()
    asked: dict[str, Any] = {"orderBy": login, "symbol": "EURUSD", "volume": 10, "tradeCommand": "SellStop", "price": 1.05}
    first = floor.do("BrOpen", **asked).data["order"]
    assert floor.do("BrModify", order=first, price=1.06, sl=1.08).data["order"] == first
    assert floor.trade(first)["sl"] == Decimal("1.08")
    done = floor.do("BrActivate", order=first, price=1.07).data
    assert (done["order"], done["price"], done["volume"]) == (first, Decimal("1.07"), 10)
    assert floor.trade(first)["openPrice"] == Decimal("1.07")
    second = floor.do("BrOpen", **asked).data["order"]
    floor.do("BrDelete", order=second)
    assert floor.trade(second)["tradeRecordState"] == "Deleted"
    assert floor.do("BrActivate", order=second).code == "NotFound"


def test_a_dealer_closes_all_and_each_by_the_other(floor: Floor) -> None:
    login = floor.account()
    first, second = floor.open(login), floor.open(login, "Sell")
    third = floor.open(login, symbol="GBPUSD")
    floor.house.run(floor.writer.submit(ChangeAccount(login, access=Access.TRADING_DISABLED)))
    assert floor.do("CloseBy", order=first, orderBy=second).manager_code == "TradeDisable"
    floor.do("BrCloseBy", order=first, orderBy=second)
    assert floor.do("CloseAll", orderBy=login).manager_code == "TradeDisable"
    floor.do("BrCloseAll", orderBy=login)
    assert [trade["order"] for trade in floor.past(login)[1:]] == [first, second, third]


def test_money_is_moved_by_balance_and_credit(floor: Floor) -> None:
    login = floor.account(deposit=0)
    asked: dict[str, Any] = {"orderBy": login, "tradeCommand": "Balance"}
    done = floor.do("BrBalance", price=1000.55, comment="wire", **asked).data
    assert (done["price"], done["order"] > 1 << 30) == (Decimal("1000.55"), True)
    floor.do("BrBalance", price=-0.55, **asked)
    floor.do("BrBalance", orderBy=login, tradeCommand="Credit", price=50)
    floor.do("BrBalance", orderBy=login, tradeCommand="Credit", price=-20)
    level = floor.mt4.get("MarginLevelRequest/{login}", login).data
    assert (level["balance"], level["equity"], level["free"]) == (1000, 1030, 1030)
    trades = floor.past(login)
    assert [(trade["tradeCommand"], trade["profit"]) for trade in trades] == [
        ("Balance", Decimal("1000.55")), ("Balance", Decimal("-0.55")), ("Credit", 50), ("Credit", -20),
    ]  # fmt: skip
    assert (trades[0]["order"], trades[0]["comment"]) == (done["order"], "wire")
    assert trades[0]["symbol"] == ""
    assert floor.do("BrBalance", price=-1000.01, **asked).manager_code == "TradeNoMoney"
    assert floor.do("BrBalance", price=0, **asked).manager_code == "InvalidData"
    assert floor.do("BrBalance", price=1.001, **asked).code == "Validation"
    assert floor.do("BrBalance", price=1, orderBy=login, tradeCommand="Buy").code == "Validation"


def test_money_needs_a_permission_of_its_own(floor: Floor, office: Office) -> None:
    login = floor.account()
    dealer = office.allowed(Permission.TRADES_DEAL)
    body: dict[str, Any] = {"tradeTransactionType": "BrBalance", "tradeCommand": "Balance", "orderBy": login, "price": 1}
    answer = dealer.post("TradeTransaction", body=body)
    assert (answer.code, "money.move" in answer.message) == ("Forbidden", True)
    reader = office.allowed(Permission.TRADES_READ)
    assert reader.post("TradeTransaction", body=body).code == "Forbidden"
    opened = dealer.post(
        "TradeTransaction", body={"tradeTransactionType": "OpenMarket", "orderBy": login, "symbol": "EURUSD", "volume": 1}
    )
    assert opened.data["order"] > 0


# Keys, and what takes time.


def test_the_same_key_deals_once_and_gives_the_first_answer(floor: Floor, house: House, tmp_path: Path) -> None:
    login = floor.account()
    asked: dict[str, Any] = {"orderBy": login, "symbol": "EURUSD", "volume": 100}
    first = floor.do("OpenMarket", key=f"open {login}", **asked)
    assert floor.do("OpenMarket", key=f"open {login}", **asked).data == first.data
    order = first.data["order"]
    closed = floor.do("CloseMarket", key=f"close {login}", order=order).data
    paid: dict[str, Any] = {"orderBy": login, "tradeCommand": "Balance", "price": 5}
    deposit = floor.do("BrBalance", key=f"pay {login}", **paid).data
    # After a restart the answers are no longer in memory; the engine knows its commands, and the history what came of them.
    restarted = Office(house, tmp_path)
    try:
        again = Floor(house, restarted.client())
        house.write_history()
        assert again.do("OpenMarket", key=f"open {login}", **asked).data == first.data
        assert again.do("CloseMarket", key=f"close {login}", order=order).data == closed
        assert again.do("BrBalance", key=f"pay {login}", **paid).data == deposit
        other = again.do("OpenMarket", key=f"open {login}", **{**asked, "volume": 1})
        assert other.code == "Validation"
    finally:
        restarted.stop()
    assert [trade["tradeCommand"] for trade in floor.past(login)] == ["Balance", "Buy", "Balance"]


def test_an_order_at_the_venue_is_answered_when_the_venue_has(floor: Floor) -> None:
    login = floor.account("street")
    answers = []
    asking = threading.Thread(target=lambda: answers.append(floor.open(login, volume=50)))
    asking.start()
    order = floor.in_flight(login)
    assert floor.mt4.get("TradesGet/{ticket}", order).code == "NotFound"
    floor.fill(order, 30, 110_020, last=False)
    floor.fill(order, 20, 110_030)
    asking.join(10)
    assert answers == [order]
    assert floor.trade(order)["openPrice"] == Decimal("1.10024")


def test_what_the_venue_rejects_is_refused_and_what_it_fills_in_part_is_told(floor: Floor) -> None:
    login = floor.account("street")
    answers = []

    def ask() -> None:
        answers.append(floor.do("OpenMarket", orderBy=login, symbol="EURUSD", volume=50))

    for filled in (0, 20):
        asking = threading.Thread(target=ask)
        asking.start()
        order = floor.in_flight(login)
        if filled:
            floor.fill(order, filled, 110_020, last=False)
        floor.house.run(floor.writer.submit(HedgeEnded(order, "no liquidity")))
        asking.join(10)
    rejected, partial = answers
    assert (rejected.code, rejected.manager_code) == ("MT4Error", "TradeOffquotes")
    assert "no liquidity" in rejected.message
    assert (partial.data["volume"], partial.data["price"]) == (20, Decimal("1.1002"))


def test_what_takes_longer_than_its_deadline_is_unknown_and_found_later_under_its_key(
    floor: Floor, house: House, tmp_path: Path
) -> None:
    login = floor.account("street")
    asked: dict[str, Any] = {"orderBy": login, "symbol": "EURUSD", "volume": 50}
    key = f"late {login}"
    late = floor.do("OpenMarket", key=key, headers={"x-request-timeout": "1"}, **asked)
    assert (late.code, late.headers["x-request-outcome"]) == ("OutcomeUnknown", "unknown")
    assert floor.do("OpenMarket", key=key, **asked).headers["x-request-outcome"] == "in-progress"
    order = floor.in_flight(login)
    floor.fill(order, 20, 110_020, last=False)
    # Who has lost the answers meanwhile finds what was dealt before, too.
    restarted = Office(house, tmp_path)
    try:
        again = Floor(house, restarted.client())
        waiting = again.do("OpenMarket", key=key, headers={"x-request-timeout": "1"}, **asked)
        assert waiting.code == "OutcomeUnknown"
        floor.fill(order, 30, 110_020)
        house.write_history()
        expected = (order, 50, Decimal("1.1002"))
        for client in (floor, again):
            done = until_known(client, key, asked)
            assert (done["order"], done["volume"], done["price"]) == expected
    finally:
        restarted.stop()
    assert [trade["order"] for trade in floor.mt4.get("TradesGetByLogin/{login}/{group}", login, "street").data] == [order]


def until_known(floor: Floor, key: str, asked: dict[str, Any]) -> dict[str, Any]:
    until = monotonic() + 10
    while True:
        answer = floor.do("OpenMarket", key=key, **asked)
        if answer.code is None:
            found: dict[str, Any] = answer.data
            return found
        assert monotonic() < until
        sleep(0.05)


def test_another_organization_cannot_reach_the_platform(office: Office, floor: Floor) -> None:
    stranger: Client = office.client("second")
    body: dict[str, Any] = {"tradeTransactionType": "OpenMarket", "orderBy": floor.account(), "symbol": "EURUSD", "volume": 1}
    assert stranger.post("TradeTransaction", body=body).code == "NotFound"
