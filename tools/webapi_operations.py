"""Writes the table of operations in docs/webapi.md anew from the registry: `python -m tools.webapi_operations`."""

from pathlib import Path

from prorata.rest.webapi import operations
from prorata.rest.webapi.registry import SURFACES, Operation, Surface

PAGE = Path(__file__).resolve().parents[1] / "docs" / "webapi.md"
BEGIN = "<!-- operations: written by python -m tools.webapi_operations -->"
END = "<!-- end of operations -->"

assert operations


def table_of(surface: Surface) -> list[str]:
    """Return the operations of a surface, a line each."""
    lines = [f"### {surface.name}", "", "| | operation | permission | seconds | here | |", "|---|---|---|---|---|---|"]
    for operation in sorted(surface, key=lambda one: (one.template.lower(), one.verb)):
        lines.append(line_of(operation))
    return [*lines, ""]


def line_of(operation: Operation) -> str:
    how = f"{operation.how}, with `confirm`" if operation.confirm else operation.how
    return (
        f"| {operation.verb} | `{operation.template}` | {operation.needs} | {operation.seconds} | {how} | {operation.purpose} |"
    )


def page_with_table(page: str) -> str:
    """Return the page with the table as the registry has it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [line for surface in SURFACES.values() for line in table_of(surface)]
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
