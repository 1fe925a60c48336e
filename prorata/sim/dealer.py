"""What a dealer of the crowd does by hand: at his own price half of the time, most often a sound one."""

from random import Random

from prorata.messages.commands import BUY, Command, OrderType, Side
from prorata.messages.dealer_commands import (
    DealerActivate,
    DealerCancel,
    DealerClose,
    DealerCloseAll,
    DealerCloseBy,
    DealerComment,
    DealerModify,
    DealerOpen,
)
from prorata.sim.world import CENT_LOT
from prorata.trading.desk import Desk
from prorata.trading.state import Account, Order, Position
from prorata.units.numbers import Points

NEAR = 0.004
"""how far from the market his prices are, of the price"""


class Dealer:
    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def next(self, desk: Desk, account: Account) -> Command:
        rng = self._rng
        choice = rng.random()
        if account.orders and choice < 0.35:
            return self._on_order(desk, account, rng.choice(list(account.orders.values())))
        if account.positions and choice < 0.75:
            return self._on_position(desk, account, rng.choice(list(account.positions.values())))
        symbol = rng.choice(list(desk.state.symbols))
        side = rng.choice((Side.BUY, Side.SELL))
        volume = CENT_LOT * rng.randint(1, 60)
        return DealerOpen(account.login, symbol, side, volume, self._price(desk, symbol), comment=rng.choice(("", "by hand")))

    def _price(self, desk: Desk, symbol: str) -> Points:
        """Return a price near the market, on its tick; 0 for the market's."""
        quote, spec = desk.state.quotes[symbol], desk.state.symbols[symbol]
        if self._rng.random() < 0.4:
            return 0
        price = round(quote.bid * (1 + NEAR * (2 * self._rng.random() - 1)))
        return price - price % spec.tick_size

    def _on_position(self, desk: Desk, account: Account, position: Position) -> Command:
        rng, login, ticket = self._rng, account.login, position.ticket
        kind = rng.randrange(8)
        if kind == 0:
            return DealerCloseAll(login, rng.choice(("", position.symbol)))
        if kind == 1:
            others = [other for other in account.positions.values() if other.symbol == position.symbol]
            return DealerCloseBy(login, ticket, rng.choice(others).ticket)
        if kind == 2:
            return DealerComment(login, ticket, f"note {rng.randrange(3)}")
        if kind <= 4:
            return DealerModify(login, ticket, *self._stops(desk, position.symbol, position.side))
        part = position.volume // 2
        volume = rng.choice((0, part - part % CENT_LOT))
        return DealerClose(login, ticket, volume, self._price(desk, position.symbol), rng.choice(("", "goodwill")))

    def _on_order(self, desk: Desk, account: Account, order: Order) -> Command:
        rng, login, ticket = self._rng, account.login, order.ticket
        kind = rng.randrange(4)
        if kind == 0:
            return DealerActivate(login, ticket, self._price(desk, order.symbol))
        if kind == 1:
            return DealerCancel(login, ticket)
        if kind == 2 and order.type != OrderType.MARKET:
            tick = desk.state.symbols[order.symbol].tick_size
            return DealerModify(login, ticket, price=order.price + tick, limit_price=order.limit_price)
        return DealerComment(login, ticket, f"note {rng.randrange(3)}")

    def _stops(self, desk: Desk, symbol: str, side: Side) -> tuple[Points, Points]:
        quote, spec = desk.state.quotes[symbol], desk.state.symbols[symbol]
        away = spec.stop_level + 1 + round(quote.bid * NEAR * 5 * self._rng.random())
        low = quote.bid - away - (quote.bid - away) % spec.tick_size
        high = quote.ask + away + (-(quote.ask + away)) % spec.tick_size
        return (low, high) if side is BUY else (high, low)
