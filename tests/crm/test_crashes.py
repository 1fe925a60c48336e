"""Whatever dies where, and whatever is lost: each payment ends once, and every sum is zero.

A payment is driven on as workers, providers and people do it, and the process dies at its first step out, at its second, ...
until it comes through alive. Steps out are what is written, sent, done by the platform or the provider, and heard of it.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.chargebacks import Chargeback, ChargebackStatus
from prorata.crm.crossing import Unanswered
from prorata.crm.gateways import SANDBOX, Gateway
from prorata.crm.payments import ENDED, Payment, PaymentFilter, PaymentStatus
from prorata.crm.providers import Handed, Order, Told, Undecided
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.server.machine import KEYS_KEPT_MS
from prorata.units.numbers import HOUR_MS
from tests.crm.desk import Desk, Failing
from tests.crm.test_payments import ANN, EVE

POINTS_MAX = 60
S = PaymentStatus


class Fate:
    """Lets the process die at a point, once. Points are before and after each step out. `died`: whether it came to it."""

    def __init__(self) -> None:
        self.left = 0
        self.died = False

    def point(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.died = True
            raise Failing

    def around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def fated(*arguments: Any, **more: Any) -> Any:
            self.point()
            answer = real(*arguments, **more)
            self.point()
            return answer

        return fated


class House:
    """A demo account with 1,000.00, a provider who keeps its orders, and a fate."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.fate = desk, Fate()
        self.owner = desk.account()
        self.account: TradingAccount = desk.trading_account(self.owner, 100_000, desk.offer("retail-usd", demo=True))
        terms = {"deposit_fee_ppm": 10_000, "withdrawal_fee_ppm": 10_000}
        self.card: Gateway = desk.gateway(provider=SANDBOX, withdrawal_approvals=1, **terms)
        self.bank: Gateway = desk.gateway(**terms)
        self.orders: dict[str, Order] = {}
        self.says: bool | None = None
        """how orders came out, to those who ask; None: it says nothing of them"""
        self.submit = desk.engines._apply
        desk.engines._apply = self.fate.around(self.submit)  # type: ignore[method-assign]
        self.start()

    def start(self) -> None:
        """Start the CRM; what goes out of it, and what it hears of it, is where it dies."""
        self.desk.start()
        crm, fate = self.desk.crm, self.fate
        crm.cashier._providers = {SANDBOX: self}
        for owner, names in (
            (crm.crossings, ("begin_try", "settle", "add")),
            (crm.payments, ("asked_for", "came_in", "handed_over", "paid_out", "decide", "failed", "told_too_late")),
            (crm.inquiries, ("begin", "note_said")),
            (crm.problems, ("settle",)),
        ):
            for name in names:
                setattr(owner, name, fate.around(getattr(owner, name)))

    async def begin(self, order: Order) -> Handed:
        self.fate.point()
        self.orders[order.payment_uuid] = order
        self.fate.point()
        return Handed(f"P-{order.payment_uuid}")

    async def look_up(self, order: Order) -> Told | Undecided:
        self.fate.point()
        said = self._said_of(order)
        self.fate.point()
        return said

    def _said_of(self, order: Order) -> Told | Undecided:
        if self.says is None:
            return Undecided("on its way")
        return Told(
            payment_uuid=order.payment_uuid, provider_id="P", paid=self.says, amount=order.amount, currency=order.currency
        )  # fmt: skip

    def lives_on(self, drive: Callable[[], bool]) -> None:
        """Drive until it says that all has ended; start anew where the process has died, a day later."""
        for _ in range(20):
            try:
                if drive():
                    return
            except Failing:
                self.start()
                self.desk.engines.now += 2 * KEYS_KEPT_MS
            self.desk.now += 60_000
        raise AssertionError("it does not end")

    def work(self) -> None:
        """What the process does by itself."""
        crm = self.desk.crm
        asyncio.run(crm.cashier.ask_for_waiting())
        asyncio.run(crm.cashier.pay_out_waiting())
        asyncio.run(crm.cashier.ask_about_waiting())
        self.desk.now += 10_000
        for crossing in crm.crossings.waiting():
            with suppress(Unanswered, Declined):
                asyncio.run(crm.carrier.carry(crossing.subject))

    def pays(self, payment: Payment, *, well: bool, agrees: bool) -> Callable[[], bool]:
        """Return what drives a payment: the provider's orders come out well or not, and a person agrees or not."""

        def drive() -> bool:
            payments = self.desk.crm.payments
            self.work()
            found = payments.get(payment.id)
            if found.status == S.AWAITING_CONFIRMATION and found.needed:
                with suppress(Declined):
                    payments.decide(found, agree=agrees, decided_by=ANN)
            elif found.uuid in self.orders and found.status in (S.AWAITING_CONFIRMATION, S.PROCESSING_PAYMENT):
                if not well:
                    payments.failed(found, "the provider says no")
                elif found.needed:
                    payments.paid_out(found)
                else:
                    payments.came_in(found, found.provider_id)
            return payments.get(payment.id).status in ENDED

        return drive

    def finds_out(self, payment: Payment, *, well: bool, people: bool) -> Callable[[], bool]:
        """Return what drives a payment whose provider never calls: it is asked, or people settle it when that was in vain."""
        self.says = None if people else well

        def drive() -> bool:
            crm = self.desk.crm
            self.work()
            found = crm.payments.get(payment.id)
            if found.status == S.AWAITING_CONFIRMATION and found.needed:
                with suppress(Declined):
                    crm.payments.decide(found, agree=True, decided_by=ANN)
            for problem in crm.problems.open(self.desk.organization.id):
                crm.problems.settle(problem, "the provider's desk has said so", by=ANN, paid=well)
            self.desk.now += HOUR_MS
            return crm.payments.get(payment.id).status in ENDED

        return drive

    @property
    def balance(self) -> int:
        return self.desk.balance(self.account)


@pytest.fixture
def house(desk: Desk) -> House:
    return House(desk)


@pytest.mark.parametrize(
    ("kind", "well", "agrees", "ending"),
    [
        ("deposit", True, True, S.DONE), ("deposit", False, True, S.FAILED), ("withdraw", True, True, S.DONE),
        ("withdraw", False, True, S.FAILED_PAYMENT), ("withdraw", True, False, S.REJECTED),
    ],
)  # fmt: skip
def test_a_payment_ends_once_wherever_the_process_dies(
    house: House, kind: str, well: bool, agrees: bool, ending: PaymentStatus
) -> None:
    """Of each 10.00, 0.10 are the fee: 9.90 come in, 10.00 leave. At every other point two answers are lost as well."""
    ends_wherever_it_dies(house, kind, ending, lambda payment: house.pays(payment, well=well, agrees=agrees))


@pytest.mark.parametrize(
    ("kind", "well", "people", "ending"),
    [
        ("deposit", True, True, S.DONE),
        ("withdraw", False, True, S.FAILED_PAYMENT),
    ],
)  # fmt: skip
def test_a_payment_of_which_nobody_tells_ends_once_wherever_the_process_dies(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str, well: bool, people: bool, ending: PaymentStatus
) -> None:
    """As above: the provider never calls, and tells it when it is asked, or does not and people settle it."""
    monkeypatch.setattr("prorata.crm.inquiries.WAITS_MS", (HOUR_MS,))
    ends_wherever_it_dies(house, kind, ending, lambda payment: house.finds_out(payment, well=well, people=people))
    assert not house.desk.crm.problems.open(house.desk.organization.id)


def ends_wherever_it_dies(
    house: House, kind: str, ending: PaymentStatus, driven: Callable[[Payment], Callable[[], bool]]
) -> None:
    change = 0 if ending != S.DONE else 990 if kind == "deposit" else -1_000
    expected = house.balance
    for point in range(1, POINTS_MAX):
        house.fate.left, house.fate.died = point, False
        house.desk.engines.lose = 2 * (point % 2)
        asked: list[Payment] = []

        def ask(asked: list[Payment] = asked) -> None:
            asked.append(getattr(house.desk.crm.payments, kind)(house.owner, house.account, house.card, 1_000, by=EVE))

        with suppress(Failing):
            ask()
        if not asked:  # it was not written, or nobody has heard of it
            died, house.fate.left = house.fate.died, 0
            house.start()
            assert died
            listed = payments_of(house)
            if listed and listed[0].status not in ENDED:
                asked.append(listed[0])
            else:
                ask()
        house.lives_on(driven(asked[0]))
        expected += change
        assert (house.desk.crm.payments.get(asked[0].id).status, house.balance) == (ending, expected)
        if not house.fate.died:
            break
    else:
        raise AssertionError("there are more points than were tried")
    assert point > 6, "it died in many places"
    house.desk.check_sums()


def payments_of(house: House) -> list[Payment]:
    wanted, newest = PaymentFilter(account_id=house.owner.id), Slice("created", True, 0, 1)
    return house.desk.crm.payments.search(house.desk.organization.id, wanted, newest)[0]


def test_a_chargeback_is_taken_once_wherever_the_process_dies(house: House) -> None:
    """Of an account that has 6.00 each time, 10.00 are charged back: 4.00 are owed."""
    desk = house.desk
    for point in range(1, POINTS_MAX):
        house.fate.left, house.fate.died = 0, False
        deposit = desk.crm.payments.deposit(house.owner, house.account, house.bank, 1_000, by=EVE)
        desk.carry(deposit.subject)
        house.submit(BookBalance(house.account.login, BalanceKind.WITHDRAWAL, house.balance - 600), "")
        house.fate.left = point

        def drive(deposit: Payment = deposit) -> bool:
            of_it = [one for one in desk.crm.chargebacks.all(desk.organization.id) if one.payment_id == deposit.id]
            if not of_it:
                of_it = [desk.crm.chargebacks.ask(deposit, house.bank, 1_000, external_id="CB", by="provider")]
            house.work()
            return desk.crm.chargebacks.get(of_it[0].id).status == ChargebackStatus.DONE

        house.lives_on(drive)
        of_it: list[Chargeback] = [
            one for one in desk.crm.chargebacks.all(desk.organization.id) if one.payment_id == deposit.id
        ]
        assert [(one.claim, one.status) for one in of_it] == [(400, ChargebackStatus.DONE)]
        assert house.balance == 0, "its group makes good what is below zero"
        if not house.fate.died:
            break
    assert point > 6
    desk.check_sums()


def test_of_two_approvers_at_once_one_pays(any_desk: Desk) -> None:
    """Two who agree, and one who tells that it was paid out, as often as they like: the money leaves once."""
    owner = any_desk.account()
    account = any_desk.trading_account(owner, 100_000)
    payments = any_desk.crm.payments
    payment = payments.withdraw(owner, account, any_desk.gateway(withdrawal_approvals=2), 60_000, by=EVE)
    any_desk.carry(payment.subject)
    barrier, paid = threading.Barrier(6), []

    def act(number: int) -> None:
        barrier.wait()
        for _ in range(3):
            with suppress(Declined):
                if number < 4:
                    payments.decide(payments.get(payment.id), agree=True, decided_by=f"person {number % 3}")
                else:
                    before = payments.get(payment.id)
                    if before.status == S.BOOKED and payments.paid_out(before).status == S.DONE:
                        paid.append(number)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = payments.get(payment.id)
    if found.status == S.BOOKED:
        payments.paid_out(found)
        paid.append(-1)
    assert (payments.get(payment.id).status, found.approvals, len(paid)) == (S.DONE, 2, 1)
    any_desk.carry_waiting()
    assert any_desk.balance(account) == 40_000
    any_desk.check_sums()
