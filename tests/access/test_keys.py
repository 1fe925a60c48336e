"""Keys: made once, kept as a hash, verified in memory, ended at once."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prorata.access.callers import SCOPES, Caller, NotFound, Scope, SignInDisabled, account_for, scopes_with
from prorata.access.keys import KeyStore, UnknownKey
from prorata.access.permissions import Permission
from prorata.messages.commands import Access
from prorata.trading.state import Account, State
from tests.databases import postgresql_schema


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    yield from postgresql_schema()


@pytest.fixture(params=["sqlite", "postgresql"])
def open_keys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., KeyStore]]:
    """Return what opens the same keys again and again, as several processes do."""
    url = f"sqlite:///{tmp_path}/new/keys.db" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    opened: list[KeyStore] = []

    def opening(**options: Any) -> KeyStore:
        opened.append(KeyStore(url, **options))
        return opened[-1]

    yield opening
    for keys in opened:
        keys.close()


def test_a_key_says_who_calls(open_keys: Callable[..., KeyStore]) -> None:
    keys = open_keys()
    token = keys.create("live", [Scope.READ, Scope.TRADE], logins=[1002, 1001], label="robot")
    caller = keys.verify(token.encode())
    assert caller is not None
    assert caller.platform == "live"
    assert caller.scopes == {Scope.READ, Scope.TRADE}
    assert caller.logins == frozenset({1001, 1002})
    assert token.startswith(f"prk_{caller.key_id}_")


def test_the_secret_is_not_kept(tmp_path: Path) -> None:
    token = KeyStore(f"sqlite:///{tmp_path}/new/keys.db").create("live", [Scope.READ])
    with sqlite3.connect(tmp_path / "new" / "keys.db") as database:
        dump = "\n".join(database.iterdump())
    database.close()
    assert token.split("_", 2)[2] not in dump


@pytest.mark.parametrize("token", [b"", b"prk_", b"prk_aaaaaaaa_secret", b"\xff" * 100])
def test_what_is_no_key_is_nobody(open_keys: Callable[..., KeyStore], token: bytes) -> None:
    assert open_keys().verify(token) is None


def test_a_revoked_key_ends_at_once_here_and_at_the_next_refresh_elsewhere(open_keys: Callable[..., KeyStore]) -> None:
    here, elsewhere = open_keys(), open_keys()
    token = here.create("live", [Scope.READ]).encode()
    assert elsewhere.verify(token) is None
    elsewhere.refresh()
    assert elsewhere.verify(token) is not None
    here.revoke(here.list()[0].id)
    assert here.verify(token) is None
    elsewhere.refresh()
    assert elsewhere.verify(token) is None


def test_revoking_an_unknown_key_is_an_error(open_keys: Callable[..., KeyStore]) -> None:
    with pytest.raises(UnknownKey):
        open_keys().revoke("nobody")


def test_a_key_ends_when_it_expires(open_keys: Callable[..., KeyStore]) -> None:
    moment = 1_000
    keys = open_keys(now=lambda: moment)
    token = keys.create("live", [Scope.READ], expires_at=2_000).encode()
    assert keys.verify(token) is not None
    moment = 2_000
    assert keys.verify(token) is None


def test_when_a_key_was_used_is_known_to_the_minute_and_survives_a_restart(open_keys: Callable[..., KeyStore]) -> None:
    moment = 100_000
    keys = open_keys(now=lambda: moment)
    token = keys.create("live", [Scope.READ]).encode()
    keys.verify(token)
    moment = 120_000
    keys.verify(token)
    assert keys.list()[0].used_at == 100_000
    moment = 160_000
    keys.verify(token)
    keys.close()
    assert open_keys().list("live")[0].used_at == 160_000


def test_keys_are_listed_by_platform(open_keys: Callable[..., KeyStore]) -> None:
    keys = open_keys()
    keys.create("live", [Scope.READ], label="first")
    keys.create("other", [Scope.READ])
    assert [key.label for key in keys.list("live")] == ["first"]
    assert len(keys.list()) == 2


def test_admin_includes_all_scopes_and_the_others_include_nothing() -> None:
    admin = Caller("a", "live", frozenset({Scope.ADMIN}))
    trader = Caller("t", "live", frozenset({Scope.TRADE}))
    assert all(admin.may(permission) for held in SCOPES.values() for permission in held)
    assert [permission for permission in Permission if trader.may(permission)] == [
        Permission.TRADES_DEAL, Permission.COPYING_DEAL,
    ]  # fmt: skip
    assert scopes_with(Permission.TRADES_DEAL) == (Scope.TRADE, Scope.DEALER)
    assert scopes_with(Permission.SETTINGS_WRITE) == (Scope.ADMIN,)


def test_absent_and_forbidden_accounts_answer_alike() -> None:
    state = State(accounts={login: Account(login, "standard", 100, False, 0) for login in (1001, 1002)})
    bound = Caller("t", "live", frozenset({Scope.READ}), frozenset({1001, 1003}))
    assert account_for(bound, state, 1001).login == 1001
    for login in (1002, 1003, 1004):
        with pytest.raises(NotFound):
            account_for(bound, state, login)


def test_a_locked_account_does_not_let_its_trader_in_but_its_dealer() -> None:
    account = Account(1001, "standard", 100, False, 0, access=Access.LOGIN_DISABLED)
    state = State(accounts={1001: account})
    with pytest.raises(SignInDisabled):
        account_for(Caller("t", "live", frozenset({Scope.READ}), frozenset({1001})), state, 1001)
    assert account_for(Caller("d", "live", frozenset({Scope.DEALER})), state, 1001) is account
