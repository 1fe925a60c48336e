"""A connection to somebody's server for a test of it: it leads where it may, and it ends in seconds, whatever is there."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from prorata.control.platforms.addresses import Address
from prorata.control.webhooks.targets import BadTarget, addresses_of

DETAIL_LENGTH_MAX = 300


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at. `detail`: what was found, in words."""

    name: str
    ok: bool
    detail: str


class Failed(Exception):
    """The test ends here. `args[0]` says why."""


class Findings:
    """What a test has found so far. What is under way has the name that was begun last."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self._name = "address"

    def begin(self, name: str) -> None:
        self._name = name

    def passed(self, detail: str = "") -> None:
        self.checks.append(Check(self._name, True, readable(detail)))

    def failed(self, detail: str) -> None:
        self.checks.append(Check(self._name, False, readable(detail)))

    def cut_short(self, detail: str) -> "Findings":
        """Return what there is, and that the rest has failed; who still looks goes on with these findings."""
        ended = Findings()
        ended.checks, ended._name = [*self.checks], self._name
        ended.failed(detail)
        return ended


def readable(text: str) -> str:
    """Return what a server said as one line of bearable length."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:DETAIL_LENGTH_MAX]).strip()


class Line:
    """A connection. When its time is up it is cut, so that whoever waits for it wakes up."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self.socket = connected
        self.is_late = False
        # Whoever speaks TLS takes the socket over and leaves an empty one behind; this one stays good for cutting.
        self._end = connected.dup()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        self.is_late = True
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._timer.cancel()
        self._end.close()
        self.socket.close()


@contextmanager
def line_to(address: Address, findings: Findings, *, private: bool, seconds: float) -> Iterator[Line]:
    """Connect to an address; `seconds` are for everything together. Looking the name up can take longer: see `probing`.

    `private`: it may be in a network that is not public. Raises `Failed`, also for what fails late within.
    """
    until = time.monotonic() + seconds
    connected = _connected(address, findings, private=private, until=until)
    line = Line(connected, max(0.001, until - time.monotonic()))
    try:
        findings.passed(f"connected to {address}")
        yield line
    except Exception:
        if line.is_late:
            raise Failed(f"no answer within {seconds:g} s") from None
        raise
    finally:
        line.close()


def _connected(address: Address, findings: Findings, *, private: bool, until: float) -> socket.socket:
    findings.begin("address")
    try:
        numbers = addresses_of(address.host, address.port, private=private)
    except BadTarget as problem:
        raise Failed(str(problem)) from None
    except OSError:
        raise Failed(f"the name {address.host} leads nowhere") from None
    findings.passed(", ".join(numbers))
    findings.begin("connection")
    reason = ""
    for number in numbers:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((number, address.port), timeout=left)
        except TimeoutError:
            reason = ""
        except OSError as problem:
            reason = problem.strerror or str(problem)
    raise Failed(f"{address} cannot be reached: {reason or 'no answer in time'}")
