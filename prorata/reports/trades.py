"""What closed trades say: profit factor, expectancy, win rate, holding times, streaks (docs/trade/statistics.md)."""

from collections.abc import Sequence
from math import fsum

import msgspec

from prorata.reports.averages import mean, median, ratio
from prorata.units.numbers import Minor, Moment, Points, Volume


class Trade(msgspec.Struct, frozen=True, gc=False):
    """A volume that was opened and closed. A partial close is a trade of its own."""

    symbol: str
    opened_at: Moment
    closed_at: Moment
    volume: Volume
    """below zero if it was sold"""
    profit: Minor
    """net: with swap and commission"""
    points: Points = 0
    """what the price moved in its favour"""
    risk: Minor | None = None
    """what the stop loss put at stake when it opened; None without a stop loss"""


class Streak(msgspec.Struct, frozen=True, gc=False):
    """Trades of one kind in a row. A trade of exactly nothing neither lengthens nor ends one."""

    trades: int
    money: Minor


class HoldingTimes(msgspec.Struct, frozen=True, gc=False):
    """In milliseconds."""

    mean: float | None
    median: float | None
    by_volume: float | None
    """the mean, each trade counting by its volume"""
    mean_of_winners: float | None
    mean_of_losers: float | None


class TradeFigures(msgspec.Struct, frozen=True, kw_only=True):
    trades: int
    winners: int
    losers: int
    break_even: int
    net_profit: Minor
    gross_profit: Minor
    gross_loss: Minor
    """0 or less"""
    profit_factor: float | None
    expectancy: float | None
    """smallest units a trade"""
    expectancy_points: float | None
    expectancy_r: float | None
    """in units of what was at stake; None unless every trade had a stop loss"""
    win_rate: float | None
    win_rate_with_break_even: float | None
    average_win: float | None
    average_loss: float | None
    payoff: float | None
    best: Minor | None
    worst: Minor | None
    holding: HoldingTimes
    longest_win: Streak
    longest_loss: Streak
    long_trades: int
    long_winners: int
    short_trades: int
    short_winners: int


def trade_figures(trades: Sequence[Trade]) -> TradeFigures:
    """Return the figures of trades, given in the order in which they closed.

    +120, -80, +60, 0, +200, -150, +90, -40: profit factor 470 / 270 = 1.7407, expectancy 200 / 8 = 25, win rate 4 of 7.
    """
    results = [trade.profit for trade in trades]
    wins = [profit for profit in results if profit > 0]
    losses = [profit for profit in results if profit < 0]
    average_win, average_loss = mean(wins), mean(losses)
    return TradeFigures(
        trades=len(trades),
        winners=len(wins),
        losers=len(losses),
        break_even=len(trades) - len(wins) - len(losses),
        net_profit=sum(results),
        gross_profit=sum(wins),
        gross_loss=sum(losses),
        profit_factor=ratio(sum(wins), -sum(losses)),
        expectancy=mean(results),
        expectancy_points=mean([trade.points for trade in trades]),
        expectancy_r=_expectancy_in_r(trades),
        win_rate=ratio(len(wins), len(wins) + len(losses)),
        win_rate_with_break_even=ratio(len(wins), len(trades)),
        average_win=average_win,
        average_loss=average_loss,
        payoff=None if average_win is None or average_loss is None else average_win / -average_loss,
        best=max(results, default=None),
        worst=min(results, default=None),
        holding=holding_times(trades),
        longest_win=longest_streak(results, sign=1),
        longest_loss=longest_streak(results, sign=-1),
        long_trades=sum(trade.volume > 0 for trade in trades),
        long_winners=sum(trade.volume > 0 and trade.profit > 0 for trade in trades),
        short_trades=sum(trade.volume < 0 for trade in trades),
        short_winners=sum(trade.volume < 0 and trade.profit > 0 for trade in trades),
    )


def _expectancy_in_r(trades: Sequence[Trade]) -> float | None:
    multiples = [trade.profit / trade.risk for trade in trades if trade.risk]
    return mean(multiples) if len(multiples) == len(trades) else None


def holding_times(trades: Sequence[Trade]) -> HoldingTimes:
    """Return how long trades were held; winners and losers apart, since letting losers run is a habit that shows here."""
    held = [trade.closed_at - trade.opened_at for trade in trades]
    volumes = [abs(trade.volume) for trade in trades]
    return HoldingTimes(
        mean=mean(held),
        median=median(held),
        by_volume=ratio(sum(time * volume for time, volume in zip(held, volumes, strict=True)), sum(volumes)),
        mean_of_winners=mean([trade.closed_at - trade.opened_at for trade in trades if trade.profit > 0]),
        mean_of_losers=mean([trade.closed_at - trade.opened_at for trade in trades if trade.profit < 0]),
    )


def longest_streak(results: Sequence[Minor], *, sign: int) -> Streak:
    """Return the longest row of wins (`sign` 1) or losses (-1); of equal ones, the one with more money in it."""
    longest, trades, money = Streak(0, 0), 0, 0
    for profit in results:
        if profit == 0:
            continue
        if profit * sign < 0:
            trades, money = 0, 0
            continue
        trades, money = trades + 1, money + profit
        if (trades, abs(money)) > (longest.trades, abs(longest.money)):
            longest = Streak(trades, money)
    return longest


def recovery_factor(net_profit: Minor, drawdown: Minor) -> float | None:
    """Return net profit / maximal drawdown in money. 200 earned after falling 150 is 1.3333. None without a drawdown."""
    return ratio(net_profit, drawdown)


class Excursion(msgspec.Struct, frozen=True, gc=False):
    """How good and how bad a trade looked while it was open."""

    profit: Minor
    favourable: Minor
    """the best floating result (MFE)"""
    adverse: Minor
    """the worst floating result (MAE)"""


class ExcursionFigures(msgspec.Struct, frozen=True, gc=False):
    average_favourable: float | None
    average_adverse: float | None
    captured: float | None
    """what the winners took of the best they saw: sum of profits / sum of MFE"""
    edge: float | None
    """average MFE / average size of MAE"""


def excursion_of(floating: Sequence[Minor], profit: Minor) -> Excursion:
    """Return the best and worst that a trade's floating result was, the closing itself included.

    -3.00, 12.00, 5.00 and closed at 8.00: favourable 12.00, adverse -3.00.
    """
    return Excursion(profit, max(profit, *floating), min(profit, *floating)) if floating else Excursion(profit, profit, profit)


def excursion_figures(excursions: Sequence[Excursion]) -> ExcursionFigures:
    winners = [excursion for excursion in excursions if excursion.profit > 0]
    favourable = mean([excursion.favourable for excursion in excursions])
    adverse = mean([excursion.adverse for excursion in excursions])
    return ExcursionFigures(
        average_favourable=favourable,
        average_adverse=adverse,
        captured=ratio(fsum(excursion.profit for excursion in winners), fsum(excursion.favourable for excursion in winners)),
        edge=None if favourable is None or not adverse else favourable / abs(adverse),
    )
