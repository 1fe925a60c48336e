"""Masks of group names: parts with commas between, `*` for any letters, `!` in front for those that are left out."""

import re
from collections.abc import Iterable
from functools import lru_cache

MASK_LENGTH_MAX = 1_024


def matching(names: Iterable[str], mask: str) -> list[str]:
    """Return the names that a mask means: "demo*,!demo-vip" is all that begin with demo, but that one. Case matters."""
    wanted, unwanted = _patterns_of(mask[:MASK_LENGTH_MAX])
    return [
        name
        for name in names
        if any(pattern.fullmatch(name) for pattern in wanted) and not any(pattern.fullmatch(name) for pattern in unwanted)
    ]


@lru_cache(256)
def _patterns_of(mask: str) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    wanted: list[re.Pattern[str]] = []
    unwanted: list[re.Pattern[str]] = []
    for part in mask.split(","):
        text = part.strip()
        (unwanted if text.startswith("!") else wanted).append(_pattern_of(text.removeprefix("!")))
    return wanted, unwanted


def _pattern_of(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, re.sub(r"\*+", "*", text).split("*"))), re.DOTALL)
