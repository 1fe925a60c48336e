"""Statements: kept as data, and rendered when they are asked for.

A trading day has ended when the first account of ours says so (`hear`). Then there is a run for it, which waits until the
platform's history has the day; each account with activity or open positions gets its statement, and after the last day of
a month each account that has anything gets that of the month. Begun again after a crash, a run makes what is missing.

A statement whose sums do not agree is kept, is told of in the log, and is sent to nobody (`figures.differences_in`).
"""

import uuid
from collections.abc import Collection
from enum import StrEnum
from typing import Any, Protocol

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, insert, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.mail.delivery import Attachment
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.tables import organizations
from prorata.control.paging import Slice
from prorata.control.platforms.tables import platforms
from prorata.control.tables import clients
from prorata.crm.following import Heard
from prorata.crm.holding import hold_people
from prorata.crm.letters.kinds import LetterKind, Money, Value
from prorata.crm.letters.letters import Letters
from prorata.crm.letters.mailing import settings_in
from prorata.crm.letters.statements.figures import Period, Statement, differences_in
from prorata.crm.letters.statements.making import Book, Holder, day_end, make, month_of
from prorata.crm.letters.statements.page import html_of
from prorata.crm.letters.statements.printing import Printer, print_here
from prorata.crm.letters.statements.sheet import sheet_of
from prorata.crm.letters.statements.table import csv_of
from prorata.crm.letters.tables import letter_settings, statement_runs, statements
from prorata.crm.letters.tongues import PLAIN, Tongue, tongue_of
from prorata.crm.listing import Listing
from prorata.crm.tables import accounts, offers, trading_accounts
from prorata.crm.trading import LOGIN_FIRST
from prorata.messages.events import DayClosed
from prorata.messages.refusals import Refusal
from prorata.projections.account_days import AccountDays
from prorata.storage.database import insert_into
from prorata.units.numbers import MINUTE_MS, Login, Moment

QUOTES_WAIT_MS = MINUTE_MS
"""So long quotes are waited for that were not stored when the day's deals were. Then positions are not valued one by one."""
DAYS_MADE_UP = 31
"""Days without anything on any account, after which a day is heard of again, that are looked at all the same."""
RUNS_MAX = 1_000
"""that are looked at; those of platforms that do not run here keep nobody else waiting"""
AT_ONCE = 500
PROBLEM_LENGTH_MAX = 1_000
CREATED = "created"

_log = structlog.get_logger("letters")


class Histories(Protocol):
    """The trade platforms whose history this process reads."""

    def book(self, platform_uuid: str) -> Book | None:
        """Return a platform; None: it does not run here now."""


class Form(StrEnum):
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"


FORMS = {Form.HTML: "text/html; charset=utf-8", Form.PDF: "application/pdf", Form.CSV: "text/csv; charset=utf-8"}


class KeptStatement(msgspec.Struct, frozen=True, kw_only=True):
    """`problem`: which sums do not agree, "" if all do. `days`: as `first_day` to `last_day`, counted from 1970-01-01."""

    id: int
    uuid: str
    account_id: int
    account_uuid: str
    trading_account_id: int
    platform_uuid: str
    login: Login
    period: Period
    first_day: int
    last_day: int
    differences: int
    problem: str
    created_at: Moment


class StatementFilter(msgspec.Struct, frozen=True, kw_only=True):
    """`differing`: only those that do not agree, or only those that do."""

    account_id: int | None = None
    trading_account_id: int | None = None
    period: Period | None = None
    differing: bool | None = None
    platforms: frozenset[str] | None = None


_JOINED = statements.join(accounts, accounts.c.id == statements.c.account_id).join(
    trading_accounts, trading_accounts.c.id == statements.c.trading_account_id
)
_READ: Select[Any] = select(
    *(column for column in statements.c if column.name != "figures"), accounts.c.uuid.label("account_uuid"),
    trading_accounts.c.platform_uuid, trading_accounts.c.login,
).select_from(_JOINED)  # fmt: skip
ORDERS = {CREATED: statements.c.id, "day": statements.c.last_day}
_LISTING = Listing(table=statements, joined=_JOINED, read=_READ, orders=ORDERS, client=statements.c.account_id)
_HOLDERS = select(
    trading_accounts, offers.c.name.label("offer"), offers.c.currency, offers.c.demo, clients.c.email, clients.c.first_name,
    clients.c.last_name, accounts.c.locale, organizations.c.name.label("broker"), platforms.c.name.label("platform"),
).select_from(
    trading_accounts.join(offers, offers.c.id == trading_accounts.c.offer_id)
    .join(accounts, accounts.c.id == trading_accounts.c.account_id)
    .join(clients, clients.c.id == accounts.c.id)
    .join(organizations, organizations.c.id == trading_accounts.c.organization_id)
    .join(platforms, platforms.c.uuid == trading_accounts.c.platform_uuid)
)  # fmt: skip
_LETTERS = {Period.DAY: LetterKind.DAILY_STATEMENT, Period.MONTH: LetterKind.MONTHLY_STATEMENT}


class Statements:
    """Blocks on the databases. `stopping`: a run under way ends with the statement that it is at. `printer`: makes PDFs."""

    def __init__(
        self, database: Database, letters: Letters, histories: Histories, *, printer: Printer = print_here
    ) -> None:  # fmt: skip
        self._database = database
        self._letters = letters
        self._histories = histories
        self._printer = printer
        self.stopping = False
        letters.attached["statement"] = self._attachments

    # A day has ended.

    def hear(self, connection: Connection, heard: Heard) -> None:
        """Have the statements of a day made: the first account that its platform closes it for says that it is over."""
        event = heard.event
        assert isinstance(event, DayClosed)
        here = statement_runs.c.platform_uuid == heard.platform_uuid
        newest = connection.execute(select(func.max(statement_runs.c.day)).where(here)).scalar()
        if newest is not None and newest >= event.day:
            return
        first = event.day if newest is None else max(newest + 1, event.day - DAYS_MADE_UP)
        rows = [
            {
                "organization_id": heard.trading_account.organization_id, "platform_uuid": heard.platform_uuid, "day": day,
                "sequence": heard.sequence, "at": heard.at, "done_at": 0,
            }
            for day in range(first, event.day + 1)
        ]  # fmt: skip
        connection.execute(insert(statement_runs), rows)

    def make_due(self) -> int:
        """Make the statements of days that have ended and that the histories have; return of how many days."""
        query = select(statement_runs).where(statement_runs.c.done_at == 0).order_by(statement_runs.c.day, statement_runs.c.id)
        with self._database.reading() as connection:
            waiting = connection.execute(query.limit(RUNS_MAX)).mappings().all()
        return sum(self._make_day(run) for run in waiting)

    def _make_day(self, run: RowMapping) -> bool:
        book = self._histories.book(run["platform_uuid"])
        if book is None or not self._has_caught_up(book, run):
            return False
        day, rollover = run["day"], book.desk.state.rollover_ms
        days = AccountDays(book.history)
        until = max(run["at"], day_end(day, rollover))
        busy = days.busy(day, day_end(day - 1, rollover), until, LOGIN_FIRST)
        self._make_all(book, run, Period.DAY, busy)
        first, last = month_of(day)
        if day == last:
            since = day_end(first - 1, rollover)
            everybody = days.busy(day, since, until, LOGIN_FIRST) | days.standing(day, LOGIN_FIRST)
            self._make_all(book, run, Period.MONTH, everybody)
        if self.stopping:
            return False
        with self._database.writing() as connection:
            done = {"done_at": self._database.now()}
            connection.execute(update(statement_runs).where(statement_runs.c.id == run["id"]).values(done))
        return True

    def _has_caught_up(self, book: Book, run: RowMapping) -> bool:
        with book.history.reading() as connection:
            if book.history.mark(connection).sequence < run["sequence"]:
                return False
        if self._database.now() - run["at"] > QUOTES_WAIT_MS:
            return True
        return book.quotes.position() >= AccountDays(book.history).batch_of(run["sequence"])

    def _make_all(self, book: Book, run: RowMapping, period: Period, logins: Collection[Login]) -> None:
        wanted = sorted(logins)
        here = (trading_accounts.c.platform_uuid == run["platform_uuid"]) & (trading_accounts.c.deleted_at == 0)
        made = (statements.c.period == period.value) & (statements.c.last_day == run["day"])
        missing = trading_accounts.c.id.not_in(select(statements.c.trading_account_id).where(made))
        for place in range(0, len(wanted), AT_ONCE):
            some = trading_accounts.c.login.in_(wanted[place : place + AT_ONCE])
            with self._database.reading() as connection:
                owners = connection.execute(_HOLDERS.where(here, some, missing)).mappings().all()
            for owner in owners:
                if self.stopping:
                    return
                self._make_one(book, owner, period, run["day"])

    def _make_one(self, book: Book, owner: RowMapping, period: Period, day: int) -> None:
        try:
            found = make(book, _holder_of(owner), period, day)
        except Exception:
            _log.exception("a statement could not be made", login=owner["login"], day=day)
            self._keep(owner, period, day, None, mail=False)
            return
        if not found.is_empty or period is Period.MONTH:
            self._keep(owner, period, day, found, mail=not owner["demo"])

    def _keep(self, owner: RowMapping, period: Period, day: int, made: Statement | None, *, mail: bool) -> None:
        """Keep a statement of somebody who is here; None: it could not be made. `mail`: the first that agrees is sent."""
        wrong = ["it could not be made: the log says why"] if made is None else differences_in(made)
        first = day if period is Period.DAY else month_of(day)[0]
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": owner["organization_id"], "account_id": owner["account_id"],
            "trading_account_id": owner["id"], "period": period.value, "first_day": first, "last_day": day,
            "name": "" if made is None else made.name, "figures": _figures_of(made), "differences": len(wrong),
            "problem": "; ".join(wrong)[:PROBLEM_LENGTH_MAX], "created_at": self._database.now(),
        }  # fmt: skip
        if wrong:
            _log.error("a statement does not agree", login=owner["login"], day=day, period=period, problem=row["problem"])
        again = {name: row[name] for name in ("name", "figures", "differences", "problem", "created_at")}
        key = [statements.c.trading_account_id, statements.c.period, statements.c.last_day]
        with self._database.writing() as connection:
            if not hold_people(connection, [owner["account_id"]]):
                return
            upsert = (
                insert_into(connection.dialect, statements).values(row).on_conflict_do_update(index_elements=key, set_=again)
            )
            number = connection.execute(upsert.returning(statements.c.uuid)).scalar_one()
            if mail and made is not None and not wrong and self._is_sent(connection, owner["organization_id"], period):
                self._write(connection, owner, period, made, number)

    def _is_sent(self, connection: Connection, organization_id: int, period: Period) -> bool:
        settings = settings_in(connection, organization_id)
        return settings.daily_statements if period is Period.DAY else settings.monthly_statements

    def _write(self, connection: Connection, owner: RowMapping, period: Period, made: Statement, number: str) -> None:
        currency = made.currency
        values: dict[str, Value] = {
            "login": str(made.login), "opening": Money(made.opening.balance, currency),
            "closing": Money(made.closing.balance, currency), "equity": Money(made.closing.equity, currency),
            "day" if period is Period.DAY else "month": made.last_day,
        }  # fmt: skip
        self._letters.write(
            connection, owner["account_id"], _LETTERS[period], f"{owner['uuid']} {made.last_day}",
            attachment=f"statement {number}", **values,
        )  # fmt: skip

    # On demand.

    def find(self, organization_id: int, statement_uuid: str) -> KeptStatement:
        """Raises `NotFound`."""
        mine = (statements.c.organization_id == organization_id) & (statements.c.uuid == statement_uuid)
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(mine)).mappings().first()
        if row is None:
            raise NotFound
        return _kept_from(row)

    def search(self, organization_id: int, wanted: StatementFilter, part: Slice) -> tuple[list[KeptStatement], int]:
        """Return a part of the statements, and how many there are. `part.field`: as in `ORDERS`."""
        own: list[ColumnElement[bool]] = []
        if wanted.account_id is not None:
            own.append(statements.c.account_id == wanted.account_id)
        if wanted.trading_account_id is not None:
            own.append(statements.c.trading_account_id == wanted.trading_account_id)
        if wanted.period is not None:
            own.append(statements.c.period == wanted.period.value)
        if wanted.differing is not None:
            own.append(statements.c.differences > 0 if wanted.differing else statements.c.differences == 0)
        others = [] if wanted.platforms is None else [trading_accounts.c.platform_uuid.in_(sorted(wanted.platforms))]
        with self._database.reading() as connection:
            rows, total = _LISTING.part(connection, organization_id, own, others, part)
        return [_kept_from(row) for row in rows], total

    def make_now(self, organization_id: int, trading_account_id: int, period: Period, day: int) -> KeptStatement:
        """Return the statement of a day, or of the month that it is in; one that did not agree is made anew.

        It is not sent. Raises `Declined`: the period has not ended, or the history is not there yet; `NotFound`.
        """
        last = day if period is Period.DAY else month_of(day)[1]
        mine = (trading_accounts.c.id == trading_account_id) & (trading_accounts.c.organization_id == organization_id)
        with self._database.reading() as connection:
            owner = connection.execute(_HOLDERS.where(mine, trading_accounts.c.deleted_at == 0)).mappings().first()
            if owner is None:
                raise NotFound
            row = self._kept(connection, trading_account_id, period, last)
        if row is not None and not row["differences"]:
            return _kept_from(row)
        book = self._histories.book(owner["platform_uuid"])
        if book is None:
            raise Declined(Refusal.STATEMENT_NOT_READY, "the trade platform does not answer")
        if book.desk.state.day is None or book.desk.state.day < last:
            raise Declined(Refusal.STATEMENT_NOT_READY, "its last day has not ended")
        with book.history.reading() as connection:
            if book.history.mark(connection).at < day_end(last, book.desk.state.rollover_ms):
                raise Declined(Refusal.STATEMENT_NOT_READY, "the history does not have its last day yet")
        self._keep(owner, period, last, make(book, _holder_of(owner), period, last), mail=False)
        with self._database.reading() as connection:
            row = self._kept(connection, trading_account_id, period, last)
        if row is None:
            raise NotFound
        return _kept_from(row)

    def _kept(self, connection: Connection, trading_account_id: int, period: Period, last_day: int) -> RowMapping | None:
        mine = (statements.c.trading_account_id == trading_account_id) & (statements.c.period == period.value)
        return connection.execute(_READ.where(mine, statements.c.last_day == last_day)).mappings().first()

    def figures(self, kept: KeptStatement) -> Statement:
        """Raises `Declined`: it could not be made."""
        with self._database.reading() as connection:
            row = connection.execute(select(statements.c.figures, statements.c.name).where(statements.c.id == kept.id)).one()
        if not row.figures:
            raise Declined(Refusal.STATEMENT_NOT_READY, kept.problem)
        return msgspec.structs.replace(msgspec.json.decode(row.figures, type=Statement), name=row.name)

    def rendered(self, kept: KeptStatement, form: Form, language: str = "") -> tuple[str, bytes]:
        """Return name and content of a statement as a file. `language` "": that of the person."""
        statement = self.figures(kept)
        tongue = self._tongue_of(kept, language)
        days = PLAIN.day(statement.last_day)
        name = f"statement-{statement.login}-{days if statement.period is Period.DAY else days[:7]}.{form}"
        if form is Form.CSV:
            return name, csv_of(sheet_of(statement, PLAIN)).encode()
        sheet = sheet_of(statement, tongue)
        return name, self._printer(sheet, statement.until) if form is Form.PDF else html_of(sheet).encode()

    def _tongue_of(self, kept: KeptStatement, language: str) -> Tongue:
        joined = accounts.outerjoin(letter_settings, letter_settings.c.organization_id == accounts.c.organization_id)
        query = select(accounts.c.locale, letter_settings.c.language).select_from(joined)
        with self._database.reading() as connection:
            row = connection.execute(query.where(accounts.c.id == kept.account_id)).one()
        return tongue_of(language, row.locale, row.language or "")

    def _attachments(self, statement_uuid: str) -> list[Attachment]:
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(statements.c.uuid == statement_uuid)).mappings().one()
        name, content = self.rendered(_kept_from(row), Form.PDF)
        return [Attachment(name, FORMS[Form.PDF], content)]


def _figures_of(made: Statement | None) -> str:
    """Return what is kept of a statement. Its person is named beside it, so that he can be forgotten."""
    return "" if made is None else msgspec.json.encode(msgspec.structs.replace(made, name="")).decode()


def _holder_of(owner: RowMapping) -> Holder:
    name = f"{owner['first_name']} {owner['last_name']}".strip()
    same = ("broker", "platform", "login", "offer", "currency", "demo")
    return Holder(name=name, **{field: owner[field] for field in same})


def _kept_from(row: RowMapping) -> KeptStatement:
    same = {name: row[name] for name in KeptStatement.__struct_fields__ if name != "period"}
    return KeptStatement(**same, period=Period(row["period"]))
