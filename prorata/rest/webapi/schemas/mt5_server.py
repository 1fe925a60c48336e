"""The server's clock, and the manager who is connected."""

from prorata.rest.webapi.schemas.kinds import Int32, Int64, Record
from prorata.rest.webapi.schemas.mt5_lists import EnManagerRights
from prorata.rest.webapi.schemas.mt5_names import EnManagerLimit


class MT5Time(Record):
    """The server's clock."""

    time_zone: Int32 = 0
    time_server: str | None = None
    daylight: bool = False
    daylight_state: Int32 = 0


class MT5ConManager(Record):
    """A manager of the server."""

    login: Int64 | None = None
    mailbox: str | None = None
    server: Int64 | None = None
    limit_logs: EnManagerLimit | None = None
    limit_reports: EnManagerLimit | None = None
    right: tuple[EnManagerRights, ...] | None = None
