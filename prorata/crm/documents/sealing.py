"""Sealing one document: AES-256-GCM under a key that is its own, bound to its id.

Put in another's place, or changed in one bit, it cannot be opened. The key is kept sealed by the vault; whoever forgets it has
destroyed the document, wherever copies of it lie.
"""

import secrets
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_KEY_BITS = 256


class Damaged(Exception):
    """It is not what was sealed under this id."""


def new_key() -> str:
    """Return a key as text, for a sealed column."""
    return b64encode(AESGCM.generate_key(_KEY_BITS)).decode()


def sealed(content: bytes, key: str, document_uuid: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(b64decode(key)).encrypt(nonce, content, _bound_to(document_uuid))


def opened(content: bytes, key: str, document_uuid: str) -> bytes:
    """Raises `Damaged`."""
    try:
        return AESGCM(b64decode(key)).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], _bound_to(document_uuid))
    except (InvalidTag, ValueError):
        raise Damaged(document_uuid) from None


def _bound_to(document_uuid: str) -> bytes:
    return f"document {document_uuid}".encode()
