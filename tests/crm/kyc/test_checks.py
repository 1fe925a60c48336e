"""Checks go the ways that are drawn, and no other; the published status follows from them."""

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish, Verification
from prorata.crm.kyc.checks import Check
from prorata.crm.kyc.levels import LevelTerms, Right
from prorata.crm.kyc.providers import Examiner, Finding, Outcome, ProviderFailed
from prorata.crm.kyc.states import STEPS, CheckState, CheckStep
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS
from tests.crm.kyc.office import ANN, BOB, EVE, Office
from tests.crm.privacy.test_privacy import everything

S = CheckState


@pytest.fixture(autouse=True)
def levels(office: Office) -> None:
    office.set_up()


def brought_to(office: Office, state: CheckState) -> Check:
    """Return a check in a state, by the shortest way."""
    if state == S.STARTED:
        return office.started()
    if state == S.SUBMITTED:
        return office.crm.checks.submit(office.started(), by="person")
    if state == S.IN_REVIEW:
        return office.in_review()
    if state == S.REJECTED:
        return office.crm.checks.reject(office.in_review(), "blurred", by=ANN)
    check = office.approved()
    if state == S.EXPIRED:
        office.desk.now += 365 * DAY_MS
    return office.again(check)


@pytest.mark.parametrize("state", list(CheckState))
def test_a_check_goes_only_where_its_state_leads(office: Office, state: CheckState) -> None:
    checks = office.crm.checks
    ways: dict[CheckStep, Callable[[Check], Check]] = {
        CheckStep.SUBMIT: lambda check: checks.submit(check, by="person"),
        CheckStep.TAKE: lambda check: checks.take(check, by=ANN),
        CheckStep.AGREE: lambda check: checks.agree(check, by=EVE),
        CheckStep.REJECT: lambda check: checks.reject(check, "no", by=ANN),
        CheckStep.SEND_BACK: lambda check: checks.send_back(check, "the other side, please", by=ANN),
    }
    check = brought_to(office, state)
    for step, way in ways.items():
        if state in STEPS[step][0]:
            continue
        with pytest.raises(Declined) as refused:
            way(check)
        assert (step, refused.value.code) == (step, Refusal.CHECK_STATE)
        assert office.again(check) == check
    leading = [step for step in ways if state in STEPS[step][0] and step != CheckStep.AGREE]
    for step in leading[-1:]:
        assert ways[step](check).state == STEPS[step][1]


@pytest.mark.parametrize("seed", range(5))
def test_no_walk_leaves_the_drawn_ways(office: Office, seed: int) -> None:
    """Whatever is tried in whatever order, at whatever time: each step of the history is one of those that are drawn."""
    chance, checks = random.Random(seed), office.crm.checks
    level = office.level(3, [Right.TRADE], reviewers=2, valid_days=3)
    office.started(level)
    ways: list[Callable[[Check], object]] = [
        lambda one: checks.submit(one, by="person"),
        lambda one: checks.take(one, by=ANN),
        lambda one: checks.agree(one, by=chance.choice((ANN, BOB, EVE, "person"))),
        lambda one: checks.reject(one, "no", by=ANN),
        lambda one: checks.send_back(one, "more", by=BOB),
        lambda _: checks.sweep(),
        lambda _: office.started(level),
    ]
    for _ in range(60):
        office.desk.now += chance.choice((0, 1, DAY_MS))
        with suppress(Declined):
            chance.choice(ways[:2] + ways)(checks.of_account(office.person.id)[0])
    checks.sweep()
    open_now = 0
    states: dict[str | None, str] = {}
    for step in office.crm.gate.history(office.person):
        assert step.before == states.get(step.check_uuid, "")
        if step.step == CheckStep.START:
            open_now += 1
        else:
            before, after = STEPS[CheckStep(step.step)]
            assert step.before in before
            assert step.after == after
            open_now -= step.after in (S.APPROVED, S.REJECTED) and step.before != S.APPROVED
        assert open_now <= 1
        states[step.check_uuid] = step.after
    assert {one.uuid: one.state.value for one in checks.of_account(office.person.id)} == states
    assert len(states) > 1, "the walk has come to an end at least once"


def test_the_published_status_follows(office: Office) -> None:
    seen = [office.status]
    check = office.started()
    seen.append(office.status)
    check = office.crm.checks.submit(check, by="person")
    seen.append(office.status)
    check = office.crm.checks.send_back(check, "the other side, please", by=ANN)
    seen.append(office.status)
    check = office.crm.checks.take(office.crm.checks.submit(check, by="person"), by=ANN)
    seen.append(office.status)
    check = office.crm.checks.agree(check, by=ANN)
    seen.append(office.status)
    office.crm.checks.reject(check, "forged", by=BOB)
    seen.append(office.status)
    V = Verification
    assert seen == [
        V.NEW, V.UNVERIFIED, V.PENDING_VERIFICATION, V.UNVERIFIED, V.PENDING_VERIFICATION, V.VERIFIED, V.REJECTED,
    ]  # fmt: skip
    told = [(one.step, one.after, one.created_by, one.reason) for one in office.crm.gate.history(office.person)]
    assert told == [
        ("start", "STARTED", "person", ""), ("submit", "SUBMITTED", "person", ""),
        ("send back", "STARTED", ANN, "the other side, please"), ("submit", "SUBMITTED", "person", ""),
        ("take", "IN_REVIEW", ANN, ""), ("agree", "IN_REVIEW", ANN, ""), ("approve", "APPROVED", ANN, ""),
        ("reject", "REJECTED", BOB, "forged"),
    ]  # fmt: skip
    moments = [one.created_at for one in office.crm.gate.history(office.person)]
    assert moments == sorted(moments)
    assert all(moments)


def test_two_must_agree_and_none_of_them_has_handed_it_in(office: Office) -> None:
    checks = office.crm.checks
    check = checks.take(checks.submit(office.started(office.full), by=EVE), by=ANN)
    with pytest.raises(Declined) as refused:
        checks.agree(check, by=EVE)
    assert refused.value.code == Refusal.NOT_PERMITTED
    check = checks.agree(check, by=ANN)
    assert (check.state, check.agreed, office.status) == (S.IN_REVIEW, 1, Verification.PENDING_VERIFICATION)
    with pytest.raises(Declined):
        checks.agree(check, by=ANN)
    assert office.again(check).agreed == 1
    # Sent back, what was agreed to is no longer what is looked at.
    check = checks.send_back(check, "the newest page", by=BOB)
    check = checks.take(checks.submit(check, by="person"), by=BOB)
    assert check.agreed == 0
    check = checks.agree(checks.agree(check, by=BOB), by=ANN)
    assert (check.state, check.valid_until, office.status) == (S.APPROVED, 0, Verification.VERIFIED)


def test_of_those_who_decide_at_once_one_comes_first(office: Office) -> None:
    check = office.in_review()
    barrier, outcomes = threading.Barrier(6), []

    def decide(number: int) -> None:
        barrier.wait()
        try:
            if number % 2:
                office.crm.checks.agree(check, by=f"person {number}")
            else:
                office.crm.checks.send_back(check, "more", by=f"person {number}")
            outcomes.append("done")
        except Declined:
            outcomes.append("late")

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", *["late"] * 5]


def test_one_check_for_a_level_is_open_at_a_time(office: Office) -> None:
    check = office.started()
    with pytest.raises(Declined) as refused:
        office.started()
    assert refused.value.code == Refusal.CHECK_STATE
    office.started(office.full)
    check = office.crm.checks.submit(check, by="person")
    with pytest.raises(Declined):
        office.crm.checks.reject(check, " ", by=ANN)
    office.crm.checks.reject(check, "blurred", by=ANN)
    assert office.started().uuid != check.uuid, "an appeal is a check of its own"
    with pytest.raises(Declined):
        office.started(office.base)


def test_an_approval_ends_when_it_is_asked_about_and_by_the_sweep(office: Office) -> None:
    check = office.approved()
    assert check.valid_until == office.desk.now + 365 * DAY_MS
    assert "TRADE" in office.may()
    office.desk.now = check.valid_until - 1
    assert (office.status, office.again(check).state) == (Verification.VERIFIED, S.APPROVED)
    office.desk.now += 1
    # Nothing has swept yet.
    assert (office.status, office.again(check).state) == (Verification.UNVERIFIED, S.EXPIRED)
    assert office.may() == {"DEPOSIT"}
    with pytest.raises(Declined):
        office.crm.checks.reject(office.again(check), "too late", by=ANN)
    assert [office.crm.checks.sweep(), office.crm.checks.sweep()] == [1, 0]
    assert office.crm.gate.history(office.person)[-1].step == "expire"
    assert (office.status, office.again(check).state) == (Verification.UNVERIFIED, S.EXPIRED)


def test_an_override_is_kept_with_its_key_until_the_next_decision(office: Office) -> None:
    def set_by_hand(status: Verification) -> None:
        person = office.crm.accounts.find(office.desk.organization.id, office.person.uuid)
        office.crm.accounts.change(person, AccountWish(verification=status), by="api client website", reason="known")

    set_by_hand(Verification.VERIFIED)
    standing = office.crm.gate.standing(office.person)
    assert (standing.verification, standing.override_by) == (Verification.VERIFIED, "api client website")
    assert standing.level == office.basic, "as good as the lowest level that verifies"
    (step,) = office.crm.gate.history(office.person)
    assert (step.check_uuid, step.step, step.before, step.after) == (None, "override", "NEW", "VERIFIED")
    check = office.in_review()
    assert office.status == Verification.VERIFIED, "a check that is open decides nothing"
    office.crm.checks.reject(check, "forged", by=ANN)
    assert (office.status, office.crm.gate.standing(office.person).override_by) == (Verification.REJECTED, "")
    set_by_hand(Verification.BLOCKED)
    check = office.approved()
    assert (office.status, office.may()) == (Verification.BLOCKED, set()), "only by hand is anybody unblocked"
    office.crm.gate.resume(office.person, by=ANN, reason="it was a mistake")
    assert (office.status, "TRADE" in office.may()) == (Verification.VERIFIED, True)
    assert office.crm.gate.history(office.person)[-1].step == "resume"


def test_a_level_that_is_removed_is_nobodys(office: Office) -> None:
    office.approved()
    office.crm.levels.remove(office.basic)
    assert office.may() == {"DEPOSIT"}
    for level in (office.base, office.full):
        office.crm.levels.remove(level)
    assert office.may() == {right.value for right in Right}, "without levels nobody is restricted"


def test_the_published_status_follows_from_a_level_that_is_changed_or_removed(office: Office) -> None:
    office.approved()
    checks, levels = office.crm.checks, office.crm.levels
    assert (checks.catch_up(), office.status) == (0, Verification.VERIFIED)
    terms = LevelTerms(rank=1, name="basic", rights=frozenset({Right.TRADE}))
    basic = levels.change(office.basic, terms)
    assert ([checks.catch_up(), checks.catch_up()], office.status) == ([1, 0], Verification.UNVERIFIED)
    basic = levels.change(basic, msgspec.structs.replace(terms, verifies=True))
    assert (checks.catch_up(), office.status) == (1, Verification.VERIFIED)
    levels.remove(basic)
    assert (checks.catch_up(), office.status) == (1, Verification.NEW)


def test_another_organizations_checks_are_not_found(office: Office) -> None:
    check = office.started()
    other = office.desk.control.organizations.add(office.desk.owner.id, "Second Broker")
    with pytest.raises(NotFound):
        office.crm.checks.find(other.id, check.uuid)
    with pytest.raises(NotFound):
        office.crm.levels.find(other.id, office.basic.uuid)
    with pytest.raises(NotFound):
        office.crm.checks.mine(office.desk.account("bob@mail.test"), check.uuid)


@pytest.mark.parametrize(
    "terms",
    [
        {"rank": 1}, {"rank": 21}, {"rank": 3, "reviewers": 0}, {"rank": 3, "valid_days": -1},
        {"rank": 3, "deposit_limits": {"XXX": 1}}, {"rank": 3, "deposit_limits": {"USD": 0}}, {"rank": 3, "provider": "none"},
    ],
)  # fmt: skip
def test_a_level_is_refused_that_cannot_be(office: Office, terms: dict[str, Any]) -> None:
    with pytest.raises(Declined) as refused:
        office.level(**terms)
    assert refused.value.code == Refusal.LEVEL_UNFIT
    assert len(office.crm.levels.all(office.desk.organization.id)) == 3


class Register:
    """A provider that has found what it is told."""

    def __init__(self) -> None:
        self.finds: Finding | None = None
        self.asked = 0

    async def ask(self, check: Check) -> Finding | None:
        self.asked += 1
        if self.asked == 1:
            raise ProviderFailed("away")
        return self.finds


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.APPROVED, S.APPROVED), (Outcome.REJECTED, S.REJECTED), (Outcome.REVIEW, S.IN_REVIEW)],
)
def test_a_provider_looks_first(office: Office, outcome: Outcome, state: CheckState) -> None:
    office.crm = type(office.crm)(office.desk.control, office.desk.engines, examiners={"register": Register()})
    level = office.level(3, [Right.TRADE], provider="register")
    check = office.crm.checks.submit(office.started(level), by="person")
    register = Register()
    examiner = Examiner(office.crm.checks, {"register": register})
    for _ in range(2):
        asyncio.run(examiner.look())
        assert office.again(check).state == S.SUBMITTED
    register.finds = Finding(outcome=outcome, reason="seen", reference="case 7")
    asyncio.run(examiner.look())
    asyncio.run(examiner.look())
    found = office.again(check)
    assert (found.state, found.reference, register.asked) == (state, "case 7", 3)
    assert office.crm.gate.history(office.person)[-1].created_by == "register"


class Slow(Register):
    """A provider before whose answer the person is forgotten."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office

    async def ask(self, check: Check) -> Finding | None:
        self.asked += 1
        self.office.crm.eraser.erase(check.organization_id, check.account_uuid, by="eve", address="")
        return Finding(outcome=Outcome.REJECTED, reason="Ann Lee is somebody else", reference="case Lee")


def test_of_who_was_forgotten_nothing_is_asked_or_written(office: Office) -> None:
    slow = Slow(office)
    office.desk.start(examiners={"register": slow})
    office.crm = office.desk.crm
    approved = office.approved()
    office.crm.checks.submit(office.started(office.level(3, [Right.TRADE], provider="register")), by="person")
    for _ in range(2):
        asyncio.run(office.crm.examiner.look())
        office.desk.now = approved.valid_until
    assert slow.asked == 1
    assert office.crm.checks.sweep() == 0
    assert "Lee" not in everything(office.desk)
