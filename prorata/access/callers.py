"""A caller, and the accounts that it can reach.

An account that is absent and an account that belongs to somebody else answer alike: nobody can learn by
asking which logins exist.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Protocol

import msgspec

from prorata.access.permissions import EVERYTHING, Grant, Permission
from prorata.messages.commands import Access
from prorata.trading.state import Account, State
from prorata.units.numbers import Login


class Scope(StrEnum):
    """What a key may be used for. Each is separate; ADMIN includes all."""

    READ = "read"
    TRADE = "trade"
    DEALER = "dealer"
    ADMIN = "admin"


P = Permission

_READ = frozenset({P.ACCOUNTS_READ, P.TRADES_READ, P.MARKET_READ, P.COPYING_READ})
_TRADE = frozenset({P.TRADES_DEAL, P.COPYING_DEAL})
_DEALER = _TRADE | {
    P.ACCOUNTS_WRITE, P.MONEY_MOVE, P.TRADES_CORRECT, P.COPYING_MANAGE, P.SETTINGS_READ, P.REPORTS_READ, P.MESSAGES_SEND,
}  # fmt: skip

SCOPES: Mapping[Scope, frozenset[Permission]] = {
    Scope.READ: _READ,
    Scope.TRADE: _TRADE,
    Scope.DEALER: _DEALER,
    Scope.ADMIN: EVERYTHING,
}
"""What each scope of a key amounts to on its platform."""
assert SCOPES.keys() == set(Scope), "a scope without permissions"


class NotFound(Exception):
    """There is no such account, or it is not the caller's: on purpose the same."""


class SignInDisabled(Exception):
    """The account is the caller's own, and the broker has disabled its login."""


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who calls, as its key says. `logins` None: every account of the platform.

    `permissions`: what an access token, which has no scopes of a key, may do; None: what the scopes amount to.
    """

    key_id: str
    platform: str
    scopes: frozenset[Scope]
    logins: frozenset[Login] | None = None
    permissions: frozenset[str] | None = None

    def may(self, permission: Permission) -> bool:
        """Say whether the caller has the permission: by one of the key's scopes, or by itself."""
        held = self.permissions
        return permission in (permissions_of(self.scopes) if held is None else held)

    @property
    def sees_all(self) -> bool:
        """Say whether the key reaches every account, and with them the house's own figures."""
        return self.logins is None


class Tokens(Protocol):
    """Those who may come, by what they show."""

    def verify(self, token: bytes) -> Caller | None:
        """Return whose token this is; None if it is nobody's, or not good any more. Looks into memory alone."""
        ...


@cache
def permissions_of(scopes: frozenset[Scope]) -> frozenset[Permission]:
    """Return what a key with these scopes may do on its platform, on all surfaces."""
    return frozenset[Permission]().union(*(SCOPES[scope] for scope in scopes))


def scopes_with(permission: Permission) -> tuple[Scope, ...]:
    """Return the scopes that let a key do something; ADMIN, which includes all, only if no other does."""
    return tuple(scope for scope in Scope if scope != Scope.ADMIN and permission in SCOPES[scope]) or (Scope.ADMIN,)


def lacking(grant: Grant, platform: str, scopes: Iterable[Scope]) -> list[Permission]:
    """Return the permissions that somebody lacks on a platform, of those that a key with these scopes amounts to."""
    return sorted(permission for permission in permissions_of(frozenset(scopes)) if not grant.may(permission, platform))


def account_for(caller: Caller, state: State, login: Login) -> Account:
    """Return the account, if it exists and is within the caller's reach.

    `state` is that of the caller's platform.

    Raises:
        NotFound: absent or forbidden.
        SignInDisabled: a trader's own account whose login is disabled.
    """
    if caller.logins is not None and login not in caller.logins:
        raise NotFound
    account = state.accounts.get(login)
    if account is None:
        raise NotFound
    if caller.logins is not None and account.access == Access.LOGIN_DISABLED:
        raise SignInDisabled
    return account
