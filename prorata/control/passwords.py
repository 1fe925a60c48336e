"""Passwords of people: kept as Argon2id (19 MiB, two passes), checked slowly on purpose."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN = 8
LENGTH_MAX = 128

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def is_acceptable(password: str) -> bool:
    """Say whether a new password has a length that guessing does not reach and hashing bears."""
    return LENGTH_MIN <= len(password) <= LENGTH_MAX


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Say whether `password` is the one that was kept. None, for nobody of that name, takes as long."""
    try:
        return _hasher.verify(_nobody() if kept is None else kept, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def invented() -> str:
    """Return a new password that nobody guesses, to be shown once."""
    return secrets.token_urlsafe(12)


@cache
def _nobody() -> str:
    return hashed(secrets.token_urlsafe(32))
