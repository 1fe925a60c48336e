"""The modules in which the operations are."""

from prorata.rest.platform import account, market, money, signing_in, trading

__all__ = ["account", "market", "money", "signing_in", "trading"]
