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
