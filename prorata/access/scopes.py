"""What the scopes of a platform's API keys amount to in permissions, which is what whoever makes a key must have himself."""

from collections.abc import Iterable, Mapping

from prorata.access.callers import Scope
from prorata.access.permissions import EVERYTHING, READS, Grant, Permission

P = Permission

_TRADE = frozenset({P.ACCOUNTS_READ, P.TRADES_READ, P.TRADES_DEAL})

SCOPE_PERMISSIONS: Mapping[Scope, frozenset[Permission]] = {
    Scope.READ: READS,
    Scope.TRADE: _TRADE,
    Scope.DEALER: READS | _TRADE | {P.ACCOUNTS_WRITE, P.MONEY_MOVE, P.COPYING_MANAGE, P.MESSAGES_SEND},
    Scope.ADMIN: EVERYTHING,
}
"""On all surfaces. The WebAPI takes keys that reach all accounts of their platform."""
assert SCOPE_PERMISSIONS.keys() == set(Scope), "a scope without permissions"


def permissions_of(scopes: Iterable[Scope]) -> frozenset[Permission]:
    """Return what a key with these scopes may do on its platform."""
    return frozenset(permission for scope in scopes for permission in SCOPE_PERMISSIONS[scope])


def lacking(grant: Grant, platform: str, scopes: Iterable[Scope]) -> list[Permission]:
    """Return the permissions that somebody lacks on a platform, of those that a key with these scopes amounts to."""
    return sorted(permission for permission in permissions_of(scopes) if not grant.may(permission, platform))
