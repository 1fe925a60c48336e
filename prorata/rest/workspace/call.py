"""One call of the workspace: who calls, from where, and what the audit is told of it. All operations are given one."""

import asyncio
from collections.abc import Callable
from typing import Any, ParamSpec, TypeAlias, TypeVar

import msgspec
from litestar import Request
from litestar.di import NamedDependency

from prorata.access.keys import KeyStore
from prorata.access.permissions import Grant
from prorata.control.people.sign_ins import SignIn
from prorata.control.platforms.hosting import Host
from prorata.control.platforms.probing import Prober
from prorata.control.platforms.terms import HostingTerms
from prorata.control.store import Control
from prorata.control.usage.tariff import Tariffs
from prorata.crm.store import Crm
from prorata.crm.webhooks import CrmWebhooks
from prorata.messages.refusals import Refusal
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.units.numbers import Moment
from prorata.views.answers import Rejected

CALL = "prorata.call"
"""where the call is in the ASGI scope"""

P = ParamSpec("P")
R = TypeVar("R")


class PlatformWorks(msgspec.Struct, frozen=True, kw_only=True):
    """What runs, tests and opens trade platforms."""

    host: Host
    prober: Prober
    keys: KeyStore
    terms: HostingTerms


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """What all calls share. `url`: where the outside reaches us; links in mails begin with it, never with a caller's word."""

    control: Control
    url: str
    tries: Allowances = msgspec.field(default_factory=lambda: Allowances(Allowance()))
    """of one address, to guess a password or a link, and to have mails sent"""
    shows_outbox: bool = False
    works: PlatformWorks | None = None
    """None: trade platforms are not looked after here"""
    tariffs: Tariffs = Tariffs()
    crm: Crm | None = None
    """None: there is no CRM here"""
    crm_webhooks: CrmWebhooks | None = None
    """None: nobody is told of what happens in the CRM"""


class WorkspaceCaller(msgspec.Struct, frozen=True, gc=False):
    """A person who is signed in."""

    person_id: int
    person_uuid: str
    sign_in: SignIn


class Call:
    """`sign_in` None: nobody has signed in. `address`: where the caller is. `agent`: what his program calls itself."""

    __slots__ = (
        "address",
        "agent",
        "facts",
        "grant",
        "is_https",
        "organization_id",
        "reads_people",
        "request_id",
        "sign_in",
        "workspace",
    )

    def __init__(
        self, workspace: Workspace, sign_in: SignIn | None, *, address: str, agent: str, is_https: bool, request_id: str
    ) -> None:
        self.workspace = workspace
        self.sign_in = sign_in
        self.address = address
        self.agent = agent
        self.is_https = is_https
        self.request_id = request_id
        self.organization_id = 0
        """of the organization that the call is about, for the audit"""
        self.grant: Grant | None = None
        """what the caller may do there"""
        self.facts: dict[str, Any] = {}
        self.reads_people = False

    @property
    def control(self) -> Control:
        return self.workspace.control

    @property
    def crm(self) -> Crm:
        """Raises `Rejected`."""
        if self.workspace.crm is None:
            raise Rejected(Refusal.NOT_READY, retry_after=1)
        return self.workspace.crm

    @property
    def actor(self) -> str:
        """Who calls, for the audit."""
        return "nobody" if self.sign_in is None else f"person {self.sign_in.person_uuid}"

    @property
    def bucket(self) -> str:
        """Whose allowance the call takes from: the person's, or that of the address if nobody has signed in."""
        return f"from {self.address}" if self.sign_in is None else f"person {self.sign_in.person_uuid}"

    def take_try(self) -> None:
        """Spend one of the tries that the caller's address has. Raises `Rejected` when there is none left."""
        self.workspace.tries.take(self.address)

    def now(self) -> Moment:
        return self.control.database.now()

    def tell(self, **facts: Any) -> None:
        """Tell the audit more than the request says: `before=`, `after=`, whom it was about. Secrets are hidden by name."""
        self.facts |= facts

    def tell_read(self, **facts: Any) -> None:
        """Have the audit keep that personal data was read."""
        self.reads_people = True
        self.tell(**facts)

    async def sql(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what blocks on a database in a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)


def call_of(request: Request[Any, Any, Any]) -> Call:
    call: Call = request.scope[CALL]  # type: ignore[literal-required]
    return call


def caller_of(request: Request[Any, Any, Any]) -> WorkspaceCaller:
    """Return who has signed in. Raises `Rejected`."""
    sign_in = call_of(request).sign_in
    if sign_in is None:
        raise Rejected(Refusal.NOT_AUTHENTICATED)
    return WorkspaceCaller(sign_in.person_id, sign_in.person_uuid, sign_in)


AnyCall: TypeAlias = NamedDependency[Call]
"""the parameter `call` of an operation"""
SignedIn: TypeAlias = NamedDependency[WorkspaceCaller]
"""the parameter `caller` of an operation that only people who are signed in may call"""
