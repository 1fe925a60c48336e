"""What the scopes of a platform's API keys amount to in permissions: nobody gives a key that could do what he may not."""

from collections.abc import Iterable, Mapping

from prorata.access.callers import Scope
from prorata.access.permissions import Grant, Permission

P = Permission

_READ = frozenset({P.ACCOUNTS_READ, P.TRADES_READ, P.MARKET_READ, P.SETTINGS_READ, P.REPORTS_READ, P.COPYING_READ})
_TRADE = frozenset({P.ACCOUNTS_READ, P.TRADES_DEAL})
_DEALER = _TRADE | {P.ACCOUNTS_WRITE, P.MONEY_MOVE, P.TRADES_CORRECT, P.COPYING_MANAGE}

SCOPE_PERMISSIONS: Mapping[Scope, frozenset[Permission]] = {
    Scope.READ: _READ,
    Scope.TRADE: _TRADE,
    Scope.DEALER: _DEALER,
    Scope.ADMIN: _READ | _DEALER | {P.MARKET_WRITE, P.SETTINGS_WRITE, P.WEBHOOKS_MANAGE, P.SERVER_MANAGE},
}
assert SCOPE_PERMISSIONS.keys() == set(Scope), "a scope without permissions"


def lacking(grant: Grant, platform: str, scopes: Iterable[Scope]) -> list[Permission]:
    """Return the permissions that somebody lacks on a platform, of those that a key with these scopes amounts to."""
    needed = frozenset(permission for scope in scopes for permission in SCOPE_PERMISSIONS[scope])
    return sorted(permission for permission in needed if not grant.may(permission, platform))
