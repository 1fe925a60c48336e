"""Challenges with worked numbers: losses by balance and by equity, static and trailing, targets, days, consistency."""

import msgspec
import pytest
from sqlalchemy import select

from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.events import events
from prorata.crm.prop.records import Decided, Evaluation, EvaluationStatus, PropAccount, PropStatus
from prorata.crm.prop.terms import Lack
from prorata.messages.commands import Access, ChangeAccount, DailyBase
from prorata.messages.refusals import Refusal
from tests.crm.prop.firm import BALANCE, PERCENT, Firm, phase

S, E = PropStatus, EvaluationStatus


def failed(firm: Firm, account: PropAccount) -> tuple[EvaluationStatus, int, int, int, int, int]:
    """Return how an account has failed: status, equity, line, base, bid, open positions."""
    found = firm.prop.accounts.failure(account)
    return found.status, found.equity, found.line, found.base, found.bid, found.open_positions


def test_an_account_begins_with_its_balance_and_its_guards(firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    assert account.status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    kept = firm.engine(account)
    assert (kept.balance, kept.access) == (BALANCE, Access.FULL)
    assert kept.guards is not None
    # 10 % of 100,000.00 may be lost in all, 5 % in a day; 8 % is to be earned.
    assert (kept.guards.floor, kept.guards.daily_loss, kept.guards.base, kept.guards.target) == (
        9_000_000, 500_000, 10_000_000, 10_800_000
    )  # fmt: skip
    assert account.progress.base == BALANCE


def test_the_day_is_counted_from_the_balance_of_the_day_before(firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    firm.trade(account, 2, 1.12000)  # + 4,000.00
    firm.next_day()
    assert firm.again(account).progress.base == 10_400_000
    firm.quote(1.10000)
    firm.buy(account, 10)
    firm.quote(1.09501)
    assert firm.again(account).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    firm.quote(1.09499)  # 50.1 pips of 10 lots: 5,010.00 down from 104,000.00, and the line is 99,000.00
    assert firm.again(account).status == S.LOCKED_FAILED_CHALLENGE
    assert failed(firm, account) == (E.MAX_DAILY_LOSS_REACHED, 9_899_000, 9_900_000, 10_400_000, 109_499, 1)
    kept = firm.engine(account)
    assert (kept.balance, kept.access, kept.positions) == (9_899_000, Access.TRADING_DISABLED, {})


@pytest.mark.parametrize(
    ("base", "taken"), [(DailyBase.BALANCE, 10_000_000), (DailyBase.EQUITY, 10_300_000), (DailyBase.HIGHER, 10_300_000)]
)
def test_over_a_day_change_an_open_profit_counts_by_equity_and_not_by_balance(firm: Firm, base: DailyBase, taken: int) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden, daily_base=base)))
    firm.buy(account, 1)
    firm.quote(1.13000)  # 3,000.00 of open profit
    firm.next_day()
    assert firm.again(account).progress.base == taken
    firm.quote(1.07999)  # equity 97,999.00: 5,001.00 below 103,000.00, and 2,001.00 below 100,000.00
    status = firm.again(account).status
    assert status == (S.ACTIVE_PARTICIPATING_IN_CHALLENGE if base == DailyBase.BALANCE else S.LOCKED_FAILED_CHALLENGE)


def test_an_open_loss_counts_by_the_higher_of_balance_and_equity(firm: Firm) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden, daily_base=DailyBase.HIGHER)))
    firm.buy(account, 1)
    firm.quote(1.07000)  # 3,000.00 of open loss
    firm.next_day()
    assert firm.again(account).progress.base == 10_000_000


def test_a_static_floor_stays_where_it_is(firm: Firm) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden, daily_loss_ppm=0)))
    firm.trade(account, 1, 1.15000)  # 105,000.00
    firm.next_day()
    assert firm.engine(account).guards.floor == 9_000_000  # type: ignore[union-attr]
    firm.quote(1.10000)
    firm.buy(account, 10)
    firm.quote(1.08501)  # 90,010.00
    assert firm.again(account).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    firm.quote(1.08500)
    assert failed(firm, account)[:3] == (E.MAX_LOSS_REACHED, 9_000_000, 9_000_000)


def test_a_trailing_floor_follows_the_highest_equity_at_a_days_end_and_never_falls(firm: Firm) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden, daily_loss_ppm=0, trailing=True)))
    position = firm.buy(account, 1)
    firm.quote(1.17000)  # 107,000.00, but the day does not end there
    firm.quote(1.15000)
    firm.next_day()
    assert firm.engine(account).guards.floor == 9_500_000  # type: ignore[union-attr]
    firm.close(account, position, 1.12000)  # 102,000.00
    firm.next_day()
    assert firm.engine(account).guards.floor == 9_500_000  # type: ignore[union-attr]
    firm.trade(account, -1, 1.18990)  # 95,010.00
    assert firm.again(account).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    firm.trade(account, -1, 1.19000)
    assert failed(firm, account)[:3] == (E.MAX_LOSS_REACHED, 9_500_000, 9_500_000)


def test_a_target_with_open_trades_waits_for_their_end(firm: Firm) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden), firm.funded()))
    position = firm.buy(account, 1)
    firm.quote(1.18000)
    assert (firm.again(account).evaluation, firm.again(account).status) == (
        E.PROFIT_TARGET_REACHED_OPEN_TRADES, S.ACTIVE_PARTICIPATING_IN_CHALLENGE,
    )  # fmt: skip
    assert firm.again(account).lacks == [Lack.PROFIT_TARGET, Lack.OPEN_TRADES]
    firm.close(account, position, 1.18500)
    firm.settle()
    passed, following = firm.again(account), firm.next_of(account)
    assert (passed.evaluation, passed.status) == (E.PROFIT_TARGET_REACHED_NO_OPEN_TRADES, S.PASSED)
    assert (following.status, following.phase_step, following.login != account.login) == (S.ACTIVE_FUNDED, 2, True)
    assert (firm.engine(following).balance, firm.engine(passed).access) == (BALANCE, Access.CLOSE_ONLY)


def test_nobody_trades_on_an_account_before_its_guards_are_set(firm: Firm) -> None:
    firm.take_up(firm.challenge())
    steps = [type(command).__name__ for _, command in firm.desk.engines.sent]
    assert steps == ["OpenAccount", "ChangeAccount", "BookBalance", "SetGuards", "ChangeAccount"]
    accesses = [command.access for _, command in firm.desk.engines.sent if isinstance(command, ChangeAccount)]
    assert accesses == [Access.TRADING_DISABLED, Access.FULL]


def test_nobody_gives_a_prop_account_the_right_to_trade_but_prop_trading(firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    firm.buy(account, 20)
    firm.quote(1.09000)
    trading, number = firm.desk.crm.trading, account.trading_account_id
    assert number is not None
    with pytest.raises(Declined) as refused:
        trading.change(trading.get(number), access=Access.FULL)
    assert refused.value.code == Refusal.PROP_STATE
    assert firm.engine(account).access == Access.TRADING_DISABLED


def test_subscribers_hear_of_each_status(firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    firm.buy(account, 20)
    firm.quote(1.09000)
    with firm.desk.control.database.reading() as connection:
        query = select(events.c.data).where(events.c.type == "prop_account_changed").order_by(events.c.id)
        told = [msgspec.json.decode(data)["propAccount"] for data in connection.execute(query).scalars()]
    assert [(one["status"], one["evaluationStatus"]) for one in told] == [
        ("WAITING_FOR_PAYMENT", None), ("OPENING", None), ("ACTIVE_PARTICIPATING_IN_CHALLENGE", None),
        ("LOCKED_FAILED_CHALLENGE", "MAX_DAILY_LOSS_REACHED"),
    ]  # fmt: skip
    assert told[-1] == {
        "uuid": account.uuid, "login": str(account.login), "systemUuid": firm.desk.platform, "phaseStep": 1,
        "status": "LOCKED_FAILED_CHALLENGE", "evaluationStatus": "MAX_DAILY_LOSS_REACHED", "competitionId": None,
        "challengeId": account.challenge_uuid,
    }  # fmt: skip


def test_a_target_that_is_lost_again_is_told_anew(firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    position = firm.buy(account, 1)
    firm.quote(1.18000)
    firm.close(account, position, 1.17000)
    firm.settle()
    assert (firm.again(account).evaluation, firm.again(account).lacks) == (E.NONE, [Lack.PROFIT_TARGET])
    firm.trade(account, 1, 1.18000)
    assert firm.again(account).status == S.PASSED


def test_so_many_days_with_deals_are_wanted(firm: Firm) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden, minimum_days=3)))
    firm.trade(account, 1, 1.19000)  # 109,000.00 on the first day
    assert firm.again(account).lacks == [Lack.TRADING_DAYS]
    firm.next_day()
    firm.next_day()  # a day without deals counts for nothing
    firm.trade(account, 0.01, 1.19000)
    assert (firm.again(account).progress.trading_days, firm.again(account).lacks) == (2, [Lack.TRADING_DAYS])
    firm.next_day()
    firm.trade(account, 0.01, 1.19000)
    assert firm.again(account).status == S.PASSED
    assert [day["deals"] for day in firm.prop.accounts.days(account)] == [2, 0, 2]


def test_no_day_has_more_than_its_part_of_the_result(firm: Firm) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden, consistency_ppm=40 * PERCENT)))
    firm.trade(account, 1, 1.14000)
    firm.next_day()
    firm.trade(account, 1, 1.18000)  # 4,000.00 on each of two days: 50 % of 8,000.00
    assert firm.again(account).lacks == [Lack.CONSISTENCY]
    firm.next_day()
    firm.trade(account, 1, 1.19999)
    assert firm.again(account).lacks == [Lack.CONSISTENCY]  # 4,000.00 of 9,999.00
    firm.trade(account, 1, 1.20000)
    assert firm.again(account).status == S.PASSED  # 4,000.00 of 10,000.00


def test_people_confirm_where_the_phase_wants_them(firm: Firm) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden, automatic=False), firm.funded()))
    firm.trade(account, 1, 1.18000)
    firm.settle()
    assert (firm.again(account).status, firm.engine(account).access) == (S.WAITING_FOR_EVALUATION, Access.CLOSE_ONLY)
    (asked,) = waiting(firm)
    firm.prop.evaluations.reject(asked, reason="two accounts hedged each other", by="eve")
    firm.settle()
    assert (firm.again(account).status, firm.engine(account).access) == (
        S.ACTIVE_PARTICIPATING_IN_CHALLENGE, Access.FULL,
    )  # fmt: skip
    firm.trade(account, 0.01, 1.18000)
    firm.settle()
    (again,) = waiting(firm)
    with pytest.raises(Declined) as refused:
        firm.prop.evaluations.confirm(asked, by="eve")
    assert refused.value.code == Refusal.EVALUATION_ENDED
    assert firm.prop.evaluations.confirm(again, by="eve").status == Decided.CONFIRMED
    firm.settle()
    assert (firm.again(account).status, firm.next_of(account).status) == (S.PASSED, S.ACTIVE_FUNDED)


def test_nobody_passes_who_was_ended_while_people_looked(firm: Firm) -> None:
    account = firm.take_up(firm.challenge(phase(firm.hidden, automatic=False), firm.funded()))
    firm.trade(account, 1, 1.18000)
    (asked,) = waiting(firm)
    firm.prop.accounts.deactivate(firm.again(account), by="eve", remark="two accounts hedged each other")
    assert waiting(firm) == []
    for decide in (firm.prop.evaluations.confirm, firm.prop.evaluations.reject):
        with pytest.raises(Declined) as refused:
            decide(asked, by="bob")
        assert refused.value.code == Refusal.EVALUATION_ENDED
    firm.settle()
    assert [one.status for one in firm.prop.accounts.of_person(account.account_id)] == [S.LOCKED_FAILED_CHALLENGE]


def test_nothing_confirms_itself_where_the_firm_does_not_want_it(firm: Firm) -> None:
    firm.prop.shop.configure(firm.desk.organization.id, {"by_people": True})
    account = firm.take_up(firm.challenge())
    firm.trade(account, 1, 1.18000)
    assert firm.again(account).status == S.WAITING_FOR_EVALUATION


def waiting(firm: Firm) -> list[Evaluation]:
    part = Slice("created", True, 0, 10)
    found, _ = firm.prop.evaluations.search(firm.desk.organization.id, Decided.PENDING, part)
    return [evaluation for evaluation, _ in found]


def test_a_snapshot_begins_the_day_anew(firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    firm.trade(account, 1, 1.06000)  # 96,000.00
    firm.prop.accounts.snapshot(firm.again(account))
    firm.settle()
    assert firm.again(account).progress.base == 9_600_000
    assert firm.engine(account).guards.base == 9_600_000  # type: ignore[union-attr]
    firm.trade(account, 1, 1.02000)  # 92,000.00: 8,000.00 below the day's first base
    assert firm.again(account).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE


def test_an_account_is_ended_and_given_back_by_hand(firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    firm.buy(account, 1)
    firm.prop.accounts.deactivate(firm.again(account), by="eve")
    firm.settle()
    kept = firm.engine(account)
    assert (kept.access, kept.positions, kept.guards) == (Access.TRADING_DISABLED, {}, None)
    with pytest.raises(Declined) as refused:
        firm.prop.accounts.deactivate(firm.again(account), by="eve")
    assert refused.value.code == Refusal.PROP_STATE
    firm.prop.accounts.activate(firm.again(account), by="eve")
    firm.settle()
    assert firm.again(account).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    assert firm.engine(account).guards is not None
    firm.trade(account, 20, 1.09500)  # 90,000.00
    assert firm.again(account).status == S.LOCKED_FAILED_CHALLENGE
    with pytest.raises(Declined):
        firm.prop.accounts.activate(firm.again(account), by="eve")


def test_who_lost_too_much_in_a_day_may_be_given_another(firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    firm.buy(account, 10)
    firm.quote(1.09500)
    assert firm.again(account).evaluation == E.MAX_DAILY_LOSS_REACHED
    firm.prop.accounts.activate(firm.again(account), by="eve")
    firm.settle()
    found = firm.again(account)
    assert (found.status, found.evaluation, found.progress.base) == (
        S.ACTIVE_PARTICIPATING_IN_CHALLENGE, E.NONE, 9_500_000,
    )  # fmt: skip
    firm.trade(account, 10, 1.09100)
    assert firm.again(account).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    assert firm.engine(account).balance == 9_100_000
