"""One story on SQLite and on PostgreSQL: a challenge, a funded account, a profit, a competition."""

import asyncio

from prorata.control.paging import Slice
from prorata.crm.prop.competitions import NewCompetition
from prorata.crm.prop.records import Decided, PropFilter, PropStatus, WithdrawalStatus
from prorata.crm.prop.shop import NewAddOn, NewDiscount
from prorata.crm.prop.terms import Kind
from prorata.messages.commands import DailyBase
from prorata.units.numbers import DAY_MS
from tests.crm.desk import Desk
from tests.crm.prop.firm import BALANCE, PERCENT, Firm, phase

S = PropStatus


def test_a_story_from_a_challenge_to_a_payout(any_desk: Desk) -> None:
    firm = Firm(any_desk)
    organization, prop = any_desk.organization.id, firm.prop
    challenge = firm.challenge(
        phase(firm.hidden, automatic=False, daily_base=DailyBase.HIGHER, trailing=True), firm.funded(), fee=9_999
    )  # fmt: skip
    new = NewAddOn(name="More", kind=Kind.PROFIT_SPLIT, value=10 * PERCENT, price_ppm=20 * PERCENT)
    add_on = prop.shop.put_add_on(organization, new)
    prop.shop.add_discount(organization, NewDiscount(code="Spring", rate_ppm=15 * PERCENT, uses_max=1))
    prop.shop.configure(organization, {"active_max": 5})
    account = firm.take_up(challenge, add_on_uuids=[add_on.uuid], code="spring")
    assert (account.status, account.due) == (S.ACTIVE_PARTICIPATING_IN_CHALLENGE, 10_200)
    firm.trade(account, 1, 1.14000)
    firm.next_day()
    firm.trade(account, 1, 1.18000)
    firm.settle()
    part = Slice("created", True, 0, 10)
    ((asked, _),), total = prop.evaluations.search(
        organization, Decided.PENDING, part, platforms=frozenset({any_desk.platform})
    )
    assert total == 1
    prop.evaluations.confirm(asked, by="eve")
    firm.settle()
    funded = firm.next_of(account)
    assert (funded.status, funded.terms.split_ppm) == (S.ACTIVE_FUNDED, 90 * PERCENT)
    firm.trade(funded, 1, 1.19000)
    paid = prop.withdrawals.ask(firm.again(funded), 100_000, equity=firm.equity(funded), by="eve")
    firm.settle()
    assert prop.withdrawals.get(paid.id).status == WithdrawalStatus.DONE
    assert firm.engine(funded).balance == BALANCE
    found, total = prop.accounts.search(organization, PropFilter(challenge_name="two", email="ann"), part)
    assert ([one.id for one in found], total) == ([funded.id, account.id], 2)
    assert {one.step: one.counts for one in prop.challenges.figures(challenge)} == {
        1: {"PASSED": 1}, 2: {"ACTIVE_FUNDED": 1},
    }  # fmt: skip


def test_a_competition_begins_and_ends(any_desk: Desk) -> None:
    firm = Firm(any_desk)
    begin = any_desk.now + DAY_MS
    held = firm.prop.competitions.put(
        any_desk.organization.id,
        NewCompetition(
            offer_uuid=firm.hidden, name="March", starts_at=begin, ends_at=begin + DAY_MS, initial_balance=BALANCE,
            daily_loss_ppm=5 * PERCENT,
        ),
    )  # fmt: skip
    entry = firm.prop.competitions.enter(any_desk.account(), held, paid=True, by="test")
    firm.settle()
    for moment, status in ((held.starts_at, S.ACTIVE_PARTICIPATING_IN_COMPETITION), (held.ends_at, S.ENDED)):
        any_desk.now = moment
        asyncio.run(firm.prop.referee.look())
        firm.settle()
        assert firm.again(entry).status == status
    assert (firm.again(entry).place, firm.again(entry).final_equity) == (1, BALANCE)
