"""Letters that follow from the timeline: whoever adds to it need not know of letters.

What is added and may be told of waits in a row that is written with it (`activity.tell`). Here it becomes a letter, and the row
goes, in one transaction. What cannot be written now is tried again, and given up after a while.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, RowMapping, delete, select, update

from prorata.control.database import Database
from prorata.control.tables import clients
from prorata.crm.activity import TimelineEvent
from prorata.crm.holding import hold_people
from prorata.crm.kyc.history import OVERRIDE
from prorata.crm.kyc.tables import history as kyc_history
from prorata.crm.letters.kinds import LetterKind, Money
from prorata.crm.letters.letters import Letters
from prorata.crm.letters.tables import timeline_letters
from prorata.crm.payment_tables import payments
from prorata.crm.tables import accounts, offers, timeline, trading_accounts
from prorata.units.numbers import MINUTE_MS

AT_ONCE = 100
AGAIN_MS = MINUTE_MS // 4
TRIES_MAX = 20
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_log = structlog.get_logger("letters")


class NotYet(Exception):
    """What the letter would tell has not come about yet."""


class Scribe:
    """Blocks on the database."""

    def __init__(self, database: Database, letters: Letters) -> None:
        self._database = database
        self._letters = letters
        of_payment = {
            TimelineEvent.SUCCESSFUL_DEPOSIT: LetterKind.DEPOSIT_BOOKED,
            TimelineEvent.FAILED_DEPOSIT: LetterKind.DEPOSIT_FAILED,
            TimelineEvent.WITHDRAWAL_TO_CONFIRM: LetterKind.WITHDRAWAL_REQUESTED,
            TimelineEvent.SUCCESSFUL_WITHDRAWAL: LetterKind.WITHDRAWAL_PAID,
            TimelineEvent.FAILED_WITHDRAWAL: LetterKind.WITHDRAWAL_REJECTED,
        }
        self._ways: dict[TimelineEvent, Callable[[Connection, RowMapping], None]] = {
            TimelineEvent.ACCOUNT_CREATED: self._welcome,
            TimelineEvent.ACCOUNT_CHANGED: self._verified,
            TimelineEvent.PASSWORD_CHANGED: self._password_changed,
            TimelineEvent.TRADING_ACCOUNT_OPENED: self._opened,
            **{event: partial(self._paid, kind) for event, kind in of_payment.items()},
        }

    def write_waiting(self) -> int:
        """Write the letters that are due; return how many rows were looked at."""
        now = self._database.now()
        query = select(timeline_letters.c.id).where(timeline_letters.c.next_at <= now).order_by(timeline_letters.c.id)
        with self._database.reading() as connection:
            due = connection.execute(query.limit(AT_ONCE)).scalars().all()
        for number in due:
            try:
                self._write(number)
            except NotYet:
                self._put_off(number)
            except Exception:
                _log.exception("a letter could not be written", row=number)
                self._put_off(number)
        return len(due)

    def _write(self, number: int) -> None:
        mine = timeline_letters.c.id == number
        joined = timeline_letters.join(timeline, timeline.c.id == timeline_letters.c.timeline_id)
        with self._database.writing() as connection:
            row = connection.execute(select(timeline).select_from(joined).where(mine)).mappings().first()
            # Of somebody who is gone nothing is told, and what his timeline says is blank.
            if row is not None and hold_people(connection, [row["account_id"]]):
                self._ways[TimelineEvent(row["event"])](connection, row)
            connection.execute(delete(timeline_letters).where(mine))

    def _put_off(self, number: int) -> None:
        mine = timeline_letters.c.id == number
        later = {"tries": timeline_letters.c.tries + 1, "next_at": self._database.now() + AGAIN_MS}
        with self._database.writing() as connection:
            connection.execute(update(timeline_letters).where(mine).values(later))
            connection.execute(delete(timeline_letters).where(mine, timeline_letters.c.tries >= TRIES_MAX))

    # By what has happened.

    def _welcome(self, connection: Connection, row: RowMapping) -> None:
        email = connection.execute(select(clients.c.email).where(clients.c.id == row["account_id"])).scalar_one()
        self._letters.write(connection, row["account_id"], LetterKind.WELCOME, "account", email=email)

    def _password_changed(self, connection: Connection, row: RowMapping) -> None:
        about = f"timeline {row['id']}"
        self._letters.write(connection, row["account_id"], LetterKind.PASSWORD_CHANGED, about, at=row["created_at"])

    def _verified(self, connection: Connection, row: RowMapping) -> None:
        """Tell how it was decided, if it was. What was set by hand to what it was is no change."""
        if "verification" not in row["details"].split(", "):
            return
        mine = kyc_history.c.account_id == row["account_id"]
        same = (kyc_history.c.created_at == row["created_at"]) & (kyc_history.c.before == kyc_history.c.after)
        if connection.execute(select(kyc_history.c.id).where(mine, same, kyc_history.c.step == OVERRIDE)).first() is not None:
            return
        query = select(accounts.c.verification).where(accounts.c.id == row["account_id"])
        standing, about = connection.execute(query).scalar_one(), f"timeline {row['id']}"
        if standing == "VERIFIED":
            self._letters.write(connection, row["account_id"], LetterKind.KYC_APPROVED, about)
        elif standing == "REJECTED":
            said = select(kyc_history.c.reason).where(mine, kyc_history.c.after == standing).order_by(kyc_history.c.id.desc())
            reason = connection.execute(said.limit(1)).scalar() or ""
            self._letters.write(connection, row["account_id"], LetterKind.KYC_REJECTED, about, reason=reason)

    def _opened(self, connection: Connection, row: RowMapping) -> None:
        login = row["details"].partition(" ")[0]
        joined = trading_accounts.join(offers, offers.c.id == trading_accounts.c.offer_id)
        mine = (trading_accounts.c.account_id == row["account_id"]) & (trading_accounts.c.login == int(login))
        query = select(trading_accounts, offers.c.name.label("offer")).select_from(joined).where(mine)
        found = connection.execute(query.order_by(trading_accounts.c.id.desc())).mappings().first()
        if found is None:  # It was never opened, or got another number: the platform has refused.
            return
        if found["status"] != "ACTIVE":
            raise NotYet
        self._letters.write(
            connection, row["account_id"], LetterKind.TRADING_ACCOUNT_OPENED, found["uuid"], login=login, offer=found["offer"]
        )

    def _paid(self, kind: LetterKind, connection: Connection, row: RowMapping) -> None:
        found = _payment_in(connection, row["details"])
        if found is None or found["status"] == "CANCELLED_BY_USER":
            return
        values: dict[str, Any] = {
            "login": str(found["login"]), "amount": Money(found["amount"], found["currency"]),
            "reference": found["reference"] or found["uuid"], "at": row["created_at"],
        }  # fmt: skip
        if kind in (LetterKind.DEPOSIT_BOOKED, LetterKind.WITHDRAWAL_PAID):
            values["net_amount"] = Money(found["net_amount"], found["currency"])
        elif kind in (LetterKind.DEPOSIT_FAILED, LetterKind.WITHDRAWAL_REJECTED):
            values["reason"] = found["remark"]
        self._letters.write(connection, row["account_id"], kind, found["uuid"], **values)


def _payment_in(connection: Connection, details: str) -> RowMapping | None:
    """Return the payment that a line of a timeline names."""
    named = _UUID.search(details)
    if named is None:
        return None
    joined = payments.join(trading_accounts, trading_accounts.c.id == payments.c.trading_account_id)
    query = select(payments, trading_accounts.c.login).select_from(joined).where(payments.c.uuid == named.group())
    return connection.execute(query).mappings().first()
