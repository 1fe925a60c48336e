"""Add-ons, discount codes and the configuration of prop trading as they are shown and as they are sent."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from prorata.crm.prop.shop import Discount as KeptDiscount
from prorata.crm.prop.shop import KeptAddOn, NewAddOn, NewDiscount
from prorata.crm.prop.terms import Kind
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Double, Given, Record, Uuid, time_of
from prorata.rest.broker.prop_shapes import ZERO, Title, percent_of, read_rate, read_time
from prorata.views.answers import Rejected


class AddOnGiven(Given, frozen=True):
    """`value`: percentage points, of MINIMUM_DAYS days. `price_percentage`: of the challenge's fee."""

    name: Title
    type: Kind
    value: Double
    price_percentage: Double = ZERO
    hidden: bool = False
    challenge_ids: Annotated[tuple[Uuid, ...], Meta(max_length=200)] = ()


class AddOnView(Record, frozen=True):
    """`challenge_ids`: which it is for, none: all."""

    add_on_id: str
    name: str
    type: Kind
    value: Decimal
    price_percentage: Decimal
    hidden: bool
    challenge_ids: list[str]
    created: str | None
    updated: str | None


class DiscountGiven(Given, frozen=True):
    code: Annotated[str, Meta(min_length=1, max_length=64)]
    discount_percentage: Double
    challenge_id: Uuid | None = None
    valid_until: datetime | None = None
    max_uses: int = 0


class DiscountView(Record, frozen=True):
    """`max_uses` 0: as often as anybody likes."""

    discount_code_id: str
    code: str
    discount_percentage: Decimal
    challenge_id: str | None
    valid_until: str | None
    max_uses: int
    uses: int
    created: str | None


class ConfigurationView(Record, frozen=True):
    """`max_active_accounts`: of a person, 0 for any number. `evaluation_by_people`: whatever the phases say."""

    max_active_accounts: int
    evaluation_by_people: bool


class ConfigurationChange(Given, frozen=True):
    max_active_accounts: int | None = None
    evaluation_by_people: bool | None = None


def new_add_on(given: AddOnGiven) -> NewAddOn:
    """Raises `Rejected`."""
    value = read_rate(given.value, "value")
    if given.type == Kind.MINIMUM_DAYS:
        if given.value != given.value.to_integral_value():
            raise Rejected(Refusal.OUT_OF_RANGE, "value: days are whole")
        value = int(given.value)
    return NewAddOn(
        name=given.name, kind=given.type, value=value, hidden=given.hidden,
        price_ppm=read_rate(given.price_percentage, "pricePercentage"),
        challenge_uuids=tuple(dict.fromkeys(uuid.lower() for uuid in given.challenge_ids)),
    )  # fmt: skip


def add_on_view(add_on: KeptAddOn) -> AddOnView:
    days = add_on.kind == Kind.MINIMUM_DAYS
    return AddOnView(
        add_on_id=add_on.uuid, name=add_on.name, type=add_on.kind,
        value=Decimal(add_on.value) if days else percent_of(add_on.value), price_percentage=percent_of(add_on.price_ppm),
        hidden=add_on.hidden, challenge_ids=list(add_on.challenge_uuids), created=time_of(add_on.created_at),
        updated=time_of(add_on.updated_at),
    )  # fmt: skip


def new_discount(given: DiscountGiven) -> NewDiscount:
    """Raises `Rejected`."""
    return NewDiscount(
        code=given.code, rate_ppm=read_rate(given.discount_percentage, "discountPercentage"), uses_max=given.max_uses,
        challenge_uuid=None if given.challenge_id is None else given.challenge_id.lower(),
        ends_at=0 if given.valid_until is None else read_time(given.valid_until, "validUntil"),
    )  # fmt: skip


def discount_view(discount: KeptDiscount) -> DiscountView:
    return DiscountView(
        discount_code_id=discount.uuid, code=discount.code, discount_percentage=percent_of(discount.rate_ppm),
        challenge_id=discount.challenge_uuid, valid_until=time_of(discount.ends_at), max_uses=discount.uses_max,
        uses=discount.uses, created=time_of(discount.created_at),
    )  # fmt: skip
