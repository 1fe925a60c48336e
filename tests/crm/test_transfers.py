"""Money that a person moves between his accounts arrives once, or is back where it was."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.activity import TimelineEvent
from prorata.crm.crossing import Rate, Unanswered
from prorata.crm.events import events as outbox
from prorata.crm.problems import WAITS_MS
from prorata.crm.settings import Offer
from prorata.crm.trading import TradingAccount
from prorata.crm.transfers import Place, Transfer, TransferFilter, TransferStatus, convert
from prorata.messages.commands import BalanceKind, BookBalance, PutSymbol, Quote, Quotes
from prorata.messages.refusals import Refusal
from prorata.server.machine import KEYS_KEPT_MS
from prorata.units.numbers import MONEY_MAX
from tests.crm.desk import Desk, Failing
from tests.crm.test_crossing import kill_at
from tests.trading.words import new_symbol

EVE = "eve"
WALLET = 1


class Counter:
    """A person with 1,000.00 USD on an account of one platform, and an empty one in EUR on another."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.owner = desk.account()
        self.dollars = desk.trading_account(self.owner, 100_000)
        self.more = desk.trading_account(self.owner)
        self.euro_offer = desk.offer("retail-eur", currency="EUR", platform=desk.another_platform())
        self.euros = desk.trading_account(self.owner, offer=self.euro_offer)
        desk.engines._apply(PutSymbol(new_symbol("EURUSD")), "")
        desk.engines._apply(Quotes((Quote("EURUSD", 109_990, 110_010),)), "")

    def place(self, account: TradingAccount | None, offer: Offer | None = None) -> Place:
        if account is None:
            return self.desk.crm.transfers.wallet_of(self.desk.organization.id)
        if offer is None:
            offer = self.euro_offer if account.id == self.euros.id else self.desk.standard
        return Place.of(account, offer)

    def move(
        self, source: TradingAccount | None, target: TradingAccount | None, amount: int = 10_000, *, carried: bool = True
    ) -> Transfer:
        leaving, arriving = self.place(source), self.place(target)
        rate = self.desk.engines.rate(self.desk.platform, leaving.currency, arriving.currency)
        transfer = self.desk.crm.transfers.ask(self.owner, leaving, arriving, amount, rate, by=EVE)
        if carried:
            self.desk.carry(transfer.subject)
        return self.again(transfer)

    def again(self, transfer: Transfer) -> Transfer:
        return self.desk.crm.transfers.get(transfer.id)

    def balances(self) -> tuple[int, int, int]:
        return self.desk.balance(self.dollars), self.desk.balance(self.more), self.desk.balance(self.euros)

    @property
    def wallet(self) -> int:
        return self.desk.engines.machine.engine.copy.state.wallets[WALLET].balance


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


def test_money_that_is_converted_leaves_in_one_currency_and_arrives_in_another(counter: Counter) -> None:
    """At 1.10010 for a EUR, 100.00 USD are 90.900827 EUR; a markup of 0.5 % leaves 90.446323, rounded down to 90.44."""
    desk = counter.desk
    desk.crm.transfers.set_markup(desk.organization.id, 5_000)
    transfer = counter.move(counter.dollars, counter.euros)
    assert (transfer.status, transfer.amount, transfer.arriving, transfer.fee) == (TransferStatus.DONE, 10_000, 9_044, 46)
    assert (transfer.rate, transfer.remainder) == ("0.909008271975", "0.000827197527")
    assert counter.balances() == (90_000, 0, 9_044)
    house = desk.machine(counter.euros).state.house["EUR"]
    assert house == {"bank": -9_090, "house/payment-fee": 46}
    assert desk.engines.state.house["USD"]["bank"] == -90_000
    desk.check_sums()
    events = [one.event for one in desk.crm.activity.timeline(counter.owner.id)]
    assert events.count(TimelineEvent.SUCCESSFUL_TRANSFER) == 1
    assert told(desk, "transfer_changed", "transfer") == ["LEAVING", "ARRIVING", "DONE"]


def told(desk: Desk, kind: str, what: str) -> list[str]:
    """Return the statuses that subscribers are told, in order."""
    query = select(outbox.c.data).where(outbox.c.type == kind).order_by(outbox.c.id)
    with desk.control.database.reading() as connection:
        return [json.loads(data)[what]["status"] for data in connection.execute(query).scalars()]


def test_there_and_back_never_makes_money() -> None:
    there = convert(10_000, "USD", "EUR", Rate(100_000, 110_010), 0)
    back = convert(there.arriving, "EUR", "USD", Rate(109_990, 100_000), 0)
    assert (there.arriving, there.fee, back.arriving) == (9_090, 0, 9_998)
    assert convert(10_000, "USD", "JPY", Rate(150_000, 100_000), 10_000).arriving == 14_850


def test_a_wallet_is_opened_when_it_is_needed_and_is_the_same_afterwards(counter: Counter) -> None:
    first = counter.move(counter.dollars, None, 30_000)
    assert (first.status, first.wallet, counter.wallet, counter.balances()[0]) == (TransferStatus.DONE, WALLET, 30_000, 70_000)
    back = counter.move(None, counter.euros, 11_001)
    assert (back.wallet, back.arriving, counter.wallet) == (WALLET, 10_000, 18_999)
    with pytest.raises(Declined) as refused:
        counter.move(None, counter.more, 19_000)
    assert refused.value.code == Refusal.NOT_ENOUGH_MONEY
    assert len(counter.desk.engines.machine.engine.copy.state.wallets) == 1
    counter.desk.check_sums()


def fill(counter: Counter, account: TradingAccount, amount: int) -> None:
    counter.desk.machine(account)._apply(BookBalance(account.login, BalanceKind.CORRECTION, amount), "")


def test_what_does_not_arrive_is_returned(counter: Counter) -> None:
    fill(counter, counter.euros, MONEY_MAX)
    transfer = counter.move(counter.dollars, counter.euros)
    assert (transfer.status, transfer.remark) == (TransferStatus.RETURNED, "AMOUNT_TOO_LARGE")
    assert counter.balances() == (100_000, 0, MONEY_MAX)
    counter.desk.check_sums()


def test_what_can_neither_arrive_nor_go_back_is_tried_again(counter: Counter) -> None:
    desk = counter.desk
    fill(counter, counter.euros, MONEY_MAX)
    transfer = counter.move(counter.dollars, counter.euros, carried=False)
    desk.engines.others[counter.euros.platform_uuid].up = False
    with pytest.raises(Unanswered):
        desk.carry(transfer.subject)
    assert counter.again(transfer).status == TransferStatus.ARRIVING
    fill(counter, counter.dollars, MONEY_MAX - 90_000)
    desk.engines.others[counter.euros.platform_uuid].up = True
    desk.carry_waiting()
    assert counter.again(transfer).status == TransferStatus.RETURNING
    (problem,) = desk.crm.problems.open(desk.organization.id)
    assert problem.subject == transfer.subject
    fill(counter, counter.dollars, 90_000 - MONEY_MAX)
    desk.now += WAITS_MS[0]
    desk.crm.problems.try_due()
    desk.carry_waiting()
    assert (counter.again(transfer).status, counter.balances()[0]) == (TransferStatus.RETURNED, 100_000)
    assert not desk.crm.problems.open(desk.organization.id)


def test_what_the_source_does_not_have_moves_nothing(counter: Counter) -> None:
    with pytest.raises(Declined) as refused:
        counter.move(counter.dollars, counter.more, 100_001)
    assert refused.value.code == Refusal.NOT_ENOUGH_MONEY
    wanted, newest = TransferFilter(account_id=counter.owner.id), Slice("created", True, 0, 10)
    (listed,), _ = counter.desk.crm.transfers.search(counter.desk.organization.id, wanted, newest)
    assert (listed.status, counter.balances()) == (TransferStatus.FAILED, (100_000, 0, 0))


def test_transfers_that_cannot_be(counter: Counter) -> None:
    desk = counter.desk
    other = desk.account("bob@mail.test")
    theirs = desk.trading_account(other)
    demo_offer = desk.offer("retail-usd", demo=True)
    demo = desk.trading_account(counter.owner, offer=demo_offer)
    dollars = counter.place(counter.dollars)
    pairs = [
        (dollars, counter.place(theirs, desk.standard)), (dollars, dollars), (dollars, Place.of(demo, demo_offer)),
        (Place.of(demo, demo_offer), counter.place(None)), (counter.place(None), counter.place(None)),
    ]  # fmt: skip
    for source, target in pairs:
        with pytest.raises(Declined) as refused:
            desk.crm.transfers.ask(counter.owner, source, target, 1_000, None, by=EVE)
        assert refused.value.code == Refusal.TRANSFER_UNFIT
    codes = []
    for amount, rate in ((1_000, None), (0, Rate(1, 1)), (1, Rate(1, 2))):
        with pytest.raises(Declined) as refused:
            desk.crm.transfers.ask(counter.owner, dollars, counter.place(counter.euros), amount, rate, by=EVE)
        codes.append(refused.value.code)
    assert codes == [Refusal.NO_TRANSFER_RATE, Refusal.AMOUNT_NOT_POSITIVE, Refusal.TRANSFER_UNFIT]
    assert not desk.crm.crossings.waiting()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["begin_try", "settle", "submit"])
def test_a_kill_between_any_two_steps_moves_the_money_once(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    """Into the wallet and out of it, each killed at each of its steps, and asked again when keys have ended."""
    desk = counter.desk
    expected = 0
    for time in (1, 2, 3):
        transfer = counter.move(counter.dollars, None, 1_000, carried=False)
        kill(counter, monkeypatch, transfer, step, time=time, after=after)
        expected += 1_000
        assert (counter.again(transfer).status, counter.wallet) == (TransferStatus.DONE, expected)
        assert counter.balances()[0] == 100_000 - expected
    fill(counter, counter.euros, MONEY_MAX)
    for time in (1, 2, 3):
        transfer = counter.move(counter.dollars, counter.euros, 1_000, carried=False)
        kill(counter, monkeypatch, transfer, step, time=time, after=after)
        assert (counter.again(transfer).status, counter.balances()[0]) == (TransferStatus.RETURNED, 100_000 - expected)
    desk.check_sums()


def kill(counter: Counter, monkeypatch: pytest.MonkeyPatch, transfer: Transfer, step: str, *, time: int, after: bool) -> None:
    """Carry a transfer until the process dies at a step's n-th time; then start anew."""
    desk = counter.desk
    if step == "submit":
        dying(desk, monkeypatch, time=time, after=after)
    else:
        kill_at(desk, monkeypatch, desk.crm.crossings, step, time=time, after=after)
    with pytest.raises(Failing):
        desk.carry(transfer.subject)
    monkeypatch.undo()
    desk.start()
    for one in (desk.engines, *desk.engines.others.values()):
        one.now += 2 * KEYS_KEPT_MS
    desk.carry_waiting()


def dying(desk: Desk, monkeypatch: pytest.MonkeyPatch, *, time: int, after: bool) -> None:
    """Have the process die when a command is sent for the n-th time, before or after the platform has done it."""
    real, left = desk.engines.submit, [time]

    async def submit(platform_uuid: str, command: Any, key: str) -> Any:
        left[0] -= 1
        if left[0] == 0 and not after:
            raise Failing
        events = await real(platform_uuid, command, key)
        if left[0] == 0:
            raise Failing
        return events

    monkeypatch.setattr(desk.engines, "submit", submit)
