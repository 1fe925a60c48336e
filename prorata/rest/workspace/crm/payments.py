"""Payments that people decide on: four eyes and more agree, then the money is paid out, or goes back."""

from contextlib import suppress
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.access.permissions import Grant, Permission
from prorata.control.paging import Slice
from prorata.crm.crossing import Unanswered
from prorata.crm.gateways import MANUAL
from prorata.crm.payments import Kind, Payment, PaymentFilter, PaymentStatus
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.shapes import Decision, PaymentView, Payout, payment_view
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.views.answers import Rejected

PaymentPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the payment")]
LISTED_MAX = 500
MOVES_MONEY = needs(Permission.MONEY_MOVE)


async def reached(call: Call, grant: Grant, uuid: str) -> Payment:
    """Raises `Rejected`, `NotFound`."""
    payment = await call.sql(call.crm.payments.find, grant.organization_id, uuid)
    if not grant.reaches(payment.platform_uuid):
        raise Rejected(Refusal.NOT_FOUND)
    return payment


async def carried(call: Call, before: Payment) -> PaymentView:
    """Carry what was decided as far as it goes now."""
    with suppress(Unanswered):  # then it is kept, and will be carried when the trade platform answers
        await call.crm.carrier.carry_if_waiting(before.subject)
    after = payment_view(await call.sql(call.crm.payments.get, before.id))
    call.tell(before=payment_view(before), after=after)
    return after


class Payments(Controller):
    path = "/organizations/{organization:str}/payments"
    tags = ("CRM",)

    @get("/", summary="List payments", guards=[needs(Permission.CLIENTS_READ)])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        kind: Annotated[Kind, QueryParameter(description="of which kind")] = Kind.WITHDRAWAL,
        status: Annotated[PaymentStatus | None, QueryParameter(description="only with this status")] = None,
    ) -> list[PaymentView]:
        """The newest 500."""
        call.tell_read(kind=kind)
        wanted = PaymentFilter(kind=kind, status=status, platforms=grant.platforms)
        part = Slice("created", True, 0, LISTED_MAX)
        found, _ = await call.sql(call.crm.payments.search, grant.organization_id, wanted, part)
        return [payment_view(one) for one in found]

    @post("/{payment:str}/decision", summary="Agree to a payment, or reject it", status_code=200, guards=[MOVES_MONEY])
    async def decide(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, payment: PaymentPath,
        data: JSONBody[Decision],
    ) -> PaymentView:  # fmt: skip
        """Nobody decides twice on one payment, nor agrees to what he has asked for himself."""
        found = await reached(call, grant, payment)
        decided = call.crm.payments.decide
        await call.sql(decided, found, agree=data.agree, reason=data.reason, decided_by=caller.person_uuid)
        return await carried(call, found)

    @post("/{payment:str}/payout", summary="Tell that a withdrawal was paid out, or could not be", status_code=200,
          guards=[MOVES_MONEY])  # fmt: skip
    async def pay_out(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, payment: PaymentPath,
        data: JSONBody[Payout],
    ) -> PaymentView:  # fmt: skip
        """Of a withdrawal that enough people have agreed to, and that people pay out."""
        found = await reached(call, grant, payment)
        if found.kind != Kind.WITHDRAWAL or found.provider != MANUAL:
            raise Rejected(Refusal.PAYMENT_UNFIT, "it is not paid out by people")
        payments = call.crm.payments
        await call.sql(payments.paid_out if data.paid else payments.failed, found, data.note)
        return await carried(call, found)
