"""Accounts of one person are found, however he typed; what people decide stays decided."""

from typing import Any

import pytest

from prorata.access.callers import NotFound
from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.activity import TimelineEvent
from prorata.crm.duplicates import duplicates
from prorata.crm.duplicates.duplicates import PairStatus
from prorata.crm.duplicates.keys import email_key, name_key, phone_key
from tests.crm.desk import Desk


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ann.lee+bonus@gmail.com", "AnnLee@googlemail.com", True),
        ("ann.lee@mail.test", "annlee@mail.test", False),
        ("ann+1@mail.test", "ANN@mail.test", True),
        ("ann@mail.test", "ann@mail2.test", False),
    ],
)
def test_an_e_mail_is_a_mailbox(one: str, other: str, same: bool) -> None:
    assert (email_key(one) == email_key(other)) == same


@pytest.mark.parametrize(
    ("phone", "country", "key"),
    [
        ("+357 99 123456", "", "+35799123456"), ("99 12-34-56", "cy", "+35799123456"), ("0035799123456", "CY", "+35799123456"),
        ("99 123456", "", ""), ("99 123456", "Cyprus", ""), ("(202) 555-0143", "US", "+12025550143"), ("call me", "US", ""),
        ("", "US", ""), ("12", "US", ""),
    ],
)  # fmt: skip
def test_a_phone_is_as_the_world_dials_it(phone: str, country: str, key: str) -> None:
    assert phone_key(phone, country) == key


def test_a_name_is_its_words_and_a_birthday() -> None:
    born = "1990-12-31"
    assert len({name_key(name, born) for name in ("José Müller", "MULLER, jose", "  jose   mu\u0308ller ")}) == 1
    assert name_key("Łukasz Øst", born) == name_key("lukasz ost", born)
    assert name_key("Ann Lee", born) != name_key("Ann Lee", "1990-12-30")
    assert (name_key("Ann Lee", ""), name_key(" ", born)) == ("", "")


def add(desk: Desk, email: str, **more: Any) -> CrmAccount:
    wish = AccountWish(**{"email": email, "first_name": "Ann", "last_name": "Lee", **more})
    return desk.crm.accounts.add(desk.organization.id, wish, "correct horse battery", by="website")


def suspected(desk: Desk) -> list[tuple[str, str, str]]:
    found = desk.crm.duplicates.all(desk.organization.id)
    return [(one.first.email, one.second.email, " ".join(one.kinds)) for one in found]


def test_whoever_comes_twice_is_suspected(desk: Desk) -> None:
    first = add(desk, "ann@mail.test", phone="99 123456", country="CY", date_of_birth="1990-12-31")
    add(desk, "bob@mail.test", first_name="Bob", phone="99 123457", country="CY")
    assert suspected(desk) == []
    second = add(desk, "ann+2@mail.test", first_name="LÉE", last_name="ann", phone="+35799123456", date_of_birth="1990-12-31")
    assert suspected(desk) == [("ann@mail.test", "ann+2@mail.test", "EMAIL NAME PHONE")]
    (warning,) = desk.crm.activity.timeline(second.id, event=TimelineEvent.DUPLICATE)
    assert warning.details == f"EMAIL NAME PHONE as {first.uuid}"
    assert [one.uuid for one in desk.crm.duplicates.of_account(first.id)] == [
        one.uuid for one in desk.crm.duplicates.of_account(second.id)
    ]
    other = desk.control.organizations.add(desk.owner.id, "Second Broker")
    assert desk.crm.duplicates.all(other.id) == []
    with pytest.raises(NotFound):
        desk.crm.duplicates.find(other.id, desk.crm.duplicates.of_account(first.id)[0].uuid)


def test_a_change_makes_a_suspicion_and_ends_it(desk: Desk) -> None:
    ann, bob = add(desk, "ann@mail.test", phone="+35799123456"), add(desk, "bob@mail.test", phone="+35799123457")
    desk.crm.accounts.change(bob, AccountWish(phone="+357 99 123456"), by="support")
    assert suspected(desk) == [("ann@mail.test", "bob@mail.test", "PHONE")]
    desk.crm.accounts.change(ann, AccountWish(phone="+35799123458"), by="support")
    assert suspected(desk) == []


def test_different_people_are_not_suspected_again(desk: Desk) -> None:
    ann, bob = add(desk, "ann@mail.test", phone="+35799123456"), add(desk, "bob@mail.test", phone="+35799123456")
    (pair,) = desk.crm.duplicates.all(desk.organization.id)
    decided = desk.crm.duplicates.decide(pair, PairStatus.DIFFERENT, "they are married", by="person eve")
    assert (decided.status, decided.note, decided.decided_by) == (PairStatus.DIFFERENT, "they are married", "person eve")
    for phone in ("+35799123457", "+35799123456"):
        desk.crm.accounts.change(bob, AccountWish(phone=phone), by="support")
        assert suspected(desk) == []
    desk.crm.accounts.change(ann, AccountWish(email="bob+2@mail.test"), by="support")
    assert suspected(desk) == []
    assert [one.uuid for one in desk.crm.duplicates.all(desk.organization.id, PairStatus.DIFFERENT)] == [pair.uuid]


def test_a_deleted_account_is_nobodys_double(desk: Desk) -> None:
    ann = add(desk, "ann@mail.test", phone="+35799123456")
    add(desk, "bob@mail.test", phone="+35799123456")
    desk.crm.accounts.delete(ann)
    assert suspected(desk) == []
    add(desk, "eve@mail.test", phone="+35799123456")
    assert [one[2] for one in suspected(desk)] == ["PHONE"]


def test_an_account_that_is_taken_back_leaves_nothing(desk: Desk) -> None:
    add(desk, "ann@mail.test", phone="+35799123456")
    desk.crm.accounts.withdraw(add(desk, "bob@mail.test", phone="+35799123456"))
    assert suspected(desk) == []


def test_a_number_that_all_share_pairs_with_the_newest_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "ALIKE_MAX", 2)
    for number in range(4):
        last = add(desk, f"client{number}@mail.test", phone="+35799123456")
    assert [one.first.email for one in desk.crm.duplicates.of_account(last.id)] == ["client2@mail.test", "client1@mail.test"]
