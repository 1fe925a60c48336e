"""The modules in which the operations are."""

from prorata.rest.platform import account, market, signing_in, trading

__all__ = ["account", "market", "signing_in", "trading"]
