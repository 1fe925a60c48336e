"""Which addresses may use the WebAPI of a trade platform. The rules are read in order, and the first that covers decides.

No rule: everybody may. An IPv6 address that is no IPv4 one is covered by a rule for all addresses only.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import ErrorCode, Failure, invalid
from prorata.rest.webapi.mt4.stored import StoredList
from prorata.rest.webapi.schemas.mt4_server import MT4Access

BLOCK, PERMIT = 0, 1
ADDRESS_MAX = 2**32 - 1

RULES = StoredList("access", MT4Access)


def check_admitted(call: Call) -> None:
    """Raise `Failure` if the caller's address is kept out."""
    if not is_admitted(RULES.of(call), call.address):
        raise Failure(ErrorCode.Forbidden, "This address may not use the trade platform")


def check_rules(call: Call, rules: Sequence[MT4Access]) -> None:
    """Raise `Failure` for a rule that says nothing, and for rules that would keep their own author out."""
    for rule in rules:
        if rule.action not in (BLOCK, PERMIT):
            raise invalid("action", "must be 0 (block) or 1 (permit)")
        if not 0 <= rule.ip_from <= ADDRESS_MAX:
            raise invalid("ipFrom", f"must be from 0 to {ADDRESS_MAX}")
        if not rule.ip_from <= rule.ip_to <= ADDRESS_MAX:
            raise invalid("ipTo", f"must be from ipFrom to {ADDRESS_MAX}")
    if not is_admitted(rules, call.address):
        raise invalid("", "the rules would keep out the address that this call comes from")


def is_admitted(rules: Sequence[MT4Access], address: str) -> bool:
    for rule in rules:
        if _covers(rule, address):
            return rule.action == PERMIT
    return True


def _covers(rule: MT4Access, address: str) -> bool:
    number = _ipv4_of(address)
    if number is None:
        return (rule.ip_from, rule.ip_to) == (0, ADDRESS_MAX)
    return rule.ip_from <= number <= rule.ip_to


def _ipv4_of(address: str) -> int | None:
    """Return an IPv4 address as a number, also one that is written as IPv6; None for any other."""
    try:
        known: IPv4Address | IPv6Address | None = ip_address(address)
    except ValueError:
        return None
    if isinstance(known, IPv6Address):
        known = known.ipv4_mapped
    return None if known is None else int(known)
