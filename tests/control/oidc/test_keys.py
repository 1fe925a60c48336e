"""Signing keys: published before they sign, and as long as their tokens live; sealed; the same for every process."""

import sqlite3
from pathlib import Path

import pytest

from prorata.control.oidc.keys import AHEAD_MS, KEEP_MS, ROTATE_EVERY_MS, TOKEN_LIFE_MS, Algorithm
from prorata.control.oidc.scopes import TokenScope
from prorata.control.oidc.tokens import AccessGiven, access_token
from prorata.control.store import Control
from prorata.control.vault import Unopenable, Vault
from tests.control.conftest import KEY, OpenControl
from tests.rest.house import HandClock

ES256 = Algorithm.ES256


def published(control: Control) -> list[str]:
    return [key.kid for key in control.oidc.keys.all() if key.algorithm is ES256]


def test_a_key_is_published_before_it_signs_and_while_its_tokens_live(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    keys = control.oidc.keys
    assert len(keys.published()) == 2
    first = keys.signer(ES256).kid
    keys.rotate()
    following = next(kid for kid in published(control) if kid != first)
    # A second wish changes nothing: the next one is there.
    keys.rotate()
    assert (keys.signer(ES256).kid, published(control)) == (first, [first, following])
    clock.moment += AHEAD_MS
    assert (keys.signer(ES256).kid, published(control)) == (following, [first, following])
    clock.moment += KEEP_MS - 1
    assert published(control) == [first, following]
    clock.moment += 1
    assert published(control) == [following]
    assert keys.find(first) is None
    control.oidc.sweep()
    keys.load()
    assert published(control) == [following]


def test_keys_rotate_by_themselves_every_ninety_days(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    control.oidc.sweep()
    first = control.oidc.keys.signer(ES256).kid
    clock.moment += ROTATE_EVERY_MS
    control.oidc.sweep()
    control.oidc.sweep()
    assert (control.oidc.keys.signer(ES256).kid, len(published(control))) == (first, 2)


def test_every_process_signs_with_the_same_keys(open_control: OpenControl) -> None:
    here, elsewhere = open_control(), open_control()
    first = here.oidc.keys.signer(ES256).kid
    # Elsewhere it is asked for before the change has been heard of.
    assert elsewhere.oidc.keys.signer(ES256).kid == first
    here.oidc.keys.replace()
    elsewhere.refresh()
    assert elsewhere.oidc.keys.signer(ES256).kid == here.oidc.keys.signer(ES256).kid != first


def test_with_a_leaked_key_all_of_its_tokens_end(sqlite_control: Control, clock: HandClock) -> None:
    oidc = sqlite_control.oidc
    given = AccessGiven(
        issuer="https://id.test", subject="x", client_id="x", scopes=frozenset({TokenScope.API}), tenant="x", authorization="x"
    )
    token = access_token(oidc.keys, given, clock.now()).encode()
    assert oidc.tokens._verified(token) is not None
    oidc.keys.replace()
    oidc.tokens.load()
    assert oidc.tokens._verified(token) is None
    assert TOKEN_LIFE_MS < KEEP_MS


def test_private_keys_are_sealed(tmp_path: Path) -> None:
    control = Control(f"sqlite:///{tmp_path}/control.db", KEY, Vault(tmp_path / "ring"))
    pem = control.oidc.keys.signer(Algorithm.RS256).private.as_pem(private=True)
    control.close()
    with sqlite3.connect(tmp_path / "control.db") as database:
        kept = database.execute("SELECT private FROM control_signing_keys").fetchall()
    database.close()
    assert len(kept) == 1
    assert pem.splitlines()[1] not in kept[0][0]


def test_without_the_ring_nothing_is_signed_and_no_key_is_lost(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/control.db"
    control = Control(url, KEY, Vault(tmp_path / "ring"))
    kid = control.oidc.keys.signer(ES256).kid
    control.close()
    other = Control(url, KEY, Vault(tmp_path / "another ring"))
    with pytest.raises(Unopenable):
        other.oidc.keys.signer(ES256)
    other.oidc.sweep()
    other.close()
    again = Control(url, KEY, Vault(tmp_path / "ring"))
    assert again.oidc.keys.signer(ES256).kid == kid
    again.close()


def test_sealed_anew_they_are_the_same_keys(sqlite_control: Control, tmp_path: Path) -> None:
    kid = sqlite_control.oidc.keys.signer(ES256).kid
    sqlite_control.seals.rotate()
    other = Control(f"sqlite:///{tmp_path}/one/control.db", KEY, Vault(tmp_path / "one.keys"))
    assert other.oidc.keys.find(kid) is not None
    other.close()
