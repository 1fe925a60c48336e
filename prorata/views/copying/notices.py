"""What subscribers of webhooks are told of copy trading: the ten events of the RAMM notifications (docs/webhooks.md).

All of it is made from the events and from what never changes (whose an investment is, a strategy's account elsewhere),
so the same batch gives the same notices whenever it is asked; only a strategy's name is the present one. What no event
says (what a wallet has invested, the swap that a position carries) is left out. Amounts are JSON numbers.

Notices of an investment, a strategy and a wallet each keep their order.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from prorata.control.webhooks.notices import EventType, Notice
from prorata.copying.columns import count_of, unpack
from prorata.copying.desk import CopyDesk
from prorata.copying.state import PLACES, Strategy
from prorata.messages import copy_events as told
from prorata.messages.copy_terms import InvestmentState, OfferStatus, OfferType, TransferType
from prorata.projections.copying.details import fee_transfers
from prorata.projections.recording import Happened
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import VOLUME_DIGITS, Minor, Moment, Points, Volume
from prorata.units.rounding import div_half_even
from prorata.views.copying.figures import STATUS_OF_STATE

LARGE = 1_000
"""Investments in one batch from which on its notices are not made at once, on the event loop."""

BUY, SELL, MONEY, FEE = 0, 1, 2, 7
"""deal types"""

_PAUSED = frozenset({
    InvestmentState.STOPPED_OUT, InvestmentState.PROTECTED, InvestmentState.TARGET_TAKEN, InvestmentState.PAUSED,
    InvestmentState.DISABLED,
})  # fmt: skip
_STATE_TYPES: dict[InvestmentState, EventType] = {
    **dict.fromkeys(_PAUSED, "event_investment_pause"),
    InvestmentState.FLAT: "event_investment_start",
    InvestmentState.CLOSED: "event_investment_close",
}

Data = dict[str, Any]


class _Telling(msgspec.Struct, frozen=True, gc=False):
    """One event on its way to its notices."""

    desk: CopyDesk
    batch: Happened
    sequence: int

    @property
    def at(self) -> Moment:
        return self.batch.at

    def notice(self, kind: EventType, key: str, data: Data, part: int = 0) -> Notice:
        return Notice(sequence=self.sequence, at=self.at, order_key=key, type=kind, data=data, part=part)


def is_large(batch: Happened) -> bool:
    """Say whether a batch is about so many investments that its notices should be made elsewhere."""
    rows = 0
    for event in batch.events:
        if isinstance(event, (told.StatesChanged, told.Copied, told.FeesCharged)):
            rows += count_of(event.investments)
    return rows >= LARGE


def notices_of(desk: CopyDesk, batch: Happened) -> Sequence[Notice]:
    """Return the notices of a batch, in order of sequence and part."""
    notices: list[Notice] = []
    for place, event in enumerate(batch.events):
        tell = _TELL.get(type(event))
        if tell is not None:
            notices.extend(tell(_Telling(desk, batch, batch.first + place), event))
    return notices


# Parts of the payload.


def _dt(at: Moment) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _amount(minor: Minor, currency: str) -> float:
    return float(format_decimal(minor, CURRENCY_DIGITS[currency]))


def _lots(volume: Volume) -> float:
    return float(format_decimal(volume, VOLUME_DIGITS))


def _price(desk: CopyDesk, symbol: str, price: Points) -> float:
    return float(format_decimal(price, desk.desk.state.symbols[symbol].digits))


def _common(telling: _Telling, client: int, wallet: int, strategy: Strategy | None = None) -> Data:
    data: Data = {"event": {"dt": _dt(telling.at)}, "client": {"id": client}, "wallet": {"id": wallet}}
    if strategy is not None:
        data["strategy"] = {
            "id": strategy.number, "name": strategy.name, "executiontags": strategy.tags,
            "externalaccount": strategy.external_account,
        }  # fmt: skip
    return data


def _of_investment(telling: _Telling, investment: int) -> tuple[Strategy, Data]:
    """Return an investment's strategy, and what is told of whose it is."""
    found = telling.desk.find_investment(investment)
    assert found is not None
    strategy, row = found
    columns = strategy.investments
    return strategy, _common(telling, int(columns.client[row]), int(columns.wallet[row]), strategy)


def _account(telling: _Telling, investment: int, state: InvestmentState, equity: Minor, currency: str) -> Data:
    """Return an investment without positions: what it is worth is its balance."""
    worth = _amount(equity, currency)
    return {
        "id": investment, "balance": worth, "equity": worth, "dt": _dt(telling.at), "margin": 0, "state": int(state),
        "status": STATUS_OF_STATE[state],
    }  # fmt: skip


# Wallets.


def _wallet_opened(telling: _Telling, event: told.WalletOpened) -> Iterator[Notice]:
    data = _common(telling, event.client, event.wallet)
    data["wallet"] |= {"dt": _dt(telling.at), "balance": 0.0}
    yield telling.notice("event_wallet_create", f"wallet/{event.wallet}", data)


def _wallet_moved(telling: _Telling, event: told.WalletMoved) -> Iterator[Notice]:
    wallet = telling.desk.state.wallets[event.wallet]
    strategy = telling.desk.state.strategies[event.strategy] if event.strategy else None
    data = _common(telling, wallet.client, wallet.number, strategy)
    if event.investment:
        data["account"] = {"id": event.investment}
    yield _moved(telling, data, wallet.number, event.type, event.transfer, event.amount, event.balance, wallet.currency)


def _moved(
    telling: _Telling, data: Data, wallet: int, kind: TransferType, transfer: int, amount: Minor, balance: Minor | None,
    currency: str, part: int = 0,
) -> Notice:  # fmt: skip
    """Tell of money that entered a wallet or left it. `balance`: after it; None where no event says it."""
    data["transfer"] = {"type": int(kind), "id": transfer}
    data["amount"] = _amount(abs(amount), currency)
    if balance is not None:
        data["wallet"] = {"id": wallet, "balance": _amount(balance - amount, currency)}
    return telling.notice("event_wallet_in" if amount > 0 else "event_wallet_out", f"wallet/{wallet}", data, part)


# Strategies.


def _strategy_opened(telling: _Telling, event: told.StrategyOpened) -> Iterator[Notice]:
    strategy = telling.desk.state.strategies[event.strategy]
    data = _common(telling, event.client, event.wallet, strategy)
    yield telling.notice("event_strategy_create", f"strategy/{event.strategy}", data)


def _offer_changed(telling: _Telling, event: told.OfferChanged) -> Iterator[Notice]:
    """The trader's own offer is closed when everybody has been paid out: then the strategy is closed."""
    if (event.type, event.status) == (OfferType.TRADER, OfferStatus.CLOSED):
        strategy = telling.desk.state.strategies[event.strategy]
        data = _common(telling, strategy.client, strategy.wallet, strategy)
        yield telling.notice("event_strategy_close", f"strategy/{event.strategy}", data)


# Investments.


def _investment_opened(telling: _Telling, event: told.InvestmentOpened) -> Iterator[Notice]:
    strategy, data = _of_investment(telling, event.investment)
    money = next(
        moved.balance
        for moved in telling.batch.events[telling.sequence - telling.batch.first :]
        if isinstance(moved, told.InvestmentMoved) and moved.investment == event.investment
    )
    data["account"] = _account(telling, event.investment, InvestmentState.FLAT, money, strategy.currency)
    yield telling.notice("event_investment_create", f"investment/{event.investment}", data)


def _states_changed(telling: _Telling, event: told.StatesChanged) -> Iterator[Notice]:
    kind = _STATE_TYPES.get(event.state)
    if kind is None:
        return
    count = count_of(event.investments)
    rows = zip(unpack(event.investments, count).tolist(), unpack(event.equities, count).tolist(), strict=True)
    for part, (investment, equity) in enumerate(rows):
        strategy, data = _of_investment(telling, investment)
        data["account"] = _account(telling, investment, event.state, equity, strategy.currency)
        yield telling.notice(kind, f"investment/{investment}", data, part)


def _investment_moved(telling: _Telling, event: told.InvestmentMoved) -> Iterator[Notice]:
    """Money between wallet and investment is a deal on the one side and a transfer on the other."""
    strategy, data = _of_investment(telling, event.investment)
    currency = strategy.currency
    deal = {"id": event.deal, "type": MONEY, "dtexecuted": _dt(telling.at), "profit": _amount(event.amount, currency)}
    yield _deal(telling, event.investment, data | {"deal": deal})
    kind = TransferType.TO_INVESTMENT if event.amount > 0 else TransferType.FROM_INVESTMENT
    data["account"] = {"id": event.investment}
    yield _moved(
        telling, data, event.wallet, kind, event.transfer, -event.amount, event.wallet_balance, currency, part=1
    )  # fmt: skip


def _deal(telling: _Telling, investment: int, data: Data, part: int = 0) -> Notice:
    return telling.notice("event_deal_create", f"investment/{investment}", data | {"account": {"id": investment}}, part)


_DEAL_COLUMNS = (
    "investments", "places", "volumes", "held", "costs", "profits", "swaps", "broker_commissions", "liquidity_commissions",
    "trader_commissions", "partner_commissions",
)  # fmt: skip


def _copied(telling: _Telling, event: told.Copied) -> Iterator[Notice]:
    desk, count = telling.desk, count_of(event.investments)
    columns = [unpack(getattr(event, name), count).tolist() for name in _DEAL_COLUMNS]
    price, when = _price(desk, event.symbol, event.price), _dt(telling.at)
    for part, row in enumerate(zip(*columns, strict=True)):
        investment, place, volume, held, cost, profit, swap, broker, liquidity, trader, partner = row
        strategy, data = _of_investment(telling, investment)
        currency, before = strategy.currency, held - volume
        data["deal"] = {
            "id": event.first_deal + part, "symbol": event.symbol, "type": BUY if volume > 0 else SELL,
            "volume": _lots(abs(volume)), "price": price, "dtexecuted": when, "commissionbroker": _amount(broker, currency),
            "commissionliquidity": _amount(liquidity, currency), "commissiontrader": _amount(trader + partner, currency),
            "profit": _amount(profit, currency), "entry": _entry(before, held), "swap": _amount(swap, currency),
        }  # fmt: skip
        open_price = div_half_even(abs(cost), abs(held)) if held else 0
        data["position"] = {
            "id": event.leg * PLACES + place, "volume": _lots(held), "priceopen": _price(desk, event.symbol, open_price),
            "pricecurrent": price,
        }  # fmt: skip
        yield _deal(telling, investment, data, part)


def _entry(before: Volume, held: Volume) -> str:
    if before * held < 0:
        return "inout"
    return "in" if abs(held) > abs(before) else "out"


def _fees_charged(telling: _Telling, event: told.FeesCharged) -> Iterator[Notice]:
    """Fees are deals of the investments, and transfers to the trader's and the partners' wallets."""
    count = count_of(event.investments)
    investments, fees = unpack(event.investments, count).tolist(), unpack(event.fees, count).tolist()
    strategy = telling.desk.state.strategies[event.strategy]
    currency = strategy.currency
    for part, (investment, fee) in enumerate(zip(investments, fees, strict=True)):
        _, data = _of_investment(telling, investment)
        deal = {"id": event.first_deal + part, "type": FEE, "dtexecuted": _dt(telling.at), "profit": _amount(-fee, currency)}
        yield _deal(telling, investment, data | {"deal": deal}, part)
    part = count
    for received in fee_transfers(event, strategy.wallet):
        names = ("transfer", "wallet", "type", "amount", "balance", "investment")
        rows = received["investment"].size  # type: ignore[union-attr]
        columns = [_column(received[name], rows) for name in names]
        for transfer, wallet, kind, amount, balance, investment in zip(*columns, strict=True):
            data = _common(telling, telling.desk.state.wallets[wallet].client, wallet, strategy)
            data["account"] = {"id": investment}
            yield _moved(telling, data, wallet, TransferType(kind), transfer, amount, balance, currency, part)
            part += 1


def _column(value: Any, rows: int) -> list[Any]:
    """Return a column of details, which is one value if all rows have it."""
    column: list[Any] = value.tolist() if isinstance(value, np.ndarray) else [value] * rows
    return column


_TELL: dict[type, Callable[[_Telling, Any], Iterator[Notice]]] = {
    told.WalletOpened: _wallet_opened,
    told.WalletMoved: _wallet_moved,
    told.StrategyOpened: _strategy_opened,
    told.OfferChanged: _offer_changed,
    told.InvestmentOpened: _investment_opened,
    told.StatesChanged: _states_changed,
    told.InvestmentMoved: _investment_moved,
    told.Copied: _copied,
    told.FeesCharged: _fees_charged,
}
