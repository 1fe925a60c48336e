"""Where signals come from: a trading account that can be read, whoever keeps it; and what of it is told.

Names, multipliers and netting are applied here, and equity becomes dollars. Whoever adapts another system writes a `Source`.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

import msgspec

from prorata.collectors.behaviour import Reading, Target
from prorata.units.numbers import VOLUME_PER_LOT, Minor, Volume
from prorata.units.rounding import div_half_even

PARTS = 10**8
"""Of one unit of the account's currency: enough for every currency's smallest."""
CENTS = 100
USD = "USD"
DEFAULT_NAMES = {"BRN": "BRENT", "GOLD": "XAUUSD"}


class SourceNotReady(Exception):
    """The account cannot be read just now. Nothing is told of it meanwhile; least of all that it holds nothing."""


class SourceGone(Exception):
    """The account can never be read: no such file, login or key."""


class Held(msgspec.Struct, frozen=True):
    """An open market position. `lot` is signed: bought above 0, sold below. `symbol` by the source's own name."""

    ticket: str
    symbol: str
    lot: Decimal


class Price(msgspec.Struct, frozen=True):
    bid: Decimal
    ask: Decimal


class SourceAccount(msgspec.Struct, frozen=True):
    """Money in `currency`.

    `outside`: all deposits less all withdrawals since the source was opened, or since any other fixed moment: only its changes
    count. `prices`: at least of one symbol that joins `currency` and USD, unless it is USD.
    """

    currency: str
    equity: Decimal
    balance: Decimal
    outside: Decimal
    positions: tuple[Held, ...]
    prices: Mapping[str, Price] = {}


class Source(Protocol):
    interval_ms: int
    """how often it is worth reading"""

    async def read(self) -> SourceAccount:
        """Return the account as it is now.

        Raises:
            SourceNotReady, SourceGone: as their names say.
        """
        ...

    async def close(self) -> None: ...


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How an account is told.

    Args:
        postfixes: endings that the source's broker adds to names of symbols; the longest that fits is cut off, once.
        names: what some symbols are called by the server, looked up after the postfix is gone.
        multipliers: by the server's name of the symbol; what is not named is told as it is.
        by_ticket: tell each ticket (for a hedging strategy) instead of the net lot of each symbol.
    """

    postfixes: tuple[str, ...] = ()
    names: Mapping[str, str] = msgspec.field(default_factory=lambda: DEFAULT_NAMES)
    multipliers: Mapping[str, Decimal] = {}
    by_ticket: bool = False


def symbol_of(name: str, manner: Manner) -> str:
    """Return the server's name: with postfixes ".m" and ".ecn.m" GOLD.ecn.m is GOLD and then XAUUSD."""
    for postfix in sorted(manner.postfixes, key=lambda postfix: (-len(postfix), postfix)):
        if postfix and name.endswith(postfix) and name != postfix:
            name = name[: -len(postfix)]
            break
    return manner.names.get(name, name)


def targets_of(positions: tuple[Held, ...], manner: Manner) -> dict[str, Target]:
    """Return what is held of each key. Opposite positions of a symbol cancel out, unless told by ticket.

    The ticket of a netted symbol is its newest position's: the one with the longest, then the highest number.
    """
    lots: dict[str, Volume] = {}
    first: dict[str, tuple[str, str]] = {}
    for held in sorted(positions, key=lambda held: (len(held.ticket), held.ticket)):
        symbol = symbol_of(held.symbol, manner)
        key = f"{symbol}#{held.ticket}" if manner.by_ticket else symbol
        lots[key] = lots.get(key, 0) + _volume(held.lot * manner.multipliers.get(symbol, Decimal(1)))
        first[key] = (symbol, held.ticket)
    return {key: Target(*first[key], lot) for key, lot in lots.items() if lot}


def equity_in_usd(account: SourceAccount, manner: Manner) -> Minor:
    """Return equity in cents, half to even: by the bid of XXXUSD, or else by the ask of USDXXX.

    10,000.00 EUR at 1.10000 / 1.10010 is 11,000.00; 1,500,100 JPY at 150.000 / 150.010 is 10,000.00.
    """
    equity = Fraction(account.equity)
    if account.currency == USD:
        return _rounded(equity * CENTS)
    prices = {symbol_of(name, manner): price for name, price in sorted(account.prices.items())}
    direct, inverse = prices.get(account.currency + USD), prices.get(USD + account.currency)
    if direct is not None and direct.bid > 0:
        return _rounded(equity * Fraction(direct.bid) * CENTS)
    if inverse is not None and inverse.ask > 0:
        return _rounded(equity / Fraction(inverse.ask) * CENTS)
    raise SourceNotReady(f"no price of {account.currency}USD or USD{account.currency} to convert equity with")


def reading_of(account: SourceAccount, manner: Manner) -> Reading:
    """Return the account as the behaviour reads it. Raises `SourceNotReady` without a price to convert with."""
    return Reading(
        targets_of(account.positions, manner),
        _rounded(Fraction(account.equity) * PARTS),
        _rounded(Fraction(account.outside) * PARTS),
        equity_in_usd(account, manner),
    )


def _volume(lot: Decimal) -> Volume:
    return _rounded(Fraction(lot) * VOLUME_PER_LOT)


def _rounded(value: Fraction) -> int:
    return div_half_even(value.numerator, value.denominator)
