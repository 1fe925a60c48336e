"""What people do on their terminals, and what happens there, in one timeline: sign-ins, calls, orders, deals, accounts.

Sign-ins and calls are noted as they come (`note`), with what the caller's program tells of itself, and are written a moment
later: they are no proof of anything. What happens on a trade platform is heard from it (`Listener`), each event once.
"""

import asyncio
import threading
import uuid
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, Index, RowMapping, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.columns import number, of, text, whole
from prorata.control.database import Database
from prorata.control.manager_rows import login_key_of
from prorata.control.paging import Slice, contains
from prorata.control.tables import clients
from prorata.crm.following import Following, Heard
from prorata.crm.holding import hold_people
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts, crm_table, outside_id, trading_accounts, within
from prorata.messages.commands import Side
from prorata.messages.events import (
    AccountChanged,
    BalanceBooked,
    Dealt,
    Entry,
    MarginCalled,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    PositionModified,
    StoppedOut,
)
from prorata.units.decimals import format_decimal
from prorata.units.numbers import DAY_MS, VOLUME_DIGITS, Login, Moment, Ticket, Volume

WRITE_SECONDS = 1.0
WAITING_MAX = 50_000
"""Notes that wait to be written; beyond it the oldest are lost."""
FORGET_EVERY = 3_600
"""writings from one clearing to the next: an hour"""
DETAILS_LENGTH_MAX = 1_000

_log = structlog.get_logger("crm")


class LogLevel(StrEnum):
    INFO = "INFO"
    WARN = "WARN"
    """what was refused, and what befalls an account"""


class LogEvent(StrEnum):
    """The first ones are what somebody did or asked for, the others what happened on a trade platform."""

    LOGIN = "LOGIN"
    LOGIN_FAILED = "LOGIN_FAILED"
    LOGOUT = "LOGOUT"
    SESSION_REFRESHED = "SESSION_REFRESHED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105
    ONE_TIME_TOKEN = "ONE_TIME_TOKEN"  # noqa: S105
    POSITION_OPEN = "POSITION_OPEN"
    POSITION_EDIT = "POSITION_EDIT"
    POSITION_CLOSE = "POSITION_CLOSE"
    ORDER_CREATE = "ORDER_CREATE"
    ORDER_EDIT = "ORDER_EDIT"
    ORDER_CANCEL = "ORDER_CANCEL"
    ORDER_PLACED = "ORDER_PLACED"
    ORDER_CHANGED = "ORDER_CHANGED"
    ORDER_REMOVED = "ORDER_REMOVED"
    DEAL_IN = "DEAL_IN"
    DEAL_OUT = "DEAL_OUT"
    STOPS_CHANGED = "STOPS_CHANGED"
    MARGIN_CALL = "MARGIN_CALL"
    STOP_OUT = "STOP_OUT"
    BALANCE = "BALANCE"
    ACCOUNT_CHANGED = "ACCOUNT_CHANGED"


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller's program tells of itself, "" for what it does not."""

    client_ip: str = ""
    browser_id: str = ""
    user_agent: str = ""
    app_version: str = ""
    app_type: str = ""
    device_type: str = ""
    app_resolution: str = ""
    view: str = ""
    country: str = ""


CLIENT_FIELDS = Client.__struct_fields__


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`trading_account_id`: None if it is about the person. `ticket`: of an order or a position, 0 for none.

    `login`: of the trading account, for who does not know its row; it is looked up when the entry is written.
    """

    at: Moment
    organization_id: int
    account_id: int
    event: LogEvent
    level: LogLevel = LogLevel.INFO
    details: str = ""
    trading_account_id: int | None = None
    platform_uuid: str = ""
    login: Login = 0
    symbol: str = ""
    ticket: Ticket = 0
    client: Client = Client()


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it is read. `login`: 0 for none."""

    uuid: str
    at: Moment
    event: LogEvent
    level: LogLevel
    details: str
    account_uuid: str
    email: str
    trading_account_uuid: str
    login: Login
    platform_uuid: str
    symbol: str
    ticket: Ticket
    client: Client


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """ "" is any. `user_agent` and `view` are looked for in theirs, all others are compared whole. `platforms` None: all."""

    account_uuid: str = ""
    email: str = ""
    trading_account_uuid: str = ""
    login: Login = 0
    events: frozenset[LogEvent] = frozenset()
    levels: frozenset[LogLevel] = frozenset()
    client: Client = Client()
    platforms: frozenset[str] | None = None
    since: Moment | None = None
    until: Moment | None = None


logs = crm_table(
    "platform_logs",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("trading_accounts", "trading_account_id", nullable=True),
    whole("at"),
    text("event", 32),
    text("level", 8),
    text("details", DETAILS_LENGTH_MAX),
    text("platform_uuid", 36),
    text("symbol", 64),
    whole("ticket"),
    *(text(name, TEXT_LENGTH_MAX) for name in CLIENT_FIELDS),
    Index("ix_crm_platform_logs_at", "organization_id", "at", "id"),
    Index("ix_crm_platform_logs_account", "account_id", "at", "id"),
    Index("ix_crm_platform_logs_trading_account", "trading_account_id", "at", "id"),
    Index("ix_crm_platform_logs_age", "at"),
)

personal(logs, logs.c.account_id, Fate.DELETED, unseen=("trading_account_id",))

_PARTLY = ("user_agent", "view")
_JOINED = (
    logs.join(accounts, accounts.c.id == logs.c.account_id)
    .join(clients, clients.c.id == logs.c.account_id)
    .outerjoin(trading_accounts, trading_accounts.c.id == logs.c.trading_account_id)
)
_READ = select(
    logs, accounts.c.uuid.label("account_uuid"), clients.c.email, trading_accounts.c.uuid.label("trading_account_uuid"),
    trading_accounts.c.login,
).select_from(_JOINED)  # fmt: skip
ORDERS = {"created": logs.c.at}


class PlatformLogs:
    """Blocks on the database, but for `note`. `kept_days` 0: for ever."""

    def __init__(self, database: Database, *, kept_days: int) -> None:
        self._database = database
        self._kept_days = kept_days
        self._waiting: deque[LogEntry] = deque(maxlen=WAITING_MAX)
        self._writing = threading.Lock()

    def note(self, entry: LogEntry) -> None:
        """Have an entry written, a moment later."""
        self._waiting.append(entry)

    def write(self) -> None:
        """Write down what is noted."""
        with self._writing:
            entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not entries:
                return
            with self._database.writing() as connection:
                # Of a person who is gone nothing is written any more.
                there = hold_people(connection, {entry.account_id for entry in entries})
                numbers_of = _trading_accounts(connection, entries)
                rows = [
                    _row_of(entry) | ({} if not entry.login else {"trading_account_id": numbers_of.get(_place_of(entry))})
                    for entry in entries
                    if entry.account_id in there
                ]
                if rows:
                    connection.execute(insert(logs), rows)

    def search(self, organization_id: int, wanted: LogFilter, part: Slice) -> tuple[list[LogLine], int]:
        """Return a part of an organization's timeline, and how many entries there are. `part.field`: as in `ORDERS`."""
        self.write()
        where = [logs.c.organization_id == organization_id, *_conditions(wanted)]
        order, tie = ORDERS[part.field], logs.c.id
        directed = [order.desc(), tie.desc()] if part.descending else [order.asc(), tie.asc()]
        with self._database.reading() as connection:
            named = _named(connection, organization_id, wanted)
            if named is None:
                return [], 0
            where += named
            total = connection.execute(select(func.count()).select_from(logs).where(*where)).scalar_one()
            query = _READ.where(*where).order_by(*directed).offset(part.offset).limit(part.limit)
            return [_line_of(row) for row in connection.execute(query).mappings()], total

    def forget(self, before: Moment) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(logs).where(logs.c.at < before))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write what is noted, and forget what is old, until the end of the block."""
        writing = asyncio.create_task(self._write_on())
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await asyncio.to_thread(self._try_to_write, forgets=False)

    async def _write_on(self) -> None:
        looks = 0
        while True:
            forgets = looks % FORGET_EVERY == 0 and self._kept_days > 0
            if self._waiting or forgets:
                await asyncio.to_thread(self._try_to_write, forgets=forgets)
            looks += 1
            await asyncio.sleep(WRITE_SECONDS)

    def _try_to_write(self, *, forgets: bool) -> None:
        try:
            self.write()
            if forgets:
                self.forget(self._database.now() - self._kept_days * DAY_MS)
        except SQLAlchemyError as problem:
            _log.warning("platform logs cannot be written", problem=type(problem).__name__)


def _place_of(entry: LogEntry) -> tuple[str, Login]:
    return entry.platform_uuid, entry.login


def _trading_accounts(connection: Connection, entries: list[LogEntry]) -> dict[tuple[str, Login], int]:
    """Return the rows of the trading accounts that entries name by platform and login."""
    logins = {entry.login for entry in entries if entry.login}
    table = trading_accounts.c
    query = select(table.platform_uuid, table.login, table.id).where(table.login.in_(logins))
    return {(row.platform_uuid, row.login): row.id for row in connection.execute(query)} if logins else {}


def _row_of(entry: LogEntry) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in LogEntry.__struct_fields__ if name not in ("client", "login")}
    row |= {"uuid": str(uuid.uuid4()), "event": entry.event.value, "level": entry.level.value}
    row["details"] = entry.details[:DETAILS_LENGTH_MAX]
    return row | {name: getattr(entry.client, name)[:TEXT_LENGTH_MAX] for name in CLIENT_FIELDS}


def _line_of(row: RowMapping) -> LogLine:
    return LogLine(
        uuid=row["uuid"], at=row["at"], event=LogEvent(row["event"]), level=LogLevel(row["level"]), details=row["details"],
        account_uuid=row["account_uuid"], email=row["email"], trading_account_uuid=row["trading_account_uuid"] or "",
        login=row["login"] or 0, platform_uuid=row["platform_uuid"], symbol=row["symbol"], ticket=row["ticket"],
        client=Client(**{name: row[name] for name in CLIENT_FIELDS}),
    )  # fmt: skip


def _conditions(wanted: LogFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.events:
        where.append(logs.c.event.in_(sorted(wanted.events)))
    if wanted.levels:
        where.append(logs.c.level.in_(sorted(wanted.levels)))
    if wanted.platforms is not None:
        where.append(logs.c.platform_uuid.in_(["", *sorted(wanted.platforms)]))
    if wanted.since is not None:
        where.append(logs.c.at >= wanted.since)
    if wanted.until is not None:
        where.append(logs.c.at < wanted.until)
    for name in CLIENT_FIELDS:
        if looked_for := getattr(wanted.client, name):
            where.append(contains(logs.c[name], looked_for) if name in _PARTLY else logs.c[name] == looked_for)
    return where


def _named(connection: Connection, organization_id: int, wanted: LogFilter) -> list[ColumnElement[bool]] | None:
    """Return the conditions on who and what is named; None: there is no such, and so nothing to read."""
    where: list[ColumnElement[bool]] = []
    if wanted.account_uuid or wanted.email:
        query = select(accounts.c.id).join(clients, clients.c.id == accounts.c.id)
        query = query.where(accounts.c.organization_id == organization_id)
        if wanted.account_uuid:
            query = query.where(accounts.c.uuid == wanted.account_uuid)
        if wanted.email:
            query = query.where(clients.c.company_id == organization_id, clients.c.login_key == login_key_of(wanted.email))
        owner_id = connection.execute(query).scalar()
        if owner_id is None:
            return None
        where.append(logs.c.account_id == owner_id)
    if wanted.trading_account_uuid or wanted.login:
        query = select(trading_accounts.c.id).where(trading_accounts.c.organization_id == organization_id)
        if wanted.trading_account_uuid:
            query = query.where(trading_accounts.c.uuid == wanted.trading_account_uuid)
        if wanted.login:
            query = query.where(trading_accounts.c.login == wanted.login)
        numbers = connection.execute(query).scalars().all()
        if not numbers:
            return None
        where.append(logs.c.trading_account_id.in_(numbers))
    return where


# What happens on a trade platform.


class Listener:
    """Writes down what happens on trade platforms."""

    def __init__(self, following: Following) -> None:
        for kind in (
            OrderPlaced, OrderModified, OrderRemoved, Dealt, PositionModified, MarginCalled, StoppedOut, BalanceBooked,
            AccountChanged,
        ):  # fmt: skip
            following.on(kind, self.hear)

    def hear(self, connection: Connection, heard: Heard) -> None:
        found = heard.trading_account
        entry = LogEntry(
            at=heard.at, organization_id=found.organization_id, account_id=found.account_id,
            trading_account_id=found.id, platform_uuid=heard.platform_uuid, **_said_of(heard),
        )  # fmt: skip
        connection.execute(insert(logs).values(_row_of(entry)))


def _said_of(heard: Heard) -> dict[str, Any]:
    """Return event, level, details, symbol and ticket of what happened. Prices are the histories' to tell."""
    match event := heard.event:
        case OrderPlaced():
            return _of(LogEvent.ORDER_PLACED, event.symbol, event.ticket, _lots(event.side, event.volume), event.type.name)
        case OrderModified():
            return _of(LogEvent.ORDER_CHANGED, event.symbol, event.ticket, event.type.name)
        case OrderRemoved():
            return _of(LogEvent.ORDER_REMOVED, event.symbol, event.ticket, event.removal.name, event.detail)
        case Dealt():
            kind = LogEvent.DEAL_IN if event.entry == Entry.IN else LogEvent.DEAL_OUT
            return _of(kind, event.symbol, event.position, _lots(event.side, event.volume), event.reason.name)
        case PositionModified():
            return _of(LogEvent.STOPS_CHANGED, event.symbol, event.ticket)
        case MarginCalled():
            return _of(LogEvent.MARGIN_CALL, event.symbol, 0) | {"level": LogLevel.WARN}
        case StoppedOut():
            return _of(LogEvent.STOP_OUT, event.symbol, 0, event.rule) | {"level": LogLevel.WARN}
        case BalanceBooked():
            return _of(LogEvent.BALANCE, "", 0, event.kind.name, event.comment)
        case AccountChanged():
            return _of(LogEvent.ACCOUNT_CHANGED, "", 0, event.group, f"1:{event.leverage}", event.access.name)
        case _:
            raise AssertionError(f"{type(event).__name__} is not listened to")


def _of(event: LogEvent, symbol: str, ticket: Ticket, *details: str) -> dict[str, Any]:
    return {"event": event, "symbol": symbol, "ticket": ticket, "details": " ".join(part for part in details if part)}


def _lots(side: Side, volume: Volume) -> str:
    return f"{side.name} {format_decimal(volume, VOLUME_DIGITS).rstrip('0').rstrip('.')}"
