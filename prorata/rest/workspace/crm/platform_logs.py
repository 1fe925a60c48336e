"""What people do on their terminals, and what happens there, for those who look after them."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter

from prorata.access.permissions import Permission
from prorata.control.paging import Slice
from prorata.crm.platform_logs import Client, LogEvent, LogFilter, LogLevel, LogLine
from prorata.rest.own.paging import NewestFirst, Since, Until, read_bound
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.units.numbers import Login
from prorata.views.bodies import NO_CONTROLS
from prorata.views.numbers import show_moment

SIZE_MAX = 500
PAGE_MAX = 1_000_000
EventQuery = Annotated[LogEvent | None, QueryParameter(description="only of this kind")]
LevelQuery = Annotated[LogLevel | None, QueryParameter(description="only of this level")]
Name = Annotated[str, QueryParameter(max_length=256, pattern=NO_CONTROLS)]


class PlatformLogView(msgspec.Struct, frozen=True, kw_only=True):
    """`trading_account`, `login`, `platform`: null if it is about the person. Of a program "" is not told."""

    uuid: str
    at: str
    level: LogLevel
    event: LogEvent
    details: str
    account: str
    email: str
    trading_account: str | None
    login: Login | None
    platform: str | None
    symbol: str
    ticket: int | None
    client: Client


class PlatformLogsView(msgspec.Struct, frozen=True, kw_only=True):
    """`total`: of all pages."""

    items: list[PlatformLogView]
    total: int


class PlatformLogs(Controller):
    path = "/organizations/{organization:str}/platform-logs"
    tags = ("CRM",)

    @get("/", summary="List sign-ins, calls, orders and deals of terminals", guards=[needs(Permission.CLIENTS_READ)])
    async def all(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: Name = "",
        email: Name = "", login: Annotated[int, QueryParameter(ge=0)] = 0, event: EventQuery = None,
        level: LevelQuery = None, client_ip: Name = "", user_agent: Name = "", since: Since = None,
        until: Until = None, newest_first: NewestFirst = True,
        page: Annotated[int, QueryParameter(ge=0, le=PAGE_MAX)] = 0,
        size: Annotated[int, QueryParameter(ge=1, le=SIZE_MAX)] = 100,
    ) -> PlatformLogsView:  # fmt: skip
        """`since` is included, `until` is not."""
        call.tell_read(account=account, email=email, login=login)
        wanted = LogFilter(
            account_uuid=account.lower(), email=email, login=login, events=frozenset({event} if event else ()),
            levels=frozenset({level} if level else ()), client=Client(client_ip=client_ip, user_agent=user_agent),
            platforms=grant.platforms, since=read_bound(since, "since"), until=read_bound(until, "until"),
        )  # fmt: skip
        part = Slice("created", newest_first, page * size, size)
        found, total = await call.sql(call.crm.platform_logs.search, grant.organization_id, wanted, part)
        return PlatformLogsView(items=[_view_of(line) for line in found], total=total)


def _view_of(line: LogLine) -> PlatformLogView:
    return PlatformLogView(
        uuid=line.uuid, at=show_moment(line.at), level=line.level, event=line.event, details=line.details,
        account=line.account_uuid, email=line.email, trading_account=line.trading_account_uuid or None,
        login=line.login or None, platform=line.platform_uuid or None, symbol=line.symbol, ticket=line.ticket or None,
        client=line.client,
    )  # fmt: skip
