"""Another password, another address: asked for by a link in a mail, or by the person who is signed in."""

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.mail.outbox import Outbox
from prorata.control.mail.texts import MailKind
from prorata.control.passwords import hashed
from prorata.control.people.addresses import email_key_of
from prorata.control.people.links import link_of
from prorata.control.people.password_rules import check_password
from prorata.control.people.people import Person, person_from
from prorata.control.people.sign_ins import SignIn, SignIns, end_sign_ins
from prorata.control.people.tables import people
from prorata.control.people.tickets import LIFE_MS, Purpose, Tickets, TicketSpent, issue_ticket, spend_ticket, void_tickets
from prorata.units.numbers import MINUTE_MS

_HOUR_MS = 60 * MINUTE_MS


class Renewal:
    def __init__(self, database: Database, outbox: Outbox, tickets: Tickets, sign_ins: SignIns) -> None:
        self._database = database
        self._outbox = outbox
        self._tickets = tickets
        self._sign_ins = sign_ins

    # The password.

    def ask_password(self, email: str, url: str) -> None:
        """Mail a link that sets a new password; whoever has none, or a disabled one, is told so. Raises `BadAddress`."""
        key = email_key_of(email)
        with self._database.writing() as connection:
            row = connection.execute(select(people).where(people.c.email_key == key)).mappings().first()
            person = None if row is None else person_from(row)
            if person is None:
                self._outbox.post(connection, email, MailKind.NOBODY, url=url)
            elif person.disabled_at:
                self._outbox.post(connection, person.email, MailKind.DISABLED, person.language, url=url)
            else:
                link = self._reset_link(connection, person, url)
                hours = LIFE_MS[Purpose.RESET] // _HOUR_MS
                self._outbox.post(connection, person.email, MailKind.RESET, person.language, link=link, hours=hours)

    def password_link(self, person: Person, url: str) -> str:
        """Return a link that sets a new password; no mail is written."""
        with self._database.writing() as connection:
            return self._reset_link(connection, person, url)

    def reset_password(self, token: str, password: str, url: str) -> Person:
        """Set a new password by a link. All sign-ins end; the address is proved by it.

        Raises:
            TicketSpent: the link is no longer good, or its person is disabled.
            UnfitPassword: the link stays good.
        """
        person = self._person(self._tickets.look(Purpose.RESET, token).owner)
        check_password(password, person.email)
        kept = hashed(password)
        with self._database.writing() as connection:
            spend_ticket(connection, Purpose.RESET, token, self._database.now())
            unproved = (people.c.id == person.id) & (people.c.verified_at == 0)
            connection.execute(update(people).where(unproved).values(verified_at=self._database.now()))
            ended = self._renew(connection, person, kept, url, but=None)
        self._sign_ins.forget(ended)
        return person

    def set_password(self, person: Person, password: str, url: str, *, but: SignIn) -> None:
        """Set the password of a person who is signed in. All sign-ins end `but` his own. Raises `UnfitPassword`."""
        check_password(password, person.email)
        kept = hashed(password)
        with self._database.writing() as connection:
            ended = self._renew(connection, person, kept, url, but=but)
        self._sign_ins.forget(ended)

    def _renew(self, connection: Connection, person: Person, kept: str, url: str, *, but: SignIn | None) -> list[bytes]:
        connection.execute(update(people).where(people.c.id == person.id).values(password=kept))
        void_tickets(connection, person.id, Purpose.RESET, Purpose.SECOND_STEP)
        ended = end_sign_ins(connection, person.id, self._database.now(), but=but)
        self._database.note_change(connection)
        self._outbox.post(connection, person.email, MailKind.PASSWORD_CHANGED, person.language, url=url)
        return ended

    def _reset_link(self, connection: Connection, person: Person, url: str) -> str:
        """A new link makes older ones bad: one that lies in somebody's mailbox is good for nothing."""
        void_tickets(connection, person.id, Purpose.RESET)
        return link_of(url, Purpose.RESET, issue_ticket(connection, Purpose.RESET, self._database.now(), person.id))

    # The address.

    def ask_email(self, person: Person, email: str, url: str) -> None:
        """Mail a link to a new address that makes it the person's. Nobody learns whether it is somebody's.

        Raises:
            BadAddress: it is none.
        """
        key = email_key_of(email)
        with self._database.writing() as connection:
            void_tickets(connection, person.id, Purpose.EMAIL)
            if connection.execute(select(people.c.id).where(people.c.email_key == key)).first() is not None:
                self._outbox.post(connection, email, MailKind.EMAIL_IN_USE, person.language, url=url)
                return
            token = issue_ticket(connection, Purpose.EMAIL, self._database.now(), person.id, email.strip())
            self._outbox.post(
                connection, email, MailKind.NEW_EMAIL, person.language, email=email.strip(),
                link=link_of(url, Purpose.EMAIL, token), hours=LIFE_MS[Purpose.EMAIL] // _HOUR_MS,
            )  # fmt: skip

    def change_email(self, token: str, url: str) -> tuple[Person, str]:
        """Take the new address over by its link; return the person as he was and the address. The old one is told.

        Raises:
            TicketSpent: the link is no longer good, the person is disabled, or the address is somebody's by now.
        """
        now = self._database.now()
        try:
            with self._database.writing() as connection:
                ticket = spend_ticket(connection, Purpose.EMAIL, token, now)
                person = self._read(connection, ticket.owner)
                email = ticket.content
                values = {"email": email, "email_key": email_key_of(email), "verified_at": now}
                connection.execute(update(people).where(people.c.id == person.id).values(values))
                # Links in the old mailbox are no longer the person's.
                void_tickets(connection, person.id, Purpose.RESET, Purpose.VERIFY)
                self._database.note_change(connection)
                self._outbox.post(connection, person.email, MailKind.EMAIL_CHANGED, person.language, email=email, url=url)
        except IntegrityError:
            raise TicketSpent from None
        return person, email

    def _person(self, person_id: int) -> Person:
        with self._database.reading() as connection:
            return self._read(connection, person_id)

    def _read(self, connection: Connection, person_id: int) -> Person:
        mine = (people.c.id == person_id) & (people.c.disabled_at == 0)
        row = connection.execute(select(people).where(mine)).mappings().first()
        if row is None:
            raise TicketSpent
        return person_from(row)
