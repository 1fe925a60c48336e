"""One call of the provider: the address that it came to, its parameters, and who is signed in."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeAlias, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.di import NamedDependency

from prorata.control.audit import Action, shown
from prorata.control.oidc.providers import OutsideProvider
from prorata.control.oidc.store import Oidc
from prorata.control.people.sign_ins import SignIn
from prorata.control.store import Control
from prorata.rest.oidc.errors import invalid_request
from prorata.rest.workspace.call import Call as WorkspaceCall
from prorata.rest.workspace.call import Workspace
from prorata.rest.workspace.cookies import token_in
from prorata.units.numbers import Moment

FIELDS_MAX = 50
VALUE_LENGTH_MAX = 4_096

P = ParamSpec("P")
R = TypeVar("R")


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """What all calls share. `url`: the issuer; "" is the address that a call comes to. `outside`: other providers by name."""

    workspace: Workspace
    url: str = ""
    outside: Mapping[str, OutsideProvider] = {}


class Call:
    """`address`: where the caller is. `issuer`: who we are to him."""

    def __init__(self, provider: Provider, request: Request[Any, Any, Any]) -> None:
        self.provider = provider
        self.request = request
        self.asked = f"{request.scope.get('scheme', 'http')}://{request.headers.get('host', '').lower()}"
        self.issuer = provider.url or self.asked
        self.address = request.client.host if request.client is not None else ""
        self.agent = request.headers.get("user-agent", "")

    @property
    def control(self) -> Control:
        return self.provider.workspace.control

    @property
    def oidc(self) -> Oidc:
        return self.control.oidc

    @property
    def is_https(self) -> bool:
        return self.issuer.startswith("https://")

    def now(self) -> Moment:
        return self.control.database.now()

    def signed_in(self) -> SignIn | None:
        """Return who is signed in with this browser."""
        return self.control.sign_ins.find(token_in(self.request.headers.get("cookie", "").encode("latin-1")))

    def of_workspace(self) -> WorkspaceCall:
        """Return the call as the workspace sees it, by whose rules people sign in."""
        return WorkspaceCall(
            self.provider.workspace,
            self.signed_in(),
            address=self.address,
            agent=self.agent,
            is_https=self.is_https,
            request_id="",
        )

    def is_own_page(self) -> bool:
        """Say whether a form comes from one of our own pages; a browser says where each comes from."""
        return self.request.headers.get("origin", "") in (self.issuer, self.asked)

    async def form(self) -> dict[str, str]:
        """Return the parameters of a form. Raises `OAuthError`."""
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise invalid_request("the body is not application/x-www-form-urlencoded")
        return fields_in(await self.request.body())

    def query(self) -> dict[str, str]:
        """Return the parameters of the address. Raises `OAuthError`."""
        return fields_in(self.request.scope["query_string"])

    async def sql(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what blocks on a database in a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)

    async def audit(self, actor: str, method: str, outcome: str, *, organization_id: int = 0, **facts: Any) -> None:
        """Write down what was done, before it is answered."""
        action = Action(
            at=self.now(), organization_id=organization_id, actor=actor, method=f"connect {method}", address=self.address,
            request=shown(facts.items()), outcome=outcome,
        )  # fmt: skip
        await self.sql(self.control.audit.write, [action])


def fields_in(encoded: bytes) -> dict[str, str]:
    """Read parameters, each of which is there once at most (RFC 6749, 3.1); one without a value is as good as none."""
    try:
        pairs = parse_qsl(encoded.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        raise invalid_request("the parameters cannot be read") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise invalid_request(f"{name[:40]}: given more than once")
        if len(value) > VALUE_LENGTH_MAX or "\x00" in value:
            raise invalid_request(f"{name[:40]}: too long, or not a text")
        fields[name] = value
    return {name: value for name, value in fields.items() if value}


def call_of(request: Request[Any, Any, Any]) -> Call:
    return Call(request.app.state.provider, request)


AnyCall: TypeAlias = NamedDependency[Call]
"""the parameter `call` of an operation"""
