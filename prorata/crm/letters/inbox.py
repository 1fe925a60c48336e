"""Messages in the client's inbox, which he reads where he trades. A letter tells him that there is one."""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, func, insert, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.holding import hold_people
from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.letters import Letters
from prorata.crm.letters.tables import messages
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

RECIPIENTS_MAX = 1_000
"""of one message"""
BODY_LENGTH_MAX = 10_000
LISTED_MAX = 500


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`read_at` 0: not yet."""

    id: int
    uuid: str
    account_id: int
    title: str
    body: str
    created_by: str
    created_at: Moment
    read_at: Moment


class Inbox:
    """Blocks on the database."""

    def __init__(self, database: Database, letters: Letters) -> None:
        self._database = database
        self._letters = letters

    def send(
        self, organization_id: int, account_uuids: Sequence[str], title: str, body: str, *, mail: bool = True, by: str
    ) -> list[Message]:  # fmt: skip
        """Put a message into the inbox of each of some accounts, of all or none. `mail`: tell them by a letter.

        Raises:
            Declined: one of them is not there, or there are too many.
        """
        wanted = list(dict.fromkeys(account_uuids))
        if not 1 <= len(wanted) <= RECIPIENTS_MAX:
            raise Declined(Refusal.OUT_OF_RANGE, f"accounts: from 1 to {RECIPIENTS_MAX} at once")
        if not title.strip() or len(title) > TEXT_LENGTH_MAX or not body.strip() or len(body) > BODY_LENGTH_MAX:
            raise Declined(
                Refusal.MALFORMED, f"a title has from 1 to {TEXT_LENGTH_MAX} characters, a body up to {BODY_LENGTH_MAX}"
            )
        now = self._database.now()
        with self._database.writing() as connection:
            mine = (accounts.c.organization_id == organization_id) & (accounts.c.deleted_at == 0)
            query = select(accounts.c.uuid, accounts.c.id).where(mine, accounts.c.uuid.in_(wanted))
            known = dict(iter(connection.execute(query)))
            held = hold_people(connection, known.values())
            absent = next((one for one in wanted if known.get(one) not in held), None)
            if absent is not None:
                raise Declined(Refusal.UNKNOWN_REFERENCE, f"accounts: there is none of this uuid: {absent}"[:300])
            rows: list[dict[str, Any]] = [
                {
                    "uuid": str(uuid.uuid4()), "organization_id": organization_id, "account_id": known[one], "title": title,
                    "body": body, "created_by": by[:TEXT_LENGTH_MAX], "created_at": now, "read_at": 0,
                }
                for one in wanted
            ]  # fmt: skip
            connection.execute(insert(messages), rows)
            for row in rows if mail else ():
                kind = LetterKind.INBOX_MESSAGE
                self._letters.write(connection, row["account_id"], kind, row["uuid"], title=title, text=body)
            ours = messages.c.uuid.in_([row["uuid"] for row in rows])
            made = connection.execute(select(messages).where(ours).order_by(messages.c.id)).mappings().all()
        return [_from(row) for row in made]

    def of_account(self, account_id: int, *, unread: bool = False) -> list[Message]:
        """Return the newest messages of a person, newest first; the unread ones alone."""
        query = select(messages).where(messages.c.account_id == account_id)
        if unread:
            query = query.where(messages.c.read_at == 0)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(messages.c.id.desc()).limit(LISTED_MAX)).mappings().all()
        return [_from(row) for row in rows]

    def unread(self, account_id: int) -> int:
        """Return how many messages of a person he has not read."""
        mine = (messages.c.account_id == account_id) & (messages.c.read_at == 0)
        with self._database.reading() as connection:
            count: int = connection.execute(select(func.count()).select_from(messages).where(mine)).scalar_one()
        return count

    def read(self, account_id: int, message_uuid: str) -> Message:
        """Return a message of a person, which is read from now on. Raises `NotFound`: it is none of his."""
        mine = (messages.c.account_id == account_id) & (messages.c.uuid == message_uuid)
        with self._database.writing() as connection:
            self._mark(connection, mine)
            row = connection.execute(select(messages).where(mine)).mappings().first()
        if row is None:
            raise NotFound
        return _from(row)

    def read_all(self, account_id: int) -> None:
        with self._database.writing() as connection:
            self._mark(connection, messages.c.account_id == account_id)

    def _mark(self, connection: Any, mine: ColumnElement[bool]) -> None:
        unread = mine & (messages.c.read_at == 0)
        connection.execute(update(messages).where(unread).values(read_at=self._database.now()))


def _from(row: RowMapping) -> Message:
    return Message(**{name: row[name] for name in Message.__struct_fields__})
