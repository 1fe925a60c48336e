"""What an account must keep to and reach, what it costs, and how its profit is shared: in whole numbers, without a database.

    floor          static: initial balance - max loss; trailing: highest equity at a day's end - max loss
    day's line     base of the day - daily loss
    target level   initial balance + target

All three amounts are parts of the initial balance; the guards themselves are the trade platform's.
"""

from enum import StrEnum

import msgspec

from prorata.messages.commands import DailyBase
from prorata.units.numbers import MONEY_MAX, PPM, Minor
from prorata.units.rounding import div_ceil, div_floor


class Kind(StrEnum):
    """What an add-on does to the terms."""

    PROFIT_SPLIT = "PROFIT_SPLIT"
    """so much more of the profit is the trader's"""
    DAILY_LOSS = "DAILY_LOSS"
    MAX_LOSS = "MAX_LOSS"
    """so much more may be lost"""
    PROFIT_TARGET = "PROFIT_TARGET"
    """so much less need be earned"""
    MINIMUM_DAYS = "MINIMUM_DAYS"
    """so many days fewer"""


class Lack(StrEnum):
    """What an account lacks to pass its phase, in order of checking."""

    PROFIT_TARGET = "PROFIT_TARGET"
    OPEN_TRADES = "OPEN_TRADES"
    TRADING_DAYS = "TRADING_DAYS"
    CONSISTENCY = "CONSISTENCY"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts in minor units, 0 is none. `trailing`: the floor follows the highest equity at a day's end.

    `consistency_ppm`: the largest part of the result that one day may have. `split_ppm`: the trader's part of the profit.
    """

    initial_balance: Minor
    target: Minor = 0
    daily_loss: Minor = 0
    daily_base: DailyBase = DailyBase.BALANCE
    max_loss: Minor = 0
    trailing: bool = False
    minimum_days: int = 0
    consistency_ppm: int = 0
    split_ppm: int = 0
    automatic: bool = False
    lock_on_withdrawal: bool = False

    @property
    def target_level(self) -> Minor:
        """The equity that is wanted, 0 for none."""
        return self.initial_balance + self.target if self.target else 0

    def floor(self, highest: Minor) -> Minor:
        """Return the lowest equity that is too low, 0 for none. `highest`: equity at a day's end so far."""
        if not self.max_loss:
            return 0
        return max(1, (highest if self.trailing else self.initial_balance) - self.max_loss)

    @property
    def is_guarded(self) -> bool:
        return bool(self.target or self.daily_loss or self.max_loss)


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Terms as parts of the initial balance, in ppm; the rest as in `Terms`."""

    initial_balance: Minor
    target_ppm: int = 0
    daily_loss_ppm: int = 0
    daily_base: DailyBase = DailyBase.BALANCE
    max_loss_ppm: int = 0
    trailing: bool = False
    minimum_days: int = 0
    consistency_ppm: int = 0
    split_ppm: int = 0
    automatic: bool = False
    lock_on_withdrawal: bool = False

    @property
    def terms(self) -> Terms:
        """The same in amounts, rounded to the stricter side: 5 % of 333.33 is a loss of 16.66, or a target of 16.67."""

        def loss(rate_ppm: int) -> Minor:
            return div_floor(self.initial_balance * rate_ppm, PPM)

        return Terms(
            initial_balance=self.initial_balance, target=div_ceil(self.initial_balance * self.target_ppm, PPM),
            daily_loss=loss(self.daily_loss_ppm), daily_base=self.daily_base, max_loss=loss(self.max_loss_ppm),
            trailing=self.trailing, minimum_days=self.minimum_days, consistency_ppm=self.consistency_ppm,
            split_ppm=self.split_ppm, automatic=self.automatic, lock_on_withdrawal=self.lock_on_withdrawal,
        )  # fmt: skip

    def problem(self) -> str:
        """Say what is wrong with them, "" for nothing."""
        if not 0 < self.initial_balance <= MONEY_MAX:
            return "initialBalance: must be above 0, and not too large"
        for name in ("target_ppm", "daily_loss_ppm", "max_loss_ppm", "consistency_ppm", "split_ppm"):
            if not 0 <= getattr(self, name) <= PPM:
                return f"{name.removesuffix('_ppm')}: must be from 0 to 100 percent"
        if self.max_loss_ppm == PPM or self.daily_loss_ppm == PPM:
            return "a loss of 100 percent is no limit: use 0"
        if not 0 <= self.minimum_days <= DAYS_MAX:
            return f"minimum days: must be from 0 to {DAYS_MAX}"
        if self.trailing and not self.max_loss_ppm:
            return "what trails is the maximum loss: there is none"
        return ""


DAYS_MAX = 366


class AddOn(msgspec.Struct, frozen=True, kw_only=True):
    """What an add-on changes. `value` in ppm (of MINIMUM_DAYS in days), `price_ppm` of the fee."""

    kind: Kind
    value: int
    price_ppm: int


def with_add_on(rates: Rates, add_on: AddOn) -> Rates:
    """Return the terms with what an add-on changes. What a phase does not have at all, it does not get."""

    def more(before: int) -> int:
        return min(PPM - 1, before + add_on.value) if before else 0

    match add_on.kind:
        case Kind.PROFIT_SPLIT:
            changes = {"split_ppm": min(PPM, rates.split_ppm + add_on.value) if rates.split_ppm else 0}
        case Kind.DAILY_LOSS:
            changes = {"daily_loss_ppm": more(rates.daily_loss_ppm)}
        case Kind.MAX_LOSS:
            changes = {"max_loss_ppm": more(rates.max_loss_ppm)}
        case Kind.PROFIT_TARGET:
            changes = {"target_ppm": max(1, rates.target_ppm - add_on.value) if rates.target_ppm else 0}
        case Kind.MINIMUM_DAYS:
            changes = {"minimum_days": max(0, rates.minimum_days - add_on.value)}
    return msgspec.structs.replace(rates, **changes)


def price_of(fee: Minor, add_ons: list[AddOn], discount_ppm: int) -> Minor:
    """Return what is to be paid: each add-on rounded up, the discount on all of it rounded down.

    99.99 with an add-on of 20 % (20.00) is 119.99; 15 % off it is 17.99; 102.00 is to be paid.
    """
    full = fee + sum(div_ceil(fee * add_on.price_ppm, PPM) for add_on in add_ons)
    return full - div_floor(full * discount_ppm, PPM)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an account is. `result`: of all its deals; `today_...`: of those since the last day's end. Minor units.

    `highest`: the highest equity at a day's end; `base`: what the day's loss is counted from.
    """

    balance: Minor = 0
    highest: Minor = 0
    base: Minor = 0
    open_positions: int = 0
    days: int = 0
    result: Minor = 0
    best_day: Minor = 0
    today_result: Minor = 0
    today_deals: int = 0
    withdrawn: Minor = 0

    @property
    def trading_days(self) -> int:
        """Days with deals, today among them."""
        return self.days + (1 if self.today_deals else 0)

    @property
    def largest_day(self) -> Minor:
        return max(self.best_day, self.today_result)


def lacking(terms: Terms, progress: Progress) -> list[Lack]:
    """Return what is missing to pass the phase; a phase without a target is never passed."""
    lacks = []
    if not terms.target or progress.balance < terms.target_level:
        lacks.append(Lack.PROFIT_TARGET)
    if progress.open_positions:
        lacks.append(Lack.OPEN_TRADES)
    if progress.trading_days < terms.minimum_days:
        lacks.append(Lack.TRADING_DAYS)
    if not is_consistent(terms, progress):
        lacks.append(Lack.CONSISTENCY)
    return lacks


def is_consistent(terms: Terms, progress: Progress) -> bool:
    """Say whether no day has a larger part of the result than the terms allow.

    With 40 %: days of 400.00, 350.00 and 250.00 are; 410.00, 340.00 and 250.00 are not.
    """
    return not terms.consistency_ppm or progress.largest_day * PPM <= terms.consistency_ppm * progress.result


class Split(msgspec.Struct, frozen=True):
    """Profit that leaves an account, shared: together exactly what leaves it."""

    trader: Minor
    house: Minor


def split_of(amount: Minor, split_ppm: int) -> Split:
    """Share profit: the trader's part rounded down. 80 % of 1,234.57 is 987.65, and 246.92 stays with the house."""
    trader = div_floor(amount * split_ppm, PPM)
    return Split(trader, amount - trader)


def withdrawable_of(terms: Terms, *, balance: Minor, equity: Minor) -> Minor:
    """Return the profit that may leave: what is realised above the initial balance, less what open positions have lost."""
    return max(0, min(balance, equity) - terms.initial_balance)
