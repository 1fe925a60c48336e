"""Payment gateways: ways for money to come in and go out. Each has one currency, and is seen in some branches."""

import secrets
import uuid
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy import RowMapping, delete, insert, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.seals import Seals
from prorata.crm.payment_tables import branch_gateways, gateways
from prorata.crm.settings import find_setting
from prorata.crm.tables import branches
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, PPM, Minor, Moment
from prorata.units.rounding import div_ceil

MANUAL = ""
"""the provider of a gateway whose money people of the broker move: a bank transfer, cash"""
SANDBOX = "sandbox"
"""the provider that moves no money"""
APPROVALS_MAX = 5
HOURLY_MAX = 1_000
AMOUNTS = (
    "processing_fee", "deposit_min", "deposit_max", "withdrawal_min", "withdrawal_max", "deposit_fee_min", "deposit_fee_max",
    "withdrawal_fee_min", "withdrawal_fee_max", "deposit_day_max", "deposit_month_max", "withdrawal_day_max",
    "withdrawal_month_max",
)  # fmt: skip
"""Fields of a gateway in minor units of its currency."""


class NewGateway(msgspec.Struct, frozen=True, kw_only=True):
    """Fees: `processing_fee` of each payment, and a part of the amount in ppm; together from `..._fee_min` to `..._fee_max`.

    `..._min`, `..._max`: of one payment; `..._day_max`, `..._month_max`: of all that one person pays; `..._hourly_max`: how
    many he asks for within an hour. A maximum of 0 is none. `deposit_approvals`, `withdrawal_approvals`: how many people must
    agree before money is booked, or paid out.
    """

    name: str
    currency: str
    method: str = "BANK_TRANSFER"
    provider: str = MANUAL
    deposits: bool = True
    withdrawals: bool = True
    processing_fee: Minor = 0
    deposit_fee_ppm: int = 0
    withdrawal_fee_ppm: int = 0
    deposit_min: Minor = 0
    deposit_max: Minor = 0
    withdrawal_min: Minor = 0
    withdrawal_max: Minor = 0
    deposit_fee_min: Minor = 0
    deposit_fee_max: Minor = 0
    withdrawal_fee_min: Minor = 0
    withdrawal_fee_max: Minor = 0
    deposit_day_max: Minor = 0
    deposit_month_max: Minor = 0
    withdrawal_day_max: Minor = 0
    withdrawal_month_max: Minor = 0
    deposit_hourly_max: int = 0
    withdrawal_hourly_max: int = 0
    deposit_approvals: int = 0
    withdrawal_approvals: int = 0
    verification_required: bool = False


class Gateway(NewGateway, frozen=True, kw_only=True):
    id: int
    uuid: str
    organization_id: int
    branch_ids: frozenset[int]
    created_at: Moment
    updated_at: Moment

    @property
    def digits(self) -> int:
        return CURRENCY_DIGITS[self.currency]

    def deposit_fee(self, amount: Minor) -> Minor:
        """Return what a deposit costs: rounded up, at most all of it."""
        return self._fee(amount, self.deposit_fee_ppm, self.deposit_fee_min, self.deposit_fee_max)

    def withdrawal_fee(self, amount: Minor) -> Minor:
        """Return what a withdrawal costs: rounded up, at most all of it."""
        return self._fee(amount, self.withdrawal_fee_ppm, self.withdrawal_fee_min, self.withdrawal_fee_max)

    def _fee(self, amount: Minor, rate_ppm: int, least: Minor, most: Minor) -> Minor:
        fee = max(least, self.processing_fee + div_ceil(amount * rate_ppm, PPM))
        return min(amount, fee, most) if most else min(amount, fee)


class Gateways:
    """Blocks on the database."""

    def __init__(self, database: Database, seals: Seals) -> None:
        self._database = database
        self._seals = seals

    def all(self, organization_id: int) -> list[Gateway]:
        """Return an organization's gateways, oldest first."""
        return self._read(gateways.c.organization_id == organization_id)

    def find(self, organization_id: int, gateway_uuid: str) -> Gateway:
        """Raises `NotFound`."""
        return self._only((gateways.c.organization_id == organization_id) & (gateways.c.uuid == gateway_uuid))

    def get(self, number: int) -> Gateway:
        """Return the gateway that a row names. Raises `NotFound`."""
        return self._only(gateways.c.id == number)

    def called(self, gateway_uuid: str) -> tuple[Gateway, str]:
        """Return a gateway that a provider's call names, and the secret that it is signed with. Raises `NotFound`."""
        gateway = self._only((gateways.c.uuid == gateway_uuid) & (gateways.c.provider != MANUAL))
        secret = self._seals.read(gateways.c.secret, gateway.id)
        assert secret is not None, "a provider's gateway is made with a secret"
        return gateway, secret

    def _only(self, which: Any) -> Gateway:
        found = self._read(which)
        if not found:
            raise NotFound
        return found[0]

    def _read(self, which: Any) -> list[Gateway]:
        attached: dict[int, set[int]] = {}
        with self._database.reading() as connection:
            rows = connection.execute(select(gateways).where(which).order_by(gateways.c.id)).mappings().all()
            mine = branch_gateways.c.gateway_id.in_([row["id"] for row in rows])
            for branch_id, gateway_id in connection.execute(select(branch_gateways).where(mine)):
                attached.setdefault(gateway_id, set()).add(branch_id)
        return [_gateway_from(row, attached.get(row["id"], set())) for row in rows]

    def add(self, organization_id: int, new: NewGateway, branch_ids: Collection[int]) -> Gateway:
        """Make a gateway that is seen in these branches. Raises `NotFound`: one is another's; `Declined`."""
        _check(msgspec.structs.asdict(new))
        now = self._database.now()
        row = {
            **msgspec.structs.asdict(new), "uuid": str(uuid.uuid4()), "organization_id": organization_id, "secret": None,
            "created_at": now, "updated_at": now,
        }  # fmt: skip
        with self._database.writing() as connection:
            made = connection.execute(insert(gateways).values(row)).inserted_primary_key
            assert made is not None
            for branch_id in branch_ids:
                find_setting(connection, branches, organization_id, branches.c.id == branch_id)
                connection.execute(insert(branch_gateways).values(branch_id=branch_id, gateway_id=made[0]))
            if new.provider != MANUAL:
                self._seals.put(connection, gateways.c.secret, made[0], secrets.token_urlsafe(32))
        return self.get(made[0])

    def change(self, gateway: Gateway, changes: Mapping[str, Any], branch_ids: Collection[int] | None = None) -> Gateway:
        """Change what a gateway says; currency and provider stay. Payments under way go on as they began.

        Raises as `add` does.
        """
        values = {name: value for name, value in changes.items() if name not in ("currency", "provider")}
        _check({**{name: getattr(gateway, name) for name in NewGateway.__struct_fields__}, **values})
        with self._database.writing() as connection:
            values |= {"updated_at": self._database.now()}
            connection.execute(update(gateways).where(gateways.c.id == gateway.id).values(values))
            if branch_ids is not None:
                connection.execute(delete(branch_gateways).where(branch_gateways.c.gateway_id == gateway.id))
                for branch_id in branch_ids:
                    find_setting(connection, branches, gateway.organization_id, branches.c.id == branch_id)
                    connection.execute(insert(branch_gateways).values(branch_id=branch_id, gateway_id=gateway.id))
        return self.get(gateway.id)


def _check(values: Mapping[str, Any]) -> None:
    if values["currency"] not in CURRENCY_DIGITS:
        raise Declined(Refusal.MALFORMED, f"currency: {values['currency']} is none that is known here"[:200])
    if not values["name"].strip():
        raise Declined(Refusal.MALFORMED, "name: is empty")
    for name in AMOUNTS:
        if not 0 <= values[name] <= MONEY_MAX:
            raise Declined(Refusal.OUT_OF_RANGE, f"{name}: is below 0, or too large")
    for name in ("deposit_fee_ppm", "withdrawal_fee_ppm"):
        if not 0 <= values[name] < PPM:
            raise Declined(Refusal.OUT_OF_RANGE, f"{name}: must be from 0 to below 100 %")
    for name in ("deposit_hourly_max", "withdrawal_hourly_max"):
        if not 0 <= values[name] <= HOURLY_MAX:
            raise Declined(Refusal.OUT_OF_RANGE, f"{name}: must be from 0 to {HOURLY_MAX}")
    for kind in ("deposit", "withdrawal"):
        if 0 < values[f"{kind}_fee_max"] < values[f"{kind}_fee_min"]:
            raise Declined(Refusal.MALFORMED, f"{kind}_fee_max: is below {kind}_fee_min")
    if values["provider"] != MANUAL and values["deposit_approvals"]:
        raise Declined(Refusal.MALFORMED, "deposit_approvals: what comes in through a provider, the provider confirms")
    for name in ("deposit_approvals", "withdrawal_approvals"):
        if not 0 <= values[name] <= APPROVALS_MAX:
            raise Declined(Refusal.OUT_OF_RANGE, f"{name}: must be from 0 to {APPROVALS_MAX}")


def _gateway_from(row: RowMapping, branch_ids: set[int]) -> Gateway:
    values = {name: row[name] for name in Gateway.__struct_fields__ if name != "branch_ids"}
    return Gateway(**values, branch_ids=frozenset(branch_ids))
