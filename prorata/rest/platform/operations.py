"""The modules in which the operations are."""

from prorata.rest.platform import account, market, paperwork, privacy, profile, signing_in, trading

__all__ = ["account", "market", "paperwork", "privacy", "profile", "signing_in", "trading"]
