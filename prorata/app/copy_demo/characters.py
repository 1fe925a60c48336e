"""The traders of the demo, each with a character.

A style looks at what a symbol's price has done and says how much of the trader's appetite is to be held of it: 1 is all,
bought; -1 is all, sold. Nothing here decides about money: chance and rough floats are at home.
"""

from collections.abc import Callable
from random import Random
from statistics import fmean, pstdev

import msgspec

from prorata.app.groups import ECN, RETAIL
from prorata.messages.copy_terms import Accounting, ManageType
from prorata.units.numbers import Minor

MEMORY = 120
"""prices of a symbol that a trader remembers, one for each look"""


class Sight(msgspec.Struct):
    """What a trader sees of a symbol: its prices, oldest first; the share that it holds, since how many looks, from where."""

    prices: list[float] = []
    held: float = 0.0
    looks: int = 0
    entry: float = 0.0

    def see(self, price: float) -> None:
        self.prices = [*self.prices[1 - MEMORY :], price]
        self.looks += 1

    def take(self, share: float) -> None:
        """Note that the trader wants another share from now on."""
        self.held, self.looks, self.entry = share, 0, self.prices[-1]

    @property
    def last(self) -> float:
        return self.prices[-1]

    @property
    def gain(self) -> float:
        """What the price has done since the entry, in the trader's favour: 0.01 is 1 %."""
        return (self.last / self.entry - 1) * (1 if self.held > 0 else -1) if self.entry else 0.0


Style = Callable[[Sight, Random], float]


def trend(sight: Sight, chance: Random) -> float:
    """Go with the moving averages."""
    if len(sight.prices) < 20:
        return sight.held
    fast, slow = fmean(sight.prices[-5:]), fmean(sight.prices[-20:])
    if abs(fast / slow - 1) < 0.0002:
        return sight.held
    return 1.0 if fast > slow else -1.0


def scalp(sight: Sight, chance: Random) -> float:
    """Follow the last move, and be out again soon."""
    if sight.held:
        return 0.0 if sight.looks >= 2 or abs(sight.gain) > 0.0005 else sight.held
    if len(sight.prices) < 2 or chance.random() < 0.5:
        return 0.0
    return 1.0 if sight.last > sight.prices[-2] else -1.0


def martingale(sight: Sight, chance: Random) -> float:
    """Double after each loss until it comes back, or until nothing is left."""
    if not sight.held:
        return chance.choice((0.125, -0.125))
    if sight.gain > 0.002:
        return 0.0
    return max(-1.0, min(1.0, 2 * sight.held)) if sight.gain < -0.002 else sight.held


def grid(sight: Sight, chance: Random) -> float:
    """Buy a fifth at each step down from the middle, sell one at each step up."""
    if len(sight.prices) < 10:
        return 0.0
    steps = round((sight.last / fmean(sight.prices) - 1) / 0.0008)
    return max(-5, min(5, -steps)) / 5


def breakout(sight: Sight, chance: Random) -> float:
    """Go with a new high or low of the last twenty looks; be out at one of the last eight against it."""
    if len(sight.prices) < 21:
        return 0.0
    before = sight.prices[-21:-1]
    if sight.last > max(before):
        return 1.0
    if sight.last < min(before):
        return -1.0
    near = sight.prices[-9:-1]
    against = sight.last < min(near) if sight.held > 0 else sight.last > max(near)
    return 0.0 if against else sight.held


def reversion(sight: Sight, chance: Random) -> float:
    """Bet against what has strayed from its mean."""
    if len(sight.prices) < 24:
        return 0.0
    mean, spread = fmean(sight.prices[-24:]), pstdev(sight.prices[-24:])
    strayed = (sight.last - mean) / spread if spread else 0.0
    if abs(strayed) > 1.5:
        return -1.0 if strayed > 0 else 1.0
    return 0.0 if abs(strayed) < 0.3 else sight.held


def swing(sight: Sight, chance: Random) -> float:
    """Change sides seldom."""
    if len(sight.prices) < 10 or (sight.held and sight.looks < 30):
        return sight.held
    return 1.0 if sight.last > fmean(sight.prices) else -1.0


def pullback(sight: Sight, chance: Random) -> float:
    """Buy what falls back in a rise, sell what recovers in a fall."""
    if len(sight.prices) < 30:
        return 0.0
    rising = fmean(sight.prices[-10:]) > fmean(sight.prices[-30:])
    falls_back = sight.last < fmean(sight.prices[-4:])
    if sight.held:
        return 0.0 if sight.gain > 0.003 or sight.gain < -0.004 else sight.held
    return (1.0 if rising else -1.0) if rising == falls_back else 0.0


def news(sight: Sight, chance: Random) -> float:
    """Jump on a move that is far beyond the usual."""
    if sight.held:
        return 0.0 if sight.looks >= 5 else sight.held
    if len(sight.prices) < 20:
        return 0.0
    moves = [after / before - 1 for before, after in zip(sight.prices[-20:-1], sight.prices[-19:], strict=True)]
    usual = pstdev(moves[:-1])
    return (1.0 if moves[-1] > 0 else -1.0) if usual and abs(moves[-1]) > 2.5 * usual else 0.0


def carry(sight: Sight, chance: Random) -> float:
    """Hold for the interest, a little more or less now and then."""
    return sight.held if sight.held and sight.looks < 40 else chance.uniform(0.8, 1.0)


def dips(sight: Sight, chance: Random) -> float:
    """Buy what has fallen from its high, sell at the next one."""
    if len(sight.prices) < 10:
        return 0.0
    high = max(sight.prices[-40:])
    if sight.last < high * 0.996:
        return 1.0
    return 0.0 if sight.last >= high else sight.held


def wrong(sight: Sight, chance: Random) -> float:
    """Chase what has moved already, change one's mind, and pay the spread each time."""
    if len(sight.prices) < 6 or chance.random() > 0.3:
        return sight.held
    return 1.0 if sight.last > sight.prices[-6] else -1.0


class Character(msgspec.Struct, frozen=True, kw_only=True):
    """A trader. `appetite`: how many times its money it holds at most; `every`: seconds from look to look."""

    name: str
    about: str
    style: Style
    symbols: tuple[str, ...]
    appetite: float
    every: float
    fee_ppm: int = 200_000
    commission_per_million: Minor = 10_00
    partner_ppm: int = 0
    group: str = ECN
    accounting: Accounting = Accounting.NETTING
    manage: ManageType = ManageType.ACCOUNT
    popularity: int = 10
    contrary: bool = False
    """its investors copy it the other way round"""
    mortal: bool = False
    """it ends when its money is gone; others are given new money"""


CHARACTERS = (
    Character(
        name="Trend Rider", about="with the trend in three majors", style=trend, symbols=("EURUSD", "GBPUSD", "USDJPY"),
        appetite=4, every=3, popularity=16, partner_ppm=200_000,
    ),
    Character(
        name="Quick Scalper", about="in and out of one pair", style=scalp, symbols=("EURUSD",), appetite=8, every=2,
        fee_ppm=150_000, commission_per_million=20_00,
    ),
    Character(
        name="Double or Nothing", about="doubles after each loss", style=martingale, symbols=("XAUUSD",), appetite=120, every=2,
        fee_ppm=350_000, popularity=14, mortal=True,
    ),
    Character(
        name="Grid Keeper", about="a grid around the middle, each position by itself", style=grid, symbols=("AUDNZD", "EURGBP"),
        appetite=6, every=3, group=RETAIL, accounting=Accounting.HEDGING,
    ),
    Character(
        name="Breakout Desk", about="new highs and lows", style=breakout, symbols=("GBPJPY", "EURJPY"), appetite=5, every=2,
    ),
    Character(
        name="Mean Machine", about="against what has strayed", style=reversion, symbols=("AUDUSD", "USDCAD"), appetite=5,
        every=2, popularity=12,
    ),
    Character(
        name="Slow Swing", about="changes sides seldom", style=swing, symbols=("NZDUSD", "EURCHF"), appetite=3, every=4,
        fee_ppm=250_000, partner_ppm=100_000,
    ),
    Character(
        name="Gold Only", about="pullbacks in gold", style=pullback, symbols=("XAUUSD",), appetite=4, every=2, popularity=14,
    ),
    Character(
        name="News Gambler", about="jumps on the news", style=news, symbols=("GBPUSD", "USDJPY", "XAUUSD", "USOIL"),
        appetite=15, every=1, fee_ppm=300_000, popularity=8,
    ),
    Character(
        name="Carry Basket", about="held for the interest", style=carry, symbols=("AUDJPY", "GBPCHF", "USDCHF"), appetite=3,
        every=5, fee_ppm=100_000, commission_per_million=0, popularity=12,
    ),
    Character(
        name="Index Dips", about="buys indices that have fallen", style=dips, symbols=("US500", "GER40", "NAS100"), appetite=3,
        every=3,
    ),
    Character(
        name="Always Wrong", about="copied the other way round", style=wrong, symbols=("EURUSD", "GBPJPY"), appetite=6, every=2,
        fee_ppm=0, commission_per_million=5_00, popularity=6, contrary=True,
    ),
    Character(
        name="Coin Signals", about="coins around the clock, sent by token", style=trend, symbols=("BTCUSD", "ETHUSD"),
        appetite=2, every=3, manage=ManageType.TOKEN, popularity=10,
    ),
)  # fmt: skip
