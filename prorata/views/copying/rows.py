"""What an event about many investments says of some of them: for those who are told of these alone."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from prorata.copying.columns import Int64, count_of, pick, unpack
from prorata.copying.desk import CopyDesk
from prorata.copying.state import PLACES
from prorata.messages import copy_events as told
from prorata.messages.copy_terms import InvestmentState
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.rounding import div_half_even
from prorata.views.copying import row_shapes as shapes
from prorata.views.copying.events import Head, head_of, reason_names
from prorata.views.event_shapes import EventShape
from prorata.views.names import name_of
from prorata.views.texts import amount_text, day_text, price_or_none, unit_price_text, volume_text


class _Rows:
    """The rows of an event that are asked for."""

    __slots__ = ("currency", "desk", "event", "heads", "money", "places")

    def __init__(self, desk: CopyDesk, event: Any, investments: Int64, head: Head) -> None:
        numbers = unpack(event.investments, count_of(event.investments))
        places = np.minimum(np.searchsorted(numbers, investments), numbers.size - 1)
        found = numbers[places] == investments
        self.desk = desk
        self.event = event
        self.places: Int64 = places[found]
        self.currency = desk.state.strategies[event.strategy].currency
        self.money = CURRENCY_DIGITS[self.currency]
        self.heads = [
            {**head, "investment": number, "strategy": event.strategy} for number in investments[found].tolist()
        ]  # fmt: skip

    def rows(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield the head of each row, its place, and the columns named."""
        columns = [pick(getattr(self.event, name), self.places) for name in names]
        return zip(self.heads, self.places.tolist(), *columns, strict=True)

    def amount(self, minor: int) -> str:
        return amount_text(minor, self.money)

    def digits(self) -> int:
        """Return the decimals of prices of the event's symbol; of none: 0."""
        symbol = self.event.symbol
        return self.desk.desk.state.symbols[symbol].digits if symbol else 0


def is_of_many(event: Any) -> bool:
    """Say whether an event is about many investments at once."""
    return type(event) in _ROWS


def rows_of(desk: CopyDesk, event: Any, investments: Sequence[int], seq: int, at: str) -> list[EventShape]:
    """Return what an event that `is_of_many` says of `investments` (in rising order): one for each that is in it."""
    rows = _Rows(desk, event, np.array(investments, dtype=np.int64), head_of(event, seq, at))
    return _ROWS[type(event)](rows, event) if rows.heads else []


def _states(rows: _Rows, event: told.StatesChanged) -> list[EventShape]:
    digits = rows.digits()
    return [
        shapes.InvestmentStateEvent(
            state=name_of(InvestmentState(event.state)),
            cause=event.cause or None,
            equity=rows.amount(equity),
            currency=rows.currency,
            symbol=event.symbol or None,
            bid=price_or_none(event.bid, digits),
            ask=price_or_none(event.ask, digits),
            **head,
        )
        for head, _, equity in rows.rows("equities")
    ]


def _trimmed(rows: _Rows, event: told.VolumesTrimmed) -> list[EventShape]:
    return [
        shapes.InvestmentTrimmedEvent(
            signal=event.signal or None,
            symbol=event.symbol,
            ticket=event.ticket or None,
            reasons=reason_names(reasons),
            asked=volume_text(asked),
            given=volume_text(given),
            **head,
        )
        for head, _, reasons, asked, given in rows.rows("reasons", "asked", "given")
    ]


_DEAL_MONEY = {
    "turnover": "turnovers", "profit": "profits", "swap": "swaps", "broker_commission": "broker_commissions",
    "liquidity_commission": "liquidity_commissions", "trader_commission": "trader_commissions",
    "partner_commission": "partner_commissions", "balance": "balances",
}  # fmt: skip


def _deal_money(rows: _Rows, amounts: list[int]) -> dict[str, Any]:
    return {name: rows.amount(amount) for name, amount in zip(_DEAL_MONEY, amounts, strict=True)}


def _deals(rows: _Rows, event: told.Copied) -> list[EventShape]:
    digits = rows.digits()
    found: list[EventShape] = []
    for head, row, place, volume, held, cost, *amounts in rows.rows(
        "places", "volumes", "held", "costs", *_DEAL_MONEY.values()
    ):
        open_price = div_half_even(abs(cost), abs(held)) if held else 0
        found.append(
            shapes.InvestmentDealEvent(
                deal=event.first_deal + row,
                position=event.leg * PLACES + place,
                symbol=event.symbol,
                ticket=event.ticket or None,
                signal=event.signal or None,
                command=event.command or None,
                stop_out=event.stop_out or None,
                price=amount_text(event.price, digits),
                volume=volume_text(volume),
                held=volume_text(held),
                open_price=price_or_none(open_price, digits),
                currency=rows.currency,
                **_deal_money(rows, amounts),
                **head,
            )
        )
    return found


def _rejected(rows: _Rows, event: told.VolumesRejected) -> list[EventShape]:
    return [
        shapes.InvestmentRejectedEvent(
            deal=event.first_deal + row,
            symbol=event.symbol,
            ticket=event.ticket or None,
            signal=event.signal or None,
            volume=volume_text(volume),
            **head,
        )
        for head, row, volume in rows.rows("volumes")
    ]


def _fees(rows: _Rows, event: told.FeesCharged) -> list[EventShape]:
    return [
        shapes.InvestmentFeeEvent(
            deal=event.first_deal + row,
            interval=event.interval,
            fee=rows.amount(fee),
            drawdown=rows.amount(drawdown),
            balance=rows.amount(balance),
            currency=rows.currency,
            **head,
        )
        for head, row, fee, drawdown, balance in rows.rows("fees", "drawdowns", "balances")
    ]


def _intervals(rows: _Rows, event: told.IntervalEnded) -> list[EventShape]:
    return [
        shapes.InvestmentIntervalEvent(
            interval=event.interval,
            next_interval=event.next_interval,
            base=rows.amount(base),
            drawdown=rows.amount(drawdown),
            currency=rows.currency,
            **head,
        )
        for head, _, base, drawdown in rows.rows("bases", "drawdowns")
    ]


def _swaps(rows: _Rows, event: told.SwapsCharged) -> list[EventShape]:
    return [
        shapes.InvestmentSwapEvent(
            symbol=event.symbol,
            ticket=event.ticket or None,
            nights=event.nights,
            amount=rows.amount(amount),
            currency=rows.currency,
            **head,
        )
        for head, _, amount in rows.rows("amounts")
    ]


def _days(rows: _Rows, event: told.InvestmentDays) -> list[EventShape]:
    return [
        shapes.InvestmentDayEvent(
            day=day_text(event.day),
            equity=rows.amount(equity),
            balance=rows.amount(balance),
            unit_price=unit_price_text(unit_price),
            currency=rows.currency,
            **head,
        )
        for head, _, equity, balance, unit_price in rows.rows("equities", "balances", "unit_prices")
    ]


def _deficits(rows: _Rows, event: told.DeficitCovered) -> list[EventShape]:
    return [
        shapes.InvestmentDeficitEvent(amount=rows.amount(amount), currency=rows.currency, **head)
        for head, _, amount in rows.rows("amounts")
    ]


_ROWS: dict[type, Callable[[_Rows, Any], list[EventShape]]] = {
    told.StatesChanged: _states,
    told.VolumesTrimmed: _trimmed,
    told.Copied: _deals,
    told.VolumesRejected: _rejected,
    told.FeesCharged: _fees,
    told.IntervalEnded: _intervals,
    told.SwapsCharged: _swaps,
    told.InvestmentDays: _days,
    told.DeficitCovered: _deficits,
}
