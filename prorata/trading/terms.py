"""The terms of one symbol in one group: both specifications merged, with every constant worked out once.

Orders read terms, never specifications: a lookup and no arithmetic stand between a command and its rules.
"""

from prorata.messages.groups import (
    Commission,
    FreeMarginMode,
    GroupSpec,
    GroupSymbol,
    LevelType,
)
from prorata.messages.symbols import MarginMode, SymbolSpec, TradeMode
from prorata.trading.markets import Market, point_value, reduced
from prorata.trading.rates import Route
from prorata.trading.state import LastQuote
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import VOLUME_MAX, VOLUME_PER_LOT, Minor, Moment, Points, Volume
from prorata.units.rounding import div_ceil

NO_LINE = -(1 << 62)
NO_CAP = 1 << 62
_AS_IT_IS = GroupSymbol(symbol="*")


class Terms:
    """One symbol as one group trades it."""

    __slots__ = (
        "a_book_percent", "by_leverage", "commission", "deals_at_once", "deals_until", "delay_ms", "enabled",
        "freeze_level", "group", "hedging", "leverage_cap", "leverage_max", "margin_denominator", "margin_mode",
        "margin_numerator", "margin_rate_ppm", "margin_route", "margin_route_missing", "margin_uses_price", "market",
        "markup_ask", "markup_bid", "name", "opens_freely", "orders_max", "profit_denominator", "profit_numerator",
        "profit_route", "profit_route_missing", "quote", "rates_ready", "spec", "stop_level", "swap_long", "swap_short",
        "tick_size", "trade_mode", "turnover_is_notional", "volume_limit", "volume_max", "volume_min", "volume_step",
    )  # fmt: skip

    def __init__(self, market: Market, group: "GroupTerms", routes: dict[tuple[str, str], Route | None]) -> None:
        spec, own = market.spec, group.override_of(market.name)
        self.name = market.name
        self.market = market
        self.spec = spec
        self.quote: LastQuote = market.quote
        self.group = group
        self._set_limits(spec, own, group.spec)
        self._set_money(spec, own, group.spec, routes)

    def _set_limits(self, spec: SymbolSpec, own: GroupSymbol, group: GroupSpec) -> None:
        self.enabled = own.enabled
        self.trade_mode: TradeMode = spec.trade_mode if own.trade_mode is None else own.trade_mode
        self.volume_min: Volume = spec.volume_min if own.volume_min is None else own.volume_min
        self.volume_max: Volume = spec.volume_max if own.volume_max is None else own.volume_max
        self.volume_step: Volume = spec.volume_step
        self.volume_limit: Volume = spec.volume_limit or VOLUME_MAX
        self.tick_size: Points = spec.tick_size
        self.stop_level: Points = spec.stop_level if own.stop_level is None else own.stop_level
        self.freeze_level: Points = spec.freeze_level if own.freeze_level is None else own.freeze_level
        self.markup_bid: Points = own.markup_bid
        self.markup_ask: Points = own.markup_ask
        self.a_book_percent: int = group.a_book_percent
        self.delay_ms: int = group.execution_delay_ms
        self.hedging: bool = group.hedging
        self.orders_max: int = group.orders_max
        self.opens_freely = group.hedging and self.enabled and self.trade_mode == TradeMode.FULL
        """an account with full access may open positions on either side, whatever it holds"""
        self.deals_at_once = group.hedging and not group.execution_delay_ms and not group.a_book_percent
        """an order opens a position of its own, here and now"""

    def _set_money(
        self, spec: SymbolSpec, own: GroupSymbol, group: GroupSpec, routes: dict[tuple[str, str], Route | None]
    ) -> None:
        self.commission: Commission = group.commission if own.commission is None else own.commission
        self.swap_long = spec.swap_long if own.swap_long is None else own.swap_long
        self.swap_short = spec.swap_short if own.swap_short is None else own.swap_short
        self.leverage_max = spec.leverage_max if own.leverage_max is None else own.leverage_max
        self.leverage_cap: int = self.leverage_max or NO_CAP
        self.margin_rate_ppm = spec.margin_rate_ppm if own.margin_rate_ppm is None else own.margin_rate_ppm
        self.profit_numerator, self.profit_denominator = point_value(spec)
        self.profit_route = routes.get((spec.profit_currency, group.currency))
        self.profit_route_missing = self.profit_route is None and spec.profit_currency != group.currency
        self.margin_mode: MarginMode = spec.margin_mode
        self.by_leverage = spec.margin_mode in (MarginMode.FOREX, MarginMode.LEVERAGE) and not group.tiers
        """margin is the notional by the leverage, and nothing else"""
        self.margin_numerator, self.margin_denominator, self.margin_uses_price = _notional_value(spec)
        self.margin_route = routes.get((spec.margin_currency, group.currency))
        self.margin_route_missing = self.margin_route is None and spec.margin_currency != group.currency
        self.rates_ready = False
        self.deals_until: Moment = 0
        """until then the market is known to be open, with quotes and rates: see `checks.check_market`"""
        self.turnover_is_notional = spec.margin_mode != MarginMode.FIXED

    @property
    def bid(self) -> Points:
        """The price at which this group sells."""
        return self.quote.bid - self.markup_bid

    @property
    def ask(self) -> Points:
        """The price at which this group buys."""
        return self.quote.ask + self.markup_ask

    def has_rates(self) -> bool:
        """Say whether profit and margin can be converted into the account's currency. Once they can, they always can."""
        if not self.rates_ready:
            routes = (self.profit_route, self.margin_route)
            missing = self.profit_route_missing or self.margin_route_missing
            self.rates_ready = not missing and all(route is None or route.has_quotes() for route in routes)
        return self.rates_ready


class GroupTerms:
    """One group with its terms for every symbol, and its levels ready for use."""

    __slots__ = (
        "_own", "call_percent", "counts_floating", "currency", "currency_digits", "ledger", "line_percent", "name", "spec",
        "stop_percent", "terms",
    )  # fmt: skip

    def __init__(self, spec: GroupSpec, markets: dict[str, Market], routes: dict[tuple[str, str], Route | None]) -> None:
        self.name = spec.name
        self.spec = spec
        self.currency = spec.currency
        self.ledger: dict[str, Minor] | None = None
        """the house's accounts in its currency, once they were asked for: see `Desk.ledger_of`"""
        self.currency_digits = CURRENCY_DIGITS[spec.currency]
        self.counts_floating = spec.free_margin == FreeMarginMode.PROFIT_AND_LOSS
        """the floating result, whatever its sign, is part of the free margin"""
        self.call_percent = spec.margin_call.value if spec.margin_call.type == LevelType.PERCENT else 0
        self.stop_percent = spec.stop_out.value if spec.stop_out.type == LevelType.PERCENT else 0
        self.line_percent = max(self.call_percent, self.stop_percent) if self.call_percent and self.stop_percent else 0
        """the higher of the two levels, where both are percentages"""
        self._own = {own.symbol: own for own in spec.symbols}
        self.terms = {name: Terms(market, self, routes) for name, market in markets.items()}

    def override_of(self, symbol: str) -> GroupSymbol:
        return self._own.get(symbol) or self._own.get("*") or _AS_IT_IS

    def quote_of(self, cause: Market | None) -> tuple[str, Points, Points]:
        """Return the quote that made an account be looked at, as this group sees it; ("", 0, 0) if none did."""
        if cause is None:
            return "", 0, 0
        terms = self.terms[cause.name]
        return cause.name, terms.bid, terms.ask

    def call_line(self, margin: Minor) -> Minor:
        """Return the equity below which a margin call is made."""
        if self.call_percent:
            return div_ceil(margin * self.call_percent, 10_000)
        return self.spec.margin_call.value if self.spec.margin_call.type == LevelType.MONEY else NO_LINE

    def stop_line(self, margin: Minor) -> Minor:
        """Return the equity below which positions are closed."""
        if self.stop_percent:
            return div_ceil(margin * self.stop_percent, 10_000)
        return self.spec.stop_out.value if self.spec.stop_out.type == LevelType.MONEY else NO_LINE


def _notional_value(spec: SymbolSpec) -> tuple[int, int, bool]:
    """Return the fraction that turns a volume (x the price, if the third says so) into minor units of the margin currency."""
    digits = CURRENCY_DIGITS[spec.margin_currency]
    if spec.margin_mode == MarginMode.FOREX:
        return *reduced(spec.contract_size * 10**digits, VOLUME_PER_LOT), False
    if spec.margin_mode == MarginMode.FIXED:
        return *reduced(spec.margin_fixed, VOLUME_PER_LOT), False
    return *reduced(spec.contract_size * 10**digits, 10**spec.digits * VOLUME_PER_LOT), True
