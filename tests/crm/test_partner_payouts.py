"""What an IB has earned is paid once, when enough people agree, and all sums come out."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from prorata.app.exit_codes import NOT_SOUND
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish
from prorata.crm.crossing import Unanswered
from prorata.crm.partners.payouts import Payout, PayoutPeriod, PayoutStatus, PayoutTerms, period_end
from prorata.crm.partners.plans import Rule, RuleKind
from prorata.crm.trading import TradingAccount
from prorata.messages.refusals import Refusal
from prorata.server.machine import KEYS_KEPT_MS
from prorata.units.numbers import DAY_MS
from tests.app.programs import here
from tests.crm.desk import Desk, Failing
from tests.crm.firm import LOT, Firm, per_lot
from tests.crm.test_crossing import kill_at
from tests.crm.test_partner_accruals import correct

ANN, BOB, EVE = "ann", "bob", "eve"


class Earned:
    """An IB whose client has traded 2.00 lots at 5.00 each."""

    def __init__(self, desk: Desk) -> None:
        self.firm = Firm(desk)
        self.partner: TradingAccount = self.firm.partner()
        self.client = self.firm.client(self.partner, self.firm.plan(per_lot(500)))
        self.ticket = self.firm.trades(self.client, 2 * LOT)
        self.firm.counts()
        self.organization = desk.organization.id

    @property
    def payouts(self) -> Any:
        return self.firm.partners.payouts

    def sets(self, **terms: Any) -> None:
        self.payouts.set_terms(self.organization, PayoutTerms(**terms))

    def gather(self) -> Any:
        (payout,) = self.payouts.gather(self.organization, by=EVE)
        return payout

    def standing(self) -> tuple[int, int, int, int]:
        """Return what was earned, reversed, paid, and is unpaid."""
        (one,) = self.firm.partners.reports.standings(self.organization)
        return one.earned, one.reversed, one.paid, one.unpaid


def carry_all(desk: Desk, payouts: list[Payout]) -> None:
    for payout in payouts:
        desk.carry(payout.subject)


@pytest.fixture
def earned(desk: Desk) -> Earned:
    return Earned(desk)


def test_a_payout_waits_for_others_and_is_booked_as_agent_commission(earned: Earned) -> None:
    firm, desk = earned.firm, earned.firm.desk
    earned.sets(approvals=2)
    payout = earned.gather()
    assert (payout.amount, payout.currency, payout.status) == (1_000, "USD", PayoutStatus.AWAITING_APPROVAL)
    decide = earned.payouts.decide
    with pytest.raises(Declined) as refused:
        decide(payout, agree=True, decided_by=EVE)
    assert refused.value.code == Refusal.NOT_PERMITTED, "not who asked for it"
    decide(payout, agree=True, decided_by=ANN)
    with pytest.raises(Declined) as refused:
        decide(payout, agree=True, decided_by=ANN)
    assert refused.value.code == Refusal.PAYOUT_ENDED, "nobody decides twice"
    assert earned.standing() == (1_000, 0, 0, 1_000)
    decide(payout, agree=True, decided_by=BOB)
    desk.carry(payout.subject)
    assert firm.again(payout).status == PayoutStatus.DONE
    assert desk.balance(earned.partner) == 1_000
    assert desk.engines.state.house["USD"]["house/commission"] == 1_400 - 1_000
    assert earned.standing() == (1_000, 0, 1_000, 0)
    with pytest.raises(Declined) as refused:
        decide(payout, agree=False, decided_by="dan")
    assert refused.value.code == Refusal.PAYOUT_ENDED
    firm.check()


def test_a_rejected_payout_is_unpaid_again_with_the_reason(earned: Earned) -> None:
    payout = earned.gather()
    rejected = earned.payouts.decide(payout, agree=False, reason="looks odd", decided_by=ANN)
    assert (rejected.status, rejected.reason) == (PayoutStatus.REJECTED, "looks odd")
    assert earned.standing() == (1_000, 0, 0, 1_000)
    assert earned.gather().amount == 1_000
    earned.firm.check()


def test_a_payout_that_the_platform_refuses_is_unpaid_again(earned: Earned) -> None:
    earned.sets(approvals=0)
    desk = earned.firm.desk
    del desk.engines.state.accounts[earned.partner.login]
    payout = earned.gather()
    with pytest.raises(Declined):
        desk.carry(payout.subject)
    failed = earned.firm.again(payout)
    assert (failed.status, failed.reason) == (PayoutStatus.FAILED, "UNKNOWN_ACCOUNT")
    assert earned.standing() == (1_000, 0, 0, 1_000)


def test_less_than_the_minimum_is_carried_over(earned: Earned) -> None:
    earned.sets(approvals=0, minimums={"USD": 1_001, "EUR": 1})
    with pytest.raises(Declined) as refused:
        earned.gather()
    assert refused.value.code == Refusal.NOTHING_TO_PAY
    earned.firm.trades(earned.client, LOT // 100)
    earned.firm.counts()
    assert earned.gather().amount == 1_005


def test_each_period_is_paid_once(earned: Earned) -> None:
    firm, desk = earned.firm, earned.firm.desk
    earned.sets(period=PayoutPeriod.DAILY, approvals=0)
    assert earned.payouts.gather_due() == [], "the period that runs has not ended"
    firm.pass_seconds(DAY_MS // 1_000)
    firm.trades(earned.client)
    firm.counts()
    (payout,) = earned.payouts.gather_due()
    assert payout.amount == 1_000, "of the day that is over"
    assert earned.payouts.gather_due() == []
    firm.pass_seconds(DAY_MS // 1_000)
    assert [one.amount for one in earned.payouts.gather_due()] == [500]
    desk.carry_waiting()
    assert desk.balance(earned.partner) == 1_500
    firm.check()


@pytest.mark.parametrize(
    ("period", "day"), [(PayoutPeriod.DAILY, 20_516), (PayoutPeriod.WEEKLY, 20_514), (PayoutPeriod.MONTHLY, 20_513)]
)
def test_periods_end_at_midnight_on_mondays_and_with_the_month(period: PayoutPeriod, day: int) -> None:
    """2026-03-04 is a Wednesday; its week began on the second, its month on the first."""
    assert period_end(period, 20_516 * DAY_MS + 1) == day * DAY_MS


def test_what_is_reversed_after_it_was_paid_is_taken_off_the_next_payout(earned: Earned) -> None:
    firm = earned.firm
    earned.sets(approvals=0)
    firm.desk.carry(earned.gather().subject)
    correct(firm, earned.client.login, earned.ticket, 1, commission=1_400, profit=3_400)
    firm.counts()
    assert earned.standing() == (1_000, 1_000, 1_000, -1_000)
    with pytest.raises(Declined) as refused:
        earned.gather()
    assert refused.value.code == Refusal.NOTHING_TO_PAY
    firm.trades(earned.client, 3 * LOT)
    firm.counts()
    payout = earned.gather()
    assert payout.amount == 500
    firm.desk.carry(payout.subject)
    firm.check()


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["begin_try", "settle", "_apply"])
def test_a_kill_anywhere_pays_neither_twice_nor_not_at_all(
    earned: Earned, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, time: int
) -> None:
    desk = earned.firm.desk
    earned.sets(approvals=0)
    other = earned.firm.partner()
    earned.firm.trades(earned.firm.client(other, earned.firm.plan(per_lot(200))))
    earned.firm.counts()
    payouts = earned.payouts.gather(earned.organization, by=EVE)
    kill_at(desk, monkeypatch, desk.engines if step == "_apply" else desk.crm.crossings, step, time=time, after=after)
    with pytest.raises(Failing):
        carry_all(desk, payouts)
    monkeypatch.undo()
    desk.start()
    earned.firm.partners = desk.crm.partners
    desk.carry_waiting()
    assert (desk.balance(earned.partner), desk.balance(other)) == (1_000, 200)
    assert {earned.firm.again(payout).status for payout in payouts} == {PayoutStatus.DONE}
    earned.firm.check()


def test_an_answer_that_is_lost_for_longer_than_keys_live_pays_once(earned: Earned) -> None:
    desk = earned.firm.desk
    earned.sets(approvals=0)
    payout = earned.gather()
    desk.engines.lose = 1
    with pytest.raises(Unanswered):
        desk.carry(payout.subject)
    assert earned.firm.again(payout).status == PayoutStatus.BOOKING
    desk.engines.now += 2 * KEYS_KEPT_MS
    desk.carry_waiting()
    assert earned.firm.again(payout).status == PayoutStatus.DONE
    assert desk.balance(earned.partner) == 1_000
    earned.firm.check()


def test_the_control_tells_of_a_payout_that_the_platform_does_not_know(earned: Earned, tmp_path: Path) -> None:
    earned.sets(approvals=0)
    payout = earned.gather()
    crossings = earned.firm.desk.crm.crossings
    (waiting,) = crossings.waiting(payout.subject)
    crossings.settle(waiting, ())
    reports = earned.firm.partners.reports
    (standing,) = reports.standings(earned.organization)
    assert (standing.holds, standing.paid, standing.booked, standing.unheard) == (True, 1_000, 0, 1_000), (
        "it may still be heard"
    )
    earned.firm.pass_seconds(120)
    (standing,) = reports.standings()
    assert not standing.holds
    checked = here("partners", "verify", "--data", tmp_path)
    assert checked.code == NOT_SOUND
    told = f"{earned.partner.login} in USD: earned 10.00, reversed 0.00, paid 10.00, unpaid 0.00, booked 0.00"
    assert checked.out.strip() == told


class Story:
    """What may happen, in any order: clients trade, change their IB, are corrected; payouts are made, decided on, lost."""

    def __init__(self, earned: Earned, seed: int) -> None:
        self.earned, self.firm, self.chance = earned, earned.firm, Random(seed)
        self.partners = [earned.partner, self.firm.partner("Sub IB", under=earned.partner, euro=True), self.firm.partner()]
        rules = (per_lot(700, 130), Rule(kind=RuleKind.COMMISSION_SHARE, values=(333_333, 111_111)))
        plan = self.firm.plan(*rules, held=1)
        self.clients = [self.firm.client(partner, plan, euro=partner is self.partners[1]) for partner in self.partners]
        self.held: list[tuple[TradingAccount, int]] = []
        self.closed: dict[tuple[TradingAccount, int], int] = {}

    def step(self) -> None:
        self.firm.pass_seconds(self.chance.randint(1, 90))
        self.chance.choice((self.open, self.open, self.close, self.close, self.correct, self.move, self.gather, self.decide))()
        if self.chance.random() < 0.4:
            self.firm.counts()
        self.firm.desk.engines.lose = self.chance.choice((0, 0, 1))
        self.firm.desk.carry_waiting()

    def open(self) -> None:
        client = self.chance.choice(self.clients)
        self.held.append((client, self.firm.opens(client, self.chance.randint(1, 9) * LOT // 100)))

    def close(self) -> None:
        if self.held:
            client, ticket = self.chance.choice(self.held)
            volume = self.firm.desk.engines.state.accounts[client.login].positions[ticket].volume
            part = self.chance.choice((volume, min(volume, LOT // 100)))
            self.firm.closes(client, ticket, part)
            if part == volume:
                self.held.remove((client, ticket))
                self.closed[client, ticket] = 0

    def correct(self) -> None:
        if self.closed:
            client, ticket = chosen = self.chance.choice(list(self.closed))
            self.closed[chosen] += 1
            correct(self.firm, client.login, ticket, self.closed[chosen], commission=self.chance.randint(-3, 9) or 1)

    def move(self) -> None:
        client, partner = self.chance.choice(self.clients), self.chance.choice(self.partners)
        accounts = self.firm.desk.crm.accounts
        account = accounts.find(self.earned.organization, client.account_uuid)
        accounts.change(account, AccountWish(profile={"ib_parent": partner.uuid}), by="test")

    def gather(self) -> None:
        with suppress(Declined):
            self.earned.payouts.gather(self.earned.organization, by=EVE)

    def decide(self) -> None:
        waiting = self.earned.payouts.newest(self.earned.organization, status=PayoutStatus.AWAITING_APPROVAL)
        if waiting:
            self.earned.payouts.decide(self.chance.choice(waiting), agree=self.chance.random() < 0.7, decided_by=ANN)


def test_the_sums_come_out_whatever_happens(any_desk: Desk) -> None:
    earned, desk = Earned(any_desk), any_desk
    story = Story(earned, seed=1)
    earned.sets(approvals=1)
    for _ in range(40):
        story.step()
    desk.engines.lose = 0
    desk.carry_waiting()
    earned.firm.counts()
    earned.firm.check()
    standings = earned.firm.partners.reports.standings()
    assert sum(one.paid for one in standings) > 0
    for partner in story.partners:
        paid = sum(one.paid for one in standings if one.paid_on_id == partner.id)
        assert desk.balance(partner) == paid, "a partner's account has nothing but his commissions"


def test_two_who_gather_at_once_make_one_payout(any_desk: Desk) -> None:
    earned = Earned(any_desk)

    def gather() -> None:
        with suppress(Declined):
            earned.gather()

    together(gather, gather)
    assert [one.amount for one in earned.payouts.newest(earned.organization)] == [1_000]
    assert earned.standing() == (1_000, 0, 0, 1_000)


def test_two_ibs_who_are_put_under_each_other_at_once_make_no_circle(any_desk: Desk) -> None:
    firm = Firm(any_desk)
    one, other = firm.partner(), firm.partner()
    refused: list[Refusal] = []

    def put(below: TradingAccount, above: TradingAccount) -> None:
        accounts = any_desk.crm.accounts
        account = accounts.find(any_desk.organization.id, below.account_uuid)
        try:
            accounts.change(account, AccountWish(profile={"ib_parent": above.uuid}), by="test")
        except Declined as declined:
            refused.append(declined.code)

    together(partial(put, one, other), partial(put, other, one))
    assert refused == [Refusal.PARTNER_CYCLE]


def together(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_terms_that_cannot_be_kept_are_refused(earned: Earned) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"approvals": 6}, {"minimums": {"XXX": 1}}, {"minimums": {"USD": -1}}, {"link": "http://broker.test"},
    )  # fmt: skip
    for terms in wrong:
        with pytest.raises(Declined) as refused:
            earned.sets(**terms)
        assert refused.value.code == Refusal.OUT_OF_RANGE
    assert earned.payouts.terms(earned.organization) == PayoutTerms()
