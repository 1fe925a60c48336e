"""Rights as the RAMM Manager API sees them: names of methods, permissions that methods are parts of, or everything."""

from collections.abc import Iterable, Mapping

from prorata.access.permissions import ADMINISTRATOR, MANAGER_METHODS, NO_ROLE
from prorata.control.organizations.rights import Rights, grant_with

EVERYTHING = "*"
"""what an Administrator has: all methods, those of later versions too"""


class RightsNotHeld(Exception):
    """Somebody would grant or touch what he does not have himself. `methods`: which."""

    def __init__(self, methods: Iterable[str]) -> None:
        self.methods = tuple(sorted(methods))
        super().__init__(", ".join(self.methods))


def may(held: frozenset[str], right: str) -> bool:
    return EVERYTHING in held or right in held or MANAGER_METHODS.get(right) in held


def check_granted(held: frozenset[str], granted: Iterable[str]) -> None:
    """Raise `RightsNotHeld` unless every right is one of the granter's own."""
    missing = [right for right in granted if not may(held, right)]
    if missing:
        raise RightsNotHeld(missing)


def rights_to_call(rights: Rights, own_roles: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return what a member's rights are to the Manager API, wherever he is narrowed to."""
    if rights.is_administrators:
        return frozenset({EVERYTHING})
    return grant_with(rights, 0, own_roles).permissions


def rights_on(platform: str | None, rights: Rights, own_roles: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return a member's rights in a company whose accounts a platform keeps: none if he is narrowed away from it.

    `platform`: its uuid; None where it belongs to no organization, which nobody can be narrowed to.
    """
    if rights.platforms is not None and platform not in rights.platforms:
        return frozenset()
    return rights_to_call(rights, own_roles)


def rights_with(methods: frozenset[str]) -> Rights:
    return Rights(role=ADMINISTRATOR if EVERYTHING in methods else NO_ROLE, permissions=methods - {EVERYTHING})
