"""Documents lie encrypted, each bound to its id, and count for a check while they are good."""

from pathlib import Path
from typing import Any, NoReturn

import httpx2
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import MemoryStore
from sqlalchemy import select

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.crm.documents.documents import Document, DocumentStatus
from prorata.crm.documents.kinds import SIZE_MAX, DocumentKind
from prorata.crm.documents.objects import BadStore, ObjectMissing, Objects, StoreAway, open_objects
from prorata.crm.documents.tables import documents
from prorata.crm.documents.terms import DocumentTerms
from prorata.crm.kyc.levels import Right
from prorata.crm.store import Crm
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS
from tests.crm.desk import Desk
from tests.crm.kyc.office import ANN, Office

JPEG = b"\xff\xd8\xff\xe0 a passport " + b"x" * 5_000
PDF = b"%PDF-1.7 a bill"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "documents"


@pytest.fixture
def office(desk: Desk, folder: Path) -> Office:
    desk.crm = Crm(desk.control, desk.engines, objects=open_objects(DocumentTerms(), folder))
    return Office(desk)


def add(
    office: Office, content: bytes = JPEG, kind: DocumentKind = DocumentKind.PASSPORT, media: str = "image/jpeg"
) -> Document:
    return office.crm.documents.add(office.person, kind, "pass.jpg", media, content, by="person")


def code_of(refused: pytest.ExceptionInfo[Declined]) -> Refusal:
    return refused.value.code


def test_what_is_handed_in_lies_encrypted_and_comes_back(office: Office, folder: Path) -> None:
    document = add(office)
    kept = (folder / document.uuid).read_bytes()
    assert b"passport" not in kept
    assert office.crm.documents.content(document) == JPEG
    assert (document.size, document.status) == (len(JPEG), DocumentStatus.UPLOADED)
    other = office.desk.control.organizations.add(office.desk.owner.id, "Second Broker")
    with pytest.raises(NotFound):
        office.crm.documents.find(other.id, document.uuid)
    with pytest.raises(NotFound):
        office.crm.documents.mine(office.desk.account("bob@mail.test"), document.uuid)


def test_a_document_that_was_swapped_or_damaged_is_not_shown(office: Office, folder: Path) -> None:
    first, second = add(office), add(office, JPEG + b"another")
    kept = (folder / first.uuid).read_bytes()
    for forged in ((folder / second.uuid).read_bytes(), kept[:-1], kept[:100] + b"\x00" + kept[101:], b""):
        (folder / first.uuid).write_bytes(forged)
        with pytest.raises(Declined) as refused:
            office.crm.documents.content(first)
        assert code_of(refused) == Refusal.DOCUMENT_DAMAGED
    (folder / first.uuid).unlink()
    with pytest.raises(Declined) as refused:
        office.crm.documents.content(first)
    assert code_of(refused) == Refusal.DOCUMENT_DAMAGED
    assert office.crm.documents.content(second) == JPEG + b"another"


def test_rotated_secrets_open_documents_as_before(office: Office) -> None:
    document = add(office)
    column = select(documents.c.data_key).where(documents.c.id == document.id)
    with office.desk.control.database.reading() as connection:
        before = connection.execute(column).scalar_one()
    office.desk.control.seals.rotate()
    with office.desk.control.database.reading() as connection:
        assert connection.execute(column).scalar_one() != before
    assert office.crm.documents.content(document) == JPEG


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (PDF, "image/jpeg"), (JPEG, "application/pdf"), (b"MZ a program", "image/png"), (b"<svg/>", "image/svg+xml"),
        (b"", "image/jpeg"), (JPEG + bytes(SIZE_MAX), "image/jpeg"),
    ],
    ids=["bill", "photo", "program", "drawing", "nothing", "large"],
)  # fmt: skip
def test_what_is_no_document_is_refused(office: Office, content: bytes, media: str) -> None:
    with pytest.raises(Declined) as refused:
        add(office, content, media=media)
    assert code_of(refused) == Refusal.DOCUMENT_UNFIT
    assert not office.crm.documents.of_account(office.person.id)


def test_a_name_is_a_name_and_no_path(office: Office) -> None:
    def named(name: str) -> str:
        made = office.crm.documents.add(office.person, DocumentKind.OTHER, name, "image/jpeg", JPEG, by="person")
        return made.name

    assert [named("../../etc/pass.jpg"), named("C:\\scans\\pass.jpg")] == ["pass.jpg", "pass.jpg"]
    with pytest.raises(Declined):
        named("pass\n.jpg")


def test_a_level_asks_for_documents_that_are_accepted_and_good(office: Office) -> None:
    level = office.level(1, [Right.TRADE], documents=frozenset({DocumentKind.PASSPORT}), valid_days=365)
    check, store = office.started(level), office.crm.documents
    with pytest.raises(Declined) as refused:
        office.crm.checks.submit(check, by="person")
    assert code_of(refused) == Refusal.CHECK_INCOMPLETE
    document = add(office)
    check = office.crm.checks.take(office.crm.checks.submit(check, by="person"), by=ANN)
    with pytest.raises(Declined) as refused:
        office.crm.checks.agree(check, by=ANN)
    assert (code_of(refused), office.again(check).agreed) == (Refusal.CHECK_INCOMPLETE, 0)
    # The desk's time is the 2nd of March 2026, noon.
    with pytest.raises(Declined):
        store.review(document, accepted=True, expires_on="2026-02-30", by=ANN)
    store.review(document, accepted=True, expires_on="2026-03-05", by=ANN)
    check = office.crm.checks.agree(check, by=ANN)
    end = check.valid_until
    assert 3 * DAY_MS < end - office.desk.now < 4 * DAY_MS, "an approval ends with the document that it rests on"
    office.desk.now = end - 1
    assert "TRADE" in office.may()
    assert store.find(office.desk.organization.id, document.uuid).status == DocumentStatus.ACCEPTED
    office.desk.now = end
    assert office.may() == set()
    assert store.find(office.desk.organization.id, document.uuid).status == DocumentStatus.EXPIRED


def test_a_document_is_looked_at_once_and_an_acceptance_taken_back(office: Office) -> None:
    document, store = add(office), office.crm.documents
    with pytest.raises(Declined):
        store.review(document, accepted=False, by=ANN)
    accepted = store.review(document, accepted=True, by=ANN)
    with pytest.raises(Declined) as refused:
        store.review(accepted, accepted=True, by=ANN)
    assert code_of(refused) == Refusal.CHECK_STATE
    rejected = store.review(accepted, accepted=False, reason="forged", by=ANN)
    assert (rejected.status, rejected.reason) == (DocumentStatus.REJECTED, "forged")
    assert [one.uuid for one in store.all(office.desk.organization.id, DocumentStatus.REJECTED)] == [document.uuid]


def test_a_shredded_document_cannot_be_read_even_from_a_copy(office: Office, folder: Path) -> None:
    document, store = add(office), office.crm.documents
    copy = (folder / document.uuid).read_bytes()
    with office.desk.control.database.writing() as connection:
        store.shred(connection, office.person.id)
    store.sweep(office.person.id)
    store.sweep(office.person.id)
    assert not list(folder.iterdir())
    (folder / document.uuid).write_bytes(copy)
    with pytest.raises(Declined):
        store.content(document)
    with pytest.raises(NotFound):
        store.find(office.desk.organization.id, document.uuid)


class Away(MemoryStore):
    """A store that does not answer."""

    def put(self, *_: Any, **__: Any) -> NoReturn:
        raise OSError("connection refused")


def test_a_store_that_is_away_keeps_nothing(desk: Desk) -> None:
    desk.crm = Crm(desk.control, desk.engines, objects=Objects(Away()))
    office = Office(desk)
    with pytest.raises(Declined) as refused:
        add(office)
    assert code_of(refused) == Refusal.NOT_READY
    assert not office.crm.documents.of_account(office.person.id)


def test_of_what_is_not_taken_no_file_is_left(office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prorata.crm.documents.documents.PER_PERSON_MAX", 1)
    document = add(office)
    with pytest.raises(Declined) as refused:
        add(office)
    assert code_of(refused) == Refusal.DOCUMENT_UNFIT
    office.crm.accounts.delete(office.person)
    with pytest.raises(NotFound):
        add(office)
    assert [file.name for file in folder.iterdir()] == [document.uuid]


def test_who_is_refused_is_told_so_though_the_store_is_away_by_then(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_objects: Objects, _name: str) -> NoReturn:
        raise StoreAway

    monkeypatch.setattr(Objects, "delete", away)
    office.crm.accounts.delete(office.person)
    with pytest.raises(NotFound):
        add(office)


def test_a_store_that_speaks_s3_keeps_the_same(tmp_path: Path) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        secrets = tmp_path / "s3.toml"
        secrets.write_text('access_key_id = "me"\nsecret_access_key = "secret"\n')
        terms = DocumentTerms(url="s3://papers/first", endpoint=f"http://{host}:{port}", credentials=secrets)
        objects = open_objects(terms, tmp_path)
        with pytest.raises(StoreAway):
            objects.put("one", b"there is no such bucket yet")
        assert httpx2.put(f"http://{host}:{port}/papers").status_code == 200
        objects.put("one", b"content")
        assert objects.get("one") == b"content"
        objects.delete("one")
        objects.delete("one")
        with pytest.raises(ObjectMissing):
            objects.get("one")
    finally:
        server.stop()


@pytest.mark.parametrize("url", ["ftp://papers", "s3://", "papers"])
def test_a_store_is_refused_that_is_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadStore):
        open_objects(DocumentTerms(url=url), tmp_path)
    with pytest.raises(BadStore):
        open_objects(DocumentTerms(url="s3://papers", credentials=tmp_path / "none.toml"), tmp_path)
