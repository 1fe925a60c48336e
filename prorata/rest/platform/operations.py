"""The modules in which the operations are."""

from prorata.rest.platform import (
    account,
    api_keys,
    letters,
    market,
    money,
    paperwork,
    partners,
    privacy,
    profile,
    prop,
    registering,
    signing_in,
    trading,
)

__all__ = [
    "account", "api_keys", "letters", "market", "money", "paperwork", "partners", "privacy", "profile", "prop",
    "registering", "signing_in", "trading",
]  # fmt: skip
