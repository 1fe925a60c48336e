"""Kinds of documents, and what is taken for one: its content decides, not what it is called."""

from enum import StrEnum


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
