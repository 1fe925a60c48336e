"""Operations by path and verb, where a step of the path may be a parameter: "/v1/accounts/{accountUuid}"."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

OperationType = TypeVar("OperationType")


class Paths(Generic[OperationType]):
    """Of two templates that a path fits, the one with fewer parameters is meant."""

    def __init__(self) -> None:
        self._known: dict[int, list[tuple[tuple[str | None, ...], dict[str, OperationType]]]] = {}
        """by the number of steps: templates, whose parameters are None, those with fewest first; their operations by verb"""

    def add(self, verb: str, template: str, made: OperationType) -> None:
        steps = tuple(None if step.startswith("{") else step for step in _steps_of(template))
        templates = self._known.setdefault(len(steps), [])
        verbs = next((verbs for known, verbs in templates if known == steps), None)
        if verbs is None:
            verbs = {}
            templates.append((steps, verbs))
            templates.sort(key=lambda known: known[0].count(None))
        assert verb not in verbs, f"{verb} {template} is there twice"
        verbs[verb] = made

    def at(self, steps: Sequence[str]) -> tuple[dict[str, OperationType], tuple[str, ...]]:
        """Return the operations of a path by verb, none if there are none, and what its parameters are."""
        for template, verbs in self._known.get(len(steps), ()):
            if all(wanted is None or wanted == step for wanted, step in zip(template, steps, strict=True)):
                return verbs, tuple(step for wanted, step in zip(template, steps, strict=True) if wanted is None)
        return {}, ()

    def all(self) -> Iterator[OperationType]:
        for templates in self._known.values():
            for _, verbs in templates:
                yield from verbs.values()


def parameters_in(template: str) -> list[str]:
    """Return the names of a template's parameters, in order."""
    return [step[1:-1] for step in _steps_of(template) if step.startswith("{")]


def _steps_of(template: str) -> list[str]:
    return template.removeprefix("/").split("/")
