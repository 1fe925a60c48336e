"""A person is told everything, and forgotten but for what the law keeps."""

import io
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from sqlalchemy import select

from prorata.access.callers import NotFound
from prorata.control.audit import Action
from prorata.control.columns import metadata
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.activity import WELCOME_AFTER_MS, NoteType
from prorata.crm.documents.kinds import DocumentKind
from prorata.crm.kyc.levels import LevelTerms, Right
from prorata.crm.kyc.tables import checks
from prorata.crm.payment_tables import payments
from prorata.crm.personal import all_personal
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS
from tests.crm.desk import Desk

JPEG = b"\xff\xd8\xff a photo of Ann"
NAMES = ("Ann Maria", "Leehouse", "ann@mail.test", "+357 99 123456", "Harbour Street 7", "K1234567")


def known(desk: Desk) -> CrmAccount:
    """Return somebody of whom there is something in every table."""
    wish = AccountWish(
        email="ann@mail.test", first_name="Ann Maria", last_name="Leehouse", phone="+357 99 123456", country="CY",
        date_of_birth="1990-12-31", profile={"address": "Harbour Street 7", "passport_number": "K1234567"},
    )  # fmt: skip
    account, crm = desk.crm.accounts.add(desk.organization.id, wish, "correct horse battery", by="website"), desk.crm
    crm.activity.add_note(account.id, NoteType.NOTE, "Ann Maria called from Harbour Street 7", by="support")
    crm.activity.note_login(account.id, "203.0.113.7", by=account.email)
    opened = desk.trading_account(account)
    paid = crm.payments.deposit(account, opened, desk.gateway(), 5_000, comment="from Ann Maria", by="test")
    desk.carry(paid.subject)
    terms = LevelTerms(rank=1, name="Known", rights=frozenset({Right.DEPOSIT, Right.WITHDRAW}))
    level = crm.levels.add(desk.organization.id, terms)
    check = crm.checks.take(crm.checks.submit(crm.checks.start(account, level, by="x"), by="x"), by="person bob")
    crm.checks.agree(check, by="person bob")
    crm.documents.add(account, DocumentKind.PASSPORT, "Leehouse.jpg", "image/jpeg", JPEG, by="x")
    crm.consents.put(account, "MARKETING", "2", given=True, address="203.0.113.7", by="x")
    crm.consents.put(account, "MARKETING", "2", given=False, address="203.0.113.8", by="x")
    told = (("email", account.email), ("firstname", "Ann Maria"), ("address", "Harbour Street 7"))
    for request in (
        told,
        (("accountUuid", account.uuid), ("comment", "Leehouse")),
        (("ClientID", account.id), ("x", "K1234567")),
    ):
        action = Action(
            at=desk.now, organization_id=desk.organization.id, actor="api client 7", method="broker POST /v1/accounts",
            address="", request=msgspec.json.encode(dict(request)).decode(), outcome="ok",
        )  # fmt: skip
        desk.control.audit.write([action])
    return account


def pays_out(desk: Desk, account: CrmAccount) -> None:
    (opened,) = desk.crm.trading.of_account(account.id)
    paid = desk.crm.payments.withdraw(account, opened, desk.gateway(), 5_000, comment="to Leehouse", by="test")
    desk.carry(paid.subject)


def erase(desk: Desk, account: CrmAccount) -> int:
    return desk.crm.eraser.erase(desk.organization.id, account.uuid, by="person bob", address="198.51.100.1").rows


def everything(desk: Desk) -> str:
    """Return all that the database has, as text; but for what is hashed or sealed."""
    with desk.control.database.reading() as connection:
        rows = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(map(repr, rows))


def test_every_table_that_names_a_person_says_what_becomes_of_it() -> None:
    named = {
        table.name for table in metadata.tables.values() for key in table.foreign_keys
        if key.column.table.name == "crm_accounts"
    }  # fmt: skip
    assert named - {one.table.name for one in all_personal()} == set(), "say it with crm.personal.personal()"


def test_the_export_has_everything(desk: Desk) -> None:
    account, file = known(desk), io.BytesIO()
    desk.crm.exporter.write(account, file)
    with ZipFile(file) as archive:
        told: dict[str, Any] = {
            name: msgspec.json.decode(archive.read(name)) for name in archive.namelist() if name.endswith(".json")
        }
        (document,) = [name for name in archive.namelist() if not name.endswith(".json")]
        assert archive.read(document) == JPEG
    whole = str(told)
    assert [name for name in NAMES if name not in whole] == []
    assert (told["person.json"]["email"], told["person.json"]["passport_number"]) == ("ann@mail.test", "K1234567")
    assert [one["given"] for one in told["consents.json"]] == [True, False]
    assert told["kyc_checks.json"][0]["state"] == "APPROVED"
    assert told["payments.json"][0]["amount"] == 5_000
    assert told["person.json"]["created_at"].startswith("2026-03-02T12:00")
    assert "argon2" not in whole


def test_who_has_money_is_not_forgotten(desk: Desk) -> None:
    account = known(desk)
    before = everything(desk)
    with pytest.raises(Declined) as refused:
        erase(desk, account)
    assert (refused.value.code, everything(desk) == before) == (Refusal.PERSON_BOUND, True)
    pays_out(desk, account)
    desk.engines.copiers = {account.id}
    with pytest.raises(Declined) as refused:
        erase(desk, account)
    assert refused.value.code == Refusal.PERSON_BOUND
    desk.engines.up = False
    with pytest.raises(Declined) as refused:
        erase(desk, account)
    assert refused.value.code == Refusal.NOT_READY


def test_a_payment_under_way_keeps_a_person(desk: Desk) -> None:
    account = known(desk)
    pays_out(desk, account)
    (opened,) = desk.crm.trading.of_account(account.id)
    desk.crm.payments.deposit(account, opened, desk.gateway(deposit_approvals=1), 5_000, by="test")
    with pytest.raises(Declined) as refused:
        erase(desk, account)
    assert refused.value.code == Refusal.PERSON_BOUND


def test_what_names_a_person_is_gone_and_what_the_law_keeps_stays(desk: Desk) -> None:
    account = known(desk)
    pays_out(desk, account)
    opened = desk.crm.trading.of_account(account.id)[0]
    desk.now += WELCOME_AFTER_MS
    desk.crm.letter_desk.write_waiting()
    assert len(desk.control.outbox.newest(waiting=True)) > 1
    desk.crm.letter_desk.inbox.send(desk.organization.id, [account.uuid], "Dear Leehouse", "ann@mail.test", by="test")
    assert erase(desk, account) == 3
    assert desk.control.outbox.newest(waiting=True) == []
    whole = everything(desk)
    assert [name for name in (*NAMES, "203.0.113.7", "Leehouse.jpg", "1990-12-31") if name in whole] == []
    assert desk.control.audit.first_bad() is None
    erasure = desk.control.audit.rows(desk.organization.id)[-1].action
    assert (erasure.method, erasure.actor, account.uuid in erasure.request) == ("erase person", "person bob", True)
    with pytest.raises(NotFound):
        desk.crm.accounts.find(desk.organization.id, account.uuid)
    assert desk.account("ann@mail.test").id != account.id, "the e-mail is free again"
    with desk.control.database.reading() as connection:
        kept = connection.execute(select(checks.c.state).where(checks.c.account_id == account.id)).scalars().all()
        paid = connection.execute(select(payments.c.amount).where(payments.c.account_id == account.id)).scalars().all()
    assert kept == ["APPROVED"]
    assert paid == [5_000, 5_000]
    assert desk.engines.state.accounts[opened.login].balance == 0
    card = desk.control.account_cards.get(desk.control.platforms.by_uuid[desk.platform].engine, opened.login).card
    assert (card.name, card.email, card.phone) == ("", "", "")


def test_doing_it_again_is_safe(desk: Desk) -> None:
    account = known(desk)
    pays_out(desk, account)
    assert [erase(desk, account), erase(desk, account)] == [3, 0]
    assert desk.control.audit.first_bad() is None
    other = desk.control.organizations.add(desk.owner.id, "Second Broker")
    with pytest.raises(NotFound):
        desk.crm.eraser.erase(other.id, account.uuid, by="x", address="")


def test_decisions_are_kept_until_the_organizations_date(desk: Desk) -> None:
    account, eraser = known(desk), desk.crm.eraser
    pays_out(desk, account)
    with pytest.raises(Declined):
        eraser.set_decisions_days(desk.organization.id, -1)
    for days in (10, 30):
        eraser.set_decisions_days(desk.organization.id, days)
    assert eraser.decisions_days(desk.organization.id) == 30
    erase(desk, account)
    desk.now += 30 * DAY_MS - 1
    assert eraser.sweep() == 0
    desk.now += 1
    assert [eraser.sweep(), eraser.sweep()] == [1, 0]
    with desk.control.database.reading() as connection:
        assert connection.execute(select(checks).where(checks.c.account_id == account.id)).first() is None


def test_the_last_consent_of_a_kind_holds(desk: Desk) -> None:
    account, consents = desk.account(), desk.crm.consents
    for kind, version, given in (
        ("TERMS", "1", True),
        ("MARKETING", "1", True),
        ("TERMS", "2", True),
        ("MARKETING", "1", False),
    ):
        consents.put(account, kind, version, given=given, address="203.0.113.7", by="person")
    assert [(one.kind, one.version, one.given) for one in consents.current(account.id)] == [
        ("MARKETING", "1", False), ("TERMS", "2", True),
    ]  # fmt: skip
    assert len(consents.history(account.id)) == 4
