"""Networks that a program may call from."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


class BadNetwork(Exception):
    """Not an address or network."""


def networks_from(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read addresses ("10.1.2.3") and networks ("10.1.0.0/16", "2001:db8::/48"); each once. Raises `BadNetwork`."""
    found: dict[Network, None] = {}
    for text in texts:
        try:
            found[ip_network(text.strip())] = None
        except ValueError:
            raise BadNetwork(f"{text[:60]!r}: expected an address or a network, such as 10.1.0.0/16") from None
    return tuple(found)


def is_within(networks: tuple[Network, ...], address: str) -> bool:
    """Say whether a call from `address` is allowed; without networks every one is."""
    if not networks:
        return True
    caller = _caller(address)
    return caller is not None and any(caller in network for network in networks)


@lru_cache(maxsize=4_096)
def _caller(address: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a call comes from; None if it is none."""
    try:
        caller = ip_address(address)
    except ValueError:
        return None
    if isinstance(caller, IPv6Address) and caller.ipv4_mapped is not None:
        # A socket for both families shows an IPv4 caller this way.
        return caller.ipv4_mapped
    return caller
