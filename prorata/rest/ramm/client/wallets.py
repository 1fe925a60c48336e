"""The client's wallet and totals."""

from decimal import Decimal

import msgspec

from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.reach import copy_of, find_my_wallet, wallet_of_mine
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.values import Id
from prorata.views.copying.numbers import money_of
from prorata.views.copying.wallets import WalletFigures, wallet_figures


class WalletOfId(Input, frozen=True, kw_only=True):
    ID: Id


class WalletRow(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet beside a list. `Balance` is free money, `Invested` what its investments are worth."""

    ID: int
    Asset: str
    Balance: Decimal
    Invested: Decimal
    Margin: Decimal
    IntervalPnL: Decimal


class WalletRowV1(WalletRow, frozen=True, kw_only=True):
    """`Bonus` is a part of `Balance`."""

    Bonus: Decimal


class WalletCard(WalletRow, frozen=True, kw_only=True):
    ActiveStrategiesCount: int


class WalletBesideStrategies(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    Asset: str
    Balance: Decimal
    Invested: Decimal
    Margin: Decimal
    ProfitCurrentIntervalGross: Decimal


class WalletBesideClosed(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    Asset: str
    Balance: Decimal
    Invested: Decimal
    Margin: Decimal
    TotalProfit: Decimal


@CLIENT.method("wallets.get", versions=(2, 3), reads=True)
async def wallets_get(call: Call, given: WalletOfId) -> WalletCard:
    """One wallet."""
    figures = wallet_figures(copy_of(call), wallet_of_mine(call, given.ID, "ID"))
    row = _row(figures)
    return WalletCard(**msgspec.structs.asdict(row), ActiveStrategiesCount=figures.active_strategies)


@CLIENT.method("wallets.get", versions=(1,), reads=True)
async def wallets_get_v1(call: Call, given: WalletOfId) -> WalletRowV1:
    """One wallet, with its bonus."""
    return _row_v1(wallet_figures(copy_of(call), wallet_of_mine(call, given.ID, "ID")))


def my_figures(call: Call) -> list[WalletFigures]:
    """Return the figures of the client's wallet, as a list: he may have none yet."""
    wallet = find_my_wallet(call)
    return [] if wallet is None else [wallet_figures(copy_of(call), wallet)]


def wallet_rows(call: Call) -> list[WalletRow]:
    """Return the wallets that stand beside a list, in the shape of the API's version."""
    if call.version == 1:
        return [_row_v1(figures) for figures in my_figures(call)]
    return [_row(figures) for figures in my_figures(call)]


def wallets_beside_strategies(call: Call) -> list[WalletBesideStrategies]:
    return [
        WalletBesideStrategies(
            ID=one.number,
            Asset=one.currency,
            Balance=money_of(one.balance, one.currency),
            Invested=money_of(one.invested, one.currency),
            Margin=money_of(one.margin, one.currency),
            ProfitCurrentIntervalGross=money_of(one.interval_pnl, one.currency),
        )
        for one in my_figures(call)
    ]


def wallets_beside_closed(call: Call) -> list[WalletBesideClosed]:
    return [
        WalletBesideClosed(
            ID=one.number,
            Asset=one.currency,
            Balance=money_of(one.balance, one.currency),
            Invested=money_of(one.invested, one.currency),
            Margin=money_of(one.margin, one.currency),
            TotalProfit=money_of(one.total_profit, one.currency),
        )
        for one in my_figures(call)
    ]


def _row(figures: WalletFigures) -> WalletRow:
    return WalletRow(
        ID=figures.number,
        Asset=figures.currency,
        Balance=money_of(figures.balance, figures.currency),
        Invested=money_of(figures.invested, figures.currency),
        Margin=money_of(figures.margin, figures.currency),
        IntervalPnL=money_of(figures.interval_pnl, figures.currency),
    )


def _row_v1(figures: WalletFigures) -> WalletRowV1:
    return WalletRowV1(**msgspec.structs.asdict(_row(figures)), Bonus=money_of(figures.bonus, figures.currency))
