"""Forgetting a person: what names him is removed or blanked, documents are shredded, what the law keeps stays without a name.

What stays: payments, trading accounts and their ledger, consents, the audit with its chain, and until the organization's date
the decisions on who he was. Whoever has money, positions, investments, or an account or payment under way is not forgotten: he
is paid first. Nothing begins for him meanwhile (decision 0042). Doing it again is safe, and does what was left undone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import msgspec
import structlog
from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from prorata.access.callers import NotFound
from prorata.control.account_cards.cards import put_fields
from prorata.control.audit import Action
from prorata.control.organizations.declined import Declined
from prorata.control.sessions import Kind
from prorata.control.store import Control
from prorata.control.tables import clients, companies, one_time
from prorata.crm.accounts import Accounts
from prorata.crm.chargebacks import ChargebackStatus as C
from prorata.crm.chargebacks import chargebacks
from prorata.crm.crossing import subject_of
from prorata.crm.direct import TABLE as BOOKINGS
from prorata.crm.direct_tables import direct_bookings
from prorata.crm.documents.documents import Documents
from prorata.crm.documents.objects import StoreAway
from prorata.crm.kyc.tables import agreements, checks
from prorata.crm.letters.tables import letters
from prorata.crm.partners.tables import accruals
from prorata.crm.payment_tables import payments
from prorata.crm.payments import ENDED
from prorata.crm.payments import TABLE as PAYMENTS
from prorata.crm.personal import Fate, all_personal
from prorata.crm.privacy.tables import terms
from prorata.crm.problems import problems
from prorata.crm.prop.tables import prop_accounts
from prorata.crm.tables import PROFILE, accounts, crossings, offers, trading_accounts
from prorata.crm.transfer_tables import transfers
from prorata.crm.transfers import TABLE as TRANSFERS
from prorata.messages.commands import Command
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS, Login, Moment

DECISIONS_DAYS = 5 * 366
DAYS_MAX = 100 * 366
SWEEP_SECONDS = 3_600.0
_CARD = (
    "name", "first_name", "last_name", "middle_name", "company", "country", "city", "state", "zip_code", "address", "phone",
    "email", "comment",
)  # fmt: skip

_CHARGED_BACK = select(chargebacks.c.payment_id).where(
    chargebacks.c.status.in_([C.AWAITING_CONFIRMATION.value, C.PROCESSING.value])
)
_UNDER_WAY = or_(
    payments.c.status.not_in([status.value for status in ENDED]),
    payments.c.id.in_(_CHARGED_BACK),
    payments.c.uuid.in_(select(problems.c.about).where(problems.c.ended_at == 0)),
)
"""of payments: what became of one that has ended may not be settled, such as money that came in too late"""

_command_decoder = msgspec.json.Decoder(Command)
_log = structlog.get_logger("privacy")


class Books(Protocol):
    """What trade platforms have of a person now."""

    def holds(self, platform_uuid: str, login: Login) -> bool | None:
        """Say whether an account has money, credit, positions or orders; None: the platform does not answer."""
        ...

    def copies(self, engine: str, client_id: int) -> bool | None:
        """Say whether a client has money in wallets, investments or strategies; None: the platform does not answer."""
        ...


class NoBooks:
    """Nothing can be seen of what people have."""

    def holds(self, platform_uuid: str, login: Login) -> bool | None:
        return None

    def copies(self, engine: str, client_id: int) -> bool | None:
        return None


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """`rows`: of the audit, that named him."""

    account_uuid: str
    rows: int
    decisions_until: Moment


class Eraser:
    """Blocks on the database."""

    def __init__(self, control: Control, accounts: Accounts, documents: Documents, books: Books) -> None:
        self._control = control
        self._database = control.database
        self._accounts = accounts
        self._documents = documents
        self._books = books

    # How long decisions are kept.

    def decisions_days(self, organization_id: int) -> int:
        with self._database.reading() as connection:
            return _days_of(connection, organization_id)

    def set_decisions_days(self, organization_id: int, days: int) -> None:
        """Keep decisions on people who were or will be forgotten for so many days. Raises `Declined`."""
        if not 0 <= days <= DAYS_MAX:
            raise Declined(Refusal.OUT_OF_RANGE, f"decisions_days: must be from 0 to {DAYS_MAX}")
        mine = terms.c.organization_id == organization_id
        with self._database.writing() as connection:
            if not connection.execute(update(terms).where(mine).values(decisions_days=days)).rowcount:
                connection.execute(insert(terms).values(organization_id=organization_id, decisions_days=days))

    # Forgetting.

    def erase(self, organization_id: int, account_uuid: str, *, by: str, address: str) -> Forgotten:
        """Forget a person. Raises `NotFound`; `Declined`: he has something here, or that cannot be seen now."""
        with self._database.writing() as connection:
            row = _held_row(connection, organization_id, account_uuid)
            self._check(connection, row)
            if not row["deleted_at"]:
                self._accounts.delete_within(connection, row["id"])
        self._control.sessions.end_all(Kind.CLIENT, row["id"])
        with self._database.writing() as connection:
            cards = self._forget(connection, row)
            until = self._database.now() + _days_of(connection, organization_id) * DAY_MS
        for engine, login in cards:
            self._control.account_cards.tell(engine, login)
        try:
            self._documents.sweep(row["id"])
        except StoreAway:
            _log.warning("shredded documents are still in their store", account=account_uuid)
        return Forgotten(account_uuid=account_uuid, rows=self._erase_audit(row, by, address), decisions_until=until)

    def _check(self, connection: Connection, row: RowMapping) -> None:
        under_way = connection.execute(select(payments.c.id).where(payments.c.account_id == row["id"], _UNDER_WAY)).first()
        joined = trading_accounts.join(offers, offers.c.id == trading_accounts.c.offer_id)
        real = select(trading_accounts.c.platform_uuid, trading_accounts.c.login).select_from(joined)
        # The money of prop accounts is the house's: the prop account itself says whether it has ended.
        stakes = select(prop_accounts.c.trading_account_id).where(prop_accounts.c.account_id == row["id"])
        his = (trading_accounts.c.account_id == row["id"]) & trading_accounts.c.id.not_in(
            stakes.where(prop_accounts.c.trading_account_id.is_not(None))
        )
        held = connection.execute(real.where(his, offers.c.demo.is_(False))).all()
        earned = select(accruals.c.currency).where(accruals.c.account_id == row["id"], accruals.c.payout_id.is_(None))
        due = connection.execute(earned.group_by(accruals.c.currency).having(func.sum(accruals.c.amount) > 0)).first()
        company = select(companies.c.platform).where(companies.c.id == row["organization_id"])
        engine = connection.execute(company).scalar()
        bound = [
            one.table.name.removeprefix("crm_").replace("_", " ")
            for one in all_personal()
            if one.bound is not None and connection.execute(select(1).where(one.of(row["id"]), one.bound)).first()
        ]
        if under_way is not None:
            raise Declined(Refusal.PERSON_BOUND, "a payment or chargeback is under way, or not settled")
        if due is not None:
            raise Declined(Refusal.PERSON_BOUND, "he has earned what is not paid out")
        if bound:
            raise Declined(Refusal.PERSON_BOUND, f"something is under way: {', '.join(bound)}")
        found = {f"account {login}": self._books.holds(platform_uuid, login) for platform_uuid, login in held}
        if engine:
            found["wallet"] = self._books.copies(engine, row["id"])
        for name, has in found.items():
            if has is None:
                raise Declined(Refusal.NOT_READY, f"{name}: the trade platform does not answer", retry_after=5)
            if has:
                raise Declined(Refusal.PERSON_BOUND, f"{name}: has money, positions, orders or investments")

    def _forget(self, connection: Connection, row: RowMapping) -> list[tuple[str, Login]]:
        """Blank and delete all that names him; return the account cards that were changed."""
        number, email, now = row["id"], row["email"], self._database.now()
        gone = f"erased {row['uuid']}"
        blank = dict.fromkeys(("first_name", "last_name", "mobile", "country", "comment", "partner_reference", "password"), "")
        values = {**blank, "login": gone, "login_key": gone, "email": "", "tag": 0, "enabled": False}
        connection.execute(update(clients).where(clients.c.id == number).values(values))
        connection.execute(delete(one_time).where(one_time.c.client_id == number))
        of_account: dict[str, Any] = {**dict.fromkeys(PROFILE, ""), "date_of_birth": "", "contact_at": 0}
        erased_at = row["erased_at"] or now
        connection.execute(update(accounts).where(accounts.c.id == number).values(**of_account, erased_at=erased_at))
        self._documents.shred(connection, number)
        written = select(letters.c.mail_id).where(letters.c.account_id == number, letters.c.mail_id.is_not(None))
        self._control.outbox.forget(connection, connection.execute(written).scalars().all())
        for one in all_personal():
            mine = one.of(number)
            if one.fate == Fate.DELETED:
                connection.execute(delete(one.table).where(mine))
                continue
            if one.blank:
                connection.execute(update(one.table).where(mine).values(dict(one.blank)))
            if "created_by" in one.table.c and email:
                his = mine & (one.table.c.created_by == email)
                connection.execute(update(one.table).where(his).values(created_by=""))
        _blank_commands(connection, number)
        cards = self._cards_of(connection, number)
        for engine, login in cards:
            put_fields(connection, engine, login, {**dict.fromkeys(_CARD, ""), "client_number": 0})
        self._database.note_change(connection)
        return cards

    def _cards_of(self, connection: Connection, account_id: int) -> list[tuple[str, Login]]:
        query = select(trading_accounts.c.platform_uuid, trading_accounts.c.login)
        rows = connection.execute(query.where(trading_accounts.c.account_id == account_id)).all()
        return [(self._control.platforms.by_uuid[platform_uuid].engine, login) for platform_uuid, login in rows]

    def _erase_audit(self, row: RowMapping, by: str, address: str) -> int:
        """Erase what the audit tells of him: rows with his account, his e-mail, or his number in the RAMM APIs."""
        self._control.refresh()
        names = {row["uuid"], row["email"], row["login"]} - {"", f"erased {row['uuid']}", f"deleted {row['uuid']}"}
        numbered = [f'"ClientID":{row["id"]}{end}' for end in (",", "}")]
        action = Action(
            at=self._database.now(), organization_id=row["organization_id"], actor=by, method="", address=address, request="",
            outcome="ok",
        )  # fmt: skip
        return self._control.audit.erase(action, f"account {row['uuid']}", [*sorted(names), *numbered])

    # Time.

    def sweep(self) -> int:
        """Delete decisions on forgotten people whose date is over; return on how many."""
        now, done = self._database.now(), 0
        with self._database.reading() as connection:
            decided = select(checks.c.account_id).distinct().scalar_subquery()
            query = select(accounts.c.id, accounts.c.organization_id, accounts.c.erased_at)
            forgotten = connection.execute(query.where(accounts.c.erased_at > 0, accounts.c.id.in_(decided))).all()
            days = {one: _days_of(connection, one) for one in {row.organization_id for row in forgotten}}
        for row in forgotten:
            if row.erased_at + days[row.organization_id] * DAY_MS <= now:
                with self._database.writing() as connection:
                    _forget_decisions(connection, row.id)
                done += 1
        return done

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(self._sweep_on())
        try:
            yield
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)

    async def _sweep_on(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.sweep)
            except SQLAlchemyError as problem:
                _log.warning("decisions cannot be swept", problem=type(problem).__name__)
            await asyncio.sleep(SWEEP_SECONDS)


def _held_row(connection: Connection, organization_id: int, account_uuid: str) -> RowMapping:
    """Hold a person's row, whether or not he is in the CRM still, and return it. Raises `NotFound`."""
    query = select(accounts, clients.c.email, clients.c.login).select_from(
        accounts.join(clients, clients.c.id == accounts.c.id)
    )
    mine = (accounts.c.organization_id == organization_id) & (accounts.c.uuid == account_uuid)
    row = connection.execute(query.where(mine).with_for_update(key_share=True, of=accounts)).mappings().first()
    if row is None:
        raise NotFound
    return row


def _blank_commands(connection: Connection, account_id: int) -> None:
    """Take comments out of what was sent to trade platforms about a person's money. All of it is answered by now."""
    opened = select(trading_accounts.c.id).where(trading_accounts.c.account_id == account_id)
    rows = {
        PAYMENTS: select(payments.c.id).where(payments.c.account_id == account_id),
        TRANSFERS: select(transfers.c.id).where(transfers.c.account_id == account_id),
        BOOKINGS: select(direct_bookings.c.id).where(direct_bookings.c.trading_account_id.in_(opened)),
    }
    for table, numbers in rows.items():
        for number in connection.execute(numbers).scalars().all():
            mine = crossings.c.subject == subject_of(table, number)
            for row in connection.execute(select(crossings.c.id, crossings.c.command).where(mine)).all():
                command = _command_decoder.decode(row.command)
                if getattr(command, "comment", ""):
                    blanked = msgspec.json.encode(msgspec.structs.replace(command, comment="")).decode()
                    connection.execute(update(crossings).where(crossings.c.id == row.id).values(command=blanked))


def _forget_decisions(connection: Connection, account_id: int) -> None:
    mine = select(checks.c.id).where(checks.c.account_id == account_id)
    connection.execute(delete(agreements).where(agreements.c.check_id.in_(mine)))
    for one in all_personal():
        if one.fate == Fate.DECIDED:
            connection.execute(delete(one.table).where(one.of(account_id)))


def _days_of(connection: Connection, organization_id: int) -> int:
    found = connection.execute(select(terms.c.decisions_days).where(terms.c.organization_id == organization_id)).scalar()
    return DECISIONS_DAYS if found is None else int(found)
