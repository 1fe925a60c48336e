"""What the broker of a simulation offers, drawn by chance, and where its prices go."""

from random import Random

from prorata.messages.commands import Quote
from prorata.messages.groups import (
    Commission,
    CommissionType,
    FreeMarginMode,
    GroupSpec,
    GroupSymbol,
    HedgedMargin,
    Level,
    LevelType,
    LeverageTier,
    StopOutOrder,
)
from prorata.messages.symbols import (
    ALWAYS_OPEN,
    Holiday,
    MarginMode,
    Session,
    SwapType,
    SymbolSpec,
    TradeMode,
)
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import DAY_MS, VOLUME_PER_LOT, Minor, Moment, Points

FIRST_MONDAY: Moment = 20_241 * DAY_MS
"""2025-06-02"""
CENT_LOT = VOLUME_PER_LOT // 100
GROUPS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")

_HOUR = 3_600
_FX_WEEK = ((Session(22 * _HOUR, 86_400),), *[(Session(0, 86_400),)] * 4, (Session(0, 22 * _HOUR),), ())
_BREAK = (Session(0, 22 * _HOUR), Session(23 * _HOUR, 86_400))
_METAL_WEEK = ((Session(23 * _HOUR, 86_400),), *[_BREAK] * 4, (Session(0, 22 * _HOUR),), ())
_HOLIDAYS: tuple[tuple[Session, ...], ...] = ((), (Session(9 * _HOUR, 12 * _HOUR),))
_INDEX_WEEK = ((), *[(Session(8 * _HOUR, 20 * _HOUR),)] * 5, ())

PAIRS = ("EURUSD", "GBPUSD", "AUDUSD", "USDJPY", "AUDJPY")
_PRICES: dict[str, tuple[Points, Points]] = {
    "EURUSD": (110_000, 8), "GBPUSD": (130_000, 12), "AUDUSD": (65_000, 10), "USDJPY": (147_000, 10), "AUDJPY": (96_000, 15),
    "XAUUSD": (233_000, 20), "US500": (590_000, 40), "DE40": (240_000, 15), "BTCUSD": (10_500_000, 2_000),
}  # fmt: skip
"""Where each symbol begins, and its usual spread."""


class World:
    """One broker's symbols and groups, and a market that walks, jumps and gaps."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.nervous = rng.choice((1, 1, 3, 10))
        """how much wilder than usual the prices are"""
        self._mids = {name: mid for name, (mid, _) in _PRICES.items()}

    def symbols(self) -> list[SymbolSpec]:
        """Return the symbols to begin with: pairs, a metal, two indices and a coin, in every margin mode."""
        rng = self._rng
        forex = [self._forex(name, 3 if name.endswith("JPY") else 5) for name in PAIRS]
        gold = self._symbol(
            "XAUUSD", "XAU", "USD", digits=2, contract_size=100, sessions=_METAL_WEEK, margin_mode=MarginMode.LEVERAGE,
            leverage_max=rng.choice((0, 20)), margin_currency="USD",
        )  # fmt: skip
        index = self._symbol(
            "US500", "US500", "USD", digits=2, contract_size=10, sessions=_INDEX_WEEK, margin_mode=MarginMode.CFD,
            margin_rate_ppm=rng.choice((50_000, 200_000)), margin_currency="USD",
            holidays=(Holiday(FIRST_MONDAY // DAY_MS + rng.randrange(10), rng.choice(_HOLIDAYS)),),
        )  # fmt: skip
        dax = self._symbol(
            "DE40", "DE40", "EUR", digits=1, contract_size=1, sessions=_INDEX_WEEK, margin_mode=MarginMode.FIXED,
            margin_fixed=150_000, margin_currency="EUR", tick_size=5, tick_value=1_250,
        )  # fmt: skip
        coin = self._symbol(
            "BTCUSD", "BTC", "USD", digits=2, contract_size=1, sessions=ALWAYS_OPEN, margin_mode=MarginMode.LEVERAGE,
            leverage_max=rng.choice((2, 10)), margin_currency="USD", swap_triple_day=7,
        )  # fmt: skip
        return [*forex, gold, index, dax, coin]

    def _forex(self, name: str, digits: int) -> SymbolSpec:
        base, quote = name[:3], name[3:]
        return self._symbol(
            name, base, quote, digits=digits, contract_size=100_000, sessions=_FX_WEEK, margin_mode=MarginMode.FOREX,
            margin_currency=base,
        )  # fmt: skip

    def _symbol(self, name: str, base: str, quote: str, **more: object) -> SymbolSpec:
        rng = self._rng
        values: dict[str, object] = {
            "swap_triple_day": rng.choice((3, 5, 7)),
            "swap_type": rng.choice(list(SwapType)),
            "swap_long": rng.choice((-45_000, -6_500, 0, 1_200)),
            "swap_short": rng.choice((-30_000, -800, 0, 2_500)),
            "stop_level": rng.choice((0, 0, 20, 50)),
            "freeze_level": rng.choice((0, 0, 5, 15)),
            "volume_limit": rng.choice((0, 0, 40 * VOLUME_PER_LOT)),
        }
        return SymbolSpec(
            name=name, base=base, quote=quote, profit_currency=quote, volume_min=CENT_LOT, volume_step=CENT_LOT,
            volume_max=20 * VOLUME_PER_LOT, **(values | more),  # type: ignore[arg-type]
        )  # fmt: skip

    def groups(self) -> list[GroupSpec]:
        """Return the groups to begin with: the first two are always hedging and netting in USD."""
        currencies = ["USD", "USD", "EUR", "JPY", self._rng.choice(("GBP", "USD")), self._rng.choice(("AUD", "EUR", "JPY"))]
        netting = [False, True, *[self._rng.random() < 0.4 for _ in GROUPS[2:]]]
        return [
            self.group(name, currency=currency, hedging=not nets)
            for name, currency, nets in zip(GROUPS, currencies, netting, strict=True)
        ]

    def group(self, name: str, *, currency: str = "USD", hedging: bool = True) -> GroupSpec:
        rng = self._rng
        stop, call = self._levels(currency)
        return GroupSpec(
            name=name,
            currency=currency,
            hedging=hedging,
            leverage=rng.choice((30, 100, 100, 200, 500)),
            tiers=self._tiers(currency),
            margin_call=call,
            stop_out=stop,
            stop_out_order=rng.choice(list(StopOutOrder)),
            hedged_margin=rng.choice(list(HedgedMargin)),
            free_margin=rng.choice(list(FreeMarginMode)),
            negative_balance_protection=rng.random() < 0.7,
            commission=self._commission(),
            swap_free=rng.random() < 0.2,
            symbols=self._overrides(),
            a_book_percent=rng.choice((0, 0, 30, 100)),
            execution_delay_ms=rng.choice((0, 0, 0, 50, 2_500)),
            orders_max=rng.choice((6, 25, 500)),
        )

    def _levels(self, currency: str) -> tuple[Level, Level]:
        """Return (stop-out level, margin-call level)."""
        kind = self._rng.randrange(8)
        if kind == 0:
            return Level(), Level()
        if kind == 1:
            return Level(LevelType.MONEY, units(currency, 200)), Level(LevelType.MONEY, units(currency, 800))
        if kind == 2:
            return Level(LevelType.PERCENT, 5_000), Level(LevelType.MONEY, units(currency, 1_500))
        return Level(LevelType.PERCENT, self._rng.choice((2_000, 5_000, 9_000))), Level(LevelType.PERCENT, 10_000)

    def _tiers(self, currency: str) -> tuple[LeverageTier, ...]:
        if self._rng.random() < 0.7:
            return ()
        first, second = units(currency, 50_000), units(currency, 250_000)
        return LeverageTier(first, 200), LeverageTier(second, 50), LeverageTier(0, 10)

    def _commission(self) -> Commission:
        kind = self._rng.choice(list(CommissionType))
        rates = {
            CommissionType.NONE: 0,
            CommissionType.PER_MILLION: 3_000,
            CommissionType.PER_LOT: 350,
            CommissionType.PER_DEAL: 25,
            CommissionType.PERCENT: 40,
        }
        return Commission(kind, rates[kind], self._rng.choice((0, 0, 1, 10)))

    def _overrides(self) -> tuple[GroupSymbol, ...]:
        rng = self._rng
        own: list[GroupSymbol] = []
        if rng.random() < 0.5:
            own.append(GroupSymbol(symbol="*", markup_bid=rng.choice((0, 2, 7)), markup_ask=rng.choice((0, 3))))
        if rng.random() < 0.4:
            own.append(GroupSymbol(symbol="XAUUSD", commission=self._commission(), leverage_max=10, markup_ask=5))
        if rng.random() < 0.2:
            own.append(GroupSymbol(symbol="BTCUSD", enabled=False))
        if rng.random() < 0.2:
            own.append(GroupSymbol(symbol="AUDJPY", trade_mode=rng.choice(list(TradeMode)), volume_max=2 * VOLUME_PER_LOT))
        return tuple(own)

    def first_quotes(self) -> tuple[Quote, ...]:
        return tuple(self._quote(name) for name in self._mids)

    def move(self) -> tuple[Quote, ...]:
        """Move a few symbols: mostly a little, sometimes through a gap, now and then one after the other twice."""
        rng = self._rng
        return tuple(self._moved(rng.choice(tuple(_PRICES))) for _ in range(rng.randint(1, 4)))

    def gap(self) -> tuple[Quote, ...]:
        """Open everything somewhere else, as after a weekend."""
        for name, mid in self._mids.items():
            self._mids[name] = self._walk(mid, 0.01 * self.nervous)
        return self.first_quotes()

    def _moved(self, name: str) -> Quote:
        rng = self._rng
        size = 0.0004 * self.nervous
        if rng.random() < 0.03:
            size = 0.02 * self.nervous
        first = _PRICES[name][0]
        mid = self._walk(self._mids[name], size)
        # Chance alone would carry a price out of all proportion; this draws it back.
        self._mids[name] = mid if first // 3 < mid < first * 3 else first
        return self._quote(name)

    def _walk(self, mid: Points, size: float) -> Points:
        return max(1_000, mid + round(mid * self._rng.gauss(0, 1) * size))

    def _quote(self, name: str) -> Quote:
        spread = _PRICES[name][1]
        if self._rng.random() < 0.05:
            spread *= self._rng.choice((0, 5, 20))
        bid = self._mids[name] - spread // 2
        return Quote(name, bid, bid + spread)


def units(currency: str, amount: int) -> Minor:
    """Return about `amount` dollars' worth in minor units of `currency`."""
    minor: Minor = amount * 10 ** CURRENCY_DIGITS[currency]
    return minor * 150 if currency == "JPY" else minor
