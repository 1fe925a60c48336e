"""Templates, which strangers write: they fill in what they are given, and can do nothing else.

A template is read by Jinja, and before it is compiled every node of it must be one that is allowed here: text, a field,
a field of a row, a few filters, conditions, and a loop over a list of records, not within another. There is nothing to call,
to assign, to include, to multiply. So how long it runs is bounded by its own length and the records of its loops, and what it
reads is what it was given. It then runs in Jinja's sandbox all the same, where what is not there is an error.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from prorata.crm.letters.kinds import Field, FieldKind

SOURCE_MAX = 32_768
OUTPUT_MAX = 262_144
SUBJECT_MAX = 200
LOOPS_MAX = 10
ROWS_MAX = 500
DEPTH_MAX = 30
FILTERS = frozenset({"upper", "lower", "capitalize", "title", "trim", "length", "default", "escape", "e"})
LOOP = frozenset({"index", "first", "last", "length"})

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.Filter, nodes.If,
    nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip
_NAMES = {
    nodes.Call: "a call", nodes.Assign: "an assignment", nodes.AssignBlock: "an assignment", nodes.Macro: "a macro",
    nodes.Include: "an include", nodes.Import: "an import", nodes.FromImport: "an import", nodes.Extends: "an extends",
    nodes.Block: "a block", nodes.Getitem: "an index", nodes.Test: "a test", nodes.With: "a with",
}  # fmt: skip


class BadTemplate(ValueError):
    """The text says what is wrong with a template; `line` where."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line


def _shown(value: object) -> object:
    """Let nothing into a letter but texts and numbers."""
    if isinstance(value, str | int):
        return value
    raise TypeError("only texts and numbers can be written")


def _environment(*, html: bool) -> SandboxedEnvironment:
    made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=html, finalize=_shown, cache_size=0, auto_reload=False)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests.clear()
    return made


_TEXT, _HTML = _environment(html=False), _environment(html=True)


def check_template(source: str, fields: Mapping[str, Field], *, html: bool) -> None:
    """Raise `BadTemplate` for a template that cannot be read, does more than it may, or speaks of what there is not."""
    _compiled(source, html, _Shape(fields))


def render(source: str, fields: Mapping[str, Field], values: Mapping[str, Any], *, html: bool) -> str:
    """Fill in a template. `values`: texts by field, as `kinds.written` makes them. Raises `BadTemplate`."""
    template = _compiled(source, html, _Shape(fields))
    bounded = {name: value[:ROWS_MAX] if isinstance(value, list) else value for name, value in values.items()}
    parts: list[str] = []
    size = 0
    try:
        for part in template.generate(bounded):
            size += len(part)
            if size > OUTPUT_MAX:
                raise BadTemplate(f"what it writes has more than {OUTPUT_MAX} characters", 1)
            parts.append(part)
    except (TemplateError, TypeError) as problem:
        raise BadTemplate(str(problem)[:200], _line_of(problem)) from None
    return "".join(parts)


def render_line(source: str, fields: Mapping[str, Field], values: Mapping[str, Any]) -> str:
    """As `render`, of what must be one line: a subject."""
    return " ".join(render(source, fields, values, html=False).split())[:SUBJECT_MAX]


def paragraphs_of(text: str) -> Markup:
    """Return a text as HTML: paragraphs where it has empty lines."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return Markup("\n").join(Markup("<p>%s</p>") % Markup("<br>").join(map(escape, part.splitlines())) for part in parts)


class _Shape:
    """What fields there are, by which compiled templates are told apart."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.rows = {name: frozenset(field.columns) for name, field in fields.items() if field.kind is FieldKind.ROWS}
        self.plain = frozenset(fields.keys() - self.rows.keys())
        self._key = (self.plain, tuple(sorted((name, tuple(sorted(columns))) for name, columns in self.rows.items())))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shape) and other._key == self._key


@lru_cache(maxsize=512)
def _compiled(source: str, html: bool, shape: _Shape) -> Template:
    if len(source) > SOURCE_MAX:
        raise BadTemplate(f"it has more than {SOURCE_MAX} characters", 1)
    environment = _HTML if html else _TEXT
    try:
        tree = environment.parse(source)
        _Check(shape).check(tree)
        return environment.from_string(tree)
    except TemplateSyntaxError as problem:
        raise BadTemplate((problem.message or "it cannot be read")[:200], problem.lineno) from None
    except (RecursionError, SyntaxError, MemoryError):
        raise BadTemplate("it is nested too deeply", 1) from None
    except TemplateError as problem:
        raise BadTemplate(str(problem)[:200], 1) from None


class _Check:
    """Looks at every node before anything is compiled: Jinja reckons out constants while it compiles."""

    def __init__(self, shape: _Shape) -> None:
        self._shape = shape
        self._loops = 0

    def check(self, tree: nodes.Template) -> None:
        self._visit(tree, None, frozenset(), 0)

    def _visit(self, node: nodes.Node, target: str | None, columns: frozenset[str], depth: int) -> None:
        """`target`: the record of the loop that the node is in, which has `columns`."""
        if depth > DEPTH_MAX:
            raise BadTemplate("it is nested too deeply", node.lineno)
        if not isinstance(node, _ALLOWED):
            what = _NAMES.get(type(node), f"{type(node).__name__.lower()}")
            # Jinja gives some nodes that it makes itself no line.
            raise BadTemplate(f"{what} is not allowed in a template", node.lineno or 1)
        match node:
            case nodes.For():
                self._loop(node, target, depth)
                return
            case nodes.Getattr():
                self._check_part(node, target, columns)
                return
            case nodes.Name():
                self._check_name(node, target)
            case nodes.Filter():
                self._check_filter(node)
        for child in node.iter_child_nodes():
            self._visit(child, target, columns, depth + 1)

    def _loop(self, node: nodes.For, within: str | None, depth: int) -> None:
        self._loops += 1
        if within is not None:
            raise BadTemplate("a loop within a loop is not allowed", node.lineno)
        if self._loops > LOOPS_MAX:
            raise BadTemplate(f"there are more than {LOOPS_MAX} loops", node.lineno)
        if node.recursive or node.test is not None:
            raise BadTemplate("a loop has neither a condition nor recursion", node.lineno)
        if not isinstance(node.iter, nodes.Name) or node.iter.name not in self._shape.rows:
            raise BadTemplate(f"a loop goes over one of: {', '.join(sorted(self._shape.rows)) or 'nothing here'}", node.lineno)
        if not isinstance(node.target, nodes.Name):
            raise BadTemplate("a loop has one name for its record", node.lineno)
        columns = self._shape.rows[node.iter.name]
        for child in node.body:
            self._visit(child, node.target.name, columns, depth + 1)
        for child in node.else_:
            self._visit(child, None, frozenset(), depth + 1)

    def _check_name(self, node: nodes.Name, target: str | None) -> None:
        if node.name == target or node.name in self._shape.rows:
            return
        if node.name not in self._shape.plain:
            raise BadTemplate(f"there is no field {node.name[:50]}", node.lineno)

    def _check_part(self, node: nodes.Getattr, target: str | None, columns: frozenset[str]) -> None:
        of = node.node.name if isinstance(node.node, nodes.Name) else None
        known = LOOP if of == "loop" else columns if of == target else frozenset[str]()
        if target is None or of is None or node.attr not in known:
            raise BadTemplate(f"there is no field {of or '...'}.{node.attr[:50]}", node.lineno)

    def _check_filter(self, node: nodes.Filter) -> None:
        if node.name not in FILTERS:
            raise BadTemplate(f"there is no filter {node.name[:50]}", node.lineno)
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not all(isinstance(one, nodes.Const) for one in node.args):
            raise BadTemplate(f"the filter {node.name} takes constants alone", node.lineno)


def _line_of(problem: BaseException) -> int:
    """Return the line of the template in which something went wrong."""
    return max((line for line in _lines(problem)), default=1)


def _lines(problem: BaseException) -> Iterator[int]:
    found = problem.__traceback__
    while found is not None:
        if found.tb_frame.f_code.co_filename == "<template>":
            yield found.tb_lineno
        found = found.tb_next
