"""From the uuids in a path to the caller's rights in an organization, and to a platform of it. Raises `Rejected`."""

from typing import Annotated

from litestar.params import PathParameter

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.access.platforms import platform_for
from prorata.control.platforms.records import PlatformRecord
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import Call, WorkspaceCaller
from prorata.views.answers import Rejected

OrganizationUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the organization")]
PlatformUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the trade platform")]


def grant_in(call: Call, caller: WorkspaceCaller, organization: str) -> Grant:
    """Return what the caller may do in an organization, which the call is about from here on."""
    try:
        grant = call.control.organizations.grant_of(caller.person_id, organization)
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND) from None
    call.organization_id = grant.organization_id
    return grant


def platform_in(call: Call, grant: Grant, platform: str) -> PlatformRecord:
    """Return a platform that the grant reaches."""
    try:
        return platform_for(grant, platform, call.control.platforms.by_uuid)
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND) from None


def check_may(grant: Grant, permission: Permission, platform: str | None = None) -> None:
    if not grant.may(permission, platform):
        raise Rejected(Refusal.NOT_PERMITTED, f"needs the permission {permission}")
