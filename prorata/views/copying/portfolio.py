"""What a strategy holds, by symbol: the trader's own investment at the newest quotes."""

import numpy as np

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.copying.values import price_of, value_of
from prorata.reports.exposure import SymbolShare, symbol_shares
from prorata.units.numbers import Minor

_OWN = np.zeros(1, dtype=np.int64)


def portfolio_of(copy: CopyDesk, strategy: Strategy) -> list[SymbolShare]:
    """Return each symbol's share of the value of what is held, the largest first; bought and sold count alike."""
    values: dict[str, Minor] = {}
    for head in strategy.legs.values():
        volume = head.rows.volume[_OWN]
        price = price_of(copy, head.symbol, strategy.currency) if volume[0] else None
        if price is not None:
            values[head.symbol] = values.get(head.symbol, 0) + int(value_of(price, volume)[0])
    return symbol_shares(values)
