"""A statement as an HTML page that stands by itself: no script, nothing from elsewhere."""

from markupsafe import Markup, escape

from prorata.crm.letters.statements.sheet import Sheet, Table

_STYLE = Markup("""
body{margin:0;padding:32px;color:#111827;background:#fff;font:14px/1.45 Helvetica,Arial,sans-serif}
main{max-width:1100px;margin:0 auto}
h1{font-size:22px;margin:0}
h2{font-size:16px;margin:28px 0 8px}
.sub{color:#4b5563;margin:2px 0 20px}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:600;color:#374151;background:#f3f4f6}
th,td{padding:5px 8px;border-bottom:1px solid #e5e7eb;vertical-align:top}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
tr.sum td{font-weight:600;border-top:1px solid #6b7280}
.facts,.summary{width:auto;min-width:420px}
.facts td:first-child{color:#4b5563}
.wide{overflow-x:auto}
@media print{body{padding:0}tr{break-inside:avoid}}
""")
_PAGE = Markup("""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} {subtitle}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="sub">{subtitle}</p>
<table class="facts">
{facts}</table>
<h2>{summary_title}</h2>
<table class="summary">
{summary}</table>
{tables}</main>
</body>
</html>
""")


def html_of(sheet: Sheet) -> str:
    facts = Markup("").join(Markup("<tr><td>{}</td><td>{}</td></tr>\n").format(*fact) for fact in sheet.facts)
    summary = Markup("").join(
        Markup('<tr{}><td>{}</td><td class="n">{}</td></tr>\n').format(_sum(place in sheet.sums), label, amount)
        for place, (label, amount) in enumerate(sheet.summary)
    )
    filled = _PAGE.format(
        language=sheet.language, title=sheet.title, subtitle=sheet.subtitle, style=_STYLE, facts=facts,
        summary_title=sheet.summary_title, summary=summary, tables=Markup("").join(map(_table, sheet.tables)),
    )  # fmt: skip
    return str(filled)


def _table(table: Table) -> Markup:
    head = Markup("").join(
        Markup("<th{}>{}</th>").format(_number(place in table.numeric), name) for place, name in enumerate(table.columns)
    )
    rows = Markup("").join(_row(table, row, is_sum=False) for row in table.rows)
    total = _row(table, table.total, is_sum=True) if table.total else Markup("")
    return Markup(
        '<h2>{}</h2>\n<div class="wide">\n<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}{}</tbody>\n</table>\n</div>\n'
    ).format(table.title, head, rows, total)


def _row(table: Table, row: tuple[str, ...], *, is_sum: bool) -> Markup:
    cells = Markup("").join(
        Markup("<td{}>{}</td>").format(_number(place in table.numeric), escape(cell)) for place, cell in enumerate(row)
    )
    return Markup("<tr{}>{}</tr>\n").format(_sum(is_sum), cells)


def _number(is_number: bool) -> Markup:
    return Markup(' class="n"') if is_number else Markup("")


def _sum(is_sum: bool) -> Markup:
    return Markup(' class="sum"') if is_sum else Markup("")
