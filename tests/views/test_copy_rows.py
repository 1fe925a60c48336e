"""What an event about many investments says of one of them."""

from typing import Any

import numpy as np
import pytest

from prorata.copying.columns import pack
from prorata.messages import copy_events as told
from prorata.messages.copy_terms import InvestmentState, VolumeReason
from prorata.views.copying.rows import is_of_many, rows_of
from tests.views.copy_scene import LOT, Stage
from tests.views.test_copy_event_json import COPIED, column


@pytest.fixture(scope="module")
def stage() -> Stage:
    stage = Stage()
    stage.strategy("Alpha")
    return stage


CASES: list[tuple[Any, str, dict[str, Any]]] = [
    (
        told.StatesChanged(1, InvestmentState.PROTECTED, 0, column(1, 2, 9), column(1, 250, 3), "EURUSD", 109_000, 109_010),
        "investment-state",
        {"state": "protected", "equity": "2.50", "bid": "1.09000"},
    ),
    (
        told.VolumesTrimmed(1, 3, "EURUSD", "", column(2, 9), column(VolumeReason.LEVERAGE, 1), column(-LOT, LOT), b""),
        "investment-trimmed",
        {"reasons": ("leverage",), "asked": "-1.00", "given": "0.00", "signal": 3},
    ),
    (
        COPIED,
        "investment-deal",
        {"deal": 41, "position": (1 << 24) + 1, "volume": "0.10", "held": "0.10", "turnover": "11001.00",
         "trader_commission": "0.11", "partner_commission": "0.00", "balance": "0.01", "price": "1.10010"},
    ),
    (told.VolumesRejected(1, "EURUSD", "t", 3, 17, 50, column(1, 2), column(LOT, -LOT)), "investment-rejected",
     {"deal": 51, "volume": "-1.00", "ticket": "t"}),
    (
        told.FeesCharged(1, 2, 3, 60, 9, column(2), column(50), b"", b"", b"", b"", column(7), column(900), 0, ()),
        "investment-fee",
        {"deal": 60, "interval": 2, "fee": "0.50", "drawdown": "0.07", "balance": "9.00"},
    ),
    (told.IntervalEnded(1, 2, 3, column(1, 2), column(5, 600), b""), "investment-interval",
     {"interval": 2, "next_interval": 3, "base": "6.00", "drawdown": "0.00"}),
    (told.SwapsCharged(1, "EURUSD", "", 3, column(1, 2), column(-7, -1)), "investment-swap", {"amount": "-0.01", "nights": 3}),
    (told.InvestmentDays(1, 20_514, column(2), column(100), column(90), column(103_5 * 10**7)), "investment-day",
     {"day": "2026-03-02", "equity": "1.00", "balance": "0.90", "unit_price": "103.50"}),
    (told.DeficitCovered(1, column(2), column(40), ()), "investment-deficit", {"amount": "0.40"}),
]  # fmt: skip


@pytest.mark.parametrize(("event", "tag", "expected"), CASES, ids=[tag for _, tag, _ in CASES])
def test_a_row_is_told_to_whose_it_is(stage: Stage, event: Any, tag: str, expected: dict[str, Any]) -> None:
    assert is_of_many(event)
    (row,) = rows_of(stage.engine.copy, event, [2, 77], 41, "now")
    assert type(row).__struct_config__.tag == tag
    shown = {name: getattr(row, name) for name in type(row).__struct_fields__}
    assert shown | expected | {"investment": 2, "strategy": 1, "seq": 41, "at": "now"} == shown
    assert rows_of(stage.engine.copy, event, [77], 41, "now") == []


def test_every_event_with_a_column_of_investments_has_rows() -> None:
    kinds = [kind for kind in told.CopyEvent.__args__ if "investments" in kind.__struct_fields__]
    of_many = [kind for kind in kinds if kind is not told.StrategyDay]
    assert {type(event) for event, _, _ in CASES} == set(of_many)


def test_named_rows_are_found_among_a_hundred_thousand(stage: Stage) -> None:
    numbers = np.arange(1, 100_001, dtype=np.int64) * 3
    event = told.SwapsCharged(1, "EURUSD", "", 1, pack(numbers), pack(-numbers))
    rows = rows_of(stage.engine.copy, event, [3, 4, 150_000, 300_000, 300_003], 41, "now")
    assert [(row.investment, row.amount) for row in rows] == [(3, "-0.03"), (150_000, "-1500.00"), (300_000, "-3000.00")]  # type: ignore[attr-defined]
