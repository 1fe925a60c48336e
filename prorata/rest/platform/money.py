"""What a person asks for with his own money: deposits through gateways of his branch, withdrawals, transfers."""

from contextlib import suppress
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.access.callers import NotFound
from prorata.control.paging import Slice
from prorata.crm.accounts import CrmAccount
from prorata.crm.crossing import Unanswered
from prorata.crm.gateways import MANUAL, Gateway
from prorata.crm.once import Once, once_of
from prorata.crm.payments import Kind, Payment, PaymentFilter, PaymentStatus
from prorata.crm.settings import Offer
from prorata.crm.trading import TradingAccount
from prorata.crm.transfers import Place, Transfer, TransferFilter, TransferStatus, rate_for
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import (
    Given,
    LoginGiven,
    Record,
    ShortText,
    Uuid,
    encoded,
    login_of,
    money_of,
    read_amount,
    text_or_none,
    time_of,
)
from prorata.rest.broker.payments import GatewayView, begun_at_provider, check_room, gateway_view
from prorata.rest.own.session import Platform
from prorata.rest.platform.call import DoorCall
from prorata.rest.platform.registry import door
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import Minor
from prorata.views.answers import Rejected

LISTED_MAX = 500
_NEWEST = Slice("created", True, 0, LISTED_MAX)


class PlaceGiven(Given, frozen=True):
    system_uuid: Uuid
    login: LoginGiven


class PaymentGiven(PlaceGiven, frozen=True):
    payment_gateway_uuid: Uuid
    amount: Decimal
    comment: ShortText | None = None


class TransferGiven(Given, frozen=True):
    """`source`, `target`: trading accounts of the person; none: his wallet."""

    amount: Decimal
    source: PlaceGiven | None = None
    target: PlaceGiven | None = None
    comment: ShortText | None = None


class Of(Given, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=LISTED_MAX)] = LISTED_MAX


class OwnGateways(Record, frozen=True):
    payment_gateways: list[GatewayView]


class OwnPayment(Record, frozen=True):
    """`reference`: what a transfer at the bank must say. `pay_url`: where to pay; null if there is nothing to do there."""

    uuid: str
    kind: Kind
    status: PaymentStatus
    amount: Decimal
    net_amount: Decimal
    currency: str
    system_uuid: str
    login: str
    payment_gateway: str | None
    reference: str | None
    remark: str | None
    created: str | None
    pay_url: str | None = None


class OwnPayments(Record, frozen=True):
    payments: list[OwnPayment]


class OwnTransfer(Record, frozen=True):
    """`source`, `target`: logins; null: the wallet. `rate`: of one unit of `currency`, before the house's `fee`."""

    uuid: str
    status: TransferStatus
    source: str | None
    target: str | None
    amount: Decimal
    currency: str
    arriving_amount: Decimal
    arriving_currency: str
    fee: Decimal
    rate: str
    created: str | None


class OwnWallet(Record, frozen=True):
    """`balance`: what is invested nowhere. A wallet is `opened` when the first money goes there."""

    currency: str
    balance: Decimal
    opened: bool


class OwnTransfers(Record, frozen=True):
    transfers: list[OwnTransfer]


@door("GET", "/client/payment-gateways", signed_in=True)
async def gateways(call: DoorCall) -> OwnGateways:
    """Ways for the person's money to come in and go out: those of his branch."""
    owner = await _owner(call)
    found = await call.sql(call.house.crm.gateways.all, owner.organization_id)
    return OwnGateways(payment_gateways=[gateway_view(one) for one in found if owner.branch_id in one.branch_ids])


@door("GET", "/client/payments", signed_in=True)
async def payments(call: DoorCall, given: Of) -> OwnPayments:
    """The person's deposits, withdrawals and credit, newest first."""
    owner = await _owner(call)
    part = Slice("created", True, 0, given.limit)
    wanted = PaymentFilter(account_id=owner.id)
    found, _ = await call.sql(call.house.crm.payments.search, owner.organization_id, wanted, part)
    return OwnPayments(payments=[_payment(one) for one in found])


@door("POST", "/client/deposits", signed_in=True)
async def deposit(call: DoorCall, given: PaymentGiven) -> OwnPayment:
    """Ask for a deposit. Through a provider, who tells where to pay; or by a transfer that says the reference."""
    owner, found, gateway, amount = await _asked(call, given)
    payment = await call.sql(
        call.house.crm.payments.deposit, owner, found, gateway, amount, comment=given.comment or "", by=_name(owner),
        himself=True, once=_once(call, owner, given, "deposit"),
    )  # fmt: skip
    url = "" if gateway.provider == MANUAL else await begun_at_provider(call.house.crm, payment)
    return _payment(payment, url)


@door("POST", "/client/withdrawals", signed_in=True)
async def withdraw(call: DoorCall, given: PaymentGiven) -> OwnPayment:
    """Ask for a withdrawal: the money leaves the trading account, and waits for those who must agree."""
    owner, found, gateway, amount = await _asked(call, given)
    platform = _running(call, found.platform_uuid)
    crm, once = call.house.crm, _once(call, owner, given, "withdrawal")
    if not await call.sql(crm.payments.is_known, owner.organization_id, once):
        check_room(platform, found, amount)
    payment = await call.sql(
        crm.payments.withdraw, owner, found, gateway, amount, comment=given.comment or "", by=_name(owner), himself=True,
        once=once,
    )  # fmt: skip
    with suppress(Unanswered):  # then it is kept, and will be carried when the trade platform answers
        await crm.carrier.carry(payment.subject)
    return _payment(await call.sql(crm.payments.get, payment.id))


@door("POST", "/client/payments/{uuid}/cancel", signed_in=True)
async def cancel(call: DoorCall, uuid: str) -> OwnPayment:
    """Take back what the person has asked for himself, while people decide."""
    owner, crm = await _owner(call), call.house.crm
    payment = await call.sql(crm.payments.find, owner.organization_id, uuid.lower())
    if payment.account_id != owner.id or payment.created_by != _name(owner):
        raise NotFound
    await call.sql(crm.payments.cancel, payment)
    with suppress(Unanswered):
        await crm.carrier.carry_if_waiting(payment.subject)
    return _payment(await call.sql(crm.payments.get, payment.id))


@door("GET", "/client/wallet", signed_in=True)
async def wallet(call: DoorCall) -> OwnWallet:
    """The money that is in none of the person's trading accounts."""
    owner = await _owner(call)
    place = await call.sql(call.house.crm.transfers.wallet_of, owner.organization_id)
    copy = _running(call, place.platform_uuid).engine.copy
    number = copy.wallet_of.get((owner.id, place.currency))
    balance = 0 if number is None else copy.state.wallets[number].balance
    return OwnWallet(
        currency=place.currency, balance=money_of(balance, CURRENCY_DIGITS[place.currency]), opened=number is not None
    )


@door("GET", "/client/transfers", signed_in=True)
async def transfers(call: DoorCall) -> OwnTransfers:
    """The person's transfers, newest first."""
    owner = await _owner(call)
    wanted = TransferFilter(account_id=owner.id)
    found, _ = await call.sql(call.house.crm.transfers.search, owner.organization_id, wanted, _NEWEST)
    return OwnTransfers(transfers=[_transfer(one) for one in found])


@door("POST", "/client/transfers", signed_in=True)
async def transfer(call: DoorCall, given: TransferGiven) -> OwnTransfer:
    """Move money between the person's trading accounts, or one of them and his wallet."""
    owner, crm = await _owner(call), call.house.crm
    source, target = await _place(call, owner, given.source), await _place(call, owner, given.target)
    asked = await call.sql(
        crm.transfers.ask, owner, source, target, read_amount(given.amount, source.currency),
        rate_for(crm.engines, source, target), comment=given.comment or "", by=_name(owner),
        once=_once(call, owner, given, "transfer"),
    )  # fmt: skip
    with suppress(Unanswered):
        await crm.carrier.carry(asked.subject)
    return _transfer(await call.sql(crm.transfers.get, asked.id))


async def _owner(call: DoorCall) -> CrmAccount:
    return await call.sql(call.door.account_of, call.signed_in)


def _running(call: DoorCall, platform_uuid: str) -> Platform:
    """Return a trade platform that takes calls now. Raises `Rejected`."""
    platform = call.house.running.platform(platform_uuid)
    if platform is None:
        raise Rejected(Refusal.NOT_READY, "the trade platform does not answer; nothing was done", retry_after=5)
    return platform


def _name(owner: CrmAccount) -> str:
    """Return who asks, as payments and timelines show it."""
    return f"account {owner.uuid}"


def _once(call: DoorCall, owner: CrmAccount, given: Given, kind: str) -> Once | None:
    """Return by what the call is known again; None: it has no key."""
    return once_of(_name(owner), call.key, kind, msgspec.json.encode(given, enc_hook=encoded))


async def _found(call: DoorCall, owner: CrmAccount, given: PlaceGiven) -> tuple[TradingAccount, Offer]:
    """Return one of the person's trading accounts. Raises `Rejected`: absent and another's answer alike."""
    crm, missing = call.house.crm, Rejected(Refusal.NOT_FOUND, "login: there is no trading account of this number")
    try:
        found = await call.sql(crm.trading.find, owner.organization_id, given.system_uuid.lower(), login_of(given.login))
    except NotFound:
        raise missing from None
    if found.account_id != owner.id:
        raise missing
    return found, await call.sql(crm.settings.offer, owner.organization_id, found.offer_uuid)


async def _asked(call: DoorCall, given: PaymentGiven) -> tuple[CrmAccount, TradingAccount, Gateway, Minor]:
    """Raises `Rejected`."""
    owner = await _owner(call)
    found, offer = await _found(call, owner, given)
    try:
        gateway = await call.sql(call.house.crm.gateways.find, owner.organization_id, given.payment_gateway_uuid.lower())
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, "paymentGatewayUuid: there is no gateway of this uuid") from None
    if gateway.currency != offer.currency:
        raise Rejected(Refusal.PAYMENT_UNFIT, f"the gateway is for {gateway.currency}, the account is in {offer.currency}")
    return owner, found, gateway, read_amount(given.amount, offer.currency)


async def _place(call: DoorCall, owner: CrmAccount, given: PlaceGiven | None) -> Place:
    """Raises `Rejected`, `Declined`."""
    if given is None:
        return await call.sql(call.house.crm.transfers.wallet_of, owner.organization_id)
    return Place.of(*await _found(call, owner, given))


def _payment(payment: Payment, url: str = "") -> OwnPayment:
    digits = CURRENCY_DIGITS[payment.currency]
    return OwnPayment(
        uuid=payment.uuid, kind=payment.kind, status=payment.status, amount=money_of(payment.amount, digits),
        net_amount=money_of(payment.net_amount, digits), currency=payment.currency, system_uuid=payment.platform_uuid,
        login=str(payment.login), payment_gateway=payment.gateway_uuid, reference=text_or_none(payment.reference),
        remark=text_or_none(payment.remark), created=time_of(payment.created_at), pay_url=text_or_none(url),
    )  # fmt: skip


def _transfer(transfer: Transfer) -> OwnTransfer:
    before, after = CURRENCY_DIGITS[transfer.currency], CURRENCY_DIGITS[transfer.arriving_currency]
    source, target = (None if one is None else str(one) for one in (transfer.source_login, transfer.target_login))
    return OwnTransfer(
        uuid=transfer.uuid, status=transfer.status, source=source, target=target, amount=money_of(transfer.amount, before),
        currency=transfer.currency, arriving_amount=money_of(transfer.arriving, after),
        arriving_currency=transfer.arriving_currency, fee=money_of(transfer.fee, after), rate=transfer.rate,
        created=time_of(transfer.created_at),
    )  # fmt: skip
