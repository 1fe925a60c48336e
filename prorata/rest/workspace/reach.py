"""From the uuid in a path to a trade platform of the caller's organization. Raises `Rejected`."""

from typing import Annotated

from litestar.params import PathParameter

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant
from prorata.access.platforms import platform_for
from prorata.control.platforms.records import PlatformRecord
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import Call
from prorata.views.answers import Rejected

PlatformUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the trade platform")]


def platform_in(call: Call, grant: Grant, platform: str) -> PlatformRecord:
    """Return a platform that the grant reaches."""
    try:
        return platform_for(grant, platform, call.control.platforms.by_uuid)
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND) from None
