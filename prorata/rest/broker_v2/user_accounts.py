"""User accounts: people, each with an e-mail and a password. What else is known of them comes with their trading accounts."""

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.control.organizations.declined import Declined
from prorata.control.sessions import Kind
from prorata.crm.accounts import AccountFilter, AccountWish, CrmAccount
from prorata.crm.trading import TradingAccount
from prorata.messages.refusals import Refusal
from prorata.rest.broker.accounts import BULK_MAX, TokenGiven, TokenView
from prorata.rest.broker.accounts import one_time_token as token_of
from prorata.rest.broker.kinds import Given, Record, ShortText, Uuid, time_of
from prorata.rest.broker.paging import Page, Paged
from prorata.rest.broker_v2.call import CallV2
from prorata.rest.broker_v2.deleting import BulkStatus, check_leaves, disable, status_of
from prorata.rest.broker_v2.registry import operation
from prorata.units.numbers import Moment
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

ROOT = "/v1/user-accounts"
_SORTS = {"created": "created", "updated": "updated", "email": "email"}


class UserAccount(Record, frozen=True):
    """`broker_id`: the organization's number."""

    uuid: str
    email: str
    created: str | None
    updated: str | None
    broker_id: int


class NewUser(Given, frozen=True):
    email: ShortText
    password: str


class UserChange(Given, frozen=True):
    email: ShortText | None = None


class PasswordGiven(Given, frozen=True):
    """Both names are taken: `newPassword` and `password`."""

    new_password: str | None = None
    password: str | None = None


class UsersGiven(Given, frozen=True):
    uuids: list[Uuid]
    delete_from_trading_system: bool = True


class DeletedAccount(Record, frozen=True):
    login: str
    deleted: bool
    error_message: str | None = None


class DeletedUser(Record, frozen=True):
    user_account_uuid: str
    deleted: bool
    error_message: str | None
    trading_accounts: list[DeletedAccount]


class DeletedUsers(Record, frozen=True):
    status: BulkStatus
    responses: list[DeletedUser]


@operation("GET", ROOT, needs=Permission.CLIENTS_READ, sorts=_SORTS, personal=True)
async def user_accounts(
    call: CallV2, page: Page, query: str = "", created_from: str | None = None, created_to: str | None = None,
    updated_from: str | None = None, updated_to: str | None = None,
) -> Paged[UserAccount]:  # fmt: skip
    """User accounts, in pages; by when they were made and when they were changed last."""
    wanted = AccountFilter(
        text=query.strip(), since=_moment(created_from, "createdFrom"), until=_moment(created_to, "createdTo"),
        changed_since=_moment(updated_from, "updatedFrom"), changed_until=_moment(updated_to, "updatedTo"),
    )  # fmt: skip
    found, total = await call.sql(call.crm.accounts.search, call.organization_id, wanted, page.part)
    return page.shown([user_account(one) for one in found], total)


@operation("GET", f"{ROOT}/email/{{email}}", needs=Permission.CLIENTS_READ, personal=True)
async def user_by_email(call: CallV2, email: str) -> UserAccount:
    """The user account of an e-mail, whatever the case of its letters."""
    try:
        return user_account(await call.sql(call.crm.accounts.by_email, call.organization_id, email))
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND, "there is no user account of this e-mail") from None


@operation("GET", f"{ROOT}/{{uuid}}", needs=Permission.CLIENTS_READ, personal=True)
async def user_by_uuid(call: CallV2, uuid: str) -> UserAccount:
    """One user account."""
    return user_account(await call.account(uuid))


@operation("POST", ROOT, needs=Permission.CLIENTS_WRITE)
async def new_user(call: CallV2, given: NewUser) -> UserAccount:
    """Make a user account."""
    wish = AccountWish(email=given.email)
    return user_account(await call.sql(call.crm.accounts.add, call.organization_id, wish, given.password, by=call.by))


@operation("PATCH", f"{ROOT}/{{uuid}}", needs=Permission.CLIENTS_WRITE)
@operation("PUT", f"{ROOT}/{{uuid}}", needs=Permission.CLIENTS_WRITE)
async def change_user(call: CallV2, uuid: str, given: UserChange) -> UserAccount:
    """Give a user account another e-mail."""
    account = await call.account(uuid)
    if given.email is None:
        return user_account(account)
    changed = await call.sql(call.crm.accounts.change, account, AccountWish(email=given.email), by=call.by)
    await call.sql(call.crm.trading.write_cards, account.id)
    return user_account(changed)


@operation("POST", f"{ROOT}/{{uuid}}/change-password", needs=Permission.ACCOUNTS_PASSWORDS)
@operation("PATCH", f"{ROOT}/{{uuid}}/change-password", needs=Permission.ACCOUNTS_PASSWORDS)
@operation("PUT", f"{ROOT}/{{uuid}}/change-password", needs=Permission.ACCOUNTS_PASSWORDS)
async def change_password(call: CallV2, uuid: str, given: PasswordGiven) -> None:
    """Give a person another password; whoever is signed in with the old one is signed out."""
    account = await call.account(uuid)
    await call.sql(call.crm.accounts.set_password, account, given.new_password or given.password or "")
    await call.sql(call.control.sessions.end_all, Kind.CLIENT, account.id)


@operation("POST", "/v1/one-time-token", needs=Permission.ACCOUNTS_PASSWORDS)
async def one_time_token(call: CallV2, given: TokenGiven) -> TokenView:
    """A token with which a person's browser is signed in, once; the one before it is worth nothing any more."""
    return await token_of(call, given)


@operation("DELETE", f"{ROOT}/{{uuid}}", needs=Permission.CLIENTS_WRITE)
async def delete_user(call: CallV2, uuid: str, delete_from_trading_system: bool = True) -> DeletedUser:
    """Take a person and his trading accounts out of the CRM, and bar these on the trade platform."""
    return await _deleted(call, await call.account(uuid), bars=delete_from_trading_system)


@operation("POST", f"{ROOT}/bulk-delete", needs=Permission.CLIENTS_WRITE)
async def delete_users(call: CallV2, given: UsersGiven) -> DeletedUsers:
    """Delete user accounts, each by itself."""
    if not 0 < len(given.uuids) <= BULK_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"uuids: names from 1 to {BULK_MAX}")
    told: list[DeletedUser] = []
    for uuid in given.uuids:
        try:
            account = await call.account(uuid)
            told.append(await _deleted(call, account, bars=given.delete_from_trading_system))
        except (Rejected, NotFound):
            problem = "there is no user account of this uuid"
            told.append(DeletedUser(user_account_uuid=uuid, deleted=False, error_message=problem, trading_accounts=[]))
    return DeletedUsers(status=status_of(one.deleted for one in told), responses=told)


def user_account(account: CrmAccount) -> UserAccount:
    return UserAccount(
        uuid=account.uuid, email=account.email, created=time_of(account.created_at), updated=time_of(account.updated_at),
        broker_id=account.organization_id,
    )  # fmt: skip


async def _deleted(call: CallV2, account: CrmAccount, *, bars: bool) -> DeletedUser:
    """Delete all or nothing: whoever holds something on a trade platform stays."""
    owned = await call.sql(call.crm.trading.of_account, account.id)
    told: list[DeletedAccount] = []
    for one in owned if bars else ():
        problem = _problem(call, one)
        told.append(DeletedAccount(login=str(one.login), deleted=not problem, error_message=problem))
    if any(not one.deleted for one in told):
        kept = [DeletedAccount(login=one.login, deleted=False, error_message=one.error_message) for one in told]
        return DeletedUser(
            user_account_uuid=account.uuid, deleted=False, error_message="a trading account cannot be deleted",
            trading_accounts=kept,
        )  # fmt: skip
    for one in owned if bars else ():
        await disable(call, one)
    await call.sql(call.crm.accounts.delete, account)
    return DeletedUser(user_account_uuid=account.uuid, deleted=True, error_message=None, trading_accounts=told)


def _problem(call: CallV2, found: TradingAccount) -> str | None:
    """Return why a trading account cannot be deleted, None if it can be."""
    try:
        check_leaves(call, found)
    except Declined as declined:
        return declined.detail
    except Rejected as rejected:
        return rejected.detail
    return None


def _moment(told: str | None, field: str) -> Moment | None:
    return read_moment(told, field) if told else None
