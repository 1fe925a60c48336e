"""Writes the table of operations in docs/broker-api.md anew from the registry: `python -m tools.broker_operations`."""

from pathlib import Path

from prorata.rest.broker import operations
from prorata.rest.broker.registry import Operation
from prorata.rest.broker.registry import operations as registered

PAGE = Path(__file__).resolve().parents[1] / "docs" / "broker-api.md"
BEGIN = "<!-- operations: written by python -m tools.broker_operations -->"
END = "<!-- end of operations -->"

assert operations


def line_of(operation: Operation) -> str:
    whose = "ours" if operation.ours else ""
    return f"| {operation.verb} | `{operation.template}` | {operation.needs or ''} | {whose} | {operation.purpose} |"


def page_with_table(page: str) -> str:
    """Return the page with the table as the registry has it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = ["| | operation | permission | | |", "|---|---|---|---|---|", *(line_of(one) for one in registered())]
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
