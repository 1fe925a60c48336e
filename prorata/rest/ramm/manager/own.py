"""A manager's own affairs: profile, settings that his program keeps, password."""

from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.control.columns import NAME_LENGTH_MAX
from prorata.control.manager_rows import Candidate, Manager
from prorata.control.managers import NotTheCompanys
from prorata.control.sessions import Kind
from prorata.control.user_settings import KEYS_MAX, TooManySettings
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, invalid_status
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.signing_in import PasswordText, begin_attempt, check_new_password, end_attempt, proved
from prorata.rest.ramm.values import NO_ZERO, Text
from prorata.views.bodies import NO_CONTROLS

SettingsText = Annotated[str, Meta(max_length=262_144, pattern=NO_ZERO)]
SettingsKeyText = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=NO_CONTROLS)]


class Profile(msgspec.Struct, frozen=True):
    ID: int
    Login: str
    FirstName: str
    LastName: str
    Mobile: str


class ProfileChange(Input, frozen=True, kw_only=True):
    FirstName: Text | None = None
    LastName: Text | None = None
    Mobile: Text | None = None


class Setting(Input, frozen=True, kw_only=True):
    """Without `Settings` the key is forgotten."""

    SettingsKey: SettingsKeyText
    Settings: SettingsText | None = None


class SettingOfKey(Input, frozen=True, kw_only=True):
    SettingsKey: SettingsKeyText


class PasswordChange(Input, frozen=True, kw_only=True):
    OldPassword: PasswordText
    Password: PasswordText


@MANAGER.method("profile.get", reads=True, own=True)
async def profile_get(call: Call) -> Profile:
    """One's own profile."""
    manager = await _self(call)
    return Profile(manager.id, manager.login, manager.first_name, manager.last_name, manager.mobile)


@MANAGER.method("profile.set", own=True)
async def profile_set(call: Call, given: ProfileChange) -> None:
    """Change one's own profile."""
    wished = {"first_name": given.FirstName, "last_name": given.LastName, "mobile": given.Mobile}
    changes = {name: value for name, value in wished.items() if value is not None}
    await call.sql(call.control.managers.set_own, call.company.id, call.manager.person_id, **changes)


@MANAGER.method("settings.get", reads=True, own=True)
async def settings_get(call: Call, given: SettingOfKey) -> str:
    """The text that was kept under a key; empty if there is none."""
    return await call.sql(call.control.settings.get, call.manager.person_id, given.SettingsKey) or ""


@MANAGER.method("settings.set", own=True)
async def settings_set(call: Call, given: Setting) -> None:
    """Keep a text under a key, or forget the key."""
    try:
        await call.sql(call.control.settings.set, call.manager.person_id, given.SettingsKey, given.Settings)
    except TooManySettings:
        raise invalid_status(f"A manager has at most {KEYS_MAX} settings") from None


@MANAGER.method("password.set", own=True)
async def password_set(call: Call, given: PasswordChange) -> None:
    """Change one's own password; all other sessions end. Whoever has proved an e-mail address does so at the workspace."""
    mine = call.manager
    await begin_attempt(call, Kind.MANAGER, mine.login)
    candidates = await call.sql(call.control.managers.candidates, mine.login)
    me = [candidate for candidate in candidates if candidate.manager.id == mine.person_id]
    await proved(call, me, given.OldPassword, _password)
    await end_attempt(call, Kind.MANAGER, mine.login)
    check_new_password(given.Password)
    try:
        await call.sql(call.control.managers.set_password, mine.person_id, given.Password)
    except NotTheCompanys:
        raise invalid_status("The password is that of an account of the workspace, and is changed there") from None
    await call.sql(call.control.sessions.end_all, Kind.MANAGER, mine.person_id, but=mine)


async def _self(call: Call) -> Manager:
    manager = await call.sql(call.control.managers.get, call.company.id, call.manager.person_id)
    if manager is None:
        raise Absent("Token")
    return manager


def _password(candidate: Candidate) -> str:
    return candidate.password
