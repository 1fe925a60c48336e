"""A gateway takes so much of a person in a day and a month, and so often; whoever asks at once does not get more."""

import threading

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish
from prorata.crm.gateways import Gateway
from prorata.crm.payments import Payment
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS, HOUR_MS
from tests.crm.desk import BEGIN, Desk
from tests.crm.test_payments import ANN, EVE, Till


def deposit(till: Till, gateway: Gateway, amount: int) -> Payment:
    return till.desk.crm.payments.deposit(till.owner, till.account, gateway, amount, by=EVE)


def refusal(till: Till, gateway: Gateway, amount: int) -> tuple[Refusal, str]:
    with pytest.raises(Declined) as refused:
        deposit(till, gateway, amount)
    return refused.value.code, refused.value.detail


@pytest.fixture
def till(desk: Desk) -> Till:
    return Till(desk)


def test_a_day_and_a_month_end_at_midnight_utc(till: Till) -> None:
    assert BEGIN % DAY_MS == 12 * HOUR_MS, "noon of 2 March 2026"
    gateway = till.desk.gateway(deposit_approvals=1, deposit_day_max=10_000, deposit_month_max=15_000)
    deposit(till, gateway, 6_000)
    assert refusal(till, gateway, 4_001) == (Refusal.PAYMENT_LIMIT, "amount: 40.00 USD are left of what the day allows")
    deposit(till, gateway, 4_000)
    till.desk.now += 12 * HOUR_MS - 1
    assert refusal(till, gateway, 1)[0] == Refusal.PAYMENT_LIMIT
    till.desk.now += 1
    assert refusal(till, gateway, 5_001) == (Refusal.PAYMENT_LIMIT, "amount: 50.00 USD are left of what the month allows")
    deposit(till, gateway, 5_000)
    till.desk.now += 29 * DAY_MS
    deposit(till, gateway, 10_000)


def test_what_came_to_nothing_and_what_is_anothers_does_not_count(till: Till) -> None:
    desk = till.desk
    gateway = desk.gateway(deposit_approvals=1, withdrawal_approvals=1, deposit_day_max=10_000, withdrawal_day_max=10_000)
    till.decide(deposit(till, gateway, 10_000), ANN, agree=False)
    deposit(till, gateway, 10_000)
    deposit(till, desk.gateway(deposit_day_max=10_000), 10_000)
    wish = AccountWish(email="bob@mail.test", first_name="Bob", last_name="Ray")
    bob = desk.crm.accounts.add(desk.organization.id, wish, "correct horse battery", by="test")
    desk.crm.payments.deposit(bob, desk.trading_account(bob), gateway, 10_000, by=EVE)
    desk.crm.payments.withdraw(till.owner, till.account, gateway, 10_000, by=EVE)
    with pytest.raises(Declined):
        desk.crm.payments.withdraw(till.owner, till.account, gateway, 1, by=EVE)


def test_so_many_are_asked_for_within_an_hour(till: Till) -> None:
    gateway = till.desk.gateway(deposit_approvals=1, deposit_hourly_max=2)
    till.decide(deposit(till, gateway, 1_000), ANN, agree=False)
    till.desk.now += HOUR_MS // 2
    deposit(till, gateway, 1_000)
    assert refusal(till, gateway, 1_000) == (Refusal.PAYMENT_LIMIT, "2 within an hour are all that the gateway takes")
    till.desk.now += HOUR_MS // 2
    deposit(till, gateway, 1_000)


def test_those_who_ask_at_once_do_not_get_more(any_desk: Desk) -> None:
    till = Till(any_desk)
    gateway = till.desk.gateway(deposit_approvals=1, deposit_day_max=2_500)
    barrier, outcomes = threading.Barrier(5), []

    def ask() -> None:
        barrier.wait()
        try:
            outcomes.append(deposit(till, gateway, 1_000).status.value)
        except Declined as refused:
            outcomes.append(refused.code.name)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AWAITING_CONFIRMATION"] * 2 + ["PAYMENT_LIMIT"] * 3


@pytest.mark.parametrize(
    ("amount", "fee"),
    [(1_000, 100), (10_000, 150), (50_000, 550), (100_000, 600)],
)
def test_fees_have_a_least_and_a_most(till: Till, amount: int, fee: int) -> None:
    """50 for each and 1 %, from 100 to 600."""
    gateway = till.desk.gateway(processing_fee=50, deposit_fee_ppm=10_000, deposit_fee_min=100, deposit_fee_max=600)
    paid = deposit(till, gateway, amount)
    assert paid.amount - paid.net_amount == fee


def test_a_payment_that_the_least_fee_eats_up_is_refused(till: Till) -> None:
    gateway = till.desk.gateway(deposit_fee_min=100)
    assert refusal(till, gateway, 100)[0] == Refusal.PAYMENT_UNFIT
    with pytest.raises(Declined) as refused:
        till.desk.gateway(deposit_fee_min=100, deposit_fee_max=99)
    assert refused.value.code == Refusal.MALFORMED
    with pytest.raises(Declined) as refused:
        till.desk.gateway(deposit_hourly_max=1_001)
    assert refused.value.code == Refusal.OUT_OF_RANGE
