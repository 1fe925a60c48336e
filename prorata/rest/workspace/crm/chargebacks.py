"""Chargebacks of deposits: people ask for them, agree to them, and settle what is owed."""

from contextlib import suppress
from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.access.permissions import Grant, Permission
from prorata.control.organizations.declined import Declined
from prorata.crm.chargebacks import Chargeback, ChargebackStatus
from prorata.crm.crossing import Unanswered
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.payments import MOVES_MONEY, PaymentPath, reached
from prorata.rest.workspace.crm.shapes import Amount, Decision, Words
from prorata.rest.workspace.crm.transfer_shapes import Settlement
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Login
from prorata.views.answers import Rejected
from prorata.views.bodies import Body
from prorata.views.numbers import read_money, show_moment, show_moment_or_none

ChargebackPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the chargeback")]


class NewChargeback(Body, frozen=True, kw_only=True):
    """`amount`: of what the person paid in, at most what is left of it."""

    amount: Amount
    reason: Words = ""


class ChargebackView(msgspec.Struct, frozen=True, kw_only=True):
    """`claim`: what the account did not have; null `claim_settled_at`: still owed, if it is above 0."""

    uuid: str
    payment: str
    status: ChargebackStatus
    account: str
    email: str
    platform: str
    login: Login
    amount: str
    currency: str
    claim: str
    claim_settled_at: str | None
    claim_note: str
    approvals: int
    needed: int
    reason: str
    remark: str
    created_by: str
    created_at: str
    booked_at: str | None


def chargeback_view(chargeback: Chargeback) -> ChargebackView:
    digits = CURRENCY_DIGITS[chargeback.currency]
    return ChargebackView(
        uuid=chargeback.uuid, payment=chargeback.payment_uuid, status=chargeback.status, account=chargeback.account_uuid,
        email=chargeback.email, platform=chargeback.platform_uuid, login=chargeback.login,
        amount=format_decimal(chargeback.amount, digits), currency=chargeback.currency,
        claim=format_decimal(chargeback.claim, digits), claim_settled_at=show_moment_or_none(chargeback.claim_settled_at),
        claim_note=chargeback.claim_note, approvals=chargeback.approvals, needed=chargeback.needed, reason=chargeback.reason,
        remark=chargeback.remark, created_by=chargeback.created_by, created_at=show_moment(chargeback.created_at),
        booked_at=show_moment_or_none(chargeback.booked_at),
    )  # fmt: skip


async def _reached(call: Call, grant: Grant, uuid: str) -> Chargeback:
    """Raises `Rejected`, `NotFound`."""
    found = await call.sql(call.crm.chargebacks.find, grant.organization_id, uuid)
    if not grant.reaches(found.platform_uuid):
        raise Rejected(Refusal.NOT_FOUND)
    return found


async def _carried(call: Call, before: Chargeback) -> ChargebackView:
    """Carry what was decided as far as it goes now."""
    with suppress(Unanswered, Declined):  # then it is kept, and tried again; what is refused is among the problems
        await call.crm.carrier.carry_if_waiting(before.subject)
    after = chargeback_view(await call.sql(call.crm.chargebacks.get, before.id))
    call.tell(before=chargeback_view(before), after=after)
    return after


class PaymentChargebacks(Controller):
    path = "/organizations/{organization:str}/payments/{payment:str}/chargebacks"
    tags = ("CRM",)

    @post("/", summary="Charge back a deposit", guards=[MOVES_MONEY])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, payment: PaymentPath,
        data: JSONBody[NewChargeback],
    ) -> ChargebackView:  # fmt: skip
        """Whole or in part. As many people must agree as to a withdrawal through its gateway; then it is taken from the
        account.
        """
        found = await reached(call, grant, payment)
        if found.gateway_id is None:
            raise Rejected(Refusal.CHARGEBACK_UNFIT, "only a deposit that was booked is charged back")
        gateway = await call.sql(call.crm.gateways.get, found.gateway_id)
        amount = read_money(data.amount, CURRENCY_DIGITS[found.currency], "amount")
        asked = await call.sql(
            call.crm.chargebacks.ask, found, gateway, amount, reason=data.reason, by=caller.person_uuid
        )  # fmt: skip
        return await _carried(call, asked)


class Chargebacks(Controller):
    path = "/organizations/{organization:str}/chargebacks"
    tags = ("CRM",)

    @get("/", summary="List chargebacks", guards=[needs(Permission.CLIENTS_READ)])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        owed: Annotated[bool, QueryParameter(description="those alone of which something is owed")] = False,
    ) -> list[ChargebackView]:
        """The newest 500."""
        call.tell_read()
        found = await call.sql(call.crm.chargebacks.all, grant.organization_id, owed=owed)
        return [chargeback_view(one) for one in found if grant.reaches(one.platform_uuid)]

    @post("/{chargeback:str}/decision", summary="Agree to a chargeback, or reject it", status_code=200, guards=[MOVES_MONEY])
    async def decide(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, chargeback: ChargebackPath,
        data: JSONBody[Decision],
    ) -> ChargebackView:  # fmt: skip
        """Nobody decides twice on one, nor agrees to what he has asked for himself."""
        found, decide = await _reached(call, grant, chargeback), call.crm.chargebacks.decide
        await call.sql(decide, found, agree=data.agree, reason=data.reason, decided_by=caller.person_uuid)
        return await _carried(call, found)

    @post("/{chargeback:str}/claim", summary="Tell that what was owed is settled", status_code=200, guards=[MOVES_MONEY])
    async def settle(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, chargeback: ChargebackPath,
        data: JSONBody[Settlement],
    ) -> ChargebackView:  # fmt: skip
        """Paid, or given up, as the note says."""
        found = await _reached(call, grant, chargeback)
        after = chargeback_view(await call.sql(call.crm.chargebacks.settle_claim, found, data.note))
        call.tell(before=chargeback_view(found), after=after)
        return after
