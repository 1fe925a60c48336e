"""Steps that cross into a trade platform are done once, wherever the process is killed and whatever is lost."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.crossing import AT_ONCE, Unanswered
from prorata.crm.once import once_of
from prorata.crm.trading import LOGIN_FIRST, Status, TradingAccount
from prorata.messages.commands import Access, ChangeAccount, OpenAccount
from prorata.messages.refusals import Refusal
from prorata.server.machine import KEYS_KEPT_MS
from tests.crm.desk import Desk, Failing


def opened(desk: Desk, **more: Any) -> TradingAccount:
    """Decide to open an account under an offer whose demo accounts begin with 500.00; nothing is carried yet."""
    offer = desk.offer("retail-usd", demo=True, initial_deposit=50_000)
    return desk.crm.trading.open(desk.account(), offer, by="test", **more)


def kill_at(desk: Desk, monkeypatch: pytest.MonkeyPatch, owner: object, step: str, *, time: int, after: bool) -> None:
    """Have the process die when it comes to a step for the n-th time, before or after it."""
    real: Callable[..., Any] = getattr(owner, step)
    left = [time]

    def dying(*arguments: Any) -> Any:
        left[0] -= 1
        if left[0] != 0:
            return real(*arguments)
        if after:
            real(*arguments)
        raise Failing

    monkeypatch.setattr(owner, step, dying)


def check_done_once(desk: Desk, trading_account: TradingAccount) -> None:
    found = desk.crm.trading.get(trading_account.id)
    assert found.status == Status.ACTIVE
    assert [account.login for account in desk.engines.state.accounts.values()] == [found.login]
    assert desk.engines.state.accounts[found.login].balance == 50_000
    assert not desk.crm.crossings.waiting()


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["begin_try", "settle", "_apply", "waiting"])
def test_a_kill_between_any_two_steps_neither_loses_nor_doubles_anything(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, time: int
) -> None:
    trading_account = opened(desk)
    owner: object = desk.engines if step == "_apply" else desk.crm.crossings
    kill_at(desk, monkeypatch, owner, step, time=time, after=after)
    with pytest.raises(Failing):
        desk.carry(trading_account.subject)
    monkeypatch.undo()
    desk.start()
    desk.carry_waiting()
    check_done_once(desk, trading_account)


def test_lost_answers_are_asked_for_again(desk: Desk) -> None:
    trading_account = opened(desk)
    desk.engines.lose = 1
    with pytest.raises(Unanswered):
        desk.carry(trading_account.subject)
    desk.engines.lose = 1
    desk.carry_waiting()
    desk.engines.lose = 1
    desk.carry_waiting()
    desk.carry_waiting()
    check_done_once(desk, trading_account)
    keys = {key for key, _ in desk.engines.sent}
    assert len(keys) == 2, "each step has one key, however often it is sent"


def test_an_answer_that_is_asked_for_when_its_key_has_ended_does_not_open_a_second_account(desk: Desk) -> None:
    trading_account = opened(desk)
    desk.engines.lose = 1
    with pytest.raises(Unanswered):
        desk.carry(trading_account.subject)
    desk.engines.now += 2 * KEYS_KEPT_MS
    desk.carry_waiting()
    check_done_once(desk, trading_account)


def test_money_that_is_asked_for_when_its_key_has_ended_is_not_booked_twice(desk: Desk) -> None:
    trading_account = opened(desk)
    real = desk.crm.crossings.settle

    def losing(crossing: Any, events: Any) -> None:
        if crossing.step == "first-deposit":
            raise Unanswered
        real(crossing, events)

    desk.crm.crossings.settle = losing  # type: ignore[method-assign]
    with pytest.raises(Unanswered):
        desk.carry(trading_account.subject)
    desk.start()
    desk.engines.now += 2 * KEYS_KEPT_MS
    desk.carry_waiting()
    check_done_once(desk, trading_account)


def test_what_waits_is_sent_when_the_platform_is_back(desk: Desk) -> None:
    trading_account = opened(desk)
    desk.engines.up = False
    with pytest.raises(Unanswered):
        desk.carry(trading_account.subject)
    desk.carry_waiting()
    assert not desk.engines.sent
    assert desk.crm.crossings.waiting()[0].tries == 0, "what did not reach it was not tried"
    desk.engines.up = True
    desk.carry_waiting()
    check_done_once(desk, trading_account)


def test_two_who_carry_the_same_step_settle_it_once(desk: Desk) -> None:
    trading_account = opened(desk)

    async def both() -> None:
        await asyncio.gather(desk.crm.carrier.carry(trading_account.subject), desk.crm.carrier.carry(trading_account.subject))

    asyncio.run(both())
    check_done_once(desk, trading_account)


def test_of_those_who_ask_at_once_under_a_key_one_opens_an_account(any_desk: Desk) -> None:
    person, barrier = any_desk.account(), Barrier(5, timeout=10)

    def asks(_place: int) -> str:
        barrier.wait()
        try:
            return any_desk.crm.trading.open(person, any_desk.standard, by="test", once=once_of("program", "k", "open")).uuid
        except Declined as refused:
            return refused.code.name

    with ThreadPoolExecutor(5) as pool:
        answers = set(pool.map(asks, range(5)))
    (only,) = any_desk.crm.trading.of_account(person.id)
    assert answers - {Refusal.CHANGE_UNDER_WAY.name} == {only.uuid}


def test_a_number_that_was_somebody_elses_is_left_to_him(desk: Desk) -> None:
    desk.engines._apply(OpenAccount("retail-usd", LOGIN_FIRST), "")
    trading_account = opened(desk)
    desk.carry(trading_account.subject)
    found = desk.crm.trading.get(trading_account.id)
    assert (found.login, found.status) == (LOGIN_FIRST + 1, Status.ACTIVE)
    assert desk.engines.state.accounts[LOGIN_FIRST].balance == 0
    assert desk.engines.state.accounts[LOGIN_FIRST + 1].balance == 50_000


def test_a_refused_opening_leaves_no_trading_account(desk: Desk) -> None:
    account = desk.account()
    trading_account = desk.crm.trading.open(account, desk.offer("nowhere"), by="test")
    with pytest.raises(Declined) as refused:
        desk.carry(trading_account.subject)
    assert refused.value.code == Refusal.UNKNOWN_GROUP
    assert not desk.crm.trading.of_account(account.id)
    assert not desk.crm.crossings.waiting()


def test_one_subject_has_one_step_under_way(desk: Desk) -> None:
    trading_account = opened(desk)
    desk.carry(trading_account.subject)
    desk.engines.up = False
    desk.crm.trading.change(trading_account, leverage=50)
    with pytest.raises(Declined) as refused:
        desk.crm.trading.change(trading_account, access=Access.CLOSE_ONLY)
    assert refused.value.code == Refusal.CHANGE_UNDER_WAY
    desk.engines.up = True
    desk.carry_waiting()
    kept = desk.engines.state.accounts[trading_account.login]
    assert (kept.leverage, kept.access) == (50, Access.FULL)


def test_a_move_that_is_refused_leaves_the_offer_as_it_was(desk: Desk) -> None:
    trading_account = opened(desk)
    desk.carry(trading_account.subject)
    euro = desk.offer("retail-eur", currency="EUR")
    desk.crm.trading.move(trading_account, euro, 100, by="test")
    with pytest.raises(Declined):
        desk.carry(trading_account.subject)
    assert desk.crm.trading.get(trading_account.id).offer_uuid == trading_account.offer_uuid
    desk.crm.trading.move(trading_account, desk.vip, 200, by="test")
    desk.engines.lose = 1
    with pytest.raises(Unanswered):
        desk.carry(trading_account.subject)
    desk.carry_waiting()
    assert desk.crm.trading.get(trading_account.id).offer_uuid == desk.vip.uuid
    assert desk.engines.state.accounts[trading_account.login].leverage == 200


def test_what_waits_for_a_platform_that_is_away_keeps_nothing_of_others_waiting(desk: Desk) -> None:
    away = desk.another_platform()
    desk.engines.others[away].up = False
    with desk.control.database.writing() as connection:
        for number in range(AT_ONCE + 1):
            desk.crm.crossings.add(
                connection, desk.organization.id, away, f"trading_accounts {1_000_000 + number}", "change", ChangeAccount(1)
            )  # fmt: skip
    trading_account = opened(desk)
    desk.carry_waiting()
    found = desk.crm.trading.get(trading_account.id)
    assert (found.status, desk.balance(found)) == (Status.ACTIVE, 50_000)
