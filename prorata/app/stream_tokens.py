"""Who may come to the stream: programs with a key, and traders' front ends with a trading token."""

from prorata.access.callers import Caller, Tokens


class StreamTokens:
    """`terminals`: who knows trading tokens; None as long as there is no Platform-API."""

    def __init__(self, keys: Tokens) -> None:
        self._keys = keys
        self.terminals: Tokens | None = None

    def verify(self, token: bytes) -> Caller | None:
        return self._keys.verify(token) or (self.terminals.verify(token) if self.terminals is not None else None)
