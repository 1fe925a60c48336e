"""Whole numbers in columns: exact products and quotients over int64, shares that sum, and their packing.

a x b / c of three 63-bit numbers does not fit int64. Yet the quotient does, so it is estimated in floating point and
then corrected: a x b - estimate x c, reckoned modulo 2^64, is the exact remainder, as long as the estimate is near
enough for the true one to fit. So no float decides anything; where the bound does not hold, Python's own whole numbers
take over.

What concerns a million rows is done block by block, so that the many columns that live for a moment stay in the cache.
"""

from collections.abc import Iterator, Sequence
from math import gcd
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from prorata.units.rounding import div_half_even

Int64: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Factor: TypeAlias = Int64 | int
Rows: TypeAlias = Int64 | slice
"""rising row numbers; a slice where none is left out between them"""

BLOCK = 65_536
"""rows of a block: half a megabyte a column"""
_LOWER = 2**32 - 1
_FITS = 2.0**62
_ERROR = 2.0**-50
"""relative error of the estimate, four times what three roundings can make"""


def zeros(count: int) -> Int64:
    return np.zeros(count, dtype=np.int64)


def full(count: int, value: int) -> Int64:
    return np.full(count, value, dtype=np.int64)


def blocks_of(count: int) -> Iterator[slice]:
    """Part `count` rows into blocks, the last of which may be short."""
    for first in range(0, count, BLOCK):
        yield slice(first, min(first + BLOCK, count))


def span_of(rows: Int64) -> Rows:
    """Return rising rows as a slice if none is left out: columns are then read and written in place."""
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == rows.size else rows


def kinds_of(column: Int64) -> list[int]:
    """Return the different values of a column, rising. One value, the usual case, is seen at once."""
    first = int(column[0])
    return [first] if (column == first).all() else np.unique(column).tolist()


def sums_by(keys: Int64, amounts: Int64) -> dict[int, int]:
    """Return what the amounts of each key come to."""
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1])))
    return dict(zip(sorted_keys[starts].tolist(), np.add.reduceat(amounts[order], starts).tolist(), strict=True))


def factor_of(column: Int64) -> Factor:
    """Return a column as a factor: its one number if all are the same, as they mostly are."""
    if column.size == 0:
        return column
    first = int(column[0])
    return first if (column == first).all() else column


def joined_blocks(blocks: Sequence[tuple[Int64, ...]]) -> tuple[Int64, ...]:
    """Return columns whose blocks stand side by side, one tuple for each block."""
    return blocks[0] if len(blocks) == 1 else tuple(np.concatenate(column) for column in zip(*blocks, strict=True))


def most_of(column: Int64) -> int:
    """Return the largest size in a column, 0 of an empty one."""
    return max(int(column.max()), -int(column.min())) if column.size else 0


def mul_div_floor(a: Int64, b: Factor, c: Factor) -> Int64:
    """Return a x b / c, each rounded down. `c` is 1 or more; every quotient fits int64.

    [7, -7] x 1 / 2 is [3, -4].
    """
    b, c = _lowest_terms(b, c)
    product = _product(a, b, c)
    if product is not None:
        product //= c
        return product
    divided = _divide(a, b, c)
    return _exactly(a, b, c) if divided is None else divided[0]


def mul_div_trunc(a: Int64, b: Factor, c: Factor) -> Int64:
    """Return a x b / c, each rounded towards zero: a volume never grows by rounding."""
    b, c = _lowest_terms(b, c)
    product = _product(a, b, c)
    if product is not None:
        if c != 1:
            product += (product >> 63) & (c - 1)  # c - 1 more where it is below 0.
            product //= c
        return product
    divided = _divide(a, b, c)
    if divided is None:
        return _trunc_exactly(a, b, c)
    quotient, remainder = divided
    quotient += (quotient < 0) & (remainder > 0)
    return quotient


def mul_div_trunc_within(a: Int64, b: Factor, c: Factor, most: int) -> Int64:
    """Return a x b / c, each rounded towards zero and cut to `most` on either side, however large it would be.

    `most` is below 2^62. [7, -7] x 10^18 / 3 within 100 is [100, -100].
    """
    if isinstance(b, int) and isinstance(c, int) and most_of(a) * abs(b) <= most * c:
        return mul_div_trunc(a, b, c)
    # Far beyond twice the bound no rounding of the estimate can matter.
    rough = a.astype(np.float64) * b / c
    far: Mask = np.abs(rough) > 2.0 * most
    if not far.any():
        return np.clip(mul_div_trunc(a, b, c), -most, most)
    near = mul_div_trunc(np.where(far, 0, a), b, c)
    return np.where(far, np.where(rough > 0, most, -most), np.clip(near, -most, most))


def mul_div_half_even(a: Int64, b: Factor, c: Factor) -> Int64:
    """Return a x b / c, each rounded to the nearest, ties to the even neighbour."""
    b, c = _lowest_terms(b, c)
    product = _product(a, b, c)
    if product is not None:
        product += c // 2
        quotient = product // c
        if c % 2 == 0:
            product -= quotient * c
            quotient -= (product == 0) & ((quotient & 1) == 1)  # Ties have gone up.
        return quotient
    divided = _divide(a, b, c)
    if divided is None:
        return _half_even_exactly(a, b, c)
    quotient, remainder = divided
    more = remainder - (c - remainder)
    quotient += (more > 0) | ((more == 0) & ((quotient & 1) == 1))
    return quotient


def mul_div_ceil(a: Int64, b: Factor, c: Factor) -> Int64:
    """Return a x b / c, each rounded up."""
    b, c = _lowest_terms(b, c)
    product = _product(a, b, c)
    if product is not None:
        product += c - 1
        product //= c
        return product
    divided = _divide(a, b, c)
    if divided is None:
        return _ceil_exactly(a, b, c)
    quotient, remainder = divided
    quotient += remainder > 0
    return quotient


def _lowest_terms(b: Factor, c: Factor) -> tuple[Factor, Factor]:
    """Return the same ratio in smaller numbers, so that products more often fit."""
    if not (isinstance(b, int) and isinstance(c, int)):
        return b, c
    common = gcd(b, c)
    return b // common, c // common


def _product(a: Int64, b: Factor, c: Factor) -> Int64 | None:
    """Return a new column a x b if one number divides it, and it fits int64 with room for rounding by that number."""
    if not isinstance(c, int):
        return None
    largest = max(most_of(a), 1) * max(abs(b) if isinstance(b, int) else most_of(b), 1)
    return a * b if largest + c < 2**63 else None


def _divide(a: Int64, b: Factor, c: Factor) -> tuple[Int64, Int64] | None:
    """Return new columns (quotient rounded down, remainder) of a x b / c, exactly; None if int64 could not hold them."""
    if a.size == 0:
        return zeros(0), zeros(0)
    if isinstance(b, int) and not -(2**63) < b < 2**63:
        return None
    if isinstance(c, int):
        if not 0 < c < 2**62:
            return None
        divisor = float(c)
        rough = a * (b / c) if isinstance(b, int) else a * b.astype(np.float64) / c
    else:
        divisor = float(c.max())
        rough = a.astype(np.float64) * b / c
    np.floor(rough, out=rough)
    most = max(float(rough.max()), -float(rough.min()))
    if most >= _FITS or (most * _ERROR + 2) * divisor >= _FITS:
        return None
    quotient = rough.astype(np.int64)
    remainder = a * b
    remainder -= quotient * c
    # The estimate is next to the quotient; what it lacks is whole divisors of the remainder.
    if most * _ERROR < 1:
        _correct_by_one(quotient, remainder, c)
    else:
        lacks = remainder // c
        quotient += lacks
        lacks *= c
        remainder -= lacks
    return quotient, remainder


def _correct_by_one(quotient: Int64, remainder: Int64, c: Factor) -> None:
    """Bring a quotient that is at most one off, as hardly any is, to where its remainder is below `c` and not below 0."""
    below = remainder < 0
    if below.any():
        quotient -= below
        remainder += below * c
    above = remainder >= c
    if above.any():
        quotient += above
        remainder -= above * c


def _exactly(a: Int64, b: Factor, c: Factor) -> Int64:
    quotients: Int64 = (a.astype(object) * _wide(b) // _wide(c)).astype(np.int64)
    return quotients


def _ceil_exactly(a: Int64, b: Factor, c: Factor) -> Int64:
    # Turned round among wide numbers: the lowest int64 has no opposite itself.
    quotients: Int64 = (-(a.astype(object) * -_wide(b) // _wide(c))).astype(np.int64)
    return quotients


def _trunc_exactly(a: Int64, b: Factor, c: Factor) -> Int64:
    # The sizes are taken of wide numbers: that of the lowest int64 is not one itself.
    products, divisors = a.astype(object) * _wide(b), _wide(c)
    quotients: Int64 = np.where(products < 0, -(-products // divisors), products // divisors).astype(np.int64)
    return quotients


def _half_even_exactly(a: Int64, b: Factor, c: Factor) -> Int64:
    dividends, divisors = a.astype(object) * _wide(b), _wide(c)
    pairs = np.broadcast_arrays(dividends, divisors)
    return np.array([div_half_even(int(one), int(other)) for one, other in zip(*pairs, strict=True)], dtype=np.int64)


def _wide(value: Factor) -> Any:
    return value.astype(object) if isinstance(value, np.ndarray) else value


def share_out(total: int, weights: Int64, unit: int = 1) -> Int64:
    """Share `total` (0 or more) by `weights` (0 or more, sum 1 or more) in multiples of `unit`, by largest remainder.

    Ties go to the lower row, which is the lower investment. No share exceeds its weight while `total` does not
    exceed their sum. 1200 by [300, 1500, 45, 4] in units of 1 is [195, 973, 29, 3].
    """
    weight_sum = int(weights.sum())
    assert total >= 0
    assert weight_sum > 0
    assert total % unit == 0
    parts = total // unit
    shares = mul_div_floor(weights, parts, weight_sum)
    left_over = parts - int(shares.sum())
    if left_over:
        # The remainder of each division, exact modulo 2^64, as it is below the sum of the weights.
        remainders = weights * parts - shares * weight_sum
        largest = np.argsort(-remainders, kind="stable")[:left_over]
        shares[largest] += 1
    return shares * unit


_WIDTHS: tuple[tuple[int, int, Any], ...] = tuple(
    (-(2 ** (8 * width - 1)), 2 ** (8 * width - 1) - 1, np.dtype(f"<i{width}")) for width in (1, 2, 4, 8)
)
"""(lowest, highest, kind) of the numbers that a width holds"""


class Packing:
    """A column on its way to bytes, block by block. Each block is kept in the narrowest width that holds it."""

    __slots__ = ("_blocks", "_width")

    def __init__(self) -> None:
        self._blocks: list[npt.NDArray[np.signedinteger[Any]]] = []
        self._width = 0

    def add(self, column: Int64) -> None:
        if column.size:
            low, high = int(column.min()), int(column.max())
            kind = next(kind for lowest, highest, kind in _WIDTHS if lowest <= low and high <= highest)
            self._blocks.append(column.astype(kind))
            if low or high:
                self._width = max(self._width, kind.itemsize)

    def packed(self) -> bytes:
        """Return the column as bytes: b"" if it is all zeros, else the width of its numbers (1, 2, 4, 8), then the numbers.

        Little-endian; the narrowest width that holds them all is taken.
        """
        if not self._width:
            return b""
        kind = np.dtype(f"<i{self._width}")
        return b"".join((bytes((self._width,)), *(block.astype(kind, copy=False).data for block in self._blocks)))


def pack(column: Int64) -> bytes:
    """Return a column as bytes: see `Packing`."""
    packing = Packing()
    packing.add(column)
    return packing.packed()


def unpack(data: bytes, count: int) -> Int64:
    """Return the `count` numbers of a packed column."""
    if not data:
        return zeros(count)
    column = np.frombuffer(data, dtype=f"<i{data[0]}", offset=1)
    assert column.size == count, f"a column of {column.size} numbers for {count}"
    return column.astype(np.int64)


def pick(data: bytes, places: Int64) -> list[int]:
    """Return the numbers of a packed column at `places`, without unpacking the others."""
    if not data:
        return [0] * places.size
    picked: list[int] = np.frombuffer(data, dtype=f"<i{data[0]}", offset=1)[places].tolist()
    return picked


def total_of(column: npt.NDArray[np.signedinteger[Any]]) -> int:
    """Return the sum of a column, however large: upper and lower halves are added by themselves."""
    return (int((column >> 32).sum(dtype=np.int64)) << 32) + int((column & _LOWER).sum(dtype=np.int64))


def sum_of(data: bytes) -> int:
    """Return the sum of a packed column, however large."""
    if not data:
        return 0
    column = np.frombuffer(data, dtype=f"<i{data[0]}", offset=1)
    return total_of(column) if data[0] == 8 else int(column.sum(dtype=np.int64))


def count_of(data: bytes) -> int:
    """Return how many numbers a packed column has that is not empty."""
    return (len(data) - 1) // data[0] if data else 0
