"""What a published method is: what its request asks for, and the form of what its stream tells."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any, TypeAlias

import msgspec
from google.protobuf.message import Message

from prorata.access.permissions import Permission
from prorata.messages.commands import Access
from prorata.messages.refusals import Refusal
from prorata.rest.broker.trade_shapes import LedgerType
from prorata.units.numbers import LOGIN_MAX, Login
from prorata.views.answers import Rejected

LOGINS_MAX = 10_000
NAMES_MAX = 1_000
"""groups or symbols of one stream"""
THROTTLING_MS_MAX = 3_600_000


class Stream(Enum):
    POSITIONS = auto()
    ORDERS = auto()
    LEDGERS = auto()
    EVENTS = auto()
    EQUITY = auto()
    ACCOUNTS = auto()
    GROUPS = auto()
    SYMBOLS = auto()
    QUOTATIONS = auto()


NEEDS = {
    Stream.POSITIONS: Permission.TRADES_READ,
    Stream.ORDERS: Permission.TRADES_READ,
    Stream.LEDGERS: Permission.TRADES_READ,
    Stream.EVENTS: Permission.TRADES_READ,
    Stream.EQUITY: Permission.ACCOUNTS_READ,
    Stream.ACCOUNTS: Permission.ACCOUNTS_READ,
    Stream.GROUPS: Permission.SETTINGS_READ,
    Stream.SYMBOLS: Permission.MARKET_READ,
    Stream.QUOTATIONS: Permission.MARKET_READ,
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for; a stream looks only at what it knows.

    `system`: uuid of a trade platform, None where the request has no place for it. Without `logins` and `groups`, all
    accounts. `left_out`: access of accounts that are passed over. `one`: the account must be there.
    """

    system: str | None = None
    logins: frozenset[Login] = frozenset()
    groups: frozenset[str] = frozenset()
    left_out: frozenset[Access] = frozenset()
    one: bool = False
    ledger_types: frozenset[LedgerType] = frozenset()
    additional: frozenset[int] = frozenset()
    symbols: tuple[str, ...] = ()
    group: str = ""
    throttling_ms: int = 0
    smart: bool = False
    statistics: bool = True


Told: TypeAlias = Any
"""one of the records of `told`; which, the stream says"""


class Form:
    """How one method tells things. Two streams of the same form share the bytes.

    `render`: from a record to a message, or to a part of one if there is `pack`, which makes a message of parts.
    `heartbeat`: the message that says nothing, None if no message can.
    """

    __slots__ = ("heartbeat", "pack", "render")

    def __init__(
        self,
        render: Callable[[Told], bytes],
        heartbeat: bytes | None,
        pack: Callable[[Sequence[bytes]], bytes] | None = None,
    ) -> None:
        self.render = render
        self.pack = pack
        self.heartbeat = heartbeat


class Method(msgspec.Struct, frozen=True):
    """`read`: from a request to what it asks for; raises `Rejected`."""

    path: str
    stream: Stream
    request: type[Message]
    read: Callable[[Any], Asked]
    form: Form


def wrapped(parts: Sequence[bytes]) -> bytes:
    """Return a message whose field 1 is a message that consists of these parts."""
    inner = b"".join(parts)
    return b"\x0a" + _varint(len(inner)) + inner


def _varint(number: int) -> bytes:
    taken = bytearray()
    while number > 0x7F:
        taken.append(number & 0x7F | 0x80)
        number >>= 7
    taken.append(number)
    return bytes(taken)


def joined(parts: Sequence[bytes]) -> bytes:
    return b"".join(parts)


# Requests.


def read_system(given: str) -> str:
    """Raises `Rejected`."""
    if not given:
        raise Rejected(Refusal.MALFORMED, "systemUuid: is missing")
    return given.lower()


def read_login(given: str | int) -> Login:
    """Raises `Rejected`."""
    text = str(given)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LOGIN_MAX):
        raise Rejected(Refusal.MALFORMED, "login: is the number of a trading account")
    return int(text)


def read_logins(given: Sequence[str | int]) -> frozenset[Login]:
    """Raises `Rejected`."""
    _check_few(given, "logins", LOGINS_MAX)
    return frozenset(map(read_login, given))


def read_names(given: Sequence[str], field: str) -> tuple[str, ...]:
    """Return names, each once. Raises `Rejected`."""
    _check_few(given, field, NAMES_MAX)
    return tuple(dict.fromkeys(given))


def read_throttling(given: int) -> int:
    """Raises `Rejected`."""
    if not 0 <= given <= THROTTLING_MS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"throttlingMs: must be from 0 to {THROTTLING_MS_MAX}")
    return given


def read_numbers(given: Sequence[int], known: Sequence[int], field: str) -> frozenset[int]:
    """Return the numbers of an enumeration. Raises `Rejected`."""
    unknown = set(given) - set(known)
    if unknown:
        raise Rejected(Refusal.MALFORMED, f"{field}: {min(unknown)} means nothing")
    return frozenset(given)


def _check_few(given: Sequence[Any], field: str, most: int) -> None:
    if len(given) > most:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: names at most {most}")
