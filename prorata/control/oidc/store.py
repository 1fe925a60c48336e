"""The OpenID Connect provider's stores, wired together."""

from prorata.control.api_clients.store import ApiClients
from prorata.control.database import Database
from prorata.control.oidc.applications import Applications
from prorata.control.oidc.authorizations import Authorizations
from prorata.control.oidc.checking import GrantOf, TokenChecker
from prorata.control.oidc.identities import Identities
from prorata.control.oidc.keys import SigningKeys
from prorata.control.oidc.revocations import Revocations
from prorata.control.people.people import People
from prorata.control.people.registration import Registration
from prorata.control.seals import Seals


class Oidc:
    def __init__(
        self,
        database: Database,
        seals: Seals,
        people: People,
        registration: Registration,
        clients: ApiClients,
        grant_of: GrantOf,
    ) -> None:
        self.keys = SigningKeys(database, seals)
        self.applications = Applications(database)
        self.revocations = Revocations(database)
        self.authorizations = Authorizations(database, self.revocations)
        self.identities = Identities(database, people, registration)
        self.tokens = TokenChecker(database, self.keys, clients, self.applications, self.revocations, grant_of)

    def load(self) -> None:
        """Take over what the database has."""
        for part in (self.keys, self.applications, self.revocations, self.tokens):
            part.load()

    def sweep(self) -> None:
        """Forget what has expired; rotate keys when it is time."""
        for part in (self.keys, self.applications, self.revocations, self.authorizations):
            part.sweep()
