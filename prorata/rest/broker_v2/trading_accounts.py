"""Trading accounts: opened in a group, listed as the trade platform has them, changed by who has seen their newest version."""

from decimal import Decimal
from enum import StrEnum
from zlib import crc32

import msgspec

from prorata.access.permissions import Permission
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import CrmAccount
from prorata.crm.direct import DirectChange, NewBooking, NewDirectAccount, Owned, Said
from prorata.crm.once import once_of
from prorata.crm.settings import Offer
from prorata.crm.trading import check_leverage, check_move
from prorata.messages.commands import Access, BalanceKind
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Double, Given, LoginGiven, Record, ShortText, encoded, time_of
from prorata.rest.broker.paging import Page, Paged
from prorata.rest.broker.trading_accounts import BULK_MAX, FinanceView, finance_view
from prorata.rest.broker_v2.account_details import AccountDetails, DetailsGiven, account_details, wish_of
from prorata.rest.broker_v2.balance import AdditionalType, BookingGiven, booking_of
from prorata.rest.broker_v2.call import CallV2
from prorata.rest.broker_v2.deleting import BulkStatus, check_leaves, disable, status_of
from prorata.rest.broker_v2.registry import operation
from prorata.rest.own.session import Platform
from prorata.trading.state import Account
from prorata.trading.terms import GroupTerms
from prorata.views.answers import Rejected

ROOT = "/v1/trading-accounts"
OF_USER = "/v1/user-accounts/{uuid}/trading-accounts"
_LOGIN = {"login": "created", "created": "created"}


class AccessRight(StrEnum):
    FULL = "FULL"
    CLOSE_ONLY = "CLOSE_ONLY"
    TRADING_DISABLED = "TRADING_DISABLED"
    TRADING_AND_LOGIN_DISABLED = "TRADING_AND_LOGIN_DISABLED"
    LOCKED_CLOSE_ONLY = "LOCKED_CLOSE_ONLY"


ACCESS = {
    AccessRight.FULL: Access.FULL, AccessRight.CLOSE_ONLY: Access.CLOSE_ONLY,
    AccessRight.TRADING_DISABLED: Access.TRADING_DISABLED,
    AccessRight.TRADING_AND_LOGIN_DISABLED: Access.LOGIN_DISABLED, AccessRight.LOCKED_CLOSE_ONLY: Access.CLOSE_ONLY,
}  # fmt: skip
"""The last one is the same as CLOSE_ONLY here, and shown as that."""
RIGHTS = {access: right for right, access in ACCESS.items() if right != AccessRight.LOCKED_CLOSE_ONLY}


class AccountType(StrEnum):
    DEMO = "DEMO"
    REAL = "REAL"


class TradingAccountV2(Record, frozen=True):
    """Of an account that the CRM does not know, uuid, details and remarks are null, and `version` is 0."""

    uuid: str | None
    created: str | None
    login: str
    group: str
    leverage_ratio_percent: int
    access_right: AccessRight
    is_pro_view: bool
    account_type: AccountType
    account_details: AccountDetails | None
    finance_info: FinanceView
    remarks: str | None
    version: int


class FundsGiven(Given, frozen=True):
    amount: Double
    comment: ShortText = ""
    additional_type: AdditionalType = AdditionalType.NONE


class NewAccountGiven(Given, frozen=True, kw_only=True):
    """`initial_deposit`, `initial_credit`: an amount, or one with its comment and type."""

    group: str
    leverage_ratio_percent: int
    account_type: AccountType
    account_details: DetailsGiven
    access_right: AccessRight = AccessRight.FULL
    is_pro_view: bool = False
    initial_deposit: Decimal | FundsGiven | None = None
    initial_credit: Decimal | FundsGiven | None = None
    remarks: ShortText | None = None


class AccountPatch(Given, frozen=True, kw_only=True):
    """`version`: that of what the program has seen."""

    version: int
    group: str | None = None
    leverage_ratio_percent: int | None = None
    access_right: AccessRight | None = None
    is_pro_view: bool | None = None
    account_details: DetailsGiven | None = None
    remarks: ShortText | None = None


class LoginsGiven(Given, frozen=True):
    logins: list[LoginGiven]


class DeletedOne(Record, frozen=True):
    login: str
    status: BulkStatus
    error_message: str | None


class DeletedMany(Record, frozen=True):
    status: BulkStatus
    responses: list[DeletedOne]


@operation("POST", OF_USER, needs=Permission.ACCOUNTS_WRITE)
async def new_trading_account(call: CallV2, uuid: str, given: NewAccountGiven) -> TradingAccountV2:
    """Open a trading account of a person in a group, with money and credit if told; the trade platform gives its number."""
    account, platform = await call.account(uuid), call.platform
    group = _group(platform, given.group)
    begin = [
        booking
        for kind, funds in ((BalanceKind.DEPOSIT, given.initial_deposit), (BalanceKind.CREDIT_IN, given.initial_credit))
        if (booking := _funds(funds, kind, group)) is not None
    ]
    offer = await call.sql(
        call.crm.direct.offer_for, account, call.system_uuid, group.spec, demo=given.account_type == AccountType.DEMO
    )  # fmt: skip
    _check_leverage(offer, group, given.leverage_ratio_percent)
    new = NewDirectAccount(
        wish=wish_of(given.account_details), leverage=given.leverage_ratio_percent, access=ACCESS[given.access_right],
        pro_view=given.is_pro_view, remarks=given.remarks or "", bookings=begin,
    )  # fmt: skip
    client_id = call.client.client_id
    asked = (uuid, call.system_uuid, msgspec.json.encode(given, enc_hook=encoded))
    once = once_of(f"broker {client_id}", call.key, "open", *asked)
    opened = await call.sql(call.crm.direct.open, account, offer, new, by=call.by, client_id=client_id, once=once)
    for subject in opened.subjects:
        await call.carry_now(subject)
    found = await call.sql(call.crm.trading.get, opened.id)
    return await _shown(call, *call.holds(found.login))


@operation("GET", OF_USER, needs=Permission.ACCOUNTS_READ, personal=True)
async def trading_accounts_of_user(call: CallV2, uuid: str) -> list[TradingAccountV2]:
    """A person's trading accounts on the trade platform."""
    account, platform = await call.account(uuid), call.platform
    owned = await call.sql(call.crm.trading.of_account, account.id)
    mine = {one.login for one in owned if one.platform_uuid == call.system_uuid}
    return await _all_shown(call, platform, [kept for login, kept in platform.desk.state.accounts.items() if login in mine])


@operation("GET", ROOT, needs=Permission.ACCOUNTS_READ, sorts=_LOGIN, personal=True)
async def trading_accounts(
    call: CallV2, page: Page, group: str | None = None, access_rights_filter: list[AccessRight] | None = None
) -> Paged[TradingAccountV2]:
    """Trading accounts of the trade platform, by their numbers, in pages: of a group or all, of some access rights or all."""
    platform = call.platform
    wanted = None if access_rights_filter is None else {ACCESS[right] for right in access_rights_filter}
    found = [
        one
        for one in platform.desk.state.accounts.values()
        if (group is None or one.group == group) and (wanted is None or one.access in wanted) and page.holds(one.opened_at)
    ]
    found.sort(key=lambda one: one.login, reverse=page.descending)
    part = found[page.number * page.size :][: page.size]
    return page.shown(await _all_shown(call, platform, part), len(found))


@operation("GET", f"{ROOT}/{{login}}", needs=Permission.ACCOUNTS_READ, personal=True)
async def trading_account(call: CallV2, login: LoginGiven) -> TradingAccountV2:
    """One trading account."""
    platform, kept = call.holds(login)
    return await _shown(call, platform, kept)


@operation("PATCH", f"{ROOT}/{{login}}", needs=Permission.ACCOUNTS_WRITE)
async def change_trading_account(call: CallV2, login: LoginGiven, given: AccountPatch) -> None:
    """Change a trading account, if it still is as the program has seen it: `version` says so."""
    found = await call.known(login)
    platform, kept = call.holds(login)
    owner = await call.account(found.account_uuid)
    said = (await call.sql(call.crm.direct.said, [found.id])).get(found.id, Said())
    if given.version != _version(said, kept, owner):
        raise Rejected(Refusal.CHANGE_UNDER_WAY, "version: the trading account has been changed meanwhile")
    before = await call.sql(call.crm.settings.offer, call.organization_id, found.offer_uuid)
    after, leverage = await _terms(call, platform, kept, before, owner, given)
    moves = after is not before
    change = DirectChange(
        wish=None if given.account_details is None else wish_of(given.account_details), offer=after if moves else None,
        leverage=leverage if moves or given.leverage_ratio_percent is not None else None,
        access=None if given.access_right is None else ACCESS[given.access_right], pro_view=given.is_pro_view,
        remarks=given.remarks,
    )  # fmt: skip
    await call.sql(call.crm.direct.change, found, owner, said, change, by=call.by)
    if change.leverage is not None or change.access is not None:
        await call.carry_now(found.subject)


@operation("POST", f"{ROOT}/bulk-delete", needs=Permission.ACCOUNTS_WRITE)
async def delete_trading_accounts(call: CallV2, given: LoginsGiven) -> DeletedMany:
    """Bar trading accounts on the trade platform and take them out of the CRM, each by itself."""
    if not 0 < len(given.logins) <= BULK_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"logins: names from 1 to {BULK_MAX}")
    told = [await _deleted(call, login) for login in given.logins]
    return DeletedMany(status=status_of(one.status == BulkStatus.SUCCESS for one in told), responses=told)


async def _deleted(call: CallV2, login: LoginGiven) -> DeletedOne:
    problem: str | None = None
    try:
        found = await call.known(login)
        check_leaves(call, found)
        await disable(call, found)
        await call.sql(call.crm.trading.delete, found.platform_uuid, [found.id])
    except (Declined, Rejected) as refused:
        problem = refused.detail or refused.code.name
    status = BulkStatus.SUCCESS if problem is None else BulkStatus.FAILURE
    return DeletedOne(login=str(login), status=status, error_message=problem)


async def _terms(
    call: CallV2, platform: Platform, kept: Account, before: Offer, owner: CrmAccount, given: AccountPatch
) -> tuple[Offer, int]:
    """Return the offer and the leverage that an account is to have. Raises `Rejected`, `Declined`."""
    group = _group(platform, given.group or kept.group)
    after = before
    if group.name != kept.group:
        after = await call.sql(call.crm.direct.offer_for, owner, call.system_uuid, group.spec, demo=before.demo)
        check_move(before, after, owner)
    leverage = given.leverage_ratio_percent
    if leverage is None:
        return after, min(kept.leverage, after.leverage or group.spec.leverage, group.spec.leverage)
    _check_leverage(after, group, leverage)
    return after, leverage


def _check_leverage(offer: Offer, group: GroupTerms, leverage: int) -> None:
    """Raises `Declined`."""
    check_leverage(offer, leverage)
    if leverage > group.spec.leverage:
        raise Declined(Refusal.LEVERAGE_OUT_OF_RANGE, f"leverageRatioPercent: the group has at most {group.spec.leverage}")


def _group(platform: Platform, name: str) -> GroupTerms:
    found = platform.desk.groups.get(name)
    if found is None:
        raise Rejected(Refusal.UNKNOWN_GROUP, "group: there is none of this name")
    return found


def _funds(given: Decimal | FundsGiven | None, kind: BalanceKind, group: GroupTerms) -> NewBooking | None:
    """Return what is to be booked at the opening; None for nothing, and for 0. Raises `Rejected`: before anything is opened."""
    if given is None or given == 0:
        return None
    booking = (
        BookingGiven(amount=given)
        if isinstance(given, Decimal)
        else BookingGiven(amount=given.amount, comment=given.comment, additional_type=given.additional_type)
    )
    return booking_of(booking, kind, group.currency)


async def _shown(call: CallV2, platform: Platform, kept: Account) -> TradingAccountV2:
    return (await _all_shown(call, platform, [kept]))[0]


async def _all_shown(call: CallV2, platform: Platform, accounts: list[Account]) -> list[TradingAccountV2]:
    logins = [one.login for one in accounts]
    owned = await call.sql(call.crm.direct.of_logins, call.organization_id, call.system_uuid, logins)
    said = await call.sql(call.crm.direct.said, [one.id for one in owned.values()])
    owners = await call.sql(call.crm.accounts.many, sorted({one.account_id for one in owned.values()}))
    return [_view(platform, one, owned.get(one.login), said, owners) for one in accounts]


def _view(
    platform: Platform, kept: Account, row: Owned | None, said: dict[int, Said], owners: dict[int, CrmAccount]
) -> TradingAccountV2:
    spoken = Said() if row is None else said.get(row.id, Said())
    owner = None if row is None else owners[row.account_id]
    return TradingAccountV2(
        uuid=None if row is None else row.uuid, created=time_of(kept.opened_at if row is None else row.created_at),
        login=str(kept.login), group=kept.group, leverage_ratio_percent=kept.leverage, access_right=RIGHTS[kept.access],
        is_pro_view=spoken.pro_view, account_type=AccountType.DEMO if kept.demo else AccountType.REAL,
        account_details=None if owner is None else account_details(owner), finance_info=finance_view(platform, kept),
        remarks=None if row is None else spoken.remarks or None,
        version=0 if owner is None else _version(spoken, kept, owner),
    )  # fmt: skip


def _version(said: Said, kept: Account, owner: CrmAccount) -> int:
    """Return a number that is another one whenever something of the account has changed, whoever changed it."""
    state = (said.changes, kept.group, kept.leverage, int(kept.access), owner.updated_at)
    return crc32(msgspec.json.encode(state)) >> 1
