"""Writes the tables of operations in both pages of the Broker-API anew: `python -m tools.broker_operations`."""

from collections.abc import Iterable
from pathlib import Path

from prorata.rest.broker import operations
from prorata.rest.broker.registry import Operation
from prorata.rest.broker.registry import operations as registered
from prorata.rest.broker_v2 import operations as operations_v2
from prorata.rest.broker_v2.registry import operations as registered_v2

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, PAGE_V2 = DOCS / "broker-api.md", DOCS / "broker-api-v2.md"
BEGIN = "<!-- operations: written by python -m tools.broker_operations -->"
END = "<!-- end of operations -->"

assert operations
assert operations_v2


def line_of(operation: Operation) -> str:
    whose = "ours" if operation.ours else ""
    return f"| {operation.verb} | `{operation.template}` | {operation.needs or ''} | {whose} | {operation.purpose} |"


def page_with_table(page: str, known: Iterable[Operation] | None = None) -> str:
    """Return the page with the table of these operations, or of those of version 1."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = ["| | operation | permission | | |", "|---|---|---|---|---|", *map(line_of, known or registered())]
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}"


if __name__ == "__main__":
    for path, known in ((PAGE, registered()), (PAGE_V2, registered_v2())):
        path.write_text(page_with_table(path.read_text(encoding="utf-8"), known), encoding="utf-8")
