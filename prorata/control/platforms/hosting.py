"""How platforms of ours are run, as those see it who look after them. `app` has the server that does it."""

from enum import StrEnum
from typing import Protocol

import msgspec

from prorata.control.platforms.records import PlatformRecord


class RunState(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"
    """it is tried again by itself, less often each time, or at once when somebody asks for it"""
    ELSEWHERE = "elsewhere"
    """another server runs it"""
    ARCHIVING = "archiving"
    """it has stopped, or is about to; its journal is being put away"""
    ARCHIVED = "archived"


class Running(msgspec.Struct, frozen=True):
    """`problem`: why it failed last; "" while nothing is wrong."""

    state: RunState
    problem: str = ""


class Host(Protocol):
    """A server that runs platforms of ours as the table says: it looks at the table, and is woken after a change."""

    @property
    def id(self) -> str:
        """Which data directory its platforms are run from."""
        ...

    def running(self, record: PlatformRecord) -> Running: ...
    def has_own(self, record: PlatformRecord) -> bool:
        """Say whether a platform without `hosting` may be in a settings file, which would go on running it."""
        ...

    def wake(self) -> None: ...
    def retry(self, record: PlatformRecord) -> None:
        """Start a platform that failed, at once."""
        ...
