"""How a connection ends: WebSocket close codes, as documented in docs/stream.md."""

from enum import IntEnum


class CloseCode(IntEnum):
    NORMAL = 1000
    FAILED = 1011
    """an error of ours; connect again"""
    NOT_RUNNING = 1013
    """the trade platform does not run at the moment"""
    NOT_AUTHENTICATED = 4001
    """no valid key, or it was revoked, has expired, or its login was disabled"""
    TOO_SLOW = 4008
    """events came faster than they were read"""
    TOO_MANY = 4029
    """too many connections"""


class Ending(Exception):
    """The connection is to be closed. A reason has at most 123 bytes on the wire."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(code.name, reason)
        self.code = code
        self.reason = reason.encode()[:123].decode(errors="ignore")
