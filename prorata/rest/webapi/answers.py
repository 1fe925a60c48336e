"""What came of a call, before it has the shape of an answer: either what it gives, or why it was not done."""

from typing import Any

import msgspec

from prorata.rest.webapi.errors import Failure
from prorata.rest.webapi.paging import Listed
from prorata.rest.webapi.schemas.kinds import encoded

encoder = msgspec.json.Encoder(enc_hook=encoded, decimal_format="number")


class Answered(msgspec.Struct, frozen=True):
    """`data`: JSON, of the items alone for a part of a list. `failure` None: the call was done."""

    data: bytes = b"null"
    is_part: bool = False
    next_cursor: str | None = None
    failure: Failure | None = None


def answered(given: Any) -> Answered:
    """Return the answer of a handler that gave this."""
    if isinstance(given, Listed):
        return Answered(encoder.encode(given.items), True, given.next_cursor)
    return Answered(encoder.encode(given))


def refused(failure: Failure) -> Answered:
    return Answered(failure=failure)
