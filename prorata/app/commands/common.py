"""What the commands share: settings, which platform, progress, and how failures are told."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from prorata.app import logs
from prorata.app.exit_codes import BAD_USAGE, NOT_SOUND, NOT_THERE
from prorata.app.failures import DataInUse, PlatformFailed
from prorata.app.hosted import settings_with
from prorata.app.opening import opened_control
from prorata.app.settings import BadSettings, ServerSettings, load
from prorata.control.tokens import KeyUnusable
from prorata.control.vault import RingUnusable, Unopenable
from prorata.server.machine import Diverged
from prorata.server.ports import JournalDamaged, JournalFailed, JournalFull
from prorata.storage.chain import JournalUnusable, StoredJournal
from prorata.storage.database import DatabaseUnusable
from prorata.storage.journals import open_journal


class BadUsage(Exception):
    """The command was asked for something that it cannot do."""


class NotThere(Exception):
    """Something that the command needs is not there."""


def told(problem: Exception) -> tuple[str, int] | None:
    """Return what to tell of a failure, and the exit code; None for what is a fault of the program."""
    from sqlalchemy.exc import OperationalError

    match problem:
        case BadSettings() | BadUsage() | DatabaseUnusable() | KeyUnusable() | RingUnusable():
            return str(problem), BAD_USAGE
        case NotThere() | DataInUse() | JournalUnusable() | JournalFailed() | JournalFull():
            return str(problem), NOT_THERE
        case OperationalError():
            # Its text holds the statement; the driver's own is what helps.
            return f"the database cannot be used: {problem.orig}", NOT_THERE
        case Unopenable():
            return f"{problem}: this secret is damaged, or its key is lost; store it anew", NOT_SOUND
        case JournalDamaged() | Diverged() | PlatformFailed():
            return str(problem), NOT_SOUND
        case _:
            return None


def settings_of(file: Path | None, data: Path | None = None, overrides: dict[str, Any] | None = None) -> ServerSettings:
    """Return the settings, and begin to log warnings."""
    settings = load(file, overrides={"data": data} | (overrides or {}) if data is not None else overrides)
    logs.set_up("warning")
    return settings


def chosen(settings: ServerSettings, name: str) -> tuple[ServerSettings, str]:
    """Return the platform that is meant, with the settings that have it: the named one, or the only one of the settings.

    `name` is as in the settings; one of an organization goes by its uuid or by its journal's name. Raises `BadUsage`.
    """
    names = ", ".join(settings.platforms)
    if name in settings.platforms:
        return settings, name
    if name:
        found = _of_organizations(settings, name)
        if found is None:
            raise BadUsage(f"there is no platform {name}; the settings have: {names}; `prorata platform list` shows the others")
        return found
    if len(settings.platforms) > 1:
        raise BadUsage(f"say which platform with --platform: {names}")
    return settings, next(iter(settings.platforms))


def _of_organizations(settings: ServerSettings, name: str) -> tuple[ServerSettings, str] | None:
    with opened_control(settings) as control:
        found = control.platforms.by_uuid.get(name) or control.platforms.of_engine(name)
    if found is None or not found.is_hosted or found.archived_at:
        return None
    if found.hosting is not None:
        return settings_with(settings, found), found.engine
    return (settings, found.engine) if found.engine in settings.platforms else None


@contextmanager
def journal_at(settings: ServerSettings, name: str) -> Iterator[StoredJournal]:
    """Open the journal for reading; a server may be writing it meanwhile."""
    journal = open_journal(settings.journal_url(name), name)
    try:
        yield journal
    finally:
        journal.close()


@contextmanager
def progress(*, hidden: bool) -> Iterator[Progress]:
    """Show progress on standard error, if that is a terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as shown:
        yield shown


def say(result: Any, *, as_json: bool, words: str) -> None:
    """Print a result: `words` for people, `result` for programs."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    else:
        sys.stdout.write(words + "\n")
