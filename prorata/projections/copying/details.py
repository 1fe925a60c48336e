"""From an event about many investments to its block and the columns of its details. Pure.

A detail is a column of numbers, or one number that all investments have; what is not named is 0.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from sqlalchemy import Table

from prorata.copying.columns import Int64, count_of, unpack
from prorata.copying.state import PLACE_BITS
from prorata.messages.copy_events import (
    Column,
    Copied,
    DeficitCovered,
    FeesCharged,
    IntervalEnded,
    InvestmentDays,
    InvestmentMoved,
    StatesChanged,
    SwapsCharged,
    VolumesRejected,
    VolumesTrimmed,
)
from prorata.messages.copy_terms import InvestmentState, TransferType
from prorata.projections.copying.block_tables import (
    LARGE,
    copy_deals,
    interval_results,
    investment_days,
    investment_fees,
    investment_states,
    investment_swaps,
    trimmed_volumes,
)
from prorata.projections.copying.codes import BlockKind, CopyDealType, CopyEntry
from prorata.projections.values import Values, stored_text

Dealing = Copied | InvestmentMoved | FeesCharged | VolumesRejected | DeficitCovered
"""Events whose details are deals."""
Manifold = Dealing | VolumesTrimmed | SwapsCharged | StatesChanged | IntervalEnded | InvestmentDays
"""Events that a block is made of."""

Details: TypeAlias = dict[str, "Int64 | int | None"]
Unpack: TypeAlias = Callable[[Column], Int64]

_NO_FACTS: Values = {
    "signal": 0, "command": 0, "stop_out": 0, "request": 0, "fill": 0, "symbol": "", "ticket": "", "price": 0, "bid": 0,
    "ask": 0, "first_deal": 0, "transfer": 0, "interval": 0, "next_interval": 0, "day": 0, "nights": 0, "state": 0,
}  # fmt: skip


def investments_in(event: Manifold) -> int:
    return 1 if isinstance(event, InvestmentMoved) else count_of(event.investments)


def block_of(event: Manifold) -> Values:
    """Return the row of `copy_blocks`, but for platform, sequence and time."""
    count = investments_in(event)
    about = {"strategy": event.strategy, "investments": count, "large": int(count >= LARGE)}
    return about | _NO_FACTS | _facts_of(event)


def _facts_of(event: Manifold) -> Values:
    match event:
        case Copied():
            return {
                "kind": BlockKind.TRADE, "symbol": event.symbol, "ticket": stored_text(event.ticket), "signal": event.signal,
                "command": event.command, "stop_out": event.stop_out, "request": event.request, "fill": event.fill,
                "price": event.price, "first_deal": event.first_deal, "interval": event.interval,
            }  # fmt: skip
        case InvestmentMoved():
            return {
                "kind": BlockKind.MONEY, "command": event.command, "first_deal": event.deal, "transfer": event.transfer,
            }  # fmt: skip
        case FeesCharged():
            return {
                "kind": BlockKind.FEES, "interval": event.interval, "next_interval": event.next_interval,
                "first_deal": event.first_deal, "transfer": event.first_transfer,
            }  # fmt: skip
        case VolumesRejected():
            return {
                "kind": BlockKind.REJECTED, "symbol": event.symbol, "ticket": stored_text(event.ticket),
                "signal": event.signal, "request": event.request, "first_deal": event.first_deal,
            }  # fmt: skip
        case DeficitCovered():
            return {"kind": BlockKind.CORRECTION}
        case VolumesTrimmed():
            return {
                "kind": BlockKind.TRIMMED, "signal": event.signal, "symbol": event.symbol, "ticket": stored_text(event.ticket),
            }  # fmt: skip
        case SwapsCharged():
            return {
                "kind": BlockKind.SWAPS, "symbol": event.symbol, "ticket": stored_text(event.ticket), "nights": event.nights,
            }  # fmt: skip
        case StatesChanged():
            stopped = event.state in (InvestmentState.STOPPING_OUT, InvestmentState.STOPPED_OUT)
            return {
                "kind": BlockKind.STATES, "stop_out" if stopped else "command": event.cause, "symbol": event.symbol,
                "bid": event.bid, "ask": event.ask, "state": event.state,
            }  # fmt: skip
        case IntervalEnded():
            return {"kind": BlockKind.INTERVAL, "interval": event.interval, "next_interval": event.next_interval}
        case InvestmentDays():
            return {"kind": BlockKind.DAYS, "day": event.day}


def details_of(event: Manifold) -> dict[Table, Details]:
    """Return the details of an event, for each table that has some."""
    if isinstance(event, InvestmentMoved):
        return {copy_deals: _moved(event)}
    count = count_of(event.investments)

    def of(column: Column) -> Int64:
        return unpack(column, count)

    investments = of(event.investments)
    found = _columns_of(event, of, count)
    return {table: {"investment": investments, **details} for table, details in found.items()}


def _columns_of(event: Manifold, of: Unpack, count: int) -> dict[Table, Details]:
    match event:
        case Copied():
            return {copy_deals: _dealt(event, of) | {"deal": _numbers(event.first_deal, count)}}
        case FeesCharged():
            deals, fees = _numbers(event.first_deal, count), of(event.fees)
            money: Details = {"deal": deals, "type": CopyDealType.FEE, "profit": -fees, "balance": of(event.balances)}
            return {copy_deals: money, investment_fees: _shares(event, of) | {"deal": deals, "fee": fees}}
        case VolumesRejected():
            volumes = of(event.volumes)
            kinds = np.where(volumes < 0, np.int64(CopyDealType.REJECTED_SELL), np.int64(CopyDealType.REJECTED_BUY))
            deals = _numbers(event.first_deal, count)
            return {copy_deals: {"deal": deals, "type": kinds, "volume": volumes, "balance": None}}
        case DeficitCovered():
            return {copy_deals: {"type": CopyDealType.CORRECTION, "profit": of(event.amounts), "balance": None}}
        case VolumesTrimmed():
            asked, given = of(event.asked), of(event.given)
            return {trimmed_volumes: {"reasons": of(event.reasons), "asked": asked, "given": given}}
        case SwapsCharged():
            return {investment_swaps: {"amount": of(event.amounts)}}
        case StatesChanged():
            return {investment_states: {"equity": of(event.equities)}}
        case IntervalEnded():
            return {interval_results: {"base": of(event.bases), "drawdown": of(event.drawdowns)}}
        case InvestmentDays():
            equities, balances = of(event.equities), of(event.balances)
            return {investment_days: {"equity": equities, "balance": balances, "unit_price": of(event.unit_prices)}}
    raise AssertionError("money moves in one investment at a time")


def _moved(event: InvestmentMoved) -> Details:
    return {
        "investment": np.array([event.investment], dtype=np.int64), "deal": event.deal, "type": CopyDealType.BALANCE,
        "profit": event.amount, "balance": event.balance,
    }  # fmt: skip


def _dealt(event: Copied, of: Unpack) -> Details:
    volumes, held = of(event.volumes), of(event.held)
    before = held - volumes
    against = (before != 0) & ((before ^ volumes) < 0)
    reverses = against & (held != 0) & ((before ^ held) < 0)
    entry = against * np.int64(CopyEntry.OUT) + reverses * np.int64(CopyEntry.INOUT - CopyEntry.OUT)
    return {
        "type": (volumes < 0).astype(np.int64), "entry": entry,
        "position": (event.leg << PLACE_BITS) + of(event.places), "volume": volumes, "a_volume": of(event.a_volumes),
        "held": held, "cost": of(event.costs), "turnover": of(event.turnovers), "profit": of(event.profits),
        "swap": of(event.swaps), "broker_commission": of(event.broker_commissions),
        "liquidity_commission": of(event.liquidity_commissions), "trader_commission": of(event.trader_commissions),
        "partner_commission": of(event.partner_commissions), "balance": of(event.balances),
    }  # fmt: skip


def _shares(event: FeesCharged, of: Unpack) -> Details:
    return {
        "trader_share": of(event.trader_shares), "partner_share": of(event.partner_shares),
        "partner_wallet": of(event.partner_wallets), "broker_share": of(event.broker_shares),
        "drawdown": of(event.drawdowns),
    }  # fmt: skip


def _numbers(first: int, count: int) -> Int64:
    return np.arange(first, first + count, dtype=np.int64)


def fee_transfers(event: FeesCharged, trader_wallet: int) -> tuple[Details, Details]:
    """Return the columns of `wallet_transfers` that fees make: those to the trader, then those to the partners.

    The event tells the balance of the trader's wallet after all of them, so those before it follow.
    """
    count = count_of(event.investments)
    investments, deals = unpack(event.investments, count), _numbers(event.first_deal, count)
    shares, to_partners = unpack(event.trader_shares, count), unpack(event.partner_shares, count)
    partners = unpack(event.partner_wallets, count)
    paid, shared = np.flatnonzero(shares), np.flatnonzero(to_partners)
    later = int(to_partners[partners == trader_wallet].sum())
    received = np.cumsum(shares[paid])
    before = event.trader_balance - later - int(shares.sum())
    trader: Details = {
        "transfer": _numbers(event.first_transfer, paid.size), "wallet": trader_wallet, "type": TransferType.FEE,
        "amount": shares[paid], "balance": before + received, "investment": investments[paid], "deal": deals[paid],
    }  # fmt: skip
    partner: Details = {
        "transfer": _numbers(event.first_transfer + paid.size, shared.size), "wallet": partners[shared],
        "type": TransferType.PARTNER, "amount": to_partners[shared], "balance": None, "investment": investments[shared],
        "deal": deals[shared],
    }  # fmt: skip
    return trader, partner
