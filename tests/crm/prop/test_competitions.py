"""Competitions: who may enter and when, live and final rankings, ties, prizes."""

import asyncio
from typing import Any

import pytest

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.crm.prop.competitions import Competition, NewCompetition, Placed, Prize, ranked
from prorata.crm.prop.records import PropAccount, PropStatus
from prorata.messages.commands import Access
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS, MINUTE_MS
from tests.crm.prop.firm import BALANCE, PERCENT, Firm

S = PropStatus
PRIZES = (Prize(first=1, last=1, prize="an account of 100,000"), Prize(first=2, last=3, prize="500 USD"))


def competition(firm: Firm, **more: Any) -> Competition:
    """A week from tomorrow on, with a daily loss of 5 %."""
    begin = firm.desk.now + DAY_MS
    terms: dict[str, Any] = {
        "offer_uuid": firm.hidden, "name": "March", "starts_at": begin, "ends_at": begin + 7 * DAY_MS,
        "initial_balance": BALANCE, "daily_loss_ppm": 5 * PERCENT, "prizes": PRIZES,
    }  # fmt: skip
    return firm.prop.competitions.put(firm.desk.organization.id, NewCompetition(**(terms | more)))


def enter(firm: Firm, held: Competition, name: str, **more: Any) -> PropAccount:
    owner = firm.desk.account(f"{name}@mail.test")
    entry = firm.prop.competitions.enter(owner, held, name=name, by="test", **{"paid": True, **more})
    firm.settle()
    return firm.again(entry)


def at(firm: Firm, moment: int) -> None:
    """Let it be that late, and what is due begin or end."""
    firm.desk.now = moment
    asyncio.run(firm.prop.referee.look())
    firm.settle()


def standings(firm: Firm, held: Competition) -> list[Placed]:
    entries = firm.prop.accounts.of_competition(held.id)
    return ranked(entries, firm.prop.referee.equities(held, entries))


def test_accounts_wait_for_the_beginning(firm: Firm) -> None:
    held = competition(firm)
    entry = enter(firm, held, "ann")
    assert (entry.status, firm.engine(entry).access) == (S.WAITING_FOR_START, Access.TRADING_DISABLED)
    at(firm, held.starts_at)
    assert (firm.again(entry).status, firm.engine(entry).access) == (S.ACTIVE_PARTICIPATING_IN_COMPETITION, Access.FULL)
    late = enter(firm, held, "bob")
    assert (late.status, firm.engine(late).access) == (S.ACTIVE_PARTICIPATING_IN_COMPETITION, Access.FULL)


def test_who_was_deleted_a_moment_ago_enters_nothing(firm: Firm) -> None:
    owner, held, challenge = firm.desk.account(), competition(firm), firm.challenge()
    firm.desk.crm.accounts.delete(owner)
    with pytest.raises(NotFound):
        firm.prop.competitions.enter(owner, held, paid=True, by="test")
    with pytest.raises(NotFound):
        firm.prop.accounts.take_up(owner, challenge, paid=True, by="test")
    assert firm.desk.crm.crossings.waiting() == []


def test_the_highest_return_is_ahead_and_who_is_out_is_last(firm: Firm) -> None:
    held = competition(firm)
    ann, bob, eve, zoe = (enter(firm, held, name) for name in ("ann", "bob", "eve", "zoe"))
    at(firm, held.starts_at)
    firm.buy(bob, 1)
    firm.buy(eve, 10)
    firm.quote(1.12345)
    firm.trade(eve, 30, 1.08000)  # out by more than 5 %
    firm.quote(1.12345)
    live = [(one.entry.name, one.equity, one.return_ppm) for one in standings(firm, held)]
    assert [name for name, _, _ in live] == ["bob", "ann", "zoe", "eve"], "with the same return, who entered first"
    assert live[0][1:] == (10_234_500, 23_450)
    assert live[1][1:] == (BALANCE, 0)
    assert firm.again(eve).status == S.LOCKED_FAILED_CHALLENGE
    at(firm, held.ends_at)
    over = firm.prop.competitions.find(firm.desk.organization.id, held.uuid)
    assert over.frozen_at >= held.ends_at
    firm.quote(1.20000)
    final = {one.entry.name: (one.entry.place, one.entry.prize) for one in standings(firm, over)}
    assert final == {
        "bob": (1, "an account of 100,000"), "ann": (2, "500 USD"), "zoe": (3, "500 USD"), "eve": (4, ""),
    }  # fmt: skip
    kept = firm.engine(bob)
    assert (firm.again(bob).status, kept.access, kept.positions) == (S.ENDED, Access.TRADING_DISABLED, {})
    assert firm.again(bob).final_equity == 10_234_500
    assert firm.engine(ann).guards is None
    assert firm.engine(zoe).access == Access.TRADING_DISABLED


def test_the_ranking_is_frozen_once_and_not_without_the_platform(firm: Firm) -> None:
    held = competition(firm)
    ann = enter(firm, held, "ann")
    at(firm, held.starts_at)
    firm.desk.engines.up = False
    firm.desk.now = held.ends_at
    asyncio.run(firm.prop.referee.look())
    assert not firm.prop.competitions.find(firm.desk.organization.id, held.uuid).frozen_at
    firm.desk.engines.up = True
    at(firm, held.ends_at + MINUTE_MS)
    frozen = firm.prop.competitions.find(firm.desk.organization.id, held.uuid).frozen_at
    assert frozen >= held.ends_at + MINUTE_MS
    firm.prop.competitions.freeze(held, {ann.login or 0: 1}, held.ends_at + DAY_MS)
    assert firm.prop.competitions.find(firm.desk.organization.id, held.uuid).frozen_at == frozen


def test_a_competition_is_entered_once_by_as_many_as_may_and_until_its_end(firm: Firm) -> None:
    held = competition(firm, entries_max=1, fee=1_000)
    unpaid = enter(firm, held, "ann", paid=False)
    assert (unpaid.status, unpaid.due) == (S.WAITING_FOR_PAYMENT, 1_000)
    for name, code in (("bob", Refusal.COMPETITION_CLOSED),):
        with pytest.raises(Declined) as refused:
            enter(firm, held, name)
        assert refused.value.code == code
    ann = firm.desk.crm.accounts.find(firm.desk.organization.id, unpaid.account_uuid)
    with pytest.raises(Declined) as refused:
        firm.prop.competitions.enter(ann, held, paid=True, by="test")
    assert refused.value.code == Refusal.ALREADY_ENTERED
    later = competition(firm)
    firm.desk.now = later.ends_at
    with pytest.raises(Declined) as refused:
        firm.prop.competitions.enter(ann, later, paid=True, by="test")
    assert refused.value.code == Refusal.COMPETITION_CLOSED


def test_who_has_not_paid_is_in_no_ranking(firm: Firm) -> None:
    held = competition(firm, fee=1_000)
    paid, unpaid = enter(firm, held, "ann"), enter(firm, held, "bob", paid=False)
    at(firm, held.starts_at)
    at(firm, held.ends_at)
    over = firm.prop.competitions.find(firm.desk.organization.id, held.uuid)
    assert [one.entry.id for one in standings(firm, over)] == [paid.id]
    assert (firm.again(unpaid).status, firm.again(unpaid).place) == (S.ENDED, 0)
    with pytest.raises(Declined):
        firm.prop.accounts.activate(firm.again(unpaid), by="test")


def test_rules_stay_when_somebody_has_entered(firm: Firm) -> None:
    held = competition(firm)
    enter(firm, held, "ann")
    wanted = {name: getattr(held, name) for name in NewCompetition.__struct_fields__}
    organization = firm.desk.organization.id
    with pytest.raises(Declined) as refused:
        firm.prop.competitions.put(organization, NewCompetition(**{**wanted, "max_loss_ppm": 10 * PERCENT}), held)
    assert refused.value.code == Refusal.COMPETITION_CLOSED
    longer = NewCompetition(**{**wanted, "ends_at": held.ends_at + DAY_MS, "prizes": ()})
    assert firm.prop.competitions.put(organization, longer, held).prizes == ()


def test_a_competition_that_does_not_fit_is_refused(firm: Firm) -> None:
    wrongs: tuple[dict[str, Any], ...] = (
        {"name": " "}, {"ends_at": 0}, {"initial_balance": 0}, {"max_loss_ppm": 100 * PERCENT}, {"trailing": True},
        {"prizes": (PRIZES[1], Prize(first=3, last=4, prize="both"))}, {"prizes": (Prize(first=0, last=1, prize="a car"),)},
        {"entries_max": -1}, {"fee": -1},
    )  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(Declined) as refused:
            competition(firm, **wrong)
        assert refused.value.code == Refusal.PROP_UNFIT, wrong
    assert firm.prop.competitions.all(firm.desk.organization.id) == []
