"""Writes the tables of docs/permissions.md anew from the code: `python -m tools.permissions`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from prorata.access.callers import scopes_with
from prorata.access.permissions import MANAGER_METHODS, ROLES, Permission
from prorata.rest.broker import operations as broker_operations
from prorata.rest.broker import registry as broker
from prorata.rest.broker_v2 import app as broker_v2
from prorata.rest.broker_v2.registry import operations as operations_v2
from prorata.rest.description import handlers_of
from prorata.rest.own import app as own
from prorata.rest.own import openapi
from prorata.rest.platform import operations as terminal_operations
from prorata.rest.platform import registry as terminal
from prorata.rest.ramm import methods
from prorata.rest.ramm.registry import CLIENT, MANAGER, PARTNER, TRADING
from prorata.rest.webapi import operations
from prorata.rest.webapi.registry import SURFACES
from prorata.rest.workspace import app as workspace
from prorata.rest.workspace.permitted import ADMINISTRATION, MEMBERSHIP, needed_by
from prorata.stream.grpc import v1, v2
from prorata.stream.grpc.forms import NEEDS
from prorata.stream.signalr.hubs import NEEDED

PAGE = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
BEGIN = "<!-- tables: written by python -m tools.permissions -->"
END = "<!-- end of tables -->"

MEANINGS = {
    Permission.ACCOUNTS_READ: "see trading accounts, their balances and margins",
    Permission.ACCOUNTS_WRITE: "open trading accounts, change their group, leverage, access and data",
    Permission.ACCOUNTS_PASSWORDS: "set passwords of trading accounts and clients, sign a client in",
    Permission.MONEY_MOVE: "book deposits, withdrawals, credits, corrections; pay withdrawals",
    Permission.TRADES_READ: "see orders, positions, deals and the history of single accounts",
    Permission.TRADES_DEAL: "place, change and close orders and positions",
    Permission.TRADES_CORRECT: "correct what has been dealt, settle breaks",
    Permission.MARKET_READ: "see symbols, quotes, candles and ticks",
    Permission.MARKET_WRITE: "send quotes, change what is on the market",
    Permission.SETTINGS_READ: "see groups and the configuration",
    Permission.SETTINGS_WRITE: "change symbols, groups and the configuration",
    Permission.REPORTS_READ: "see the house's own figures: balance sheet, exposure, reports over all accounts",
    Permission.JOURNAL_READ: "read the server's journal",
    Permission.MESSAGES_SEND: "send news and mail to traders",
    Permission.SERVER_MANAGE: "restart, back up and restore servers",
    Permission.COPYING_READ: "see wallets, strategies, offers, investments, signals and fills",
    Permission.COPYING_DEAL: "act for traders and investors: open, pause, close, fund, send signals",
    Permission.COPYING_MANAGE: "route investments, disable strategies, set terms and streams",
    Permission.CLIENTS_READ: "see clients and what is known of them",
    Permission.CLIENTS_WRITE: "enrol and change clients",
    Permission.COMPLIANCE: "check identities and documents",
    Permission.PLATFORMS_MANAGE: "add, change and remove trade platforms and their credentials",
    Permission.MEMBERS_MANAGE: "invite, change and remove members; make roles; see and end managers' sessions",
    Permission.API_CLIENTS_MANAGE: "make, change and remove API clients and applications",
    Permission.WEBHOOKS_MANAGE: "make, change and remove webhooks",
    Permission.ORGANIZATION_MANAGE: "rename the organization, make companies below it",
    Permission.USAGE_READ: "see what is used and what it costs",
    Permission.AUDIT_READ: "search and export the audit",
}
assert MEANINGS.keys() == set(Permission), "a permission without a meaning"


def permissions_table() -> Iterator[str]:
    """Give each permission, its meaning, and the roles that have it."""
    yield "## Permissions and roles"
    yield ""
    yield f"| permission | allows to | {' | '.join(ROLES)} |"
    yield f"|---|---|{'---|' * len(ROLES)}"
    for permission in Permission:
        marks = " | ".join("x" if permission in held else "" for held in ROLES.values())
        yield f"| `{permission}` | {MEANINGS[permission]} | {marks} |"
    yield ""


def own_table() -> Iterator[str]:
    yield "## The own API: what a key needs"
    yield ""
    yield "| operation | permission | scopes that have it |"
    yield "|---|---|---|"
    for (path, verb), handler in sorted(handlers_of(own.create_operations()).items()):
        needed = openapi.needed_by(handler)
        yield f"| `{verb.upper()} {path}` | `{needed}` | {', '.join(scopes_with(needed))} |"
    yield ""


def workspace_table() -> Iterator[str]:
    yield "## The workspace: what a person needs"
    yield ""
    yield "| operation | needs |"
    yield "|---|---|"
    for (path, verb), handler in sorted(handlers_of(workspace.create_operations()).items()):
        needed = needed_by(handler)
        anybody = "caller" not in handler.parsed_fn_signature.parameters
        words = {
            "": "nothing" if anybody else "to be signed in", MEMBERSHIP: "to be a member",
            ADMINISTRATION: "to be an Administrator",
        }  # fmt: skip
        yield f"| `{verb.upper()} {path}` | {words.get(needed, f'`{needed}`')} |"
    yield ""


def webapi_table() -> Iterator[str]:
    yield "## The WebAPI: what an API client needs"
    yield ""
    yield "| operation | permission |"
    yield "|---|---|"
    for surface in SURFACES.values():
        for operation in sorted(surface, key=lambda one: (one.template.lower(), one.verb)):
            yield f"| `{operation.verb} /api/v2/{surface.name}/{{tradePlatform}}/{operation.template}` | `{operation.needs}` |"
    yield ""


def manager_table() -> Iterator[str]:
    yield "## The RAMM Manager API: what a manager needs"
    yield ""
    yield "| method | permission |"
    yield "|---|---|"
    for method in MANAGER:
        words = "no token" if method.public else "a session" if method.own else f"`{MANAGER_METHODS[method.name]}`"
        yield f"| `{method.name}` | {words} |"
    yield ""


CALLERS = {CLIENT: "a client's session", TRADING: "a strategy's and an application's token", PARTNER: "a partner's token"}


def ramm_table() -> Iterator[str]:
    yield "## The other RAMM APIs: who calls"
    yield ""
    yield "| method | who |"
    yield "|---|---|"
    for api, caller in CALLERS.items():
        for method in api:
            for path in method.paths:
                yield f"| `{path}` | {'no token' if method.public else caller} |"
    yield ""


def broker_table() -> Iterator[str]:
    yield "## The Broker-API: what an API client needs"
    yield ""
    yield "| operation | permission |"
    yield "|---|---|"
    for operation in broker.operations():
        words = "any key" if operation.needs is None else f"`{operation.needs}`"
        yield f"| `{operation.verb} {operation.template}` | {words} |"
    yield ""


def grpc_table() -> Iterator[str]:
    yield "## The streams over gRPC: what an API client needs"
    yield ""
    yield "| method | permission |"
    yield "|---|---|"
    for method in (*v1.METHODS, *v2.METHODS):
        yield f"| `{method.path}` | `{NEEDS[method.stream]}` |"
    yield ""


def broker_v2_table() -> Iterator[str]:
    yield "## The Broker-API, version 2: what an API client needs"
    yield ""
    yield "| operation | permission |"
    yield "|---|---|"
    for operation in operations_v2():
        words = "any key" if operation.needs is None else f"`{operation.needs}`"
        yield f"| `{operation.verb} {broker_v2.ROOT}{operation.template}` | {words} |"
    yield ""


def terminal_table() -> Iterator[str]:
    yield "## The Platform-API: what a person needs"
    yield ""
    yield "| operation | needs |"
    yield "|---|---|"
    for operation in terminal.operations():
        on_account = operation.path.startswith(terminal.ACCOUNT_ROOT)
        words = "a trading token" if on_account else "a session" if operation.signed_in else "nothing"
        yield f"| `{operation.verb} {operation.path}` | {words} |"
    yield ""


def hub_table() -> Iterator[str]:
    yield "## The hubs of the WebAPI: what an API client needs"
    yield ""
    yield "| method | permission |"
    yield "|---|---|"
    for kind, needed in NEEDED.items():
        for name, permission in needed.items():
            yield f"| `/hubs/{kind}/v2 {name}` | `{permission}` |"
    yield ""


def tables() -> Iterable[str]:
    assert methods
    assert operations
    assert broker_operations
    assert terminal_operations
    yield from permissions_table()
    yield from own_table()
    yield from workspace_table()
    yield from webapi_table()
    yield from hub_table()
    yield from broker_table()
    yield from broker_v2_table()
    yield from grpc_table()
    yield from terminal_table()
    yield from manager_table()
    yield from ramm_table()


def page_with_tables(page: str) -> str:
    """Return the page with the tables as the code has them."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n" + "\n".join(tables()) + f"\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
