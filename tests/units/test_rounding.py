"""Every division says which way it rounds; shares sum to what was shared."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prorata.units.rounding import div_ceil, div_exact, div_floor, div_half_even, share_out

dividends = st.integers(-(10**30), 10**30)
divisors = st.integers(1, 10**20)
weights = st.dictionaries(st.integers(1, 10**9), st.integers(0, 10**12), min_size=1, max_size=40).filter(
    lambda weights: sum(weights.values()) > 0
)


def test_each_division_rounds_its_own_way() -> None:
    assert [div_floor(n, 2) for n in (-7, -5, 5, 7)] == [-4, -3, 2, 3]
    assert [div_ceil(n, 2) for n in (-7, -5, 5, 7)] == [-3, -2, 3, 4]
    assert [div_half_even(n, 2) for n in (-7, -5, -3, 3, 5, 7)] == [-4, -2, -2, 2, 2, 4]
    assert [div_half_even(n, 3) for n in (-5, -4, 4, 5)] == [-2, -1, 1, 2]


@given(dividends, divisors)
def test_floor_and_ceil_stand_on_both_sides_of_the_quotient(dividend: int, divisor: int) -> None:
    exact = Fraction(dividend, divisor)
    assert div_floor(dividend, divisor) <= exact < div_floor(dividend, divisor) + 1
    assert div_ceil(dividend, divisor) - 1 < exact <= div_ceil(dividend, divisor)


@given(dividends, divisors)
def test_half_even_rounds_as_fractions_do_and_alike_on_both_sides_of_zero(dividend: int, divisor: int) -> None:
    assert div_half_even(dividend, divisor) == round(Fraction(dividend, divisor))
    assert div_half_even(-dividend, divisor) == -div_half_even(dividend, divisor)


def test_an_exact_division_leaves_nothing() -> None:
    assert div_exact(-12, 4) == -3
    with pytest.raises(AssertionError, match="13 is not a multiple of 4"):
        div_exact(13, 4)


def test_what_is_left_over_goes_to_the_largest_remainders_and_ties_to_the_lower_key() -> None:
    assert share_out(100, {3: 1, 1: 1, 2: 1}) == {1: 34, 2: 33, 3: 33}
    assert share_out(10, {1: 1, 2: 2, 3: 4}) == {1: 1, 2: 3, 3: 6}
    assert share_out(0, {1: 5}) == {1: 0}
    assert share_out(7, {1: 0, 2: 1}) == {1: 0, 2: 7}


@given(st.integers(0, 10**18), weights)
def test_shares_sum_to_the_whole_and_are_never_a_unit_off(total: int, weights: dict[int, int]) -> None:
    shares = share_out(total, weights)
    assert sum(shares.values()) == total
    whole = sum(weights.values())
    for key, weight in weights.items():
        assert abs(shares[key] - Fraction(total * weight, whole)) < 1
        assert weight or not shares[key], "who has no weight gets nothing"


@given(st.integers(0, 10**18), weights, st.randoms(use_true_random=False))
def test_the_order_in_which_keys_joined_never_decides(total: int, weights: dict[int, int], chance: Random) -> None:
    keys = list(weights)
    chance.shuffle(keys)
    assert share_out(total, {key: weights[key] for key in keys}) == share_out(total, weights)


@pytest.mark.parametrize(("total", "weights"), [(-1, {1: 1}), (5, {1: 0}), (5, {})])
def test_nothing_is_shared_among_nobody(total: int, weights: dict[int, int]) -> None:
    with pytest.raises(AssertionError):
        share_out(total, weights)
