"""What is sent about the CRM, and what is shown. Amounts are decimal texts, rates percent."""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from prorata.crm.gateways import AMOUNTS, Gateway
from prorata.crm.payments import Kind, Payment, PaymentStatus
from prorata.crm.settings import Branch, LeadStatus, Offer, Role
from prorata.rest.workspace.organizations.shapes import Title, Uuid
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Login
from prorata.views.bodies import NO_CONTROLS, Body
from prorata.views.numbers import DECIMAL_PATTERN, read_money, read_percent, show_moment, show_moment_or_none, show_percent

Amount: TypeAlias = Annotated[str, Meta(max_length=32, pattern=DECIMAL_PATTERN, examples=["100.00"])]
Percent: TypeAlias = Annotated[str, Meta(max_length=16, pattern=DECIMAL_PATTERN, examples=["1.5"])]
Currency: TypeAlias = Annotated[str, Meta(min_length=3, max_length=8, pattern=r"^[A-Z]+\Z", examples=["USD"])]
Words: TypeAlias = Annotated[str, Meta(max_length=256, pattern=NO_CONTROLS, examples=["as agreed"])]
GroupName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS, examples=["retail-usd"])]
Leverage: TypeAlias = Annotated[int, Meta(ge=0, le=5_000, examples=[100])]
Often: TypeAlias = Annotated[int, Meta(ge=0, le=1_000, examples=[10])]
Approvals: TypeAlias = Annotated[int, Meta(ge=0, le=5, examples=[2])]


class NewBranch(Body, frozen=True, kw_only=True):
    name: Title
    two_factor: bool = False


class NewOfferBody(Body, frozen=True, kw_only=True):
    """`leverage` 0: the group's. `initial_deposit`: what a demo account begins with."""

    name: Title
    branch: Uuid
    platform: Uuid
    group: GroupName
    currency: Currency
    leverage: Leverage = 0
    demo: bool = False
    hidden: bool = False
    description: Words = ""
    initial_deposit: Amount = "0"
    verification_required: bool = False
    automatic: bool = False


class OfferChange(Body, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    name: Title | UnsetType = UNSET
    leverage: Leverage | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    description: Words | UnsetType = UNSET
    initial_deposit: Amount | UnsetType = UNSET
    verification_required: bool | UnsetType = UNSET
    automatic: bool | UnsetType = UNSET


class GatewayTerms(Body, frozen=True, kw_only=True):
    """A maximum of 0 is none. `..._approvals`: how many people must agree. `provider` "": people move the money.

    `..._day_max`, `..._month_max`: of all that one person pays; `..._hourly_max`: how many he asks for within an hour.
    """

    name: Title
    currency: Currency
    branches: Annotated[tuple[Uuid, ...], Meta(max_length=200)]
    method: Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Z_]+\Z", examples=["BANK_TRANSFER"])] = (
        "BANK_TRANSFER"
    )
    provider: Literal["", "sandbox"] = ""
    deposits: bool = True
    withdrawals: bool = True
    processing_fee: Amount = "0"
    deposit_fee_percent: Percent = "0"
    withdrawal_fee_percent: Percent = "0"
    deposit_min: Amount = "0"
    deposit_max: Amount = "0"
    withdrawal_min: Amount = "0"
    withdrawal_max: Amount = "0"
    deposit_fee_min: Amount = "0"
    deposit_fee_max: Amount = "0"
    withdrawal_fee_min: Amount = "0"
    withdrawal_fee_max: Amount = "0"
    deposit_day_max: Amount = "0"
    deposit_month_max: Amount = "0"
    withdrawal_day_max: Amount = "0"
    withdrawal_month_max: Amount = "0"
    deposit_hourly_max: Often = 0
    withdrawal_hourly_max: Often = 0
    deposit_approvals: Approvals = 0
    withdrawal_approvals: Approvals = 0
    verification_required: bool = False


class Decision(Body, frozen=True, kw_only=True):
    agree: bool
    reason: Words = ""


class Payout(Body, frozen=True, kw_only=True):
    """`paid` false: it could not be paid out, and the money goes back to the account."""

    paid: bool
    note: Words = ""


class BranchView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str
    two_factor: bool
    created_at: str


class NamedView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str
    branch: str
    platform: str
    group: str
    currency: str
    leverage: int
    demo: bool
    hidden: bool
    description: str
    initial_deposit: str
    verification_required: bool
    automatic: bool
    created_at: str


class GatewayView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str
    method: str
    provider: str
    currency: str
    branches: tuple[str, ...]
    deposits: bool
    withdrawals: bool
    processing_fee: str
    deposit_fee_percent: str
    withdrawal_fee_percent: str
    deposit_min: str
    deposit_max: str
    withdrawal_min: str
    withdrawal_max: str
    deposit_fee_min: str
    deposit_fee_max: str
    withdrawal_fee_min: str
    withdrawal_fee_max: str
    deposit_day_max: str
    deposit_month_max: str
    withdrawal_day_max: str
    withdrawal_month_max: str
    deposit_hourly_max: int
    withdrawal_hourly_max: int
    deposit_approvals: int
    withdrawal_approvals: int
    verification_required: bool
    created_at: str


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """`approvals`: how many have agreed, of those `needed`."""

    uuid: str
    kind: Kind
    status: PaymentStatus
    account: str
    email: str
    platform: str
    login: Login
    gateway: str | None
    amount: str
    net_amount: str
    currency: str
    approvals: int
    needed: int
    comment: str
    remark: str
    reference: str
    created_by: str
    created_at: str
    booked_at: str | None


_RATES = {"deposit_fee_percent": "deposit_fee_ppm", "withdrawal_fee_percent": "withdrawal_fee_ppm"}


def branch_view(branch: Branch) -> BranchView:
    return BranchView(
        uuid=branch.uuid, name=branch.name, two_factor=branch.two_factor, created_at=show_moment(branch.created_at)
    )


def named_view(setting: Role | LeadStatus) -> NamedView:
    return NamedView(uuid=setting.uuid, name=setting.name)


def offer_view(offer: Offer, branch_uuid: str) -> OfferView:
    return OfferView(
        uuid=offer.uuid, name=offer.name, branch=branch_uuid, platform=offer.platform_uuid, group=offer.group_name,
        currency=offer.currency, leverage=offer.leverage, demo=offer.demo, hidden=offer.hidden, description=offer.description,
        initial_deposit=format_decimal(offer.initial_deposit, offer.digits),
        verification_required=offer.verification_required, automatic=offer.automatic, created_at=show_moment(offer.created_at),
    )  # fmt: skip


def gateway_values(body: GatewayTerms) -> dict[str, Any]:
    """Return what is told of a gateway in whole numbers. Raises `Rejected`."""
    values = {name: value for name, value in msgspec.structs.asdict(body).items() if name not in (*_RATES, "branches")}
    digits = CURRENCY_DIGITS.get(body.currency, 2)
    values |= {name: read_money(values[name], digits, name) for name in AMOUNTS}
    return values | {kept: read_percent(getattr(body, name), name) for name, kept in _RATES.items()}


def gateway_view(gateway: Gateway, branch_uuids: dict[int, str]) -> GatewayView:
    money = {name: format_decimal(getattr(gateway, name), gateway.digits) for name in AMOUNTS}
    return GatewayView(
        uuid=gateway.uuid, name=gateway.name, method=gateway.method, provider=gateway.provider, currency=gateway.currency,
        branches=tuple(branch_uuids[number] for number in sorted(gateway.branch_ids)), deposits=gateway.deposits,
        withdrawals=gateway.withdrawals, deposit_fee_percent=show_percent(gateway.deposit_fee_ppm),
        withdrawal_fee_percent=show_percent(gateway.withdrawal_fee_ppm), deposit_hourly_max=gateway.deposit_hourly_max,
        withdrawal_hourly_max=gateway.withdrawal_hourly_max, deposit_approvals=gateway.deposit_approvals,
        withdrawal_approvals=gateway.withdrawal_approvals, verification_required=gateway.verification_required,
        created_at=show_moment(gateway.created_at), **money,
    )  # fmt: skip


def payment_view(payment: Payment) -> PaymentView:
    digits = CURRENCY_DIGITS[payment.currency]
    return PaymentView(
        uuid=payment.uuid, kind=payment.kind, status=payment.status, account=payment.account_uuid, email=payment.email,
        platform=payment.platform_uuid, login=payment.login, gateway=payment.gateway_uuid,
        amount=format_decimal(payment.amount, digits), net_amount=format_decimal(payment.net_amount, digits),
        currency=payment.currency, approvals=payment.approvals, needed=payment.needed, comment=payment.comment,
        remark=payment.remark, reference=payment.reference, created_by=payment.created_by,
        created_at=show_moment(payment.created_at), booked_at=show_moment_or_none(payment.booked_at),
    )  # fmt: skip
