"""What lists of strategies and investments show, to whom, and in which order."""

from typing import Any

import pytest

from prorata.messages.copy_commands import AddOffer
from prorata.units.numbers import PPM
from tests.rest.ramm.broker import Broker
from tests.rest.ramm.copy_stage import Person, Stage


class Market:
    """Three public strategies, the second the best, the third at a loss; and a private one."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.trader = stage.client(100_000_00)
        self.numbers = [stage.strategy(self.trader, money)["StrategyID"] for money in (1_000, 2_000, 3_000, 4_000)]
        shown = zip(self.numbers[:3], (0.1, 0.3, 0.2), strict=True)
        self.offers = [stage.public(self.trader, number, fee) for number, fee in shown]
        for number, lot in zip(self.numbers, (0.1, 0.3, -0.1, 0.1), strict=True):
            stage.signal(stage.sender(self.trader, number), "EURUSD", lot)
        stage.settle()

    def places(self, found: list[dict[str, Any]]) -> list[int]:
        """Return which of the strategies a list has, counted from 1."""
        return [self.numbers.index(row["ID"]) + 1 for row in found]


@pytest.fixture
def market(stage: Stage) -> Market:
    market = Market(stage)
    stage.quote("EURUSD", 110_500, 110_510)
    return market


@pytest.fixture
def visitor(market: Market) -> Person:
    return market.stage.client()


def rated(person: Person, **wanted: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = person.done("strategies.search", Filter={"SearchMode": "Rating", **wanted})["Strategies"]
    return rows


def test_young_strategies_are_not_rated_unless_the_caller_or_the_company_says_so(market: Market, visitor: Person) -> None:
    assert rated(visitor) == []
    assert market.places(rated(visitor, AgeMin=0)) == [2, 1]
    control = market.stage.broker.control
    control.companies.set(market.stage.company.id, rating_age_min=0, rating_yield_min_ppm=-PPM)
    assert market.places(rated(visitor)) == [2, 1, 3]
    control.companies.set(market.stage.company.id, rating_deals_min=2)
    assert rated(visitor) == []


def test_the_rating_is_by_yield_and_other_orders_are_taken(market: Market, visitor: Person) -> None:
    wanted = {"AgeMin": 0, "YieldMin": -1}
    assert market.places(rated(visitor, **wanted)) == [2, 1, 3]
    for field, direction, expected in (
        ("Yield", "Asc", [3, 1, 2]), ("PublicOffer.FeeRate", "Asc", [1, 3, 2]), ("ID", "Desc", [3, 2, 1]),
        ("name", "desc", [3, 2, 1]), ("Account.Equity", "Desc", [3, 2, 1]),
    ):  # fmt: skip
        body = {"Filter": wanted, "OrderBy": {"Field": field, "Direction": direction}}
        assert market.places(visitor.done("strategies.search", **body)["Strategies"]) == expected, field
    assert visitor.call("strategies.search", OrderBy={"Field": "Fortune"}).status == 400


def test_pages_are_cut_from_the_whole_list(market: Market, visitor: Person) -> None:
    body = {"Filter": {"AgeMin": 0, "YieldMin": -1}, "Pagination": {"CurrentPage": 2, "PerPage": 2}}
    found = visitor.done("strategies.search", **body)
    assert market.places(found["Strategies"]) == [3]
    assert found["Pagination"] == {"TotalRecords": 3, "TotalPages": 2, "CurrentPage": 2, "PerPage": 2, "MaxPerPage": 1000}


def test_a_name_is_found_by_a_part_of_it(market: Market, visitor: Person) -> None:
    name = visitor.done("strategies.get", ID=market.numbers[0])["Name"]
    assert market.places(rated(visitor, AgeMin=0, Name=name.upper())) == [1]
    assert rated(visitor, AgeMin=0, Name="nobody") == []


def test_each_search_mode_shows_ones_own(market: Market, visitor: Person) -> None:
    stage = market.stage
    account = stage.invest(visitor, market.numbers[1], market.offers[1])
    for mode, person, expected in (
        ("MyActiveStrategies", market.trader, [1, 2, 3, 4]), ("MyActiveStrategies", visitor, []),
        ("MyClosedStrategies", market.trader, []), ("MyActiveAccounts", visitor, [2]),
        ("myactiveaccounts", market.trader, [1, 2, 3, 4]),
    ):  # fmt: skip
        found = person.done("strategies.search", Filter={"SearchMode": mode})["Strategies"]
        assert market.places(found) == expected, mode
    row = visitor.done("strategies.search", Filter={"SearchMode": "MyActiveAccounts"})["Strategies"][0]
    assert (row["Account"]["ID"], row["Symbols"], row["Accounts"]) == (account, "EURUSD", 2)
    assert visitor.call("strategies.search", Filter={"SearchMode": "Everything"}).status == 400
    market.trader.done("myStrategies.close", StrategyID=market.numbers[1])
    closed = market.trader.done("strategies.search", Filter={"SearchMode": "MyClosedStrategies"})["Strategies"]
    assert market.places(closed) == [2]


def test_the_first_version_has_ratings_of_three_kinds(market: Market, visitor: Person) -> None:
    first = market.stage.other_version(visitor, 1)
    market.stage.invest(visitor, market.numbers[2], market.offers[2])
    market.trader.done("myStrategies.close", StrategyID=market.numbers[0])

    def ratings(kind: int) -> list[int]:
        rows = first.done("ratings.get", Filter={"RatingType": kind})["Strategies"]
        return market.places([row["Strategy"] for row in rows])

    assert ratings(0) == []
    assert ratings(1) == [1, 2, 3]  # A list from which the closed ones vanish flatters those that are left.
    assert ratings(2) == [3, 2]
    assert first.call("ratings.get", Filter={"RatingType": 3}).status == 400


def test_the_first_version_narrows_strategies_by_flags(market: Market, visitor: Person) -> None:
    first = market.stage.other_version(visitor, 1)
    market.stage.invest(visitor, market.numbers[2], market.offers[2])
    for wanted, expected in (({}, [1, 2, 3]), ({"MyActiveAccounts": True}, [3]), ({"MyStrategies": True}, [])):
        assert market.places(first.done("strategies.search", Filter=wanted)["Strategies"]) == expected
    trader = market.stage.other_version(market.trader, 1)
    assert market.places(trader.done("myStrategies.search", Filter={"IsActive": True})["Strategies"]) == [1, 2, 3, 4]
    assert trader.done("myStrategies.search", Filter={"IsActive": False})["Strategies"] == []


def test_the_first_version_opens_a_strategy_with_its_terms(stage: Stage) -> None:
    trader, investor = stage.client(), stage.client()
    first = stage.other_version(trader, 1)
    terms = {"FeeRate": 0.2, "CommissionRate": 5}
    strategy = first.done("myStrategies.add", Name=stage.name(), Money=1_000, Shared=True, **terms)["StrategyID"]
    assert investor.done("strategies.get", ID=strategy)["PublicOffer"]["FeeRate"] == 0.2
    added = stage.other_version(investor, 1).done("accounts.add", StrategyID=strategy, Money=500)
    assert investor.done("accounts.get", ID=added["AccountID"])["Strategy"]["Account"]["Offer"]["CommissionRate"] == 5


def test_a_trader_sees_who_has_invested_by_number_only(market: Market, visitor: Person) -> None:
    account = market.stage.invest(visitor, market.numbers[0], market.offers[0])
    found = market.trader.done("myStrategies.getActiveAccounts", StrategyID=market.numbers[0], OrderBy={"Field": "Equity"})
    assert [(row["ClientID"], row["IsMyAccount"]) for row in found["Accounts"]] == [
        (visitor.number, False) if row["ID"] == account else (market.trader.number, True) for row in found["Accounts"]
    ]
    assert len(found["Accounts"]) == 2
    assert found["Accounts"][0]["Equity"] <= found["Accounts"][1]["Equity"]


def test_a_portfolio_is_shown_only_if_the_company_does(market: Market, visitor: Person) -> None:
    body = {"StrategyID": market.numbers[0]}
    assert visitor.done("strategyportfolio.get", **body)["StrategyPortfolio"] == [{"Symbol": "EURUSD", "Share": 1}]
    market.stage.broker.control.companies.set(market.stage.company.id, shows_portfolio=False)
    answer = visitor.call("strategyportfolio.get", **body)
    assert (answer.status, answer.code) == (403, "access_denied")
    assert market.trader.done("strategyportfolio.get", **body)["StrategyPortfolio"]
    page = market.stage.broker.control.partner_tokens.add(market.stage.company.id, None)
    assert market.stage.broker.caller("partner/v1", page)("strategies.getPortfolio", **body).status == 403


# Partners.


def shown_by(broker: Broker, token: str) -> list[int]:
    rows = broker.caller("partner/v1", token)("ratings.get", Filter={"RatingType": 1}).body["Strategies"]
    return [row["ID"] for row in rows]


def test_a_partners_page_shows_the_strategies_of_his_offers_on_his_terms(market: Market, visitor: Person) -> None:
    stage, broker = market.stage, market.stage.broker
    hidden = market.numbers[3]
    stage.do(AddOffer(hidden, 150_000, 0, f"partner{hidden}", visitor.wallet, 500_000))
    mine = broker.control.partner_tokens.add(stage.company.id, visitor.number)
    everybody = broker.control.partner_tokens.add(stage.company.id, None)
    assert shown_by(broker, mine) == [hidden]
    assert shown_by(broker, everybody) == market.numbers[:3]
    page = broker.caller("partner/v1", mine)
    card = page("strategies.get", StrategyID=hidden).body["Strategy"]
    assert (card["Fee"], card["Commission"], card["Symbols"]) == (0.15, 0, "EURUSD")
    assert page("strategies.get", StrategyID=market.numbers[0]).text == page("strategies.get", StrategyID=10**9).text
    assert page("strategies.getChart", StrategyID=market.numbers[0]).status == 404
    third = broker.caller("partner/v3", everybody)
    assert [idea["State"] for idea in third("strategies.search").body["Strategies"]] == ["Active"] * 3
    assert third("strategies.search", Filter={"Type": "Advanced"}).body["Strategies"] == []
    assert broker.caller("partner/v3", mine)("strategies.get", ID=hidden).body["State"] == "Hidden"


def test_another_companys_page_shows_nothing_of_ours(market: Market) -> None:
    stage, broker = market.stage, market.stage.broker
    token = broker.control.partner_tokens.add(Stage(broker).company.id, None)
    assert shown_by(broker, token) == []
    page = broker.caller("partner/v1", token)
    assert page("strategies.get", StrategyID=market.numbers[0]).status == 404
    assert stage.company.id != 0


# Hedging.


def test_a_position_closed_in_parts_has_a_row_for_each_part(stage: Stage) -> None:
    trader, investor = stage.client(), stage.client()
    strategy = stage.strategy(trader, AccountingSystem=0)["StrategyID"]
    account = stage.invest(investor, strategy, stage.public(trader, strategy, commission=10))
    sender = stage.sender(trader, strategy)
    stage.signal(sender, "EURUSD", -0.4, Ticket="9001")
    stage.quote("EURUSD", 109_000, 109_010)
    stage.settle()
    wanted = {"Filter": {"AccountID": account}}
    found = investor.done("hedgingPositions.searchOpen", **wanted)
    row = found["Positions"][0]
    assert (row["Ticket"], row["Type"], row["VolumeOpen"], row["PriceOpen"]) == ("9001", 1, -0.04, 1.1)
    assert (row["ProfitCalcQuote"], row["Profit"], row["CommissionTrader"]) == (1.0901, 39.6, 0.05)
    assert found["PositionsTotal"] == {"Profit": 39.6, "TotalProfit": 39.6, "Swap": 0}
    stage.signal(sender, "EURUSD", -0.1, Ticket="9001")
    stage.signal(sender, "EURUSD", 0, Ticket="9001")
    stage.settle()
    closed = investor.done("hedgingPositions.searchClosed", **wanted)
    assert [(row["TicketIn"], row["Volume"], row["Profit"]) for row in closed["Positions"]] == [
        ("9001", 0.03, 29.7), ("9001", 0.01, 9.9),
    ]  # fmt: skip
    assert {row["DealInID"] for row in closed["Positions"]} == {row["DealInID"] for row in found["Positions"]}
    assert closed["PositionsTotal"] == {"Profit": 39.6, "TotalProfit": 39.6, "Swap": 0}
    assert investor.done("hedgingPositions.searchOpen", **wanted)["Positions"] == []


def test_hedging_lists_are_not_for_netting_strategies(market: Market, visitor: Person) -> None:
    account = market.stage.invest(visitor, market.numbers[0], market.offers[0])
    for method in ("hedgingPositions.searchOpen", "hedgingPositions.searchClosed"):
        assert visitor.call(method, Filter={"AccountID": account}).code == "invalid_status"


# Positions and deals.


def test_positions_and_deals_are_put_in_order_by_what_they_are_worth(stage: Stage) -> None:
    """150.005 is more than 1.30, though its points are fewer; 0.02 lot sold is more than 0.01 bought."""
    trader, investor = stage.client(), stage.client()
    strategy = stage.strategy(trader)["StrategyID"]
    account = stage.invest(investor, strategy, stage.public(trader, strategy))
    sender = stage.sender(trader, strategy)
    for symbol, lot in (("USDJPY", 0.1), ("GBPUSD", -0.2), ("EURUSD", 0.3)):
        stage.signal(sender, symbol, lot)
    stage.settle()

    def symbols(method: str, rows: str, field: str, direction: str = "Asc") -> list[str]:
        body = {"Filter": {"AccountID": account}, "OrderBy": {"Field": field, "Direction": direction}}
        return [row["Symbol"] for row in investor.done(method, **body)[rows] if row["Symbol"]]

    for method, rows in (("positions.search", "Positions"), ("deals.search", "Deals")):
        assert symbols(method, rows, "Price") == ["EURUSD", "GBPUSD", "USDJPY"]
        assert symbols(method, rows, "Symbol", "Desc") == ["USDJPY", "GBPUSD", "EURUSD"]
    assert symbols("positions.search", "Positions", "Volume") == ["GBPUSD", "USDJPY", "EURUSD"]
    assert symbols("deals.search", "Deals", "Volume") == ["USDJPY", "GBPUSD", "EURUSD"]
