"""Accounts: listed, found, made, changed."""

import msgspec
import structlog

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.control.organizations.declined import Declined
from prorata.control.sessions import Kind
from prorata.crm.accounts import AccountFilter, AccountKind, Verification
from prorata.crm.enrolling import open_automatic, open_or_withdraw
from prorata.crm.platform_logs import Client, LogEntry, LogEvent
from prorata.crm.settings import Offer
from prorata.crm.trading import check_open
from prorata.messages.refusals import Refusal
from prorata.rest.broker.account_shapes import AccountChange, AccountView, NewAccount, account_view, wish_of
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Given, Record, Uuid
from prorata.rest.broker.paging import Page, Paged
from prorata.rest.broker.registry import SORTS, operation
from prorata.units.numbers import SECOND_MS
from prorata.views.answers import Rejected

TOKEN_SECONDS_MAX = 86_400
BULK_MAX = 1_000
_PLAIN = ("email", "phone", "firstname", "surname", "country", "state", "city", "postCode", "address")
_SORTS = {
    **SORTS, **{name: name for name in _PLAIN},
    "contactDetails.email": "email", "contactDetails.phoneNumber": "phone", "personalDetails.firstname": "firstname",
    "personalDetails.surname": "surname", "personalDetails.lastname": "surname", "addressDetails.country": "country",
    "addressDetails.state": "state", "addressDetails.city": "city", "addressDetails.postCode": "postCode",
    "addressDetails.address": "address",
}  # fmt: skip

_log = structlog.get_logger("broker")


class NewPassword(Given, frozen=True):
    account_uuid: Uuid
    new_password: str


class TokenGiven(Given, frozen=True):
    """`validity_time`: in seconds."""

    email: str
    validity_time: int


class TokenView(Record, frozen=True):
    token: str


class AccountsGiven(Given, frozen=True):
    account_uuids: list[Uuid]


class DeletedAccounts(Record, frozen=True):
    error_detail_messages: list[str]


@operation("GET", "/v1/accounts", needs=Permission.CLIENTS_READ, sorts=_SORTS, personal=True)
async def accounts(call: Call, page: Page, query: str = "", account_type: AccountKind = AccountKind.ALL) -> Paged[AccountView]:
    """Accounts, in pages; `query` is looked for in e-mail, names, phone, country, manager and lead status."""
    wanted = AccountFilter(text=query.strip(), kind=account_type, since=page.since, until=page.until)
    found, total = await call.sql(call.crm.accounts.search, call.organization_id, wanted, page.part)
    return page.shown([account_view(account) for account in found], total)


@operation("GET", "/v1/accounts/by-email/{email}", needs=Permission.CLIENTS_READ, personal=True)
async def account_by_email(call: Call, email: str) -> AccountView:
    """The account of an e-mail, whatever the case of its letters."""
    try:
        return account_view(await call.sql(call.crm.accounts.by_email, call.organization_id, email))
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND, "there is no account of this e-mail") from None


@operation("GET", "/v1/accounts/by-uuid/{accountUuid}", needs=Permission.CLIENTS_READ, personal=True)
async def account_by_uuid(call: Call, account_uuid: str) -> AccountView:
    """One account."""
    return account_view(await call.account(account_uuid))


@operation("POST", "/v1/accounts", needs=Permission.CLIENTS_WRITE)
async def new_account(call: Call, given: NewAccount) -> AccountView:
    """Make an account; with an offer, with a trading account under it."""
    wish = wish_of(given)
    if msgspec.UNSET in (wish.first_name, wish.last_name):
        raise Rejected(Refusal.MALFORMED, "personalDetails: firstname and lastname are missing")
    offer = None if given.offer_uuid is None else await call.offer(given.offer_uuid)
    if offer is not None:
        await _check_offer(call, offer, wish.branch_uuid, given.verification_status or Verification.NEW)
    account = await call.sql(
        call.crm.accounts.add, call.organization_id, wish, given.password, by=call.by,
        branch_id=0 if offer is None else offer.branch_id, active=bool(given.create_as_deposited_account),
    )  # fmt: skip
    if offer is not None:
        await open_or_withdraw(call.crm, account, offer, by=call.by)
    else:
        await open_automatic(call.crm, account, by=call.by)
    token = await call.sql(call.control.one_time.issue, account.id)
    return account_view(account, token)


@operation("PATCH", "/v1/accounts/{accountUuid}", needs=Permission.CLIENTS_WRITE)
async def change_account(call: Call, account_uuid: str, given: AccountChange) -> AccountView:
    """Change what is told of an account; what is not told stays."""
    account = await call.account(account_uuid)
    changed = await call.sql(call.crm.accounts.change, account, wish_of(given), by=call.by)
    await call.sql(call.crm.trading.write_cards, account.id)
    return account_view(changed)


@operation("POST", "/v1/change-password", needs=Permission.ACCOUNTS_PASSWORDS)
async def change_password(call: Call, given: NewPassword) -> None:
    """Give a person another password; whoever is signed in with the old one is signed out."""
    account = await call.account(given.account_uuid)
    await call.sql(call.crm.accounts.set_password, account, given.new_password)
    await call.sql(call.control.sessions.end_all, Kind.CLIENT, account.id)


@operation("POST", "/v1/one-time-token", needs=Permission.ACCOUNTS_PASSWORDS)
async def one_time_token(call: Call, given: TokenGiven) -> TokenView:
    """A token with which a person's browser is signed in, once; the one before it is worth nothing any more."""
    if not call.client.networks:
        raise Rejected(Refusal.NOT_PERMITTED, "the key must be bound to addresses to sign people in")
    if not 1 <= given.validity_time <= TOKEN_SECONDS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"validityTime: must be from 1 to {TOKEN_SECONDS_MAX} seconds")
    try:
        account = await call.sql(call.crm.accounts.by_email, call.organization_id, given.email)
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND, "email: there is no account of this e-mail") from None
    life_ms = given.validity_time * SECOND_MS
    token = await call.sql(call.control.one_time.issue, account.id, life_ms, alone=True)
    call.crm.platform_logs.note(
        LogEntry(
            at=call.now(), organization_id=account.organization_id, account_id=account.id, event=LogEvent.ONE_TIME_TOKEN,
            details=call.by, client=Client(client_ip=call.address),
        )
    )  # fmt: skip
    return TokenView(token=token)


@operation("POST", "/v1/accounts/bulk-delete", needs=Permission.CLIENTS_WRITE, ours=True)
async def delete_accounts(call: Call, given: AccountsGiven) -> DeletedAccounts:
    """Take accounts and their trading accounts out of the CRM; the trade platforms keep theirs."""
    if len(given.account_uuids) > BULK_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"accountUuids: at most {BULK_MAX} at once")
    problems: list[str] = []
    for account_uuid in given.account_uuids:
        try:
            await call.sql(call.crm.accounts.delete, await call.account(account_uuid))
        except (Rejected, NotFound):
            problems.append(f"{account_uuid}: there is no account of this uuid")
        except Declined as declined:
            problems.append(f"{account_uuid}: {declined.code.name}, {declined.detail}")
    return DeletedAccounts(error_detail_messages=problems)


async def _check_offer(call: Call, offer: Offer, branch_uuid: str | msgspec.UnsetType, standing: Verification) -> None:
    """Raise unless a new account may trade under the offer: before anything is written."""
    branch_id = offer.branch_id
    if not isinstance(branch_uuid, msgspec.UnsetType):
        known = {branch.uuid: branch.id for branch in await call.sql(call.crm.settings.branches, call.organization_id)}
        branch_id = known.get(branch_uuid, 0)
    check_open(offer, branch_id, standing)
    call.running(offer.platform_uuid)
