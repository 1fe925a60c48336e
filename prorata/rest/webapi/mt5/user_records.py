"""Between an account with its card and the published record of MetaTrader 5. Pure."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from prorata.control.account_cards.cards import AccountCard
from prorata.messages.commands import Access
from prorata.projections.rows import DayRow
from prorata.rest.webapi.accounts import Standing, Wanted, access_after, changed_fields
from prorata.rest.webapi.merging import names_of
from prorata.rest.webapi.schemas.flags import UsersRights
from prorata.rest.webapi.schemas.kinds import ZERO
from prorata.rest.webapi.schemas.mt5_users import MT5User
from prorata.rest.webapi.values import decimal_of, money_of, time_of, time_or_none

OF_THE_ENGINE = UsersRights.Enabled | UsersRights.TradeDisabled
"""Rights that are the account's access; all others are on its card."""

_KEPT_BY_US = frozenset(
    {
        "login", "certSerialNumber", "registration", "lastAccess", "lastPassChange", "lastIP", "commissionDaily",
        "commissionMonthly", "commissionAgentDaily", "commissionAgentMonthly", "balancePrevDay", "balancePrevMonth",
        "equityPrevDay", "equityPrevMonth",
    }
)  # fmt: skip
WRITABLE = names_of(MT5User) - _KEPT_BY_US

CARD_FIELDS: Mapping[str, str] = {
    "name": "name",
    "company": "company",
    "country": "country",
    "city": "city",
    "state": "state",
    "zip_code": "zip_code",
    "phone": "phone",
    "e_mail": "email",
    "comment": "comment",
    "color": "color",
    "account": "external_account",
    "language": "language",
    "address": "address",
    "id": "external_id",
    "status": "status",
    "agent": "agent",
    "lead_campaign": "lead_campaign",
    "lead_source": "lead_source",
    "client_id": "client_number",
    "first_name": "first_name",
    "last_name": "last_name",
    "middle_name": "middle_name",
    "interest_rate": "interest_rate",
}
"""Fields of the record, and the card's."""
PUBLISHED: Mapping[str, str] = {
    CARD_FIELDS[field.name]: field.encode_name for field in msgspec.structs.fields(MT5User) if field.name in CARD_FIELDS
}
"""Fields of the card, and what they are called outside."""


def user_of(standing: Standing) -> MT5User:
    """Return an account as published."""
    account, digits, kept = standing.account, standing.digits, standing.kept
    return MT5User(
        login=account.login,
        group=account.group,
        leverage=account.leverage,
        rights=UsersRights(rights_of(account.access, kept.card.rights)),
        registration=time_of(account.opened_at),
        last_pass_change=time_or_none(kept.password_changed_at),
        last_ip="",
        balance=decimal_of(account.balance, digits),
        credit=decimal_of(account.credit, digits),
        balance_prev_day=_balance_at(standing.day, digits),
        equity_prev_day=_equity_at(standing.day, digits),
        balance_prev_month=_balance_at(standing.month, digits),
        equity_prev_month=_equity_at(standing.month, digits),
        **{field: getattr(kept.card, name) for field, name in CARD_FIELDS.items()},
    )


def wanted_of(standing: Standing, before: MT5User, after: MT5User) -> Wanted:
    """Return what a changed record wants of the account. Raises `Failure`."""
    account, card = standing.account, standing.kept.card
    access = access_of(account.access, after.rights)
    return Wanted(
        group=(after.group or "") if after.group != before.group else None,
        leverage=after.leverage if after.leverage != before.leverage else None,
        access=access if access != account.access else None,
        balance=_money_or_none(after.balance, before.balance, standing.digits, "balance"),
        credit=_money_or_none(after.credit, before.credit, standing.digits, "credit"),
        card=changed_fields(card, _card_of(after, card)),
        names=PUBLISHED,
    )


def rights_of(access: Access, kept: int) -> int:
    """Return the bits of an account's rights."""
    rights = kept & ~OF_THE_ENGINE
    rights |= 0 if access == Access.LOGIN_DISABLED else UsersRights.Enabled
    return rights | (UsersRights.TradeDisabled if access == Access.TRADING_DISABLED else 0)


def access_of(before: Access, rights: UsersRights) -> Access:
    enabled = rights.has(UsersRights.Enabled)
    return access_after(before, enabled=enabled, trades=enabled and not rights.has(UsersRights.TradeDisabled))


def _card_of(record: MT5User, before: AccountCard) -> AccountCard:
    told = {name: getattr(record, field) for field, name in CARD_FIELDS.items()}
    values = {name: "" if value is None else value for name, value in told.items()}
    return msgspec.structs.replace(before, **values, rights=record.rights.bits & ~OF_THE_ENGINE)


def _money_or_none(after: Decimal, before: Decimal, digits: int, field: str) -> int | None:
    return None if after == before else money_of(after, digits, field)


def _balance_at(closing: DayRow | None, digits: int) -> Decimal:
    return ZERO if closing is None else decimal_of(closing.balance, digits)


def _equity_at(closing: DayRow | None, digits: int) -> Decimal:
    return ZERO if closing is None else decimal_of(closing.equity, digits)
