"""A caller, and the accounts that it can reach.

An account that is absent and an account that belongs to somebody else answer alike: nobody can learn by
asking which logins exist.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

import msgspec

from prorata.access.permissions import EVERYTHING, Permission
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

SCOPES: Mapping[Scope, frozenset[Permission]] = {
    Scope.READ: frozenset({P.ACCOUNTS_READ, P.TRADES_READ, P.MARKET_READ, P.COPYING_READ}),
    Scope.TRADE: frozenset({P.TRADES_DEAL, P.COPYING_DEAL}),
    Scope.DEALER: frozenset(
        {
            P.ACCOUNTS_WRITE, P.MONEY_MOVE, P.TRADES_DEAL, P.TRADES_CORRECT, P.COPYING_DEAL, P.COPYING_MANAGE,
            P.SETTINGS_READ, P.REPORTS_READ,
        }
    ),
    Scope.ADMIN: EVERYTHING,
}  # fmt: skip
"""What each scope amounts to on the key's platform."""


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
        return permission in (_permissions_of(self.scopes) if held is None else held)

    @property
    def sees_all(self) -> bool:
        """Say whether the key reaches every account, and with them the house's own figures."""
        return self.logins is None


@cache
def _permissions_of(scopes: frozenset[Scope]) -> frozenset[Permission]:
    return frozenset[Permission]().union(*(SCOPES[scope] for scope in scopes))


def scopes_with(permission: Permission) -> tuple[Scope, ...]:
    """Return the scopes that let a key do something; ADMIN, which includes all, only if no other does."""
    return tuple(scope for scope in Scope if scope != Scope.ADMIN and permission in SCOPES[scope]) or (Scope.ADMIN,)


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
