"""Kinds of documents, and what is taken for one: its content decides, not what it is called."""

from enum import StrEnum

SIZE_MAX = 10 * 1024 * 1024
"""bytes of one document"""
_BEGINS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "application/pdf": b"%PDF-"}
_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1"})
MEDIA = (*_BEGINS, "image/webp", "image/heic")
"""what a document may be"""


class DocumentKind(StrEnum):
    PASSPORT = "PASSPORT"
    IDENTITY_CARD = "IDENTITY_CARD"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    RESIDENCE_PERMIT = "RESIDENCE_PERMIT"
    PROOF_OF_ADDRESS = "PROOF_OF_ADDRESS"
    SELFIE = "SELFIE"
    SOURCE_OF_FUNDS = "SOURCE_OF_FUNDS"
    AGREEMENT = "AGREEMENT"
    OTHER = "OTHER"


def media_of(content: bytes) -> str:
    """Return which of `MEDIA` a content is by its first bytes, "" for none."""
    for media, begin in _BEGINS.items():
        if content.startswith(begin):
            return media
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "image/heic" if content[4:8] == b"ftyp" and content[8:12] in _BRANDS else ""
