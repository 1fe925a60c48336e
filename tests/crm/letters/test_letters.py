"""Letters are written once for what they tell of, in the person's language, and their row says what became of them."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from prorata.access.callers import NotFound
from prorata.control.mail.delivery import Attachment, MailDelivery
from prorata.control.mail.outbox import GIVE_UP_MS
from prorata.control.mail.smtp import SmtpPost
from prorata.control.mail.terms import MailTerms
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.accounts import AccountWish, CrmAccount, Verification
from prorata.crm.activity import WELCOME_AFTER_MS
from prorata.crm.letters.kinds import LetterKind, Money
from prorata.crm.letters.letters import Letter, LetterFilter, LetterStatus
from prorata.crm.letters.mailing import LetterSettings, MailingWish
from prorata.crm.letters.tables import mailings
from prorata.crm.letters.texts import Text
from prorata.messages.refusals import Refusal
from tests.control.mail.smtp_sink import SmtpSink
from tests.crm.desk import BEGIN, Desk

PAYOUT: dict[str, Any] = {"login": "20000001", "amount": Money(123_456, "USD"), "until": BEGIN, "at": BEGIN}
MARGIN: dict[str, Any] = {
    "login": "20000001", "equity": Money(1, "USD"), "margin": Money(2, "USD"), "line": Money(2, "USD"), "at": 0
}  # fmt: skip
HOUSE = "Prorata <office@prorata.test>"


def write(desk: Desk, account: CrmAccount, kind: LetterKind, about: str = "one", **values: Any) -> bool:
    with desk.control.database.writing() as connection:
        return desk.crm.letters.write(connection, account.id, kind, about, **values)


def listed(desk: Desk, **wanted: Any) -> list[Letter]:
    found, total = desk.crm.letters.search(desk.organization.id, LetterFilter(**wanted), Slice("created", False, 0, 100))
    assert len(found) == total
    return found


def kinds(desk: Desk) -> list[LetterKind]:
    return [one.kind for one in listed(desk)]


def person(desk: Desk, language: str, email: str = "ann@mail.test") -> CrmAccount:
    wish = AccountWish(email=email, first_name="Ann", last_name="Lee", profile={"locale": language})
    return desk.crm.accounts.add(desk.organization.id, wish, "correct horse battery", by="test")


def deliver(
    desk: Desk, sink: SmtpSink, *, house: bool = True, before: Callable[[int], None] | None = None
) -> SmtpSink:  # fmt: skip
    """Deliver what is due. `house`: the sink is the installation's server. `before`: is told its port first."""

    async def work() -> None:
        async with sink:
            if before is not None:
                before(sink.port)
            post = SmtpPost(MailTerms(host="127.0.0.1", port=sink.port, security="none")) if house else None
            await MailDelivery(desk.control.outbox, post, sender=HOUSE, writers=desk.crm.letters).deliver()

    asyncio.run(work())
    return sink


def test_of_one_thing_there_is_one_letter_of_a_kind(desk: Desk) -> None:
    account = desk.account()
    assert [write(desk, account, LetterKind.IB_PAYOUT, about, **PAYOUT) for about in ("a", "a", "b")] == [True, False, True]
    assert write(desk, account, LetterKind.MARGIN_CALL, "a", **MARGIN)
    assert len(desk.control.outbox.newest(waiting=True)) == 3


@pytest.mark.parametrize(
    ("persons", "house", "language", "subject"),
    [
        ("de-AT", "ru", "de", "Ihre Provision über 1.234,56\u00a0USD"),
        ("", "pl", "pl", "Prowizja 1234,56\u00a0USD"),
        ("fr", "es", "es", "Su comisión de 1234,56\u00a0USD"),
        ("", "", "en", "Your commission of 1,234.56\u00a0USD"),
    ],
)
def test_the_person_s_language_decides_then_the_organization_s(
    desk: Desk, persons: str, house: str, language: str, subject: str
) -> None:
    if house:
        desk.crm.letter_desk.mailings.set_settings(desk.organization.id, LetterSettings(language=house))
    write(desk, person(desk, persons), LetterKind.IB_PAYOUT, **PAYOUT)
    (letter,) = listed(desk)
    assert (letter.language, letter.subject) == (language, " ".join(subject.split()))
    (mail,) = desk.control.outbox.newest()
    assert "1" in mail.body
    assert f'lang="{language}"' in mail.html


def test_the_log_says_what_became_of_a_letter_even_when_the_mail_is_forgotten(desk: Desk) -> None:
    account = desk.account()
    write(desk, account, LetterKind.IB_PAYOUT, "a", **PAYOUT)
    deliver(desk, SmtpSink(busy=1))
    (letter,) = listed(desk)
    assert (letter.status, letter.tries, letter.problem) == (LetterStatus.QUEUED, 1, "451 later")
    desk.now += 3_600_000
    sink = deliver(desk, SmtpSink())
    (letter,) = listed(desk, status=LetterStatus.SENT)
    assert (letter.tries, letter.problem, letter.ended_at) == (2, "", desk.now)
    (mail,) = sink.mails
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    write(desk, account, LetterKind.IB_PAYOUT, "b", **PAYOUT)
    refusing = SmtpSink()
    refusing.refusals["ann@mail.test"] = "550 no such mailbox"
    deliver(desk, refusing)
    (letter,) = listed(desk, status=LetterStatus.FAILED)
    assert (letter.about, letter.tries) == ("b", 1)
    assert "550" in letter.problem
    write(desk, account, LetterKind.IB_PAYOUT, "c", **PAYOUT)
    desk.now += GIVE_UP_MS
    deliver(desk, SmtpSink())
    assert [one.about for one in listed(desk, status=LetterStatus.FAILED)] == ["b", "c"]


def test_a_branch_s_own_server_carries_its_letters_with_what_is_attached(desk: Desk) -> None:
    desk.start(private_mail=True)
    account = desk.account()
    sink = SmtpSink()

    def set_up(port: int) -> None:
        wish = MailingWish(host="127.0.0.1", port=port, sender="Desk <desk@first.test>")
        desk.crm.letter_desk.mailings.set(desk.organization.id, desk.branch.uuid, wish)
        desk.crm.letters.attached["note"] = lambda rest: [Attachment("note.txt", "text/plain", rest.encode())]
        write(desk, account, LetterKind.IB_PAYOUT, attachment="note 17", **PAYOUT)

    deliver(desk, sink, house=False, before=set_up)
    (mail,) = sink.mails
    assert mail["From"] == "Desk <desk@first.test>"
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content().strip()) == ("note.txt", "17")


def test_without_a_server_of_its_own_people_answer_to_the_branch(desk: Desk) -> None:
    mailer = desk.crm.letter_desk.mailings
    mailer.set_settings(desk.organization.id, LetterSettings(sender="office@first.test"))
    write(desk, desk.account(), LetterKind.IB_PAYOUT, "a", **PAYOUT)
    mailer.set(desk.organization.id, desk.branch.uuid, MailingWish(sender="desk@first.test"))
    write(desk, desk.account("bob@mail.test"), LetterKind.IB_PAYOUT, "b", **PAYOUT)
    assert deliver(desk, SmtpSink(), house=False).mails == [], "they wait, as there is no server"
    mails = deliver(desk, SmtpSink()).mails
    assert [(mail["From"], mail["Reply-To"]) for mail in mails] == [(HOUSE, "office@first.test"), (HOUSE, "desk@first.test")]


def test_a_server_that_is_not_public_is_not_called_for_a_branch(desk: Desk) -> None:
    wish = MailingWish(host="127.0.0.1", port=25, sender="desk@first.test")
    desk.crm.letter_desk.mailings.set(desk.organization.id, desk.branch.uuid, wish)
    write(desk, desk.account(), LetterKind.IB_PAYOUT, **PAYOUT)
    deliver(desk, SmtpSink(), house=False)
    (letter,) = listed(desk)
    assert (letter.status, letter.tries) == (LetterStatus.QUEUED, 1)
    assert "not a public address" in letter.problem


def test_the_password_of_a_mail_server_is_sealed_never_shown_and_given_to_no_other_server(desk: Desk) -> None:
    mailer, organization = desk.crm.letter_desk.mailings, desk.organization.id
    wish = MailingWish(host="mail.first.test", tls=True, login="desk@first.test", password="hunter2 hunter2")  # noqa: S106
    shown = mailer.set(organization, desk.branch.uuid, wish)
    assert shown.has_password
    assert "hunter2" not in repr(shown)
    with desk.control.database.reading() as connection:
        assert b"hunter2" not in connection.execute(select(mailings.c.password)).scalar_one()
    kept = MailingWish(host="mail.first.test", ssl=True, port=465, login="desk@first.test")
    assert mailer.set(organization, desk.branch.uuid, kept).has_password
    with pytest.raises(Declined, match="emailPassword"):
        mailer.set(organization, desk.branch.uuid, MailingWish(host="evil.test", ssl=True, login="desk@first.test"))
    cleared = MailingWish(host="mail.first.test", password="", sender="desk@first.test")
    assert not mailer.set(organization, desk.branch.uuid, cleared).has_password
    with pytest.raises(NotFound):
        mailer.set(organization + 1, desk.branch.uuid, wish)


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        (MailingWish(host="a b", sender="a@b.test"), "emailHost"),
        (MailingWish(host="mail.test", port=70_000, sender="a@b.test"), "emailPort"),
        (MailingWish(host="mail.test", tls=True, ssl=True, sender="a@b.test"), "emailSsl"),
        (MailingWish(host="mail.test", login="a@b.test"), "emailUser"),
        (MailingWish(host="mail.test"), "sender"),
        (MailingWish(sender="desk@first.test\r\nBcc: eve@mail.test"), "sender"),
        (MailingWish(sender="nobody"), "sender"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mailing_that_does_not_fit_is_refused(desk: Desk, wish: MailingWish, problem: str) -> None:
    with pytest.raises(Declined) as declined:
        desk.crm.letter_desk.mailings.set(desk.organization.id, desk.branch.uuid, wish)
    assert declined.value.code == Refusal.MAILING_UNFIT
    assert declined.value.detail.startswith(problem)


def test_who_does_without_a_letter_gets_none_and_what_is_owed_comes_all_the_same(desk: Desk) -> None:
    account, letters = desk.account(), desk.crm.letters
    letters.refuse(account.id, [LetterKind.IB_PAYOUT])
    write(desk, account, LetterKind.IB_PAYOUT, **PAYOUT)
    write(desk, account, LetterKind.MARGIN_CALL, **MARGIN)
    assert [one.status for one in listed(desk)] == [LetterStatus.DECLINED, LetterStatus.QUEUED]
    assert len(desk.control.outbox.newest()) == 1
    with pytest.raises(Declined) as declined:
        letters.refuse(account.id, [LetterKind.DAILY_STATEMENT, LetterKind.MARGIN_CALL])
    assert declined.value.code == Refusal.LETTER_OWED
    assert letters.refused_by(account.id) == [LetterKind.IB_PAYOUT], "nothing was changed"
    letters.refuse(account.id, [])
    assert letters.refused_by(account.id) == []


def test_what_an_organization_does_not_write_is_not_written_and_what_is_owed_is(desk: Desk) -> None:
    set_settings, number = desk.crm.letter_desk.mailings.set_settings, desk.organization.id
    wanted = LetterSettings(unsent=(LetterKind.WELCOME, LetterKind.IB_PAYOUT))
    assert set_settings(number, wanted) == wanted
    assert sorted(desk.crm.letter_desk.mailings.settings(number).unsent) == sorted(wanted.unsent)
    account = desk.account()
    assert not write(desk, account, LetterKind.IB_PAYOUT, **PAYOUT)
    assert write(desk, account, LetterKind.MARGIN_CALL, **MARGIN)
    with pytest.raises(Declined) as declined:
        set_settings(number, LetterSettings(unsent=(LetterKind.STOP_OUT,)))
    assert declined.value.code == Refusal.LETTER_OWED


def test_an_account_that_is_taken_back_is_not_welcomed(desk: Desk) -> None:
    account = desk.account()
    write(desk, account, LetterKind.PASSWORD_CHANGED, at=0)
    desk.crm.letter_desk.write_waiting()
    desk.crm.accounts.withdraw(account)
    desk.now += WELCOME_AFTER_MS
    desk.crm.letter_desk.write_waiting()
    assert listed(desk) == []


def test_an_organization_s_own_text_is_sent(desk: Desk) -> None:
    templates = desk.crm.letter_desk.templates
    templates.write(desk.organization.id, LetterKind.IB_PAYOUT, "en", Text("Paid: {{ amount }}", "{{ until }}"), by="ann")
    write(desk, desk.account(), LetterKind.IB_PAYOUT, **PAYOUT)
    (letter,) = listed(desk)
    assert (letter.subject, letter.version) == ("Paid: 1,234.56 USD", 1)


# What follows from the timeline.


def test_letters_follow_from_the_timeline_once(desk: Desk) -> None:
    account = desk.account()
    found = desk.trading_account(account, 100_000)
    payments, gateway = desk.crm.payments, desk.gateway(withdrawal_approvals=1, deposit_approvals=1)
    paid_in = payments.deposit(account, found, desk.gateway(), 5_000, by="eve")
    desk.carry(paid_in.subject)
    refused = payments.deposit(account, found, gateway, 7_000, by="eve")
    payments.decide(refused, agree=False, reason="no document", decided_by="ann")
    out = payments.withdraw(account, found, gateway, 2_000, by="eve")
    desk.carry(out.subject)
    payments.paid_out(payments.decide(out, agree=True, decided_by="ann"), "transfer 17")
    back = payments.withdraw(account, found, gateway, 3_000, by="eve")
    desk.carry(back.subject)
    payments.decide(back, agree=False, reason="no", decided_by="ann")
    desk.carry(back.subject)
    desk.crm.accounts.set_password(account, "another correct horse")
    for standing in (Verification.PENDING_VERIFICATION, Verification.VERIFIED):
        desk.crm.accounts.change(account, AccountWish(verification=standing), by="ann")
        desk.crm.letter_desk.write_waiting()
    desk.crm.accounts.change(account, AccountWish(phone="+431234"), by="ann")
    desk.now += WELCOME_AFTER_MS
    for _ in range(2):
        desk.crm.letter_desk.write_waiting()
    assert sorted(kinds(desk)) == sorted(
        [
            LetterKind.WELCOME, LetterKind.TRADING_ACCOUNT_OPENED, LetterKind.DEPOSIT_BOOKED, LetterKind.DEPOSIT_FAILED,
            LetterKind.WITHDRAWAL_REQUESTED, LetterKind.WITHDRAWAL_PAID, LetterKind.WITHDRAWAL_REQUESTED,
            LetterKind.WITHDRAWAL_REJECTED, LetterKind.PASSWORD_CHANGED, LetterKind.KYC_APPROVED,
        ]
    )  # fmt: skip
    bodies = {mail.kind: mail.body for mail in desk.control.outbox.newest()}
    assert "Reason: no document" in bodies["letter deposit_failed"]
    assert "20.00\u00a0USD" in bodies["letter withdrawal_paid"]
    assert "transfer 17" in bodies["letter withdrawal_paid"]


def test_an_account_that_is_not_open_yet_is_told_of_later(desk: Desk) -> None:
    account = desk.account()
    desk.engines.up = False
    opened = desk.crm.trading.open(account, desk.standard, by="test")
    desk.now += WELCOME_AFTER_MS
    desk.crm.letter_desk.write_waiting()
    assert kinds(desk) == [LetterKind.WELCOME]
    desk.engines.up = True
    desk.carry(opened.subject)
    desk.now += 60_000
    desk.crm.letter_desk.write_waiting()
    assert kinds(desk) == [LetterKind.WELCOME, LetterKind.TRADING_ACCOUNT_OPENED]


def test_a_letter_that_cannot_be_written_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.account()

    def fail(*_: object, **__: object) -> int:
        raise ZeroDivisionError

    desk.now += WELCOME_AFTER_MS
    monkeypatch.setattr(desk.control.outbox, "put", fail)
    desk.crm.letter_desk.write_waiting()
    assert listed(desk) == [], "nothing is left of what failed"
    monkeypatch.undo()
    desk.crm.letter_desk.write_waiting()
    assert listed(desk) == [], "not before its time"
    desk.now += 60_000
    desk.crm.letter_desk.write_waiting()
    assert kinds(desk) == [LetterKind.WELCOME]


# The inbox.


def test_a_message_is_in_the_inbox_until_it_is_read_and_a_letter_tells_of_it(desk: Desk) -> None:
    ann, bob = desk.account(), desk.account("bob@mail.test")
    inbox, organization = desk.crm.letter_desk.inbox, desk.organization.id
    sent = inbox.send(organization, [ann.uuid, bob.uuid, ann.uuid], "Easter", "The market is closed.", by="eve")
    assert [one.account_id for one in sent] == [ann.id, bob.id]
    inbox.send(organization, [ann.uuid], "Quiet", "No mail.", mail=False, by="eve")
    assert kinds(desk) == [LetterKind.INBOX_MESSAGE] * 2
    assert [one.title for one in inbox.of_account(ann.id)] == ["Quiet", "Easter"]
    assert (inbox.unread(ann.id), inbox.unread(bob.id)) == (2, 1)
    first = inbox.read(ann.id, sent[0].uuid)
    desk.now += 1_000
    assert inbox.read(ann.id, sent[0].uuid).read_at == first.read_at, "read again, nothing happens"
    assert [one.title for one in inbox.of_account(ann.id, unread=True)] == ["Quiet"]
    with pytest.raises(NotFound):
        inbox.read(ann.id, sent[1].uuid)
    inbox.read_all(ann.id)
    assert (inbox.unread(ann.id), inbox.unread(bob.id)) == (0, 1)


def test_a_message_to_somebody_who_is_not_there_is_sent_to_nobody(desk: Desk) -> None:
    ann = desk.account()
    inbox = desk.crm.letter_desk.inbox
    with pytest.raises(Declined) as declined:
        inbox.send(desk.organization.id, [ann.uuid, "00000000-0000-4000-8000-000000000000"], "T", "B", by="eve")
    assert declined.value.code == Refusal.UNKNOWN_REFERENCE
    with pytest.raises(Declined):
        inbox.send(desk.organization.id + 1, [ann.uuid], "T", "B", by="eve")
    for title, body in (("", "B"), ("T", ""), ("x" * 257, "B"), ("T", "x" * 10_001)):
        with pytest.raises(Declined):
            inbox.send(desk.organization.id, [ann.uuid], title, body, by="eve")
    assert inbox.of_account(ann.id) == []
