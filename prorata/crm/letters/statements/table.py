"""A statement as CSV: numbers and times as programs read them."""

import csv
import io
from collections.abc import Iterable

from prorata.crm.letters.statements.sheet import Sheet

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(sheet: Sheet) -> str:
    """Return one section for each table, with an empty line before it. `sheet`: in the tongue `PLAIN`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_cell(sheet.title), _cell(sheet.subtitle)])
    writer.writerows([_cell(label), _cell(text)] for label, text in sheet.facts)
    writer.writerows([[], [sheet.summary_title]])
    writer.writerows([label, amount] for label, amount in sheet.summary)
    for table in sheet.tables:
        writer.writerows([[], [table.title], table.columns])
        for row in (*table.rows, *([table.total] if table.total else [])):
            writer.writerow(_cells(row, table.numeric))
    return out.getvalue()


def _cells(row: Iterable[str], numeric: frozenset[int]) -> list[str]:
    return [cell if place in numeric else _cell(cell) for place, cell in enumerate(row)]


def _cell(text: str) -> str:
    """Return a text that a spreadsheet takes for a text: names and comments are what strangers have written."""
    return f"'{text}" if text.startswith(_FORMULA) else text
