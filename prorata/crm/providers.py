"""Payment providers: who moves money for us, and tells us by signed calls how it came out.

A provider is asked under the payment's uuid, which is its idempotency key: asked again, it has one order. Its calls are
signed as webhooks are (Standard Webhooks), and are read by `read_call`; told again, they change nothing. One that does not call
is asked what became of its orders (`inquiries`).
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Protocol, TypeVar

import msgspec
import structlog
from msgspec import Meta
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.organizations.declined import Declined
from prorata.control.webhooks.signing import signature_of
from prorata.crm.chargebacks import Chargebacks
from prorata.crm.crossing import Carrier, Unanswered
from prorata.crm.gateways import Gateway, Gateways
from prorata.crm.inquiries import Inquiries
from prorata.crm.payments import Kind, Payment, Payments, came_out
from prorata.crm.problems import Problems
from prorata.crm.tables import TEXT_LENGTH_MAX
from prorata.messages.refusals import Refusal
from prorata.units.numbers import MINUTE_MS, Minor, Moment

AGAIN_SECONDS = 2.0
ANSWER_SECONDS = 30.0
"""One that takes longer is away: the others are not kept waiting, and under the same uuid it is asked again."""
CALL_AGE_MAX_MS = 5 * MINUTE_MS
"""A call that was signed longer ago, or later than now, may be somebody's who has overheard it."""
ID, TIMESTAMP, SIGNATURE = b"webhook-id", b"webhook-timestamp", b"webhook-signature"

Answer = TypeVar("Answer")

_log = structlog.get_logger("crm")


class ProviderAway(Exception):
    """The provider does not answer; it is asked again."""


class BadCall(Exception):
    """A call that no provider of ours has signed, or that cannot be read."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is asked to do. `amount`: what it takes in, or pays out, in minor units. `provider_id`: what the provider
    calls it, "" as long as it is not known."""

    payment_uuid: str
    gateway_uuid: str
    kind: Kind
    amount: Minor
    currency: str
    email: str
    provider_id: str = ""


class Handed(msgspec.Struct, frozen=True):
    """An order as the provider has it. `url`: where the person pays; "" if there is nothing for him to do."""

    provider_id: str
    url: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider tells of an order. `chargeback_id`: of a chargeback of a deposit, whole or in part; "": of the order."""

    payment_uuid: str
    provider_id: str
    paid: bool
    amount: Minor
    currency: str
    reason: str = ""
    chargeback_id: Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)] = ""


class Undecided(msgspec.Struct, frozen=True):
    """An order has not come out yet, or the provider has none. `says`: what the provider tells of it, for people to read."""

    says: str


class Provider(Protocol):
    async def begin(self, order: Order) -> Handed:
        """Take an order; the same one again is the same. Raises `ProviderAway`."""
        ...

    async def look_up(self, order: Order) -> Told | Undecided:
        """Say what became of an order, and change nothing. Raises `ProviderAway`."""
        ...


class Cashier:
    """Between payments and providers. `providers`: by the names that gateways give."""

    def __init__(
        self, payments: Payments, chargebacks: Chargebacks, gateways: Gateways, problems: Problems, carrier: Carrier,
        providers: Mapping[str, Provider], inquiries: Inquiries,
    ) -> None:  # fmt: skip
        self._inquiries = inquiries
        self._chargebacks = chargebacks
        self._problems = problems
        self._payments = payments
        self._gateways = gateways
        self._carrier = carrier
        self._providers = providers

    async def begin(self, payment: Payment) -> Handed:
        """Hand a deposit to its provider. Raises `ProviderAway`."""
        gateway = await self._gateway_of(payment)
        handed = await _in_time(self._provider_of(gateway).begin(_order_of(payment, gateway)))
        await asyncio.to_thread(self._payments.asked_for, payment, handed.provider_id)
        return handed

    async def ask_for_waiting(self) -> None:
        """Ask the providers for those deposits that nobody has asked them for, once. After a day they have failed."""

        async def ask(payment: Payment) -> None:
            if self._payments.is_too_old_to_ask_for(payment):
                await asyncio.to_thread(self._payments.failed, payment, "the provider did not answer for a day")
            else:
                await self.begin(payment)

        await self._hand_over(self._payments.to_ask_for, ask)

    async def pay_out_waiting(self) -> None:
        """Hand what is to be paid out to the providers, once."""

        async def pay_out(payment: Payment) -> None:
            gateway = await self._gateway_of(payment)
            handed = await _in_time(self._provider_of(gateway).begin(_order_of(payment, gateway)))
            await asyncio.to_thread(self._payments.handed_over, payment, handed.provider_id)

        await self._hand_over(self._payments.to_pay_out, pay_out)

    async def _hand_over(self, waiting: Callable[[int], Sequence[Payment]], hand: Callable[[Payment], Awaitable[None]]) -> None:
        """Hand over all that waits. A gateway whose provider is away is asked once, and keeps nothing of others waiting."""
        away: set[int | None] = set()
        last = 0
        while found := await asyncio.to_thread(waiting, last):
            for payment in found:
                if payment.gateway_id in away:
                    continue
                try:
                    await hand(payment)
                except ProviderAway:
                    away.add(payment.gateway_id)
                except Declined:
                    continue  # it has gone on meanwhile
            last = found[-1].id

    async def ask_about_waiting(self) -> None:
        """Ask the providers what became of those payments of which it is time to ask, once."""
        away: set[int | None] = set()
        last = 0
        while found := await asyncio.to_thread(self._inquiries.due, last):
            for payment in found:
                if await asyncio.to_thread(self._inquiries.begin, payment):
                    said = await self._ask_about(payment, away)
                    await asyncio.to_thread(self._inquiries.note_said, payment, said)
            last = found[-1].id

    async def ask_again(self, payment: Payment) -> None:
        """Ask now, because people want it, what became of a payment that is listed; if it does not go on, they see why."""
        said = await self._ask_about(payment, set())
        await asyncio.to_thread(self._inquiries.asked_again, payment, said)

    async def _ask_about(self, payment: Payment, away: set[int | None]) -> str:
        """Ask what became of a payment, which goes on as it is told. Return what people may want to know if it does not."""
        gateway = await self._gateway_of(payment)
        try:
            if payment.gateway_id in away:
                raise ProviderAway
            answer = await _in_time(self._provider_of(gateway).look_up(_order_of(payment, gateway)))
        except ProviderAway:
            away.add(payment.gateway_id)
            return "it does not answer"
        if isinstance(answer, Undecided):
            return answer.says
        try:
            await self._hear(payment, answer)
        except Declined as refused:
            return refused.detail
        return ""

    async def told(self, gateway_uuid: str, headers: Mapping[bytes, bytes], body: bytes, now: Moment) -> None:
        """Take a provider's call: the payment goes on as it says.

        Raises:
            NotFound: there is no such gateway, or payment of it.
            BadCall: the signature is not the gateway's, or it is too old.
            Declined: what it says does not fit the payment.
        """
        gateway, secret = await asyncio.to_thread(self._gateways.called, gateway_uuid)
        told = read_call(secret, headers, body, now)
        payment = await asyncio.to_thread(self._payments.of_gateway, gateway, told.payment_uuid)
        if told.chargeback_id:
            await self._charge_back(gateway, payment, told)
            return
        await self._hear(payment, told)

    async def _hear(self, payment: Payment, told: Told) -> None:
        """A provider tells how an order came out, by itself or because it was asked. Raises `Declined`: it does not fit."""
        if told.payment_uuid != payment.uuid:
            raise Declined(Refusal.PAYMENT_UNFIT, "the order is not that of the payment")
        if (told.amount, told.currency) != (_amount_of(payment), payment.currency):
            raise Declined(Refusal.PAYMENT_UNFIT, "the amount is not that of the payment")
        await asyncio.to_thread(self._goes_on, payment, told)
        await self._carry(payment.subject)

    async def _charge_back(self, gateway: Gateway, payment: Payment, told: Told) -> None:
        if told.currency != payment.currency:
            raise Declined(Refusal.CHARGEBACK_UNFIT, "the currency is not that of the payment")
        asked = await asyncio.to_thread(
            self._chargebacks.ask, payment, gateway, told.amount, reason=told.reason, external_id=told.chargeback_id,
            by="provider",
        )  # fmt: skip
        await self._carry(asked.subject)

    async def _carry(self, subject: str) -> None:
        with suppress(Unanswered, Declined):  # it is kept and will be carried, or has failed: both are in the status
            await self._carrier.carry_if_waiting(subject)

    def _goes_on(self, payment: Payment, told: Told) -> None:
        try:
            if not told.paid:
                self._payments.failed(payment, told.reason)
            elif payment.kind == Kind.DEPOSIT:
                self._payments.came_in(payment, told.provider_id)
            else:
                self._payments.paid_out(payment, told.provider_id)
        except Declined:
            now = self._payments.get(payment.id)
            if came_out(now, paid=told.paid):
                return  # it was told twice at once
            self._payments.told_too_late(now, paid=told.paid)
            raise

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hand over what providers were not asked for, and what waits to be tried again, and ask what became of what they have,
        until the end of the block."""
        paying = asyncio.create_task(self._keep_paying())
        try:
            yield
        finally:
            paying.cancel()
            await asyncio.gather(paying, return_exceptions=True)

    async def _keep_paying(self) -> None:
        while True:
            try:
                await self.pay_out_waiting()
                await self.ask_for_waiting()
                await asyncio.to_thread(self._problems.try_due)
                await self.ask_about_waiting()
            except SQLAlchemyError as problem:
                _log.warning("what waits for providers cannot be read", problem=type(problem).__name__)
            except Exception:
                # A provider that fails as it was never said to must not keep all others from being asked.
                _log.exception("what waits for providers could not be handed over")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _gateway_of(self, payment: Payment) -> Gateway:
        assert payment.gateway_id is not None, "credit has no provider"
        return await asyncio.to_thread(self._gateways.get, payment.gateway_id)

    def _provider_of(self, gateway: Gateway) -> Provider:
        provider = self._providers.get(gateway.provider)
        if provider is None:
            raise ProviderAway
        return provider


def signed(secret: str, call_id: str, body: bytes, now: Moment) -> dict[str, str]:
    """Return the headers of a provider's call."""
    timestamp = now // 1_000
    signature = signature_of(secret.encode(), call_id, timestamp, body)
    return {ID.decode(): call_id, TIMESTAMP.decode(): str(timestamp), SIGNATURE.decode(): signature}


def read_call(secret: str, headers: Mapping[bytes, bytes], body: bytes, now: Moment) -> Told:
    """Return what a provider's call tells. Raises `BadCall`."""
    timestamp = headers.get(TIMESTAMP, b"")
    if not timestamp.isdigit() or len(timestamp) > 12 or abs(now - int(timestamp) * 1_000) > CALL_AGE_MAX_MS:
        raise BadCall("the call is too old, or does not say when it was made")
    expected = signature_of(secret.encode(), headers.get(ID, b"").decode("latin-1"), int(timestamp), body)
    given = headers.get(SIGNATURE, b"").decode("latin-1").split(" ")
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise BadCall("the signature is not the gateway's")
    try:
        return msgspec.json.decode(body, type=Told)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadCall("the call cannot be read") from None


async def _in_time(answer: Awaitable[Answer]) -> Answer:
    """Wait for what a provider is asked, but not for ever. Raises `ProviderAway`."""
    try:
        return await asyncio.wait_for(answer, ANSWER_SECONDS)
    except TimeoutError:
        raise ProviderAway from None


def _order_of(payment: Payment, gateway: Gateway) -> Order:
    return Order(
        payment_uuid=payment.uuid, gateway_uuid=gateway.uuid, kind=payment.kind, amount=_amount_of(payment),
        currency=payment.currency, email=payment.email, provider_id=payment.provider_id,
    )  # fmt: skip


def _amount_of(payment: Payment) -> Minor:
    """Return what moves outside: a deposit as the person pays it, a withdrawal without fees."""
    return payment.amount if payment.kind == Kind.DEPOSIT else payment.net_amount
