"""How long a call may take: as its caller says, or as its kind of operation does by default."""

from decimal import Decimal

from prorata.rest.webapi.bodies import parameter_of
from prorata.rest.webapi.errors import Failure, invalid
from prorata.rest.webapi.schemas.kinds import Double

SECONDS_MIN = 1
SECONDS_MAX = 300
HEADER = "X-Request-Timeout"


def deadline_of(header: bytes | None, parameter: str | None, usual: int) -> Decimal:
    """Return the seconds of the header, else of the parameter, else as `usual`. Raises `Failure`."""
    told = header.decode("latin-1").strip() if header is not None else parameter
    if told is None:
        return Decimal(usual)
    try:
        seconds: Decimal = parameter_of(Double, HEADER, told)
    except Failure:
        raise _out_of_range() from None
    if not SECONDS_MIN <= seconds <= SECONDS_MAX:
        raise _out_of_range()
    return seconds


def seconds_text(seconds: Decimal) -> str:
    """Return seconds with up to three places: "10", "2.5"."""
    text = f"{seconds:.3f}"
    return text.rstrip("0").rstrip(".")


def _out_of_range() -> Failure:
    return invalid(HEADER, f"must be a number of seconds from {SECONDS_MIN} to {SECONDS_MAX}")
