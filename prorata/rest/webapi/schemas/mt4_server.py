"""Settings of the server itself, its log, its backups."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from prorata.rest.webapi.schemas.kinds import NO_TIME, Int32, Int64, Record
from prorata.rest.webapi.schemas.mt4_names import (
    ArcBackupExecutionPeriod,
    ArcBackupStorePeriod,
    BackupExecutionPeriod,
    BackupStorePeriod,
    ExportExecutionPeriod,
    ServerRole,
    WatchdogFailoverMode,
    WatchdogState,
)


class MT4Common(Record):
    """What the server says of itself."""

    name: str | None = None
    owner: str | None = None
    build: Int32 = 0
    version: Int32 = 0
    time_zone: Int32 = 0


class MT4CommonUpdate(Record):
    """Changes of `MT4Common`; what is not given stays."""

    name: str | UnsetType | None = UNSET
    owner: str | UnsetType | None = UNSET
    time_zone: Int32 | UnsetType = UNSET
    daylight_correction: Int32 | UnsetType = UNSET
    time_zone_real: Int32 | UnsetType = UNSET
    time_sync: str | UnsetType | None = UNSET
    min_client: Int32 | UnsetType = UNSET
    min_api: Int32 | UnsetType = UNSET
    keep_emails: Int32 | UnsetType = UNSET
    keep_ticks: Int32 | UnsetType = UNSET
    anti_flood: Int32 | UnsetType = UNSET
    flood_control: Int32 | UnsetType = UNSET


class MT4ServerTime(Record):
    """The hours of the week in which the server is open: 168 times 0 or 1, from Sunday 00:00."""

    access_hours: tuple[Int32, ...] | None = None


class MT4ServerLog(Record):
    """A line of the server's journal."""

    code: str | None = None
    time: str | None = None
    ip: str | None = None
    message: str | None = None


class MT4Holiday(Record):
    """A day, or a part of one, on which symbols are not traded."""

    year: Int32 = 0
    month: Int32 = 0
    day: Int32 = 0
    from_: Int32 = msgspec.field(name="from", default=0)
    to: Int32 = 0
    symbol: str | None = None
    description: str | None = None
    enable: bool = False


class MT4ManagerRights(Record):
    """A manager of the server and what he may do."""

    login: Int32 = 0
    name: str | None = None
    groups: str | None = None
    mail_box: str | None = None
    info_depth: Int32 = 0
    manager: bool = False
    money: bool = False
    online: bool = False
    risk_man: bool = False
    broker: bool = False
    admin: bool = False
    logs: bool = False
    reports: bool = False
    trades: bool = False
    market_watch: bool = False
    email: bool = False
    user_details: bool = False
    see_trades: bool = False
    news: bool = False
    plugins: bool = False
    market: bool = False
    notifications: bool = False
    server_reports: bool = False
    tech_support: bool = False
    ip_filter: Int32 = 0
    ip_from: Int64 = 0
    ip_to: Int64 = 0


class MT4Access(Record):
    """A rule of the firewall: which addresses may connect."""

    action: Int32 = 0
    ip_from: Int64 = 0
    ip_to: Int64 = 0
    comment: str | None = None


class MT4Backup(Record):
    """When backups are written and how long they are kept."""

    full_backup_path: str | None = None
    full_backup_period: BackupExecutionPeriod = BackupExecutionPeriod.H1
    full_backup_store: BackupStorePeriod = BackupStorePeriod.Mn1
    full_backup_shift: Int32 = 0
    full_backup_last_time: datetime = NO_TIME
    external_path: str | None = None
    archive_period: ArcBackupExecutionPeriod = ArcBackupExecutionPeriod.M5
    archive_store: ArcBackupStorePeriod = ArcBackupStorePeriod.W1
    archive_shift: Int32 = 0
    archive_last_time: datetime = NO_TIME
    export_securities: str | None = None
    export_path: str | None = None
    export_period: ExportExecutionPeriod = ExportExecutionPeriod.M1
    export_last_time: datetime = NO_TIME
    watch_role: ServerRole = ServerRole.StandAlone
    watch_opposite: str | None = None
    watch_ip: Int32 = 0
    watch_state: WatchdogState = WatchdogState.Disconnected
    watch_failover: WatchdogFailoverMode = WatchdogFailoverMode.Off
    watch_timeout: Int32 = 0
    watch_login: Int32 = 0
    watch_timestamp: Int32 = 0


class MT4BackupInfo(Record):
    """One backup that there is."""

    file: str | None = None
    size: Int64 = 0
    time: datetime = NO_TIME


class MT4DataServer(Record):
    """An access server."""

    server: str | None = None
    ip: Int32 = 0
    description: str | None = None
    is_proxy: Int32 = 0
    priority: Int32 = 0
    loading: Int64 = 0
    ip_internal: Int64 = 0
    is_witness: Int32 = 0


class MT4LiveUpdate(Record):
    """A source of new versions of the terminal."""

    company: str | None = None
    path: str | None = None
    version: Int32 = 0
    build: Int32 = 0
    max_connect: Int32 = 0
    connections: Int32 = 0
    type: Int32 = 0
    enable: Int32 = 0
    total_files: Int32 = 0
