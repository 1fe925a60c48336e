"""What the published records are made of: names, sets of flags, whole and decimal numbers, times.

A set of flags travels as the names of its bits, "Enabled, Password"; none of them is "None", and a bit that has no
name is "Bit<n>", so that whoever writes a record back takes nothing away. Names are read in any letter case.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeAlias

import msgspec

Int32: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Int64: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]

if TYPE_CHECKING:
    Double: TypeAlias = Decimal
else:

    class Double(Decimal):
        """A JSON number, read and written digit by digit. A type of its own, as msgspec takes texts for a `Decimal`, too."""


Login32: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Login64: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]

ZERO = Decimal(0)
NO_TIME = datetime(1, 1, 1, tzinfo=UTC)
"""how a time that is not there is written where the record must have one"""
FLAG_BITS = 64
NUMBER_MAX = Decimal(10**15)
PLACES_MAX = 18


class Record(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A published record. Fields that are not told have the value that stands for nothing."""


class Names(StrEnum):
    """An enumeration that travels as text. `auto()` gives a member the text of its own name."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[Any]) -> str:
        return name

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        wanted = str(value).lower()
        return next((member for member in cls if member.value.lower() == wanted), None)

    @classmethod
    def read(cls, value: str | int) -> Self:
        """Return the member of a name, or of a number where the published numbers are 0, 1, 2... Raises `ValueError`."""
        if isinstance(value, int) or (value.isascii() and value.isdigit()):
            members = list(cls)
            if not 0 <= int(value) < len(members):
                raise ValueError(f"{value} is none of 0 to {len(members) - 1}")
            return members[int(value)]
        return cls(value)


class Flags:
    """A set of flags. A subclass names its bits as whole numbers; names of several bits together are read, not written."""

    __slots__ = ("bits",)

    values: ClassVar[Mapping[str, int]] = {}
    """name, in small letters -> its bits"""
    singles: ClassVar[Mapping[int, str]] = {}
    """bit -> its name"""

    def __init_subclass__(cls) -> None:
        named = {name: bits for name, bits in vars(cls).items() if isinstance(bits, int)}
        cls.values = {name.lower(): bits for name, bits in named.items()}
        singles: dict[int, str] = {}
        for name, bits in named.items():
            if bits.bit_count() == 1:
                singles.setdefault(bits, name)
        cls.singles = singles

    def __init__(self, bits: int = 0) -> None:
        self.bits = bits

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the set that a text names. Raises `ValueError`."""
        bits = 0
        for part in text.split(","):
            bits |= cls._bits_of(part.strip().lower())
        return cls(bits)

    @classmethod
    def _bits_of(cls, name: str) -> int:
        if name in ("none", ""):
            return 0
        if name in cls.values:
            return cls.values[name]
        if name.startswith("bit") and name[3:].isascii() and name[3:].isdigit() and len(name) <= 5:
            if int(name[3:]) < FLAG_BITS:
                return 1 << int(name[3:])
        raise ValueError(f"{name} is no flag; known are {', '.join(cls.singles.values())}")

    def has(self, bits: int) -> bool:
        return self.bits & bits == bits

    def __str__(self) -> str:
        names: Iterable[str] = (
            self.singles.get(1 << place, f"Bit{place}") for place in range(self.bits.bit_length()) if self.bits >> place & 1
        )
        return ", ".join(names) or "None"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.bits == self.bits

    def __hash__(self) -> int:
        return hash(self.bits)


def read_number(literal: str) -> Decimal:
    """Return a JSON number as it is written; for msgspec, as `float_hook`. Raises `ValueError`."""
    try:
        return Decimal(literal)
    except ArithmeticError:
        raise ValueError("the number is out of range") from None


def decoded(kind: type, value: Any) -> Any:
    """Return a number or a set of flags from what was sent; for msgspec, as `dec_hook`. Raises `ValueError`."""
    if issubclass(kind, Flags):
        if not isinstance(value, str):
            raise ValueError("Expected names of flags with commas between")
        return kind.read(value)
    if issubclass(kind, Decimal):
        return kind(_checked(value))
    raise NotImplementedError(kind)


def _checked(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"Expected `number`, got `{type(value).__name__}`")
    number = Decimal(value)
    if not number.is_finite() or abs(number) > NUMBER_MAX:
        raise ValueError(f"Expected `number` from -{NUMBER_MAX} to {NUMBER_MAX}")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -PLACES_MAX:
        raise ValueError(f"Expected `number` with at most {PLACES_MAX} decimal places")
    return number


def encoded(value: Any) -> Any:
    """Return what a value of one of these kinds travels as; for msgspec, as `enc_hook`."""
    if isinstance(value, Flags):
        return str(value)
    if isinstance(value, Decimal):
        return Decimal(value)
    raise NotImplementedError(type(value))
