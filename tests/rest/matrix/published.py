"""docs/permissions.md as it is read: what each operation needs."""

import re

from tools.permissions import PAGE

_ROW = re.compile(r"\| `(?P<operation>[^`]+)` \| (?P<needs>[^|]+?) \|")


def published(title: str) -> dict[str, str]:
    """Return what each operation of a table needs: a permission, or words. `title`: how the table's heading begins."""
    (table,) = [part for part in PAGE.read_text(encoding="utf-8").split("\n## ") if part.startswith(title)]
    return {row["operation"]: row["needs"].strip("`") for row in _ROW.finditer(table)}
