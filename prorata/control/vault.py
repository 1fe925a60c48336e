"""Secrets that must be read again (passwords of trade servers, TOTP seeds, signing keys), sealed before they are stored.

AES-256-GCM under a key of the ring. What is sealed says which key it needs, and is bound to its place (table, row and
column): moved to another row it cannot be opened. The ring is a file, not in the database: who has one alone has nothing.
"""

import os
import secrets
from base64 import b64decode, b64encode
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 4


class Unopenable(Exception):
    """Sealed under a key that the ring does not have, for another place, or altered."""


class RingUnusable(Exception):
    """The file of the ring is not one."""


class _Ring(msgspec.Struct, frozen=True):
    """Keys by their number, oldest first, in base64. The last one seals."""

    keys: dict[int, str]


class Vault:
    """`file` is made, readable for its owner alone, if it is not there. Raises `RingUnusable`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        if file.exists():
            self._read()
        else:
            self._keys = {1: secrets.token_bytes(KEY_BYTES)}
            self._write()

    @property
    def newest(self) -> int:
        """Return the number of the key that seals."""
        return max(self._keys)

    def seal(self, secret: bytes, place: str) -> bytes:
        """Return `secret` as it may be stored in `place` ("control_platforms 17 manager_password")."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._keys[self.newest]).encrypt(nonce, secret, place.encode())
        return self.newest.to_bytes(_ID_BYTES, "big") + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was sealed for this place. Raises `Unopenable`."""
        key = self._keys.get(key_of(sealed))
        if key is None:
            # Another process may have added it.
            self._read()
            key = self._keys.get(key_of(sealed))
        if key is None:
            raise Unopenable(place)
        nonce = sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        try:
            return AESGCM(key).decrypt(nonce, sealed[_ID_BYTES + _NONCE_BYTES :], place.encode())
        except (InvalidTag, ValueError):
            raise Unopenable(place) from None

    def add_key(self) -> int:
        """Add a key, which seals from now on, and return its number. What older ones sealed can still be opened."""
        self._keys[self.newest + 1] = secrets.token_bytes(KEY_BYTES)
        self._write()
        return self.newest

    def forget_older(self) -> None:
        """Drop all keys but the newest. What they sealed is lost unless it was sealed anew."""
        self._keys = {self.newest: self._keys[self.newest]}
        self._write()

    def _read(self) -> None:
        try:
            ring = msgspec.json.decode(self._file.read_bytes(), type=_Ring)
            self._keys = {key_id: b64decode(text, validate=True) for key_id, text in ring.keys.items()}
        except (OSError, ValueError) as problem:
            raise RingUnusable(f"{self._file}: {problem}") from None
        if not self._keys or any(len(key) != KEY_BYTES for key in self._keys.values()):
            raise RingUnusable(f"{self._file}: expected keys of {KEY_BYTES} bytes")

    def _write(self) -> None:
        """Replace the file as a whole: half a ring would be the loss of everything sealed."""
        text = msgspec.json.encode(_Ring({key_id: b64encode(key).decode() for key_id, key in self._keys.items()}))
        beside = self._file.with_name(self._file.name + ".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing:
            writing.write(text)
            writing.flush()
            os.fsync(writing.fileno())
        beside.replace(self._file)


def key_of(sealed: bytes) -> int:
    """Return the number of the key that something was sealed under."""
    return int.from_bytes(sealed[:_ID_BYTES], "big")
