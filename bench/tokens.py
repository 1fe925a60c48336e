"""What each request costs to know who calls and what he may do: access tokens checked from memory, beside decoding alone."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from joserfc import jwt

from prorata.access.permissions import EVERYTHING, Permission
from prorata.control.api_clients.store import NewApiClient
from prorata.control.oidc.keys import Algorithm
from prorata.control.oidc.scopes import TokenScope
from prorata.control.oidc.tokens import AccessGiven, access_token
from prorata.control.people.people import NewPerson
from prorata.control.store import Control
from prorata.control.vault import Vault

CLIENTS = 100
ROUNDS = 7
EACH = 300


class Tokens:
    """An installation with a hundred API clients, each with a token for the WebAPI."""

    def __init__(self, folder: Path) -> None:
        self.control = control = Control(f"sqlite:///{folder}/control.db", bytes(32), Vault(folder / "vault.keys"))
        person = control.people.add(NewPerson(email="boss@mail.test"))
        organization = control.organizations.add(person.id, "Desk")
        new = NewApiClient(name="robot", permissions=EVERYTHING, addresses=("10.0.0.0/8",))
        self.tokens = []
        for _ in range(CLIENTS):
            client, _ = control.api_clients.add(organization.id, new, by=person.id)
            given = AccessGiven(
                issuer="https://id.test", subject=client.client_id, client_id=client.client_id,
                scopes=frozenset({TokenScope.WEBAPI}), tenant=organization.uuid,
            )  # fmt: skip
            self.tokens.append(access_token(control.oidc.keys, given, control.database.now()).encode())
        self.platform = "7c1d0a3e-6f2b-4b1e-9d55-0a8f3f1f7c11"

    def checked_us(self) -> float:
        """Return the microseconds of checking a token, the caller's address and a permission on a platform."""
        check = self.control.oidc.tokens.check

        def check_all() -> None:
            for token in self.tokens:
                caller = check(token)
                assert caller is not None
                assert caller.allows("10.1.2.3")
                assert caller.grant.may(Permission.TRADES_READ, self.platform)

        return _each_us(check_all, EACH)

    def first_us(self) -> float:
        """Return the microseconds of checking a token that has not come before."""
        checker = self.control.oidc.tokens

        def check_all() -> None:
            checker.forget()
            for token in self.tokens:
                assert checker.check(token) is not None

        return _each_us(check_all, 2)

    def permitted_us(self) -> float:
        """Return the microseconds of a permission check on a platform."""
        caller = self.control.oidc.tokens.check(self.tokens[0])
        assert caller is not None
        may, platform = caller.grant.may, self.platform

        def ask() -> None:
            for _ in range(CLIENTS):
                may(Permission.TRADES_READ, platform)

        return _each_us(ask, EACH)

    def decoded_us(self) -> float:
        """Return the microseconds of joserfc decoding and verifying a token, and nothing else."""
        key = self.control.oidc.keys.signer(Algorithm.RS256).private

        def decode() -> None:
            for token in self.tokens:
                jwt.decode(token, key, algorithms=["RS256"])

        return _each_us(decode, 2)

    def close(self) -> None:
        self.control.close()


def _each_us(work: Callable[[], None], times: int) -> float:
    """Return the microseconds that one of the hundred takes: the median of several rounds."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(times):
            work()
        took.append((time.perf_counter() - began) / times / CLIENTS * 1e6)
    return median(took)


def measured() -> tuple[float, float, float, float]:
    """Return the microseconds of a check, of a first check, of a permission, and of decoding alone."""
    with TemporaryDirectory() as folder:
        tokens = Tokens(Path(folder))
        found = tokens.checked_us(), tokens.first_us(), tokens.permitted_us(), tokens.decoded_us()
        tokens.close()
    return found
