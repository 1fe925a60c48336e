"""`platform list`, `add`, `adopt`, `test`, `archive`."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from prorata.app.commands.common import BadUsage, NotThere, say, settings_of
from prorata.app.commands.control import note
from prorata.app.exit_codes import NOT_SOUND
from prorata.app.hosted import host_of
from prorata.app.opening import opened_control
from prorata.app.settings import ServerSettings
from prorata.control.organizations.tables import organizations
from prorata.control.platforms.addresses import API_PORT, address_of
from prorata.control.platforms.probing import Probed, Prober
from prorata.control.platforms.records import ApiAccess, Hosting, PlatformKind, PlatformRecord
from prorata.control.platforms.registry import EngineTaken, PlatformInUse, TooManyPlatforms
from prorata.control.store import Control
from prorata.control.webhooks.targets import Allowed, BadTarget
from prorata.units.numbers import Moment

ANYWHERE = Allowed(private=True)
"""Whoever is at the console reaches the house's networks anyway."""


class PlatformShown(msgspec.Struct, frozen=True, kw_only=True):
    """A platform as the console shows it."""

    uuid: str
    organization: str
    name: str
    kind: str
    engine: str
    address: str
    problem: str
    created_at: Moment
    archived_at: Moment
    archive: str


class ProbedPlatform(msgspec.Struct, frozen=True, kw_only=True):
    """`api`, `database` null: nothing was said of it, and nothing tested."""

    ok: bool
    api: Probed | None
    database: Probed | None


class PlatformWish(msgspec.Struct, frozen=True, kw_only=True):
    """A platform as it is asked for."""

    name: str
    organization: str
    kind: str
    feed: str
    seed: int
    rate: int
    speed: int
    begin_with: str
    address: str
    certificate: str
    login: str
    password_file: Path | None


def show(file: Path | None, data: Path | None, organization: str, archived: bool, as_json: bool) -> None:
    with opened_control(settings_of(file, data)) as control:
        wanted = _organization(control, organization) if organization else None
        listed = [
            _shown(control, record)
            for record in control.platforms.all()
            if (archived or not record.archived_at) and wanted in (None, record.organization_id)
        ]
    if as_json:
        say(listed, as_json=True, words="")
        return
    table = Table("uuid", "name", "kind", "journal", "address", "made", "state")
    for one in listed:
        state = f"archived {_day(one.archived_at)}" if one.archived_at else one.problem or "good"
        table.add_row(one.uuid, one.name, one.kind, one.engine, one.address, _day(one.created_at), state)
    Console().print(table)


def add(file: Path | None, data: Path | None, wish: PlatformWish, as_json: bool) -> None:
    """Add a platform; one with an address gets the manager's login as well."""
    settings = settings_of(file, data)
    kind = _kind(wish.kind)
    with opened_control(settings) as control:
        organization = _organization(control, wish.organization)
        api, password = _api(wish, kind)
        try:
            if kind == PlatformKind.PRORATA:
                terms, host = settings.hosting.terms, host_of(settings)
                record = control.platforms.add_hosted(organization, wish.name, _hosting(wish), host=host, terms=terms)
            else:
                record = control.platforms.add_foreign(organization, wish.name, kind)
        except TooManyPlatforms as problem:
            raise BadUsage(str(problem)) from None
        if api is not None:
            record = control.platforms.set_api(record, api, password)
        shown = _shown(control, record)
        note(control, 0, "platform add", **msgspec.to_builtins(shown))
    say(shown, as_json=as_json, words=shown.uuid)


def adopt(file: Path | None, data: Path | None, engine: str, organization: str, name: str, as_json: bool) -> None:
    settings = settings_of(file, data)
    if engine not in settings.platforms:
        raise BadUsage(f"there is no platform {engine}; the settings have: {', '.join(settings.platforms)}")
    with opened_control(settings) as control:
        try:
            record = control.platforms.adopt(
                _organization(control, organization), name or engine, engine, host=host_of(settings)
            )
        except EngineTaken:
            raise BadUsage(f"{engine} belongs to an organization already; `prorata platform list` shows to which") from None
        shown = _shown(control, record)
        note(control, 0, "platform adopt", **msgspec.to_builtins(shown))
    say(shown, as_json=as_json, words=shown.uuid)


def probe(file: Path | None, data: Path | None, platform: str, as_json: bool) -> None:
    """Test what is known of a platform."""
    settings = settings_of(file, data)
    with opened_control(settings) as control:
        record = _platform(control, platform)
        result = asyncio.run(_probe(settings, control, record))
    if result.api is None and result.database is None:
        raise BadUsage("nothing is known of it that could be tested: no manager's login, no report database")
    tested = (("api", result.api), ("database", result.database))
    lines = [_told(name, part) for name, part in tested if part is not None]
    say(result, as_json=as_json, words="\n".join(lines))
    if not result.ok:
        raise typer.Exit(NOT_SOUND)


async def _probe(settings: ServerSettings, control: Control, record: PlatformRecord) -> ProbedPlatform:
    prober = Prober(msgspec.structs.replace(settings.connections.terms, private=True))
    api, database = control.platforms.manager_password(record), control.platforms.database_password(record)
    parts = [
        None if api is None else await prober.api(record, api),
        None if database is None else await prober.database(record, database),
    ]
    prober.close()
    return ProbedPlatform(ok=all(part.ok for part in parts if part is not None), api=parts[0], database=parts[1])


def archive(file: Path | None, data: Path | None, platform: str, as_json: bool) -> None:
    settings = settings_of(file, data)
    with opened_control(settings) as control:
        record = _platform(control, platform)
        if record.is_hosted and record.hosting is None and record.engine in settings.platforms:
            raise BadUsage(f"{record.engine} is in the settings, which run it; take it out there first")
        try:
            shown = _shown(control, control.platforms.archive(record))
        except PlatformInUse as problem:
            raise BadUsage(str(problem)) from None
        note(control, 0, "platform archive", **msgspec.to_builtins(shown))
    say(shown, as_json=as_json, words=f"{shown.name} was removed")


def _organization(control: Control, uuid: str) -> int:
    with control.database.reading() as connection:
        query = select(organizations.c.id).where(organizations.c.uuid == uuid, organizations.c.closed_at == 0)
        found: int | None = connection.execute(query).scalar()
    if found is None:
        raise NotThere(f"there is no organization {uuid}")
    return found


def _platform(control: Control, uuid: str) -> PlatformRecord:
    found = control.platforms.by_uuid.get(uuid)
    if found is None or found.archived_at:
        raise NotThere(f"there is no platform {uuid}; `prorata platform list` shows them")
    return found


def _kind(text: str) -> PlatformKind:
    try:
        return PlatformKind(text)
    except ValueError:
        raise BadUsage(f"--kind: expected {', '.join(PlatformKind)}") from None


def _hosting(wish: PlatformWish) -> Hosting:
    values: dict[str, Any] = {name: getattr(wish, name) for name in Hosting.__struct_fields__}
    try:
        return msgspec.convert(values, Hosting)
    except msgspec.ValidationError as problem:
        raise BadUsage(str(problem)) from None


def _api(wish: PlatformWish, kind: PlatformKind) -> tuple[ApiAccess | None, str]:
    if not wish.address:
        return None, ""
    if kind == PlatformKind.PRORATA:
        raise BadUsage("--address: a platform that is hosted here has none")
    if wish.password_file is None:
        raise BadUsage("--password-file: an address needs the manager's login and password")
    try:
        address = address_of(wish.address, API_PORT, ANYWHERE)
    except BadTarget as problem:
        raise BadUsage(f"--address: {problem}") from None
    text = sys.stdin.read() if str(wish.password_file) == "-" else wish.password_file.read_text(encoding="utf-8")
    return ApiAccess(address=str(address), login=wish.login, certificate=wish.certificate), text.rstrip("\r\n")


def _shown(control: Control, record: PlatformRecord) -> PlatformShown:
    with control.database.reading() as connection:
        organization = connection.execute(
            select(organizations.c.uuid).where(organizations.c.id == record.organization_id)
        ).scalar_one()
    values = {name: getattr(record, name) for name in PlatformShown.__struct_fields__ if name not in ("organization", "kind")}
    return PlatformShown(organization=organization, kind=record.kind.value, **values)


def _told(name: str, probed: Probed) -> str:
    lines = [f"{name}: {'good' if probed.ok else 'not good'}, {probed.milliseconds} ms"]
    lines += [f"  {'+' if check.ok else '-'} {check.name}: {check.detail}" for check in probed.checks]
    return "\n".join(lines)


def _day(moment: Moment) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d")
