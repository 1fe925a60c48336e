"""Which addresses may be called. A subscription's URL is somebody's text: it must not lead into the house's own network.

The text is checked when it is given (`check_url`), and the numeric address each time before it is connected to
(`addresses_of`): a name may lead elsewhere tomorrow.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

import msgspec

URL_LENGTH_MAX = 2_048

IPAddress = IPv4Address | IPv6Address

_UNICAST = IPv6Network("2000::/3")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""NAT64: the last 32 bits are an IPv4 address"""
_TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
"""Teredo and 6to4 carry an IPv4 address within, and nobody serves webhooks through them."""
_CLOUD = frozenset({IPv4Address("168.63.129.16")})
"""public by number, and yet the inside of a cloud (Azure's wire server)"""


class Allowed(msgspec.Struct, frozen=True):
    """What is allowed beyond https to public addresses: for those who host the receiver beside the platform."""

    http: bool = False
    private: bool = False


class BadTarget(ValueError):
    """The URL is not one that may be called. The text says why."""


def check_url(url: str, allowed: Allowed) -> None:
    """Check the form of a URL, and the address if it is a numeric one. Names are not looked up. Raises `BadTarget`."""
    if len(url) > URL_LENGTH_MAX:
        raise BadTarget(f"a URL has at most {URL_LENGTH_MAX} characters")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise BadTarget("a URL has visible ASCII characters only")
    parts = _split(url)
    if parts.scheme not in (("https", "http") if allowed.http else ("https",)):
        raise BadTarget("the URL must begin with https://" + (" or http://" if allowed.http else ""))
    if not parts.hostname:
        raise BadTarget("the URL names no host")
    if "@" in parts.netloc:
        raise BadTarget("the URL must not hold a user or password")
    if parts.fragment:
        raise BadTarget("the URL must not have a fragment")
    try:
        address = ip_address(parts.hostname)
    except ValueError:
        return
    if not allowed.private and not is_public(address):
        raise BadTarget(f"{address} is not a public address")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise BadTarget("the URL cannot be read") from problem
    if port == 0:
        raise BadTarget("port 0 cannot be called")
    return parts


def addresses_of(host: str, port: int, *, private: bool) -> list[str]:
    """Look up the numeric addresses of `host`, all of them public unless `private`. Blocks. Raises `BadTarget`, `OSError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as problem:
        raise OSError(f"{host[:100]} is not the name of a host") from problem
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not private and not is_public(ip_address(address)):
            raise BadTarget(f"{host} leads to {address}, which is not a public address")
    return addresses


def is_public(address: IPAddress) -> bool:
    """Say whether the address is in the public internet, also where an IPv4 address is wrapped into an IPv6 one."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _UNICAST or any(address in tunnel for tunnel in _TUNNELS):
            return False
    elif address in _CLOUD:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
