"""The shape of a refusal's text."""

from typing import NamedTuple


class ProblemText(NamedTuple):
    title: str
    meaning: str
    retryable: bool = False
    """the same call, unchanged, may succeed later"""
