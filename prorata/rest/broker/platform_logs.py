"""What people do on their terminals, and what happens there, in one timeline. What an entry looks like is ours."""

from typing import Any

import msgspec

from prorata.access.permissions import Permission
from prorata.control.paging import Slice
from prorata.crm.platform_logs import Client, LogEvent, LogFilter, LogLevel, LogLine
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Given, LoginGiven, Record, ShortText, login_of, text_or_none, time_of
from prorata.rest.broker.paging import CREATED, Page, Paged
from prorata.rest.broker.registry import operation
from prorata.rest.broker.trade_values import order_id


class LogFilters(Given, frozen=True):
    """What is not told, or empty, is any. `event_filter` and `level_filter` may be lists."""

    account_uuid_filter: ShortText | None = None
    account_email_filter: ShortText | None = None
    trading_account_uuid_filter: ShortText | None = None
    trading_account_login_filter: LoginGiven | None = None
    client_ip_filter: ShortText | None = None
    browser_id_filter: ShortText | None = None
    level_filter: LogLevel | list[LogLevel] | None = None
    event_filter: LogEvent | list[LogEvent] | None = None
    country_filter: ShortText | None = None
    app_version_filter: ShortText | None = None
    app_type_filter: ShortText | None = None
    device_type_filter: ShortText | None = None
    view_filter: ShortText | None = None
    user_agent_filter: ShortText | None = None
    app_resolution_filter: ShortText | None = None


class LogView(Record, frozen=True):
    uuid: str
    created: str | None
    level: LogLevel
    event: LogEvent
    details: str | None
    account_uuid: str
    account_email: str
    trading_account_uuid: str | None
    trading_account_login: str | None
    system_uuid: str | None
    symbol: str | None
    order_id: str | None
    client_ip: str | None
    browser_id: str | None
    user_agent: str | None
    app_version: str | None
    app_type: str | None
    device_type: str | None
    app_resolution: str | None
    view: str | None
    country: str | None


@operation(
    "POST", "/v2/platform-logs", needs=Permission.CLIENTS_READ, sorts={CREATED: CREATED}, personal=True, asks=True
)  # fmt: skip
async def platform_logs(call: Call, page: Page, given: LogFilters) -> Paged[LogView]:
    """Sign-ins, calls, orders, deals and changes of accounts in one timeline, in pages."""
    part: Slice = page.part
    wanted = LogFilter(
        account_uuid=(given.account_uuid_filter or "").lower(), email=given.account_email_filter or "",
        trading_account_uuid=(given.trading_account_uuid_filter or "").lower(),
        login=login_of(given.trading_account_login_filter or 0), events=_set_of(given.event_filter),
        levels=_set_of(given.level_filter), platforms=call.grant.platforms, since=page.since, until=page.until,
        client=Client(**{name: getattr(given, f"{name}_filter") or "" for name in Client.__struct_fields__}),
    )  # fmt: skip
    found, total = await call.sql(call.crm.platform_logs.search, call.organization_id, wanted, part)
    return page.shown([log_view(line) for line in found], total)


def log_view(line: LogLine) -> LogView:
    told = {name: text_or_none(text) for name, text in msgspec.structs.asdict(line.client).items()}
    return LogView(
        uuid=line.uuid, created=time_of(line.at), level=line.level, event=line.event, details=text_or_none(line.details),
        account_uuid=line.account_uuid, account_email=line.email,
        trading_account_uuid=text_or_none(line.trading_account_uuid),
        trading_account_login=str(line.login) if line.login else None, system_uuid=text_or_none(line.platform_uuid),
        symbol=text_or_none(line.symbol), order_id=order_id(line.ticket) if line.ticket else None, **told,
    )  # fmt: skip


def _set_of(given: Any) -> frozenset[Any]:
    if given is None:
        return frozenset()
    return frozenset(given) if isinstance(given, list) else frozenset({given})
