"""What the bank has told is taken once, proposed for what it may be, and completes a payment when a person says so."""

import threading

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish
from prorata.crm.bank_files import read_camt
from prorata.crm.gateways import SANDBOX
from prorata.crm.payments import Payment, PaymentStatus
from prorata.crm.reconciliation import Entry, EntryStatus, Grade, Taken
from prorata.messages.refusals import Refusal
from tests.crm.desk import Desk
from tests.crm.statements import document, entry, statement
from tests.crm.test_payments import ANN, BOB, EVE, Till


class Bank(Till):
    """A gateway where one person must agree, and what the bank tells of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.gateway = desk.gateway(deposit_approvals=1, withdrawal_approvals=1, withdrawal_fee_ppm=10_000)
        self.told = 0

    def deposit(self, amount: int = 5_000) -> Payment:
        return self.desk.crm.payments.deposit(self.owner, self.account, self.gateway, amount, by=EVE)

    def tells(self, *entries: str, closing: str) -> list[Taken]:
        self.told += 1
        content = document(statement(*entries, closing=closing, name=f"statement {self.told}"))
        return self.desk.crm.reconciliation.take(self.desk.organization.id, read_camt(content), by=BOB)

    def entries(self, status: EntryStatus = EntryStatus.OPEN) -> list[Entry]:
        return self.desk.crm.reconciliation.entries(self.desk.organization.id, status)

    def proposed(self, which: int = 0) -> list[tuple[Grade, str]]:
        found = self.entries()[which]
        proposals = self.desk.crm.reconciliation.proposals(self.desk.organization.id, [found])[found.uuid]
        return [(one.grade, one.payment_uuid) for one in proposals]

    def match(self, payment: Payment, which: int = 0, by: str = BOB) -> Payment:
        self.desk.crm.reconciliation.match(self.entries()[which], self.again(payment), by=by)
        self.desk.carry_waiting()
        return self.again(payment)


@pytest.fixture
def bank(desk: Desk) -> Bank:
    return Bank(desk)


def test_a_deposit_is_known_by_its_reference_and_booked_when_a_person_says_so(bank: Bank) -> None:
    payment, other = bank.deposit(), bank.deposit()
    broken = f"{payment.reference[:4]} {payment.reference[4:].lower()}"
    bank.tells(entry("50.00", ref="B-1", text=f"ref. {broken}, thanks", name="A. Lee"), closing="50.00")
    assert bank.proposed() == [(Grade.REFERENCE, payment.uuid), (Grade.AMOUNT, other.uuid)]
    assert bank.again(payment).status == PaymentStatus.AWAITING_CONFIRMATION
    done = bank.match(payment)
    assert (done.status, bank.balance) == (PaymentStatus.DONE, 105_000)
    (matched,) = bank.entries(EntryStatus.MATCHED)
    assert (matched.payment_uuid, matched.settled_by) == (payment.uuid, BOB)
    assert not bank.entries()


def test_the_same_file_changes_nothing_and_a_longer_one_brings_what_is_new(bank: Bank) -> None:
    first, second = entry("1.00", text="one"), entry("2.00", ref="B-2")
    assert [one.new for one in bank.tells(first, second, closing="3.00")] == [2]
    assert [one.new for one in bank.tells(first, second, closing="3.00")] == [0]
    assert [one.new for one in bank.tells(first, second, entry("2.00", ref="B-3"), closing="5.00")] == [1]
    assert [one.amount for one in bank.entries()] == [100, 200, 200]
    bank.told = 0
    (again,) = bank.tells(first, second, closing="3.00")
    assert (again.new, again.entries) == (0, 2)


def test_a_payers_name_and_an_amount_alone_are_proposals(bank: Bank) -> None:
    ann = bank.deposit()
    wish = AccountWish(email="bob@mail.test", first_name="Bob", last_name="Ray")
    bob = bank.desk.crm.accounts.add(bank.desk.organization.id, wish, "correct horse battery", by="test")
    his = bank.desk.crm.payments.deposit(bob, bank.desk.trading_account(bob), bank.gateway, 5_000, by=EVE)
    bank.deposit(4_999)
    bank.tells(entry("50.00", name="MR RAY, BOB"), entry("50.01", name="Raymond Bobs"), closing="100.01")
    assert bank.proposed(0) == [(Grade.NAME, his.uuid), (Grade.AMOUNT, ann.uuid)]
    assert bank.proposed(1) == []


def test_a_withdrawal_that_is_agreed_to_is_paid_out_by_the_bank(bank: Bank) -> None:
    payment = bank.withdraw(10_000)
    bank.tells(entry("-99.00", ref="B-9", end_to_end=payment.reference), closing="-99.00")
    assert bank.proposed() == []
    bank.decide(payment, ANN)
    assert bank.proposed() == [(Grade.REFERENCE, payment.uuid)]
    done = bank.match(payment)
    assert (done.status, done.reference) == (PaymentStatus.DONE, "B-9")


def test_what_was_done_before_the_bank_has_told_is_found_by_its_reference_and_moves_no_money(bank: Bank) -> None:
    payment = bank.deposit()
    bank.decide(payment, ANN)
    bank.desk.carry_waiting()
    bank.tells(entry("50.00", text=payment.reference), entry("50.00"), closing="100.00")
    assert [bank.proposed(0), bank.proposed(1)] == [[(Grade.REFERENCE, payment.uuid)], []]
    assert (bank.match(payment).status, bank.balance) == (PaymentStatus.DONE, 105_000)


def test_an_entry_is_one_payments_and_a_payment_has_one(bank: Bank) -> None:
    first, second = bank.deposit(), bank.deposit()
    bank.tells(entry("50.00", ref="B-1"), entry("50.00", ref="B-2"), closing="100.00")
    used, spare = bank.entries()
    match = bank.desk.crm.reconciliation.match
    match(used, first, by=BOB)
    for found, payment, code in (
        (used, second, Refusal.ENTRY_SETTLED), (spare, bank.again(first), Refusal.MATCH_UNFIT),
    ):  # fmt: skip
        with pytest.raises(Declined) as refused:
            match(found, payment, by=BOB)
        assert refused.value.code == code
    bank.desk.carry_waiting()
    with pytest.raises(Declined) as refused:
        match(spare, bank.again(first), by=BOB)
    assert refused.value.code == Refusal.MATCH_UNFIT
    assert bank.balance == 105_000
    assert [one.uuid for one in bank.entries()] == [spare.uuid], "a refused match leaves the entry open"


def test_entries_that_do_not_fit_are_refused(bank: Bank) -> None:
    deposit, withdrawal = bank.deposit(), bank.withdraw(5_000)
    bank.tells(
        entry("50.00", ref="1", reversal=True), entry("50.01", ref="2"), entry("-50.00", ref="3"), entry("50.00", ref="4"),
        closing="100.01",
    )  # fmt: skip
    for which, payment, code in (
        (0, deposit, Refusal.MATCH_UNFIT), (1, deposit, Refusal.MATCH_UNFIT), (2, deposit, Refusal.MATCH_UNFIT),
        (3, withdrawal, Refusal.MATCH_UNFIT),
    ):  # fmt: skip
        with pytest.raises(Declined) as refused:
            bank.match(payment, which)
        assert refused.value.code == code
    with pytest.raises(Declined) as refused:
        bank.match(deposit, 3, by=EVE)
    assert refused.value.code == Refusal.NOT_PERMITTED, "who asked for it does not agree to it"
    assert (bank.balance, len(bank.entries())) == (95_000, 4)


def test_what_a_provider_is_about_to_pay_out_is_paid_by_nobody_else(bank: Bank) -> None:
    desk = bank.desk
    demo = desk.offer("retail-usd", demo=True)
    account = desk.trading_account(bank.owner, 10_000, demo)
    payment = desk.crm.payments.withdraw(bank.owner, account, desk.gateway(provider=SANDBOX), 5_000, by=EVE)
    desk.carry(payment.subject)
    bank.tells(entry("-50.00"), closing="-50.00")
    assert bank.proposed() == []
    with pytest.raises(Declined) as refused:
        bank.match(payment)
    assert refused.value.code == Refusal.MATCH_UNFIT
    desk.crm.payments.handed_over(bank.again(payment), "P-1")
    assert bank.proposed() == [(Grade.AMOUNT, payment.uuid)]
    assert bank.match(payment).status == PaymentStatus.DONE


def test_what_is_no_payment_is_set_aside(bank: Bank) -> None:
    bank.tells(entry("-3.50", text="charges"), closing="-3.50")
    (charges,) = bank.entries()
    bank.desk.crm.reconciliation.set_aside(charges, "charges of March", by=BOB)
    assert not bank.entries()
    assert [one.note for one in bank.entries(EntryStatus.SET_ASIDE)] == ["charges of March"]
    with pytest.raises(Declined) as refused:
        bank.desk.crm.reconciliation.set_aside(charges, "again", by=BOB)
    assert refused.value.code == Refusal.ENTRY_SETTLED


def test_the_entry_of_a_deposit_that_others_reject_is_open_again(bank: Bank) -> None:
    bank.gateway = bank.desk.gateway(deposit_approvals=2)
    payment = bank.deposit()
    bank.tells(entry("50.00", text=payment.reference), closing="50.00")
    assert bank.match(payment).status == PaymentStatus.AWAITING_CONFIRMATION, "two must agree"
    assert not bank.entries()
    bank.decide(payment, ANN, agree=False)
    (found,) = bank.entries()
    assert (found.payment_uuid, payment.uuid in found.note) == (None, True)
    assert bank.proposed() == []


def test_two_who_match_at_once_book_it_once(any_desk: Desk) -> None:
    bank = Bank(any_desk)
    payment = bank.deposit()
    bank.tells(entry("50.00", ref="B-1"), entry("50.00", ref="B-2"), closing="100.00")
    barrier, outcomes = threading.Barrier(4), []

    def match(found: Entry, by: str) -> None:
        barrier.wait()
        try:
            bank.desk.crm.reconciliation.match(found, payment, by=by)
            outcomes.append("matched")
        except Declined:
            outcomes.append("late")

    threads = [threading.Thread(target=match, args=(found, by)) for found in bank.entries() for by in (ANN, BOB)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bank.desk.carry_waiting()
    assert (sorted(outcomes), bank.balance) == (["late", "late", "late", "matched"], 105_000)
    assert len(bank.entries()) == 1
