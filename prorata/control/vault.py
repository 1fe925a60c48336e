"""Secrets that must be read again (passwords of trade servers, TOTP seeds, signing keys), sealed before they are stored.

AES-256-GCM under a key of the ring. What is sealed says which key it needs, and is bound to its place (table, row and
column): moved to another row it cannot be opened. The ring is a file, not in the database: who has one alone has nothing.
"""

import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
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
    """`file` is made, readable for its owner alone, if it is not there. Raises `RingUnusable`.

    Several processes may have the same ring open: each looks before it seals or opens whether the file has changed.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, ...] = ()
        self._keys: dict[int, bytes] = {}
        if not file.exists():
            self._make()
        self._follow()

    @property
    def newest(self) -> int:
        """Return the number of the key that seals."""
        self._follow()
        return max(self._keys)

    def seal(self, secret: bytes, place: str) -> bytes:
        """Return `secret` as it may be stored in `place` ("control_platforms 17 manager_password")."""
        newest = self.newest
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._keys[newest]).encrypt(nonce, secret, place.encode())
        return newest.to_bytes(_ID_BYTES, "big") + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was sealed for this place. Raises `Unopenable`."""
        self._follow()
        key = self._keys.get(key_of(sealed))
        if key is None:
            raise Unopenable(place)
        nonce = sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        try:
            return AESGCM(key).decrypt(nonce, sealed[_ID_BYTES + _NONCE_BYTES :], place.encode())
        except (InvalidTag, ValueError):
            raise Unopenable(place) from None

    def add_key(self) -> int:
        """Add a key, which seals from now on, and return its number. What older ones sealed can still be opened.

        One process at a time changes a ring: see `seals`.
        """
        newest = self.newest
        self._write({**self._keys, newest + 1: secrets.token_bytes(KEY_BYTES)})
        return newest + 1

    def forget_older(self) -> None:
        """Drop all keys but the newest. What they sealed is lost unless it was sealed anew."""
        newest = self.newest
        self._write({newest: self._keys[newest]})

    def _follow(self) -> None:
        """Read the ring if the file is another one than was read last."""
        try:
            found = self._file.stat()
            seen = (found.st_ino, found.st_mtime_ns, found.st_size)
            if seen == self._seen:
                return
            ring = msgspec.json.decode(self._file.read_bytes(), type=_Ring)
            keys = {key_id: b64decode(text, validate=True) for key_id, text in ring.keys.items()}
        except (OSError, ValueError) as problem:
            raise RingUnusable(f"{self._file}: {problem}") from None
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise RingUnusable(f"{self._file}: expected keys of {KEY_BYTES} bytes")
        self._keys, self._seen = keys, seen

    def _make(self) -> None:
        """Make the first ring. Of two processes that start at once the first one's stands."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._written({1: secrets.token_bytes(KEY_BYTES)})
        with suppress(FileExistsError):
            self._file.hardlink_to(beside)
        beside.unlink()
        self._sync_folder()

    def _write(self, keys: dict[int, bytes]) -> None:
        """Replace the file as a whole: half a ring would be the loss of everything sealed."""
        self._written(keys).replace(self._file)
        self._sync_folder()
        self._follow()

    def _written(self, keys: dict[int, bytes]) -> Path:
        text = msgspec.json.encode(_Ring({key_id: b64encode(key).decode() for key_id, key in keys.items()}))
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}.new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing:
            writing.write(text)
            writing.flush()
            os.fsync(writing.fileno())
        return beside

    def _sync_folder(self) -> None:
        """Until then a power failure could take back that the file was replaced."""
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def key_of(sealed: bytes) -> int:
    """Return the number of the key that something was sealed under."""
    return int.from_bytes(sealed[:_ID_BYTES], "big")
