"""E-mail addresses: what is one, and which two are the same person's."""

import re

import idna

from prorata.control.columns import LOGIN_LENGTH_MAX

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z][A-Za-z0-9-]*")
_LOCAL_LENGTH_MAX = 64
_DOMAIN_LENGTH_MAX = 253


class BadAddress(Exception):
    """Not an e-mail address that we can write to."""


def email_key_of(email: str) -> str:
    """Return what addresses are compared by: small letters, the domain as DNS has it. Raises `BadAddress`."""
    return mailbox_of(email).lower()


def mailbox_of(email: str) -> str:
    """Return an address as mail servers know it: the domain as DNS has it ("xn--..."). Raises `BadAddress`.

    The part before the @ is ASCII (RFC 5321, a dot-atom without quotes); the domain may be international, has a dot,
    and is no number. An address has 128 characters at most in both forms.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at or len(local) > _LOCAL_LENGTH_MAX or _LOCAL.fullmatch(local) is None:
        raise BadAddress("expected an e-mail address such as ann@example.com")
    try:
        domain = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise BadAddress("the domain after the @ is none") from None
    if _DOMAIN.fullmatch(domain) is None or len(domain) > _DOMAIN_LENGTH_MAX:
        raise BadAddress("the domain after the @ is none")
    if max(len(local) + 1 + len(domain), len(email.strip())) > LOGIN_LENGTH_MAX:
        raise BadAddress(f"an e-mail address has at most {LOGIN_LENGTH_MAX} characters")
    return f"{local}@{domain}"
