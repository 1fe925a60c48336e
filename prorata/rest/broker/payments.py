"""Payments: gateways, deposits and withdrawals by hand, credit; and what has been paid."""

import asyncio
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.crm.accounts import CrmAccount
from prorata.crm.gateways import MANUAL, Gateway
from prorata.crm.once import Once, once_of
from prorata.crm.payments import Kind, Payment, PaymentFilter, PaymentStatus
from prorata.crm.providers import ProviderAway
from prorata.crm.store import Crm
from prorata.crm.trading import Status, TradingAccount
from prorata.messages.refusals import Refusal
from prorata.rest.broker.account_shapes import ManagerView, manager_view
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import (
    Double,
    Given,
    LoginGiven,
    Record,
    ShortText,
    Uuid,
    encoded,
    money_of,
    read_amount,
    text_or_none,
    time_of,
)
from prorata.rest.broker.paging import Page, Paged, Span
from prorata.rest.broker.registry import SORTS, operation
from prorata.rest.own.session import Platform
from prorata.trading.accounts import withdrawable_of
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import Minor
from prorata.views.answers import Rejected

_SORTS = {**SORTS, **{name: name for name in ("amount", "status", "email", "login")}, "accountInfo.email": "email"}
_KEYS = {"created": attrgetter("created_at"), "updated": attrgetter("updated_at"), "name": attrgetter("name")}
PERCENT_DIGITS = 4
"""decimal places of a percent that a rate in ppm has"""


class SupportedView(Record, frozen=True):
    deposits: bool
    withdrawals: bool


class FeesView(Record, frozen=True):
    """`processing_fee` is an amount, the others are percent."""

    processing_fee: Decimal
    deposit_fee: Decimal
    withdrawal_fee: Decimal


class PaymentSettingsView(Record, frozen=True):
    currency: str
    fees_config: FeesView


class ProcessingView(Record, frozen=True):
    auto_deposits: bool
    auto_withdrawals: bool
    verification_required: bool


class GatewayView(Record, frozen=True):
    uuid: str
    name: str
    method: str
    supported_operation_types: SupportedView
    payment_settings: PaymentSettingsView
    processing_settings: ProcessingView


class Gateways(Record, frozen=True):
    payment_gateways: list[GatewayView]


class PersonView(Record, frozen=True):
    firstname: str
    lastname: str


class PaidAccountView(Record, frozen=True):
    uuid: str
    login: str
    offer_uuid: str


class LeadStateView(Record, frozen=True):
    status_uuid: str | None
    become_active_client_time: str | None


class PayerView(Record, frozen=True):
    account_uuid: str
    email: str
    branch_uuid: str
    personal_details: PersonView
    account_manager: ManagerView | None
    trading_account: PaidAccountView
    lead_details: LeadStateView


class FinancialView(Record, frozen=True):
    status: PaymentStatus
    amount: Decimal
    net_amount: Decimal
    currency: str


class GatewayRef(Record, frozen=True):
    uuid: str | None
    name: str | None


class AdditionalView(Record, frozen=True):
    wallet_address: str | None
    reference: str | None
    payment_id: str | None


class RequestView(Record, frozen=True):
    financial_details: FinancialView
    payment_gateway_details: GatewayRef
    additional_info: AdditionalView


class PaymentView(Record, frozen=True):
    uuid: str
    partner_id: int
    created: str | None
    remark: str | None
    account_info: PayerView
    payment_request_info: RequestView


class TransactionView(Record, frozen=True):
    amount: Decimal
    net_amount: Decimal
    currency: str


class ManualView(Record, frozen=True):
    uuid: str
    created: str | None
    status: PaymentStatus
    transaction_info: TransactionView


class BegunView(ManualView, frozen=True, kw_only=True):
    """`pay_url`: where the person pays; null if there is nothing for him to do."""

    pay_url: str | None


class ManualGiven(Given, frozen=True):
    system_uuid: Uuid
    login: LoginGiven
    payment_gateway_uuid: Uuid
    amount: Double
    comment: ShortText | None = None


class CreditGiven(Given, frozen=True):
    system_uuid: Uuid
    login: LoginGiven
    amount: Double
    comment: ShortText | None = None


@operation("GET", "/v1/payment-gateways", needs=Permission.SETTINGS_READ, sorts={**SORTS, "name": "name"})
async def payment_gateways(call: Call, span: Span) -> Gateways:
    """Ways for money to come in and go out."""
    found = await call.sql(call.crm.gateways.all, call.organization_id)
    return Gateways(payment_gateways=[gateway_view(one) for one in span.of(found, _KEYS, attrgetter("created_at"))])


@operation("GET", "/v1/deposits", needs=Permission.CLIENTS_READ, sorts=_SORTS, personal=True)
async def deposits(call: Call, page: Page, query: str = "") -> Paged[PaymentView]:
    """Deposits, in pages; `query` is looked for in e-mail, names, number, comment and reference."""
    return await _payments(call, page, query, Kind.DEPOSIT)


@operation("GET", "/v1/withdrawals", needs=Permission.CLIENTS_READ, sorts=_SORTS, personal=True)
async def withdrawals(call: Call, page: Page, query: str = "") -> Paged[PaymentView]:
    """Withdrawals, in pages; `query` as for deposits."""
    return await _payments(call, page, query, Kind.WITHDRAWAL)


@operation("POST", "/v1/deposits/manual", needs=Permission.MONEY_MOVE)
async def deposit(call: Call, given: ManualGiven) -> ManualView:
    """Book a deposit that came in by hand; the first one makes a client of a lead."""
    found, owner, gateway, amount = await _asked(call, given)
    payment = await call.sql(
        call.crm.payments.deposit, owner, found, gateway, amount, comment=given.comment or "", by=call.by,
        once=_once(call, given, Kind.DEPOSIT),
    )  # fmt: skip
    return await _carried(call, payment)


@operation("POST", "/v1/withdrawals/manual", needs=Permission.MONEY_MOVE)
async def withdraw(call: Call, given: ManualGiven) -> ManualView:
    """Take a withdrawal from an account; where people must agree to it, it waits for them."""
    found, owner, gateway, amount = await _asked(call, given)
    once = _once(call, given, Kind.WITHDRAWAL)
    if not await call.sql(call.crm.payments.is_known, call.organization_id, once):
        check_room(call.running(found.platform_uuid), found, amount)
    payment = await call.sql(
        call.crm.payments.withdraw, owner, found, gateway, amount, comment=given.comment or "", by=call.by,
        once=once,
    )  # fmt: skip
    return await _carried(call, payment)


@operation("POST", "/v1/deposits", needs=Permission.MONEY_MOVE, ours=True)
async def begin_deposit(call: Call, given: ManualGiven) -> BegunView:
    """Begin a deposit through a gateway's provider, who tells when the money is there."""
    found, owner, gateway, amount = await _asked(call, given, by_hand=False)
    payment = await call.sql(
        call.crm.payments.deposit, owner, found, gateway, amount, comment=given.comment or "", by=call.by,
        once=_once(call, given, Kind.DEPOSIT),
    )  # fmt: skip
    return _begun(payment, await begun_at_provider(call.crm, payment))


@operation("POST", "/v1/withdrawals", needs=Permission.MONEY_MOVE, ours=True)
async def begin_withdrawal(call: Call, given: ManualGiven) -> BegunView:
    """Ask for a withdrawal through a gateway's provider; where people must agree to it, it waits for them first."""
    found, owner, gateway, amount = await _asked(call, given, by_hand=False)
    once = _once(call, given, Kind.WITHDRAWAL)
    if not await call.sql(call.crm.payments.is_known, call.organization_id, once):
        check_room(call.running(found.platform_uuid), found, amount)
    payment = await call.sql(
        call.crm.payments.withdraw, owner, found, gateway, amount, comment=given.comment or "", by=call.by,
        once=once,
    )  # fmt: skip
    await call.carry(payment.subject)
    return _begun(await call.sql(call.crm.payments.get, payment.id), "")


@operation("POST", "/v1/credit/in", needs=Permission.MONEY_MOVE)
async def credit_in(call: Call, given: CreditGiven) -> None:
    """Give credit to a trading account."""
    await _credit(call, given, out=False)


@operation("POST", "/v1/credit/out", needs=Permission.MONEY_MOVE)
async def credit_out(call: Call, given: CreditGiven) -> None:
    """Take credit back from a trading account."""
    await _credit(call, given, out=True)


async def begun_at_provider(crm: Crm, payment: Payment) -> str:
    """Hand a deposit to its provider; return where the person pays, "" for nowhere. Raises `Rejected`."""
    try:
        handed = await crm.cashier.begin(payment)
    except ProviderAway:
        await asyncio.to_thread(crm.payments.failed, payment, "the provider does not answer")
        raise Rejected(Refusal.NOT_READY, "the provider does not answer; nothing was paid", retry_after=5) from None
    return handed.url


async def _payments(call: Call, page: Page, query: str, kind: Kind) -> Paged[PaymentView]:
    wanted = PaymentFilter(
        kind=kind, text=query.strip(), platforms=call.grant.platforms, since=page.since, until=page.until
    )  # fmt: skip
    found, total = await call.sql(call.crm.payments.search, call.organization_id, wanted, page.part)
    owners = await call.sql(call.crm.accounts.many, [payment.account_id for payment in found])
    return page.shown([_payment_view(payment, owners[payment.account_id]) for payment in found], total)


async def _asked(call: Call, given: ManualGiven, *, by_hand: bool = True) -> tuple[TradingAccount, CrmAccount, Gateway, Minor]:
    """Return what a payment is about: one by hand, or through a provider. Raises `Rejected`."""
    found = await call.trading_account(given.system_uuid, given.login)
    call.running(found.platform_uuid)
    try:
        gateway = await call.sql(call.crm.gateways.find, call.organization_id, given.payment_gateway_uuid.lower())
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, "paymentGatewayUuid: there is no gateway of this uuid") from None
    if (gateway.provider == MANUAL) != by_hand:
        raise Rejected(Refusal.PAYMENT_UNFIT, f"the gateway's payments are {'not ' if by_hand else ''}made by hand")
    offer = await call.offer(found.offer_uuid)
    if gateway.currency != offer.currency:
        raise Rejected(Refusal.PAYMENT_UNFIT, f"the gateway is for {gateway.currency}, the account is in {offer.currency}")
    amount = read_amount(given.amount, offer.currency)
    return found, await call.account(found.account_uuid), gateway, amount


def _once(call: Call, given: ManualGiven | CreditGiven, kind: Kind) -> Once | None:
    """Return by what the call is known again; None: it has no key."""
    return once_of(f"broker {call.client.client_id}", call.key, kind, msgspec.json.encode(given, enc_hook=encoded))


def check_room(platform: Platform, found: TradingAccount, amount: Minor) -> None:
    """Refuse a withdrawal before anything is written; what the account has when it is booked decides. Raises `Rejected`."""
    desk = platform.desk
    kept = desk.state.accounts.get(found.login)
    if found.status == Status.PENDING or kept is None:
        raise Rejected(Refusal.CHANGE_UNDER_WAY, "the trade platform has not opened the account yet")
    if amount > kept.balance:
        raise Rejected(Refusal.NOT_ENOUGH_MONEY)
    if amount > withdrawable_of(desk, kept):
        raise Rejected(Refusal.NOT_ENOUGH_FREE_MARGIN)


async def _carried(call: Call, payment: Payment) -> ManualView:
    await call.carry(payment.subject)
    return ManualView(**_told(await call.sql(call.crm.payments.get, payment.id)))


def _begun(payment: Payment, url: str) -> BegunView:
    return BegunView(**_told(payment), pay_url=text_or_none(url))


def _told(payment: Payment) -> dict[str, Any]:
    digits = CURRENCY_DIGITS[payment.currency]
    amounts = TransactionView(
        amount=money_of(payment.amount, digits), net_amount=money_of(payment.net_amount, digits), currency=payment.currency
    )
    return {
        "uuid": payment.uuid, "created": time_of(payment.created_at), "status": payment.status, "transaction_info": amounts,
    }  # fmt: skip


async def _credit(call: Call, given: CreditGiven, *, out: bool) -> None:
    found = await call.trading_account(given.system_uuid, given.login)
    call.running(found.platform_uuid)
    currency = (await call.offer(found.offer_uuid)).currency
    amount = read_amount(given.amount, currency)
    payment = await call.sql(
        call.crm.payments.give_credit, found, currency, amount, out=out, comment=given.comment or "", by=call.by,
        once=_once(call, given, Kind.CREDIT_OUT if out else Kind.CREDIT_IN),
    )  # fmt: skip
    await call.carry_now(payment.subject)


def gateway_view(gateway: Gateway) -> GatewayView:
    return GatewayView(
        uuid=gateway.uuid, name=gateway.name, method=gateway.method,
        supported_operation_types=SupportedView(deposits=gateway.deposits, withdrawals=gateway.withdrawals),
        payment_settings=PaymentSettingsView(
            currency=gateway.currency,
            fees_config=FeesView(
                processing_fee=money_of(gateway.processing_fee, gateway.digits),
                deposit_fee=money_of(gateway.deposit_fee_ppm, PERCENT_DIGITS),
                withdrawal_fee=money_of(gateway.withdrawal_fee_ppm, PERCENT_DIGITS),
            ),
        ),
        processing_settings=ProcessingView(
            auto_deposits=not gateway.deposit_approvals, auto_withdrawals=not gateway.withdrawal_approvals,
            verification_required=gateway.verification_required,
        ),
    )  # fmt: skip


def _payment_view(payment: Payment, owner: CrmAccount) -> PaymentView:
    digits = CURRENCY_DIGITS[payment.currency]
    return PaymentView(
        uuid=payment.uuid, partner_id=payment.organization_id, created=time_of(payment.created_at),
        remark=text_or_none(payment.remark or payment.comment),
        account_info=PayerView(
            account_uuid=owner.uuid, email=owner.email, branch_uuid=owner.branch_uuid,
            personal_details=PersonView(firstname=owner.first_name, lastname=owner.last_name),
            account_manager=manager_view(owner),
            trading_account=PaidAccountView(
                uuid=payment.trading_account_uuid, login=str(payment.login), offer_uuid=payment.offer_uuid
            ),
            lead_details=LeadStateView(
                status_uuid=owner.lead_status_uuid, become_active_client_time=time_of(owner.active_at)
            ),
        ),
        payment_request_info=RequestView(
            financial_details=FinancialView(
                status=payment.status, amount=money_of(payment.amount, digits),
                net_amount=money_of(payment.net_amount, digits), currency=payment.currency,
            ),
            payment_gateway_details=GatewayRef(uuid=payment.gateway_uuid, name=payment.gateway_name),
            additional_info=AdditionalView(
                wallet_address=text_or_none(payment.wallet_address), reference=text_or_none(payment.reference),
                payment_id=text_or_none(payment.provider_id),
            ),
        ),
    )  # fmt: skip
