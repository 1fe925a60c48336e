"""An organization's programs: API clients, which call for themselves, and applications, which people sign in to."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody, PathParameter

from prorata.access.permissions import Permission
from prorata.control.api_clients.store import ApiClientChange, NewApiClient
from prorata.control.oidc.applications import ApplicationChange, NewApplication
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.permitted import Granted, needs
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

ClientId = Annotated[str, PathParameter(min_length=1, max_length=64, description="client_id")]


def _switched(enabled: bool | msgspec.UnsetType) -> bool | msgspec.UnsetType:
    """Return what a change of `enabled` makes of `disabled`."""
    return msgspec.UNSET if enabled is msgspec.UNSET else not enabled


class ApiClients(Controller):
    path = "/organizations/{organization:str}/api-clients"
    tags = ("API clients",)
    guards = (needs(Permission.API_CLIENTS_MANAGE),)

    @get("/", summary="List API clients")
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted) -> list[ApiClientView]:
        return [client_view(client) for client in call.control.api_clients.all(grant.organization_id)]

    @post("/", summary="Make an API client")
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, data: JSONBody[NewApiClientBody]
    ) -> ApiClientWithSecret:
        """Nobody gives what he lacks himself. The answer has the secret; it is not shown again."""
        new = NewApiClient(
            name=data.name, permissions=frozenset(data.permissions),
            platforms=None if data.platforms is None else frozenset(data.platforms), addresses=data.addresses,
        )  # fmt: skip
        clients = call.control.api_clients
        client, secret = await call.sql(clients.add, grant.organization_id, new, by=caller.person_id)
        call.tell(after=told(client_view(client)))
        return ApiClientWithSecret(client=client_view(client), secret=secret)

    @get("/{client_id:str}", summary="Show an API client")
    async def one(self, call: AnyCall, caller: SignedIn, grant: Granted, client_id: ClientId) -> ApiClientView:
        return client_view(await call.sql(call.control.api_clients.get, grant.organization_id, client_id))

    @patch("/{client_id:str}", summary="Change, disable or enable an API client")
    async def change(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
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
        clients, place = call.control.api_clients, grant.organization_id
        before, after = await call.sql(clients.change, place, client_id, change, by=caller.person_id)
        call.tell(before=told(client_view(before)), after=told(client_view(after)))
        return client_view(after)

    @post("/{client_id:str}/rotate-secret", summary="Make a new secret", status_code=200)
    async def rotate(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        client_id: ClientId,
        data: JSONBody[SecretRotation],
    ) -> ApiClientWithSecret:
        """Only whoever has all that the client may do himself gets its secret."""
        clients, place = call.control.api_clients, grant.organization_id
        client, secret = await call.sql(
            clients.rotate, place, client_id, overlap_ms=data.overlap_ms, by=caller.person_id
        )  # fmt: skip
        return ApiClientWithSecret(client=client_view(client), secret=secret)

    @delete("/{client_id:str}", summary="Delete an API client", status_code=200)
    async def remove(self, call: AnyCall, caller: SignedIn, grant: Granted, client_id: ClientId) -> Removed:
        clients, place = call.control.api_clients, grant.organization_id
        removed = await call.sql(clients.remove, place, client_id, by=caller.person_id)
        call.tell(before=told(client_view(removed)))
        return Removed(client_id)


class Applications(Controller):
    path = "/organizations/{organization:str}/applications"
    tags = ("Applications",)
    guards = (needs(Permission.API_CLIENTS_MANAGE),)

    @get("/", summary="List applications")
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted) -> list[ApplicationView]:
        return [application_view(one) for one in call.control.oidc.applications.all(grant.organization_id)]

    @post("/", summary="Register an application")
    async def add(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        data: JSONBody[NewApplicationBody],
    ) -> ApplicationWithSecret:
        """Members of the organization may sign in to it. The answer has the secret; it is not shown again."""
        new = NewApplication(
            name=data.name, public=data.public, redirects=data.redirects, logout_redirects=data.logout_redirects,
            scopes=frozenset(data.scopes), algorithm=data.id_token_algorithm,
        )  # fmt: skip
        place = grant.organization_id
        application, secret = await call.sql(call.control.oidc.applications.add, place, new, by=caller.person_id)
        call.tell(after=told(application_view(application)))
        return ApplicationWithSecret(application=application_view(application), secret=secret or None)

    @get("/{client_id:str}", summary="Show an application")
    async def one(self, call: AnyCall, caller: SignedIn, grant: Granted, client_id: ClientId) -> ApplicationView:
        return application_view(await call.sql(call.control.oidc.applications.get, grant.organization_id, client_id))

    @patch("/{client_id:str}", summary="Change, disable or enable an application")
    async def change(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        client_id: ClientId,
        data: JSONBody[ApplicationChangeBody],
    ) -> ApplicationView:
        change = ApplicationChange(
            name=data.name, redirects=data.redirects, logout_redirects=data.logout_redirects,
            scopes=msgspec.UNSET if data.scopes is msgspec.UNSET else frozenset(data.scopes), disabled=_switched(data.enabled),
        )  # fmt: skip
        applications, place = call.control.oidc.applications, grant.organization_id
        before, after = await call.sql(applications.change, place, client_id, change, by=caller.person_id)
        call.tell(before=told(application_view(before)), after=told(application_view(after)))
        return application_view(after)

    @post("/{client_id:str}/rotate-secret", summary="Make a new secret of an application", status_code=200)
    async def rotate(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        client_id: ClientId,
        data: JSONBody[SecretRotation],
    ) -> ApplicationWithSecret:
        """A public application has none, and is not found here."""
        applications, place = call.control.oidc.applications, grant.organization_id
        application, secret = await call.sql(
            applications.rotate, place, client_id, overlap_ms=data.overlap_ms, by=caller.person_id
        )  # fmt: skip
        return ApplicationWithSecret(application=application_view(application), secret=secret)

    @delete("/{client_id:str}", summary="Delete an application", status_code=200)
    async def remove(self, call: AnyCall, caller: SignedIn, grant: Granted, client_id: ClientId) -> Removed:
        applications, place = call.control.oidc.applications, grant.organization_id
        removed = await call.sql(applications.remove, place, client_id, by=caller.person_id)
        call.tell(before=told(application_view(removed)))
        return Removed(client_id)
