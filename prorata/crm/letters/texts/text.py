"""What a text of a letter is made of."""

from collections.abc import Mapping
from typing import NamedTuple

from prorata.crm.letters.kinds import LetterKind


class Text(NamedTuple):
    """Templates. `html` "": the HTML part is the text in paragraphs."""

    subject: str
    body: str
    html: str = ""


def letters(greeting: str, closing: str, texts: Mapping[LetterKind, tuple[str, str]]) -> dict[LetterKind, Text]:
    """Put a greeting before each text and a closing behind it."""
    return {kind: Text(subject, f"{greeting}\n\n{body}\n\n{closing}\n") for kind, (subject, body) in texts.items()}
