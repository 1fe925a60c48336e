"""What a challenge costs, how profit is shared, and that neither is done twice."""

from collections.abc import Sequence
from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish, Verification
from prorata.crm.crossing import Unanswered
from prorata.crm.kyc.levels import LevelTerms, Right
from prorata.crm.prop.records import PropAccount, PropStatus, Withdrawal, WithdrawalStatus
from prorata.crm.prop.shop import KeptAddOn, NewAddOn, NewDiscount
from prorata.crm.prop.terms import Kind
from prorata.crm.transfers import Place
from prorata.messages.commands import Access, BalanceKind, BookBalance, Command, SetGuards
from prorata.messages.events import BalanceBooked, Event, Refused
from prorata.messages.refusals import Refusal
from prorata.server.machine import KEYS_KEPT_MS
from tests.crm.desk import Failing
from tests.crm.prop.firm import BALANCE, PERCENT, Firm, phase
from tests.crm.test_crossing import kill_at

S = PropStatus


def add_on(firm: Firm, kind: Kind, value: int, price_percent: int = 20) -> KeptAddOn:
    new = NewAddOn(name=kind.value, kind=kind, value=value, price_ppm=price_percent * PERCENT)
    return firm.prop.shop.put_add_on(firm.desk.organization.id, new)


def discount(firm: Firm, code: str, **more: Any) -> None:
    new = NewDiscount(code=code, **{"rate_ppm": 15 * PERCENT, **more})
    firm.prop.shop.add_discount(firm.desk.organization.id, new)


def test_a_price_is_the_fee_with_add_ons_and_less_a_discount(firm: Firm) -> None:
    challenge = firm.challenge(phase(firm.hidden), firm.funded(), fee=9_999)
    days, split = add_on(firm, Kind.MINIMUM_DAYS, 2), add_on(firm, Kind.PROFIT_SPLIT, 10 * PERCENT)
    discount(firm, "Spring")
    # 99.99, and 20 % of it rounded up: 20.00. 15 % off 119.99 is 17.9985, rounded down.
    assert firm.prop.shop.price(challenge, [split.uuid], "").amount == 11_999
    assert firm.prop.shop.price(challenge, [split.uuid], " SPRING").amount == 10_200
    assert firm.prop.shop.price(challenge, [split.uuid, days.uuid, split.uuid], "").amount == 13_999


def test_add_ons_change_the_terms_of_every_phase(firm: Firm) -> None:
    challenge = firm.challenge(phase(firm.hidden, minimum_days=3), firm.funded())
    taken = [
        add_on(firm, Kind.MINIMUM_DAYS, 2), add_on(firm, Kind.PROFIT_SPLIT, 10 * PERCENT),
        add_on(firm, Kind.DAILY_LOSS, 1 * PERCENT), add_on(firm, Kind.PROFIT_TARGET, 2 * PERCENT),
    ]  # fmt: skip
    account = firm.take_up(challenge, add_on_uuids=[one.uuid for one in taken])
    terms = account.terms
    assert (terms.minimum_days, terms.daily_loss, terms.target, terms.split_ppm) == (1, 600_000, 600_000, 0)
    firm.trade(account, 1, 1.16000)
    firm.settle()
    funded = firm.next_of(account)
    assert (funded.terms.split_ppm, funded.terms.daily_loss, funded.terms.target) == (90 * PERCENT, 600_000, 0)


def test_a_code_is_good_as_often_and_as_long_as_it_says(firm: Firm) -> None:
    challenge, other = firm.challenge(fee=10_000), firm.challenge(name="Other", fee=10_000)
    discount(firm, "once", uses_max=1)
    discount(firm, "late", ends_at=firm.desk.now)
    discount(firm, "other", challenge_uuid=other.uuid)
    for code in ("late", "other", "nonsense"):
        with pytest.raises(Declined) as refused:
            firm.take_up(challenge, firm.desk.account(f"{code}@mail.test"), code=code)
        assert refused.value.code == Refusal.DISCOUNT_UNFIT
    assert firm.take_up(challenge, code="once").due == 8_500
    with pytest.raises(Declined) as refused:
        firm.take_up(challenge, firm.desk.account("bob@mail.test"), code="ONCE")
    assert refused.value.code == Refusal.DISCOUNT_UNFIT
    with pytest.raises(Declined) as refused:
        discount(firm, "Once")
    assert refused.value.code == Refusal.NAME_TAKEN


def test_what_is_not_paid_for_waits_and_then_is_opened_once(firm: Firm) -> None:
    challenge = firm.challenge(fee=10_000)
    account = firm.prop.accounts.take_up(firm.desk.account(), challenge, paid=False, by="test")
    assert (account.status, account.login, account.due) == (S.WAITING_FOR_PAYMENT, None, 10_000)
    firm.prop.accounts.activate(firm.again(account), by="shop")
    with pytest.raises(Declined) as refused:
        firm.prop.accounts.activate(account, by="shop")
    assert refused.value.code == Refusal.PROP_STATE
    firm.settle()
    assert firm.again(account).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    assert len(firm.desk.engines.state.accounts) == 1


def test_a_challenge_is_taken_up_by_whom_it_is_for(firm: Firm) -> None:
    owner = firm.desk.account()
    hidden, verified = firm.challenge(name="Old", hidden=True), firm.challenge(name="Known", kyc_required=True)
    for challenge in (hidden, verified):
        with pytest.raises(Declined) as refused:
            firm.take_up(challenge, owner)
        assert refused.value.code == Refusal.PROP_CLOSED
    known = firm.desk.crm.accounts.change(owner, AccountWish(verification=Verification.VERIFIED), by="test")
    assert firm.take_up(verified, known).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    firm.prop.shop.configure(firm.desk.organization.id, {"active_max": 1})
    with pytest.raises(Declined) as refused:
        firm.take_up(firm.challenge(name="Third"), owner)
    assert refused.value.code == Refusal.PROP_CLOSED


@pytest.mark.parametrize("time", [1, 2, 3])
@pytest.mark.parametrize(("step", "after"), [("begin_try", True), ("_apply", True), ("settle", False), ("settle", True)])
def test_a_kill_anywhere_opens_funds_and_guards_an_account_once(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, time: int
) -> None:
    desk = firm.desk
    account = firm.prop.accounts.take_up(desk.account(), firm.challenge(), paid=True, by="test")
    owner: Any = desk.engines if step == "_apply" else desk.crm.crossings
    kill_at(desk, monkeypatch, owner, step, time=time, after=after)
    with pytest.raises(Failing):
        desk.carry(account.subject)
    monkeypatch.undo()
    desk.start()
    desk.engines.now += 2 * KEYS_KEPT_MS
    firm.settle()
    assert firm.again(account).status == S.ACTIVE_PARTICIPATING_IN_CHALLENGE
    (kept,) = desk.engines.state.accounts.values()
    assert (kept.balance, kept.guards is None) == (BALANCE, False)


def test_an_account_that_the_platform_does_not_open_waits_again(firm: Firm) -> None:
    offer = firm.desk.offer("nowhere", hidden=True).uuid
    challenge = firm.challenge(phase(offer))
    account = firm.take_up(challenge)
    assert (account.status, account.login) == (S.WAITING_FOR_PAYMENT, None)
    assert account.remark


@pytest.mark.parametrize("step", [BookBalance, SetGuards])
def test_a_step_that_is_refused_is_shown_to_people_and_taken_again_when_they_say_so(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, step: type
) -> None:
    desk, real = firm.desk, firm.desk.engines.submit

    async def refusing(platform: str, command: Command, key: str) -> Sequence[Event]:
        return (Refused(Refusal.OVERLOADED),) if isinstance(command, step) else await real(platform, command, key)

    monkeypatch.setattr(desk.engines, "submit", refusing)
    account = firm.take_up(firm.challenge())
    assert (account.status, account.remark) == (S.OPENING, "OVERLOADED")
    (problem,) = desk.crm.problems.open(desk.organization.id)
    assert (problem.table, problem.about) == ("prop_accounts", account.uuid)
    monkeypatch.undo()
    desk.crm.problems.settle(problem, "there was no room", by="eve")
    firm.settle()
    assert (firm.again(account).status, firm.again(account).remark) == (S.ACTIVE_PARTICIPATING_IN_CHALLENGE, "")
    assert firm.engine(account).balance == BALANCE
    assert firm.engine(account).guards is not None
    assert desk.crm.problems.open(desk.organization.id) == []


# Profit is shared.


def funded(firm: Firm, profit: float = 0, **more: Any) -> PropAccount:
    """Return a funded account with a profit of so many USD."""
    account = firm.take_up(firm.challenge(firm.funded(**more)))
    if profit:
        firm.trade(account, profit / 1_000, 1.11000)
    return firm.again(account)


def withdraw(firm: Firm, account: PropAccount, amount: int) -> Withdrawal:
    found = firm.again(account)
    asked = firm.prop.withdrawals.ask(found, amount, equity=firm.equity(found), by="test")
    firm.settle()
    return firm.prop.withdrawals.get(asked.id)


def test_profit_is_shared_to_the_cent(firm: Firm) -> None:
    account = funded(firm, 1_240)
    # 80 % of 1,234.57 is 987.656.
    paid = withdraw(firm, account, 123_457)
    assert (paid.status, paid.trader_share, paid.house_share) == (WithdrawalStatus.DONE, 98_765, 24_692)
    assert firm.engine(account).balance == BALANCE + 543
    # The house has its share, the trader's has left; nothing is lost between them.
    (paid_as,) = [
        event for batch in firm.desk.engines.published for event in batch.events
        if isinstance(event, BalanceBooked) and event.amount == -123_457
    ]  # fmt: skip
    assert {posting.credit: posting.amount for posting in paid_as.postings} == {"bank": 98_765, "house/payment-fee": 24_692}
    assert firm.again(account).progress.withdrawn == 123_457
    with pytest.raises(Declined) as refused:
        withdraw(firm, account, 544)
    assert refused.value.code == Refusal.ABOVE_PROFIT
    assert withdraw(firm, account, 543).trader_share == 434


def test_a_withdrawal_is_no_loss_of_the_day(firm: Firm) -> None:
    account = funded(firm, 8_000)
    firm.next_day()
    assert firm.again(account).progress.base == 10_800_000
    withdraw(firm, account, 700_000)
    found = firm.again(account)
    assert (found.status, found.progress.base) == (S.ACTIVE_FUNDED, 10_100_000)
    firm.trade(account, 10, 1.10601)  # 3,990.00 down
    assert firm.again(account).status == S.ACTIVE_FUNDED


def test_a_trailing_floor_goes_down_with_the_money(firm: Firm) -> None:
    account = funded(firm, 20_000, trailing=True, daily_loss_ppm=0)
    firm.next_day()
    assert firm.engine(account).guards.floor == 11_000_000  # type: ignore[union-attr]
    withdraw(firm, account, 2_000_000)
    assert firm.again(account).status == S.ACTIVE_FUNDED
    assert firm.engine(account).guards.floor == 9_000_000  # type: ignore[union-attr]


def test_only_realised_profit_of_funded_accounts_is_paid_out(firm: Firm) -> None:
    account = funded(firm, 1_000)
    firm.buy(account, 1)
    challenged = firm.take_up(firm.challenge(name="First"), firm.desk.account("bob@mail.test"))
    for found in (account, challenged):
        with pytest.raises(Declined) as refused:
            withdraw(firm, found, 100)
        assert refused.value.code == Refusal.PROP_STATE


def test_the_stake_is_neither_paid_out_nor_added_to_by_ordinary_payments(firm: Firm) -> None:
    desk, account = firm.desk, funded(firm)
    owner = desk.crm.accounts.find(desk.organization.id, account.account_uuid)
    found = desk.crm.trading.get(account.trading_account_id or 0)
    payments, gateway = desk.crm.payments, desk.gateway()
    for ask in (payments.withdraw, payments.deposit):
        with pytest.raises(Declined) as refused:
            ask(owner, found, gateway, 10_000, by="test")
        assert refused.value.code == Refusal.PROP_MONEY
    place, wallet = Place.of(found, desk.standard), Place(desk.platform, "USD")
    for ends in ((place, wallet), (wallet, place)):
        with pytest.raises(Declined) as refused:
            desk.crm.transfers.ask(owner, *ends, 10_000, None, by="test")
        assert refused.value.code == Refusal.PROP_MONEY
    with pytest.raises(Declined):
        payments.give_credit(found, "USD", 10_000, out=False, comment="", by="test")
    firm.settle()
    assert firm.engine(account).balance == BALANCE


def test_a_payout_that_the_platform_refuses_leaves_everything_as_it_was(firm: Firm) -> None:
    account = funded(firm, 20_000, trailing=True, daily_loss_ppm=0)
    firm.next_day()
    assert account.login is not None
    # The money is gone before the platform is asked for it.
    firm.platform(BookBalance(account.login, BalanceKind.WITHDRAWAL, 11_500_000))
    asked = firm.prop.withdrawals.ask(firm.again(account), 2_000_000, equity=12_000_000, by="test")
    firm.settle()
    failed = firm.prop.withdrawals.get(asked.id)
    assert (failed.status, failed.remark != "") == (WithdrawalStatus.FAILED, True)
    assert (firm.again(account).progress.highest, firm.again(account).progress.withdrawn) == (12_000_000, 0)


def test_profit_is_paid_out_to_whom_his_level_allows_it(firm: Firm) -> None:
    account, desk = funded(firm, 1_000), firm.desk
    desk.crm.levels.add(
        desk.organization.id, LevelTerms(rank=1, name="Known", rights=frozenset({Right.WITHDRAW}), verifies=True)
    )
    with pytest.raises(Declined) as refused:
        withdraw(firm, account, 10_000)
    assert refused.value.code == Refusal.LEVEL_NEEDED
    owner = desk.crm.accounts.find(desk.organization.id, account.account_uuid)
    desk.crm.accounts.change(owner, AccountWish(verification=Verification.VERIFIED), by="eve")
    assert withdraw(firm, account, 10_000).trader_share == 8_000


def test_two_do_not_withdraw_at_once(firm: Firm) -> None:
    account = funded(firm, 1_000)
    firm.prop.withdrawals.ask(account, 60_000, equity=10_100_000, by="test")
    with pytest.raises(Declined) as refused:
        firm.prop.withdrawals.ask(account, 60_000, equity=10_100_000, by="test")
    assert refused.value.code == Refusal.CHANGE_UNDER_WAY
    firm.settle()
    assert firm.engine(account).balance == BALANCE + 40_000


def test_an_account_is_locked_while_it_pays_out_where_the_phase_says_so(firm: Firm) -> None:
    account = funded(firm, 1_000, lock_on_withdrawal=True)
    firm.desk.engines.up = False
    asked = firm.prop.withdrawals.ask(account, 60_000, equity=10_100_000, by="test")
    with pytest.raises(Unanswered):
        firm.desk.carry(account.subject)
    firm.desk.engines.up = True
    firm.desk.engines.sent.clear()
    firm.settle()
    sent = [command for _, command in firm.desk.engines.sent]
    assert [type(command).__name__ for command in sent] == ["ChangeAccount", "BookBalance", "ChangeAccount"]
    assert firm.engine(account).access == Access.FULL
    assert firm.prop.withdrawals.get(asked.id).status == WithdrawalStatus.DONE


@pytest.mark.parametrize(("step", "after"), [("_apply", False), ("_apply", True), ("settle", True)])
def test_a_kill_anywhere_pays_out_once(firm: Firm, monkeypatch: pytest.MonkeyPatch, step: str, after: bool) -> None:
    desk, account = firm.desk, funded(firm, 1_000)
    asked = firm.prop.withdrawals.ask(account, 60_000, equity=10_100_000, by="test")
    kill_at(desk, monkeypatch, desk.engines if step == "_apply" else desk.crm.crossings, step, time=1, after=after)
    with pytest.raises(Failing):
        desk.carry(account.subject)
    monkeypatch.undo()
    desk.start()
    desk.engines.now += 2 * KEYS_KEPT_MS
    firm.settle()
    assert firm.prop.withdrawals.get(asked.id).status == WithdrawalStatus.DONE
    assert firm.engine(account).balance == BALANCE + 40_000
    paid = [
        event for batch in desk.engines.published for event in batch.events
        if isinstance(event, BalanceBooked) and event.amount < 0
    ]  # fmt: skip
    assert len(paid) == 1


def test_who_earns_the_target_of_a_funded_phase_goes_on_with_more(firm: Firm) -> None:
    larger = firm.funded(name="Funded twice", initial_balance=2 * BALANCE)
    challenge = firm.challenge(firm.funded(target_ppm=10 * PERCENT), larger)
    account = firm.take_up(challenge)
    firm.trade(account, 10, 1.11000)
    firm.settle()
    following = firm.next_of(account)
    assert (firm.again(account).status, following.status, firm.engine(following).balance) == (
        S.PASSED, S.ACTIVE_FUNDED, 2 * BALANCE,
    )  # fmt: skip
    # What was earned before is paid out from where it was earned.
    assert withdraw(firm, account, 1_000_000).trader_share == 800_000
