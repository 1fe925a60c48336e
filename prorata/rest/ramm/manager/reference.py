"""Assets and symbols, as the company's trade platform has them."""

from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent
from prorata.rest.ramm.reference import Asset, Symbol, assets, symbols
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Key, Search, echo_of, page_of
from prorata.rest.ramm.values import Code, Id, Text


class AssetsFilter(Input, frozen=True, kw_only=True):
    Type: Code | None = None
    Name: Text | None = None


class AssetsSearch(Search, frozen=True, kw_only=True):
    Filter: AssetsFilter = AssetsFilter()


class AssetsFound(Found, frozen=True, kw_only=True):
    Assets: list[Asset]


class SymbolsFilter(Input, frozen=True, kw_only=True):
    Name: Text | None = None
    Enabled: bool | None = None


class SymbolsSearch(Search, frozen=True, kw_only=True):
    Filter: SymbolsFilter = SymbolsFilter()


class SymbolsFound(Found, frozen=True, kw_only=True):
    Symbols: list[Symbol]


class ThingOfId(Input, frozen=True, kw_only=True):
    ID: Id


def _asset_id(asset: Asset) -> int:
    return asset.ID


def _symbol_id(symbol: Symbol) -> int:
    return symbol.ID


ASSET_ORDERS: dict[str, Key[Asset]] = {
    "ID": _asset_id,
    "Type": lambda asset: asset.Type,
    "Name": lambda asset: asset.Name,
    "Precision": lambda asset: asset.Precision,
}
SYMBOL_ORDERS: dict[str, Key[Symbol]] = {
    "ID": _symbol_id,
    "IDAssetBase": lambda symbol: symbol.IDAssetBase,
    "AssetBaseName": lambda symbol: symbol.AssetBaseName,
    "IDAssetQuote": lambda symbol: symbol.IDAssetQuote,
    "AssetQuoteName": lambda symbol: symbol.AssetQuoteName,
    "Name": lambda symbol: symbol.Name,
    "FullName": lambda symbol: symbol.FullName,
    "Enabled": lambda symbol: symbol.Enabled,
}


@MANAGER.method("assets.search", reads=True)
async def assets_search(call: Call, given: AssetsSearch) -> AssetsFound:
    """Find assets: currencies, metals, cryptocurrencies."""
    part = given.part(ASSET_ORDERS)
    wanted = given.Filter
    found = [
        asset for asset in assets() if (wanted.Type is None or asset.Type == wanted.Type) and _has(asset.Name, wanted.Name)
    ]
    rows, total = page_of(found, part, ASSET_ORDERS, _asset_id)
    return AssetsFound(**echo_of(given, part, total), Assets=rows)


@MANAGER.method("assets.get", reads=True)
async def assets_get(call: Call, given: ThingOfId) -> Asset:
    """One asset."""
    for asset in assets():
        if asset.ID == given.ID:
            return asset
    raise Absent("ID")


@MANAGER.method("symbols.search", also=("symbol.search",), reads=True)
async def symbols_search(call: Call, given: SymbolsSearch) -> SymbolsFound:
    """Find symbols of the trade platform."""
    part = given.part(SYMBOL_ORDERS)
    wanted = given.Filter
    found = [
        symbol
        for symbol in symbols(call.platform.desk)
        if (wanted.Enabled is None or symbol.Enabled == wanted.Enabled) and _has(symbol.Name, wanted.Name)
    ]
    rows, total = page_of(found, part, SYMBOL_ORDERS, _symbol_id)
    return SymbolsFound(**echo_of(given, part, total), Symbols=rows)


@MANAGER.method("symbols.get", also=("symbol.get",), reads=True)
async def symbols_get(call: Call, given: ThingOfId) -> Symbol:
    """One symbol."""
    for symbol in symbols(call.platform.desk):
        if symbol.ID == given.ID:
            return symbol
    raise Absent("ID")


def _has(name: str, wanted: str | None) -> bool:
    return wanted is None or wanted.lower() in name.lower()
