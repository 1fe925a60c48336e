"""Answers that are files. They are written before the answer begins: a file that breaks off would be taken for whole."""

import asyncio
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from litestar.response import Stream

ZIP, CSV, JSON_LINES = "application/zip", "text/csv; charset=utf-8", "application/jsonl"
_PIECE = 65_536
_IN_MEMORY = 4 * 1024 * 1024


async def file_answer(write: Callable[[IO[bytes]], None], *, name: str, media: str) -> Stream:
    """Return the answer with what `write` writes; large files lie on the disk meanwhile."""
    file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - it is closed when the answer is out
    await asyncio.to_thread(write, file)
    return Stream(_pieces_of(file), media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


def _pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
