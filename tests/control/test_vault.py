"""Sealed secrets: bound to their place, readable across a change of keys, and to nobody without the ring."""

import stat
from pathlib import Path

import pytest

from prorata.control.vault import RingUnusable, Unopenable, Vault


def test_what_was_sealed_is_opened_in_its_place_alone(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "ring")
    sealed = vault.seal(b"secret", "platforms 1 password")
    assert b"secret" not in sealed
    assert vault.open(sealed, "platforms 1 password") == b"secret"
    with pytest.raises(Unopenable):
        vault.open(sealed, "platforms 2 password")


def test_what_an_older_key_sealed_stays_readable_until_that_key_is_forgotten(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "ring")
    other = Vault(tmp_path / "ring")
    old = vault.seal(b"secret", "here")
    assert vault.add_key() == 2
    new = vault.seal(b"secret", "here")
    assert vault.open(old, "here") == other.open(new, "here") == b"secret"
    vault.forget_older()
    with pytest.raises(Unopenable):
        vault.open(old, "here")
    assert Vault(tmp_path / "ring").open(new, "here") == b"secret"


@pytest.mark.parametrize("at", [0, 5, 20, -1])
def test_an_altered_byte_is_noticed(tmp_path: Path, at: int) -> None:
    vault = Vault(tmp_path / "ring")
    sealed = bytearray(vault.seal(b"secret", "here"))
    sealed[at] ^= 1
    with pytest.raises(Unopenable):
        vault.open(bytes(sealed), "here")


def test_the_ring_is_for_its_owner_alone_and_a_broken_one_is_named(tmp_path: Path) -> None:
    Vault(tmp_path / "ring")
    assert stat.S_IMODE((tmp_path / "ring").stat().st_mode) == 0o600
    (tmp_path / "bad").write_text('{"keys":{"1":"c2hvcnQ="}}')
    with pytest.raises(RingUnusable, match="32 bytes"):
        Vault(tmp_path / "bad")
