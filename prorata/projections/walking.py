"""Joins that are walked in the order in which they are written.

PostgreSQL keeps statistics and finds a good order by itself. SQLite has none here, and takes a table of millions of
details for a short one as soon as its key is known in part; "CROSS JOIN" is its way of being told the order.
"""

from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Join
from sqlalchemy.ext.compiler import compiles


class Walk(Join):
    """An inner join: for each row on the left, those on the right."""

    inherit_cache = True


def walk(first: FromClause, *steps: tuple[FromClause, ColumnElement[bool]]) -> FromClause:
    """Return `first` joined with each of `steps`: what comes next, and how it is found."""
    walked = first
    for right, found_by in steps:
        walked = Walk(walked, right, found_by)
    return walked


@compiles(Walk)
def _plainly(join: Walk, compiler: Any, **kwargs: Any) -> str:
    text: str = compiler.visit_join(join, **kwargs)
    return text


@compiles(Walk, "sqlite")
def _in_order(join: Walk, compiler: Any, asfrom: bool = False, from_linter: Any = None, **kwargs: Any) -> str:
    if from_linter is not None:
        from_linter.edges.update(product(join.left._from_objects, join.right._from_objects))
    sides = (compiler.process(side, asfrom=True, from_linter=from_linter, **kwargs) for side in (join.left, join.right))
    return f"{' CROSS JOIN '.join(sides)} ON {compiler.process(join.onclause, from_linter=from_linter, **kwargs)}"
