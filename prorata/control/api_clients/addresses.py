"""Networks that a program may call from."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
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
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    if isinstance(caller, IPv6Address) and caller.ipv4_mapped is not None:
        # A socket for both families shows an IPv4 caller this way.
        caller = caller.ipv4_mapped
    return any(caller in network for network in networks)
