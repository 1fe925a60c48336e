"""The tables of a trade platform's history are a moment behind its engine."""

import asyncio

from prorata.rest.own.session import Platform

LOOK_AGAIN_SECONDS = 0.02
LOOKS_MAX = 1_500
"""for half a minute"""


async def caught_up(platform: Platform) -> bool:
    """Wait until the tables have everything that has happened up to now; say whether they have."""
    wanted = platform.writer.sequence
    for _ in range(LOOKS_MAX):
        if (await asyncio.to_thread(platform.history.journal_position)).sequence >= wanted:
            return True
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return False
