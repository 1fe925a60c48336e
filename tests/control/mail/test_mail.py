"""Mails are written with what they tell, kept sealed, and delivered by SMTP however often that fails first."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select

from prorata.control.mail.delivery import MailDelivery, delivering, message_of
from prorata.control.mail.outbox import CLAIM_MS, DELAY_MAX_MS, FIRST_DELAY_MS, GIVE_UP_MS, KEPT_MS, Mail
from prorata.control.mail.smtp import SmtpPost
from prorata.control.mail.tables import mails
from prorata.control.mail.terms import MailTerms
from prorata.control.mail.texts import ENGLISH, TEXTS, MailKind, Text, text_of
from prorata.control.store import Control
from tests.control.conftest import OpenControl
from tests.control.mail.smtp_sink import SmtpSink
from tests.rest.house import HandClock

SENDER = "Prorata <office@broker.test>"
LINK = "https://broker.test/link#secret-of-the-link"
VALUES: dict[str, Any] = {
    "url": "https://broker.test", "email": "ann@mail.test", "password": "invented", "link": LINK, "days": 7, "hours": 2,
    "change": "Something has changed.", "name": "Ann's phone", "inviter": "joe@mail.test",
    "organization": "First Broker",
}  # fmt: skip


def posted(control: Control, recipient: str = "ann@mail.test") -> None:
    with control.database.writing() as connection:
        control.outbox.post(connection, recipient, MailKind.RESET, **VALUES)


def delivered(control: Control, terms: Callable[[int], MailTerms], sink: SmtpSink, times: int = 1) -> SmtpSink:
    """Deliver what is due so many times, and return the mail server."""

    async def work() -> None:
        async with sink:
            for _ in range(times):
                await MailDelivery(control.outbox, SmtpPost(terms(sink.port)), sender=SENDER).deliver()

    asyncio.run(work())
    return sink


def plain(port: int) -> MailTerms:
    return MailTerms(host="127.0.0.1", port=port, security="none", sender=SENDER)


def test_a_mail_is_delivered_once_and_its_body_forgotten(open_control: OpenControl) -> None:
    control = open_control()
    posted(control)
    sink = delivered(control, plain, SmtpSink(), times=2)
    (mail,) = sink.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == ("ann@mail.test", SENDER, ENGLISH[MailKind.RESET].subject)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@broker.test>")
    assert LINK in mail.get_content()
    (kept,) = control.outbox.newest()
    assert (kept.sent_at, kept.body, kept.tries) == (control.database.now(), "", 1)
    assert control.outbox.newest(waiting=True) == []


def test_what_is_undone_is_not_mailed(open_control: OpenControl) -> None:
    control = open_control()

    def work() -> None:
        with control.database.writing() as connection:
            control.outbox.post(connection, "ann@mail.test", MailKind.RESET, **VALUES)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert control.outbox.newest() == []


def test_bodies_are_sealed_while_they_wait(open_control: OpenControl) -> None:
    control = open_control()
    posted(control)
    with control.database.reading() as connection:
        kept = connection.execute(select(mails.c.body)).scalar_one()
    assert b"secret" not in kept
    assert LINK in control.outbox.newest()[0].body


def test_a_mail_is_tried_again_after_longer_and_longer_waits(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    posted(control)
    sink = SmtpSink(busy=2)
    delivered(control, plain, sink, times=2)
    (mail,) = control.outbox.newest(waiting=True)
    assert mail.problem == "451 later"
    assert mail.tries == 1, "not before its time"
    clock.moment += FIRST_DELAY_MS
    delivered(control, plain, sink, times=2)
    clock.moment += FIRST_DELAY_MS
    delivered(control, plain, sink)
    assert (sink.mails, control.outbox.newest()[0].tries) == ([], 2)
    clock.moment += FIRST_DELAY_MS
    delivered(control, plain, sink)
    assert len(sink.mails) == 1


def test_a_server_that_is_away_is_tried_again(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    posted(control)
    post = SmtpPost(MailTerms(host="127.0.0.1", port=1, security="none"))
    for _ in range(20):
        assert asyncio.run(MailDelivery(control.outbox, post, sender=SENDER).deliver()) == 1
        clock.moment += DELAY_MAX_MS
    (mail,) = control.outbox.newest(waiting=True)
    assert "SMTPConnectError" in mail.problem
    clock.moment += GIVE_UP_MS
    assert len(delivered(control, plain, SmtpSink()).mails) == 0
    (mail,) = control.outbox.newest()
    assert (mail.given_up_at, mail.body) == (clock.moment, "")


def test_a_refused_recipient_is_given_up_and_keeps_nobody_else_waiting(open_control: OpenControl) -> None:
    control = open_control()
    posted(control, "gone@mail.test")
    posted(control)
    sink = SmtpSink()
    sink.refusals["gone@mail.test"] = "550 no such mailbox"
    delivered(control, plain, sink)
    assert [mail["To"] for mail in sink.mails] == ["ann@mail.test"]
    gone = control.outbox.newest()[1]
    assert (gone.given_up_at > 0, gone.body) == (True, "")
    assert "550" in gone.problem


def test_a_recipient_who_is_put_off_is_tried_again(open_control: OpenControl) -> None:
    control = open_control()
    posted(control)
    sink = SmtpSink()
    sink.refusals["ann@mail.test"] = "450 greylisted"
    delivered(control, plain, sink)
    assert "450" in control.outbox.newest(waiting=True)[0].problem


def test_two_processes_never_take_the_same_mail(open_control: OpenControl, clock: HandClock) -> None:
    here, elsewhere = open_control(), open_control()
    posted(here)
    assert len(here.outbox.claim()) == 1
    assert elsewhere.outbox.claim() == []
    clock.moment += CLAIM_MS
    assert len(elsewhere.outbox.claim()) == 1, "the one that had it may have died"


class SlowPost:
    """Hands over after a while. `most`: how many were under way at once; `wrong`: people whose mail is a fault of ours."""

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong
        self.began: list[str] = []
        self.ended: list[str] = []
        self.under_way: list[str] = []
        self.most = 0

    async def send(self, message: EmailMessage) -> None:
        name, person = message["Message-ID"], message["To"]
        assert person not in self.under_way, "a person's mails go one after another"
        self.under_way.append(person)
        self.began.append(name)
        self.most = max(self.most, len(self.under_way))
        await asyncio.sleep(0.03 if person.startswith("ann") else 0.01)
        self.under_way.remove(person)
        if person == self.wrong:
            raise ZeroDivisionError
        self.ended.append(name)


@pytest.mark.parametrize("at_once", [1, 3, 20])
def test_several_go_at_once_and_those_to_one_person_in_order(sqlite_control: Control, at_once: int) -> None:
    control, post = sqlite_control, SlowPost()
    for name in ["ann", "ann", "bob", "ann", "eve", "joe", "bob", "zoe"]:
        posted(control, f"{name}@mail.test")
    written = [message_of(mail, SENDER) for mail in reversed(control.outbox.newest())]
    assert asyncio.run(MailDelivery(control.outbox, post, sender=SENDER, at_once=at_once).deliver()) == 8
    assert post.most == min(at_once, 5)
    for person in ("ann@mail.test", "bob@mail.test"):
        mine = [one["Message-ID"] for one in written if one["To"] == person]
        assert [name for name in post.ended if name in mine] == mine
    assert sorted(post.began) == sorted(one["Message-ID"] for one in written), "each once"
    assert control.outbox.newest(waiting=True) == []


def test_a_fault_with_one_person_s_mail_keeps_nobody_else_waiting(sqlite_control: Control, clock: HandClock) -> None:
    control, post = sqlite_control, SlowPost(wrong="bob@mail.test")
    for name in ["bob", "ann", "bob", "eve"]:
        posted(control, f"{name}@mail.test")
    delivery = MailDelivery(control.outbox, post, sender=SENDER, at_once=2)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(delivery.deliver())
    assert (len(post.began), len(post.ended)) == (3, 2), "what comes after it to the same person waits, too"
    assert [mail.recipient for mail in control.outbox.newest(waiting=True)] == ["bob@mail.test"] * 2
    post.wrong = ""
    assert asyncio.run(MailDelivery(control.outbox, post, sender=SENDER).deliver()) == 0, "they are claimed still"


def test_old_mails_are_forgotten(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    posted(control)
    clock.moment += KEPT_MS
    control.outbox.sweep()
    assert control.outbox.newest() == []


# The mail server.


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody trusts yet, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


def secured(port: int) -> MailTerms:
    return MailTerms(host="localhost", port=port, login="office", password="opens it")  # noqa: S106


def sink_with(certificate: Path) -> SmtpSink:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return SmtpSink(tls=tls, login=("office", "opens it"))


def test_it_signs_in_over_tls(sqlite_control: Control, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    posted(sqlite_control)
    sink = delivered(sqlite_control, secured, sink_with(certificate))
    assert (len(sink.mails), sink.secured) == (1, 1)


def test_a_server_without_a_trusted_certificate_gets_neither_password_nor_mail(
    sqlite_control: Control, certificate: Path
) -> None:
    posted(sqlite_control)
    assert delivered(sqlite_control, secured, sink_with(certificate)).mails == []
    assert "ertificate" in sqlite_control.outbox.newest(waiting=True)[0].problem


def test_a_server_that_offers_no_tls_gets_nothing(sqlite_control: Control) -> None:
    posted(sqlite_control)
    assert delivered(sqlite_control, secured, SmtpSink(login=("office", "opens it"))).mails == []
    assert sqlite_control.outbox.newest(waiting=True)[0].problem


def test_a_wrong_password_of_ours_is_tried_again(sqlite_control: Control) -> None:
    posted(sqlite_control)

    def wrong(port: int) -> MailTerms:
        return MailTerms(host="127.0.0.1", port=port, security="none", login="office", password="wrong")  # noqa: S106

    assert delivered(sqlite_control, wrong, SmtpSink(login=("office", "opens it"))).mails == []
    assert "535" in sqlite_control.outbox.newest(waiting=True)[0].problem


def test_the_service_delivers_by_itself_and_stops(sqlite_control: Control) -> None:
    async def work() -> None:
        async with SmtpSink() as sink, delivering(sqlite_control.outbox, plain(sink.port)):
            await asyncio.to_thread(posted, sqlite_control)
            for _ in range(300):
                if sink.mails:
                    return
                await asyncio.sleep(0.02)
            raise AssertionError("it was not delivered")

    asyncio.run(work())


# Texts.


def test_an_international_address_goes_over_the_wire_as_dns_has_it() -> None:
    mail = Mail(
        id=1, recipient="ann@b\u00fccher.test", kind="reset", subject="S", body="B", html="", route="", attachment="",
        reply_to="", created_at=0, sent_at=0, given_up_at=0, tries=0, problem="",
    )  # fmt: skip
    assert message_of(mail, SENDER)["To"] == "ann@xn--bcher-kva.test"


@pytest.mark.parametrize("kind", MailKind)
def test_every_mail_has_an_english_text_that_can_be_filled_in(kind: MailKind) -> None:
    text = text_of(kind, "en", **VALUES)
    assert text.subject
    assert "{" not in text.subject + text.body
    assert "\n" not in text.subject


def test_a_language_has_its_own_texts_as_far_as_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TEXTS, "de", {MailKind.VERIFY: Text("Adresse best\u00e4tigen", "{link}")})
    assert text_of(MailKind.VERIFY, "de", **VALUES) == ("Adresse best\u00e4tigen", LINK)
    assert text_of(MailKind.RESET, "de", **VALUES) == text_of(MailKind.RESET, "en", **VALUES)
    assert text_of(MailKind.VERIFY, "xx", **VALUES) == text_of(MailKind.VERIFY, "en", **VALUES)
