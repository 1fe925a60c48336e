"""A provider that does not tell how a payment came out is asked, less often each time, and at last people are."""

import asyncio

import msgspec
import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm import providers
from prorata.crm.gateways import SANDBOX, Gateway
from prorata.crm.inquiries import UNANSWERED, WAITS_MS
from prorata.crm.payments import UNEXPECTED, Payment, PaymentStatus
from prorata.crm.problems import Problem
from prorata.crm.providers import Handed, Order, ProviderAway, Told, Undecided, signed
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS, MONEY_MAX, SECOND_MS
from tests.crm.desk import Desk
from tests.crm.test_payments import ANN, EVE

S = PaymentStatus


class Silent:
    """A provider that takes orders and never calls. `says`: how all of them came out; None: it does not answer at all."""

    def __init__(self) -> None:
        self.says: bool | str | None = "on its way"
        self.taking = True
        self.hanging = False
        self.asked: list[Order] = []
        self.amount_more = 0

    async def begin(self, order: Order) -> Handed:
        if not self.taking:
            raise ProviderAway
        if self.hanging:
            await asyncio.sleep(3600)
        return Handed(f"P-{order.payment_uuid}")

    async def look_up(self, order: Order) -> Told | Undecided:
        self.asked.append(order)
        if self.says is None:
            raise ProviderAway
        return Undecided(self.says) if isinstance(self.says, str) else told(order, self.says, self.amount_more)


def told(order: Order, paid: bool, more: int = 0) -> Told:
    return Told(
        payment_uuid=order.payment_uuid, provider_id=order.provider_id, paid=paid, amount=order.amount + more,
        currency=order.currency, reason="" if paid else "no such card",
    )  # fmt: skip


class Counter:
    """A demo account with 1,000.00, and a gateway of a provider that never calls."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.provider = desk, Silent()
        self.owner = desk.account()
        self.account: TradingAccount = desk.trading_account(self.owner, 100_000, desk.offer("retail-usd", demo=True))
        self.gateway: Gateway = desk.gateway(provider=SANDBOX)
        desk.crm.cashier._providers = {SANDBOX: self.provider}

    def begin(self, kind: str = "withdraw") -> Payment:
        """Ask for 100.00, and hand it to the provider."""
        crm = self.desk.crm
        payment: Payment = getattr(crm.payments, kind)(self.owner, self.account, self.gateway, 10_000, by=EVE)
        asyncio.run(crm.carrier.carry_if_waiting(payment.subject))
        self.later(15 * SECOND_MS)
        return self.again(payment)

    def later(self, wait_ms: int) -> None:
        """What the cashier does by itself once such a time has passed."""
        cashier = self.desk.crm.cashier
        self.desk.now += wait_ms
        for work in (cashier.pay_out_waiting, cashier.ask_for_waiting, cashier.ask_about_waiting):
            asyncio.run(work())
        self.desk.carry_waiting()

    def in_vain(self) -> Problem:
        """Let all the time pass in which the provider is asked; return the problem that is listed then."""
        for wait_ms in (*WAITS_MS, WAITS_MS[-1]):
            self.later(wait_ms)
        (problem,) = self.problems
        return problem

    def call(self, payment: Payment, *, paid: bool) -> None:
        """The provider calls after all."""
        order = Order(
            payment_uuid=payment.uuid, gateway_uuid=self.gateway.uuid, kind=payment.kind, amount=payment.amount,
            currency=payment.currency, email=payment.email, provider_id=payment.provider_id,
        )  # fmt: skip
        body = msgspec.json.encode(told(order, paid))
        _, secret = self.desk.crm.gateways.called(self.gateway.uuid)
        headers = {name.encode(): value.encode() for name, value in signed(secret, "call", body, self.desk.now).items()}
        asyncio.run(self.desk.crm.cashier.told(self.gateway.uuid, headers, body, self.desk.now))

    def settle(self, problem: Problem, paid: bool | None) -> None:
        self.desk.crm.problems.settle(problem, "the provider's desk has said so", by=ANN, paid=paid)
        self.desk.carry_waiting()

    @property
    def problems(self) -> list[Problem]:
        return self.desk.crm.problems.open(self.desk.organization.id)

    def again(self, payment: Payment) -> Payment:
        return self.desk.crm.payments.get(payment.id)

    def stands(self, payment: Payment) -> tuple[PaymentStatus, int]:
        """Return the status of a payment, and what is on the account."""
        return self.again(payment).status, self.desk.balance(self.account)


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


@pytest.mark.parametrize(
    ("kind", "paid", "ending", "balance"),
    [
        ("withdraw", True, S.DONE, 90_000), ("withdraw", False, S.FAILED_PAYMENT, 100_000),
        ("deposit", True, S.DONE, 110_000), ("deposit", False, S.FAILED, 100_000),
    ],
)  # fmt: skip
def test_a_provider_that_never_calls_is_asked_and_its_answer_counts(
    counter: Counter, kind: str, paid: bool, ending: PaymentStatus, balance: int
) -> None:
    payment = counter.begin(kind)
    counter.provider.says = paid
    assert not counter.provider.asked, "it is given time to call"
    counter.later(WAITS_MS[0])
    assert counter.stands(payment) == (ending, balance)
    counter.later(DAY_MS)
    (order,) = counter.provider.asked
    assert (order.payment_uuid, order.provider_id) == (payment.uuid, payment.provider_id)
    counter.call(payment, paid=paid)
    assert (counter.stands(payment), counter.problems) == ((ending, balance), []), "told again, nothing happens"
    counter.desk.check_sums()


def test_it_is_asked_less_often_each_time_and_then_people_are(any_desk: Desk) -> None:
    counter = Counter(any_desk)
    payment = counter.begin()
    for times, wait_ms in enumerate(WAITS_MS, 1):
        counter.later(wait_ms - 30_000)
        assert len(counter.provider.asked) == times - 1
        counter.later(60_000)
        assert len(counter.provider.asked) == times
        assert not counter.problems
    counter.later(WAITS_MS[-1])
    (problem,) = counter.problems
    assert (problem.step, problem.about, problem.table) == (UNANSWERED, payment.uuid, "payments")
    assert "on its way" in problem.reason
    for _ in range(3):
        counter.later(30 * DAY_MS)
    assert len(counter.provider.asked) == len(WAITS_MS)
    assert counter.problems == [problem]
    assert counter.stands(payment) == (S.PROCESSING_PAYMENT, 90_000), "nothing is concluded from silence"


@pytest.mark.parametrize("taking", [True, False])
def test_a_provider_that_is_gone_keeps_no_withdrawal_for_ever(counter: Counter, taking: bool) -> None:
    """Whether it has taken the order or was gone before, people see it."""
    counter.provider.taking, counter.provider.says = taking, None
    payment = counter.begin()
    assert payment.status == (S.PROCESSING_PAYMENT if taking else S.BOOKED)
    problem = counter.in_vain()
    assert "does not answer" in problem.reason
    counter.settle(problem, paid=False)
    assert counter.stands(payment) == (S.FAILED_PAYMENT, 100_000)


def test_an_order_that_is_taken_at_last_is_asked_about_from_the_beginning(counter: Counter) -> None:
    counter.provider.taking, counter.provider.says = False, None
    payment = counter.begin()
    counter.in_vain()
    counter.provider.taking, counter.provider.says = True, "on its way"
    counter.later(0)
    assert (counter.again(payment).status, counter.problems) == (S.PROCESSING_PAYMENT, [])
    before = len(counter.provider.asked)
    counter.later(WAITS_MS[0])
    assert len(counter.provider.asked) == before + 1
    assert counter.in_vain().about == payment.uuid


def test_an_answer_that_does_not_fit_changes_nothing(counter: Counter) -> None:
    payment = counter.begin()
    counter.provider.says, counter.provider.amount_more = True, 1
    assert "amount" in counter.in_vain().reason
    assert counter.stands(payment) == (S.PROCESSING_PAYMENT, 90_000)


@pytest.mark.parametrize(
    ("kind", "paid", "ending", "balance"),
    [
        ("withdraw", True, S.DONE, 90_000), ("withdraw", False, S.FAILED_PAYMENT, 100_000),
        ("deposit", True, S.DONE, 110_000), ("deposit", False, S.FAILED, 100_000),
    ],
)  # fmt: skip
def test_what_people_have_settled_stays_and_an_answer_that_comes_late_is_listed(
    counter: Counter, kind: str, paid: bool, ending: PaymentStatus, balance: int
) -> None:
    payment = counter.begin(kind)
    problem = counter.in_vain()
    with pytest.raises(Declined) as refused:
        counter.settle(problem, paid=None)
    assert refused.value.code == Refusal.MALFORMED, "people say how it came out"
    counter.settle(problem, paid=paid)
    assert (counter.stands(payment), counter.problems) == ((ending, balance), [])
    counter.call(payment, paid=paid)
    assert not counter.problems, "it says what people have said"

    for _ in range(2):
        with pytest.raises(Declined) as refused:
            counter.call(payment, paid=not paid)
        assert refused.value.code == Refusal.PAYMENT_ENDED
    (late,) = counter.problems
    assert (late.step, late.about, late.table) == (UNEXPECTED, payment.uuid, "payments")
    assert counter.stands(payment) == (ending, balance)
    with pytest.raises(Declined) as refused:
        counter.settle(late, paid=True)
    assert refused.value.code == Refusal.MALFORMED, "the payment has ended: there is nothing to say of it"
    counter.settle(late, paid=None)
    with pytest.raises(Declined):
        counter.call(payment, paid=not paid)
    assert not counter.problems, "what people have settled is no news"
    assert counter.stands(payment) == (ending, balance)
    counter.desk.check_sums()


def test_an_answer_that_comes_before_people_have_settled_it_counts(counter: Counter) -> None:
    payment = counter.begin()
    problem = counter.in_vain()
    counter.call(payment, paid=True)
    assert (counter.stands(payment), counter.problems) == ((S.DONE, 90_000), [])
    with pytest.raises(Declined) as refused:
        counter.settle(problem, paid=False)
    assert refused.value.code == Refusal.PROBLEM_SETTLED
    assert counter.stands(payment) == (S.DONE, 90_000)


def test_people_have_a_provider_asked_again_that_was_away(counter: Counter) -> None:
    counter.provider.says = None
    payment = counter.begin()
    before = counter.in_vain()
    counter.provider.says = "it waits for a weekday"
    asyncio.run(counter.desk.crm.cashier.ask_again(payment))
    (problem,) = counter.problems
    assert (problem.uuid, problem.tries) == (before.uuid, 2)
    assert "weekday" in problem.reason
    counter.provider.says = True
    asyncio.run(counter.desk.crm.cashier.ask_again(payment))
    assert (counter.stands(payment), counter.problems) == ((S.DONE, 90_000), [])


def test_an_answer_that_comes_late_does_not_hide_that_money_cannot_go_back(counter: Counter) -> None:
    """Both are problems of one payment: the return is tried again, and the answer is for people."""
    payment = counter.begin()
    problem = counter.in_vain()
    fill(counter, MONEY_MAX - 90_000)
    counter.settle(problem, paid=False)
    with pytest.raises(Declined):
        counter.call(payment, paid=True)
    assert [one.step for one in counter.problems] == ["return", UNEXPECTED]
    assert counter.stands(payment) == (S.PROCESSING, MONEY_MAX)
    fill(counter, 90_000 - MONEY_MAX)
    counter.desk.now += DAY_MS
    counter.desk.crm.problems.try_due()
    counter.desk.carry_waiting()
    assert counter.stands(payment) == (S.FAILED_PAYMENT, 100_000)
    assert [one.step for one in counter.problems] == [UNEXPECTED]


def fill(counter: Counter, amount: int) -> None:
    counter.desk.engines._apply(BookBalance(counter.account.login, BalanceKind.CORRECTION, amount), "")


def test_a_provider_that_hangs_is_away_and_is_asked_again(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "ANSWER_SECONDS", 0.05)
    counter.provider.hanging = True
    payment = counter.begin()
    assert counter.again(payment).provider_id == ""
    counter.provider.hanging = False
    counter.later(15 * SECOND_MS)
    assert counter.again(payment).provider_id == f"P-{payment.uuid}"
