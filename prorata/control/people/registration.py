"""How people come: registered by themselves with nothing but an address, or made by whoever runs the installation."""

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.mail.outbox import Outbox
from prorata.control.mail.texts import MailKind
from prorata.control.organizations.founding import found
from prorata.control.organizations.grants import Grants
from prorata.control.organizations.organizations import Organizations
from prorata.control.passwords import hashed, invented
from prorata.control.people.addresses import email_key_of
from prorata.control.people.links import link_of
from prorata.control.people.people import EmailTaken, NewPerson, Person, insert_person, person_from
from prorata.control.people.tables import people
from prorata.control.people.tickets import LIFE_MS, Purpose, issue_ticket, spend_ticket, void_tickets
from prorata.units.numbers import DAY_MS, MINUTE_MS


class Registration:
    """Whose organization is founded works in it at once: what is in memory of organizations and grants is read anew."""

    def __init__(self, database: Database, outbox: Outbox, grants: Grants, organizations: Organizations) -> None:
        self._database = database
        self._outbox = outbox
        self._grants = grants
        self._organizations = organizations

    def register(self, new: NewPerson, organization: str, url: str) -> None:
        """Make a person with an invented password and an empty organization, and mail both him and the links.

        If the address is somebody's, nothing is made and he is told by mail: whoever asks cannot tell the difference,
        neither by the answer nor by its time. Raises `BadAddress`.
        """
        password = invented()
        kept = hashed(password)
        try:
            self._register(new, organization, url, password, kept)
        except IntegrityError:
            # Somebody was quicker with the same address.
            self._register(new, organization, url, password, kept)
        self._organizations.load()

    def enrol(self, new: NewPerson, organization: str) -> tuple[Person, str]:
        """Make a person whose address needs no proof, and return him and his password. No mail is written.

        `organization`: name of the one that is founded for him; "": none. Raises `BadAddress`, `EmailTaken`.
        """
        password = invented()
        kept = hashed(password)
        now = self._database.now()
        try:
            with self._grants.changing() as connection:
                person = insert_person(connection, new, kept, now)
                connection.execute(update(people).where(people.c.id == person.id).values(verified_at=now))
                if organization:
                    found(connection, organization, person.id, now)
        except IntegrityError:
            raise EmailTaken(new.email) from None
        self._organizations.load()
        return person, password

    def ask_verification(self, person: Person, url: str) -> None:
        """Mail a person a new link that confirms his address."""
        with self._database.writing() as connection:
            link = self._verification(connection, person, url)
            days = LIFE_MS[Purpose.VERIFY] // DAY_MS
            self._outbox.post(connection, person.email, MailKind.VERIFY, person.language, link=link, days=days)

    def verify(self, token: str) -> str:
        """Confirm an address by its link, and return the uuid of its person. Raises `TicketSpent`."""
        now = self._database.now()
        with self._database.writing() as connection:
            ticket = spend_ticket(connection, Purpose.VERIFY, token, now)
            mine = (people.c.id == ticket.owner) & (people.c.verified_at == 0)
            connection.execute(update(people).where(mine).values(verified_at=now))
            person_uuid: str = connection.execute(select(people.c.uuid).where(people.c.id == ticket.owner)).scalar_one()
        return person_uuid

    def _register(self, new: NewPerson, organization: str, url: str, password: str, kept: str) -> None:
        now = self._database.now()
        with self._grants.changing() as connection:
            row = connection.execute(select(people).where(people.c.email_key == email_key_of(new.email))).mappings().first()
            if row is not None:
                self._tell_owner(connection, person_from(row), url)
                return
            person = insert_person(connection, new, kept, now)
            found(connection, organization or f"Organization of {person.email}", person.id, now)
            self._outbox.post(
                connection, person.email, MailKind.WELCOME, person.language, url=url, email=person.email, password=password,
                link=self._verification(connection, person, url), days=LIFE_MS[Purpose.VERIFY] // DAY_MS,
            )  # fmt: skip

    def _tell_owner(self, connection: Connection, owner: Person, url: str) -> None:
        if owner.disabled_at:
            self._outbox.post(connection, owner.email, MailKind.DISABLED, owner.language, url=url)
            return
        token = issue_ticket(connection, Purpose.RESET, self._database.now(), owner.id)
        hours = LIFE_MS[Purpose.RESET] // (60 * MINUTE_MS)
        self._outbox.post(
            connection, owner.email, MailKind.ALREADY_REGISTERED, owner.language, url=url,
            link=link_of(url, Purpose.RESET, token), hours=hours,
        )  # fmt: skip

    def _verification(self, connection: Connection, person: Person, url: str) -> str:
        void_tickets(connection, person.id, Purpose.VERIFY)
        token = issue_ticket(connection, Purpose.VERIFY, self._database.now(), person.id, person.email)
        return link_of(url, Purpose.VERIFY, token)
