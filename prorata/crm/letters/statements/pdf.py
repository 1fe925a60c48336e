"""A statement as PDF: the same bytes for the same statement, whenever and wherever it is made.

The typeface is Roboto, which has Latin with all accents and Cyrillic, and is embedded as far as it is used.
"""

from datetime import UTC, datetime
from typing import Any

import font_roboto
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from prorata.crm.letters.statements.sheet import Sheet, Table
from prorata.units.numbers import Moment

_MARGIN_MM = 12
_FONT = "Roboto"
_GREY, _LINE = (243, 244, 246), (209, 213, 219)
_SUMMARY_MM = (82, 34)
_CODES = {"en": "en-GB", "de": "de-DE", "es": "es-ES", "pl": "pl-PL", "ru": "ru-RU"}


class _Document(FPDF):
    """`foot`: what stands at the bottom of each page, before its number."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._sheet = sheet
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(True, _MARGIN_MM + 6)
        for style, name in (("", "Roboto"), ("B", "RobotoBold")):
            self.add_font(_FONT, style, font_roboto.font_files[name])

    def footer(self) -> None:
        self.set_y(-_MARGIN_MM - 2)
        self.set_font(_FONT, size=7)
        self.set_text_color(107, 114, 128)
        self.cell(0, 4, f"{self._sheet.title}   {self._sheet.subtitle}")
        self.set_x(-_MARGIN_MM - 40)
        self.cell(40, 4, f"{self._sheet.page} {self.page_no()}", align="R")
        self.set_text_color(0, 0, 0)


def pdf_of(sheet: Sheet, at: Moment) -> bytes:
    """`at`: the time that is written in as that of the document."""
    document = _Document(sheet)
    document.set_creation_date(datetime.fromtimestamp(at / 1_000, UTC))
    document.set_title(f"{sheet.title} {sheet.subtitle}")
    document.set_lang(_CODES[sheet.language])
    document.add_page()
    document.set_draw_color(*_LINE)
    document.set_font(_FONT, "B", 16)
    document.cell(0, 8, sheet.title, new_x="LMARGIN", new_y="NEXT")
    document.set_font(_FONT, size=11)
    document.cell(0, 6, sheet.subtitle, new_x="LMARGIN", new_y="NEXT")
    document.ln(3)
    document.set_font(_FONT, size=9)
    for label, text in sheet.facts:
        document.cell(50 if text else 0, 5, label)
        document.cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
    _heading(document, sheet.summary_title)
    _summary(document, sheet)
    for table in sheet.tables:
        _heading(document, table.title)
        _table(document, table)
    return bytes(document.output())


def _heading(document: FPDF, title: str) -> None:
    # A heading does not stand alone at the end of a page.
    if document.will_page_break(30):
        document.add_page()
    document.ln(4)
    document.set_font(_FONT, "B", 11)
    document.cell(0, 7, title, new_x="LMARGIN", new_y="NEXT")


def _summary(document: FPDF, sheet: Sheet) -> None:
    document.set_font(_FONT, size=9)
    bold = FontFace(emphasis="BOLD")
    with document.table(
        col_widths=_SUMMARY_MM, width=sum(_SUMMARY_MM), align="LEFT", first_row_as_headings=False, line_height=5,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES, text_align=("LEFT", "RIGHT"),
    ) as table:  # fmt: skip
        for place, pair in enumerate(sheet.summary):
            row = table.row(style=bold if place in sheet.sums else None)
            for text in pair:
                row.cell(text)


def _table(document: FPDF, shown: Table) -> None:
    document.set_font(_FONT, size=7.5)
    align: tuple[Any, ...] = tuple("RIGHT" if place in shown.numeric else "LEFT" for place in range(len(shown.columns)))
    with document.table(
        col_widths=_widths(document, shown), line_height=4.2, borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        text_align=align, headings_style=FontFace(emphasis="BOLD", fill_color=_GREY), padding=(0.4, 1.4),
    ) as table:  # fmt: skip
        table.row(shown.columns)
        for cells in shown.rows:
            table.row(cells)
        if shown.total:
            table.row(shown.total, style=FontFace(emphasis="BOLD"))


def _widths(document: FPDF, shown: Table) -> tuple[int, ...]:
    """Return what each column gets of the width: as its longest text needs, within bounds."""
    rows = (shown.columns, *shown.rows, shown.total or shown.columns)
    return tuple(
        min(60, max(8, *(round(document.get_string_width(row[place])) + 4 for row in rows)))
        for place in range(len(shown.columns))
    )
