"""The performance fee, and paying out what has accrued.

    result    P  = what the offer counts (equity, realised result, or the worse of both) - what the interval began with
    fee          = fee rate x max(0, P - drawdown), rounded down: the client keeps the fraction
    drawdown'    = max(0, drawdown - P)

The interval's beginning moves with money in and out, so that neither is a result; the drawdown is the distance to the
high-water mark. Fees are due at the end of each interval and at closing (docs/trade/copying.md, decision 0013).
"""

import numpy as np

from prorata.copying.columns import Int64, kinds_of, mul_div_floor, pack
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Offer, Strategy, Wallet
from prorata.copying.values import equities
from prorata.messages.copy_events import FeesCharged, IntervalEnded, WalletMoved
from prorata.messages.copy_terms import CopySpec, FeeBasis, InvestmentState, StrategyStatus, TransferType
from prorata.messages.postings import Posting, PostingKind
from prorata.trading.markets import weekday_of
from prorata.units.numbers import DAY_MS, PPM, Minor, Moment
from prorata.units.rounding import div_floor

WEEK = 7


def results(strategy: Strategy, equity: Int64, rows: Int64 | None = None) -> Int64:
    """Return what every row, or those named, has earned since its interval began, less what must be made up first.

    `equity`: of the same rows.
    """
    columns, where = strategy.investments, _where(strategy, rows)
    return _counted(strategy, equity, rows) - columns.profit_base[where] - columns.drawdown[where]


def _where(strategy: Strategy, rows: Int64 | None) -> "Int64 | slice":
    return slice(0, strategy.rows) if rows is None else rows


def _counted(strategy: Strategy, equity: Int64, rows: Int64 | None = None) -> Int64:
    columns, where = strategy.investments, _where(strategy, rows)
    basis, balance = columns.basis[where], columns.balance[where]
    if not basis.any():
        return equity
    return np.select(
        [basis == FeeBasis.BALANCE, basis == FeeBasis.WORSE], [balance, np.minimum(balance, equity)], default=equity
    )


def fees_due(strategy: Strategy, equity: Int64, rows: Int64 | None = None) -> Int64:
    """Return the fee that every row, or those named, would pay if its interval ended now. `equity`: of the same rows."""
    rates = strategy.investments.fee_ppm[_where(strategy, rows)]
    return mul_div_floor(np.maximum(results(strategy, equity, rows), 0), rates, PPM)


def settle(desk: CopyDesk, strategy: Strategy, rows: Int64, next_interval: int) -> None:
    """Charge what is due from `rows`; their results are counted anew from here."""
    equity = equities(desk, strategy)
    result = results(strategy, equity)[rows]
    due = fees_due(strategy, equity)[rows]
    counted = _counted(strategy, equity)[rows]
    columns = strategy.investments
    columns.drawdown[rows] = np.maximum(-result, 0)
    columns.profit_base[rows] = counted - due
    charged = due > 0
    if charged.any():
        _charge(desk, strategy, rows[charged], due[charged], next_interval)


def _charge(desk: CopyDesk, strategy: Strategy, rows: Int64, fees: Int64, next_interval: int) -> None:
    columns, state = strategy.investments, desk.state
    columns.balance[rows] -= fees
    columns.fees[rows] += fees
    partner_wallets = columns.partner_wallet[rows]
    partner = mul_div_floor(fees, columns.partner_ppm[rows], PPM)
    broker = mul_div_floor(fees, columns.broker_ppm[rows], PPM)
    trader = fees - partner - broker
    first_deal, first_transfer = state.next_copy_deal, state.next_transfer
    state.next_copy_deal += rows.size
    state.next_transfer += int((trader > 0).sum()) + int((partner > 0).sum())
    postings = _pay(desk, strategy, int(trader.sum()), int(broker.sum()), partner_wallets, partner)
    _count_fees(desk, strategy, rows, trader, partner)
    desk.watches.pop(strategy.number, None)
    desk.tell(
        FeesCharged(
            strategy=strategy.number,
            interval=strategy.interval,
            next_interval=next_interval,
            first_deal=first_deal,
            first_transfer=first_transfer,
            investments=pack(columns.number[rows]),
            fees=pack(fees),
            trader_shares=pack(trader),
            partner_shares=pack(partner),
            partner_wallets=pack(partner_wallets),
            broker_shares=pack(broker),
            drawdowns=pack(columns.drawdown[rows]),
            balances=pack(columns.balance[rows]),
            trader_balance=state.wallets[strategy.wallet].balance,
            postings=postings,
        )
    )


def _pay(
    desk: CopyDesk, strategy: Strategy, trader: Minor, broker: Minor, wallets: Int64, partner: Int64
) -> tuple[Posting, ...]:  # fmt: skip
    mine, currency = f"investments/{strategy.number}", strategy.currency
    desk.state.wallets[strategy.wallet].balance += trader
    postings = desk.post(mine, f"wallet/{strategy.wallet}", trader, currency, PostingKind.FEE)
    postings += desk.post(mine, "house/fee", broker, currency, PostingKind.FEE)
    paid = partner > 0
    for number in kinds_of(wallets[paid]) if paid.any() else ():
        amount = int(partner[wallets == number].sum())
        desk.state.wallets[number].balance += amount
        postings += desk.post(mine, f"wallet/{number}", amount, currency, PostingKind.FEE)
    return postings


def _count_fees(desk: CopyDesk, strategy: Strategy, rows: Int64, trader: Int64, partner: Int64) -> None:
    offers = strategy.investments.offer[rows]
    for number in kinds_of(offers):
        mine = offers == number
        offer = desk.state.offers[number]
        offer.fee_paid += int(trader[mine].sum())
        offer.partner_fee_paid += int(partner[mine].sum())


# The week.


def settlement_after(spec: CopySpec, moment: Moment) -> Moment:
    """Return the first settlement after `moment`."""
    day = div_floor(moment - spec.settle_ms, DAY_MS)
    ahead = (spec.settle_weekday - weekday_of(day)) % WEEK or WEEK
    return (day + ahead) * DAY_MS + spec.settle_ms


def next_settlement(desk: CopyDesk) -> Moment:
    """Return when the next interval of any strategy ends."""
    if desk.next_settlement is None:
        desk.next_settlement = min(
            (
                settlement_after(desk.spec_of(strategy), strategy.interval_began_at)
                for strategy in desk.state.strategies.values()
                if strategy.status != StrategyStatus.CLOSED
            ),
            default=1 << 62,
        )
    return desk.next_settlement


def end_intervals(desk: CopyDesk) -> None:
    """End the intervals that are over; several weeks at once count as one."""
    if next_settlement(desk) > desk.now:
        return
    for strategy in desk.state.strategies.values():
        if strategy.status == StrategyStatus.CLOSED:
            continue
        if settlement_after(desk.spec_of(strategy), strategy.interval_began_at) <= desk.now:
            _end_interval(desk, strategy)
    desk.next_settlement = None


def _end_interval(desk: CopyDesk, strategy: Strategy) -> None:
    columns = strategy.investments
    following = desk.state.next_interval
    desk.state.next_interval += 1
    rows = np.flatnonzero(columns.state[: strategy.rows] < InvestmentState.CLOSED)
    settle(desk, strategy, rows, following)
    desk.tell(
        IntervalEnded(
            strategy.number, strategy.interval, following, pack(columns.number[rows]), pack(columns.profit_base[rows]),
            pack(columns.drawdown[rows]),
        )
    )  # fmt: skip
    strategy.interval, strategy.interval_began_at = following, desk.now


# Turnover commission.


def pay_commissions(desk: CopyDesk, strategy: Strategy) -> None:
    """Pay out the turnover commission that is due to a strategy's trader and partners: at the end of a day, and at closing."""
    wallets = desk.state.wallets
    for number in strategy.offers:
        offer = desk.state.offers[number]
        if offer.commission_due:
            amount, offer.commission_due = offer.commission_due, 0
            offer.commission_paid += amount
            wallet = wallets[strategy.wallet]
            _pay_out(desk, strategy, offer, wallet, f"due/{strategy.number}", amount, TransferType.COMMISSION)
        if offer.partner_commission_due:
            amount, offer.partner_commission_due = offer.partner_commission_due, 0
            offer.partner_commission_paid += amount
            wallet = wallets[offer.partner_wallet]
            _pay_out(desk, strategy, offer, wallet, f"due-partner/{wallet.number}", amount, TransferType.PARTNER)


def _pay_out(
    desk: CopyDesk, strategy: Strategy, offer: Offer, wallet: Wallet, due: str, amount: Minor, kind: TransferType
) -> None:
    wallet.balance += amount
    postings = desk.post(due, f"wallet/{wallet.number}", amount, strategy.currency, PostingKind.PAYOUT)
    transfer = desk.state.next_transfer
    desk.state.next_transfer += 1
    desk.tell(
        WalletMoved(
            transfer, wallet.number, kind, amount, wallet.balance, strategy.number, 0, "", "", f"offer {offer.number}", postings
        )
    )
