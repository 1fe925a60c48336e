"""PDFs made by processes of their own, several at once.

A PDF takes a tenth of a second or more of whoever makes it. In the process that runs the trade platforms that is time of the
interpreter, which orders wait for; so it is told to others, which give way to everybody else (decision 0039).

As a program this is such a process: it is asked in its standard input, and ends with it, or when nothing is asked for long.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import LifoQueue
from select import select
from subprocess import PIPE, Popen
from threading import Lock
from typing import IO, TypeAlias

import msgspec
import structlog

from prorata.crm.letters.statements.sheet import Sheet
from prorata.units.numbers import Moment

NICE = 10
IDLE_SECONDS = 300.0
"""A process that is asked for nothing for so long ends: it holds some 90 MB."""
_LENGTH_BYTES = 8
_PROGRAM = "prorata.crm.letters.statements.printing"

Printer: TypeAlias = Callable[[Sheet, Moment], bytes]
"""Makes a PDF, as `pdf_of` does."""

_log = structlog.get_logger("letters")
_here = Lock()


def print_here(sheet: Sheet, at: Moment) -> bytes:
    """Make a PDF in this process. One at a time: threads that want the interpreter together hold up the event loop together."""
    from prorata.crm.letters.statements.pdf import pdf_of  # A seventh of what the server imports, and it hardly ever prints.

    with _here:
        return pdf_of(sheet, at)


class _Order(msgspec.Struct, frozen=True):
    sheet: Sheet
    at: Moment


class Printers:
    """So many processes, each begun when it is needed. `print` blocks, and is called from many threads."""

    def __init__(self, count: int) -> None:
        assert count > 0
        self._closed = False
        # Who has just worked is asked first: where one is enough, the others are not begun.
        self._free: LifoQueue[Popen[bytes] | None] = LifoQueue()
        self._count = count
        for _ in range(count):
            self._free.put(None)

    def print(self, sheet: Sheet, at: Moment) -> bytes:
        """Return the PDF of a sheet. If its process fails, it is made here, and the next one by another process."""
        process = self._free.get()
        content = b""
        try:
            if process is not None and process.poll() is not None:
                _end(process)
                process = None
            if process is None and not self._closed:
                process = Popen([sys.executable, "-m", _PROGRAM], stdin=PIPE, stdout=PIPE)
            if process is not None:
                content = _ask(process, msgspec.msgpack.encode(_Order(sheet, at)))
        except OSError as problem:
            _log.warning("a process that makes PDFs has failed", problem=str(problem) or type(problem).__name__)
        finally:
            if not content and process is not None:
                _end(process)
                process = None
            self._free.put(process)
        return content or print_here(sheet, at)

    def close(self) -> None:
        """End the processes, each with the PDF that it is at. Afterwards they are begun no more."""
        self._closed = True
        for _ in range(self._count):
            process = self._free.get()
            if process is not None:
                _end(process)
        for _ in range(self._count):
            self._free.put(None)


def _ask(process: Popen[bytes], order: bytes) -> bytes:
    """Raises `OSError`: it has gone away."""
    assert process.stdin is not None
    assert process.stdout is not None
    _write(process.stdin, order)
    content = _read(process.stdout)
    if content is None:
        raise ConnectionResetError("it has ended")
    return content


def _end(process: Popen[bytes]) -> None:
    process.kill()
    # Its pipes are closed, and it is waited for; what it was still to be told is told to nobody.
    with suppress(OSError), process:
        pass


def _write(line: IO[bytes], message: bytes) -> None:
    line.write(len(message).to_bytes(_LENGTH_BYTES) + message)
    line.flush()


def _read(line: IO[bytes]) -> bytes | None:
    """Return the next message; None: there is none any more."""
    head = line.read(_LENGTH_BYTES)
    length = int.from_bytes(head)
    message = line.read(length)
    return message if len(head) == _LENGTH_BYTES and len(message) == length else None


def main() -> None:
    """Answer orders until there are no more."""
    # A signal to the whole group is the server's to obey; it then closes the line.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICE)
    decoder = msgspec.msgpack.Decoder(_Order)
    while select([sys.stdin.buffer], [], [], IDLE_SECONDS)[0]:
        message = _read(sys.stdin.buffer)
        if message is None:
            return
        order = decoder.decode(message)
        _write(sys.stdout.buffer, print_here(order.sheet, order.at))


if __name__ == "__main__":
    main()
