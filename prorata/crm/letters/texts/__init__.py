"""Our own texts of letters, by language and kind: templates like those that an organization writes itself."""

from collections.abc import Mapping
from types import MappingProxyType

from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.texts import english, german, polish, russian, spanish
from prorata.crm.letters.texts.text import Text

TEXTS: Mapping[str, Mapping[LetterKind, Text]] = MappingProxyType(
    {"en": english.TEXTS, "de": german.TEXTS, "es": spanish.TEXTS, "pl": polish.TEXTS, "ru": russian.TEXTS}
)

__all__ = ["TEXTS", "Text"]
