"""What a member needs for an operation of his organization, which stands in the path: `/organizations/{organization}/...`.

    @get("/members", guards=[needs(Permission.MEMBERS_MANAGE)])
    async def all(self, call: AnyCall, grant: Granted) -> ...:

An organization that is not there, is closed, or of which the caller is no member is not found. `grant` is what he may do.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import PathParameter

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.control.organizations.declined import Declined
from prorata.messages.refusals import Refusal
from prorata.rest.handling import refuse
from prorata.rest.own.session import Guard
from prorata.rest.workspace.call import CALL, Call, call_of
from prorata.views.answers import Rejected

OrganizationUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the organization")]

MEMBERSHIP = "membership"
"""what operations need that any member may call"""
ADMINISTRATION = "administration"
"""what operations need that only an Administrator may call"""


async def check_signed_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let nobody pass to an operation that takes a caller but who is signed in. Others are not told what it takes."""
    call: Call = connection.scope[CALL]  # type: ignore[literal-required]
    if call.sign_in is None and "caller" in handler.parsed_fn_signature.parameters:
        raise Rejected(Refusal.NOT_AUTHENTICATED)


def needs(permission: Permission | None) -> Guard:
    """Let only members pass who have the permission; None: every member."""

    def check(grant: Grant) -> None:
        if permission is not None and not grant.may(permission):
            raise Rejected(Refusal.NOT_PERMITTED, f"needs the permission {permission}")

    return _guard(MEMBERSHIP if permission is None else permission.value, check)


def _guard(needed: str, check: Callable[[Grant], None]) -> Guard:
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        call: Call = connection.scope[CALL]  # type: ignore[literal-required]
        if call.sign_in is None:
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        try:
            grant = call.control.organizations.grant_of(call.sign_in.person_id, connection.path_params["organization"])
        except NotFound:
            raise Rejected(Refusal.NOT_FOUND) from None
        call.organization_id, call.grant = grant.organization_id, grant
        check(grant)

    guard.needed = needed  # type: ignore[attr-defined]
    return guard


def _check_administrator(grant: Grant) -> None:
    if not grant.is_all:
        raise Rejected(Refusal.NOT_PERMITTED, "only an Administrator does this")


administrators = _guard(ADMINISTRATION, _check_administrator)
"""Lets only Administrators pass."""


def needed_by(handler: BaseRouteHandler) -> str:
    """Return what an operation needs in the organization: a permission, `MEMBERSHIP`, `ADMINISTRATION`, or "" for none."""
    return next((guard.needed for guard in handler.resolve_guards() if hasattr(guard, "needed")), "")


def grant_of(request: Request[Any, Any, Any], organization: OrganizationUuid) -> Grant:
    """Return what the caller may do in the organization in the path, which the guard has looked up."""
    grant = call_of(request).grant
    assert grant is not None, "an operation that takes a grant has a guard"
    return grant


Granted: TypeAlias = NamedDependency[Grant]
"""the parameter `grant` of an operation"""


def refuse_absent(request: Request[Any, Any, Any], _problem: NotFound) -> Response[Any]:
    return refuse(request, Rejected(Refusal.NOT_FOUND))


def refuse_declined(request: Request[Any, Any, Any], declined: Declined) -> Response[Any]:
    return refuse(request, Rejected(declined.code, declined.detail, retry_after=declined.retry_after))
