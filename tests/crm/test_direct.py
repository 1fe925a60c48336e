"""Programs that know groups alone: under which offer their accounts are, and money that is booked once wherever cut off."""

from typing import Any

import pytest

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.crossing import Unanswered
from prorata.crm.direct import DirectChange, NewBooking, NewDirectAccount, Opening, Said
from prorata.crm.kyc.levels import LevelTerms, Right
from prorata.crm.once import once_of
from prorata.crm.settings import Offer
from prorata.crm.trading import LOGIN_FIRST, Status, TradingAccount
from prorata.messages.commands import Access, BalanceKind, OpenAccount
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.server.machine import KEYS_KEPT_MS
from tests.crm.desk import Desk


def booking(amount: int = 5_000, **more: Any) -> NewBooking:
    return NewBooking(
        **{"kind": BalanceKind.DEPOSIT, "amount": amount, "additional_type": "BANK", "comment": "c"} | more  # type: ignore[arg-type]
    )


def asked_for(desk: Desk, offer: Offer | None = None, **more: Any) -> tuple[CrmAccount, Opening]:
    """Decide to open an account with 60.00 and a credit of 7.00, closing only; nothing is carried yet."""
    person = desk.account()
    credit = booking(700, kind=BalanceKind.CREDIT_IN)
    new = NewDirectAccount(
        wish=AccountWish(last_name="Moe"), leverage=50, access=Access.CLOSE_ONLY, remarks="r",
        bookings=(booking(6_000), credit),
    )  # fmt: skip
    offer = offer or desk.offer("retail-usd", demo=True, initial_deposit=50_000)
    return person, desk.crm.direct.open(person, offer, new, by="test", client_id="program", **more)


def check_whole(desk: Desk, opening: Opening) -> None:
    found = desk.crm.trading.get(opening.id)
    kept = desk.engines.state.accounts[found.login]
    assert (found.status, kept.balance, kept.credit) == (Status.ACTIVE, 56_000, 700)
    assert (kept.leverage, kept.access) == (50, Access.CLOSE_ONLY)
    assert desk.crm.direct.said([found.id]) == {found.id: Said(1, False, "r")}
    assert not desk.crm.crossings.waiting()
    desk.check_sums()


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


def test_all_that_belongs_to_a_new_account_follows_by_itself_once_whatever_is_lost(desk: Desk) -> None:
    """Every answer is lost twice, and then asked for when the platform has forgotten its key."""
    _, opening = asked_for(desk)
    for _ in range(5):
        desk.engines.lose = 9
        desk.carry_waiting()
        desk.carry_waiting()
        desk.start()
        desk.engines.lose = 0
        desk.engines.now += KEYS_KEPT_MS + 1
        desk.carry_waiting()
    check_whole(desk, opening)
    assert len(desk.engines.state.accounts) == 1


def test_an_account_whose_number_is_somebody_elses_has_its_money_under_the_next(desk: Desk) -> None:
    desk.engines._apply(OpenAccount("retail-usd", LOGIN_FIRST), "")
    _, opening = asked_for(desk)
    early = desk.crm.trading.get(opening.id)
    with pytest.raises(Declined) as refused:
        desk.crm.direct.book(early, booking(), by="program")
    assert refused.value.code == Refusal.CHANGE_UNDER_WAY, "it would be booked on somebody else's account"
    for subject in opening.subjects:
        desk.carry(subject)
    check_whole(desk, opening)
    assert desk.engines.state.accounts[LOGIN_FIRST].balance == 0


def test_of_an_account_that_is_refused_nothing_is_left_and_its_call_has_used_no_key(desk: Desk) -> None:
    person, opening = asked_for(desk, desk.offer("nowhere"), once=once_of("program", "k", "an account"))
    with pytest.raises(Declined) as refused:
        desk.carry(opening.subjects[0])
    assert refused.value.code == Refusal.UNKNOWN_GROUP
    assert not desk.crm.trading.of_account(person.id)
    assert not desk.crm.direct.said([opening.id])
    for subject in opening.subjects[1:]:
        assert not desk.crm.crossings.waiting(subject)
    new = NewDirectAccount(wish=AccountWish(), leverage=100)
    other = once_of("program", "k", "another account")
    again = desk.crm.direct.open(person, desk.standard, new, by="test", client_id="program", once=other)
    desk.carry(again.subjects[0])
    assert len(desk.crm.trading.of_account(person.id)) == 1
    assert desk.crm.direct.open(person, desk.standard, new, by="test", client_id="program", once=other).id == again.id


def test_money_that_a_level_does_not_allow_opens_no_account_and_changes_nobody(desk: Desk) -> None:
    terms = LevelTerms(rank=0, name="None", rights=frozenset({Right.DEPOSIT, Right.TRADE}), deposit_limits={"USD": 1_000})
    desk.crm.levels.add(desk.organization.id, terms)
    with pytest.raises(Declined) as refused:
        asked_for(desk, desk.standard)
    assert refused.value.code == Refusal.LEVEL_NEEDED
    person = desk.crm.accounts.by_email(desk.organization.id, "ann@mail.test")
    assert person.last_name == "Lee"
    assert not desk.crm.trading.of_account(person.id)


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
    direct, owner = desk.crm.direct, desk.crm.accounts.find(desk.organization.id, account.account_uuid)
    direct.change(account, owner, Said(), DirectChange(pro_view=True), by="test")
    with pytest.raises(Declined):
        direct.change(account, owner, Said(), DirectChange(remarks="late"), by="test")
    seen = direct.said([account.id])[account.id]
    assert seen == Said(1, True, "")
    direct.change(account, owner, seen, DirectChange(remarks="now"), by="test")
    assert direct.said([account.id]) == {account.id: Said(2, True, "now")}


def test_while_a_change_is_under_way_another_changes_nothing_of_the_account_and_nobody(
    desk: Desk, account: TradingAccount
) -> None:
    direct, owner = desk.crm.direct, desk.crm.accounts.find(desk.organization.id, account.account_uuid)
    desk.crm.trading.change(account, leverage=50)
    change = DirectChange(wish=AccountWish(last_name="Moe"), remarks="r", access=Access.CLOSE_ONLY)
    with pytest.raises(Declined) as refused:
        direct.change(account, owner, Said(), change, by="test")
    assert refused.value.code == Refusal.CHANGE_UNDER_WAY
    assert direct.said([account.id]) == {}
    assert desk.crm.accounts.find(desk.organization.id, owner.uuid).last_name == owner.last_name


def test_a_deposit_is_within_what_a_persons_level_lets_him_pay_in_by_either_way(desk: Desk, account: TradingAccount) -> None:
    terms = LevelTerms(rank=0, name="None", rights=frozenset({Right.DEPOSIT}), deposit_limits={"USD": 10_000})
    desk.crm.levels.add(desk.organization.id, terms)
    owner = desk.crm.accounts.find(desk.organization.id, account.account_uuid)
    desk.carry(desk.crm.payments.deposit(owner, account, desk.gateway(), 4_000, by="test").subject)
    desk.carry(desk.crm.direct.book(account, booking(5_000), by="program"))
    for beyond in (booking(1_001), booking(kind=BalanceKind.WITHDRAWAL)):
        with pytest.raises(Declined) as refused:
            desk.crm.direct.book(account, beyond, by="program")
        assert refused.value.code == Refusal.LEVEL_NEEDED
    with pytest.raises(Declined):
        desk.crm.payments.deposit(owner, account, desk.gateway(), 1_001, by="test")
    desk.carry(desk.crm.direct.book(account, booking(1_000), by="program"))
    desk.carry(desk.crm.direct.book(account, booking(kind=BalanceKind.CREDIT_IN), by="program"))
    assert desk.balance(account) == 10_000
