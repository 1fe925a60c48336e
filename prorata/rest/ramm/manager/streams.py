"""Execution streams: the routes that the A-book part of deals takes."""

import msgspec

from prorata.rest.ramm.account_rows import streams_of
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.manager.reach import copy_of
from prorata.rest.ramm.registry import MANAGER


class StreamView(msgspec.Struct, frozen=True):
    IDStream: int
    Name: str


@MANAGER.method("streams.get", reads=True)
async def streams_get(call: Call) -> list[StreamView]:
    """The execution streams of the company's trade platform."""
    return [StreamView(stream.StreamID, stream.Name) for stream in streams_of(copy_of(call))]
