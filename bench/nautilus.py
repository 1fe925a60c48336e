"""The peer: NautilusTrader's simulated venue with a hedging margin account, given the same orders.

Runs in an environment of its own (its pins differ from ours) and prints one JSON line. Its quotes only
carry the clock forward; every order is a market order of 0.01 lot (1,000 units) of EUR/USD.
"""

import json
import os
import sys
import time
from decimal import Decimal
from typing import Any

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import PositionId, TraderId, Venue
from nautilus_trader.model.objects import Money, Quantity
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

START_NS = 1_700_000_000_000_000_000
STEP_NS = 20_000_000
"""Fifty quotes, and so fifty orders, a second of its time: its risk engine lets a hundred pass."""


class Trader(Strategy):
    """Sends one market order with every quote: opens and closes in turn, or only opens until `hold` are held."""

    def __init__(self, instrument: Any, hold: int) -> None:
        super().__init__(StrategyConfig(strategy_id="TRADER-001"))
        self.instrument = instrument
        self.hold = hold
        self.filled = 0
        self.started = 0.0
        self.opened: list[PositionId] = []

    def on_start(self) -> None:
        self.subscribe_quote_ticks(self.instrument.id)
        self.started = time.process_time()

    def on_quote_tick(self, tick: QuoteTick) -> None:
        if self.hold:
            if self.filled < self.hold:
                self._send(OrderSide.BUY, None)
        elif self.opened:
            self._send(OrderSide.SELL, self.opened.pop())
        else:
            self._send(OrderSide.BUY, None)

    def _send(self, side: OrderSide, position: PositionId | None) -> None:
        order = self.order_factory.market(self.instrument.id, side, Quantity.from_int(1_000))
        self.submit_order(order, position_id=position)

    def on_order_filled(self, event: Any) -> None:
        self.filled += 1
        if event.order_side == OrderSide.BUY:
            self.opened.append(event.position_id)


def measure(orders: int, hold: int) -> float:
    """Return orders a CPU second."""
    engine = BacktestEngine(BacktestEngineConfig(trader_id=TraderId("BENCH-001"), logging=LoggingConfig(bypass_logging=True)))
    venue = Venue("SIM")
    engine.add_venue(
        venue=venue,
        oms_type=OmsType.HEDGING,
        account_type=AccountType.MARGIN,
        base_currency=USD,
        starting_balances=[Money(100_000_000, USD)],
        default_leverage=Decimal(100),
    )
    instrument = TestInstrumentProvider.default_fx_ccy("EUR/USD", venue)
    engine.add_instrument(instrument)
    engine.add_data(
        [
            QuoteTick(
                instrument_id=instrument.id,
                bid_price=instrument.make_price(1.10000 + (i % 7) / 100_000),
                ask_price=instrument.make_price(1.10010 + (i % 7) / 100_000),
                bid_size=Quantity.from_int(10_000_000),
                ask_size=Quantity.from_int(10_000_000),
                ts_event=START_NS + i * STEP_NS,
                ts_init=START_NS + i * STEP_NS,
            )
            for i in range(orders + 2)
        ]
    )
    strategy = Trader(instrument, hold)
    engine.add_strategy(strategy)
    engine.run()
    took = time.process_time() - strategy.started
    filled = strategy.filled
    assert filled >= orders, f"{filled} of {orders} orders were filled"
    return filled / took


def main() -> None:
    """`nautilus.py ORDERS HOLD`: one engine a process; a second one in the same process crashed in its allocator."""
    print(json.dumps({"orders_a_second": measure(int(sys.argv[1]), int(sys.argv[2]))}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
