"""What is sent to us and answered about an organization's trade platforms."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from prorata.access.callers import Scope
from prorata.access.keys import LABEL_LENGTH_MAX, Key
from prorata.control.columns import NAME_LENGTH_MAX
from prorata.control.platforms.hosting import Running, RunState
from prorata.control.platforms.probing import Probed
from prorata.control.platforms.reaching import Check
from prorata.control.platforms.records import Hosting, PlatformKind, PlatformRecord
from prorata.units.numbers import LOGIN_MAX
from prorata.views.bodies import NO_CONTROLS, Body, LoginNumber
from prorata.views.numbers import show_moment, show_moment_or_none

KEY_DAYS_MAX = 3_650

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=NO_CONTROLS, examples=["Live 1"])]
AddressText = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_CONTROLS, examples=["mt5.example.com:443"])]
DatabaseName = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS, examples=["mt5_reports"])]
DatabaseLogin = Annotated[str, Meta(min_length=1, max_length=80, pattern=NO_CONTROLS, examples=["reader"])]
ManagerLogin = Annotated[str, Meta(pattern=r"^[0-9]{1,20}\Z", examples=["1000"])]
Certificate = Annotated[
    str,
    Meta(pattern=r"^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}\Z", description="SHA-256 in hexadecimal", examples=["9f86d081" * 8]),
]
PasswordText = Annotated[str, Meta(min_length=1, max_length=128, examples=["correct horse battery"])]
KeyLabel = Annotated[str, Meta(max_length=LABEL_LENGTH_MAX, pattern=NO_CONTROLS, examples=["Reporting robot"])]


class NewPlatform(Body, frozen=True, kw_only=True):
    """`hosting`: of one that is hosted here (kind "prorata"), and of no other."""

    name: Name
    kind: PlatformKind
    hosting: Hosting | None = None


class PlatformChange(Body, frozen=True, kw_only=True):
    name: Name


class ApiSettings(Body, frozen=True, kw_only=True):
    """`password` null: the one that is kept, for the same address, login and certificate.

    `certificate`: the one that the server shows, if the world does not trust it.
    """

    address: AddressText
    login: ManagerLogin
    password: PasswordText | None = None
    certificate: Certificate | None = None


class DatabaseSettings(Body, frozen=True, kw_only=True):
    """`password` null: the one that is kept, for the same address, database and login."""

    address: Annotated[AddressText, Meta(examples=["reports.example.com:3306"])]
    name: DatabaseName
    login: DatabaseLogin
    password: PasswordText | None = None


class NewKey(Body, frozen=True, kw_only=True):
    """`logins` null: all accounts. `days` 0: it does not expire."""

    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=len(Scope))]
    logins: Annotated[tuple[LoginNumber, ...], Meta(min_length=1, max_length=1_000)] | None = None
    label: KeyLabel = ""
    days: Annotated[int, Meta(ge=0, le=KEY_DAYS_MAX)] = 0


class ApiView(msgspec.Struct, frozen=True, kw_only=True):
    """The password is never shown: only since when there is one."""

    address: str
    login: str
    certificate: str | None
    password_set_at: str


class DatabaseView(msgspec.Struct, frozen=True, kw_only=True):
    """The password is never shown: only since when there is one."""

    address: str
    name: str
    login: str
    password_set_at: str


class PlatformView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`, `problem`, `journal`, `hosting`: of one hosted here, else null. `hosting` null: as the settings file says.

    `api` and `database` are shown to those who manage platforms; null: not given.
    """

    uuid: str
    name: str
    kind: PlatformKind
    state: RunState | None
    problem: str | None
    journal: str | None
    hosting: Hosting | None
    api: ApiView | None
    database: DatabaseView | None
    created_at: str
    archived_at: str | None


class CheckView(msgspec.Struct, frozen=True):
    name: str
    ok: bool
    detail: str


class ProbedView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was looked at, in its order, up to the first that failed."""

    ok: bool
    milliseconds: int
    checks: tuple[CheckView, ...]


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    scopes: tuple[Scope, ...]
    logins: tuple[Annotated[int, Meta(ge=1, le=LOGIN_MAX)], ...] | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    used_at: str | None


class MadeKey(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is shown this once."""

    platform: str
    key: str


class Revoked(msgspec.Struct, frozen=True):
    id: str


def platform_view(record: PlatformRecord, running: Running | None, *, managed: bool) -> PlatformView:
    """Return a platform as it is shown; `managed`: to somebody who manages platforms."""
    return PlatformView(
        uuid=record.uuid,
        name=record.name,
        kind=record.kind,
        state=None if running is None else running.state,
        problem=None if running is None or not managed else running.problem or None,
        journal=record.engine or None,
        hosting=record.hosting,
        api=_api_view(record) if managed else None,
        database=_database_view(record) if managed else None,
        created_at=show_moment(record.created_at),
        archived_at=show_moment_or_none(record.archived_at),
    )


def _api_view(record: PlatformRecord) -> ApiView | None:
    if not record.manager_password_at:
        return None
    return ApiView(
        address=record.address, login=record.manager_login, certificate=record.certificate or None,
        password_set_at=show_moment(record.manager_password_at),
    )  # fmt: skip


def _database_view(record: PlatformRecord) -> DatabaseView | None:
    if not record.database_password_at:
        return None
    return DatabaseView(
        address=record.database_address, name=record.database_name, login=record.database_login,
        password_set_at=show_moment(record.database_password_at),
    )  # fmt: skip


def probed_view(probed: Probed) -> ProbedView:
    return ProbedView(ok=probed.ok, milliseconds=probed.milliseconds, checks=tuple(_check_view(one) for one in probed.checks))


def _check_view(check: Check) -> CheckView:
    return CheckView(check.name, check.ok, check.detail)


def key_view(key: Key) -> KeyView:
    return KeyView(
        id=key.id, label=key.label, scopes=key.scopes, logins=key.logins, created_at=show_moment(key.created_at),
        expires_at=show_moment_or_none(key.expires_at), revoked_at=show_moment_or_none(key.revoked_at),
        used_at=show_moment_or_none(key.used_at),
    )  # fmt: skip


def told(view: msgspec.Struct) -> dict[str, Any]:
    """Return a view as the audit keeps it."""
    built: dict[str, Any] = msgspec.to_builtins(view)
    return built
