"""What a person may do is asked where he does it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish, Verification
from prorata.crm.direct import NewBooking
from prorata.crm.kyc.gate import follow
from prorata.crm.kyc.levels import Appropriateness, LevelTerms, Right
from prorata.crm.kyc.questionnaires import Choice, Question, Result
from prorata.crm.kyc.states import CheckState
from prorata.messages.commands import BalanceKind
from prorata.messages.refusals import Refusal
from tests.crm.desk import Desk
from tests.crm.kyc.office import ANN, Office


def test_without_levels_nobody_is_restricted(office: Office) -> None:
    assert office.may() == {right.value for right in Right}
    assert office.crm.gate.standing(office.person).rights is None


def test_the_highest_level_that_holds_decides(office: Office) -> None:
    office.set_up()
    assert office.may() == {"DEPOSIT"}
    office.approved(office.basic)
    assert office.may() == {"DEPOSIT", "TRADE", "WITHDRAW", "TRANSFER", "INVEST"}
    office.approved(office.full)
    assert "PUBLISH" in office.may()
    assert office.crm.gate.standing(office.person).level == office.full


def test_the_level_follows_from_two_checks_that_are_decided_at_once(any_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(any_desk)
    office.set_up()
    waiting = [office.in_review(), office.in_review(office.level(3, [Right.TRADE], verifies=True))]
    both = Barrier(2)

    def when_both_have_written(*given: Any, **more: Any) -> None:
        with suppress(BrokenBarrierError):  # On SQLite one waits until the other is done.
            both.wait(0.2)
        follow(*given, **more)

    monkeypatch.setattr("prorata.crm.kyc.checks.follow", when_both_have_written)
    with ThreadPoolExecutor(2) as pool:
        states = list(pool.map(lambda check: office.crm.checks.agree(check, by=ANN).state, waiting))
    assert (states, office.status) == ([CheckState.APPROVED] * 2, Verification.VERIFIED)


def test_money_moves_as_the_level_allows(office: Office) -> None:
    office.set_up()
    desk, payments = office.desk, office.crm.payments
    account, gateway = desk.trading_account(office.person), desk.gateway(deposit_approvals=1)
    euro = desk.crm.trading.open(office.person, desk.offer("retail-eur", currency="EUR"), by="test")
    desk.carry(euro.subject)
    euro = desk.crm.trading.get(euro.id)

    def deposit(amount: int) -> None:
        payments.deposit(office.person, account, gateway, amount, by="test")

    deposit(6_000)
    rejected = payments.deposit(office.person, account, gateway, 4_000, by="test")
    with pytest.raises(Declined) as refused:
        deposit(1)
    assert refused.value.code == Refusal.LEVEL_NEEDED
    payments.decide(rejected, agree=False, decided_by="ann")

    def book(amount: int, kind: BalanceKind = BalanceKind.DEPOSIT) -> None:
        new = NewBooking(kind=kind, amount=amount, additional_type="BANK", comment="")
        desk.carry(desk.crm.direct.book(account, new, by="program"))

    with pytest.raises(Declined) as refused:
        book(4_001)
    assert refused.value.code == Refusal.LEVEL_NEEDED, "what programs book counts, too"
    book(1_500)
    book(9_000, BalanceKind.CREDIT_IN)
    with pytest.raises(Declined):
        deposit(2_501)
    deposit(2_500)
    with pytest.raises(Declined):
        payments.withdraw(office.person, account, gateway, 1_000, by="test")
    office.approved()
    deposit(1_000_000)
    assert payments.withdraw(office.person, account, gateway, 1_000, by="test").amount == 1_000


def test_a_currency_without_a_limit_is_none_where_there_are_limits(office: Office) -> None:
    office.level(0, [Right.DEPOSIT], deposit_limits={"EUR": 100})
    account = office.desk.trading_account(office.person)
    with pytest.raises(Declined) as refused:
        office.crm.payments.deposit(office.person, account, office.desk.gateway(), 1, by="test")
    assert refused.value.code == Refusal.LEVEL_NEEDED


def test_demo_money_is_nobodys_risk(office: Office) -> None:
    office.level(0)
    desk = office.desk
    demo = desk.crm.trading.open(office.person, desk.offer("retail-usd", demo=True), by="test")
    desk.carry(demo.subject)
    paid = office.crm.payments.deposit(office.person, desk.crm.trading.get(demo.id), desk.gateway(), 500, by="test")
    assert paid.amount == 500


def test_an_offer_for_verified_people_asks_for_a_level_that_trades(office: Office) -> None:
    office.set_up()
    offer = office.desk.offer("retail-usd", verification_required=True)

    def open_account() -> None:
        person = office.crm.accounts.find(office.desk.organization.id, office.person.uuid)
        office.crm.trading.open(person, offer, by="test")

    with pytest.raises(Declined) as refused:
        open_account()
    assert refused.value.code == Refusal.OFFER_UNFIT
    office.approved()
    open_account()
    office.crm.levels.change(office.basic, LevelTerms(rank=1, name="basic", verifies=True))
    with pytest.raises(Declined) as refused:
        open_account()
    assert refused.value.code == Refusal.LEVEL_NEEDED


QUESTIONS = (
    Question(id="years", text="For how long have you traded?", choices=(
        Choice(id="0", text="not yet", weight=0), Choice(id="1", text="a year", weight=5),
        Choice(id="5", text="more", weight=10),
    )),
    Question(id="loss", text="Could you bear to lose it?", choices=(
        Choice(id="yes", text="yes", weight=5), Choice(id="no", text="no", weight=-10),
    )),
)  # fmt: skip


def test_answers_are_kept_with_their_version_and_result(office: Office) -> None:
    asked, mine = office.crm.questionnaires, office.desk.organization.id
    first = asked.add(mine, QUESTIONS, suitable_from=15, warn_from=5, by="ann")

    def answer(years: str, loss: str, version: int = 1) -> Result:
        choices = {"years": years, "loss": loss}
        return asked.answer(mine, office.person.id, version, choices, by="person").result

    assert [answer("5", "yes"), answer("1", "yes"), answer("0", "yes"), answer("5", "no")] == [
        Result.SUITABLE, Result.WARN, Result.WARN, Result.UNSUITABLE,
    ]  # fmt: skip
    for years, loss, version in (("9", "yes", 1), ("5", "", 1), ("5", "yes", 2)):
        with pytest.raises(Declined) as refused:
            answer(years, loss, version)
        assert refused.value.code == Refusal.ANSWERS_UNFIT
    second = asked.add(mine, QUESTIONS[:1], suitable_from=10, warn_from=5, by="ann")
    assert [one.version for one in asked.versions(mine)] == [second.version, first.version] == [2, 1]
    with pytest.raises(Declined):
        answer("5", "yes")
    kept = asked.answered(office.person.id)
    assert [(one.version, one.score) for one in kept] == [(1, 0), (1, 5), (1, 10), (1, 15)]
    with pytest.raises(Declined):
        asked.add(mine, QUESTIONS[1:], suitable_from=6, warn_from=5, by="ann")


def test_a_level_asks_for_a_result(office: Office) -> None:
    level = office.level(1, [Right.TRADE], appropriateness=Appropriateness.NOT_UNSUITABLE)
    asked, mine = office.crm.questionnaires, office.desk.organization.id
    asked.add(mine, QUESTIONS, suitable_from=15, warn_from=5, by="ann")
    check = office.started(level)
    for choices in (None, {"years": "5", "loss": "no"}):
        if choices:
            asked.answer(mine, office.person.id, 1, choices, by="person")
        with pytest.raises(Declined) as refused:
            office.crm.checks.submit(check, by="person")
        assert refused.value.code == Refusal.CHECK_INCOMPLETE
    asked.answer(mine, office.person.id, 1, {"years": "0", "loss": "yes"}, by="person")
    assert office.crm.checks.submit(check, by="person").state == "SUBMITTED"


def test_a_key_that_makes_an_account_verified_has_overridden(office: Office) -> None:
    office.set_up()
    wish = AccountWish(email="eve@mail.test", first_name="Eve", last_name="Lee", verification=Verification.VERIFIED)
    office.person = office.crm.accounts.add(office.desk.organization.id, wish, "correct horse battery", by="website")
    assert (office.status, office.crm.gate.standing(office.person).override_by) == (Verification.VERIFIED, "website")
