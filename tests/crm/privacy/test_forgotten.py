"""Nothing is written of somebody who was forgotten, in whichever table: who writes is asked at once with who forgets.

A table of which something is to be gone needs a writer here: a test fails for one that has none.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from prorata.access.callers import NotFound, Scope
from prorata.access.keys import KeyStore
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish
from prorata.crm.activity import WELCOME_AFTER_MS, NoteType, TaskStatus, TaskType
from prorata.crm.direct import DirectChange, NewBooking, Said
from prorata.crm.direct_tables import direct_accounts, direct_bookings
from prorata.crm.documents.documents import Document
from prorata.crm.documents.kinds import DocumentKind
from prorata.crm.documents.objects import open_objects
from prorata.crm.documents.tables import documents
from prorata.crm.documents.terms import DocumentTerms
from prorata.crm.duplicates.tables import keys, pairs
from prorata.crm.kyc.checks import Check
from prorata.crm.kyc.levels import LevelTerms
from prorata.crm.kyc.questionnaires import Choice, Question
from prorata.crm.kyc.tables import answers, checks, history
from prorata.crm.labels.bulk import Sorting
from prorata.crm.labels.fields import FieldKind
from prorata.crm.labels.tables import account_tags, field_values
from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.mailing import LetterSettings
from prorata.crm.letters.statements.figures import Period
from prorata.crm.letters.tables import confirmations, letter_refusals, letters, messages, statements
from prorata.crm.partners.tables import codes, payouts
from prorata.crm.payment_tables import payments
from prorata.crm.personal import Fate, all_personal
from prorata.crm.platform_logs import Client, LogEntry, LogEvent, logs
from prorata.crm.privacy.tables import consents
from prorata.crm.prop.tables import prop_accounts
from prorata.crm.tables import notes, tasks, timeline, trading_accounts
from prorata.crm.trader_keys import TraderKeys, trader_keys
from prorata.crm.transfer_tables import transfers
from prorata.crm.transfers import Place
from prorata.messages.commands import BalanceKind, Side
from tests.crm.desk import Desk
from tests.crm.letters.market import LOT, MONDAY, Market
from tests.crm.privacy.test_privacy import JPEG, everything
from tests.crm.privacy.test_under_way import BOUND, FORGOTTEN, GONE, Meeting, Person
from tests.crm.prop.firm import Firm as PropFirm
from tests.crm.test_partner_payouts import Earned

STREET, PHONE = "Harbour Street", "+357 99 123456"
NAMES = (STREET, "Ann Lee", "ann@mail.test")

Write = Callable[[], object]
WRITERS: dict[str, tuple[str, Callable[["Somebody"], Write]]] = {}
"""By their names: the table that each writes into, and what makes one ready for somebody"""


class Somebody(Person):
    """`folder`: for what is kept beside the database."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        desk.start(objects=open_objects(DocumentTerms(), folder / "documents"))
        super().__init__(desk)
        self.house, self.folder = desk.organization.id, folder

    def check(self) -> Check:
        level = self.crm.levels.add(self.house, LevelTerms(rank=1, name="Known", rights=frozenset()))
        return self.crm.checks.start(self.account, level, by="x")

    def document(self) -> Document:
        return self.crm.documents.add(self.account, DocumentKind.PASSPORT, f"{STREET}.jpg", "image/jpeg", JPEG, by="x")

    def trades(self) -> None:
        """Deal on the platform, of which the CRM has not heard; the money is gone again."""
        market = Market(self.desk, self.folder)
        market.quote("EURUSD", 110_000, 110_010)
        market.book_money(self.first, BalanceKind.DEPOSIT, 1_000_000)
        market.close(self.first, market.order(self.first, Side.BUY, LOT))
        market.book_money(self.first, BalanceKind.WITHDRAWAL, self.desk.balance(self.first))

    def left(self) -> list[str]:
        """Return where something is of him that should be gone."""
        found = []
        with self.desk.control.database.reading() as connection:
            for one in all_personal():
                rows = connection.execute(select(one.table).where(one.of(self.account.id))).mappings().all()
                if any(one.fate == Fate.DELETED or any(row[name] != to for name, to in one.blank.items()) for row in rows):
                    found.append(one.table.name)
        files = [file.name for file in (self.folder / "documents").iterdir()]
        whole = everything(self.desk)
        return found + files + [name for name in NAMES if name in whole]

    def rows(self, table: str) -> int:
        """Return how many rows of his a table has."""
        (one,) = [one for one in all_personal() if one.table.name == table]
        with self.desk.control.database.reading() as connection:
            return len(connection.execute(select(one.table).where(one.of(self.account.id))).all())


def writes(table: Table) -> Callable[[Callable[[Somebody], Write]], Callable[[Somebody], Write]]:
    def noted(ready: Callable[[Somebody], Write]) -> Callable[[Somebody], Write]:
        WRITERS[ready.__name__] = (table.name, ready)
        return ready

    return noted


# What people and programs write.


@writes(notes)
def a_note(one: Somebody) -> Write:
    return lambda: one.crm.activity.add_note(one.account.id, NoteType.NOTE, STREET, by="x")


@writes(tasks)
def a_task(one: Somebody) -> Write:
    return lambda: one.crm.activity.add_task(
        one.account.id, TaskType.TASK, TaskStatus.TODO, by="x", manager_id=None, comment=STREET, starts_at=0
    )


@writes(timeline)
def a_login(one: Somebody) -> Write:
    return lambda: one.crm.activity.note_login(one.account.id, STREET, by=one.account.email)


@writes(timeline)
def another_offer(one: Somebody) -> Write:
    return lambda: one.crm.trading.move(one.first, one.desk.vip, 100, by=one.account.email)


@writes(checks)
def a_check(one: Somebody) -> Write:
    level = one.crm.levels.add(one.house, LevelTerms(rank=1, name="Known", rights=frozenset()))
    return lambda: one.crm.checks.start(one.account, level, by="x")


@writes(history)
def a_check_that_is_handed_in(one: Somebody) -> Write:
    check = one.check()
    return lambda: one.crm.checks.submit(check, by="x")


@writes(history)
def a_check_that_is_rejected(one: Somebody) -> Write:
    check = one.crm.checks.take(one.crm.checks.submit(one.check(), by="x"), by="eve")
    return lambda: one.crm.checks.reject(check, "blurred", by="eve")


@writes(history)
def a_check_that_is_agreed_to(one: Somebody) -> Write:
    check = one.crm.checks.take(one.crm.checks.submit(one.check(), by="x"), by="eve")
    return lambda: one.crm.checks.agree(check, "seen", by="eve")


@writes(history)
def an_override_that_ends(one: Somebody) -> Write:
    one.crm.accounts.change(one.account, AccountWish(verification=one.account.verification), by="eve")
    return lambda: one.crm.gate.resume(one.account, reason="seen", by="eve")


@writes(answers)
def an_answer(one: Somebody) -> Write:
    question = Question(id="q", text="Why?", choices=(Choice(id="a", text="So", weight=1), Choice(id="b", text="No", weight=0)))
    asked = one.crm.questionnaires.add(one.house, [question], suitable_from=1, warn_from=1, by="x")
    return lambda: one.crm.questionnaires.answer(one.house, one.account.id, asked.version, {"q": "a"}, by="x")


@writes(documents)
def a_document(one: Somebody) -> Write:
    return one.document


@writes(documents)
def a_document_that_is_rejected(one: Somebody) -> Write:
    document = one.document()
    return lambda: one.crm.documents.review(document, accepted=False, reason=STREET, by="eve")


@writes(consents)
def a_consent(one: Somebody) -> Write:
    return lambda: one.crm.consents.put(one.account, "TERMS", "1", given=True, address=STREET, by="x")


@writes(account_tags)
def a_tag(one: Somebody) -> Write:
    tag = one.crm.tags.add(one.house, "VIP", "")
    return lambda: one.crm.sorter.sort(one.house, [one.account.uuid], Sorting(more_tags=frozenset({tag.uuid})), by="x")


@writes(field_values)
def a_field(one: Somebody) -> Write:
    field = one.crm.fields.add(one.house, "Home", FieldKind.TEXT)
    return lambda: one.crm.fields.put(one.account, {field.uuid: STREET}, by="x")


@writes(codes)
def a_referral_code(one: Somebody) -> Write:
    roles = {role.name: role.uuid for role in one.crm.settings.roles(one.house)}
    one.crm.accounts.change(one.account, AccountWish(role_uuid=roles["IB"]), by="x")
    return lambda: one.crm.partners.new_code(one.house, one.first.uuid, "ANNLEE")


@writes(payouts)
def a_payout_that_is_rejected(one: Somebody) -> Write:
    earned = Earned(one.desk)
    earned.sets(approvals=1)
    one.account = one.crm.accounts.find(one.house, earned.partner.account_uuid)
    payout = earned.gather()
    return lambda: one.crm.partners.payouts.decide(payout, agree=False, reason=STREET, decided_by="ann")


@writes(keys)
def a_phone_number(one: Somebody) -> Write:
    return lambda: one.crm.accounts.change(one.account, AccountWish(phone=PHONE), by="x")


@writes(pairs)
def somebody_who_may_be_the_same(one: Somebody) -> Write:
    one.crm.accounts.change(one.account, AccountWish(phone=PHONE), by="x")
    other = one.crm.accounts.add(one.house, AccountWish(email="bob@mail.test"), "correct horse battery", by="x")
    return lambda: one.crm.accounts.change(other, AccountWish(phone=PHONE), by="x")


@writes(letter_refusals)
def letters_that_he_does_without(one: Somebody) -> Write:
    return lambda: one.crm.letters.refuse(one.account.id, [LetterKind.DAILY_STATEMENT])


@writes(messages)
def a_message(one: Somebody) -> Write:
    return lambda: one.crm.letter_desk.inbox.send(one.house, [one.account.uuid], "Hello", STREET, mail=False, by="x")


@writes(trader_keys)
def a_key(one: Somebody) -> Write:
    store = KeyStore(f"sqlite:///{one.folder}/keys.db")
    trader = TraderKeys(one.desk.control.database, store, one.crm.engine_of)

    def write() -> None:
        try:
            trader.add(one.first, STREET, {Scope.READ}, 0)
        finally:
            assert len(store.list()) == one.rows("crm_trader_keys")

    return write


@writes(payments)
def a_payment(one: Somebody) -> Write:
    return lambda: one.crm.payments.deposit(one.account, one.first, one.bank, 5_000, comment=STREET, by="x")


@writes(trading_accounts)
def account_cards(one: Somebody) -> Write:
    return lambda: one.crm.trading.write_cards(one.account.id)


@writes(trading_accounts)
def a_name_by_the_manager_api(one: Somebody) -> Write:
    return lambda: one.desk.control.clients.set(one.account.id, first_name=STREET, email="ann@mail.test")


@writes(transfers)
def a_transfer(one: Somebody) -> Write:
    source, target = (Place.of(account, one.desk.standard) for account in (one.first, one.second))
    return lambda: one.crm.transfers.ask(one.account, source, target, 5_000, None, comment=STREET, by="x")


@writes(direct_accounts)
def remarks(one: Somebody) -> Write:
    return lambda: one.crm.direct.change(one.first, one.account, Said(), DirectChange(remarks=STREET), by="x")


@writes(direct_bookings)
def a_booking(one: Somebody) -> Write:
    new = NewBooking(kind=BalanceKind.DEPOSIT, amount=5_000, additional_type="BANK", comment=STREET)
    return lambda: one.crm.direct.book(one.first, new, by="x")


@writes(prop_accounts)
def a_challenge(one: Somebody) -> Write:
    challenge = PropFirm(one.desk).challenge()
    return lambda: one.crm.prop.accounts.take_up(one.account, challenge, name=STREET, paid=False, by="x")


@writes(prop_accounts)
def a_challenge_that_goes_on(one: Somebody) -> Write:
    firm = PropFirm(one.desk)
    account = firm.take_up(firm.challenge(), one.account)
    firm.prop.accounts.deactivate(account, by="eve")
    firm.settle()
    return lambda: firm.prop.accounts.activate(firm.again(account), by="eve")


# What follows by itself.


@writes(letters)
def a_letter(one: Somebody) -> Write:
    one.desk.now += WELCOME_AFTER_MS
    return one.crm.letter_desk.write_waiting


@writes(letters)
def a_message_with_a_letter(one: Somebody) -> Write:
    return lambda: one.crm.letter_desk.inbox.send(one.house, [one.account.uuid], "Hello", STREET, by="x")


@writes(confirmations)
def a_deal_to_be_confirmed(one: Somebody) -> Write:
    one.crm.letter_desk.mailings.set_settings(one.house, LetterSettings(confirmations=True))
    one.trades()
    return one.desk.follow


@writes(letters)
def a_confirmation(one: Somebody) -> Write:
    one.crm.letter_desk.write_waiting()
    a_deal_to_be_confirmed(one)()
    one.desk.now += 3_600_000
    return one.crm.letter_desk.confirmations.write_due


@writes(logs)
def an_event_of_the_platform(one: Somebody) -> Write:
    one.trades()
    return one.desk.follow


@writes(logs)
def what_he_does_on_his_terminal(one: Somebody) -> Write:
    entry = LogEntry(
        at=one.desk.now, organization_id=one.house, account_id=one.account.id, event=LogEvent.LOGIN,
        client=Client(client_ip=STREET),
    )  # fmt: skip

    def write() -> None:
        one.crm.platform_logs.note(entry)
        one.crm.platform_logs.write()

    return write


@writes(statements)
def a_statement(one: Somebody) -> Write:
    market = Market(one.desk, one.folder)
    market.quote("EURUSD", 110_000, 110_010)
    market.end_day()
    market.write()
    return lambda: one.crm.letter_desk.statements.make_now(one.house, one.first.id, Period.DAY, MONDAY)


def test_each_table_of_which_something_is_to_be_gone_has_a_writer() -> None:
    named = {one.table.name for one in all_personal() if one.fate != Fate.KEPT or one.blank}
    assert named - {table for table, _ in WRITERS.values()} == set(), "write it here, as @writes"


@pytest.mark.parametrize("writer", WRITERS)
def test_what_is_written_is_forgotten(desk: Desk, tmp_path: Path, writer: str) -> None:
    one, (table, ready) = Somebody(desk, tmp_path), WRITERS[writer]
    write = ready(one)
    write()
    assert one.rows(table) > 0
    assert one.is_forgotten() == BOUND or one.left() == []


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_is_written_of_who_was_forgotten(desk: Desk, tmp_path: Path, writer: str) -> None:
    one, (table, ready) = Somebody(desk, tmp_path), WRITERS[writer]
    write = ready(one)
    if one.is_forgotten() == FORGOTTEN:
        before = one.rows(table)
        with suppress(NotFound, Declined):
            write()
        assert (one.rows(table), one.left()) == (before, [])


@pytest.mark.parametrize("any_desk", ["postgresql"], indirect=True)  # SQLite has one writer
@pytest.mark.parametrize("writer", WRITERS)
def test_who_forgets_waits_for_what_is_being_written(
    any_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    one, (_, ready) = Somebody(any_desk, tmp_path), WRITERS[writer]
    write, meeting = ready(one), Meeting(any_desk, monkeypatch)
    _, forgotten = meeting.of(lambda: str(write()), one.is_forgotten)
    assert forgotten == BOUND or (meeting.waited, one.left()) == (True, [])


def test_no_challenge_goes_on_for_who_is_being_forgotten(
    any_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Somebody(any_desk, tmp_path)
    write = a_challenge_that_goes_on(one)
    forgotten, begun = Meeting(any_desk, monkeypatch).of(one.is_forgotten, lambda: str(write()))
    assert (forgotten, begun) == (FORGOTTEN, GONE)


def test_an_account_that_is_taken_back_waits_for_who_is_paired_with_it(
    any_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Somebody(any_desk, tmp_path)
    fresh = one.crm.accounts.add(one.house, AccountWish(email="bob@mail.test", phone=PHONE), "correct horse battery", by="x")
    pairs_him = a_phone_number(one)

    def takes_back() -> str:
        one.crm.accounts.withdraw(fresh)
        return "taken back"

    Meeting(any_desk, monkeypatch).of(lambda: str(pairs_him()), takes_back)
    assert one.crm.duplicates.of_account(one.account.id) == []


def test_what_a_mail_server_says_of_him_comes_too_late(desk: Desk, tmp_path: Path) -> None:
    one, outbox = Somebody(desk, tmp_path), desk.control.outbox
    a_letter(one)()
    first, second, *_ = outbox.claim()
    assert one.is_forgotten() == FORGOTTEN
    outbox.failed(first, "450 ann@mail.test is busy")
    outbox.refused(second, "550 ann@mail.test is unknown")
    assert one.left() == []
