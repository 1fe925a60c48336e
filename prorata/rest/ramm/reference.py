"""Numbers of assets and symbols: what other methods call AssetID, SymbolSpecID and the like.

An asset has its ISO 4217 number if it has one, else one from 10,001 on that is never given to another. A symbol has
its place among the platform's symbols, which are never removed.
"""

from collections.abc import Iterator
from enum import IntEnum

import msgspec

from prorata.messages.symbols import SymbolSpec, TradeMode
from prorata.trading.desk import Desk
from prorata.units.currency import CURRENCY_DIGITS

TRADING_CORE = 1
"""A company is served by one trade platform, which is its trading core."""


class AssetType(IntEnum):
    """Numbers as RAMM has them; 2 is a share."""

    CURRENCY = 0
    METAL = 1
    CRYPTOCURRENCY = 3


ASSET_IDS: dict[str, int] = {
    "AUD": 36, "CAD": 124, "CHF": 756, "CNH": 10_001, "CZK": 203, "DKK": 208, "EUR": 978, "GBP": 826, "HKD": 344,
    "HUF": 348, "JPY": 392, "MXN": 484, "NOK": 578, "NZD": 554, "PLN": 985, "SEK": 752, "SGD": 702, "TRY": 949,
    "USD": 840, "ZAR": 710, "XAG": 961, "XAU": 959, "BTC": 10_002, "ETH": 10_003, "USDT": 10_004,
}  # fmt: skip
assert ASSET_IDS.keys() == CURRENCY_DIGITS.keys(), "a currency without a number"

_SPEC_STEP = 100_000
assert max(ASSET_IDS.values()) < _SPEC_STEP

_METALS = frozenset({"XAG", "XAU"})
_CRYPTOCURRENCIES = frozenset({"BTC", "ETH", "USDT"})


class Asset(msgspec.Struct, frozen=True):
    ID: int
    Type: int
    Name: str
    Precision: int


class Symbol(msgspec.Struct, frozen=True):
    ID: int
    IDAssetBase: int
    AssetBaseName: str
    IDAssetQuote: int
    AssetQuoteName: str
    Name: str
    FullName: str
    Enabled: bool


def assets() -> list[Asset]:
    """Return all assets by id."""
    known = [Asset(ASSET_IDS[name], _type_of(name).value, name, digits) for name, digits in CURRENCY_DIGITS.items()]
    return sorted(known, key=lambda asset: asset.ID)


def symbols(desk: Desk) -> Iterator[Symbol]:
    """Return all symbols of a platform, by id."""
    for symbol_id, spec in enumerate(desk.state.symbols.values(), start=1):
        yield _symbol(symbol_id, spec)


def symbol_ids(desk: Desk) -> dict[str, int]:
    """Return the ids of all symbols of a platform by name."""
    return {name: symbol_id for symbol_id, name in enumerate(desk.state.symbols, start=1)}


def account_spec_id(company_id: int, currency: str) -> int:
    """Return the number of the specification of a company's accounts in one currency: 300,840 of company 3 in USD."""
    return company_id * _SPEC_STEP + ASSET_IDS[currency]


def _symbol(symbol_id: int, spec: SymbolSpec) -> Symbol:
    return Symbol(
        symbol_id, ASSET_IDS[spec.base], spec.base, ASSET_IDS[spec.quote], spec.quote, spec.name,
        spec.description or spec.name, spec.trade_mode != TradeMode.DISABLED,
    )  # fmt: skip


def _type_of(name: str) -> AssetType:
    if name in _METALS:
        return AssetType.METAL
    return AssetType.CRYPTOCURRENCY if name in _CRYPTOCURRENCIES else AssetType.CURRENCY
