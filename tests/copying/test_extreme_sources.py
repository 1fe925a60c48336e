"""What a source sends is its own affair: no lot, equity or ratio makes the platform fail, or a volume grow by rounding."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from prorata.copying.columns import mul_div_trunc_within
from prorata.messages import copy_commands as ask
from prorata.messages import copy_events as told
from prorata.messages.copy_terms import VolumeReason
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.units.numbers import VOLUME_MAX
from prorata.views.copying.events import reason_names
from tests.views.copy_scene import LOT, Stage

CENT = 1


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    _, offer = stage.strategy("Alpha")
    stage.invest(11, offer, 1_000_00)
    stage.sync(1)
    return stage


def held(stage: Stage) -> list[int]:
    volumes: list[int] = stage.engine.copy.state.strategies[1].legs["EURUSD"].rows.volume[:2].tolist()
    return volumes


@pytest.mark.parametrize("lot", [VOLUME_MAX, -VOLUME_MAX])
def test_the_largest_lot_of_the_poorest_source_is_cut_to_what_margin_carries(stage: Stage, lot: int) -> None:
    stage.do(ask.SendSignal(1, "EURUSD", lot, CENT))
    (trimmed,) = stage.events(told.VolumesTrimmed)
    assert trimmed.reasons[1:] != b""
    assert all("leverage" in reason_names(int(flags)) for flags in np.frombuffer(trimmed.reasons, "<i2", offset=1))
    own, copied = held(stage)
    assert 0 < abs(own) < 100 * LOT
    assert 0 < abs(copied) < abs(own)
    assert VolumeReason.VOLUME_LIMIT in VolumeReason(int(np.frombuffer(trimmed.reasons, "<i2", offset=1)[0]))


def test_a_lot_that_grows_a_trillionfold_is_cut_like_any_other(stage: Stage) -> None:
    stage.signal(1, 100)
    stage.signal(1, VOLUME_MAX)
    assert all(0 < volume < 100 * LOT for volume in held(stage))


def test_lines_of_one_symbol_that_add_up_beyond_every_bound_are_cut(stage: Stage) -> None:
    lines = tuple(ask.Held("EURUSD", VOLUME_MAX) for _ in range(1_000))
    stage.do(ask.SendSync(1, soft=False, equity=CENT, held=lines))
    assert all(0 < volume < 100 * LOT for volume in held(stage))


def test_a_short_position_is_rounded_towards_zero_as_a_long_one() -> None:
    """0.0300 lot x 2 / 3.0001 is 0.0199: never 0.0200, on either side."""
    volumes = []
    for side in (1, -1):
        stage = Stage()
        stage.strategy("Alpha")
        stage.sync(1)
        stage.do(ask.SendSignal(1, "EURUSD", side * 3_000_001, 10_000_00))
        stage.do(ask.SendSignal(1, "EURUSD", side * 2_000_000, 10_000_00))
        volumes.append(held(stage)[0])
    assert volumes == [1_990_000, -1_990_000]


@given(
    rows=some.lists(some.integers(-(2**63), 2**63 - 1), min_size=1, max_size=5),
    factor=some.one_of(some.integers(-(10**17), 10**17), some.integers(-(2**70), 2**70)),
    divisor=some.integers(1, 10**15),
    most=some.one_of(some.integers(1, 2 * VOLUME_MAX), some.integers(1, 2**62 - 1)),
)
@example(rows=[-2, 3], factor=2**63 + 1, divisor=7, most=100)
def test_a_product_is_cut_exactly_at_its_bound(rows: list[int], factor: int, divisor: int, most: int) -> None:
    def exactly(row: int) -> int:
        size = min(abs(row * factor) // divisor, most)
        return size if row * factor >= 0 else -size

    found = mul_div_trunc_within(np.array(rows, dtype=np.int64), factor, divisor, most)
    assert found.dtype.name == "int64"
    assert found.tolist() == [exactly(row) for row in rows]


def test_who_holds_nothing_need_not_say_what_he_is_worth(stage: Stage) -> None:
    """A sender without positions has no line to say its equity in; what was known of it stays."""
    stage.signal(1, 100)
    known = stage.engine.copy.state.strategies[1].source_equity
    stage.do(ask.SendSync(1, soft=False, equity=0, held=()))
    assert "EURUSD" not in stage.engine.copy.state.strategies[1].legs
    assert stage.engine.copy.state.strategies[1].source_equity == known > 0


@pytest.mark.parametrize(("equity", "lot"), [(0, 100), (-CENT, 0)])
def test_who_holds_something_or_is_ruined_is_not_synchronised_with(stage: Stage, equity: int, lot: int) -> None:
    before = stage.engine.state_hash()
    (refused,) = stage.engine.apply(ask.SendSync(1, soft=False, equity=equity, held=(ask.Held("EURUSD", lot),)), stage.now)
    assert isinstance(refused, Refused)
    assert refused.code == Refusal.SOURCE_EQUITY_NOT_POSITIVE
    assert stage.engine.state_hash() == before
