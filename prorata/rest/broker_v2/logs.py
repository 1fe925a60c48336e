"""What people do on the platform, and what happens to their accounts, as in version 1."""

from prorata.access.permissions import Permission
from prorata.rest.broker.paging import CREATED, Page, Paged
from prorata.rest.broker.platform_logs import LogFilters, LogView
from prorata.rest.broker.platform_logs import platform_logs as logs_of
from prorata.rest.broker_v2.call import CallV2
from prorata.rest.broker_v2.registry import operation

_SORTS = {CREATED: CREATED}


@operation("POST", "/v1/platform-logs", needs=Permission.CLIENTS_READ, sorts=_SORTS, personal=True, asks=True)
@operation("POST", "/v2/platform-logs", needs=Permission.CLIENTS_READ, sorts=_SORTS, personal=True, asks=True)
async def platform_logs(call: CallV2, page: Page, given: LogFilters) -> Paged[LogView]:
    """What people have done on the platform and what has happened to their accounts, in pages."""
    return await logs_of(call, page, given)
