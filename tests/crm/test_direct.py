"""Programs that know groups alone: under which offer their accounts are, and money that is booked once wherever cut off."""

from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.crossing import Unanswered
from prorata.crm.direct import NewBooking, Said
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import BalanceKind
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.server.machine import KEYS_KEPT_MS
from tests.crm.desk import Desk


def booking(amount: int = 5_000, **more: Any) -> NewBooking:
    return NewBooking(
        **{"kind": BalanceKind.DEPOSIT, "amount": amount, "additional_type": "BANK", "comment": "c"} | more  # type: ignore[arg-type]
    )


@pytest.fixture
def account(desk: Desk) -> TradingAccount:
    return desk.trading_account(desk.account())


def test_the_offer_that_people_see_is_taken_before_a_hidden_one_and_an_older_one_before_a_newer(desk: Desk) -> None:
    person, group = desk.account(), GroupSpec(name="retail-eur", currency="EUR", leverage=100)
    hidden = desk.offer("retail-eur", currency="EUR", hidden=True)
    taken = desk.crm.direct.offer_for(person, desk.platform, group, demo=False)
    assert (taken.id, taken.hidden) == (hidden.id, False)
    shown, _ = (desk.offer("retail-eur", currency="EUR") for _ in range(2))
    assert desk.crm.direct.offer_for(person, desk.platform, group, demo=False).id == shown.id


def test_an_offer_is_made_once_for_a_group_that_has_none_for_demo_accounts(desk: Desk) -> None:
    person, group = desk.account(), GroupSpec(name="retail-usd", currency="USD", leverage=100)
    made, again = (desk.crm.direct.offer_for(person, desk.platform, group, demo=True) for _ in range(2))
    assert made.id == again.id
    kept = desk.crm.settings.offer(desk.organization.id, made.uuid)
    assert (kept.hidden, kept.demo, kept.leverage, kept.group_name) == (True, True, 0, "retail-usd")
    opened = desk.trading_account(person, offer=made)
    assert desk.engines.state.accounts[opened.login].demo


def test_a_booking_whose_answers_are_lost_for_longer_than_keys_live_is_booked_once(desk: Desk, account: TradingAccount) -> None:
    subject = desk.crm.direct.book(account, booking(), by="program")
    desk.engines.lose = 2
    for _ in range(2):
        with pytest.raises(Unanswered):
            desk.carry(subject)
    desk.engines.now += KEYS_KEPT_MS + 1
    desk.start()
    desk.carry_waiting()
    assert desk.balance(account) == 5_000
    desk.check_sums()
    (name,) = desk.engines.state.booked
    external_id = name.partition("/")[2]
    assert desk.crm.direct.types_of([external_id]) == {external_id: "BANK"}
    owner = desk.crm.accounts.find(desk.organization.id, account.account_uuid)
    assert owner.active_at, "a lead whose money has come in is a client"


def test_the_same_key_is_the_same_booking_and_no_other(desk: Desk, account: TradingAccount) -> None:
    first, again = (desk.crm.direct.book(account, booking(key="k"), by="program") for _ in range(2))
    assert first == again
    desk.carry(first)
    for other in (booking(1, key="k"), booking(key="k", additional_type="CPA"), booking(key="k", comment="d")):
        with pytest.raises(Declined) as refused:
            desk.crm.direct.book(account, other, by="program")
        assert refused.value.code == Refusal.KEY_REUSED
    another = desk.crm.direct.book(account, booking(key="k"), by="another program")
    assert another != first
    desk.carry(another)
    assert desk.balance(account) == 10_000


def test_what_was_refused_has_used_no_key(desk: Desk, account: TradingAccount) -> None:
    taken = booking(kind=BalanceKind.WITHDRAWAL, key="k")
    with pytest.raises(Declined) as refused:
        desk.carry(desk.crm.direct.book(account, taken, by="program"))
    assert refused.value.code == Refusal.NOT_ENOUGH_MONEY
    desk.carry(desk.crm.direct.book(account, booking(), by="program"))
    desk.carry(desk.crm.direct.book(account, taken, by="program"))
    assert desk.balance(account) == 0


def test_of_two_who_have_seen_the_same_one_changes_it(desk: Desk, account: TradingAccount) -> None:
    direct = desk.crm.direct
    direct.say(account.id, Said(), pro_view=True, remarks=None)
    with pytest.raises(Declined):
        direct.say(account.id, Said(), pro_view=None, remarks="late")
    seen = direct.said([account.id])[account.id]
    assert seen == Said(1, True, "")
    direct.say(account.id, seen, pro_view=None, remarks="now")
    assert direct.said([account.id]) == {account.id: Said(2, True, "now")}
