"""People, where they are signed in, and what they prove it by: what the database keeps, and what happens at the same moment."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from sqlalchemy import func, select

from prorata.control.mail.texts import MailKind
from prorata.control.organizations.tables import organizations
from prorata.control.people.addresses import BadAddress, email_key_of, mailbox_of
from prorata.control.people.password_rules import COMMON, LENGTH_MIN, UnfitPassword, check_password
from prorata.control.people.people import EmailTaken, NewPerson, Person, insert_person
from prorata.control.people.proving import CredentialsWrong
from prorata.control.people.second_step import CodeWrong
from prorata.control.people.sign_ins import IDLE_MS, LIFE_MS
from prorata.control.people.tables import people, sign_ins, tickets
from prorata.control.people.tickets import LIFE_MS as TICKET_LIFE_MS
from prorata.control.people.tickets import Purpose, TicketSpent
from prorata.control.sessions import ACTIVITY_MS, MayNotSignIn
from prorata.control.store import Control
from tests.control.conftest import OpenControl
from tests.rest.house import HandClock

URL = "https://broker.test"
AT_ONCE = 6


def person_of(control: Control, email: str = "ann@mail.test") -> Person:
    """Make a person without a password: hashing one takes its time."""
    with control.database.writing() as connection:
        return insert_person(connection, NewPerson(email=email), "", control.database.now())


def at_once(controls: list[Control], work: Callable[[Control], object]) -> list[object]:
    """Do the same in several processes at the same moment; return what came of each, exceptions by their type."""

    def one(control: Control) -> object:
        try:
            return work(control)
        except (TicketSpent, CodeWrong) as problem:
            return type(problem)

    with ThreadPoolExecutor(len(controls)) as threads:
        return list(threads.map(one, controls))


def with_totp(control: Control, person: Person) -> tuple[pyotp.TOTP, list[str]]:
    totp = pyotp.TOTP(control.second_step.begin(person).secret)
    return totp, control.second_step.confirm(person, totp.at(control.database.now() // 1000), URL)


# Addresses and passwords.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Mail.Test", "ann@mail.test"),
        (" ann@mail.test ", "ann@mail.test"),
        ("ann@B\u00dcCHER.test", "ann@xn--bcher-kva.test"),
        ("ann@b\u00fccher\u3002test", "ann@b\u00fccher.test"),
    ],
)
def test_two_ways_to_write_an_address_are_one_person(one: str, other: str) -> None:
    assert email_key_of(one) == email_key_of(other)


def test_the_mailbox_keeps_its_letters() -> None:
    assert mailbox_of("Ann.Lee+fx@B\u00fccher.Test") == "Ann.Lee+fx@xn--bcher-kva.test"


@pytest.mark.parametrize(
    "email",
    [
        "", "@", "ann", "ann@", "@mail.test", "ann@mail", "a..b@mail.test", ".a@mail.test", "ann@mail.test.", "ann@-mail.test",
        "ann@10.0.0.1", "ann@[10.0.0.1]", '"ann lee"@mail.test', "\u00e4nn@mail.test", "ann@mail.test\nBcc: x@mail.test",
        f"{'a' * 65}@mail.test", f"ann@{'a' * 64}.test", f"ann@{'.'.join(['abcdefghi'] * 13)}.test", "ann@ma il.test",
    ],
)  # fmt: skip
def test_what_is_no_address_is_none(email: str) -> None:
    with pytest.raises(BadAddress):
        email_key_of(email)


def test_passwords_that_everybody_tries_are_long_enough_and_refused() -> None:
    assert all(len(password) >= LENGTH_MIN for password in COMMON)
    for password in (*COMMON, "Qwertyuiop"):
        with pytest.raises(UnfitPassword):
            check_password(password, "ann@mail.test")
    check_password("a fine long password", "ann@mail.test")


# People.


def test_an_address_is_one_persons_alone(open_control: OpenControl) -> None:
    control = open_control()
    person, password = control.registration.enrol(NewPerson(email="Ann@mail.test"), "First")
    assert control.people.find("ANN@mail.test") == control.people.by_uuid(person.uuid)
    assert control.proving.password("ann@mail.test", password).person.uuid == person.uuid
    with pytest.raises(EmailTaken):
        control.people.add(NewPerson(email="ann@MAIL.test"))
    with pytest.raises(EmailTaken):
        control.registration.enrol(NewPerson(email="ann@MAIL.test"), "Second")
    with control.database.reading() as connection:
        assert connection.execute(select(organizations.c.name)).scalars().all() == ["First"]


def test_somebody_without_a_password_signs_in_by_none(open_control: OpenControl) -> None:
    control = open_control()
    person_of(control)
    for password in ("", "anything"):
        with pytest.raises(CredentialsWrong):
            control.proving.password("ann@mail.test", password)


def test_an_address_that_is_registered_twice_at_once_is_one_person(open_control: OpenControl) -> None:
    controls = [open_control() for _ in range(3)]
    new = NewPerson(email="ann@mail.test")
    assert at_once(controls, lambda control: control.registration.register(new, "", URL)) == [None] * 3
    with controls[0].database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(people)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(organizations)).scalar_one() == 1
    kinds = sorted(mail.kind for mail in controls[0].outbox.newest())
    assert kinds == [MailKind.ALREADY_REGISTERED, MailKind.ALREADY_REGISTERED, MailKind.WELCOME]


# Where they are signed in.


def test_a_sign_in_is_seen_by_other_processes_and_after_a_restart(open_control: OpenControl) -> None:
    here, elsewhere = open_control(), open_control()
    token, made = here.sign_ins.open(person_of(here).id, ["pwd", "otp"], address="203.0.113.7", agent="x" * 1_000)
    assert elsewhere.sign_ins.find(token) is None
    elsewhere.refresh()
    found = elsewhere.sign_ins.find(token)
    assert found is not None
    assert (found.uuid, found.methods, found.address, len(found.agent)) == (made.uuid, ("pwd", "otp"), "203.0.113.7", 256)
    assert open_control().sign_ins.find(token) is not None
    here.sign_ins.end([made])
    assert here.sign_ins.find(token) is None
    elsewhere.refresh()
    assert elsewhere.sign_ins.find(token) is None


def test_activity_elsewhere_keeps_a_sign_in_alive(open_control: OpenControl, clock: HandClock) -> None:
    here, elsewhere = open_control(), open_control()
    token, _ = here.sign_ins.open(person_of(here).id, ["pwd"])
    elsewhere.refresh()
    clock.moment += IDLE_MS - ACTIVITY_MS
    assert elsewhere.sign_ins.find(token) is not None
    elsewhere.refresh()
    here.refresh()
    clock.moment += ACTIVITY_MS
    assert here.sign_ins.find(token) is not None


def test_a_sign_in_ends_with_its_life_and_is_forgotten(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    token, _ = control.sign_ins.open(person_of(control).id, ["pwd"])
    end = clock.moment + LIFE_MS
    while clock.moment < end - IDLE_MS:
        clock.moment += IDLE_MS - 1
        assert control.sign_ins.find(token) is not None
    clock.moment = end
    assert control.sign_ins.find(token) is None
    control.sign_ins.sweep()
    with control.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(sign_ins)).scalar_one() == 0


def test_a_disabled_person_is_signed_out_in_other_processes_and_cannot_come_back(open_control: OpenControl) -> None:
    here, elsewhere = open_control(), open_control()
    person = person_of(here)
    token, _ = here.sign_ins.open(person.id, ["pwd"])
    elsewhere.people.disable(person.id)
    here.refresh()
    assert here.sign_ins.find(token) is None
    with pytest.raises(MayNotSignIn):
        here.sign_ins.open(person.id, ["pwd"])
    elsewhere.people.enable(person.id)
    assert here.sign_ins.find(token) is None
    here.sign_ins.open(person.id, ["pwd"])


def test_all_sign_ins_but_one_end(open_control: OpenControl) -> None:
    control = open_control()
    person, other = person_of(control), person_of(control, "joe@mail.test")
    (first, mine), (second, _), (joes, _) = (control.sign_ins.open(one.id, ["pwd"]) for one in (person, person, other))
    assert control.sign_ins.end_all(person.id, but=mine) == 1
    assert [control.sign_ins.find(token) is not None for token in (first, second, joes)] == [True, False, True]


def test_tokens_are_nowhere_in_the_tables(open_control: OpenControl) -> None:
    control = open_control()
    person = person_of(control)
    token, _ = control.sign_ins.open(person.id, ["pwd"])
    ticket = control.tickets.issue(Purpose.RESET, person.id)
    with control.database.reading() as connection:
        kept = str([*connection.execute(select(sign_ins)), *connection.execute(select(tickets))])
    assert token not in kept
    assert ticket not in kept


# Tickets and codes.


def test_a_ticket_is_spent_once_however_many_try_at_once(open_control: OpenControl) -> None:
    controls = [open_control() for _ in range(AT_ONCE)]
    person = person_of(controls[0])
    token = controls[0].tickets.issue(Purpose.VERIFY, person.id)
    outcomes = at_once(controls, lambda control: control.registration.verify(token))
    assert sorted(map(str, outcomes)) == sorted(map(str, [person.uuid, *[TicketSpent] * (AT_ONCE - 1)]))


def test_a_ticket_is_for_one_purpose_and_a_while(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    token = control.tickets.issue(Purpose.PASSKEY, None, "challenge")
    with pytest.raises(TicketSpent):
        control.tickets.spend(Purpose.NEW_PASSKEY, token)
    assert control.tickets.look(Purpose.PASSKEY, token).content == "challenge"
    clock.moment += TICKET_LIFE_MS[Purpose.PASSKEY]
    with pytest.raises(TicketSpent):
        control.tickets.look(Purpose.PASSKEY, token)
    control.tickets.sweep()
    with control.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(tickets)).scalar_one() == 0


def test_a_link_survives_what_was_undone(open_control: OpenControl, monkeypatch: pytest.MonkeyPatch) -> None:
    control = open_control()
    token = control.renewal.password_link(person_of(control), URL).partition("#reset.")[2]
    with monkeypatch.context() as broken:
        # The last step of the transaction fails, as when the disk is full.
        broken.setattr(control.outbox, "post", None)
        with pytest.raises(TypeError):
            control.renewal.reset_password(token, "a fine long password", URL)
    with pytest.raises(CredentialsWrong):
        control.proving.password("ann@mail.test", "a fine long password")
    control.renewal.reset_password(token, "a fine long password", URL)
    assert control.proving.password("ann@mail.test", "a fine long password").person.verified_at > 0


def test_a_code_is_taken_once_however_many_try_at_once(open_control: OpenControl, clock: HandClock) -> None:
    controls = [open_control() for _ in range(AT_ONCE)]
    person = person_of(controls[0])
    totp, recovery_codes = with_totp(controls[0], person)
    clock.moment += 30_000
    for code in (totp.at(clock.moment // 1000), recovery_codes[0]):
        outcomes = at_once(controls, lambda control, code=code: control.second_step.check(person.id, code))  # type: ignore[misc]
        assert sorted(map(str, outcomes)) == sorted(map(str, [None, *[CodeWrong] * (AT_ONCE - 1)]))


def test_seeds_and_mails_are_read_after_the_key_has_changed(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    person = person_of(control)
    totp, _ = with_totp(control, person)
    control.renewal.ask_password(person.email, URL)
    assert control.seals.rotate().secrets == 3, "a seed and two mails"
    clock.moment += 30_000
    control.second_step.check(person.id, totp.at(clock.moment // 1000))
    assert re.search(r"#reset\.\S+", control.outbox.newest()[0].body)
