"""Who somebody is at another provider, and who that is here."""

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from prorata.control.columns import NAME_LENGTH_MAX
from prorata.control.database import Database
from prorata.control.oidc.providers import Identity
from prorata.control.oidc.tables import SUBJECT_LENGTH_MAX, external_identities
from prorata.control.people.addresses import BadAddress
from prorata.control.people.people import EmailTaken, NewPerson, People
from prorata.control.people.registration import Registration


class NotLinked(Exception):
    """The identity cannot be somebody here; the text, for the person, says why."""


class Identities:
    def __init__(self, database: Database, people: People, registration: Registration) -> None:
        self._database = database
        self._people = people
        self._registration = registration

    def person_of(self, identity: Identity) -> int:
        """Return the number of the person who signs in through another provider.

        The first time it is the one who has the same proved address, or a new one with an organization of his own.
        Afterwards he is known by the provider's word for him, whatever his address.

        Raises:
            NotLinked: see there.
        """
        known = self._find(identity)
        if known is not None:
            return known
        if len(identity.subject) > SUBJECT_LENGTH_MAX:
            raise NotLinked("The provider's name for you is too long.")
        person_id = self._by_address(identity)
        row = {
            "issuer": identity.issuer, "subject": identity.subject, "person_id": person_id,
            "created_at": self._database.now(),
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                connection.execute(insert(external_identities).values(row))
        except IntegrityError:
            # He came twice at the same moment.
            known = self._find(identity)
            assert known is not None
            return known
        return person_id

    def _find(self, identity: Identity) -> int | None:
        mine = (external_identities.c.issuer == identity.issuer) & (external_identities.c.subject == identity.subject)
        with self._database.reading() as connection:
            return connection.execute(select(external_identities.c.person_id).where(mine)).scalar()

    def _by_address(self, identity: Identity) -> int:
        if not identity.email:
            raise NotLinked("The provider does not say that your e-mail address is confirmed.")
        try:
            person = self._people.find(identity.email)
            if person is None:
                return self._registration.enrol(_new(identity), f"Organization of {identity.email}")[0].id
        except (BadAddress, EmailTaken):
            raise NotLinked("Nobody can be registered with the e-mail address that the provider gives.") from None
        if not person.verified_at:
            # Whoever registered the address here has not shown that it is his, and knows the password.
            raise NotLinked("Your e-mail address is registered here and not confirmed yet. Confirm it, or reset the password.")
        return person.id


def _new(identity: Identity) -> NewPerson:
    return NewPerson(
        email=identity.email,
        first_name=identity.first_name[:NAME_LENGTH_MAX],
        last_name=identity.last_name[:NAME_LENGTH_MAX],
    )
