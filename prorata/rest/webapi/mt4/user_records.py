"""Between an account with its card and the published record of MetaTrader 4. Pure."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from prorata.control.account_cards.cards import AccountCard, Right
from prorata.messages.commands import Access
from prorata.projections.rows import DayRow
from prorata.rest.webapi.accounts import Standing, Wanted, access_after, changed_fields
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.merging import names_of
from prorata.rest.webapi.schemas.kinds import ZERO
from prorata.rest.webapi.schemas.mt4_users import MT4User, MT4UserUpdate
from prorata.rest.webapi.values import decimal_of, money_of, time_of

ENABLED, MAY_CHANGE_PASSWORD, READ_ONLY, OTP = 0x1, 0x2, 0x4, 0x8
"""Bits of `enableFlags`."""
FLAGS_NEW = ENABLED | MAY_CHANGE_PASSWORD
"""of an account that is opened without a word about them"""

WRITABLE = names_of(MT4UserUpdate)

CARD_FIELDS: Mapping[str, str] = {
    "name": "name",
    "external_id": "external_id",
    "status": "status",
    "country": "country",
    "city": "city",
    "state": "state",
    "zip_code": "zip_code",
    "address": "address",
    "lead_source": "lead_source",
    "phone": "phone",
    "email": "email",
    "comment": "comment",
    "agent_account": "agent",
    "interest_rate": "interest_rate",
    "taxes": "taxes",
    "send_reports": "send_reports",
    "mqid": "mqid",
    "user_color": "color",
}
"""Fields of the record, and the card's."""
PUBLISHED: Mapping[str, str] = {
    CARD_FIELDS[field.name]: field.encode_name for field in msgspec.structs.fields(MT4UserUpdate) if field.name in CARD_FIELDS
}
"""Fields of the card, and what they are called outside."""


def user_of(standing: Standing) -> MT4User:
    """Return an account as published."""
    account, digits, card = standing.account, standing.digits, standing.kept.card
    return MT4User(
        login=account.login,
        group=account.group,
        registration_date=time_of(account.opened_at),
        leverage=account.leverage,
        balance=decimal_of(account.balance, digits),
        credit=decimal_of(account.credit, digits),
        prev_balance=_balance_at(standing.day, digits),
        prev_equity=_equity_at(standing.day, digits),
        prev_month_balance=_balance_at(standing.month, digits),
        prev_month_equity=_equity_at(standing.month, digits),
        enable_flags=flags_of(account.access, card.rights),
        **{field: getattr(card, kept) for field, kept in CARD_FIELDS.items()},
    )


def wanted_of(standing: Standing, before: MT4User, after: MT4User) -> Wanted:
    """Return what a changed record wants of the account. Raises `Failure`."""
    account, card = standing.account, standing.kept.card
    changed = changed_fields(card, card_of(after, card))
    return Wanted(
        group=(after.group or "") if after.group != before.group else None,
        leverage=after.leverage if after.leverage != before.leverage else None,
        access=_or_none(access_of(account.access, after.enable_flags), account.access),
        balance=_money_or_none(after.balance, before.balance, standing.digits, "balance"),
        credit=_money_or_none(after.credit, before.credit, standing.digits, "credit"),
        card=changed,
        names=PUBLISHED,
    )


def card_of(record: msgspec.Struct, before: AccountCard) -> AccountCard:
    """Return the card that a record of an account (`MT4User`, `MT4UserCreate`) leaves."""
    told = {kept: getattr(record, field) for field, kept in CARD_FIELDS.items()}
    values = {name: "" if value is None else value for name, value in told.items()}
    rights = before.rights & ~int(Right.CHANGE_PASSWORD | Right.OTP)
    flags = getattr(record, "enable_flags", FLAGS_NEW)
    rights |= Right.CHANGE_PASSWORD if flags & MAY_CHANGE_PASSWORD else 0
    rights |= Right.OTP if flags & OTP else 0
    return msgspec.structs.replace(before, **values, rights=int(rights))


def flags_of(access: Access, rights: int) -> int:
    """Return `enableFlags`."""
    flags = 0 if access == Access.LOGIN_DISABLED else ENABLED
    flags |= READ_ONLY if access == Access.TRADING_DISABLED else 0
    flags |= MAY_CHANGE_PASSWORD if rights & Right.CHANGE_PASSWORD else 0
    return flags | (OTP if rights & Right.OTP else 0)


def access_of(before: Access, flags: int) -> Access:
    """Return the access that `enableFlags` say. Raises `Failure`."""
    if not 0 <= flags <= ENABLED | MAY_CHANGE_PASSWORD | READ_ONLY | OTP:
        raise invalid("enableFlags", "has bits that mean nothing")
    enabled = bool(flags & ENABLED)
    return access_after(before, enabled=enabled, trades=enabled and not flags & READ_ONLY)


def _or_none(after: Access, before: Access) -> Access | None:
    return None if after == before else after


def _money_or_none(after: Decimal, before: Decimal, digits: int, field: str) -> int | None:
    return None if after == before else money_of(after, digits, field)


def _balance_at(closing: DayRow | None, digits: int) -> Decimal:
    return ZERO if closing is None else decimal_of(closing.balance, digits)


def _equity_at(closing: DayRow | None, digits: int) -> Decimal:
    return ZERO if closing is None else decimal_of(closing.equity, digits)
