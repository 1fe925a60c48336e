"""The page that the HTML part of a letter is."""

from markupsafe import Markup

_PAGE = Markup("""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body style="margin:0;padding:24px 12px;background:#f3f4f6;color:#1f2937;font:16px/1.5 Helvetica,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto;background:#fff;border:1px solid #e5e7eb;border-radius:6px">
<div style="padding:16px 24px;border-bottom:1px solid #e5e7eb;font-weight:bold">{broker}</div>
<div style="padding:8px 24px 16px">
{inside}
</div>
</div>
</body>
</html>
""")


def page_of(language: str, *, title: str, broker: str, inside: str) -> str:
    """Return a letter as a page. `inside` is HTML; all else is text."""
    return str(_PAGE.format(language=language, title=title, broker=broker, inside=Markup(inside)))  # noqa: S704
