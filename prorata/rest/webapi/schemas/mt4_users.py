"""Trading accounts, as the MT4 surface shows them."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from prorata.rest.webapi.schemas.kinds import NO_TIME, ZERO, Double, Int32, Int64, Record


class MT4User(Record):
    """A trading account with its owner's card. It has no password."""

    login: Int32 = 0
    group: str | None = None
    name: str | None = None
    registration_date: datetime = NO_TIME
    last_date: datetime = NO_TIME
    external_id: str | None = None
    status: str | None = None
    country: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None
    address: str | None = None
    lead_source: str | None = None
    phone: str | None = None
    email: str | None = None
    comment: str | None = None
    leverage: Int32 = 0
    agent_account: Int32 = 0
    last_ip: Int32 = msgspec.field(name="lastIP", default=0)
    balance: Double = ZERO
    credit: Double = ZERO
    prev_month_balance: Double = ZERO
    prev_balance: Double = ZERO
    prev_month_equity: Double = ZERO
    prev_equity: Double = ZERO
    interest_rate: Double = ZERO
    taxes: Double = ZERO
    enable_flags: Int32 = 0
    send_reports: Int32 = 0
    mqid: Int64 = 0
    user_color: Int32 = 0


class MT4UserUpdate(Record):
    """Changes of a trading account; what is not given stays."""

    group: str | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    external_id: str | UnsetType | None = UNSET
    status: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    state: str | UnsetType | None = UNSET
    zip_code: str | UnsetType | None = UNSET
    address: str | UnsetType | None = UNSET
    lead_source: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    comment: str | UnsetType | None = UNSET
    leverage: Int32 | UnsetType = UNSET
    agent_account: Int32 | UnsetType = UNSET
    balance: Double | UnsetType = UNSET
    credit: Double | UnsetType = UNSET
    interest_rate: Double | UnsetType = UNSET
    taxes: Double | UnsetType = UNSET
    enable_flags: Int32 | UnsetType = UNSET
    send_reports: Int32 | UnsetType = UNSET
    mqid: Int64 | UnsetType = UNSET
    user_color: Int32 | UnsetType = UNSET


class MT4UserCreate(Record):
    """A trading account to be opened; login 0 takes the next free number."""

    login: Int32 = 0
    group: str | None = None
    name: str | None = None
    external_id: str | None = None
    status: str | None = None
    country: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None
    address: str | None = None
    lead_source: str | None = None
    phone: str | None = None
    email: str | None = None
    comment: str | None = None
    leverage: Int32 = 0
    agent_account: Int32 = 0
    interest_rate: Double = ZERO
    taxes: Double = ZERO
    enable_flags: Int32 | UnsetType = UNSET
    send_reports: Int32 = 0
    mqid: Int64 = 0
    user_color: Int32 = 0


class MT4UsersGroupOp(Record):
    """One operation on many accounts."""

    command: str | None = None
    new_group: str | None = None
    leverage: Int32 = 0
    logins: tuple[Int32, ...] | None = None


class MT4UserRestoreInput(Record):
    """A trading account to be put back."""

    login: Int32 = 0
    group: str | None = None
    name: str | None = None
    email: str | None = None
    country: str | None = None
    leverage: Int32 = 0
    balance: Double = ZERO
    credit: Double = ZERO
    enable: Int32 = 0
    enable_read_only: Int32 = 0


class MT4BalanceDiff(Record):
    """By how much a balance and the sum of its postings differ."""

    login: Int32 = 0
    diff: Double = ZERO


class MT4Online(Record):
    """An account that is connected."""

    login: Int32 = 0
    group: str | None = None
