"""The audit of an organization: who did what, from where, when, and what was before and after."""

import csv
import io
from collections.abc import Iterator
from enum import StrEnum
from typing import IO, Annotated, Any

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter
from litestar.response import Stream

from prorata.access.permissions import Permission
from prorata.control.audit import AuditFilter, AuditRow
from prorata.rest.own.paging import Cursor, Limit, Since, Until, cursor_of, place_of, read_bound
from prorata.rest.own.views import Page
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.organizations.files import CSV, JSON_LINES, file_answer
from prorata.rest.workspace.permitted import Granted, needs
from prorata.views.bodies import NO_CONTROLS
from prorata.views.numbers import show_moment

Actor = Annotated[str | None, QueryParameter(max_length=64, pattern=NO_CONTROLS, description="who did it, or a part of it")]
Method = Annotated[str | None, QueryParameter(max_length=64, pattern=NO_CONTROLS, description="what was done, or a part of it")]
Place = Annotated[str | None, QueryParameter(max_length=64, pattern=NO_CONTROLS, description="from where, or a part of it")]
Outcome = Annotated[str | None, QueryParameter(max_length=32, pattern=NO_CONTROLS, description='"ok" or a refusal')]
Text = Annotated[
    str | None, QueryParameter(max_length=128, pattern=NO_CONTROLS, description="inside the request, before or after")
]


class FileFormat(StrEnum):
    CSV = "csv"
    JSON_LINES = "jsonl"


Format = Annotated[FileFormat, QueryParameter(description="CSV, or JSON lines")]


class AuditView(msgspec.Struct, frozen=True, kw_only=True):
    """`request`, `before`, `after`: objects; null if there is none. `hash`: of this row and the hash of the one before it
    in the installation's chain, in hexadecimal."""

    number: int
    at: str
    actor: str
    method: str
    address: str
    outcome: str
    request: dict[str, Any] | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str


class OrganizationAudit(Controller):
    path = "/organizations/{organization:str}/audit"
    tags = ("Audit",)
    guards = (needs(Permission.AUDIT_READ),)

    @get("/", summary="Search the audit")
    async def search(
        self, call: AnyCall, caller: SignedIn, grant: Granted, actor: Actor = None,
        method: Method = None, address: Place = None, outcome: Outcome = None, text: Text = None, since: Since = None,
        until: Until = None, cursor: Cursor = None, limit: Limit = 100,
    ) -> Page[AuditView]:  # fmt: skip
        """Newest first. That it was read is in it, too."""
        call.tell_read()
        wanted = _filter_of(actor, method, address, outcome, text, since, until)
        (before,) = place_of(cursor, 1)
        rows = await call.sql(call.control.audit.search, grant.organization_id, wanted, before=before or None, limit=limit + 1)
        items = tuple(audit_view(row) for row in rows[:limit])
        return Page(items, cursor_of(items[-1].number) if len(rows) > limit else None)

    @get("/export", summary="Export the audit", opt={"media": (CSV, JSON_LINES)})
    async def export(
        self, call: AnyCall, caller: SignedIn, grant: Granted, format: Format = FileFormat.CSV,
        actor: Actor = None, method: Method = None, address: Place = None, outcome: Outcome = None, text: Text = None,
        since: Since = None, until: Until = None,
    ) -> Stream:  # fmt: skip
        """As CSV or JSON lines, oldest first."""
        call.tell_read()
        rows = call.control.audit.every(grant.organization_id, _filter_of(actor, method, address, outcome, text, since, until))
        write, media = _WRITERS[format]
        return await file_answer(lambda file: write(rows, file), name=f"audit.{format}", media=media)


def audit_view(row: AuditRow) -> AuditView:
    action = row.action
    return AuditView(
        number=row.number, at=show_moment(action.at), actor=action.actor, method=action.method, address=action.address,
        outcome=action.outcome, request=_object(action.request), before=_object(action.before),
        after=_object(action.after), hash=row.hash.hex(),
    )  # fmt: skip


def write_json_lines(rows: Iterator[AuditRow], file: IO[bytes]) -> None:
    for row in rows:
        file.write(msgspec.json.encode(audit_view(row)) + b"\n")


def write_csv(rows: Iterator[AuditRow], file: IO[bytes]) -> None:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    lines = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    table = csv.writer(lines)
    table.writerow(AuditView.__struct_fields__)
    for row in rows:
        action = row.action
        cells = (
            row.number, show_moment(action.at), action.actor, action.method, action.address, action.outcome, action.request,
            action.before, action.after, row.hash.hex(),
        )  # fmt: skip
        table.writerow([f"'{cell}" if str(cell).startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells])
    lines.detach()


_WRITERS = {FileFormat.CSV: (write_csv, CSV), FileFormat.JSON_LINES: (write_json_lines, JSON_LINES)}


def _filter_of(
    actor: str | None, method: str | None, address: str | None, outcome: str | None, text: str | None,
    since: str | None, until: str | None,
) -> AuditFilter:  # fmt: skip
    return AuditFilter(
        actor=actor, method=method, address=address, outcome=outcome, text=text, since=read_bound(since, "since"),
        until=read_bound(until, "until"),
    )  # fmt: skip


def _object(text: str) -> dict[str, Any] | None:
    return msgspec.json.decode(text, type=dict[str, Any]) if text else None
