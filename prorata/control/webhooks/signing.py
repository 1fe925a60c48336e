"""The secret of a subscription, and signatures with it (Standard Webhooks, symmetric).

No secret is kept. Each is derived from the installation's master key and the subscription's own salt, so the
database alone gives none away, and none can be asked for after the answer that made it. Rotating raises
the version; while the old one is still good every request carries both signatures.

Source: https://www.standardwebhooks.com, signature scheme v1.
"""

import hmac
import os
import secrets
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix that everybody may know
KEY_BYTES = 32


class BadKey(Exception):
    """The key file is not one of ours, or not the one with which the secrets of the database were made."""


class MasterKey:
    """What all secrets of an installation are derived from."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES
        self._key = key

    @property
    def check(self) -> str:
        """A text by which the key is recognised and from which it cannot be told."""
        return self._derive("check").hex()[:16]

    def secret_of(self, platform: str, subscription: str, salt: str, version: int) -> bytes:
        """Return the 32 bytes with which requests of a subscription are signed."""
        return self._derive(f"secret/{platform}/{subscription}/{salt}/{version}")

    def _derive(self, purpose: str) -> bytes:
        return hmac.digest(self._key, purpose.encode(), "sha256")


def open_key(file: Path) -> MasterKey:
    """Read the master key, which is made when it is missing. Raises `BadKey`."""
    with suppress(FileExistsError):
        file.parent.mkdir(parents=True, exist_ok=True)
        _make_key(file)
    try:
        key = bytes.fromhex(file.read_text().strip())
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadKey(f"{file}: not a key for webhooks ({KEY_BYTES} bytes in hexadecimal)")
    return MasterKey(key)


def _make_key(file: Path) -> None:
    """Write a new key, whole or not at all. Raises `FileExistsError`."""
    if file.exists():
        raise FileExistsError(file)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secrets.token_hex(KEY_BYTES) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(draft, file)
    finally:
        draft.unlink()


def show_secret(secret: bytes) -> str:
    """Return a secret as subscribers keep it: whsec_..."""
    return SECRET_PREFIX + b64encode(secret).decode()


def signature_of(secret: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return "v1,<base64>": HMAC-SHA256 over id, timestamp (seconds) and body, with dots between."""
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(secret, content, sha256)).decode()
