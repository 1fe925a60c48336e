"""Money goes in once and out once, whoever decides at once and wherever the process is killed."""

import threading
from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import CrmAccount
from prorata.crm.activity import TimelineEvent
from prorata.crm.crossing import Unanswered
from prorata.crm.gateways import Gateway
from prorata.crm.payments import Payment, PaymentStatus
from prorata.crm.trading import TradingAccount
from prorata.messages.refusals import Refusal
from prorata.server.machine import KEYS_KEPT_MS
from tests.crm.desk import Desk, Failing
from tests.crm.test_crossing import kill_at

ANN, BOB, EVE = "ann", "bob", "eve"


class Till:
    """A person whose trading account has 1,000.00, and a gateway where two people must agree."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.owner: CrmAccount = desk.account()
        self.account: TradingAccount = desk.trading_account(self.owner, 100_000)
        self.gateway: Gateway = desk.gateway(withdrawal_approvals=2)

    def withdraw(self, amount: int = 60_000, *, carried: bool = True, by: str = EVE) -> Payment:
        payment = self.desk.crm.payments.withdraw(self.owner, self.account, self.gateway, amount, by=by)
        if carried:
            self.desk.carry(payment.subject)
        return self.again(payment)

    def again(self, payment: Payment) -> Payment:
        return self.desk.crm.payments.get(payment.id)

    def decide(self, payment: Payment, by: str, *, agree: bool = True) -> Payment:
        return self.desk.crm.payments.decide(payment, agree=agree, reason="no", decided_by=by)

    @property
    def balance(self) -> int:
        return self.desk.balance(self.account)


@pytest.fixture
def till(desk: Desk) -> Till:
    return Till(desk)


def test_a_withdrawal_leaves_the_account_at_once_and_waits_for_two_others(till: Till) -> None:
    payment = till.withdraw()
    assert (payment.status, till.balance) == (PaymentStatus.AWAITING_CONFIRMATION, 40_000)
    with pytest.raises(Declined) as refused:
        till.decide(payment, EVE)
    assert refused.value.code == Refusal.NOT_PERMITTED, "not who asked for it"
    assert till.decide(payment, ANN).status == PaymentStatus.AWAITING_CONFIRMATION
    with pytest.raises(Declined) as refused:
        till.decide(payment, ANN)
    assert refused.value.code == Refusal.PAYMENT_ENDED, "nobody decides twice"
    assert till.again(payment).approvals == 1
    assert till.decide(payment, BOB).status == PaymentStatus.BOOKED
    assert till.desk.crm.payments.paid_out(till.again(payment), "transfer 17").status == PaymentStatus.DONE
    assert till.desk.crm.payments.paid_out(till.again(payment)).reference == "transfer 17", "told again, nothing happens"
    assert till.balance == 40_000


@pytest.mark.parametrize("ending", ["rejected", "cancelled", "unpaid"])
def test_the_money_of_a_withdrawal_that_ends_otherwise_goes_back_once(till: Till, ending: str) -> None:
    payment = till.withdraw()
    payments = till.desk.crm.payments
    if ending == "rejected":
        till.decide(payment, ANN, agree=False)
    elif ending == "cancelled":
        payments.cancel(payment)
    else:
        till.decide(payment, ANN)
        payments.failed(till.decide(payment, BOB), "the bank said no")
    assert (till.again(payment).status, till.balance) == (PaymentStatus.PROCESSING, 40_000)
    till.desk.carry(payment.subject)
    wanted = {
        "rejected": PaymentStatus.REJECTED, "cancelled": PaymentStatus.CANCELLED_BY_USER,
        "unpaid": PaymentStatus.FAILED_PAYMENT,
    }  # fmt: skip
    assert (till.again(payment).status, till.balance) == (wanted[ending], 100_000)
    with pytest.raises(Declined):
        till.decide(payment, "zoe")
    with pytest.raises(Declined):
        payments.cancel(payment)
    with pytest.raises(Declined):
        payments.paid_out(payment)
    assert till.balance == 100_000


def test_of_those_who_decide_at_once_as_many_count_as_are_needed(any_desk: Desk) -> None:
    till = Till(any_desk)
    payment = till.withdraw()
    outcomes: list[str] = []
    barrier = threading.Barrier(6)

    def decide(name: str, agree: bool) -> None:
        barrier.wait()
        try:
            outcomes.append(till.decide(payment, name, agree=agree).status)
        except Declined:
            outcomes.append("late")

    threads = [threading.Thread(target=decide, args=(f"person {n}", n % 3 != 0)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    till.desk.carry_waiting()
    status = till.again(payment).status
    assert status in (PaymentStatus.BOOKED, PaymentStatus.REJECTED)
    assert till.balance == (40_000 if status == PaymentStatus.BOOKED else 100_000)
    assert len(outcomes) == 6


def test_two_who_ask_at_once_do_not_get_more_than_there_is(till: Till) -> None:
    first, second = till.withdraw(carried=False), till.withdraw(carried=False)
    till.desk.carry(first.subject)
    with pytest.raises(Declined) as refused:
        till.desk.carry(second.subject)
    assert refused.value.code == Refusal.NOT_ENOUGH_MONEY
    assert (till.again(second).status, till.balance) == (PaymentStatus.FAILED, 40_000)


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["begin_try", "settle", "_apply"])
def test_a_kill_anywhere_pays_neither_twice_nor_not_at_all(
    till: Till, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, time: int
) -> None:
    desk = till.desk
    payment = till.withdraw(carried=False)
    owner: Any = desk.engines if step == "_apply" else desk.crm.crossings
    kill_at(desk, monkeypatch, owner, step, time=time, after=after)

    def until_killed() -> None:
        desk.carry(payment.subject)
        till.decide(payment, ANN, agree=False)
        desk.carry(payment.subject)

    with pytest.raises(Failing):
        until_killed()
    monkeypatch.undo()
    desk.start()
    desk.engines.now += 2 * KEYS_KEPT_MS
    desk.carry_waiting()
    if till.again(payment).status == PaymentStatus.AWAITING_CONFIRMATION:
        till.decide(payment, ANN, agree=False)
        desk.carry_waiting()
    assert (till.again(payment).status, till.balance) == (PaymentStatus.REJECTED, 100_000)


def test_the_first_deposit_that_is_booked_makes_a_client_of_a_lead(till: Till) -> None:
    desk, gateway = till.desk, till.desk.gateway(deposit_approvals=1)
    payment = desk.crm.payments.deposit(till.owner, till.account, gateway, 5_000, by=EVE)
    assert payment.status == PaymentStatus.AWAITING_CONFIRMATION
    till.decide(payment, ANN)
    desk.engines.lose = 1
    with pytest.raises(Unanswered):
        desk.carry(payment.subject)
    assert not desk.crm.accounts.find(desk.organization.id, till.owner.uuid).active_at
    desk.carry_waiting()
    assert (till.again(payment).status, till.balance) == (PaymentStatus.DONE, 105_000)
    client = desk.crm.accounts.find(desk.organization.id, till.owner.uuid)
    assert client.active_at
    second = desk.crm.payments.deposit(till.owner, till.account, desk.gateway(), 5_000, by=EVE)
    desk.carry(second.subject)
    assert desk.crm.accounts.find(desk.organization.id, till.owner.uuid).active_at == client.active_at
    events = [one.event for one in desk.crm.activity.timeline(till.owner.id)]
    assert events.count(TimelineEvent.SUCCESSFUL_DEPOSIT) == 2
    assert events.count(TimelineEvent.BECAME_CLIENT) == 1


def test_fees_are_rounded_up_and_taken_off_what_is_booked(till: Till) -> None:
    gateway = till.desk.gateway(processing_fee=100, deposit_fee_ppm=15_000, withdrawal_fee_ppm=10_000)
    # 1.5 % of 33.33 is 0.49995, so 0.50; with 1.00 of each payment 1.50.
    paid_in = till.desk.crm.payments.deposit(till.owner, till.account, gateway, 3_333, by=EVE)
    till.desk.carry(paid_in.subject)
    assert (paid_in.net_amount, till.balance) == (3_183, 103_183)
    paid_out = till.desk.crm.payments.withdraw(till.owner, till.account, gateway, 10_000, by=EVE)
    till.desk.carry(paid_out.subject)
    assert (paid_out.net_amount, till.balance) == (9_800, 93_183)
    assert till.again(paid_out).status == PaymentStatus.DONE, "nobody needs to agree"
    # 1,000.00 were there; 33.33 came into the bank, and 98.00 left it. Both fees are the house's.
    assert till.desk.engines.state.house["USD"] == {"bank": -100_000 - 3_333 + 9_800, "house/payment-fee": 150 + 200}
    till.desk.check_sums()


def test_the_fee_of_what_is_not_paid_out_is_given_back(till: Till) -> None:
    gateway = till.desk.gateway(withdrawal_approvals=1, withdrawal_fee_ppm=10_000)
    payment = till.desk.crm.payments.withdraw(till.owner, till.account, gateway, 10_000, by=EVE)
    till.desk.carry(payment.subject)
    house = till.desk.engines.state.house["USD"]
    assert house == {"bank": -90_100, "house/payment-fee": 100}
    till.decide(payment, ANN, agree=False)
    till.desk.carry(payment.subject)
    assert (house, till.balance) == ({"bank": -100_000, "house/payment-fee": 0}, 100_000)
