"""What is given to a member, or with an invitation: a role, single rights beyond it, and where they hold."""

from collections.abc import Mapping
from typing import Any

import msgspec

from prorata.access.permissions import ADMINISTRATOR, NO_ROLE, ROLES, Grant


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """`permissions`: beyond the role's. `platforms`: uuids that all of it is narrowed to; None: all that there are."""

    role: str = NO_ROLE
    permissions: frozenset[str] = frozenset()
    platforms: frozenset[str] | None = None

    @property
    def is_administrators(self) -> bool:
        return self.role == ADMINISTRATOR


def rights_from(row: Mapping[Any, Any]) -> Rights:
    """Return the rights in a row of members or invitations."""
    platforms = row["platforms"]
    return Rights(
        role=row["role"],
        permissions=rights_in(row["permissions"]),
        platforms=None if platforms is None else frozenset(platforms.split()),
    )


def columns_of(rights: Rights) -> dict[str, Any]:
    """Return rights as they are kept in a row."""
    return {
        "role": rights.role,
        "permissions": text_of(rights.permissions),
        "platforms": None if rights.platforms is None else text_of(rights.platforms),
    }


def grant_with(rights: Rights, organization_id: int, own_roles: Mapping[str, frozenset[str]]) -> Grant:
    """Return what rights amount to; a role that is not there amounts to nothing."""
    of_role: frozenset[str] = ROLES.get(rights.role) or own_roles.get(rights.role) or frozenset()
    return Grant(organization_id, of_role | rights.permissions, rights.platforms)


def rights_in(text: str) -> frozenset[str]:
    return frozenset(text.split())


def text_of(words: frozenset[str]) -> str:
    return " ".join(sorted(words))
