"""What deals bring, to the cent: docs/partners.md works the same examples."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish
from prorata.crm.partners.market import Rates
from prorata.crm.partners.plans import Rule, RuleKind, Terms
from prorata.messages.commands import SELL, BalanceKind, BookBalance, CloseBy
from prorata.messages.refusals import Refusal
from prorata.projections.trade_corrections import EVENT_NUMBERS, external_id_of
from tests.crm.desk import Desk, Failing
from tests.crm.firm import LOT, Firm, per_lot
from tests.crm.test_crossing import kill_at

ALL_KINDS = (
    per_lot(500, 100),
    Rule(kind=RuleKind.PER_MILLION, values=(1_000,)),
    Rule(kind=RuleKind.MARKUP_SHARE, values=(200_000, 50_000)),
    Rule(kind=RuleKind.COMMISSION_SHARE, values=(300_000, 100_000)),
)


@pytest.fixture
def firm(desk: Desk) -> Firm:
    return Firm(desk)


def test_each_kind_pays_each_level_rounded_down(firm: Firm) -> None:
    """1.50 lots of EURUSD, bought at 1.10015 and sold at 1.10498: turnover 330,769.50, markup 10.50, commission 10.50 USD."""
    top = firm.partner()
    direct = firm.partner("Sub IB", under=top)
    client = firm.client(direct, firm.plan(*ALL_KINDS))
    ticket = firm.opens(client, 3 * LOT // 2)
    firm.quote("EURUSD", 110_500, 110_510)
    firm.closes(client, ticket)
    assert firm.counts() == 2
    assert firm.accrued(direct) == [
        ("PER_LOT", 750), ("PER_MILLION", 330), ("MARKUP_SHARE", 210), ("COMMISSION_SHARE", 315)
    ]  # fmt: skip
    assert firm.accrued(top) == [("PER_LOT", 150), ("MARKUP_SHARE", 52), ("COMMISSION_SHARE", 105)]
    (level,) = firm.partners.reports.totals(top.account_id, 0, firm.desk.now)
    assert (level.level, level.clients, level.deals, level.volume, level.earned) == (2, 1, 1, 3 * LOT // 2, 307)
    firm.check()


def test_an_ib_is_paid_in_the_currency_of_his_account_at_the_price_of_the_deal(firm: Firm) -> None:
    """7.50 USD at 1.10498 are 6.787 EUR: 6.78."""
    partner = firm.partner(euro=True)
    client = firm.client(partner, firm.plan(per_lot(500)))
    ticket = firm.opens(client, 3 * LOT // 2)
    firm.quote("EURUSD", 110_500, 110_510)
    firm.closes(client, ticket)
    firm.counts()
    assert firm.accrued(partner) == [("PER_LOT", 678)]


def test_a_deal_waits_for_a_rate_and_holds_up_nobody_else(firm: Firm) -> None:
    """1.00 lot of EURJPY at 165.015 and 164.998: 33,001,300 JPY; at 150.000 220,008.66 USD: 2.20 of 10.00 a million."""
    partner = firm.partner()
    plan = firm.plan(Rule(kind=RuleKind.PER_MILLION, values=(1_000,)))
    client, other = firm.client(partner, plan), firm.client(partner, plan)
    firm.trades(client, symbol="EURJPY")
    firm.trades(other)
    assert firm.counts() == 2
    assert firm.accrued(partner) == [("PER_MILLION", 220)], "of the other one: 110,015.00 + 109,998.00 USD"
    firm.desk.engines.bids["USDJPY"] = 150_000
    assert firm.counts() == 2
    assert firm.accrued(partner)[1:] == [("PER_MILLION", 220)]
    assert firm.counts() == 0, "what is counted is not counted again"


def test_a_rate_goes_by_two_symbols_if_none_joins_the_currencies(firm: Firm) -> None:
    firm.desk.engines.bids |= {"GBPUSD": 125_000, "USDJPY": 150_000}
    rate = Rates(firm.desk.engines, "EURUSD", 110_000, firm.desk.now).rate("GBP", "JPY")
    assert (rate.floor(1_00), rate.told) == (187, "GBPUSD 1.25000, USDJPY 150.000")


@pytest.mark.parametrize("parts", [(1, 2), (1, 1, 1)], ids=["a third and the rest", "thirds"])
def test_a_position_that_is_closed_in_parts_brings_as_much_as_whole(firm: Firm, parts: tuple[int, ...]) -> None:
    partner = firm.partner()
    client = firm.client(partner, firm.plan(Rule(kind=RuleKind.COMMISSION_SHARE, values=(1_000_000,))))
    ticket = firm.opens(client, 3 * LOT)
    for part in parts:
        firm.closes(client, ticket, part * LOT)
    firm.counts()
    assert [amount for _, amount in firm.accrued(partner)] == [700 * part for part in parts]


def test_who_is_introduced_while_he_holds_something_brings_only_its_closing(firm: Firm) -> None:
    """7.00 of commission for both sides; 3.50 of it for closing, and how long it was held is not known."""
    partner = firm.partner()
    share = Rule(kind=RuleKind.COMMISSION_SHARE, values=(1_000_000,))
    plan, strict = firm.plan(share), firm.plan(share, held=60)
    for one in (plan, strict):
        client = firm.client(None, one)
        ticket = firm.opens(client)
        account = firm.desk.crm.accounts.find(firm.desk.organization.id, client.account_uuid)
        firm.pass_seconds(100)
        firm.desk.crm.accounts.change(account, AccountWish(profile={"ib_parent": partner.uuid}), by="test")
        firm.closes(client, ticket)
    firm.counts()
    assert firm.accrued(partner) == [("COMMISSION_SHARE", 350)]
    assert firm.notes()[1] == ("PASSED", "how long it was held is not known")


def test_positions_that_are_closed_against_each_other_have_no_markup(firm: Firm) -> None:
    """Opened with 0.00005 and 0.00002 of markup; the second opening is closed at the price of the first."""
    partner = firm.partner()
    client = firm.client(partner, firm.plan(Rule(kind=RuleKind.MARKUP_SHARE, values=(1_000_000,))))
    long, short = firm.opens(client), firm.opens(client, side=SELL)
    firm.desk.engines._apply(CloseBy(client.login, long, short), "")
    firm.counts()
    assert sum(amount for _, amount in firm.accrued(partner)) == 700


def test_what_was_held_too_short_brings_nothing(firm: Firm) -> None:
    partner = firm.partner()
    client = firm.client(partner, firm.plan(per_lot(500), held=60))
    firm.trades(client, seconds=20)
    firm.trades(client, seconds=60)
    firm.counts()
    assert firm.accrued(partner) == [("PER_LOT", 500)]
    assert [state for state, _ in firm.notes()] == ["PASSED", "COUNTED"]
    assert firm.notes()[0][1].startswith("was held 20.")


def test_demo_accounts_and_people_whom_nobody_introduced_bring_nothing(firm: Firm) -> None:
    partner = firm.partner()
    plan = firm.plan(per_lot(500))
    demo = firm.desk.offer("retail-usd", demo=True, initial_deposit=10_000_000)
    opened = firm.desk.crm.trading.open(firm.person(under=partner), demo, commission_uuid=plan.uuid, by="test")
    firm.desk.carry(opened.subject)
    for client in (firm.desk.crm.trading.get(opened.id), firm.client(None, plan)):
        firm.trades(client)
    assert firm.counts() == 0


def test_the_plan_is_the_clients_or_else_that_of_the_ib_above(firm: Firm) -> None:
    own, above = firm.plan(per_lot(500)), firm.plan(per_lot(300))
    partner = firm.partner()
    client, other = firm.client(partner, own), firm.client(partner)
    firm.trades(other)
    firm.desk.follow()
    firm.desk.crm.trading.set_commission(partner, above.uuid)
    firm.trades(client)
    firm.trades(other)
    firm.counts()
    assert firm.accrued(partner) == [("PER_LOT", 500), ("PER_LOT", 300)]
    assert firm.notes()[0] == ("PASSED", "no commission plan")
    with pytest.raises(Declined) as refused:
        firm.desk.crm.trading.set_commission(partner, "00000000-0000-4000-8000-000000000000")
    assert refused.value.code == Refusal.UNKNOWN_REFERENCE


def test_of_each_kind_the_first_rule_that_fits_counts(firm: Firm) -> None:
    partner = firm.partner()
    rules = (per_lot(100, symbols=("Forex/Minors/*", "EURJ*")), per_lot(200, symbols=("*USD",)), per_lot(300))
    client = firm.client(partner, firm.plan(*rules))
    firm.desk.engines.bids["USDJPY"] = 150_000
    for symbol in ("EURUSD", "EURJPY", "USDJPY"):
        firm.trades(client, symbol=symbol)
    firm.counts()
    assert [amount for _, amount in firm.accrued(partner)] == [200, 100, 300]


def test_a_deal_is_counted_by_the_tree_and_the_plan_of_its_moment(firm: Firm) -> None:
    first, second = firm.partner(), firm.partner()
    plan = firm.plan(per_lot(500))
    client = firm.client(first, plan)
    firm.trades(client)
    firm.pass_seconds(1)
    firm.partners.plans.change(plan, Terms(rules=(per_lot(100),)), by="test")
    account = firm.desk.crm.accounts.find(firm.desk.organization.id, client.account_uuid)
    firm.desk.crm.accounts.change(account, AccountWish(profile={"ib_parent": second.uuid}), by="test")
    firm.trades(client)
    firm.counts()
    assert (firm.accrued(first), firm.accrued(second)) == ([("PER_LOT", 500)], [("PER_LOT", 100)])


def test_a_plan_that_cannot_be_kept_is_refused(firm: Firm) -> None:
    plan, organization = firm.plan(per_lot(500)), firm.desk.organization.id
    share = Rule(kind=RuleKind.MARKUP_SHARE, values=(600_000, 400_001))
    wrong: tuple[Callable[[], object], ...] = (
        lambda: firm.plan(), lambda: firm.plan(share), lambda: firm.plan(per_lot()), lambda: firm.plan(per_lot(-1)),
        lambda: firm.plan(per_lot(*[1] * 11)), lambda: firm.plan(per_lot(1), held=-1),
        lambda: firm.plan(per_lot(1), currency="XXX"),
        lambda: firm.plan(per_lot(1, symbols=("",))),
        lambda: firm.partners.plans.change(plan, plan.versions[0].terms, since=firm.desk.now - 1, by="test"),
    )  # fmt: skip
    for call in wrong:
        with pytest.raises(Declined) as refused:
            call()
        assert refused.value.code == Refusal.BAD_COMMISSION_PLAN
    assert [one.uuid for one in firm.partners.plans.all(organization)] == [plan.uuid]


# Corrections (decision 0022).


def correct(firm: Firm, login: int, order: int, number: int, **changes: int) -> None:
    command = BookBalance(login, BalanceKind.CORRECTION, sum(changes.values()), external_id_of(order, number, changes))
    firm.desk.engines._apply(command, "")


def test_a_corrected_commission_is_counted_anew_and_a_cancelled_trade_brings_nothing(firm: Firm) -> None:
    """7.00 of commission, half of it 3.50; 2.00 given back: half of 5.00; then the rest and the loss given back: cancelled."""
    partner = firm.partner()
    client = firm.client(partner, firm.plan(Rule(kind=RuleKind.COMMISSION_SHARE, values=(500_000,))))
    ticket = firm.trades(client)
    firm.counts()
    correct(firm, client.login, ticket, 1, commission=200)
    firm.counts()
    assert [amount for _, amount in firm.accrued(partner)] == [350, -350, 250]
    correct(firm, client.login, ticket, 2, commission=500, profit=1_700)
    firm.counts()
    assert [amount for _, amount in firm.accrued(partner)] == [350, -350, 250, -250]
    assert firm.notes()[0][0] == "CANCELLED"
    (line,) = firm.partners.reports.statement(partner.account_id, 0, firm.desk.now)
    assert (line.deals, line.earned, line.reversed) == (1, 600, 600)
    firm.check()


def test_a_closed_part_is_corrected_under_the_number_of_its_event(firm: Firm) -> None:
    partner = firm.partner()
    client = firm.client(partner, firm.plan(Rule(kind=RuleKind.COMMISSION_SHARE, values=(500_000,))))
    ticket = firm.opens(client, 2 * LOT)
    firm.closes(client, ticket, LOT)
    part = firm.desk.engines.machine.sequence
    correct(firm, client.login, EVENT_NUMBERS + part, 1, commission=100)
    firm.counts()
    assert [amount for _, amount in firm.accrued(partner)] == [300], "corrected before it was counted"


# Exactly once.


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["hear_deal", "_count", "_insert"])
def test_a_kill_anywhere_counts_neither_twice_nor_not_at_all(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    partner = firm.partner()
    client = firm.client(partner, firm.plan(*ALL_KINDS))
    desk = firm.desk
    if step == "hear_deal":
        # It is registered by the object: what is killed there is the transaction of the follower.
        kill_at(desk, monkeypatch, desk.follower, "_set_position", time=1, after=after)
    else:
        kill_at(desk, monkeypatch, firm.partners.accruals, step, time=1, after=after)
    firm.trades(client)
    with pytest.raises(Failing):
        firm.counts()
    monkeypatch.undo()
    desk.start()
    firm.partners = desk.crm.partners
    firm.counts()
    assert [kind for kind, _ in firm.accrued(partner)] == [rule.kind for rule in ALL_KINDS]
    firm.check()


def test_it_goes_on_by_itself(firm: Firm) -> None:
    partner = firm.partner()
    firm.trades(firm.client(partner, firm.plan(per_lot(500))))
    firm.desk.follow()
    firm.pass_seconds(70)

    async def run() -> None:
        async with firm.partners.running():
            for _ in range(200):
                await asyncio.sleep(0.01)
                if firm.accrued(partner):
                    return

    asyncio.run(run())
    assert firm.accrued(partner) == [("PER_LOT", 500)]


def test_all_levels_together_never_take_more_than_there_is(firm: Firm) -> None:
    """The shares of many levels are rounded down each: of 7.35 nothing is paid twice, and what is left over is the house's."""
    parents: list[Any] = [firm.partner()]
    for _ in range(6):
        parents.append(firm.partner("Sub IB", under=parents[-1]))
    thirds = (333_333, 333_333, 166_667, 83_333, 41_667, 20_833, 20_834)
    assert sum(thirds) == 1_000_000
    client = firm.client(parents[-1], firm.plan(Rule(kind=RuleKind.COMMISSION_SHARE, values=thirds)))
    firm.trades(client, 105 * LOT // 100)
    firm.counts()
    amounts = [amount for parent in reversed(parents) for _, amount in firm.accrued(parent)]
    assert amounts == [245, 245, 122, 61, 30, 15, 15]
    assert 736 - sum(amounts) == 3, "3.68 for opening and for closing, rounded up"
