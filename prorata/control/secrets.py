"""Secrets of programs that sign in: made once, shown once, kept as a hash.

A secret has 256 random bits, so a plain SHA-256 is enough to keep. Several are good at the same time while they rotate.
"""

import hmac
import secrets
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from prorata.units.numbers import Moment

PREFIX = "prs_"


class Secret(msgspec.Struct, frozen=True, gc=False):
    """`expires_at` 0: never."""

    digest: bytes
    expires_at: Moment


def new_secret() -> str:
    """Return a secret, by whose prefix those who look for leaked ones find it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def fits(kept: Iterable[Secret], given: str, now: Moment) -> bool:
    """Say whether `given` is one of the secrets that are still good."""
    digest = digest_of(given)
    found = False
    for secret in kept:
        good = not secret.expires_at or now < secret.expires_at
        found |= hmac.compare_digest(secret.digest, digest) and good
    return found
