"""What a member, an API client or a key may do: one list of permissions for all surfaces, and the roles made of them.

A grant is an organization, permissions and the trade platforms that they hold on. Whoever grants gives only what he
has himself (`may_give`).
"""

from collections.abc import Mapping
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
ROLES: Mapping[str, frozenset[Permission]] = {
    ADMINISTRATOR: EVERYTHING,
    "Dealer": READS | {P.TRADES_DEAL, P.MARKET_WRITE, P.MESSAGES_SEND, P.JOURNAL_READ},
    "Risk": READS | {P.TRADES_DEAL, P.TRADES_CORRECT, P.SETTINGS_WRITE, P.COPYING_MANAGE, P.JOURNAL_READ},
    "Finance": READS | {P.MONEY_MOVE, P.USAGE_READ},
    "Support": READS | {P.ACCOUNTS_WRITE, P.ACCOUNTS_PASSWORDS, P.CLIENTS_WRITE, P.MESSAGES_SEND},
    "Compliance": READS | {P.COMPLIANCE, P.CLIENTS_WRITE, P.AUDIT_READ, P.JOURNAL_READ},
    "Developer": READS | {P.API_CLIENTS_MANAGE, P.WEBHOOKS_MANAGE, P.USAGE_READ},
    "Read-only": READS,
}
"""The roles that every organization has. Their names are no names for its own."""


class Grant(msgspec.Struct, frozen=True, gc=False):
    """What somebody may do in an organization. `platforms`: uuids of the trade platforms it holds on; None: all of its own."""

    organization_id: int
    permissions: frozenset[str]
    platforms: frozenset[str] | None = None

    def may(self, permission: Permission, platform: str | None = None) -> bool:
        """Say whether the grant has a permission, on a platform if one is named."""
        return permission in self.permissions and (platform is None or self.reaches(platform))

    def reaches(self, platform: str) -> bool:
        """Say whether a platform of the organization is within the grant."""
        return self.platforms is None or platform in self.platforms

    def may_give(self, other: "Grant") -> bool:
        """Say whether whoever holds this may give the other: nothing that he lacks, nowhere that he does not reach."""
        if other.organization_id != self.organization_id or not other.permissions <= self.permissions:
            return False
        return self.platforms is None or (other.platforms is not None and other.platforms <= self.platforms)
