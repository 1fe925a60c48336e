"""A caller, and the accounts that it can reach.

An account that is absent and an account that belongs to somebody else answer alike: nobody can learn by
asking which logins exist.
"""

from enum import StrEnum

import msgspec

from prorata.messages.commands import Access
from prorata.trading.state import Account, State
from prorata.units.numbers import Login


class Scope(StrEnum):
    """What a key may be used for. Each is separate; ADMIN includes all."""

    READ = "read"
    TRADE = "trade"
    DEALER = "dealer"
    ADMIN = "admin"


class NotFound(Exception):
    """There is no such account, or it is not the caller's: on purpose the same."""


class SignInDisabled(Exception):
    """The account is the caller's own, and the broker has disabled its login."""


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who calls, as its key says. `logins` None: every account of the platform."""

    key_id: str
    platform: str
    scopes: frozenset[Scope]
    logins: frozenset[Login] | None = None

    def may(self, *scopes: Scope) -> bool:
        """Say whether the key has one of `scopes`."""
        return Scope.ADMIN in self.scopes or not self.scopes.isdisjoint(scopes)

    @property
    def sees_all(self) -> bool:
        """Say whether the key reaches every account, and with them the house's own figures."""
        return self.logins is None


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
