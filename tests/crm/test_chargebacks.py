"""A deposit that is charged back is taken from the account once, whatever it has; what it has not is owed."""

import asyncio

import msgspec
import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.activity import TimelineEvent
from prorata.crm.chargebacks import Chargeback, ChargebackStatus
from prorata.crm.crossing import Unanswered
from prorata.crm.gateways import SANDBOX, Gateway
from prorata.crm.payments import Payment, PaymentStatus
from prorata.crm.providers import Told, signed
from prorata.messages.commands import BalanceKind, BookBalance, PutGroup
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.server.machine import KEYS_KEPT_MS
from tests.crm.desk import Desk, Failing
from tests.crm.test_payments import ANN, BOB, EVE, Till
from tests.crm.test_transfers import dying, told


class Deposited(Till):
    """A deposit of 500.00 with a fee of 5.00, on an account that had 1,000.00."""

    def __init__(self, desk: Desk, **terms: int) -> None:
        super().__init__(desk)
        self.bank: Gateway = desk.gateway(deposit_fee_ppm=10_000, **terms)
        self.payment: Payment = desk.crm.payments.deposit(self.owner, self.account, self.bank, 50_000, by=EVE)
        desk.carry(self.payment.subject)
        assert self.balance == 149_500

    def charge_back(self, amount: int, *, carried: bool = True) -> Chargeback:
        asked = self.desk.crm.chargebacks.ask(self.payment, self.bank, amount, reason="fraud", by=EVE)
        if carried:
            self.desk.carry(asked.subject)
        return self.desk.crm.chargebacks.get(asked.id)

    def spend(self, amount: int) -> None:
        self.desk.engines._apply(BookBalance(self.account.login, BalanceKind.WITHDRAWAL, amount), "")


def test_a_deposit_is_charged_back_in_parts_and_never_more_than_it_was(desk: Desk) -> None:
    till = Deposited(desk)
    first = till.charge_back(20_000)
    assert (first.status, first.claim, till.balance) == (ChargebackStatus.DONE, 0, 129_500)
    with pytest.raises(Declined) as refused:
        till.charge_back(30_001)
    assert refused.value.code == Refusal.CHARGEBACK_UNFIT
    till.charge_back(30_000)
    assert (till.balance, till.again(till.payment).status) == (99_500, PaymentStatus.DONE)
    events = [one.event for one in desk.crm.activity.timeline(till.owner.id)]
    assert events.count(TimelineEvent.CHARGEBACK) == 2
    statuses = ["AWAITING_CONFIRMATION", "PROCESSING", "DONE"]
    assert told(desk, "chargeback_changed", "chargeback") == statuses * 2
    desk.check_sums()


@pytest.mark.parametrize("protected", [False, True])
def test_what_the_account_does_not_have_is_owed_until_it_is_settled(desk: Desk, protected: bool) -> None:
    group = GroupSpec(name="retail-usd", currency="USD", leverage=100, negative_balance_protection=protected)
    desk.engines._apply(PutGroup(group), "")
    till = Deposited(desk)
    till.spend(139_500)
    chargeback = till.charge_back(50_000)
    assert (chargeback.status, chargeback.claim) == (ChargebackStatus.DONE, 40_000)
    assert till.balance == (0 if protected else -40_000)
    chargebacks = desk.crm.chargebacks
    assert [one.uuid for one in chargebacks.all(desk.organization.id, owed=True)] == [chargeback.uuid]
    chargebacks.settle_claim(chargeback, "paid by cheque")
    assert not chargebacks.all(desk.organization.id, owed=True)
    with pytest.raises(Declined):
        chargebacks.settle_claim(chargeback, "again")
    desk.check_sums()


def test_as_many_agree_as_to_a_withdrawal(desk: Desk) -> None:
    till = Deposited(desk, withdrawal_approvals=2)
    chargeback = till.charge_back(50_000, carried=False)
    decide = desk.crm.chargebacks.decide
    with pytest.raises(Declined) as refused:
        decide(chargeback, agree=True, decided_by=EVE)
    assert refused.value.code == Refusal.NOT_PERMITTED
    assert decide(chargeback, agree=True, decided_by=ANN).status == ChargebackStatus.AWAITING_CONFIRMATION
    with pytest.raises(Declined):
        decide(chargeback, agree=True, decided_by=ANN)
    assert decide(chargeback, agree=True, decided_by=BOB).status == ChargebackStatus.PROCESSING
    desk.carry_waiting()
    assert till.balance == 99_500


def test_one_rejection_ends_it_and_frees_the_amount(desk: Desk) -> None:
    till = Deposited(desk, withdrawal_approvals=1)
    chargeback = till.charge_back(50_000, carried=False)
    with pytest.raises(Declined):
        till.charge_back(1, carried=False)
    rejected = desk.crm.chargebacks.decide(chargeback, agree=False, reason="won at the bank", decided_by=ANN)
    assert (rejected.status, rejected.remark, till.balance) == (ChargebackStatus.REJECTED, "won at the bank", 149_500)
    assert till.charge_back(50_000, carried=False).status == ChargebackStatus.AWAITING_CONFIRMATION


def test_only_a_deposit_that_was_booked_is_charged_back(desk: Desk) -> None:
    till = Deposited(desk)
    withdrawal = till.withdraw(1_000)
    waiting = desk.crm.payments.deposit(till.owner, till.account, desk.gateway(deposit_approvals=1), 5_000, by=EVE)
    for payment in (withdrawal, waiting):
        with pytest.raises(Declined) as refused:
            desk.crm.chargebacks.ask(payment, till.bank, 1_000, by=EVE)
        assert refused.value.code == Refusal.CHARGEBACK_UNFIT
    with pytest.raises(Declined) as refused:
        till.charge_back(0)
    assert refused.value.code == Refusal.AMOUNT_NOT_POSITIVE


def test_what_the_platform_refuses_is_shown_and_settled_as_owed(desk: Desk) -> None:
    till = Deposited(desk)
    chargeback = till.charge_back(50_000, carried=False)
    del desk.engines.state.accounts[till.account.login]
    with pytest.raises(Declined):
        desk.carry(chargeback.subject)
    (problem,) = desk.crm.problems.open(desk.organization.id)
    desk.crm.problems.settle(problem, "the account is gone", by=ANN)
    settled = desk.crm.chargebacks.get(chargeback.id)
    assert (settled.status, settled.claim, settled.remark) == (ChargebackStatus.DONE, 50_000, "the account is gone")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_takes_it_once_and_owes_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    till = Deposited(desk)
    till.spend(129_500)
    chargeback = till.charge_back(50_000, carried=False)
    dying(desk, monkeypatch, time=1, after=after)
    with pytest.raises(Failing):
        desk.carry(chargeback.subject)
    monkeypatch.undo()
    desk.start()
    desk.engines.now += 2 * KEYS_KEPT_MS
    desk.carry_waiting()
    assert (desk.crm.chargebacks.get(chargeback.id).claim, till.balance) == (30_000, 0)
    desk.check_sums()


def test_a_provider_starts_one_and_tells_it_twice(desk: Desk) -> None:
    till = Till(desk)
    demo = desk.offer("retail-usd", demo=True)
    account = desk.trading_account(till.owner, offer=demo)
    gateway = desk.gateway(provider=SANDBOX)
    _, secret = desk.crm.gateways.called(gateway.uuid)
    payment = desk.crm.payments.deposit(till.owner, account, gateway, 5_000, by=EVE)

    def tell(amount: int, **more: str) -> None:
        told = Told(payment_uuid=payment.uuid, provider_id="P-1", paid=True, amount=amount, currency="USD")
        body = msgspec.json.encode(msgspec.structs.replace(told, **more))
        headers = {name.encode(): value.encode() for name, value in signed(secret, "1", body, desk.now).items()}
        asyncio.run(desk.crm.cashier.told(gateway.uuid, headers, body, desk.now))

    with pytest.raises(Declined):
        tell(5_000, chargeback_id="CB-1")
    tell(5_000)
    for _ in range(2):
        tell(3_000, chargeback_id="CB-1")
        assert desk.balance(account) == 2_000
    for amount, chargeback_id in ((2_999, "CB-1"), (2_001, "CB-2")):
        with pytest.raises(Declined) as refused:
            tell(amount, chargeback_id=chargeback_id)
        assert refused.value.code == Refusal.CHARGEBACK_UNFIT
    tell(2_000, chargeback_id="CB-2")
    assert desk.balance(account) == 0


def test_an_answer_that_is_lost_is_asked_for_again(desk: Desk) -> None:
    till = Deposited(desk)
    chargeback = till.charge_back(50_000, carried=False)
    desk.engines.lose = 1
    with pytest.raises(Unanswered):
        desk.carry(chargeback.subject)
    desk.carry_waiting()
    assert (desk.crm.chargebacks.get(chargeback.id).status, till.balance) == (ChargebackStatus.DONE, 99_500)
