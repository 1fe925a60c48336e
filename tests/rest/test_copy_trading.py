"""Copy trading over HTTP: from a strategy's opening to the last payment."""

from itertools import pairwise
from typing import Any

import pytest

from prorata.messages.commands import Quote
from tests.rest.copying import A_BOOK, B_BOOK, STREAM, Copying
from tests.rest.house import House


def test_a_strategy_is_opened_offered_copied_and_closed(copying: Copying) -> None:
    wallet = copying.client("10000.00")
    body = {"wallet": wallet, "name": "Steady Euro", "money": "10000.00", "target_percent": "150"}
    opened = copying.post("strategies", body)
    strategy = opened["strategy"]
    assert [event["event"] for event in opened["events"]][:2] == ["strategy-opened", "offer-added"]
    assert copying.get(f"strategies/{strategy}") | {
        "name": "Steady Euro", "status": "active", "need_sync": "hard", "investments": 1, "own_equity": "10000.00",
        "unit_price": "100.00", "yield_percent": "0.00", "leverage": "0.00", "public_offer": None,
    } == copying.get(f"strategies/{strategy}")  # fmt: skip
    copying.sync(strategy)
    offer = copying.offer(strategy, commission_per_million="30", description="a fifth")
    investment = copying.invest(offer, "1000.00", factor="2", protection_percent="50")
    assert copying.get(f"strategies/{strategy}")["need_sync"] == "soft"
    copying.sync(strategy, soft=True)

    signal = copying.signal(strategy, "1.00")
    (copied,) = [event for event in signal["events"] if event["event"] == "copied"]
    assert (copied["signal"], copied["investments"], copied["volume"]) == (signal["signal"], 2, "1.20")
    (position,) = copying.get(f"investments/{investment}/positions")
    assert (position["symbol"], position["volume"], position["open_price"]) == ("EURUSD", "0.20", "1.10010")
    everybody = copying.get(f"strategies/{strategy}/positions", limit=1)
    assert everybody["items"][0]["volume"] == "1.00"
    rest = copying.get(f"strategies/{strategy}/positions", cursor=everybody["next_cursor"])
    assert [row["position"] for row in rest["items"]] == [position["position"]]

    shown = copying.get(f"investments/{investment}")
    # 0.20 x 10 points of spread, and 30.00 for each million of a turnover of 22,002.00.
    assert (shown["state"], shown["floating"], shown["trader_commission"]) == ("open", "-2.00", "0.67")
    assert (shown["equity"], shown["protection_equity"], shown["target_equity"]) == ("997.33", "500.00", None)
    assert copying.get(f"offers/{offer}")["commission_due"] == "0.67"

    closed = copying.post(f"strategies/{strategy}/close")
    assert closed["command"]
    ended = [event["command"] for event in closed["events"] if event["event"] == "command-ended"]
    assert closed["command"] in ended
    assert copying.get(f"strategies/{strategy}")["status"] == "closed"
    assert copying.get(f"investments/{investment}")["state"] == "closed"
    assert copying.get(f"wallets/{shown['wallet']}")["balance"] == "996.66"
    assert copying.get(f"offers/{offer}")["status"] == "closed"


def test_an_investment_is_funded_paused_withdrawn_from_resumed_and_closed(copying: Copying) -> None:
    strategy, investment = copying.copied()
    wallet = copying.get(f"investments/{investment}")["wallet"]
    copying.post(f"wallets/{wallet}/transfers", {"type": "fund", "amount": "1000"})
    funded = copying.post(f"investments/{investment}/fund", {"amount": "1000"})
    assert (funded["transfer"] is not None, funded["command"] is not None) == (True, True)
    assert copying.get(f"investments/{investment}/positions")[0]["volume"] == "0.10"
    assert copying.refusal("post", f"investments/{investment}/withdraw", {"amount": "1"}) == "INVESTMENT_NOT_PAUSED"

    copying.post(f"investments/{investment}/pause")
    shown = copying.get(f"investments/{investment}")
    assert (shown["state"], shown["positions"], shown["deposited"]) == ("paused", 0, "2000.00")
    over = f"{float(shown['available']) + 0.01:.2f}"
    assert copying.refusal("post", f"investments/{investment}/withdraw", {"amount": over}) == "ABOVE_WITHDRAWABLE"
    copying.post(f"investments/{investment}/withdraw", {"amount": shown["available"]})
    assert copying.get(f"investments/{investment}")["equity"] == "250.00"

    changed = copying.patch(f"investments/{investment}/profile", {"factor": "0.5", "target_percent": "20"})
    assert changed["events"][1]["event"] == "profile-set"
    copying.patch(f"investments/{investment}/route", {"a_book_percent": 40})
    copying.post(f"investments/{investment}/resume")
    copying.sync(strategy, ("EURUSD", "0.50"), soft=True)
    shown = copying.get(f"investments/{investment}")
    assert (shown["state"], shown["factor"], shown["target_equity"], shown["a_book_percent"]) == ("open", "0.50", "300.00", 40)
    copying.patch(f"investments/{investment}/route", {"a_book_percent": 0})
    copying.post(f"investments/{investment}/close")


def test_a_hedged_copy_waits_for_the_venue(house: House, copying: Copying) -> None:
    desk = Copying(house, A_BOOK)
    strategy = desk.strategy()
    investment = desk.invest(desk.offer(strategy))
    desk.sync(strategy)
    desk.signal(strategy, "0.5155", "GBPUSD")
    (waiting,) = desk.get("fill-requests/working", symbol="GBPUSD", stream=STREAM)["items"]
    assert (waiting["volume"], waiting["demand"], waiting["strategies"]) == ("0.56", "0.567", [strategy])
    (position,) = desk.get(f"investments/{investment}/positions")
    assert (position["volume"], position["requested"]) == ("0.00", "0.0515")
    (order,) = [row for row in desk.get("hedge/orders") if row["order"] == waiting["request"]]
    assert (order["login"], order["side"], order["volume"]) == (None, "buy", "0.56")

    desk.fill("GBPUSD", 130_020)
    (route,) = desk.get("routes", symbol="GBPUSD")
    assert (route["exposure"], route["ordered"], route["held"], route["residual"]) == ("0.567", "0.56", "0.56", "0.007")
    (position,) = desk.get(f"investments/{investment}/positions")
    assert (position["volume"], position["a_volume"], position["open_price"]) == ("0.0515", "0.0515", "1.30020")
    (exposed,) = [row for row in desk.get("exposure/symbols") if row["symbol"] == "GBPUSD"]
    assert (exposed["copied_volume"], exposed["hedged_volume"]) == ("0.567", "0.56")
    assert float(exposed["house_volume"]) == pytest.approx(float(exposed["hedged_volume"]) - float(exposed["net_volume"]))
    desk.post(f"strategies/{strategy}/close")
    desk.fill("GBPUSD", 130_000)
    assert desk.get(f"strategies/{strategy}")["status"] == "closed"
    assert [route["held"] for route in desk.get("routes", symbol="GBPUSD")] == ["0.00"]
    desk.close()


def test_the_balance_sheet_holds_wallets_reservations_and_investments(copying: Copying) -> None:
    strategy, investment = copying.copied()
    copying.offer(strategy, commission_per_million="50")
    wallet = copying.client("77.00")
    copying.post(f"wallets/{wallet}/reservations", {"amount": "7"})
    (dollars,) = [sheet for sheet in copying.get("balance-sheet") if sheet["currency"] == "USD"]
    assert dollars["total"] == "0.00"
    balances = {line["account"]: float(line["balance"]) for line in dollars["balances"]}
    assert balances["investments/*"] >= float(copying.get(f"investments/{investment}")["balance"])
    assert balances["reserved/*"] >= 7
    assert balances["wallet/*"] >= 70
    assert not [name for name in balances if name.startswith("due/") and name != "due/*"]


def test_investments_are_put_in_order_by_their_figures_and_listed_in_parts(copying: Copying) -> None:
    strategy = copying.strategy()
    offer = copying.offer(strategy)
    for money in ("700.00", "300.00", "500.00", "300.00", "900.00"):
        copying.invest(offer, money)

    def listed(**query: Any) -> list[tuple[str, int]]:
        rows: list[tuple[str, int]] = []
        cursor: str | None = None
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            page = copying.get("investments", strategy=strategy, limit=2, **query, **more)
            rows += [(row["equity"], row["investment"]) for row in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    rising = listed(order_by="equity")
    assert [equity for equity, _ in rising] == ["300.00", "300.00", "500.00", "700.00", "900.00", "10000.00"]
    assert rising[0][1] < rising[1][1]
    assert listed(order_by="equity", descending=True) == rising[::-1]
    numbers = [number for _, number in listed()]
    assert all(before < after for before, after in pairwise(numbers))
    assert [equity for equity, _ in listed(offer=offer, in_state="flat")] == ["700.00", "300.00", "500.00", "300.00", "900.00"]
    assert listed(open=False) == []


def test_a_clients_and_a_wallets_investments_are_found(copying: Copying) -> None:
    first, second = (copying.offer(copying.strategy()) for _ in range(2))
    wallet = copying.client("2000.00")
    client = copying.get(f"wallets/{wallet}")["client"]
    for offer in (first, second):
        copying.post("investments", {"wallet": wallet, "offer": offer, "money": "500"})
    for query in ({"client": client}, {"wallet": wallet}):
        assert [row["offer"] for row in copying.get("investments", **query)["items"]] == [first, second]
    shown = copying.get(f"wallets/{wallet}")
    assert (shown["balance"], shown["invested"]) == ("1000.00", "1000.00")


def test_strategies_are_filtered_and_ordered(copying: Copying) -> None:
    small, large = copying.strategy("300.00"), copying.strategy("900.00")
    copying.patch(f"strategies/{small}", {"name": "Quiet Harbour"})
    copying.patch(f"strategies/{large}", {"name": "Quiet Ocean"})
    found = copying.get("strategies", search="quiet", order_by="equity", descending=True)["items"]
    assert [(row["strategy"], row["own_equity"]) for row in found] == [(large, "900.00"), (small, "300.00")]
    copying.post(f"strategies/{small}/pause")
    assert [row["strategy"] for row in copying.get("strategies", search="quiet", status="paused")["items"]] == [small]
    copying.post(f"strategies/{small}/resume")
    copying.post(f"strategies/{large}/disable")
    assert copying.get(f"strategies/{large}")["status"] == "disabled"
    assert copying.refusal("post", f"strategies/{large}/resume") == "STRATEGY_NOT_PAUSED"
    copying.post(f"strategies/{large}/enable")
    assert copying.get("strategies", search="quiet ocean", company=B_BOOK)["items"][0]["status"] == "active"
    assert copying.refusal("patch", f"strategies/{large}", {"name": "quiet harbour"}) == "NAME_TAKEN"


def test_offers_are_found_by_their_link_shown_and_ended(copying: Copying) -> None:
    strategy = copying.strategy()
    partner = copying.client("0")
    offer = copying.offer(
        strategy, link=f"fine{strategy}", partner_wallet=partner, partner_percent="10", broker_percent="5", restart="keep"
    )
    found = copying.get(f"offer-links/fine{strategy}")
    assert (found["offer"], found["type"], found["partner_percent"], found["restart"]) == (offer, "private", "10.00", "keep")
    assert [row["offer"] for row in copying.get("offers", partner_wallet=partner)["items"]] == [offer]
    copying.put(f"strategies/{strategy}/public-offer", {"offer": offer})
    assert [row["type"] for row in copying.get(f"strategies/{strategy}/offers")] == ["trader", "public"]
    investment = copying.invest(offer)
    copying.post(f"offers/{offer}/end", {})
    assert copying.refusal("get", f"offer-links/fine{strategy}") == "UNKNOWN_OFFER"
    body = {"wallet": copying.client("500"), "offer": offer, "money": "500"}
    assert copying.refusal("post", "investments", body) == "OFFER_ENDED"
    copying.post(f"offers/{offer}/end", {"close_investments": True})
    assert copying.get(f"investments/{investment}")["state"] == "closed"


def test_a_trading_account_is_copied_deal_by_deal(house: House, copying: Copying) -> None:
    login = house.open_account()
    strategy = copying.strategy("10000.00", manage="account", source_login=login)
    with house.trader(login) as trader:
        order = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.30"}
        answer = trader.post("/api/v1/orders", json=order).json()
    # The trader is told of his own deal, and of nobody who copied it.
    assert [event["event"] for event in answer["events"]] == ["deal"]
    assert copying.get(f"strategies/{strategy}")["signals"] >= 2
    own = copying.get(f"strategies/{strategy}")["own_investment"]
    # The source has paid its spread by then: 0.30 x 10,000.00 / its equity is a little more.
    assert [row["volume"] for row in copying.get(f"investments/{own}/positions")] == ["0.3001"]


def test_protection_closes_what_has_lost_too_much(house: House, copying: Copying) -> None:
    strategy = copying.strategy()
    investment = copying.invest(copying.offer(strategy), protection_percent="95")
    copying.sync(strategy)
    copying.signal(strategy, "5.00", "BTCUSD")
    try:
        house.quote(Quote("BTCUSD", 5_900_000, 5_901_000))
        shown = copying.get(f"investments/{investment}")
        assert (shown["state"], shown["positions"]) == ("protected", 0)
        assert shown["protection_reached_at"] is not None
    finally:
        house.quote(Quote("BTCUSD", 6_000_000, 6_001_000))
        copying.post(f"strategies/{strategy}/close")
