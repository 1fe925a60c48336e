"""The baseline of copy trading: the same rules over one plain object for each investment, in one simple loop.

What came of a signal is encoded, as the engine does; journal, postings and conversion of currencies are left out. It
comes to the same volumes and balances, which `bench.run` compares.
"""

from dataclasses import dataclass, field

import msgspec

from bench import investors
from bench.investors import SPEC, Copying
from prorata.messages.copy_terms import FACTOR_ONE, InvestmentState, VolumeReason
from prorata.units.numbers import PPM, VOLUME_PER_LOT, Minor, Points, Volume

CONTRACT = 100_000
DIGITS = 10**5
CENTS = 100
LOT_STEP: Volume = 1_000_000
ACTIVE = (InvestmentState.FLAT, InvestmentState.OPEN)


@dataclass(slots=True)
class Investment:
    number: int
    state: int
    balance: Minor
    factor: int
    commission: Minor
    a_book_percent: int
    volume: Volume = 0
    cost: int = 0
    a_volume: Volume = 0
    pending: Volume = 0
    a_pending: Volume = 0
    realised: Minor = 0
    broker_commission: Minor = 0
    trader_commission: Minor = 0


@dataclass(slots=True)
class Deal:
    number: int
    investment: int
    volume: Volume
    price: Points
    profit: Minor
    turnover: Minor
    broker_commission: Minor
    trader_commission: Minor
    balance: Minor


@dataclass(slots=True)
class PlainStrategy:
    """One strategy that trades EURUSD for investments in USD."""

    investments: list[Investment]
    bid: Points
    ask: Points
    source_equity: Minor
    lot: Volume = 0
    exposure: Volume = 0
    ordered: Volume = 0
    deals: list[Deal] = field(default_factory=list)
    reasons: dict[int, int] = field(default_factory=dict)
    encoded: bytes = b""

    def signal(self, lot: Volume) -> int:
        """Copy one signal: targets, the order for the venue, its fill. Returns the number of deals."""
        self.deals, self.reasons = [], {}
        before, self.lot = self.lot, lot
        demand = 0
        for one in self.investments:
            if one.state in ACTIVE:
                target = self._target(one, before, lot)
                if target != one.volume:
                    one.pending = target - one.volume
                    one.a_pending = _a_part(one)
                    demand += one.a_pending
        self._fill(self._order(demand))
        self.encoded = msgspec.msgpack.encode((self.reasons, self.deals))
        return len(self.deals)

    def _target(self, one: Investment, before: Volume, lot: Volume) -> Volume:
        if lot == 0:
            return 0
        equity = one.balance + self._floating(one)
        if one.volume and before:
            raw = _trunc(one.volume * lot, before)
        elif abs(lot) > abs(before) or (lot < 0) != (before < 0):
            raw = _trunc(max(equity, 0) * one.factor * lot, self.source_equity * FACTOR_ONE)
        else:
            return one.volume
        return self._within_margin(one, self._to_steps(one, raw), equity)

    def _floating(self, one: Investment) -> Minor:
        closes_at = self.bid if one.volume > 0 else self.ask
        return (one.volume * closes_at - one.cost) * CONTRACT * CENTS // (VOLUME_PER_LOT * DIGITS)

    def _to_steps(self, one: Investment, raw: Volume) -> Volume:
        size = abs(raw)
        steps = size - size % SPEC.volume_step
        if size > 0 and steps < SPEC.volume_min:
            steps = SPEC.volume_min
            self.reasons[one.number] = VolumeReason.RAISED_TO_MINIMUM
        return steps if raw >= 0 else -steps

    def _within_margin(self, one: Investment, target: Volume, equity: Minor) -> Volume:
        grows = abs(target) > abs(one.volume) or (target < 0) != (one.volume < 0)
        room = max(equity, 0) * SPEC.leverage_max
        if not grows or self._value(target) <= room:
            return target
        most = room * VOLUME_PER_LOT * DIGITS // (CONTRACT * CENTS * self.ask)
        most -= most % SPEC.volume_step
        most = most if most >= SPEC.volume_min else 0
        kept = abs(one.volume) if (target < 0) == (one.volume < 0) else 0
        self.reasons[one.number] = self.reasons.get(one.number, 0) | VolumeReason.LEVERAGE
        return max(most, kept) if target > 0 else -max(most, kept)

    def _value(self, volume: Volume) -> Minor:
        return -(-abs(volume) * CONTRACT * CENTS * self.ask // (VOLUME_PER_LOT * DIGITS))

    def _order(self, demand: Volume) -> Volume:
        """Return what the hedge account is asked for: the net volume in whole lot steps."""
        self.exposure += demand
        wanted = self.exposure - self.ordered
        volume = wanted - wanted % LOT_STEP if wanted >= 0 else wanted + -wanted % LOT_STEP
        self.ordered += volume
        return volume

    def _fill(self, volume: Volume) -> None:
        price = self.ask if volume > 0 else self.bid
        for one in self.investments:
            if one.pending:
                self.deals.append(self._deal(one, price))

    def _deal(self, one: Investment, price: Points) -> Deal:
        volume, size = one.pending, abs(one.volume)
        closing = min(size, abs(volume)) if (one.volume < 0) != (volume < 0) else 0
        opened = abs(volume) - closing
        profit = 0
        if closing:
            cost = one.cost if closing == size else _half_even(one.cost * closing, size)
            moved = (closing if one.volume > 0 else -closing) * price - cost
            profit = _half_even(moved * CONTRACT * CENTS, VOLUME_PER_LOT * DIGITS)
            one.cost -= cost
        one.cost += (opened if volume > 0 else -opened) * price
        one.volume += volume
        one.a_volume += one.a_pending
        one.pending = one.a_pending = 0
        turnover = self._value(volume)
        broker = -(-abs(volume) * SPEC.commission.rate // VOLUME_PER_LOT)
        trader = -(-turnover * one.commission // (PPM * CENTS))
        one.balance += profit - broker - trader
        one.realised += profit
        one.broker_commission += broker
        one.trader_commission += trader
        one.state = InvestmentState.OPEN if one.volume else InvestmentState.FLAT
        return Deal(len(self.deals), one.number, volume, price, profit, turnover, broker, trader, one.balance)


def _a_part(one: Investment) -> Volume:
    """Return the A-book part of a change: what closes gives back its part, what opens takes its share."""
    size, asked = abs(one.volume), abs(one.pending)
    closing = min(size, asked) if (one.volume < 0) != (one.pending < 0) else 0
    given_back = one.a_volume if closing == size else _trunc(one.a_volume * closing, max(size, 1))
    opening = asked - closing if one.pending > 0 else closing - asked
    return _trunc(opening * one.a_book_percent, 100) - (given_back if closing else 0)


def _trunc(dividend: int, divisor: int) -> int:
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def _half_even(dividend: int, divisor: int) -> int:
    quotient, remainder = divmod(dividend, divisor)
    return quotient + (2 * remainder > divisor or (2 * remainder == divisor and quotient & 1))


def like(copying: Copying) -> PlainStrategy:
    """Return the same investments as plain objects; none holds anything."""
    strategy, quote = copying.strategy, copying.machine.engine.desk.state.quotes[investors.SYMBOLS[0]]
    columns = strategy.investments
    names = ("number", "state", "balance", "factor", "commission", "a_book_percent")
    fields = [getattr(columns, name)[: strategy.rows].tolist() for name in names]
    return PlainStrategy([Investment(*row) for row in zip(*fields, strict=True)], quote.bid, quote.ask, investors.SOURCE_EQUITY)


def differences(plain: PlainStrategy, copying: Copying) -> int:
    """Return how many investments differ in volume or balance."""
    strategy, leg = copying.strategy, copying.strategy.legs.get(investors.SYMBOLS[0])
    rows = strategy.rows
    balances = strategy.investments.balance[:rows].tolist()
    volumes = leg.rows.volume[:rows].tolist() if leg is not None else [0] * rows
    pairs = zip(plain.investments, balances, volumes, strict=True)
    return sum((one.balance, one.volume) != (balance, volume) for one, balance, volume in pairs)
