"""A trade platform as it is kept: everything but its passwords."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from prorata.units.numbers import Moment

SEED_MAX = 2**31 - 1
RATE_MAX = 1_000
SPEED_MAX = 3_600


class PlatformKind(StrEnum):
    PRORATA = "prorata"
    """hosted by us"""
    MT5 = "mt5"
    MT4 = "mt4"


class Hosting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a platform of ours is run. `rate`: quotes a second of the simulated market; `speed`: its seconds in a real one."""

    feed: Literal["simulated", "none"] = "simulated"
    seed: Annotated[int, Meta(ge=0, le=SEED_MAX)] = 1
    rate: Annotated[int, Meta(ge=1, le=RATE_MAX)] = 50
    speed: Annotated[int, Meta(ge=1, le=SPEED_MAX)] = 1
    begin_with: Literal["defaults", "nothing"] = "defaults"
    """what it has at first: the default symbols and groups, or nothing"""


class PlatformRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Moments are 0 for never: `manager_password_at` and `database_password_at` say since when there is a password."""

    id: int
    uuid: str
    organization_id: int
    name: str
    kind: PlatformKind
    engine: str
    """the name under which we host it; "" where somebody else does"""
    host: str
    """the data directory that it is run from, by its id"""
    hosting: Hosting | None
    """None: it is somebody else's, or run as the settings file says"""
    problem: str
    """why it does not run; "" while nothing is wrong"""
    address: str
    certificate: str
    """SHA-256 of the one certificate that the server may show, in hexadecimal; "": any that the world trusts"""
    manager_login: str
    manager_password_at: Moment
    database_address: str
    database_name: str
    database_login: str
    database_password_at: Moment
    created_at: Moment
    archived_at: Moment
    archive: str
    """where its journal was put; "" until then"""

    @property
    def is_hosted(self) -> bool:
        return self.kind == PlatformKind.PRORATA


class ApiAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Where a MetaTrader server is, and who asks there."""

    address: str
    login: str
    certificate: str = ""


class DatabaseAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Where the report database of a MetaTrader server is, and who reads it."""

    address: str
    name: str
    login: str


_PLAIN = tuple(name for name in PlatformRecord.__struct_fields__ if name not in ("kind", "hosting"))


def record_from(row: Mapping[Any, Any]) -> PlatformRecord:
    hosting = msgspec.json.decode(row["hosting"], type=Hosting) if row["hosting"] else None
    values = {name: row[name] for name in _PLAIN}
    return PlatformRecord(kind=PlatformKind(row["kind"]), hosting=hosting, **values)


def hosting_text(hosting: Hosting | None) -> str:
    return "" if hosting is None else msgspec.json.encode(hosting).decode()
