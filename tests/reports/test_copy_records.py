"""From rows of the tables to equity points and trades."""

from typing import Any

from prorata.messages.copy_terms import Accounting, InvestmentType
from prorata.projections.copying.codes import CopyDealType, CopyEntry
from prorata.projections.copying.rows import CopyDealRow
from prorata.reports.copy_records import Worth, curve_of, equity_points, trades_of
from prorata.reports.series import lives_of

LOT = 100_000_000
UNIT = 10**8


def row(sequence: int, kind: CopyDealType, **values: Any) -> CopyDealRow:
    given: dict[str, Any] = dict.fromkeys(CopyDealRow.__struct_fields__, 0)
    given |= {
        "sequence": sequence, "at": sequence * 1_000, "type": kind, "entry": CopyEntry.IN, "accounting": Accounting.NETTING,
        "currency": "USD", "tags": "", "investment_type": InvestmentType.INTERNAL, "symbol": "EURUSD", "ticket": "",
        "position": 7, "balance": None,
    } | values  # fmt: skip
    given["total"] = given["profit"] + given["swap"] - given["commission"]
    return CopyDealRow(**given)


def money(sequence: int, amount: int) -> CopyDealRow:
    return row(sequence, CopyDealType.BALANCE, profit=amount, position=0, symbol="")


def trade(sequence: int, volume: int, held: int, price: int, entry: CopyEntry = CopyEntry.IN, **values: Any) -> CopyDealRow:
    kind = CopyDealType.BUY if volume > 0 else CopyDealType.SELL
    return row(sequence, kind, volume=volume, held=held, price=price, entry=entry, **values)


def worth(sequence: int, equity: int, unit: float, balance: int | None = None) -> Worth:
    return Worth(sequence, sequence * 1_000, equity, equity if balance is None else balance, round(unit * UNIT))


def test_money_moved_while_nothing_is_held_finds_the_balance() -> None:
    deals = [
        money(1, 1_000), trade(2, LOT, LOT, 100, commission=10),
        trade(3, -LOT, 0, 110, CopyEntry.OUT, profit=110), money(4, -550), money(6, 450),
    ]  # fmt: skip
    points = equity_points(deals, [worth(5, 550, 110), worth(9, 1_100, 121)])
    assert [(point.equity, point.flow) for point in points] == [(0, 1_000), (1_100, -550), (550, 0), (550, 450), (1_100, 0)]
    (life,) = lives_of(points)
    assert [round(point.price, 6) for point in life.equity] == [100, 110, 110, 110, 121]


def test_money_that_comes_in_while_positions_are_open_is_told_by_the_unit_prices_around_it() -> None:
    deals = [money(1, 1_000), trade(2, LOT, LOT, 100), money(4, 510)]
    points = equity_points(deals, [worth(3, 1_000, 100, 1_000), worth(5, 1_650, 110, 1_510)])
    assert [(point.equity, point.balance, point.flow) for point in points] == [
        (0, 0, 1_000), (1_000, 1_000, 0), (1_020, 1_000, 510), (1_650, 1_510, 0)
    ]  # fmt: skip
    (life,) = lives_of(points)
    assert [round(point.price, 6) for point in life.equity] == [100, 100, 102, 110]


def test_a_life_that_was_paid_out_ends_with_its_last_withdrawal() -> None:
    points = equity_points([money(1, 1_000), money(3, -1_000)], [worth(2, 1_000, 100)])
    assert [(point.equity, point.flow) for point in points] == [(0, 1_000), (1_000, 0), (1_000, -1_000)]


def test_a_trade_bears_its_share_of_what_opening_cost() -> None:
    deals = [
        trade(1, 3 * LOT, 3 * LOT, 100, commission=30), trade(2, -LOT, 2 * LOT, 110, CopyEntry.OUT, profit=1_000, commission=7),
        trade(3, -3 * LOT, -LOT, 90, CopyEntry.INOUT, profit=-2_000, swap=-4, commission=9),
        trade(4, LOT, 0, 85, CopyEntry.OUT, profit=500),
    ]  # fmt: skip
    first, second, third = trades_of(deals)
    assert (first.volume, first.profit, first.points, first.opened_at) == (LOT, 1_000 - 7 - 10, 10, 1_000)
    assert (second.volume, second.profit, second.points) == (2 * LOT, -2_000 - 4 - 6 - 20, -10)
    assert (third.volume, third.profit, third.points, third.opened_at) == (-LOT, 500 - 3, 5, 3_000)
    assert sum(one.profit for one in (first, second, third)) == sum(deal.total for deal in deals)


def test_positions_of_several_tickets_are_kept_apart() -> None:
    deals = [
        trade(1, LOT, LOT, 100, position=1), trade(2, -LOT, -LOT, 120, position=2),
        trade(3, LOT, 0, 110, CopyEntry.OUT, position=2, profit=10),
        trade(4, -LOT, 0, 90, CopyEntry.OUT, position=1, profit=-10),
    ]  # fmt: skip
    assert [(one.volume, one.points) for one in trades_of(deals)] == [(-LOT, 10), (LOT, -10)]


def test_a_curve_begins_at_100_and_ends_now() -> None:
    curve = curve_of(1_000, [(2_000, 110 * UNIT)], (3_000, 121 * UNIT))
    assert [(point.at, point.price) for point in curve] == [(1_000, 100.0), (2_000, 110.0), (3_000, 121.0)]
    assert len(curve_of(1_000, [(2_000, 110 * UNIT)], (2_000, 110 * UNIT))) == 2
