"""Add-ons, discount codes, what is to be paid for a challenge, and what holds for all prop trading of an organization."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.prop.challenges import Challenge
from prorata.crm.prop.tables import add_ons, challenge_add_ons, challenges, configurations, discounts
from prorata.crm.prop.terms import DAYS_MAX, AddOn, Kind, price_of
from prorata.messages.refusals import Refusal
from prorata.units.numbers import PPM, Minor, Moment

CODE_LENGTH_MAX = 64
PRICE_PPM_MAX = 10 * PPM
USES_MAX = 1_000_000
ACTIVE_MAX = 1_000


class NewAddOn(AddOn, frozen=True, kw_only=True):
    """`hidden`: nobody takes it any more. `challenge_uuids`: which challenges it is for, none: all."""

    name: str
    hidden: bool = False
    challenge_uuids: tuple[str, ...] = ()


class KeptAddOn(NewAddOn, frozen=True, kw_only=True):
    id: int
    uuid: str
    created_at: Moment
    updated_at: Moment


class NewDiscount(msgspec.Struct, frozen=True, kw_only=True):
    """`code`: as people type it, in either letter case. `ends_at`, `uses_max`: 0 for no end, and any number of times."""

    code: str
    rate_ppm: int
    challenge_uuid: str | None = None
    ends_at: Moment = 0
    uses_max: int = 0


class Discount(NewDiscount, frozen=True, kw_only=True):
    id: int
    uuid: str
    uses: int
    created_at: Moment


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """`active_max`: challenges that a person may have going at once, 0: any number.

    `by_people`: evaluations are confirmed by people, whatever a phase says.
    """

    active_max: int = 0
    by_people: bool = False


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a challenge costs with all that is taken with it."""

    amount: Minor
    add_ons: tuple[KeptAddOn, ...]
    discount_id: int | None


class Shop:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Add-ons.

    def add_ons(self, organization_id: int) -> list[KeptAddOn]:
        """Return an organization's add-ons, oldest first."""
        with self._database.reading() as connection:
            return _add_ons(connection, add_ons.c.organization_id == organization_id)

    def add_on(self, organization_id: int, add_on_uuid: str) -> KeptAddOn:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            return _add_on(connection, organization_id, add_on_uuid)

    def put_add_on(self, organization_id: int, new: NewAddOn, before: KeptAddOn | None = None) -> KeptAddOn:
        """Add an add-on, or change one; who has taken it before keeps it as it was. Raises `Declined`."""
        _check_add_on(new)
        now = self._database.now()
        values = {name: value for name, value in msgspec.structs.asdict(new).items() if name != "challenge_uuids"}
        values |= {"kind": new.kind.value, "updated_at": now}
        with self._database.writing() as connection:
            if before is None:
                row = {
                    **values, "uuid": str(uuid.uuid4()), "organization_id": organization_id, "created_at": now,
                    "deleted_at": 0,
                }  # fmt: skip
                made = connection.execute(insert(add_ons).values(row)).inserted_primary_key
                assert made is not None
                number, add_on_uuid = made[0], row["uuid"]
            else:
                number, add_on_uuid = before.id, before.uuid
                connection.execute(update(add_ons).where(add_ons.c.id == number).values(values))
            connection.execute(delete(challenge_add_ons).where(challenge_add_ons.c.add_on_id == number))
            for challenge_uuid in new.challenge_uuids:
                of = {"challenge_id": _challenge_id(connection, organization_id, challenge_uuid), "add_on_id": number}
                connection.execute(insert(challenge_add_ons).values(of))
            return _add_on(connection, organization_id, add_on_uuid)

    def remove_add_on(self, add_on: KeptAddOn) -> None:
        """Nobody takes it any more, nor is it listed."""
        gone = {"deleted_at": self._database.now()}
        with self._database.writing() as connection:
            connection.execute(update(add_ons).where(add_ons.c.id == add_on.id).values(gone))

    # Discount codes.

    def discounts(self, organization_id: int) -> list[Discount]:
        query = _DISCOUNTS.where(discounts.c.organization_id == organization_id).order_by(discounts.c.id)
        with self._database.reading() as connection:
            return [_discount_from(row) for row in connection.execute(query).mappings()]

    def add_discount(self, organization_id: int, new: NewDiscount) -> Discount:
        """Raises `Declined`: the code is taken, or out of range."""
        code = new.code.strip()
        if not code or len(code) > CODE_LENGTH_MAX or not 0 < new.rate_ppm <= PPM or not 0 <= new.uses_max <= USES_MAX:
            raise Declined(Refusal.PROP_UNFIT, "a discount has a code, a rate above 0 up to 100 percent, and uses")
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, "code": code, "code_key": code.lower(),
            "rate_ppm": new.rate_ppm, "ends_at": new.ends_at, "uses_max": new.uses_max, "uses": 0,
            "created_at": self._database.now(), "challenge_id": None,
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                if new.challenge_uuid is not None:
                    row["challenge_id"] = _challenge_id(connection, organization_id, new.challenge_uuid)
                connection.execute(insert(discounts).values(row))
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, f"there is a discount of this code: {code}") from None
        return next(one for one in self.discounts(organization_id) if one.uuid == row["uuid"])

    def end_discount(self, organization_id: int, discount_uuid: str) -> None:
        """Let a discount end now. Raises `NotFound`."""
        mine = (discounts.c.organization_id == organization_id) & (discounts.c.uuid == discount_uuid)
        with self._database.writing() as connection:
            if not connection.execute(update(discounts).where(mine).values(ends_at=self._database.now())).rowcount:
                raise NotFound

    # What is to be paid.

    def price(self, challenge: Challenge, add_on_uuids: Sequence[str], code: str) -> Price:
        """Return what a challenge costs with these add-ons and a discount code, "" for none. Raises `Declined`."""
        with self._database.reading() as connection:
            return price_within(connection, challenge, add_on_uuids, code, self._database.now())

    # What holds for all.

    def configuration(self, organization_id: int) -> Configuration:
        with self._database.reading() as connection:
            return configuration_of(connection, organization_id)

    def configure(self, organization_id: int, changes: Mapping[str, Any]) -> Configuration:
        """Raises `Declined`."""
        with self._database.writing() as connection:
            after = msgspec.structs.replace(configuration_of(connection, organization_id), **changes)
            if not 0 <= after.active_max <= ACTIVE_MAX:
                raise Declined(Refusal.PROP_UNFIT, f"maxActiveAccounts: must be from 0 to {ACTIVE_MAX}")
            connection.execute(delete(configurations).where(configurations.c.organization_id == organization_id))
            values = {"organization_id": organization_id, **msgspec.structs.asdict(after)}
            connection.execute(insert(configurations).values(values))
        return after


def configuration_of(connection: Connection, organization_id: int) -> Configuration:
    query = select(configurations).where(configurations.c.organization_id == organization_id)
    row = connection.execute(query).mappings().first()
    return Configuration() if row is None else Configuration(active_max=row["active_max"], by_people=row["by_people"])


def price_within(
    connection: Connection, challenge: Challenge, add_on_uuids: Sequence[str], code: str, now: Moment
) -> Price:  # fmt: skip
    """As `Shop.price`. No use of the code is counted yet."""
    taken = []
    for add_on_uuid in dict.fromkeys(add_on_uuids):
        try:
            add_on = _add_on(connection, challenge.organization_id, add_on_uuid)
        except NotFound:
            raise Declined(Refusal.UNKNOWN_REFERENCE, "addOnIds: there is no add-on of this id") from None
        if add_on.hidden or (add_on.challenge_uuids and challenge.uuid not in add_on.challenge_uuids):
            raise Declined(Refusal.PROP_CLOSED, f"the add-on is not for this challenge: {add_on.name}")
        taken.append(add_on)
    discount = _discount(connection, challenge, code, now) if code else None
    amount = price_of(challenge.fee, list(taken), 0 if discount is None else discount.rate_ppm)
    return Price(amount=amount, add_ons=tuple(taken), discount_id=None if discount is None else discount.id)


def use_discount(connection: Connection, discount_id: int) -> None:
    """Count one more use of a code. Raises `Declined`: somebody else has had the last one."""
    left = or_(discounts.c.uses_max == 0, discounts.c.uses < discounts.c.uses_max)
    mine = (discounts.c.id == discount_id) & left
    if not connection.execute(update(discounts).where(mine).values(uses=discounts.c.uses + 1)).rowcount:
        raise Declined(Refusal.DISCOUNT_UNFIT, "the code has been used as often as it may")


def _discount(connection: Connection, challenge: Challenge, code: str, now: Moment) -> Discount:
    mine = (discounts.c.organization_id == challenge.organization_id) & (discounts.c.code_key == code.strip().lower())
    row = connection.execute(_DISCOUNTS.where(mine)).mappings().first()
    if row is None or row["challenge_uuid"] not in (None, challenge.uuid):
        raise Declined(Refusal.DISCOUNT_UNFIT, "there is no such code for this challenge")
    found = _discount_from(row)
    if found.ends_at and found.ends_at <= now:
        raise Declined(Refusal.DISCOUNT_UNFIT, "the code has ended")
    if found.uses_max and found.uses >= found.uses_max:
        raise Declined(Refusal.DISCOUNT_UNFIT, "the code has been used as often as it may")
    return found


_DISCOUNTS = select(discounts, challenges.c.uuid.label("challenge_uuid")).select_from(
    discounts.outerjoin(challenges, challenges.c.id == discounts.c.challenge_id)
)


def _discount_from(row: RowMapping) -> Discount:
    return Discount(**{name: row[name] for name in Discount.__struct_fields__})


def _challenge_id(connection: Connection, organization_id: int, challenge_uuid: str) -> int:
    mine = (challenges.c.organization_id == organization_id) & (challenges.c.uuid == challenge_uuid)
    number: int | None = connection.execute(select(challenges.c.id).where(mine)).scalar()
    if number is None:
        raise Declined(Refusal.UNKNOWN_REFERENCE, "challengeId: there is no challenge of this id")
    return number


def _add_on(connection: Connection, organization_id: int, add_on_uuid: str) -> KeptAddOn:
    mine = (add_ons.c.organization_id == organization_id) & (add_ons.c.uuid == add_on_uuid)
    found = _add_ons(connection, mine)
    if not found:
        raise NotFound
    return found[0]


def _add_ons(connection: Connection, which: Any) -> list[KeptAddOn]:
    there = which & (add_ons.c.deleted_at == 0)
    rows = connection.execute(select(add_ons).where(there).order_by(add_ons.c.id)).mappings().all()
    uuids: dict[int, list[str]] = {row["id"]: [] for row in rows}
    query = select(challenge_add_ons.c.add_on_id, challenges.c.uuid)
    query = query.join(challenges, challenges.c.id == challenge_add_ons.c.challenge_id).order_by(challenges.c.id)
    for number, challenge_uuid in connection.execute(query.where(challenge_add_ons.c.add_on_id.in_(list(uuids)))):
        uuids[number].append(challenge_uuid)
    return [_add_on_from(row, uuids[row["id"]]) for row in rows]


def _add_on_from(row: RowMapping, challenge_uuids: list[str]) -> KeptAddOn:
    values = {name: row[name] for name in KeptAddOn.__struct_fields__ if name not in ("challenge_uuids", "kind")}
    return KeptAddOn(**values, kind=Kind(row["kind"]), challenge_uuids=tuple(challenge_uuids))


def _check_add_on(new: NewAddOn) -> None:
    most = DAYS_MAX if new.kind == Kind.MINIMUM_DAYS else PPM
    if not new.name.strip() or not 0 < new.value <= most or not 0 <= new.price_ppm <= PRICE_PPM_MAX:
        raise Declined(Refusal.PROP_UNFIT, "an add-on has a name, a value above 0 and within its kind, and a price")
