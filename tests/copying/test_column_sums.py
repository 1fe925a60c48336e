"""Columns as they are read: sums that cannot overflow, and numbers picked out of a packed one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from prorata.copying.columns import pack, pick, sum_of, total_of

WIDE = some.integers(-(2**63), 2**63 - 1)


@given(some.lists(WIDE, max_size=20))
def test_a_sum_is_exact_however_large(numbers: list[int]) -> None:
    column = np.array(numbers, dtype=np.int64)
    assert total_of(column) == sum(numbers)
    assert sum_of(pack(column)) == sum(numbers)


@given(some.lists(some.one_of(some.integers(-3, 3), WIDE), min_size=1, max_size=20), some.data())
def test_numbers_are_picked_from_a_packed_column(numbers: list[int], data: some.DataObject) -> None:
    places = data.draw(some.lists(some.integers(0, len(numbers) - 1), max_size=5))
    packed = pack(np.array(numbers, dtype=np.int64))
    assert pick(packed, np.array(places, dtype=np.int64)) == [numbers[place] for place in places]
