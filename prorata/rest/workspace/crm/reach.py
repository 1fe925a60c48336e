"""From the uuid in a path to a person's account of the caller's organization."""

from typing import Annotated

from litestar.params import PathParameter

from prorata.access.permissions import Grant
from prorata.crm.accounts import CrmAccount
from prorata.rest.workspace.call import Call

AccountPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the person's account")]


async def account_in(call: Call, grant: Grant, account_uuid: str) -> CrmAccount:
    """Raises `NotFound`."""
    return await call.sql(call.crm.accounts.find, grant.organization_id, account_uuid)
