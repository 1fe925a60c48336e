"""Between decimal text and whole numbers: the only door through which amounts enter and leave.

No float takes part. Text with an exponent, a sign without digits, blanks, NaN or more decimal places
than the unit has is refused: a silently rounded amount is a wrong amount.
"""

import re

_WITH_WHOLE_PART = tuple(10**digits for digits in range(25))
_DECIMAL = re.compile(r"(-?)(\d{1,24})(?:\.(\d{1,18}))?", re.ASCII)


class NotADecimal(ValueError):
    """The text is not a plain decimal number."""


class TooManyDecimals(ValueError):
    """The text has more decimal places than the unit can hold."""


def parse_decimal(text: str, digits: int) -> int:
    """Return `text` in units of 10^-`digits`: ("10.50", 2) is 1050, ("1.1", 5) is 110_000.

    Zeros beyond the last place are accepted: ("1.100", 2) is 110.

    Raises:
        NotADecimal: if the text is anything but an optional minus, digits, and a fraction.
        TooManyDecimals: if a place beyond `digits` is not zero.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise NotADecimal(text[:40])
    sign, whole, fraction = match.groups(default="")
    if len(fraction) > digits:
        if fraction[digits:].strip("0"):
            raise TooManyDecimals(text[:40])
        fraction = fraction[:digits]
    value = int(whole + fraction.ljust(digits, "0"))
    return -value if sign else value


def format_decimal(value: int, digits: int) -> str:
    """Return `value` units of 10^-`digits` as text with all its places: (1050, 2) is "10.50"."""
    if digits == 0:
        return str(value)
    if value >= _WITH_WHOLE_PART[digits]:
        text = str(value)
        return f"{text[:-digits]}.{text[-digits:]}"
    sign = "-" if value < 0 else ""
    text = str(abs(value)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def format_short(value: int, digits: int, least: int) -> str:
    """Return `value` as text without trailing zeros beyond `least` places: (10_000_000, 8, 2) is "0.10"."""
    text = format_decimal(value, digits)
    if digits <= least:
        return text
    whole, _, fraction = text.partition(".")
    fraction = fraction[:least] + fraction[least:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
