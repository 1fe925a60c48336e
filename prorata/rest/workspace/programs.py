"""An organization's programs: API clients, which call for themselves, and applications, which people sign in to."""

from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody, PathParameter

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.control.api_clients.store import ApiClientChange, NewApiClient
from prorata.control.oidc.applications import ApplicationChange, NewApplication
from prorata.control.organizations.declined import Declined
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn, WorkspaceCaller
from prorata.rest.workspace.program_shapes import (
    ApiClientChangeBody,
    ApiClientView,
    ApiClientWithSecret,
    ApplicationChangeBody,
    ApplicationView,
    ApplicationWithSecret,
    NewApiClientBody,
    NewApplicationBody,
    Removed,
    SecretRotation,
    application_view,
    client_view,
    told,
)
from prorata.views.answers import Rejected

P = ParamSpec("P")
R = TypeVar("R")

OrganizationUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the organization")]
ClientId = Annotated[str, PathParameter(min_length=1, max_length=64, description="client_id")]


def _place(call: Call, caller: WorkspaceCaller, uuid: str) -> int:
    """Return the number of an organization whose programs the caller manages. Raises `Rejected`."""
    try:
        grant = call.control.organizations.grant_of(caller.person_id, uuid)
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND) from None
    call.organization_id = grant.organization_id
    if not grant.may(Permission.API_CLIENTS_MANAGE):
        raise Rejected(Refusal.NOT_PERMITTED, f"needs the permission {Permission.API_CLIENTS_MANAGE}")
    return grant.organization_id


async def _done(call: Call, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Have a change made. Raises `Rejected`."""
    try:
        return await call.sql(work, *args, **kwargs)
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND) from None
    except Declined as declined:
        raise Rejected(declined.code, declined.detail, retry_after=declined.retry_after) from None


def _switched(enabled: bool | msgspec.UnsetType) -> bool | msgspec.UnsetType:
    """Return what a change of `enabled` makes of `disabled`."""
    return msgspec.UNSET if enabled is msgspec.UNSET else not enabled


class ApiClients(Controller):
    path = "/organizations/{uuid:str}/api-clients"
    tags = ("API clients",)

    @get("/", summary="List API clients")
    async def all(self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid) -> list[ApiClientView]:
        return [client_view(client) for client in call.control.api_clients.all(_place(call, caller, uuid))]

    @post("/", summary="Make an API client")
    async def add(
        self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid, data: JSONBody[NewApiClientBody]
    ) -> ApiClientWithSecret:
        """Nobody gives what he lacks himself. The answer has the secret; it is not shown again."""
        new = NewApiClient(
            name=data.name, permissions=frozenset(data.permissions),
            platforms=None if data.platforms is None else frozenset(data.platforms), addresses=data.addresses,
        )  # fmt: skip
        clients = call.control.api_clients
        client, secret = await _done(call, clients.add, _place(call, caller, uuid), new, by=caller.person_id)
        call.tell(after=told(client_view(client)))
        return ApiClientWithSecret(client=client_view(client), secret=secret)

    @get("/{client_id:str}", summary="Show an API client")
    async def one(self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid, client_id: ClientId) -> ApiClientView:
        return client_view(await _done(call, call.control.api_clients.get, _place(call, caller, uuid), client_id))

    @patch("/{client_id:str}", summary="Change, disable or enable an API client")
    async def change(
        self,
        call: AnyCall,
        caller: SignedIn,
        uuid: OrganizationUuid,
        client_id: ClientId,
        data: JSONBody[ApiClientChangeBody],
    ) -> ApiClientView:
        """It holds at once, for tokens that it has, too."""
        change = ApiClientChange(
            name=data.name,
            permissions=msgspec.UNSET if data.permissions is msgspec.UNSET else frozenset(data.permissions),
            platforms=data.platforms if data.platforms in (None, msgspec.UNSET) else frozenset(data.platforms),
            addresses=data.addresses,
            disabled=_switched(data.enabled),
        )
        clients, place = call.control.api_clients, _place(call, caller, uuid)
        before, after = await _done(call, clients.change, place, client_id, change, by=caller.person_id)
        call.tell(before=told(client_view(before)), after=told(client_view(after)))
        return client_view(after)

    @post("/{client_id:str}/rotate-secret", summary="Make a new secret", status_code=200)
    async def rotate(
        self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid, client_id: ClientId, data: JSONBody[SecretRotation]
    ) -> ApiClientWithSecret:
        """Only whoever has all that the client may do himself gets its secret."""
        clients, place = call.control.api_clients, _place(call, caller, uuid)
        client, secret = await _done(
            call, clients.rotate, place, client_id, overlap_ms=data.overlap_ms, by=caller.person_id
        )  # fmt: skip
        return ApiClientWithSecret(client=client_view(client), secret=secret)

    @delete("/{client_id:str}", summary="Delete an API client", status_code=200)
    async def remove(self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid, client_id: ClientId) -> Removed:
        clients, place = call.control.api_clients, _place(call, caller, uuid)
        removed = await _done(call, clients.remove, place, client_id, by=caller.person_id)
        call.tell(before=told(client_view(removed)))
        return Removed(client_id)


class Applications(Controller):
    path = "/organizations/{uuid:str}/applications"
    tags = ("Applications",)

    @get("/", summary="List applications")
    async def all(self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid) -> list[ApplicationView]:
        return [application_view(one) for one in call.control.oidc.applications.all(_place(call, caller, uuid))]

    @post("/", summary="Register an application")
    async def add(
        self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid, data: JSONBody[NewApplicationBody]
    ) -> ApplicationWithSecret:
        """Members of the organization may sign in to it. The answer has the secret; it is not shown again."""
        new = NewApplication(
            name=data.name, public=data.public, redirects=data.redirects, logout_redirects=data.logout_redirects,
            scopes=frozenset(data.scopes), algorithm=data.id_token_algorithm,
        )  # fmt: skip
        place = _place(call, caller, uuid)
        application, secret = await _done(call, call.control.oidc.applications.add, place, new, by=caller.person_id)
        call.tell(after=told(application_view(application)))
        return ApplicationWithSecret(application=application_view(application), secret=secret or None)

    @get("/{client_id:str}", summary="Show an application")
    async def one(self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid, client_id: ClientId) -> ApplicationView:
        return application_view(await _done(call, call.control.oidc.applications.get, _place(call, caller, uuid), client_id))

    @patch("/{client_id:str}", summary="Change, disable or enable an application")
    async def change(
        self,
        call: AnyCall,
        caller: SignedIn,
        uuid: OrganizationUuid,
        client_id: ClientId,
        data: JSONBody[ApplicationChangeBody],
    ) -> ApplicationView:
        change = ApplicationChange(
            name=data.name, redirects=data.redirects, logout_redirects=data.logout_redirects,
            scopes=msgspec.UNSET if data.scopes is msgspec.UNSET else frozenset(data.scopes), disabled=_switched(data.enabled),
        )  # fmt: skip
        applications, place = call.control.oidc.applications, _place(call, caller, uuid)
        before, after = await _done(call, applications.change, place, client_id, change, by=caller.person_id)
        call.tell(before=told(application_view(before)), after=told(application_view(after)))
        return application_view(after)

    @post("/{client_id:str}/rotate-secret", summary="Make a new secret of an application", status_code=200)
    async def rotate(
        self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid, client_id: ClientId, data: JSONBody[SecretRotation]
    ) -> ApplicationWithSecret:
        """A public application has none, and is not found here."""
        applications, place = call.control.oidc.applications, _place(call, caller, uuid)
        application, secret = await _done(
            call, applications.rotate, place, client_id, overlap_ms=data.overlap_ms, by=caller.person_id
        )  # fmt: skip
        return ApplicationWithSecret(application=application_view(application), secret=secret)

    @delete("/{client_id:str}", summary="Delete an application", status_code=200)
    async def remove(self, call: AnyCall, caller: SignedIn, uuid: OrganizationUuid, client_id: ClientId) -> Removed:
        applications, place = call.control.oidc.applications, _place(call, caller, uuid)
        removed = await _done(call, applications.remove, place, client_id, by=caller.person_id)
        call.tell(before=told(application_view(removed)))
        return Removed(client_id)
