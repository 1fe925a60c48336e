"""What a token is for, and what that leaves of a grant."""

from collections.abc import Collection
from enum import StrEnum

import msgspec

from prorata.access.permissions import Grant, Permission


class TokenScope(StrEnum):
    """The scopes that may be asked for."""

    OPENID = "openid"
    PROFILE = "profile"
    EMAIL = "email"
    OFFLINE_ACCESS = "offline_access"
    ROLES = "roles"
    WEBAPI = "webapi"
    WEBAPI_READ = "webapi.read"
    WEBAPI_WRITE = "webapi.write"
    API = "api"


class Surface(StrEnum):
    """What access tokens are for (their audience)."""

    WEBAPI = "webapi"
    API = "api"


SCOPES = frozenset(TokenScope)
_WEBAPI = frozenset({TokenScope.WEBAPI, TokenScope.WEBAPI_READ, TokenScope.WEBAPI_WRITE})
PROGRAM_SCOPES = _WEBAPI | {TokenScope.API}
"""What a program may ask for in its own name; the others are about a person."""
READING = frozenset(permission for permission in Permission if permission.value.endswith(".read"))


class UnknownScope(Exception):
    """One of the scopes is none, or not for whoever asks."""


def scopes_in(text: str, allowed: frozenset[TokenScope] = SCOPES) -> frozenset[TokenScope]:
    """Read scopes with blanks between. Raises `UnknownScope`."""
    found = set()
    for word in text.split():
        if word not in allowed:
            raise UnknownScope(f"{word[:40]}: not a scope that this client may ask for")
        found.add(TokenScope(word))
    return frozenset(found)


def text_of(scopes: Collection[TokenScope]) -> str:
    return " ".join(scope for scope in TokenScope if scope in scopes)


def surfaces_of(scopes: Collection[TokenScope]) -> list[Surface]:
    """Return what a token of these scopes is for."""
    found = [Surface.WEBAPI] if not _WEBAPI.isdisjoint(scopes) else []
    return [*found, Surface.API] if TokenScope.API in scopes else found


def narrowed(grant: Grant, scopes: frozenset[TokenScope], surface: Surface) -> Grant | None:
    """Return what a token's scopes leave of a grant on a surface; None: nothing.

    `webapi.read` leaves the permissions to read, `webapi.write` all others.
    """
    if surface not in surfaces_of(scopes):
        return None
    if surface is Surface.API or TokenScope.WEBAPI in scopes:
        return grant
    kept: frozenset[str] = frozenset()
    if TokenScope.WEBAPI_READ in scopes:
        kept |= grant.permissions & READING
    if TokenScope.WEBAPI_WRITE in scopes:
        kept |= grant.permissions - READING
    return msgspec.structs.replace(grant, permissions=kept)
