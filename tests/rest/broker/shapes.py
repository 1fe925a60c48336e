"""Answers as they are documented, written down as text, and compared with what came.

    uuid created:time passport{number country} positions[]{id ~margin:number}

Each word is a field; `{...}` is what is in it, `[]{...}` what is in each of a list, `[]` a list; after a colon is its kind.
A field with `~` is ours: the documents do not have it. Null stands for any kind: what is not there.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeAlias

Shape: TypeAlias = dict[str, "Field"]
Field: TypeAlias = tuple[str, bool, Shape | None]
"""kind, whether it is a list, and what is in it"""

_WORDS = re.compile(r"\[\]\{|\{|\}|~?[A-Za-z0-9]+(?:\[\](?!\{))?(?::[a-z]+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
OURS = "~"


def shape_of(text: str) -> Shape:
    words = iter(_WORDS.findall(text))
    shape = _fields(words)
    assert next(words, None) is None, text
    return shape


def _fields(words: Iterator[str]) -> Shape:
    found: Shape = {}
    last = ""
    for word in words:
        if word == "}":
            break
        if word.endswith("{"):
            found[last] = ("", found[last][1] or word.startswith("[]"), _fields(words))
            continue
        name, _, kind = word.partition(":")
        last = name.removesuffix("[]")
        found[last] = (kind, name.endswith("[]"), None)
    return found


def differences(shape: Shape, answer: Any, at: str = "") -> list[str]:
    """Return what of an answer is not as it is documented: fields that are missing or too many, and kinds."""
    if not isinstance(answer, dict):
        return [f"{at}: is no object"]
    fields = {name.removeprefix(OURS): field for name, field in shape.items()}
    found = [f"{at}{name}: is missing" for name in fields.keys() - answer.keys()]
    found += [f"{at}{name}: is not documented" for name in answer.keys() - fields.keys()]
    for name in fields.keys() & answer.keys():
        found += _differences(fields[name], answer[name], f"{at}{name}")
    return sorted(found)


def _differences(field: Field, value: Any, at: str) -> list[str]:
    kind, is_list, inner = field
    if value is None:
        return []
    if is_list:
        if not isinstance(value, list):
            return [f"{at}: is no list"]
        return [problem for one in value for problem in _differences((kind, False, inner), one, f"{at}[]")]
    if inner is not None:
        return differences(inner, value, f"{at}.")
    return [] if _is(kind, value) else [f"{at}: {value!r} is no {kind}"]


def _is(kind: str, value: Any) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "time":
            return isinstance(value, str) and _TIME.fullmatch(value) is not None
        case "flag":
            return isinstance(value, bool)
        case "whole":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case _:
            assert not kind, kind
            return True


def own_fields(shape: Shape) -> set[str]:
    """Return the names of fields that are ours, those within others, too."""
    found = {name.removeprefix(OURS) for name in shape if name.startswith(OURS)}
    return found.union(*(own_fields(inner) for _, _, inner in shape.values() if inner is not None))
