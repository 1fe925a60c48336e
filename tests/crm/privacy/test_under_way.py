"""Whoever has something under way is not forgotten, and for whoever is forgotten nothing begins: also of two at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.direct import NewBooking
from prorata.crm.gateways import SANDBOX, Gateway
from prorata.crm.trading import TradingAccount
from prorata.crm.transfers import Place
from prorata.messages.commands import BalanceKind, BookBalance
from tests.crm.desk import Desk
from tests.crm.privacy.test_privacy import everything

FORGOTTEN, BOUND, GONE = "forgotten", "PERSON_BOUND", "not found"


class Person:
    """Has two real trading accounts and a demo account, none with money; and what can begin for him."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.crm = desk, desk.crm
        self.account: CrmAccount = desk.account()
        self.first: TradingAccount = desk.trading_account(self.account)
        self.second = desk.trading_account(self.account)
        self.bank: Gateway = desk.gateway(deposit_approvals=1, withdrawal_approvals=1, deposit_day_max=1_000_000)
        self.card = desk.gateway(provider=SANDBOX)
        self.play = desk.offer("retail-usd", demo=True)
        self.demo = desk.trading_account(self.account, offer=self.play)

    def opens(self) -> str:
        return self.crm.trading.open(self.account, self.desk.standard, by="test").subject

    def opens_demo(self) -> str:
        return self.crm.trading.open(self.account, self.play, by="test").subject

    def deposits(self) -> str:
        return self.crm.payments.deposit(self.account, self.first, self.bank, 5_000, by="test").subject

    def deposits_by_card(self) -> str:
        return self.crm.payments.deposit(self.account, self.demo, self.card, 5_000, by="test").subject

    def withdraws(self) -> str:
        return self.crm.payments.withdraw(self.account, self.first, self.bank, 5_000, by="test").subject

    def is_given_credit(self) -> str:
        return self.crm.payments.give_credit(self.first, "USD", 5_000, out=False, comment="", by="test").subject

    def transfers(self) -> str:
        source, target = (Place.of(account, self.desk.standard) for account in (self.first, self.second))
        return self.crm.transfers.ask(self.account, source, target, 5_000, None, by="test").subject

    def is_booked(self) -> str:
        new = NewBooking(kind=BalanceKind.DEPOSIT, amount=5_000, additional_type="BANK", comment="")
        return self.crm.direct.book(self.first, new, by="test")

    def is_forgotten(self) -> str:
        """Return how forgetting him came out."""
        try:
            self.crm.eraser.erase(self.desk.organization.id, self.account.uuid, by="eve", address="")
        except Declined as refused:
            return refused.code.name
        return FORGOTTEN


WAYS: list[Callable[[Person], str]] = [
    Person.opens, Person.opens_demo, Person.deposits, Person.deposits_by_card, Person.withdraws, Person.is_given_credit,
    Person.transfers, Person.is_booked,
]  # fmt: skip
KINDS: list[Callable[[Person], str]] = [Person.opens, Person.deposits, Person.transfers, Person.is_booked]
"""one of each transaction"""


@pytest.mark.parametrize("begins", WAYS)
def test_who_has_something_under_way_is_not_forgotten(desk: Desk, begins: Callable[[Person], str]) -> None:
    person = Person(desk)
    begins(person)
    assert person.is_forgotten() == BOUND
    assert desk.crm.accounts.find(desk.organization.id, person.account.uuid).first_name == "Ann"


def test_who_waits_for_his_money_is_forgotten_when_he_has_it(desk: Desk) -> None:
    person = Person(desk)
    assert (person.opens(), person.is_forgotten()) == ("trading_accounts 4", BOUND)
    desk.carry("trading_accounts 4")
    desk.carry(person.is_booked())
    assert (person.is_forgotten(), desk.balance(person.first)) == (BOUND, 5_000)
    subject = person.withdraws()
    desk.carry(subject)
    assert (person.is_forgotten(), desk.balance(person.first)) == (BOUND, 0), "nobody has agreed to it yet"
    payments = desk.crm.payments
    agreed = payments.decide(payments.get(1), agree=True, decided_by="eve")
    assert person.is_forgotten() == BOUND, "it is not paid out yet"
    payments.paid_out(agreed)
    assert person.is_forgotten() == FORGOTTEN


def test_money_that_is_not_settled_is_waited_for(desk: Desk) -> None:
    person, crm = Person(desk), desk.crm
    paid, lost = (crm.payments.deposit(person.account, person.first, person.bank, 5_000, by="test") for _ in range(2))
    crm.payments.decide(paid, agree=True, decided_by="eve")
    desk.carry(paid.subject)
    lost = crm.payments.decide(lost, agree=False, decided_by="eve")
    desk.engines._apply(BookBalance(person.first.login, BalanceKind.WITHDRAWAL, 5_000), "")

    charged = crm.chargebacks.ask(crm.payments.get(paid.id), person.bank, 5_000, by="test")
    assert person.is_forgotten() == BOUND, "people decide on a chargeback"
    crm.chargebacks.decide(charged, agree=False, decided_by="eve")
    crm.payments.told_too_late(lost, paid=True)
    assert person.is_forgotten() == BOUND, "his money came in when it was too late"
    (problem,) = crm.problems.open(desk.organization.id)
    crm.problems.settle(problem, "sent back", by="eve")
    assert person.is_forgotten() == FORGOTTEN


class Meeting:
    """Who goes first stops when his first transaction is about to end; then the other comes, and then it ends."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.real: Callable[[], Any] = desk.control.database.writing
        self.first = 0
        self.there, self.other_is_there = threading.Event(), threading.Event()
        monkeypatch.setattr(desk.control.database, "writing", self._writing)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.real() as connection:
            yield connection
            if threading.get_ident() == self.first and not self.there.is_set():
                self.there.set()
                self.other_is_there.wait(10)

    def of(self, first: Callable[[], str], other: Callable[[], str]) -> tuple[str, str]:
        """Return how both came out."""

        def goes_first() -> str:
            self.first = threading.get_ident()
            return outcome_of(first)

        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(goes_first)
            assert self.there.wait(10)
            two: Future[str] = pool.submit(outcome_of, other)
            threading.Timer(0.2, self.other_is_there.set).start()
            return one.result(), two.result()


def outcome_of(begins: Callable[[], str]) -> str:
    try:
        return begins()
    except NotFound:
        return GONE


@pytest.mark.parametrize("begins", KINDS)
def test_who_begins_something_at_the_same_time_is_not_forgotten(
    any_desk: Desk, monkeypatch: pytest.MonkeyPatch, begins: Callable[[Person], str]
) -> None:
    person = Person(any_desk)
    begun, forgotten = Meeting(any_desk, monkeypatch).of(lambda: begins(person), person.is_forgotten)
    assert (begun != GONE, forgotten) == (True, BOUND)
    assert any_desk.crm.accounts.find(any_desk.organization.id, person.account.uuid).first_name == "Ann"


@pytest.mark.parametrize("begins", KINDS)
def test_nothing_begins_for_who_is_being_forgotten(
    any_desk: Desk, monkeypatch: pytest.MonkeyPatch, begins: Callable[[Person], str]
) -> None:
    person = Person(any_desk)
    forgotten, begun = Meeting(any_desk, monkeypatch).of(person.is_forgotten, lambda: begins(person))
    assert (forgotten, begun) == (FORGOTTEN, GONE)
    any_desk.now += 60_000
    assert any_desk.crm.crossings.waiting() == []


@pytest.mark.parametrize("begins", WAYS)
def test_who_has_seen_him_before_he_was_forgotten_begins_nothing(desk: Desk, begins: Callable[[Person], str]) -> None:
    person = Person(desk)
    assert (person.is_forgotten(), outcome_of(lambda: begins(person))) == (FORGOTTEN, GONE)


def test_nobody_who_was_forgotten_has_a_name_again(desk: Desk) -> None:
    person = Person(desk)
    assert person.is_forgotten() == FORGOTTEN
    for late in (AccountWish(first_name="Bob"), AccountWish(email="bob@mail.test")):
        with pytest.raises(NotFound):
            desk.crm.accounts.change(person.account, late, by="test")
    with pytest.raises(NotFound):
        desk.crm.accounts.set_password(person.account, "another horse")
    assert "bob" not in everything(desk).lower()
