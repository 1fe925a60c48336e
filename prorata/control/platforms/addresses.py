"""What people give as the address of a server: a name or number, perhaps with a port, perhaps as a URL."""

from urllib.parse import urlsplit

import msgspec

from prorata.control.webhooks.targets import Allowed, BadTarget, check_url

API_PORT = 443
DATABASE_PORT = 3306


class Address(msgspec.Struct, frozen=True):
    """`str()` of it is how it is kept."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(text: str, port: int, allowed: Allowed) -> Address:
    """Read an address; `port` is meant if it names none. Raises `BadTarget`, also for a numeric one that is not allowed."""
    bare = text.strip().removeprefix("https://").removesuffix("/")
    if any(sign in bare for sign in "/?#"):
        raise BadTarget("an address is a host, and a port behind a colon")
    check_url(f"https://{bare}", allowed)
    parts = urlsplit(f"https://{bare}")
    assert parts.hostname is not None
    return Address(parts.hostname, parts.port or port)
