"""Where positions come from: files that a script rewrites."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from prorata.collectors.files import PositionsFile, read_csv, read_json
from prorata.collectors.source import (
    Held,
    Manner,
    Price,
    SourceAccount,
    SourceGone,
    SourceNotReady,
    equity_in_usd,
    symbol_of,
    targets_of,
)

JSON = """{"currency": "EUR", "equity": "10000.10", "balance": 9999.5, "outside": "300", "positions": [
    {"ticket": 17, "symbol": "EURUSD.m", "lot": "0.30"}, {"symbol": "XAUUSD", "lot": -0.01}],
    "prices": {"EURUSD.m": {"bid": "1.10000", "ask": 1.1001}}}"""
CSV = """account,EUR,10000.10,9999.5,300
position,17,EURUSD.m,0.30

position,,XAUUSD,-0.01
price, EURUSD.m ,1.10000,1.1001
end
"""
ACCOUNT = SourceAccount(
    "EUR",
    Decimal("10000.10"),
    Decimal("9999.5"),
    Decimal(300),
    (Held("17", "EURUSD.m", Decimal("0.30")), Held("", "XAUUSD", Decimal("-0.01"))),
    {"EURUSD.m": Price(Decimal("1.10000"), Decimal("1.1001"))},
)


def read(path: Path) -> SourceAccount:
    return asyncio.run(PositionsFile(path).read())


@pytest.mark.parametrize(("name", "text"), [("a.json", JSON), ("a.CSV", CSV), ("b.csv", "\ufeff" + CSV)])
def test_both_forms_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read(tmp_path / name) == ACCOUNT


def test_no_part_of_a_file_looks_like_an_account(tmp_path: Path) -> None:
    """A reader may see any beginning of a file that is just written."""
    for name, text, shortest in (("a.json", JSON, len(JSON)), ("a.csv", CSV, CSV.index("end") + 3)):
        path = tmp_path / name
        for length in range(shortest):
            path.write_text(text[:length])
            with pytest.raises(SourceNotReady):
                read(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CSV.replace("0.30", "0,30"), "line 2 is neither"),
        (CSV.replace("0.30", "lots"), "line 2: 'lots' is no decimal number"),
        (CSV.replace("0.30", "0." + "1" * 19), "line 2: '0.1"),
        (CSV.replace("EURUSD.m,0.30", ",0.30"), "line 2 is neither"),
        (CSV + "position,18,EURUSD,1\n", "line 7 comes after the end"),
        ("end\n", "no line: account"),
    ],
)
def test_a_csv_file_with_a_mistake_says_where(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(SourceNotReady, match=told):
        read(path)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        JSON.replace('"0.30"', '"NaN"'),
        JSON.replace('"0.30"', "1e999999"),
        JSON.replace('"lot": "0.30"', '"lots": "0.30"'),
        JSON.replace('"equity": "10000.10",', ""),
    ],
)
def test_a_json_file_with_a_mistake_is_not_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(SourceNotReady):
        read(path)


def test_a_missing_file_is_waited_for_and_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceNotReady, match="No such file"):
        read(tmp_path / "later.json")
    with pytest.raises(SourceGone, match=r"must end in \.json or \.csv"):
        PositionsFile(tmp_path / "a.txt")


def test_numbers_are_exact_whatever_their_form() -> None:
    texts = ("0.1", "0.10", "1e-1", "0.1000000000")
    lots = [read_json(f'{{"equity": 1, "positions": [{{"symbol": "A", "lot": {text}}}]}}').positions[0].lot for text in texts]
    assert {targets_of((Held("1", "A", lot),), Manner())["A"].lot for lot in lots} == {10_000_000}
    held = read_csv("account,USD,1,1,0\nposition,1,A,0.1\nposition,2,A,0.2\nposition,3,A,-0.3\nend").positions
    assert targets_of(held, Manner()) == {}


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("EURUSD", "EURUSD"),
        ("EURUSD.m", "EURUSD"),
        ("EURUSD.ecn.m", "EURUSD"),
        ("EURUSD.m.ecn.m", "EURUSD.m"),
        ("GOLD.ecn.m", "XAUUSD"),
        ("BRN", "BRENT"),
        (".m", ".m"),
    ],
)
def test_the_longest_postfix_is_cut_off_once_before_the_names_are_asked(name: str, server: str) -> None:
    for postfixes in ((".m", ".ecn.m"), (".ecn.m", ".m", "")):
        assert symbol_of(name, Manner(postfixes=postfixes)) == server


@pytest.mark.parametrize(
    ("currency", "equity", "prices", "cents"),
    [
        ("USD", "0.005", {}, 0),
        ("USD", "0.015", {}, 2),
        ("EUR", "10000", {"EURUSD": ("1.10000", "1.10010")}, 1_100_000),
        ("EUR", "10000", {"USDEUR": ("0.9", "0.8"), "EURUSD": ("1.10000", "1.10010")}, 1_100_000),
        ("JPY", "1500100", {"USDJPY": ("150.000", "150.010")}, 1_000_000),
        ("JPY", "-100", {"USDJPY": ("150.000", "150.000")}, -67),
        ("EUR", "10000", {"EURUSD": ("0", "1.10010"), "USDEUR": ("0.9", "0.8")}, 1_250_000),
    ],
)
def test_equity_becomes_dollars_by_the_side_that_gives_less(
    currency: str, equity: str, prices: dict[str, tuple[str, str]], cents: int
) -> None:
    quoted = {name: Price(Decimal(bid), Decimal(ask)) for name, (bid, ask) in prices.items()}
    account = SourceAccount(currency, Decimal(equity), Decimal(0), Decimal(0), (), quoted)
    assert equity_in_usd(account, Manner()) == cents


def test_without_a_price_nothing_can_be_told() -> None:
    account = SourceAccount("CHF", Decimal(1), Decimal(1), Decimal(0), (), {"EURUSD": Price(Decimal(1), Decimal(1))})
    with pytest.raises(SourceNotReady, match="CHFUSD or USDCHF"):
        equity_in_usd(account, Manner())
