"""The modules in which the operations are."""

from prorata.rest.platform import account, market, partners, signing_in, trading

__all__ = ["account", "market", "partners", "signing_in", "trading"]
