"""Passkeys: a person signs in with a key that never leaves his device, unlocked by the device.

A passkey is two steps in one (something he has, unlocked by what he is or knows), so no code is asked for after it.
Each question is good for one answer. `url` is where the outside reaches us: keys are bound to it.
"""

import uuid
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.mail.outbox import Outbox
from prorata.control.mail.texts import MailKind
from prorata.control.people.people import Person
from prorata.control.people.tables import passkeys, people
from prorata.control.people.tickets import Purpose, Tickets
from prorata.units.numbers import Moment

if TYPE_CHECKING:
    from prorata.control.people.ceremonies import RelyingParty

PASSKEYS_MAX = 20

Credential = dict[str, Any]
"""what a browser's `PublicKeyCredential.toJSON()` gives"""


class PasskeyRefused(Exception):
    """What the authenticator answered does not fit the question, the site or the passkey."""


class TooManyPasskeys(Exception):
    """The person has as many as he may."""


class Key(msgspec.Struct, frozen=True):
    """`credential`: its id. `uses`: the authenticator's own counter."""

    credential: bytes
    public_key: bytes
    uses: int


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as its person sees it. `used_at` 0: never."""

    uuid: str
    name: str
    created_at: Moment
    used_at: Moment


class Question(msgspec.Struct, frozen=True):
    """What the browser is asked (`options`), and the ticket to answer with."""

    ticket: str
    options: dict[str, Any]


class Passkeys:
    def __init__(self, database: Database, tickets: Tickets, outbox: Outbox) -> None:
        self._database = database
        self._tickets = tickets
        self._outbox = outbox

    def of_person(self, person_id: int) -> list[Passkey]:
        """Return a person's passkeys, oldest first."""
        query = select(passkeys).where(passkeys.c.person_id == person_id).order_by(passkeys.c.id)
        with self._database.reading() as connection:
            return [_passkey_from(row) for row in connection.execute(query).mappings()]

    def begin(self, person: Person, url: str) -> Question:
        """Ask for a new passkey. Raises `TooManyPasskeys`."""
        with self._database.reading() as connection:
            mine = passkeys.c.person_id == person.id
            held = connection.execute(select(passkeys.c.credential).where(mine)).scalars().all()
        if len(held) >= PASSKEYS_MAX:
            raise TooManyPasskeys
        asked = _party(url).ask_new(person, held)
        return Question(self._tickets.issue(Purpose.NEW_PASSKEY, person.id, asked.challenge.hex()), asked.options)

    def add(self, person: Person, ticket: str, credential: Credential, name: str, url: str) -> Passkey:
        """Take a new passkey. Raises `TicketSpent`, `PasskeyRefused`."""
        asked = self._tickets.spend(Purpose.NEW_PASSKEY, ticket)
        if asked.owner != person.id:
            raise PasskeyRefused("asked of somebody else")
        key = _party(url).check_new(credential, bytes.fromhex(asked.content))
        row: dict[str, Any] = {
            **msgspec.structs.asdict(key), "uuid": str(uuid.uuid4()), "person_id": person.id, "name": name,
            "created_at": self._database.now(), "used_at": 0,
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                connection.execute(insert(passkeys).values(row))
                self._tell(connection, person, MailKind.PASSKEY_ADDED, name, url)
        except IntegrityError:
            raise PasskeyRefused("the passkey is known already") from None
        return Passkey(**{field: row[field] for field in Passkey.__struct_fields__})

    def remove(self, person: Person, passkey_uuid: str, url: str) -> Passkey | None:
        """Remove a passkey and return it; None if the person has none of this id."""
        mine = (passkeys.c.person_id == person.id) & (passkeys.c.uuid == passkey_uuid)
        with self._database.writing() as connection:
            row = connection.execute(select(passkeys).where(mine)).mappings().first()
            if row is None:
                return None
            connection.execute(delete(passkeys).where(mine))
            self._tell(connection, person, MailKind.PASSKEY_REMOVED, row["name"], url)
        return _passkey_from(row)

    def ask(self, url: str) -> Question:
        """Ask whoever is there to sign in with a passkey of his."""
        asked = _party(url).ask()
        return Question(self._tickets.issue(Purpose.PASSKEY, None, asked.challenge.hex()), asked.options)

    def prove(self, ticket: str, credential: Credential, url: str) -> int:
        """Return the id of the person whose passkey has answered. Raises `TicketSpent`, `PasskeyRefused`."""
        asked = self._tickets.spend(Purpose.PASSKEY, ticket)
        party = _party(url)
        credential_id, handle = party.answering(credential)
        row = self._find(credential_id)
        if handle is not None and handle != uuid.UUID(row["person_uuid"]).bytes:
            raise PasskeyRefused("the passkey is another person's")
        key = Key(row["credential"], row["public_key"], row["uses"])
        self._note_use(row["id"], key.uses, party.check(credential, bytes.fromhex(asked.content), key))
        return int(row["person_id"])

    def _tell(self, connection: Connection, person: Person, kind: MailKind, name: str, url: str) -> None:
        self._outbox.post(connection, person.email, kind, person.language, name=name, url=url)

    def _find(self, credential_id: bytes) -> RowMapping:
        query = select(passkeys, people.c.uuid.label("person_uuid")).join(people, people.c.id == passkeys.c.person_id)
        with self._database.reading() as connection:
            row = connection.execute(query.where(passkeys.c.credential == credential_id)).mappings().first()
        if row is None:
            raise PasskeyRefused("the passkey is unknown")
        return row

    def _note_use(self, passkey_id: int, before: int, uses: int) -> None:
        """Of two answers that count the same use only one passes here."""
        mine = (passkeys.c.id == passkey_id) & (passkeys.c.uses == before)
        with self._database.writing() as connection:
            values = {"uses": uses, "used_at": self._database.now()}
            if not connection.execute(update(passkeys).where(mine).values(values)).rowcount:
                raise PasskeyRefused("the use was counted before")


def _party(url: str) -> "RelyingParty":
    # Loaded when it is needed: the library takes as long to load as everything else here.
    from prorata.control.people.ceremonies import RelyingParty

    return RelyingParty(url)


def _passkey_from(row: RowMapping) -> Passkey:
    return Passkey(**{name: row[name] for name in Passkey.__struct_fields__})
