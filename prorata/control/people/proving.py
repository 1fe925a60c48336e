"""How people prove who they are, with back-off: the rules of signing in, for all pages and APIs that ask for it.

These block for as long as a password takes to check; they are called in threads of their own.
"""

import msgspec

from prorata.control.lockout import PERSON, PERSON_CODE, Attempts
from prorata.control.passwords import matches
from prorata.control.people.addresses import email_key_of
from prorata.control.people.people import Candidate, People, Person
from prorata.control.people.second_step import SecondStep
from prorata.control.people.tickets import Purpose, Tickets, TicketSpent


class CredentialsWrong(Exception):
    """Nobody has this address, or the password is another, or the person is disabled: on purpose the same."""


class Proved(msgspec.Struct, frozen=True):
    """`methods`: how, as RFC 8176 names it."""

    person: Person
    methods: tuple[str, ...]


class Proving:
    def __init__(self, attempts: Attempts, people: People, tickets: Tickets, second_step: SecondStep) -> None:
        self._attempts = attempts
        self._people = people
        self._tickets = tickets
        self._second_step = second_step

    def password(self, email: str, password: str) -> Candidate:
        """Return whose address and password it is; if he `has_second_step`, that is not enough yet (`ask_code`).

        It takes as long for an address that nobody has.

        Raises:
            BadAddress: it is none.
            Blocked: too many were wrong.
            CredentialsWrong: see there.
        """
        email_key = email_key_of(email)
        self._attempts.begin(PERSON, email_key)
        candidate = self._people.candidate(email_key)
        # Somebody without a password is as nobody.
        kept = candidate.password or None if candidate is not None else None
        if not matches(kept, password) or candidate is None or candidate.person.disabled_at:
            raise CredentialsWrong
        self._attempts.succeeded(PERSON, email_key)
        return candidate

    def ask_code(self, person: Person, *methods: str) -> str:
        """Return the ticket of the second step. `methods`: how the person has proved who he is so far."""
        return self._tickets.issue(Purpose.SECOND_STEP, person.id, " ".join(methods))

    def asked(self, ticket: str) -> Person:
        """Return who is asked for a code. Raises `TicketSpent`: the ticket is no longer good, or its person is disabled."""
        return self._asked(ticket)[0]

    def code(self, ticket: str, code: str) -> Proved:
        """Take the code of the second step, of the authenticator or a recovery code. A wrong one leaves the ticket good.

        Raises:
            TicketSpent: as for `asked`.
            Blocked: too many were wrong.
            CodeWrong: see there.
        """
        person, methods = self._asked(ticket)
        self._attempts.begin(PERSON_CODE, person.uuid)
        self._second_step.check(person.id, code)
        self._tickets.spend(Purpose.SECOND_STEP, ticket)
        self._attempts.succeeded(PERSON_CODE, person.uuid)
        return Proved(person, (*methods, "otp", "mfa"))

    def _asked(self, ticket: str) -> tuple[Person, list[str]]:
        found = self._tickets.look(Purpose.SECOND_STEP, ticket)
        person = self._people.by_id(found.owner)
        if person is None or person.disabled_at:
            raise TicketSpent
        return person, found.content.split()
