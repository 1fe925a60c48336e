"""Numbers and times as they come in and go out: exact, bounded, named when they are wrong."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prorata.control.paging import Slice
from prorata.rest.ramm.bodies import Input, body_of, query_of
from prorata.rest.ramm.errors import Failure
from prorata.rest.ramm.searching import page_of
from prorata.rest.ramm.values import Number, Real, Time, encoder, real_of, time_text, units_of


class Sent(Input, frozen=True, kw_only=True):
    Amount: Real | None = None
    At: Time | None = None
    Who: Number | None = None


def read(body: str) -> Any:
    return body_of(Sent, body.encode())


@given(st.integers(-(10**17), 10**17), st.integers(0, 8))
def test_an_amount_goes_out_and_comes_in_exactly(units: int, digits: int) -> None:
    text = encoder.encode({"Amount": real_of(units, digits)}).decode()
    assert units_of(read(text).Amount, digits, "Amount") == units


def test_a_number_has_all_its_places_and_no_quotes() -> None:
    assert encoder.encode([real_of(1050, 2), real_of(-5, 4), real_of(7, 0)]) == b"[10.50,-0.0005,7]"


@pytest.mark.parametrize(
    "body",
    ['{"Amount": "1.5"}', '{"Amount": true}', '{"Amount": 1e400}', '{"Amount": 1e99999999999999999999}', '{"Amount": []}',
     '{"Amount": 1000000000000000000}', '{"Amount": 1e-40}', '{"At": "tomorrow"}', '{"At": 5}', '{"At": "1890-01-01"}',
     '{"Who": "5x"}', '{"Who": -5}', '{"Who": true}', '{"Who": "99999999999999999"}'],
)  # fmt: skip
def test_what_is_no_such_value_is_invalid_input(body: str) -> None:
    with pytest.raises(Failure) as refused:
        read(body)
    assert refused.value.code == "invalid_input"
    assert refused.value.status == 400


def test_too_many_decimal_places_are_refused_and_never_rounded() -> None:
    with pytest.raises(Failure) as refused:
        units_of(Decimal("10.505"), 2, "Amount")
    assert refused.value.message == "Invalid input in the field 'Amount': more than 2 decimal places"
    assert units_of(Decimal("10.500"), 2, "Amount") == 1050


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2018-11-23T11:59:12.493", "2018-11-23T11:59:12.493"), ("2018-11-23", "2018-11-23T00:00:00.000"),
        ("2018-11-23T11:59:12Z", "2018-11-23T11:59:12.000"), ("2018-11-23T11:59:12.4939+02:00", "2018-11-23T09:59:12.493"),
    ],
)  # fmt: skip
def test_a_time_is_utc_unless_it_says_otherwise(text: str, shown: str) -> None:
    assert time_text(read(f'{{"At": "{text}"}}').At) == shown


def test_a_filter_is_repeated_as_it_was_understood() -> None:
    sent = read('{"Amount": 1.50, "At": "2018-11-23", "Who": "17"}')
    assert encoder.encode(sent) == b'{"Amount":1.50,"At":"2018-11-23T00:00:00.000","Who":17}'
    assert encoder.encode(query_of(Sent, b"Amount=1.50&At=2018-11-23&Who=17")) == encoder.encode(sent)


def test_rows_without_a_value_come_last_in_either_direction() -> None:
    rows = [(1, None), (2, 5), (3, 4), (4, None)]
    keys = {"V": lambda row: row[1]}
    for descending, found in ((False, [3, 2, 1, 4]), (True, [2, 3, 4, 1])):
        page, total = page_of(rows, Slice("V", descending, 0, 10), keys, lambda row: row[0])
        assert ([row[0] for row in page], total) == (found, 4)
