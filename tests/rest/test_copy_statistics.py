"""Statistics over HTTP: of a house of their own, whose days go by."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prorata.messages.commands import Quote
from prorata.reports.formulas import FORMULAS
from tests.rest.copying import Copying
from tests.rest.house import House

DAY = 86_400_000
UP = 100
"""points by which EURUSD rises in a day"""


class Week:
    """A strategy and an investment over four trading days in which EURUSD rises by ten pips each."""

    def __init__(self, copying: Copying) -> None:
        self.copying = copying
        self.house = copying.house
        self.bid = 110_000
        self.quote()
        self.strategy = copying.strategy("10000.00")
        self.offer = copying.offer(self.strategy, fee_percent="0")
        self.investment = copying.invest(self.offer, "1000.00", factor="2")
        copying.sync(self.strategy)
        copying.signal(self.strategy, "1.00")
        for _ in range(3):
            self.pass_day()

    def quote(self) -> None:
        self.house.quote(Quote("EURUSD", self.bid, self.bid + 10))

    def pass_day(self) -> None:
        self.bid += UP
        self.quote()
        self.house.clock.moment += DAY
        self.quote()


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    house = House(Path(tmp_path_factory.mktemp("week")))
    house.start()
    copying = Copying(house)
    copying.set_up()
    week = Week(copying)
    wallet = copying.get(f"investments/{week.investment}")["wallet"]
    copying.post(f"wallets/{wallet}/transfers", {"type": "fund", "amount": "1000"})
    copying.post(f"investments/{week.investment}/fund", {"amount": "1000"})
    week.pass_day()
    copying.signal(week.strategy, "0.40")
    house.write_history()
    yield week
    copying.close()
    house.stop()


def life_of(week: Week, path: str) -> dict[str, Any]:
    shown = week.copying.get(f"{path}/statistics")
    (life,) = shown["lives"]
    return dict(life)


def test_a_strategys_statistics_follow_its_own_investment(week: Week) -> None:
    shown = week.copying.get(f"strategies/{week.strategy}")
    life = life_of(week, f"strategies/{week.strategy}")
    assert (life["deposits"], life["withdrawals"], life["ruined"]) == ("10000.00", "0.00", False)
    assert float(life["profit"]) == pytest.approx(float(shown["own_equity"]) - 10_000)
    assert float(life["table"]["yields"]["current"]) == pytest.approx(float(shown["yield_percent"]), abs=1e-4)
    assert [row["month"] for row in life["table"]["months"]] == ["2026-03"]
    # 0.60 of 1.00 lot was closed 390 points above its price, and costs nothing.
    trades = life["trades"]
    assert (trades["trades"], trades["winners"], trades["win_rate"]) == (1, 1, "100.0000")
    assert float(trades["net_profit"]) > 0
    assert life["risk"]["sharpe"] is None
    assert life["risk"]["days"] >= 4


def test_money_that_comes_in_is_no_yield(week: Week) -> None:
    """The investment doubled its money while its positions were open; its yield is that of its unit."""
    shown = week.copying.get(f"investments/{week.investment}")
    life = life_of(week, f"investments/{week.investment}")
    assert life["deposits"] == "2000.00"
    assert float(life["profit"]) == pytest.approx(float(shown["equity"]) - 2_000)
    assert float(life["table"]["yields"]["current"]) == pytest.approx(float(shown["yield_percent"]), abs=0.01)


def test_the_curve_is_that_of_the_units(week: Week) -> None:
    days = week.copying.get(f"strategies/{week.strategy}/days", newest_first=False)["items"]
    assert len(days) == 4
    assert [float(day["unit_price"]) for day in days] == sorted(float(day["unit_price"]) for day in days)
    chart = week.copying.get(f"strategies/{week.strategy}/chart")
    assert chart[0] | {"unit_price": "100.0000", "yield_percent": "0.0000"} == chart[0]
    assert [float(point["unit_price"]) for point in chart[1:5]] == pytest.approx(
        [float(day["unit_price"]) for day in days], abs=1e-4
    )
    assert len(week.copying.get(f"strategies/{week.strategy}/chart", points=4)) == 4
    own = week.copying.get(f"investments/{week.investment}/days", newest_first=False)["items"]
    curve = week.copying.get(f"investments/{week.investment}/chart")
    assert [float(point["unit_price"]) for point in curve[1:5]] == pytest.approx(
        [float(day["unit_price"]) for day in own], abs=1e-4
    )


def test_yields_by_month_and_year_are_linked(week: Week) -> None:
    table = week.copying.get(f"strategies/{week.strategy}/yields")
    assert table["yields"]["day"] is not None
    assert table["yields"]["month"] is None
    assert table["years"] == [{"year": 2026, "yield_percent": table["months"][0]["yield_percent"]}]


def test_portfolio_and_history_are_told_in_shares_that_sum(week: Week) -> None:
    assert week.copying.get(f"strategies/{week.strategy}/portfolio") == [{"symbol": "EURUSD", "percent": "100.00"}]
    assert week.copying.get(f"strategies/{week.strategy}/symbols") == [{"symbol": "EURUSD", "percent": "100.00"}]


def test_public_statistics_are_for_any_reader(week: Week) -> None:
    path = f"public-strategies/{week.strategy}/statistics"
    assert week.copying.refusal("get", path) == "UNKNOWN_STRATEGY"
    week.copying.put(f"strategies/{week.strategy}/public-offer", {"offer": week.offer})
    with week.house.trader(week.house.open_account()) as trader:
        assert trader.get(f"/api/v1/{path}").json()["lives"][0]["deposits"] == "10000.00"
        assert trader.get(f"/api/v1/public-strategies/{week.strategy}/chart").status_code == 200
        assert trader.get(f"/api/v1/strategies/{week.strategy}/statistics").status_code == 403


def test_formulas_are_listed_with_their_versions(week: Week) -> None:
    shown = week.copying.get("statistics/formulas")
    assert {row["name"]: row["version"] for row in shown["formulas"]} == {
        name: formula.version for name, formula in FORMULAS.items()
    }
    assert week.copying.get(f"strategies/{week.strategy}/statistics")["version"] == shown["version"]


def test_the_copy_statement_goes_from_the_strategys_result_to_the_investments(week: Week) -> None:
    copying = week.copying
    strategy = copying.strategy("10000.00")
    offer = copying.offer(strategy, fee_percent="20", commission_per_million="50")
    investment = copying.invest(offer, "500.00")
    copying.sync(strategy)
    copying.signal(strategy, "0.33")
    week.bid += UP
    week.quote()
    copying.signal(strategy, "0.0007")
    copying.signal(strategy, "0")
    copying.post(f"investments/{investment}/close")
    week.house.write_history()
    shown = copying.get(f"investments/{investment}/statement")
    # 0.33 lots bought at the ask and sold 90 points above it, in two deals.
    assert shown["strategy_result"] == "29.70"
    deals = copying.get(f"investments/{investment}/deals")["items"]
    own = sum(round(float(deal["total"]) * 100) for deal in deals if deal["type"] != "balance")
    assert round(float(shown["investor_result"]) * 100) == own
    parts = {name: round(float(value) * 100) for name, value in shown["parts"].items()}
    assert sum(parts.values()) == round(float(shown["difference"]) * 100)
    assert parts["performance_fee"] < 0
    assert parts["turnover_commission"] < 0
    assert parts["sizing"] < 0
    assert parts["price"] == 0
    assert [line["reason"] for line in shown["lines"]] == ["copied", "minimum_lot", "copied", "charged"]
    assert shown["lines"][1]["signal"] is not None
    first = copying.get(f"investments/{investment}/statement", limit=3)
    rest = copying.get(f"investments/{investment}/statement", limit=3, cursor=first["next_cursor"])
    assert first["lines"] + rest["lines"] == shown["lines"]
    nothing = copying.get(f"investments/{investment}/statement", until="2026-01-01T00:00:00Z")
    assert (nothing["lines"], nothing["investor_result"]) == ([], "0.00")


def test_what_was_not_there_is_time(week: Week) -> None:
    """Whoever comes late, pauses and is resized has the rest of the difference named."""
    copying = week.copying
    strategy = copying.strategy("10000.00")
    offer = copying.offer(strategy, fee_percent="0")
    copying.signal(strategy, "0.50")
    week.house.clock.moment += 1_000
    late = copying.invest(offer, "1000.00")
    copying.sync(strategy, ("EURUSD", "0.50"), soft=True)
    week.bid += UP
    week.quote()
    week.house.clock.moment += 1_000
    copying.post(f"investments/{late}/pause")
    copying.signal(strategy, "0.20")
    week.house.clock.moment += 1_000
    copying.post(f"investments/{late}/close")
    week.house.clock.moment += 1_000
    copying.signal(strategy, "0")
    week.house.write_history()
    shown = copying.get(f"investments/{late}/statement")
    parts = {name: round(float(value) * 100) for name, value in shown["parts"].items()}
    assert sum(parts.values()) == round(float(shown["difference"]) * 100)
    reasons = [line["reason"] for line in shown["lines"]]
    assert reasons == ["not_joined", "caught_up", "paused", "paused", "left"]
    assert copying.refusal("get", f"investments/{copying.get(f'strategies/{strategy}')['own_investment']}/statement") == (
        "OWN_INVESTMENT"
    )
