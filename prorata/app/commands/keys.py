"""`keys add`, `keys list`, `keys revoke`."""

import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from prorata.access.callers import Scope
from prorata.access.keys import Key, KeyStore, UnknownKey
from prorata.app.commands.common import BadUsage, NotThere, chosen, say, settings_of
from prorata.app.settings import ServerSettings
from prorata.units.numbers import DAY_MS, Moment


class Made(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    key: str


def _store(settings: ServerSettings) -> KeyStore:
    settings.data.mkdir(parents=True, exist_ok=True)
    return KeyStore(settings.keys_url())


def add(
    file: Path | None,
    data: Path | None,
    platform: str,
    scopes: list[str],
    logins: list[int] | None,
    label: str,
    days: int,
    as_json: bool,
) -> None:
    settings, name = chosen(settings_of(file, data), platform)
    unknown = sorted(set(scopes) - {scope.value for scope in Scope})
    if unknown:
        raise BadUsage(f"there is no scope {unknown[0]}: read, trade, dealer or admin")
    expires_at = time.time_ns() // 1_000_000 + days * DAY_MS if days else 0
    keys = _store(settings)
    try:
        token = keys.create(name, [Scope(scope) for scope in scopes], logins=logins or None, label=label, expires_at=expires_at)
    except ValueError as problem:
        raise BadUsage(str(problem)) from None
    finally:
        keys.close()
    say(Made(platform=name, key=token), as_json=as_json, words=token)


def show(file: Path | None, data: Path | None, platform: str, as_json: bool) -> None:
    settings = settings_of(file, data)
    keys = _store(settings)
    listed = keys.list(platform or None)
    keys.close()
    if as_json:
        say(listed, as_json=True, words="")
        return
    table = Table("id", "platform", "scopes", "accounts", "label", "made", "state")
    for key in listed:
        accounts = "all" if key.logins is None else " ".join(map(str, key.logins))
        table.add_row(key.id, key.platform, " ".join(key.scopes), accounts, key.label, _day(key.created_at), _state(key))
    Console().print(table)


def revoke(file: Path | None, data: Path | None, key_id: str) -> None:
    settings = settings_of(file, data)
    keys = _store(settings)
    try:
        keys.revoke(key_id)
    except UnknownKey:
        raise NotThere(f"there is no key {key_id}; `prorata keys list` shows them") from None
    finally:
        keys.close()


def _state(key: Key) -> str:
    if key.revoked_at:
        return f"revoked {_day(key.revoked_at)}"
    if key.expires_at and key.expires_at <= time.time_ns() // 1_000_000:
        return f"expired {_day(key.expires_at)}"
    return "good"


def _day(moment: Moment) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d")
