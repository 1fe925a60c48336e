"""Bank statements as files: CAMT.053 (ISO 20022, versions 001.02 and 001.08) and CSV, read into whole numbers.

Each statement is proved by its own sums: opening balance and entries make the closing balance, or the file is refused. An entry
has a key that is the same whenever it is read again, so that a file that comes twice changes nothing.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from hashlib import sha256
from io import StringIO
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from prorata.control.organizations.declined import Declined
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, Minor

FILE_LENGTH_MAX = 900_000
"""characters"""
DEPTH_MAX = 40
ELEMENTS_MAX = 200_000
ENTRIES_MAX = 5_000
TEXT_MAX = 500
NAME_MAX = 128


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. `amount`: minor units, below 0 if it left. `reference`: the bank's own; `text`: what both have said."""

    key: str
    booked_on: str
    amount: Minor
    currency: str
    reference: str
    counterparty: str
    text: str
    is_reversal: bool


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`account`: the bank's number of it; `name`: what the bank calls the statement."""

    account: str
    name: str
    currency: str
    opening: Minor
    closing: Minor
    lines: tuple[Line, ...]


class DateOrder(StrEnum):
    YEAR_FIRST = "2030-01-31"
    DAY_FIRST_DOTS = "31.01.2030"
    DAY_FIRST_SLASHES = "31/01/2030"
    MONTH_FIRST = "01/31/2030"


_DATE_FORMATS = {
    DateOrder.YEAR_FIRST: "%Y-%m-%d", DateOrder.DAY_FIRST_DOTS: "%d.%m.%Y", DateOrder.DAY_FIRST_SLASHES: "%d/%m/%Y",
    DateOrder.MONTH_FIRST: "%m/%d/%Y",
}  # fmt: skip


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Which column of a CSV file says what, by their names in its first line; "" is none.

    `amount`: signed; or `credit` and `debit`, without signs. `texts`: what is looked through for references.
    """

    date: str
    amount: str = ""
    credit: str = ""
    debit: str = ""
    reference: str = ""
    counterparty: str = ""
    texts: tuple[str, ...] = ()
    delimiter: str = ","
    decimal_comma: bool = False
    dates: DateOrder = DateOrder.YEAR_FIRST


_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""what databases do not keep in a text"""
_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE"})
"""what banks write where they have no reference"""
_IN_THOUSANDS = re.compile(r"[+-]?\d{1,3}(_\d{3})+")


# CAMT.053.


class _Bounded(TreeBuilder):
    """Builds a tree without namespaces, as long as it stays bearable."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: Any, attrs: Any) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH_MAX or self._elements > ELEMENTS_MAX:
            raise Declined(Refusal.BANK_FILE_TOO_LARGE, f"deeper than {DEPTH_MAX}, or more than {ELEMENTS_MAX} elements")
        return super().start(_bare(tag), attrs)

    def end(self, tag: Any) -> Element:
        self._depth -= 1
        return super().end(_bare(tag))


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def read_camt(content: str) -> list[Statement]:
    """Return the statements of a file. Raises `Declined`."""
    _check_length(content)
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        parser.feed(content)
        root = parser.close()
    except DefusedXmlException:
        raise _unreadable("it declares entities or a DTD, which no statement needs") from None
    except (ParseError, ValueError) as problem:
        raise _unreadable(f"it is no XML: {problem}") from None
    found = root.findall("BkToCstmrStmt/Stmt") if root.tag == "Document" else []
    if not found:
        raise _unreadable("it has no Document/BkToCstmrStmt/Stmt")
    statements = [_statement(one) for one in found]
    _check_count(sum(len(one.lines) for one in statements))
    return statements


def _statement(found: Element) -> Statement:
    account = _text(found, "Acct/Id/IBAN") or _text(found, "Acct/Id/Othr/Id")
    name = _text(found, "Id")
    if not account or not name:
        raise _unreadable("a statement has no Id, or no account")
    opening, currency = _balance(found, ("OPBD", "PRCD", "ITBD"), last=False)
    closing, of_closing = _balance(found, ("CLBD", "ITBD"), last=True)
    if currency != of_closing:
        raise _unreadable("the balances are of two currencies")
    raw = [line for entry in found.findall("Ntry") if _is_booked(entry) for line in _lines(entry, currency)]
    statement = Statement(
        account=account[:NAME_MAX], name=name[:NAME_MAX], currency=currency, opening=opening, closing=closing,
        lines=tuple(_with_keys(account, raw)),
    )  # fmt: skip
    check_sums(statement)
    return statement


def _balance(found: Element, codes: Sequence[str], *, last: bool) -> tuple[Minor, str]:
    """Return a balance and its currency: of the first code that is there."""
    for code in codes:
        of_code = [one for one in found.findall("Bal") if _text(one, "Tp/CdOrPrtry/Cd") == code]
        if of_code:
            return _amount(of_code[-1 if last else 0])
    raise _unreadable(f"a statement has no balance {codes[0]}")


def _is_booked(entry: Element) -> bool:
    return (_text(entry, "Sts/Cd") or _text(entry, "Sts")) == "BOOK"


def _lines(entry: Element, currency: str) -> Iterator[Line]:
    """Yield an entry, or each of the payments that it is made of, where they say their amounts and sum to it."""
    amount, of_entry = _amount(entry)
    if of_entry != currency:
        raise _unreadable("an entry is of another currency than its statement")
    details = entry.findall("NtryDtls/TxDtls")
    parts = [_part_amount(one, amount, currency) for one in details]
    if len(details) < 2 or None in parts or sum(part for part in parts if part is not None) != amount:
        yield _line(entry, details, amount, currency)
        return
    for one, part in zip(details, parts, strict=True):
        assert part is not None
        yield _line(entry, [one], part, currency)


def _part_amount(details: Element, whole: Minor, currency: str) -> Minor | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        found = details.find(path)
        if found is not None and found.get("Ccy") == currency:
            minor = _minor(found.text or "", currency)
            sign = _text(details, "CdtDbtInd")
            return -minor if (sign == "DBIT" if sign else whole < 0) else minor
    return None


def _line(entry: Element, details: Sequence[Element], amount: Minor, currency: str) -> Line:
    only = details[0] if len(details) == 1 else None
    texts = [
        _text(one, path)
        for one in details
        for path in ("Refs/EndToEndId", "Refs/InstrId", "Refs/PmtInfId", "Refs/TxId", "RmtInf/Strd/CdtrRefInf/Ref")
    ]
    texts += [free.text or "" for one in details for free in one.findall("RmtInf/Ustrd")]
    texts += [_text(entry, "AddtlNtryInf"), _text(entry, "NtryRef")]
    side = "Dbtr" if amount > 0 else "Cdtr"
    names = (_text(only, f"RltdPties/{side}{between}/Nm") for between in ("/Pty", "")) if only is not None else iter(())
    own = _text(only, "Refs/AcctSvcrRef") if only is not None else ""
    return Line(
        key="", booked_on=_day(entry), amount=amount, currency=currency,
        reference=(own or _text(entry, "AcctSvcrRef"))[:NAME_MAX],
        counterparty=next((name for name in names if name), "")[:NAME_MAX],
        text=" ".join(" ".join(texts).split())[:TEXT_MAX], is_reversal=_text(entry, "RvslInd") in ("true", "1"),
    )  # fmt: skip


def _day(entry: Element) -> str:
    said = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")[:10] or _text(entry, "ValDt/Dt")
    return _date(said, "%Y-%m-%d")


def _amount(found: Element) -> tuple[Minor, str]:
    """Return the signed amount of a balance or an entry, and its currency."""
    amount = found.find("Amt")
    currency = "" if amount is None else amount.get("Ccy", "")
    if amount is None or currency not in CURRENCY_DIGITS:
        raise _unreadable(f"an amount has no currency that is known here: {currency}")
    minor, sign = _minor(amount.text or "", currency), _text(found, "CdtDbtInd")
    if sign not in ("CRDT", "DBIT"):
        raise _unreadable("an amount is neither CRDT nor DBIT")
    return (-minor if sign == "DBIT" else minor), currency


def _text(found: Element, path: str) -> str:
    return (found.findtext(path) or "").strip()


# CSV.


def read_csv(content: str, columns: Columns, *, account: str, currency: str, opening: Minor, closing: Minor) -> list[Statement]:
    """Return what a file says as one statement, whose balances are told beside it. Raises `Declined`."""
    _check_length(content)
    if currency not in CURRENCY_DIGITS:
        raise _unreadable(f"currency: {currency} is none that is known here")
    reader = csv.DictReader(StringIO(content.removeprefix("\ufeff"), newline=""), delimiter=columns.delimiter, strict=True)
    try:
        wanted = {columns.date, columns.amount, columns.credit, columns.debit, columns.reference, columns.counterparty}
        missing = (wanted | set(columns.texts)) - {"", *(reader.fieldnames or ())}
        if missing or not (columns.amount or (columns.credit and columns.debit)):
            raise _unreadable(f"columns that are not there: {', '.join(sorted(missing)) or 'of the amount'}")
        raw = []
        for row in reader:
            raw.append(_row(row, columns, currency))
            _check_count(len(raw))
    except csv.Error as problem:
        raise _unreadable(f"line {reader.line_num}: {problem}") from None
    statement = Statement(
        account=account, name=sha256(content.encode(errors="replace")).hexdigest()[:32], currency=currency,
        opening=opening, closing=closing,
        lines=tuple(_with_keys(account, raw)),
    )  # fmt: skip
    check_sums(statement)
    return [statement]


def _row(row: Mapping[str | None, Any], columns: Columns, currency: str) -> Line:
    if None in row or None in row.values():
        raise _unreadable("a line has more or fewer columns than the first one")

    def amount(name: str) -> Minor:
        said = re.sub(r"[\s']", "", row[name])
        point, mark = (",", ".") if columns.decimal_comma else (".", ",")
        if mark in said and _IN_THOUSANDS.fullmatch(said.replace(mark, "_").partition(point)[0]) is None:
            raise _unreadable(f"this is no amount: {said}")
        return _minor(said.replace(mark, "").replace(point, "."), currency) if said else 0

    value = amount(columns.amount) if columns.amount else abs(amount(columns.credit)) - abs(amount(columns.debit))
    return Line(
        key="", booked_on=_date(row[columns.date].strip(), _DATE_FORMATS[columns.dates]), amount=value, currency=currency,
        reference=row[columns.reference].strip()[:NAME_MAX] if columns.reference else "",
        counterparty=row[columns.counterparty].strip()[:NAME_MAX] if columns.counterparty else "",
        text=" ".join(" ".join(row[name] for name in columns.texts).split())[:TEXT_MAX], is_reversal=False,
    )  # fmt: skip


# What both have in common.


def check_sums(statement: Statement) -> None:
    """Raise `Declined` unless the opening balance and the entries make the closing balance."""
    total = statement.opening + sum(line.amount for line in statement.lines)
    if total != statement.closing:
        raise Declined(
            Refusal.BANK_FILE_SUMS,
            f"statement {statement.name}: opening and entries make {total}, the closing balance is {statement.closing}",
        )


def _with_keys(account: str, raw: Sequence[Line]) -> Iterator[Line]:
    """Yield entries with their keys: by the bank's reference, else by all that they say; equal ones are counted."""
    seen: Counter[tuple[str, ...]] = Counter()
    for one in raw:
        texts = {name: _UNFIT.sub(" ", getattr(one, name)) for name in ("reference", "counterparty", "text")}
        line = msgspec.structs.replace(one, **texts)
        said: tuple[str, ...] = (account, line.reference, line.booked_on, str(line.amount), line.currency)
        if line.reference.upper() in _NO_REFERENCE:
            said += (line.counterparty, line.text)
        seen[said] += 1
        yield msgspec.structs.replace(line, key=sha256(msgspec.json.encode([*said, seen[said]])).hexdigest())


def _minor(said: str, currency: str) -> Minor:
    digits = CURRENCY_DIGITS[currency]
    try:
        value = Decimal(said.strip())
    except InvalidOperation:
        raise _unreadable(f"this is no amount: {said}") from None
    if not value.is_finite() or abs(value.adjusted()) > 20:
        raise _unreadable(f"this is no amount: {said}")
    scaled = value.scaleb(digits)
    if scaled != scaled.to_integral_value() or abs(scaled) > MONEY_MAX:
        raise _unreadable(f"this is no amount in {currency}: {said}")
    return int(scaled)


def _date(said: str, form: str) -> str:
    try:
        found: date = datetime.strptime(said, form).date()
    except ValueError:
        raise _unreadable(f"this is no date: {said}") from None
    return found.isoformat()


def _check_length(content: str) -> None:
    if len(content) > FILE_LENGTH_MAX:
        raise Declined(Refusal.BANK_FILE_TOO_LARGE, f"more than {FILE_LENGTH_MAX} characters")


def _check_count(lines: int) -> None:
    if lines > ENTRIES_MAX:
        raise Declined(Refusal.BANK_FILE_TOO_LARGE, f"more than {ENTRIES_MAX} entries")


def _unreadable(why: str) -> Declined:
    return Declined(Refusal.BANK_FILE_UNREADABLE, why[:200])
