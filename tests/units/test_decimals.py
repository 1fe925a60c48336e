"""Decimal text and whole numbers: nothing is lost, nothing is guessed, and garbage stays outside."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prorata.units.decimals import NotADecimal, TooManyDecimals, format_decimal, format_short, parse_decimal

values = st.integers(-(10**24), 10**24)
digits = st.integers(0, 18)


@pytest.mark.parametrize(
    ("text", "places", "expected"),
    [
        ("10.50", 2, 1050),
        ("1.1", 5, 110_000),
        ("0", 0, 0),
        ("-0.01", 2, -1),
        ("-0", 2, 0),
        ("007", 2, 700),
        ("1.100", 2, 110),
        ("1.000000000000000000", 0, 1),
        ("999999999999999999999999", 0, 10**24 - 1),
    ],
)
def test_a_plain_decimal_is_read_exactly(text: str, places: int, expected: int) -> None:
    assert parse_decimal(text, places) == expected


@pytest.mark.parametrize(
    "garbage",
    [
        "", " ", "-", "+1", "1.", ".5", "1,5", "1 000", " 1", "1 ", "1\n", "1e5", "1E-2", "0x10", "NaN", "nan", "inf", "-inf",
        "Infinity", "--1", "1-", "1.2.3", "１", "٣", "1_000", "½", "1.5%", "null", "1" * 25, "0." + "1" * 19, "−1",  # noqa: RUF001
    ],
)  # fmt: skip
def test_anything_else_is_refused(garbage: str) -> None:
    with pytest.raises(NotADecimal):
        parse_decimal(garbage, 2)


@pytest.mark.parametrize(("text", "places"), [("1.001", 2), ("0.5", 0), ("-1.019", 2), ("0.000000000000000001", 17)])
def test_a_place_too_many_is_refused_and_never_rounded(text: str, places: int) -> None:
    with pytest.raises(TooManyDecimals):
        parse_decimal(text, places)


def test_a_refusal_does_not_repeat_an_endless_text() -> None:
    with pytest.raises(NotADecimal) as refused:
        parse_decimal("x" * 100_000, 2)
    assert str(refused.value) == "x" * 40


@given(values, digits)
def test_what_is_written_is_read_back(value: int, places: int) -> None:
    text = format_decimal(value, places)
    assert Decimal(text) == Decimal(value).scaleb(-places)
    if len(text.lstrip("-").partition(".")[0]) <= 24:
        assert parse_decimal(text, places) == value


@given(st.text())
def test_any_text_is_read_as_decimal_reads_it_or_refused(text: str) -> None:
    try:
        value = parse_decimal(text, 8)
    except (NotADecimal, TooManyDecimals):
        return
    assert Decimal(value).scaleb(-8) == Decimal(text)


@pytest.mark.parametrize(
    ("value", "places", "least", "expected"),
    [
        (10_000_000, 8, 2, "0.10"),
        (100_000_000, 8, 2, "1.00"),
        (12_345_678, 8, 2, "0.12345678"),
        (-10_500_000, 8, 2, "-0.105"),
        (5, 0, 0, "5"),
        (500, 2, 0, "5"),
        (1050, 2, 2, "10.50"),
    ],
)
def test_short_text_keeps_only_the_zeros_that_are_wanted(value: int, places: int, least: int, expected: str) -> None:
    assert format_short(value, places, least) == expected


@given(st.integers(-(10**20), 10**20), st.integers(0, 18), st.integers(0, 18))
def test_short_text_says_the_same_amount(value: int, places: int, least: int) -> None:
    assert parse_decimal(format_short(value, places, least), places) == value
