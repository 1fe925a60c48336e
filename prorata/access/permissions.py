"""What a member, an API client or a key may do: one list of permissions for all surfaces, and the roles made of them.

A grant is an organization, rights, and the trade platforms that they hold on. A right is a permission, or one method of
the RAMM Manager API, which is a part of a permission. Whoever grants gives only what he has himself (`may_give`).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec


class Permission(StrEnum):
    """One permission covers the operations of one kind on all surfaces; docs/permissions.md lists them."""

    ACCOUNTS_READ = "accounts.read"
    ACCOUNTS_WRITE = "accounts.write"
    ACCOUNTS_PASSWORDS = "accounts.passwords"
    MONEY_MOVE = "money.move"
    TRADES_READ = "trades.read"
    TRADES_DEAL = "trades.deal"
    TRADES_CORRECT = "trades.correct"
    MARKET_READ = "market.read"
    MARKET_WRITE = "market.write"
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"
    REPORTS_READ = "reports.read"
    JOURNAL_READ = "journal.read"
    MESSAGES_SEND = "messages.send"
    SERVER_MANAGE = "server.manage"
    COPYING_READ = "copying.read"
    COPYING_DEAL = "copying.deal"
    COPYING_MANAGE = "copying.manage"
    CLIENTS_READ = "clients.read"
    CLIENTS_WRITE = "clients.write"
    COMPLIANCE = "compliance"
    PLATFORMS_MANAGE = "platforms.manage"
    MEMBERS_MANAGE = "members.manage"
    API_CLIENTS_MANAGE = "api_clients.manage"
    WEBHOOKS_MANAGE = "webhooks.manage"
    ORGANIZATION_MANAGE = "organization.manage"
    USAGE_READ = "usage.read"
    AUDIT_READ = "audit.read"


P = Permission

EVERYTHING = frozenset(Permission)
READS = frozenset(
    {P.ACCOUNTS_READ, P.TRADES_READ, P.MARKET_READ, P.SETTINGS_READ, P.REPORTS_READ, P.COPYING_READ, P.CLIENTS_READ}
)

ADMINISTRATOR = "Administrator"
NO_ROLE = ""
"""The role of whoever has single rights alone."""
ROLES: Mapping[str, frozenset[Permission]] = {
    ADMINISTRATOR: EVERYTHING,
    "Dealer": READS | {P.TRADES_DEAL, P.COPYING_DEAL, P.MARKET_WRITE, P.MESSAGES_SEND, P.JOURNAL_READ},
    "Risk": READS
    | {P.TRADES_DEAL, P.TRADES_CORRECT, P.COPYING_DEAL, P.COPYING_MANAGE, P.SETTINGS_WRITE, P.JOURNAL_READ},
    "Finance": READS | {P.MONEY_MOVE, P.USAGE_READ},
    "Support": READS | {P.ACCOUNTS_WRITE, P.ACCOUNTS_PASSWORDS, P.CLIENTS_WRITE, P.MESSAGES_SEND},
    "Compliance": READS | {P.COMPLIANCE, P.CLIENTS_WRITE, P.AUDIT_READ, P.JOURNAL_READ},
    "Developer": READS | {P.API_CLIENTS_MANAGE, P.WEBHOOKS_MANAGE, P.USAGE_READ},
    "Read-only": READS,
}  # fmt: skip
"""The roles that every organization has. Their names are no names for its own."""

_METHODS: Mapping[Permission, str] = {
    P.MARKET_READ: "assets.get assets.search symbols.get symbols.search",
    P.SETTINGS_READ: "companies.get companies.search company.get",
    P.REPORTS_READ: "company.getEquity",
    P.ORGANIZATION_MANAGE: "companies.add company.set",
    P.MEMBERS_MANAGE: "managers.add managers.get managers.getMethods managers.search managers.set managers.setMethods "
    "sessions.logout sessions.search",
    P.CLIENTS_READ: "clients.get clients.getCharges clients.search clients.searchStatistic",
    P.CLIENTS_WRITE: "clients.addWithWallet clients.set",
    P.ACCOUNTS_PASSWORDS: "clients.getOTP clients.setPassword",
    P.COPYING_READ: "accounts.get accounts.getStatement accounts.search deals.get deals.search fillRequests.get "
    "fillRequests.search fills.get fills.search positions.get positions.search signals.get signals.search "
    "strategies.checkName strategies.get strategies.search strategysymbolstat.get streams.get trading.searchStrategies "
    "wallets.get wallets.search walletTransfers.get walletTransfers.getRewards walletTransfers.search",
    P.COPYING_DEAL: "accounts.close accounts.pause accounts.resume strategies.add strategies.close strategies.set "
    "trading.addSignal trading.addSync",
    P.COPYING_MANAGE: "accounts.set",
    P.MONEY_MOVE: "walletTransfers.add",
}
MANAGER_METHODS: Mapping[str, Permission] = {
    method: permission for permission, methods in _METHODS.items() for method in methods.split()
}
"""The methods of the RAMM Manager API that need a right, each with the permission that it is a part of."""
assert EVERYTHING.isdisjoint(MANAGER_METHODS), "a name would be two rights"

RIGHTS: frozenset[str] = EVERYTHING | MANAGER_METHODS.keys()
"""All that can be given."""


class Grant(msgspec.Struct, frozen=True, gc=False):
    """What somebody may do in an organization.

    `permissions`: his rights, with single methods among them. `platforms`: uuids of the trade platforms that they hold on;
    None: all that the organization has.
    """

    organization_id: int
    permissions: frozenset[str]
    platforms: frozenset[str] | None = None

    def may(self, permission: Permission, platform: str | None = None) -> bool:
        """Say whether the grant has a permission, on a platform if one is named."""
        return permission in self.permissions and (platform is None or self.reaches(platform))

    def holds(self, right: str) -> bool:
        """Say whether the grant has a right: by itself, or as a part of a permission."""
        return right in self.permissions or MANAGER_METHODS.get(right) in self.permissions

    def lacked(self, rights: Iterable[str]) -> list[str]:
        """Return those of the rights that the grant does not have, in order. What is no right any more is not missed."""
        return sorted(right for right in rights if right in RIGHTS and not self.holds(right))

    def reaches(self, platform: str) -> bool:
        """Say whether a platform of the organization is within the grant."""
        return self.platforms is None or platform in self.platforms

    @property
    def is_all(self) -> bool:
        """Say whether it is an Administrator's: everything, everywhere."""
        return self.platforms is None and self.permissions >= EVERYTHING

    def may_give(self, other: "Grant") -> bool:
        """Say whether whoever holds this may give the other: nothing that he lacks, nowhere that he does not reach."""
        if other.organization_id != self.organization_id or self.lacked(other.permissions):
            return False
        return self.platforms is None or (other.platforms is not None and other.platforms <= self.platforms)
