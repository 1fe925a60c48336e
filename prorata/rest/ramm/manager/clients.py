"""Clients of the company: enrolled with a wallet, found, changed, let in.

Who they are is in the control database; what they have is asked of the engine that copies, one call each.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.access.callers import NotFound
from prorata.control import passwords
from prorata.control.clients import ORDERS, Client, ClientFilter, NewClient
from prorata.control.columns import LOGIN_LENGTH_MAX
from prorata.control.managers import LoginTaken
from prorata.control.paging import Slice
from prorata.control.sessions import Kind
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.copying import ClientFigures, ClientStatistic, OpenedWallet, Stream
from prorata.rest.ramm.errors import Absent, Failure, invalid_input, invalid_status
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Key, Search, echo_of, page_of
from prorata.rest.ramm.signing_in import LoginText, PasswordText, check_new_password
from prorata.rest.ramm.values import Code, Count, Id, LongText, Number, Real, Text, real_of, time_text, units_of
from prorata.units.numbers import PPM
from prorata.views.bodies import NO_CONTROLS

HEDGE_DIGITS = 2
"""decimal places of an A-book share"""
_PPM_OF_HEDGE: int = PPM // 10**HEDGE_DIGITS
_EMPTY = ClientFigures()

LanguageText = Annotated[str, Meta(max_length=3, pattern=NO_CONTROLS)]
Precision = Annotated[int, Meta(ge=0, le=8)]
EmailText = Annotated[str, Meta(max_length=LOGIN_LENGTH_MAX, pattern=NO_CONTROLS)]


class ClientToAdd(Input, frozen=True, kw_only=True):
    """Without a password one is made up; it is in the answer, once. Without `Email` the login is it."""

    Login: LoginText
    Password: PasswordText | None = None
    FirstName: Text = ""
    LastName: Text = ""
    Email: EmailText | None = None
    Mobile: Text = ""
    Tag: Count = 0
    Test: bool = False
    Language: LanguageText = ""
    Comment: LongText = ""
    Country: Text = ""
    ExternalPartnerReference: Text = ""
    ExecutionServerName: Text = ""
    ExecutionAccount: Text = ""
    PrecisionVolume: Precision = 4


class AddedClient(msgspec.Struct, frozen=True):
    ID: int
    Login: str
    Password: str


class AddedWallet(msgspec.Struct, frozen=True):
    ID: int
    AssetID: int
    AssetName: str


class ClientWithWallet(msgspec.Struct, frozen=True):
    Client: AddedClient
    Wallet: AddedWallet


class ClientOfId(Input, frozen=True, kw_only=True):
    ID: Id


class ClientOfNumber(Input, frozen=True, kw_only=True):
    ClientID: Number


class ClientPassword(Input, frozen=True, kw_only=True):
    ClientID: Number
    Password: PasswordText


class OneTimePassword(msgspec.Struct, frozen=True):
    OTP: str


class ClientsFilter(Input, frozen=True, kw_only=True):
    Value: Text | None = None
    ID: Id | None = None
    Login: Text | None = None
    FirstName: Text | None = None
    LastName: Text | None = None
    Mobile: Text | Count | None = None
    Comment: Text | None = None
    Status: Code | None = None


class ClientsSearch(Search, frozen=True, kw_only=True):
    Test: bool | None = None
    Filter: ClientsFilter = ClientsFilter()


class ClientRow(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    Login: str
    Email: str
    FirstName: str
    LastName: str
    Mobile: str
    Language: str
    Status: int
    Tag: int
    Comment: str
    Test: bool
    Enabled: bool
    ActiveAccountsCount: int
    ActiveAccountsTotalBalance: Decimal
    ActiveAccountsTotalEquity: Decimal
    ActiveAccountsTotalPositionsCount: int
    ClosedAccountsCount: int
    ActiveStrategiesCount: int
    ClosedStrategiesCount: int
    WalletsTotalBalance: Decimal
    TotalFunds: Decimal


class ClientsFound(Found, frozen=True, kw_only=True):
    Clients: list[ClientRow]


class ClientCard(msgspec.Struct, frozen=True, kw_only=True):
    """`IDReferralToken` and `ReferralRebate` are 0: whoever brought a client is in `ExternalPartnerReference`."""

    ID: int
    IDCompany: int
    IDReferralToken: int
    RegisteredDate: str
    FirstName: str
    LastName: str
    Mobile: str
    Login: str
    Comment: str
    Language: str
    Status: int
    Tag: int
    Country: str
    Email: str
    Enabled: bool
    ExternalPartnerReference: str
    ReferralRebate: Decimal
    Test: bool
    StrategyDefaultStreamID: int | None
    StrategyDefaultHedge: Decimal
    StrategyDefaultStreamName: str
    AvailableStreams: list[Stream]
    Statistic: ClientStatistic


class ClientChange(Input, frozen=True, kw_only=True):
    ID: Id
    FirstName: Text | None = None
    LastName: Text | None = None
    Mobile: Text | None = None
    Login: LoginText | None = None
    Comment: LongText | None = None
    Tag: Count | None = None
    Country: Text | None = None
    Email: EmailText | None = None
    Language: LanguageText | None = None
    Enabled: bool | None = None
    ExternalPartnerReference: Text | None = None
    StrategyDefaultStreamID: Id | None = None
    StrategyDefaultHedge: Real | None = None


def _figure(name: str) -> Key[ClientRow]:
    def key(row: ClientRow) -> object:
        return getattr(row, name)

    return key


FIGURES: dict[str, Key[ClientRow]] = {name: _figure(name) for name in ClientFigures.__struct_fields__}
"""Orders in which the engine has a say: all clients are then put in order here."""
ALL_ORDERS = (*ORDERS, *FIGURES)


@MANAGER.method("clients.addWithWallet")
async def clients_add_with_wallet(call: Call, given: ClientToAdd) -> ClientWithWallet:
    """Enrol a client and open his wallet."""
    password = given.Password if given.Password is not None else passwords.invented()
    check_new_password(password)
    if not given.Login.strip():
        raise invalid_input("Login", "empty")
    client = await _enrolled(call, given, password)
    wallet = await _wallet_of(call, client)
    return ClientWithWallet(
        AddedClient(client.id, client.login, password), AddedWallet(wallet.id, wallet.asset_id, wallet.asset_name)
    )


@MANAGER.method("clients.search", reads=True)
async def clients_search(call: Call, given: ClientsSearch) -> ClientsFound:
    """Find clients of the company."""
    part = given.part(ALL_ORDERS)
    wanted = given.Filter
    asked = ClientFilter(
        value=wanted.Value, id=wanted.ID, login=wanted.Login, first_name=wanted.FirstName, last_name=wanted.LastName,
        mobile=None if wanted.Mobile is None else str(wanted.Mobile), comment=wanted.Comment, test=given.Test,
    )  # fmt: skip
    if part.field in ORDERS and wanted.Status is None:
        clients, total = await call.sql(call.control.clients.search, call.company.id, asked, part)
        rows = await _rows(call, clients)
    else:
        rows, total = await _ordered_by_figures(call, asked, wanted.Status, part)
    return ClientsFound(**echo_of(given, part, total), Clients=rows)


@MANAGER.method("clients.get", reads=True)
async def clients_get(call: Call, given: ClientOfId) -> ClientCard:
    """One client, with what he has done."""
    client = await client_of(call, given.ID, "ID")
    figures = await call.copying.figures(call.company, [client])
    streams = list(await call.copying.streams(call.company))
    names = {stream.StreamID: stream.Name for stream in streams}
    return ClientCard(
        ID=client.id, IDCompany=client.company_id, IDReferralToken=0, RegisteredDate=time_text(client.created_at),
        FirstName=client.first_name, LastName=client.last_name, Mobile=client.mobile, Login=client.login,
        Comment=client.comment, Language=client.language, Status=figures.get(client.id, _EMPTY).Status, Tag=client.tag,
        Country=client.country, Email=client.email, Enabled=client.enabled,
        ExternalPartnerReference=client.partner_reference, ReferralRebate=real_of(0, 2), Test=client.test,
        StrategyDefaultStreamID=client.default_stream,
        StrategyDefaultHedge=real_of(client.default_hedge_ppm // _PPM_OF_HEDGE, HEDGE_DIGITS),
        StrategyDefaultStreamName=names.get(client.default_stream or 0, ""), AvailableStreams=streams,
        Statistic=await call.copying.statistic(call.company, client),
    )  # fmt: skip


@MANAGER.method("clients.set")
async def clients_set(call: Call, given: ClientChange) -> None:
    """Change what is known of a client, and whether he may sign in."""
    client = await client_of(call, given.ID, "ID")
    if given.Login is not None and not given.Login.strip():
        raise invalid_input("Login", "empty")
    changes = {
        "first_name": given.FirstName, "last_name": given.LastName, "mobile": given.Mobile, "login": given.Login,
        "comment": given.Comment, "tag": given.Tag, "country": given.Country, "email": given.Email,
        "language": given.Language, "enabled": given.Enabled, "partner_reference": given.ExternalPartnerReference,
        "default_stream": await _stream(call, given.StrategyDefaultStreamID),
        "default_hedge_ppm": _hedge_ppm(given.StrategyDefaultHedge),
    }  # fmt: skip
    try:
        await call.sql(
            call.control.clients.set, client.id, **{name: value for name, value in changes.items() if value is not None}
        )
    except LoginTaken:
        raise _login_taken() from None
    except NotFound:
        raise Absent("ID") from None
    await call.sql(call.control.refresh)


@MANAGER.method("clients.setPassword")
async def clients_set_password(call: Call, given: ClientPassword) -> None:
    """Give a client a password; his sessions end."""
    client = await client_of(call, given.ClientID, "ClientID")
    check_new_password(given.Password)
    try:
        await call.sql(call.control.clients.set_password, client.id, given.Password)
    except NotFound:
        raise Absent("ClientID") from None
    await call.sql(call.control.sessions.end_all, Kind.CLIENT, client.id)


@MANAGER.method("clients.getOTP")
async def clients_get_otp(call: Call, given: ClientOfNumber) -> OneTimePassword:
    """A one-time password with which the cabinet opens the client platform for a client, within two minutes."""
    client = await client_of(call, given.ClientID, "ClientID")
    if not client.enabled:
        raise invalid_status("The client is disabled")
    return OneTimePassword(await call.sql(call.control.one_time.issue, client.id))


async def client_of(call: Call, client_id: int, field: str) -> Client:
    """Return a client of the company. Raises `Absent`."""
    client = await call.sql(call.control.clients.get, call.company.id, client_id)
    if client is None:
        raise Absent(field)
    return client


async def _enrolled(call: Call, given: ClientToAdd, password: str) -> Client:
    """Return the new client. One whose wallet did not get an answer is gone on with: the call is repeated."""
    new = NewClient(
        login=given.Login, password=password, email=given.Login if given.Email is None else given.Email,
        first_name=given.FirstName, last_name=given.LastName, mobile=given.Mobile, tag=given.Tag, test=given.Test,
        language=given.Language, country=given.Country, comment=given.Comment,
        partner_reference=given.ExternalPartnerReference, execution_server=given.ExecutionServerName,
        execution_account=given.ExecutionAccount, precision_volume=given.PrecisionVolume,
    )  # fmt: skip
    try:
        return await call.sql(call.control.clients.add, call.company.id, new)
    except LoginTaken:
        unfinished = await call.sql(call.control.clients.find, call.company.id, given.Login)
        if unfinished is None or unfinished.wallet_id is not None:
            raise _login_taken() from None
        await call.sql(call.control.clients.set_password, unfinished.id, password)
        return unfinished


async def _wallet_of(call: Call, client: Client) -> OpenedWallet:
    """Return the client's wallet, opened now. A refusal takes the client back; without an answer he stays."""
    try:
        wallet = await call.copying.open_wallet(call.company, client, call.actor)
    except Failure as failure:
        if failure.status < 500:
            await call.sql(call.control.clients.withdraw, client.id)
        raise
    await call.sql(call.control.clients.note_wallet, client.id, wallet.id)
    return wallet


async def _ordered_by_figures(call: Call, asked: ClientFilter, status: int | None, part: Slice) -> tuple[list[ClientRow], int]:
    clients, _ = await call.sql(call.control.clients.search, call.company.id, asked)
    rows = [row for row in await _rows(call, clients) if status is None or row.Status == status]
    keys = {**{name: _figure(name) for name in ORDERS}, **FIGURES}
    return page_of(rows, part, keys, _figure("ID"))


async def _rows(call: Call, clients: Sequence[Client]) -> list[ClientRow]:
    figures = await call.copying.figures(call.company, clients)
    return [
        ClientRow(
            ID=client.id, Login=client.login, Email=client.email, FirstName=client.first_name, LastName=client.last_name,
            Mobile=client.mobile, Language=client.language, Tag=client.tag, Comment=client.comment, Test=client.test,
            Enabled=client.enabled, **msgspec.structs.asdict(figures.get(client.id, _EMPTY)),
        )
        for client in clients
    ]  # fmt: skip


async def _stream(call: Call, stream_id: int | None) -> int | None:
    if stream_id is None:
        return None
    if all(stream.StreamID != stream_id for stream in await call.copying.streams(call.company)):
        raise Absent("StrategyDefaultStreamID")
    return stream_id


def _hedge_ppm(share: Real | None) -> int | None:
    if share is None:
        return None
    if not 0 <= share <= 1:
        raise invalid_input("StrategyDefaultHedge", "expected a share from 0 to 1")
    return units_of(share, HEDGE_DIGITS, "StrategyDefaultHedge") * _PPM_OF_HEDGE


def _login_taken() -> Failure:
    return invalid_input("Login", "the company has a client of this login")
