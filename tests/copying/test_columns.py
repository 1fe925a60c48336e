"""Whole numbers in columns come out as Python's own do, over the whole range."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prorata.copying.columns import (
    Int64,
    Packing,
    blocks_of,
    count_of,
    factor_of,
    mul_div_ceil,
    mul_div_floor,
    mul_div_half_even,
    mul_div_trunc,
    pack,
    share_out,
    sums_by,
    unpack,
)
from prorata.units import rounding

LEAST, MOST = -(2**63), 2**63 - 1
many = settings(max_examples=400, deadline=None, database=None)

sizes = st.integers(0, 63).flatmap(lambda bits: st.integers(0, min(2**bits, MOST)))
"""0 up to the edge of int64, each order of magnitude as likely as the other"""
signed = st.tuples(sizes, st.booleans()).map(lambda pair: -pair[0] - 1 if pair[1] else pair[0])
columns = st.lists(signed, min_size=1, max_size=12)


def trunc(dividend: int, divisor: int) -> int:
    return abs(dividend) // divisor * (1 if dividend >= 0 else -1)


OPERATIONS: list[tuple[Callable[[Int64, Int64 | int, Int64 | int], Int64], Callable[[int, int], int]]] = [
    (mul_div_floor, rounding.div_floor),
    (mul_div_ceil, rounding.div_ceil),
    (mul_div_half_even, rounding.div_half_even),
    (mul_div_trunc, trunc),
]


class Case(NamedTuple):
    """a x b / c, every quotient of which fits."""

    a: list[int]
    b: list[int]
    c: list[int]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    a = draw(columns)
    if draw(st.booleans()):
        b = [draw(signed) for _ in a]
        c = [max(draw(sizes), _least(x * y)) for x, y in zip(a, b, strict=True)]
    else:
        b = [draw(signed)] * len(a)
        c = [max(draw(sizes), max(_least(x * y) for x, y in zip(a, b, strict=True)))] * len(a)
    assume(max(c) <= MOST)
    return Case(a, b, c)


def _least(product: int) -> int:
    """Return the least divisor that makes the quotient fit however it is rounded, 1 or more."""
    return max(1, -(-product // MOST), -(product // -LEAST))


def factor(values: list[int]) -> Int64 | int:
    """Return one number where all are the same, else a column."""
    return values[0] if len(set(values)) == 1 else np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("a", "b", "c"),
    [
        (LEAST, 1, 1), (LEAST, 3, 3), (-(2**62), 4, 2), (LEAST, MOST, MOST), (-MOST, 2**62 + 1, 2**62),
        (LEAST, 2**62 - 1, 2**62), (LEAST, 5, 7), (LEAST, -5, 7), (LEAST, 2**80 - 1, 2**80), (2**62, -(2**81), 2**80),
    ],
)  # fmt: skip
def test_the_lowest_int64_is_a_number_like_others(a: int, b: int, c: int) -> None:
    for columnwise, plain in OPERATIONS:
        expected = plain(a * b, c)
        if expected < LEAST:
            continue  # Rounded down it does not fit, and up it does.
        assert columnwise(np.array([a], dtype=np.int64), b, c).tolist() == [expected]
        if c <= MOST:
            assert columnwise(*(np.array([value], dtype=np.int64) for value in (a, b, c))).tolist() == [expected]


def test_the_lowest_int64_has_a_size_too() -> None:
    lowest = np.array([-(2**63), -2465257004946539356], dtype=np.int64)
    divisors = np.array([4611686018427387904, 9223372036854775807], dtype=np.int64)
    assert mul_div_trunc(np.array([-12884655789898612, 2337524235]), lowest, divisors).tolist() == [
        25769311579797224,
        -624782126,
    ]


@pytest.mark.parametrize(("columnwise", "plain"), OPERATIONS, ids=lambda function: function.__name__)
@many
@given(case=cases())
def test_products_and_quotients_are_exact(
    columnwise: Callable[[Int64, Int64 | int, Int64 | int], Int64], plain: Callable[[int, int], int], case: Case
) -> None:
    expected = [plain(x * y, z) for x, y, z in zip(*case, strict=True)]
    a = np.array(case.a, dtype=np.int64)
    assert columnwise(a, factor(case.b), factor(case.c)).tolist() == expected
    assert columnwise(a, np.array(case.b, dtype=np.int64), np.array(case.c, dtype=np.int64)).tolist() == expected


@many
@given(a=columns, half=st.integers(1, 2**31), beside=st.sampled_from((-1, 0, 1)))
def test_ties_are_found_and_so_are_their_neighbours(a: list[int], half: int, beside: int) -> None:
    """An odd number of halves lies just between two whole numbers; one more or less does not."""
    products = [(number % 2**30 * 2 + 1) * half + beside for number in a]
    for columnwise, plain in OPERATIONS:
        actual = columnwise(np.array(products, dtype=np.int64), 1, 2 * half)
        assert actual.tolist() == [plain(product, 2 * half) for product in products]


@many
@given(a=columns, b=st.integers(2**63, 2**90), c=st.integers(2**90, 2**100))
def test_factors_beyond_int64_are_exact_too(a: list[int], b: int, c: int) -> None:
    for columnwise, plain in OPERATIONS:
        assert columnwise(np.array(a, dtype=np.int64), b, c).tolist() == [plain(x * b, c) for x in a]


def test_an_empty_column_stays_empty() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert [operation(empty, 3, 2).size for operation, _ in OPERATIONS] == [0, 0, 0, 0]


# Sharing.

weights_of_many = st.lists(st.integers(0, 10**14), min_size=1, max_size=20).filter(any)


@many
@given(weights=weights_of_many, part=st.integers(0, 10**6))
def test_shares_are_those_of_the_largest_remainder(weights: list[int], part: int) -> None:
    total = sum(weights) * part // 10**6
    shares = share_out(total, np.array(weights, dtype=np.int64))
    assert shares.tolist() == list(rounding.share_out(total, dict(enumerate(weights))).values())
    assert int(shares.sum()) == total
    assert all(share <= weight for share, weight in zip(shares.tolist(), weights, strict=True))


@many
@given(
    steps=st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any),
    part=st.integers(0, 10**6), unit=st.sampled_from((1, 1_000, 10_000, 1_000_000)),
)  # fmt: skip
def test_shares_in_steps_are_whole_steps_and_no_more_than_was_asked_for(steps: list[int], part: int, unit: int) -> None:
    total = sum(steps) * part // 10**6 * unit
    weights = np.array(steps, dtype=np.int64) * unit
    shares = share_out(total, weights, unit)
    assert int(shares.sum()) == total
    assert not (shares % unit).any()
    assert (shares <= weights).all()


def test_ties_go_to_the_lower_row() -> None:
    assert share_out(100, np.array([1, 1, 1], dtype=np.int64)).tolist() == [34, 33, 33]
    assert share_out(20, np.array([10, 10, 10], dtype=np.int64), 10).tolist() == [10, 10, 0]


def test_the_worked_example_of_the_docstring() -> None:
    assert share_out(1200, np.array([300, 1500, 45, 4], dtype=np.int64)).tolist() == [195, 973, 29, 3]


# Packing.


@many
@given(values=st.lists(st.one_of(signed, st.just(-(2**63))), max_size=30))
def test_what_is_packed_comes_out_as_it_went_in(values: list[int]) -> None:
    column = np.array(values, dtype=np.int64)
    packed = pack(column)
    assert unpack(packed, column.size).tolist() == values
    if any(values):
        assert count_of(packed) == len(values)


@pytest.mark.parametrize(
    ("values", "size"),
    [([], 0), ([0, 0], 0), ([127, -128], 3), ([128, 0], 5), ([-129], 3), ([32_768], 5), ([2**31], 9), ([-(2**31)], 5)],
)
def test_a_column_takes_the_narrowest_width_that_holds_it(values: list[int], size: int) -> None:
    assert len(pack(np.array(values, dtype=np.int64))) == size


@many
@given(values=st.lists(signed, max_size=30), cuts=st.lists(st.integers(0, 30), max_size=4))
def test_a_column_packed_in_blocks_is_the_one_packed_whole(values: list[int], cuts: list[int]) -> None:
    column, packing = np.array(values, dtype=np.int64), Packing()
    for block in np.split(column, sorted(cuts)):
        packing.add(block)
    assert packing.packed() == pack(column)


# All of a kind.


@many
@given(pairs=st.lists(st.tuples(st.integers(-3, 3), st.integers(-(10**15), 10**15)), min_size=1, max_size=20))
def test_amounts_are_summed_by_their_keys(pairs: list[tuple[int, int]]) -> None:
    keys, amounts = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    expected = {key: sum(amount for other, amount in pairs if other == key) for key, _ in pairs}
    assert sums_by(keys, amounts) == expected


def test_a_column_of_one_number_is_that_number() -> None:
    several = np.array([7, 7, 8], dtype=np.int64)
    assert (factor_of(several[:2]), factor_of(several) is several) == (7, True)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 8])
def test_blocks_are_side_by_side_and_the_last_may_be_short(count: int) -> None:
    rows = np.arange(count)
    blocks = [rows[block].tolist() for block in blocks_of(count)]
    assert [row for block in blocks for row in block] == rows.tolist()
    assert all(len(block) == 3 for block in blocks[:-1])
