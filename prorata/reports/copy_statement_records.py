"""From the tables of copy trading to what a copy statement is made from. Pure.

The strategy's deals are those of its trader's own investment. A deal copies another if both have one cause (a signal, a
command, a stop-out) in one symbol and ticket; fills of one cause are one deal of the strategy. The volume that was wanted
is known where a rule changed it; elsewhere it is what was dealt.
"""

from collections.abc import Iterable, Mapping, Sequence

from prorata.messages.copy_terms import InvestmentState, VolumeReason
from prorata.projections.copying.codes import CopyDealType
from prorata.projections.copying.register_rows import StateRow
from prorata.projections.copying.rows import CopyDealRow, TrimmedRow
from prorata.reports.copy_deals import Charge, ChargeKind, CopyDeal, Reason, SourceDeal
from prorata.reports.copy_records import TRADED
from prorata.units.numbers import Minor, Volume
from prorata.units.rounding import div_half_even

REJECTED = (CopyDealType.REJECTED_BUY, CopyDealType.REJECTED_SELL)

Cause = tuple[int, int, int]
"""signal, command, stop-out: one of them"""
Place = tuple[str, str]
"""symbol and ticket"""
Key = tuple[Cause, Place]

_NO_CAUSE: Cause = (0, 0, 0)
_BY_FLAG: tuple[tuple[VolumeReason, Reason], ...] = (
    (VolumeReason.REJECTED, Reason.REJECTED),
    (VolumeReason.LEVERAGE, Reason.MARGIN_CAP),
    (VolumeReason.VOLUME_LIMIT, Reason.VOLUME_CAP),
    (VolumeReason.BELOW_MINIMUM, Reason.BELOW_MINIMUM),
    (VolumeReason.RAISED_TO_MINIMUM, Reason.MINIMUM_LOT),
    (VolumeReason.ROUNDED_AWAY, Reason.ROUNDED),
    (VolumeReason.MARKET_CLOSED, Reason.MARKET_CLOSED),
    (VolumeReason.NO_QUOTE, Reason.MARKET_CLOSED),
    (VolumeReason.CLOSE_ONLY, Reason.MARKET_CLOSED),
)
_BY_STATE: dict[InvestmentState, Reason] = {
    InvestmentState.STOPPING_OUT: Reason.STOP_OUT, InvestmentState.STOPPED_OUT: Reason.STOP_OUT,
    InvestmentState.PROTECTING: Reason.PROTECTION, InvestmentState.PROTECTED: Reason.PROTECTION,
    InvestmentState.TAKING_TARGET: Reason.TARGET, InvestmentState.TARGET_TAKEN: Reason.TARGET,
    InvestmentState.PAUSING: Reason.PAUSED, InvestmentState.PAUSED: Reason.PAUSED,
    InvestmentState.DISABLING: Reason.PAUSED, InvestmentState.DISABLED: Reason.PAUSED,
    InvestmentState.CLOSING: Reason.LEFT, InvestmentState.CLOSED: Reason.LEFT,
}  # fmt: skip


def _cause(row: CopyDealRow) -> Cause:
    return row.signal, row.command, row.stop_out


def _place(row: CopyDealRow | TrimmedRow) -> Place:
    return row.symbol, row.ticket


class Numbering:
    """Numbers the strategy's deals by what caused them: 1, 2, 3, ... `signals`: number -> signal; 0 is none."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self._positions: dict[str, int] = {"": 0}
        self.signals: dict[int, int] = {0: 0}

    def number(self, key: Key) -> int:
        """Return the number of what has this cause, made if there is none; without a cause always a new one."""
        cause = key[0]
        known = self._numbers.get(key) if cause != _NO_CAUSE else None
        return self.fresh(key) if known is None else known

    def fresh(self, key: Key) -> int:
        """Return a new number. The first with a cause is what copies are looked up by."""
        made = len(self.signals)
        self._numbers.setdefault(key, made)
        self.signals[made] = key[0][0]
        return made

    def known(self, key: Key) -> int:
        """Return the number of what has this cause; 0 if the strategy dealt nothing because of it."""
        return self._numbers.get(key, 0) if key[0] != _NO_CAUSE else 0

    def position(self, ticket: str) -> int:
        """Return a number for a trader's ticket; netting has none, which is 0."""
        return self._positions.setdefault(ticket, len(self._positions))


def source_deals(own: Iterable[CopyDealRow], lot_points: Mapping[str, int], numbering: Numbering) -> list[SourceDeal]:
    """Return the strategy's deals.

    Args:
        own: the deals of the trader's own investment, in order, money among them.
        lot_points: what one point of one lot of each symbol is worth, in millionths of the smallest unit.
    """
    parts: dict[int, list[CopyDealRow]] = {}
    equities: dict[int, Minor] = {}
    balance: Minor = 0
    for row in own:
        if row.type in TRADED:
            key = (_cause(row), _place(row))
            number = numbering.number(key)
            if sum(part.volume for part in parts.get(number, ())) + row.volume == 0:
                number = numbering.fresh(key)  # What comes to nothing in sum is no deal that could be copied.
            equities.setdefault(number, balance)
            parts.setdefault(number, []).append(row)
        balance += row.total
    return [_source_deal(number, rows, equities[number], lot_points, numbering) for number, rows in parts.items()]


def _source_deal(
    number: int, rows: Sequence[CopyDealRow], equity: Minor, lot_points: Mapping[str, int], numbering: Numbering
) -> SourceDeal:
    first = rows[0]
    return SourceDeal(
        id=number,
        at=first.at,
        symbol=first.symbol,
        position=numbering.position(first.ticket),
        volume=sum(row.volume for row in rows),
        price=_average_price(rows),
        profit=sum(row.profit for row in rows),
        swap=sum(row.swap for row in rows),
        commission=sum(row.commission for row in rows),
        equity=equity,
        lot_point=lot_points.get(first.symbol, 0),
    )


def _average_price(rows: Sequence[CopyDealRow]) -> int:
    volume = sum(abs(row.volume) for row in rows)
    return div_half_even(sum(abs(row.volume) * row.price for row in rows), volume)


class _Copies:
    """The investment's deals while they are read."""

    def __init__(
        self, trimmed: Iterable[TrimmedRow], states: Sequence[StateRow], lot_points: Mapping[str, int], numbering: Numbering
    ) -> None:
        self._trimmed: dict[tuple[int, Place], TrimmedRow] = {}
        for row in trimmed:
            if row.signal:
                self._trimmed.setdefault((row.signal, _place(row)), row)
        self._states = states
        self._lot_points = lot_points
        self._numbering = numbering
        self._held: dict[Place, Volume] = {}
        self._told: dict[Key, None] = {}
        self.deals: list[CopyDeal] = []

    def trade(self, row: CopyDealRow) -> None:
        place = _place(row)
        before = row.held - row.volume
        key = (_cause(row), place)
        number = self._numbering.known(key)
        asked, reason = self._asked(key, before, row.volume)
        if number == 0:
            asked, reason = row.volume, self._reason_at(row.sequence)
        self._told[key] = None
        self._held[place] = row.held
        self.deals.append(
            CopyDeal(
                at=row.at, signal=number, symbol=row.symbol, position=self._numbering.position(row.ticket), asked=asked,
                done=row.volume, reason=reason, price=row.price, source_price=0 if number else row.price,
                profit=row.profit, swap=row.swap, turnover_commission=row.trader_commission + row.partner_commission,
                commission=row.broker_commission + row.liquidity_commission,
                lot_point=self._lot_points.get(row.symbol, 0),
            )
        )  # fmt: skip

    def _asked(self, key: Key, before: Volume, done: Volume) -> tuple[Volume, Reason]:
        """Return the change that the formula wanted and why it was not done so; of a later fill of the same cause: none."""
        if key in self._told:
            return 0, Reason.PARTLY_FILLED
        row = self._trimmed.get((key[0][0], key[1])) if key[0][0] else None
        return (done, Reason.COPIED) if row is None else (row.asked - before, _reason_of(row))

    def _reason_at(self, sequence: int) -> Reason:
        """Return why something was dealt that copies nothing: the state that was left, or new money, or catching up."""
        state = next((row.state for row in reversed(self._states) if row.sequence <= sequence), None)
        return _BY_STATE.get(state, Reason.CAUGHT_UP) if state is not None else Reason.CAUGHT_UP

    def reject(self, row: CopyDealRow) -> None:
        key = (_cause(row), _place(row))
        if key in self._told:
            return
        self._told[key] = None
        self._skip(row.at, key, row.volume, Reason.REJECTED)

    def skip(self, row: TrimmedRow) -> None:
        """Note a volume that came to nothing."""
        key: Key = ((row.signal, 0, 0), _place(row))
        if key not in self._told and self._numbering.known(key):
            self._told[key] = None
            self._skip(row.at, key, row.asked - self._held.get(_place(row), 0), _reason_of(row))

    def _skip(self, at: int, key: Key, asked: Volume, reason: Reason) -> None:
        symbol, ticket = key[1]
        number = self._numbering.known(key)
        self.deals.append(
            CopyDeal(
                at=at, signal=number, symbol=symbol, position=self._numbering.position(ticket), asked=asked,
                reason=reason, lot_point=self._lot_points.get(symbol, 0),
            )
        )  # fmt: skip


def _reason_of(row: TrimmedRow) -> Reason:
    flags = VolumeReason(row.reasons)
    return next((reason for flag, reason in _BY_FLAG if flag in flags), Reason.ROUNDED)


def copy_deals(
    rows: Sequence[CopyDealRow],
    trimmed: Sequence[TrimmedRow],
    states: Sequence[StateRow],
    lot_points: Mapping[str, int],
    numbering: Numbering,
) -> list[CopyDeal]:
    """Return the investment's deals and what it skipped, in order. `numbering` knows the strategy's deals by now.

    Args:
        rows: all deals of the investment, in order.
        trimmed: its volumes that were changed, in order.
        states: the states that it entered, in order.
        lot_points: as in `source_deals`.
    """
    copies = _Copies(trimmed, states, lot_points, numbering)
    causes = {((row.signal, row.command, row.stop_out), _place(row)) for row in rows if row.type in TRADED}
    happened: list[tuple[int, CopyDealRow | TrimmedRow]] = [(row.sequence, row) for row in rows]
    happened += [(row.sequence, row) for row in trimmed if ((row.signal, 0, 0), _place(row)) not in causes]
    for _, row in sorted(happened, key=lambda pair: pair[0]):
        if isinstance(row, TrimmedRow):
            copies.skip(row)
        elif row.type in TRADED:
            copies.trade(row)
        elif row.type in REJECTED:
            copies.reject(row)
    return copies.deals


def absences(source: Iterable[SourceDeal], copies: Iterable[CopyDeal], states: Sequence[StateRow]) -> list[CopyDeal]:
    """Return the records of what the investment did not copy because it was paused, or stopped by a limit."""
    copied = {copy.signal for copy in copies}
    found: list[CopyDeal] = []
    for deal in source:
        state = next((row.state for row in reversed(states) if row.at <= deal.at), None)
        reason = _BY_STATE.get(state) if state is not None else None
        if deal.id not in copied and reason is not None and reason != Reason.LEFT:
            found.append(CopyDeal(at=deal.at, signal=deal.id, symbol=deal.symbol, position=deal.position, reason=reason))
    return found


def charges_of(rows: Iterable[CopyDealRow]) -> list[Charge]:
    """Return the performance fees among an investment's deals."""
    return [Charge(row.at, ChargeKind.PERFORMANCE_FEE, -row.profit) for row in rows if row.type == CopyDealType.FEE]
