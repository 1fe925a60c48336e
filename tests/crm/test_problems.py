"""What could not be done is tried again, and shown until it is done or people have settled it."""

import asyncio

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.gateways import SANDBOX
from prorata.crm.payments import Payment, PaymentStatus
from prorata.crm.problems import WAITS_MS, Problem
from prorata.crm.providers import Handed, Order, ProviderAway, Undecided
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS, MONEY_MAX
from tests.crm.desk import Desk
from tests.crm.test_payments import ANN, EVE, Till


@pytest.fixture
def till(desk: Desk) -> Till:
    return Till(desk)


def refused_return(till: Till) -> Payment:
    """A withdrawal of 600.00 whose money cannot go back: the account is as full as an account may be."""
    payment = till.withdraw()
    fill(till, MONEY_MAX - till.balance)
    till.decide(payment, ANN, agree=False)
    with pytest.raises(Declined) as refused:
        till.desk.carry(payment.subject)
    assert refused.value.code == Refusal.AMOUNT_TOO_LARGE
    return till.again(payment)


def fill(till: Till, amount: int) -> None:
    till.desk.engines._apply(BookBalance(till.account.login, BalanceKind.CORRECTION, amount), "")


def open_problem(till: Till) -> Problem:
    (problem,) = till.desk.crm.problems.open(till.desk.organization.id)
    return problem


def later(till: Till, wait_ms: int) -> None:
    till.desk.now += wait_ms
    till.desk.crm.problems.try_due()
    till.desk.carry_waiting()


def test_a_refused_return_is_shown_with_its_reason_and_tried_again_until_it_comes_through(till: Till) -> None:
    payment = refused_return(till)
    problem = open_problem(till)
    assert (payment.status, problem.subject, problem.tries) == (PaymentStatus.PROCESSING, payment.subject, 1)
    assert "AMOUNT_TOO_LARGE" in problem.reason
    later(till, WAITS_MS[0])
    again = open_problem(till)
    assert (again.uuid, again.tries, again.trying) == (problem.uuid, 2, False)
    till.desk.crm.problems.try_due()
    assert not till.desk.crm.crossings.waiting(payment.subject), "it waits longer now"
    fill(till, 100_000 - MONEY_MAX)
    later(till, WAITS_MS[1])
    assert (till.again(payment).status, till.balance) == (PaymentStatus.REJECTED, 160_000)
    assert not till.desk.crm.problems.open(till.desk.organization.id)


def test_people_settle_what_cannot_go_back_once(till: Till) -> None:
    payment = refused_return(till)
    problem = open_problem(till)
    problems = till.desk.crm.problems
    problems.try_again(problem)
    with pytest.raises(Declined) as refused:
        problems.settle(problem, "paid by cheque", by=ANN)
    assert refused.value.code == Refusal.PROBLEM_SETTLED, "it is on its way to the platform"
    till.desk.carry_waiting()
    problems.settle(problem, "paid by cheque", by=ANN)
    assert (till.again(payment).status, till.again(payment).remark) == (PaymentStatus.REJECTED, "paid by cheque")
    with pytest.raises(Declined) as refused:
        problems.settle(problem, "again", by=ANN)
    assert refused.value.code == Refusal.PROBLEM_SETTLED
    with pytest.raises(Declined) as refused:
        problems.try_again(problem)
    assert refused.value.code == Refusal.PROBLEM_SETTLED
    later(till, DAY_MS)
    assert till.balance == MONEY_MAX


class Forgetful:
    """A provider that is away at first, and counts its orders."""

    def __init__(self) -> None:
        self.away = True
        self.orders: list[str] = []

    async def begin(self, order: Order) -> Handed:
        if self.away:
            raise ProviderAway
        self.orders.append(order.payment_uuid)
        return Handed("P-1")

    async def look_up(self, order: Order) -> Undecided:
        return Undecided("not yet")


def begun(till: Till, provider: Forgetful) -> Payment:
    """A deposit whose process died before the provider was asked."""
    desk = till.desk
    desk.crm.cashier._providers = {SANDBOX: provider}
    demo = desk.offer("retail-usd", demo=True)
    opened = desk.crm.trading.open(till.owner, demo, by=EVE)
    desk.carry(opened.subject)
    gateway = desk.gateway(provider=SANDBOX)
    return desk.crm.payments.deposit(till.owner, desk.crm.trading.get(opened.id), gateway, 5_000, by=EVE)


def ask(till: Till) -> None:
    till.desk.now += 60_000
    asyncio.run(till.desk.crm.cashier.ask_for_waiting())


def test_a_deposit_that_no_provider_was_asked_for_is_asked_for_once(till: Till) -> None:
    provider = Forgetful()
    payment = begun(till, provider)
    asyncio.run(till.desk.crm.cashier.ask_for_waiting())
    ask(till)
    assert not provider.orders
    provider.away = False
    ask(till)
    ask(till)
    assert (provider.orders, till.again(payment).provider_id) == ([payment.uuid], "P-1")
    assert till.again(payment).status == PaymentStatus.AWAITING_CONFIRMATION


def test_a_provider_that_is_away_is_asked_once_and_keeps_nothing_of_others_waiting(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prorata.crm.payments.AT_ONCE", 2)
    provider, tried = Forgetful(), []
    provider.away = False
    payment = begun(till, provider)
    desk, found = till.desk, till.desk.crm.trading.get(payment.trading_account_id)
    broken = desk.gateway(provider=SANDBOX)
    late = [desk.crm.payments.deposit(till.owner, found, broken, 1_000, by=EVE) for _ in range(5)]
    last = desk.crm.payments.deposit(till.owner, found, desk.gateway(provider=SANDBOX), 1_000, by=EVE)
    real = provider.begin

    async def begin(order: Order) -> Handed:
        tried.append(order.payment_uuid)
        if order.gateway_uuid == broken.uuid:
            raise ProviderAway
        return await real(order)

    monkeypatch.setattr(provider, "begin", begin)
    ask(till)
    assert provider.orders == [payment.uuid, last.uuid]
    assert tried == [payment.uuid, late[0].uuid, last.uuid]


def test_a_deposit_whose_provider_is_away_for_a_day_has_failed(till: Till) -> None:
    payment = begun(till, Forgetful())
    ask(till)
    till.desk.now += DAY_MS
    ask(till)
    assert till.again(payment).status == PaymentStatus.FAILED


def test_money_of_a_deposit_that_has_ended_is_for_people_to_settle(till: Till) -> None:
    payment = begun(till, Forgetful())
    payments, problems = till.desk.crm.payments, till.desk.crm.problems
    payments.failed(payment, "expired")
    for _ in range(2):
        payments.told_too_late(till.again(payment), paid=True)
    problem = open_problem(till)
    with pytest.raises(Declined) as refused:
        problems.try_again(problem)
    assert refused.value.code == Refusal.NOTHING_TO_TRY
    problems.settle(problem, "sent back", by=ANN)
    assert till.again(payment).status == PaymentStatus.FAILED
    assert not problems.open(till.desk.organization.id)
