"""Which accounts there are, and what was last heard of their group, leverage and access: events say only what they are now."""

import msgspec

from prorata.messages.commands import Access
from prorata.messages.events import AccountChanged, AccountOpened
from prorata.trading.desk import Desk
from prorata.units.numbers import Login


class Standing(msgspec.Struct, frozen=True, gc=False):
    group: str
    leverage: int
    access: Access


class AccountBook:
    def __init__(self, desk: Desk) -> None:
        self.members: dict[str, dict[Login, None]] = {}
        """the accounts of each group"""
        self._standings: dict[Login, Standing] = {}
        for account in desk.state.accounts.values():
            self._put(account.login, Standing(account.group, account.leverage, account.access))

    def of(self, login: Login) -> Standing:
        return self._standings[login]

    def opened(self, event: AccountOpened) -> None:
        self._put(event.login, Standing(event.group, event.leverage, Access.FULL))

    def changed(self, event: AccountChanged) -> Standing:
        """Take over a change; return what was before."""
        before = self._standings[event.login]
        if before.group != event.group:
            del self.members[before.group][event.login]
        self._put(event.login, Standing(event.group, event.leverage, event.access))
        return before

    def _put(self, login: Login, standing: Standing) -> None:
        self._standings[login] = standing
        self.members.setdefault(standing.group, {})[login] = None
