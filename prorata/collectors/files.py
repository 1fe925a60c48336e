"""A source that a script of yours keeps in a file: JSON or CSV, by the ending of its name.

    {"currency": "USD", "equity": "10000.00", "balance": "10000.00", "outside": "0.00",
     "positions": [{"ticket": "1", "symbol": "EURUSD", "lot": "0.30"}],
     "prices": {"EURUSD": {"bid": "1.10000", "ask": "1.10010"}}}

    account,USD,10000.00,10000.00,0.00
    position,1,EURUSD,0.30
    price,EURUSD,1.10000,1.10010
    end

Amounts are decimal text, or numbers in JSON; a sold position has a negative lot. `outside` is the sum of all deposits less
withdrawals so far. A file that is read while it is written must not look like an account with fewer positions: JSON cut
short is no JSON, and CSV without its last line `end` is not complete.
"""

import asyncio
import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec

from prorata.collectors.source import Held, Price, SourceAccount, SourceGone, SourceNotReady
from prorata.units.decimals import NotADecimal, parse_decimal

INTERVAL_MS = 100
FILE_MAX = 10_000_000
_DIGITS = 18


class _Held(msgspec.Struct, forbid_unknown_fields=True):
    symbol: str
    lot: Decimal
    ticket: str | int = ""


class _Price(msgspec.Struct, forbid_unknown_fields=True):
    bid: Decimal
    ask: Decimal


class _File(msgspec.Struct, forbid_unknown_fields=True):
    equity: Decimal
    positions: list[_Held]
    currency: str = "USD"
    balance: Decimal = Decimal(0)
    outside: Decimal = Decimal(0)
    prices: dict[str, _Price] = {}


class BadFile(ValueError):
    """The text is not of the form above."""


class PositionsFile:
    """Reads the file anew each time.

    Raises:
        SourceGone: if the name ends neither in .json nor in .csv.
    """

    interval_ms = INTERVAL_MS

    def __init__(self, path: Path) -> None:
        forms: dict[str, Callable[[str], SourceAccount]] = {".json": read_json, ".csv": read_csv}
        form = forms.get(path.suffix.lower())
        if form is None:
            raise SourceGone(f"{path}: its name must end in .json or .csv")
        self._path = path
        self._form = form

    async def read(self) -> SourceAccount:
        """Return what the file says. Raises `SourceNotReady` while it is not there or not whole."""
        return await asyncio.to_thread(self._read)

    async def close(self) -> None:
        """There is nothing to close."""

    def _read(self) -> SourceAccount:
        try:
            if self._path.stat().st_size > FILE_MAX:
                raise SourceNotReady(f"{self._path}: larger than {FILE_MAX} bytes")
            return self._form(self._path.read_text(encoding="utf-8-sig"))
        except OSError as problem:
            raise SourceNotReady(f"{self._path}: {problem.strerror}") from None
        except (BadFile, UnicodeDecodeError) as problem:
            raise SourceNotReady(f"{self._path}: {problem}") from None


def read_json(text: str) -> SourceAccount:
    """Return the account of a JSON file. Raises `BadFile`."""
    try:
        file = msgspec.json.decode(text, type=_File)
    except msgspec.MsgspecError as problem:
        raise BadFile(str(problem)) from None
    amounts = [file.equity, file.balance, file.outside, *(held.lot for held in file.positions)]
    amounts += [side for price in file.prices.values() for side in (price.bid, price.ask)]
    if not all(amount.is_finite() and abs(amount.adjusted()) <= _DIGITS for amount in amounts):
        raise BadFile("an amount is absurd")
    return SourceAccount(
        file.currency,
        file.equity,
        file.balance,
        file.outside,
        tuple(Held(str(held.ticket), held.symbol, held.lot) for held in file.positions),
        {symbol: Price(price.bid, price.ask) for symbol, price in file.prices.items()},
    )


def read_csv(text: str) -> SourceAccount:
    """Return the account of a CSV file. Raises `BadFile`."""
    account: tuple[str, Decimal, Decimal, Decimal] | None = None
    positions: list[Held] = []
    prices: dict[str, Price] = {}
    ended = False
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        if ended and row:
            raise BadFile(f"line {number} comes after the end")
        match [field.strip() for field in row]:
            case []:
                continue
            case ["account", currency, equity, balance, outside]:
                account = (currency, _amount(equity, number), _amount(balance, number), _amount(outside, number))
            case ["position", ticket, symbol, lot] if symbol:
                positions.append(Held(ticket, symbol, _amount(lot, number)))
            case ["price", symbol, bid, ask]:
                prices[symbol] = Price(_amount(bid, number), _amount(ask, number))
            case ["end"]:
                ended = True
            case _:
                raise BadFile(f"line {number} is neither account, position, price nor end")
    if not ended:
        raise BadFile("it does not end with the line: end")
    if account is None:
        raise BadFile("it has no line: account,CURRENCY,EQUITY,BALANCE,OUTSIDE")
    return SourceAccount(*account, tuple(positions), prices)


def _amount(text: str, line: int) -> Decimal:
    try:
        return Decimal(parse_decimal(text, _DIGITS)).scaleb(-_DIGITS)
    except NotADecimal:
        raise BadFile(f"line {line}: {text[:40]!r} is no decimal number") from None
    except ValueError:
        raise BadFile(f"line {line}: {text[:40]!r} has more than {_DIGITS} decimal places") from None
