"""Trading accounts, as the MT5 surface shows them."""

from datetime import datetime

import msgspec

from prorata.rest.webapi.schemas.flags import UsersRights
from prorata.rest.webapi.schemas.kinds import ZERO, Double, Int32, Int64, Record


class MT5User(Record):
    """A trading account with its owner's card. It has no password."""

    login: Int64 = 0
    group: str | None = None
    name: str | None = None
    company: str | None = None
    country: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None
    phone: str | None = None
    e_mail: str | None = None
    comment: str | None = None
    color: Int32 = 0
    leverage: Int32 = 0
    account: str | None = None
    language: Int32 = 0
    address: str | None = None
    id: str | None = None
    status: str | None = None
    agent: Int64 = 0
    lead_campaign: str | None = None
    lead_source: str | None = None
    client_id: Int64 = msgspec.field(name="clientID", default=0)
    first_name: str | None = None
    last_name: str | None = None
    middle_name: str | None = None
    rights: UsersRights = msgspec.field(default_factory=UsersRights)
    cert_serial_number: Int64 = 0
    registration: datetime | None = None
    last_access: datetime | None = None
    last_pass_change: datetime | None = None
    last_ip: str | None = msgspec.field(name="lastIP", default=None)
    balance: Double = ZERO
    credit: Double = ZERO
    interest_rate: Double = ZERO
    commission_daily: Double = ZERO
    commission_monthly: Double = ZERO
    commission_agent_daily: Double = ZERO
    commission_agent_monthly: Double = ZERO
    balance_prev_day: Double = ZERO
    balance_prev_month: Double = ZERO
    equity_prev_day: Double = ZERO
    equity_prev_month: Double = ZERO
