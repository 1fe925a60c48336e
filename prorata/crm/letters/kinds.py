"""The kinds of letters, and what the text of each may speak of.

A field has a kind of its own, so that its value is written as the letter's language writes it: whoever writes a letter hands
over whole numbers. Every letter knows the person's name, the broker's and the branch's.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any, NamedTuple, TypeAlias

import msgspec

from prorata.crm.letters.tongues import Tongue
from prorata.units.numbers import Minor

BEGIN = 1_772_452_800_000
"""of the examples: 2026-03-02 12:00 UTC"""


class LetterKind(StrEnum):
    WELCOME = "WELCOME"
    TRADING_ACCOUNT_OPENED = "TRADING_ACCOUNT_OPENED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105
    KYC_APPROVED = "KYC_APPROVED"
    KYC_REJECTED = "KYC_REJECTED"
    DEPOSIT_BOOKED = "DEPOSIT_BOOKED"
    DEPOSIT_FAILED = "DEPOSIT_FAILED"
    WITHDRAWAL_REQUESTED = "WITHDRAWAL_REQUESTED"
    WITHDRAWAL_PAID = "WITHDRAWAL_PAID"
    WITHDRAWAL_REJECTED = "WITHDRAWAL_REJECTED"
    MARGIN_CALL = "MARGIN_CALL"
    STOP_OUT = "STOP_OUT"
    TRADE_CONFIRMATION = "TRADE_CONFIRMATION"
    DAILY_STATEMENT = "DAILY_STATEMENT"
    MONTHLY_STATEMENT = "MONTHLY_STATEMENT"
    INBOX_MESSAGE = "INBOX_MESSAGE"
    IB_PAYOUT = "IB_PAYOUT"


OPTIONAL = frozenset(
    {LetterKind.TRADE_CONFIRMATION, LetterKind.DAILY_STATEMENT, LetterKind.INBOX_MESSAGE, LetterKind.IB_PAYOUT}
)
"""what a person may do without; all else he is owed"""


DISPENSABLE = OPTIONAL | {LetterKind.WELCOME, LetterKind.TRADING_ACCOUNT_OPENED}
"""what an organization need not write: its website may do so"""


class Money(NamedTuple):
    amount: Minor
    currency: str


class FieldKind(Enum):
    TEXT = "text"
    MONEY = "money"
    """a `Money`"""
    MOMENT = "moment"
    """milliseconds since 1970, UTC"""
    DAY = "day"
    """days since 1970-01-01"""
    MONTH = "month"
    """a day of it"""
    ROWS = "rows"
    """records, for a loop"""


Value: TypeAlias = str | int | Money | list[Mapping[str, Any]]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`sample`: what it is in a preview. `columns`: of `ROWS`, what each has."""

    kind: FieldKind
    sample: Value
    columns: Mapping[str, "Field"] = {}


def _text(sample: str) -> Field:
    return Field(kind=FieldKind.TEXT, sample=sample)


def _money(amount: Minor) -> Field:
    return Field(kind=FieldKind.MONEY, sample=Money(amount, "USD"))


def _moment() -> Field:
    return Field(kind=FieldKind.MOMENT, sample=BEGIN)


_LOGIN = _text("20000001")
_REASON = _text("The document cannot be read")
_DEAL = {
    "side": _text("buy"), "volume": _text("1.00"), "symbol": _text("EURUSD"), "price": _text("1.10050"), "at": _moment(),
    "profit": _money(5_000), "commission": _money(-700), "swap": _money(-130),
}  # fmt: skip
COMMON: Mapping[str, Field] = {
    "name": _text("Ann Lee"), "first_name": _text("Ann"), "broker": _text("First Broker"), "branch": _text("Main"),
}  # fmt: skip
_MARGIN = {"login": _LOGIN, "equity": _money(48_250), "margin": _money(50_000), "line": _money(50_000), "at": _moment()}
_STATEMENT = {"login": _LOGIN, "opening": _money(1_000_000), "closing": _money(1_004_170), "equity": _money(1_003_120)}
_PAYMENT = {"login": _LOGIN, "amount": _money(50_000), "reference": _text("transfer 17"), "at": _moment()}

OWN: Mapping[LetterKind, Mapping[str, Field]] = {
    LetterKind.WELCOME: {"email": _text("ann@mail.test")},
    LetterKind.TRADING_ACCOUNT_OPENED: {"login": _LOGIN, "offer": _text("Standard")},
    LetterKind.PASSWORD_CHANGED: {"at": _moment()},
    LetterKind.KYC_APPROVED: {},
    LetterKind.KYC_REJECTED: {"reason": _REASON},
    LetterKind.DEPOSIT_BOOKED: {**_PAYMENT, "net_amount": _money(49_500)},
    LetterKind.DEPOSIT_FAILED: {**_PAYMENT, "reason": _REASON},
    LetterKind.WITHDRAWAL_REQUESTED: _PAYMENT,
    LetterKind.WITHDRAWAL_PAID: {**_PAYMENT, "net_amount": _money(49_500)},
    LetterKind.WITHDRAWAL_REJECTED: {**_PAYMENT, "reason": _REASON},
    LetterKind.MARGIN_CALL: _MARGIN,
    LetterKind.STOP_OUT: _MARGIN,
    LetterKind.TRADE_CONFIRMATION: {
        "login": _LOGIN,
        "order": _text("7001"),
        "deals": Field(kind=FieldKind.ROWS, sample=[{name: one.sample for name, one in _DEAL.items()}], columns=_DEAL),
    },
    LetterKind.DAILY_STATEMENT: {**_STATEMENT, "day": Field(kind=FieldKind.DAY, sample=20_514)},
    LetterKind.MONTHLY_STATEMENT: {**_STATEMENT, "month": Field(kind=FieldKind.MONTH, sample=20_514)},
    LetterKind.INBOX_MESSAGE: {
        "title": _text("Trading hours at Easter"),
        "text": _text("On Good Friday the market is closed."),
    },
    LetterKind.IB_PAYOUT: {"login": _LOGIN, "amount": _money(12_345), "until": _moment(), "at": _moment()},
}


def fields_of(kind: LetterKind) -> Mapping[str, Field]:
    """Return all that a text of a kind may speak of."""
    return {**COMMON, **OWN[kind]}


def samples_of(kind: LetterKind) -> dict[str, Value]:
    return {name: field.sample for name, field in fields_of(kind).items()}


def written(fields: Mapping[str, Field], values: Mapping[str, Any], tongue: Tongue) -> dict[str, Any]:
    """Return the values of fields as texts of a language."""
    return {name: _written(field, values[name], tongue) for name, field in fields.items()}


def _written(field: Field, value: Any, tongue: Tongue) -> Any:
    match field.kind:
        case FieldKind.TEXT:
            return value
        case FieldKind.MONEY:
            return tongue.money(*value)
        case FieldKind.MOMENT:
            return tongue.moment(value)
        case FieldKind.DAY:
            return tongue.day(value)
        case FieldKind.MONTH:
            return tongue.month_of(value)
        case FieldKind.ROWS:
            return [written(field.columns, row, tongue) for row in value]
