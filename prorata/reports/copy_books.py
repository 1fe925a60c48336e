"""Four books of one position, side by side, that tell apart why an investment's result is not the strategy's.

    source   what the strategy holds
    ideal    the same at the investment's size, as if it had always been there and any volume could be dealt
    timed    what the investment should hold, given when it was there
    done     what it holds, reckoned at the source's prices

From source to ideal is sizing, from ideal to timed is time, from timed to done is rounding; from there to the booked result
is price. Volumes are kept in steps of 10^-8 lot, so a share of a volume is off by less than any money.
"""

from collections.abc import Sequence

import msgspec

from prorata.reports.copy_deals import CopyDeal, CopyTerms, Reason, SourceDeal, is_timing
from prorata.units.numbers import PPM, VOLUME_PER_LOT, Minor, Points, Volume
from prorata.units.rounding import div_half_even


def share_of(value: int, part: int, whole: int) -> int:
    """Return `value` x part / whole, half to even, whatever the signs. `whole` is not 0."""
    return div_half_even(value * part, whole) if whole > 0 else div_half_even(-value * part, -whole)


def split(held: Volume, volume: Volume) -> tuple[Volume, Volume]:
    """Return how much of a deal's `volume` closes what is `held` and how much opens: +5 against -3 closes +3 and opens +2."""
    if held * volume >= 0:
        return 0, volume
    size = min(abs(held), abs(volume))
    closing = size if volume > 0 else -size
    return closing, volume - closing


class Side(msgspec.Struct, gc=False):
    """A signed volume and what it cost: the sum of volume x price."""

    volume: Volume = 0
    cost: int = 0

    def add(self, volume: Volume, price: Points) -> None:
        self.volume += volume
        self.cost += volume * price

    def take(self, volume: Volume) -> int:
        """Take `volume` (of the side's own sign) away, and return what it had cost."""
        if volume == 0:
            return 0
        cost = share_of(self.cost, volume, self.volume)
        self.volume -= volume
        self.cost -= cost
        return cost


class Steps(msgspec.Struct, frozen=True, gc=False):
    """The price results of one deal, book by book; and which share of the strategy's swap and commission is the ideal's."""

    ideal: Minor
    timed: Minor
    done: Minor
    swap_share: tuple[int, int]
    commission_share: tuple[int, int]


class Books(msgspec.Struct):
    """The four books of one symbol, or of one ticket."""

    source: Side = msgspec.field(default_factory=Side)
    ideal: Side = msgspec.field(default_factory=Side)
    timed: Side = msgspec.field(default_factory=Side)
    done: Side = msgspec.field(default_factory=Side)

    def follow(self, deal: SourceDeal, copies: Sequence[CopyDeal], reason: Reason, terms: CopyTerms) -> Steps:
        """Book a deal of the strategy and what the investment made of it."""
        held = self.source.volume
        closing, opening = split(held, deal.volume)
        asked = sum(copy.asked for copy in copies) - split(self.done.volume, sum(copy.asked for copy in copies))[0]
        there = not is_timing(reason)
        at_price = (copies[0].source_price if copies else 0) or deal.price
        steps = self._close(deal, closing, copies, at_price, there=there)
        if opening:
            fresh = asked or share_of(opening * terms.factor_ppm, terms.equity, max(deal.equity, 1) * PPM)
            grows = held if not closing else 0
            ideal = share_of(self.ideal.volume, opening, grows) if grows and self.ideal.volume else fresh
            timed = share_of(self.timed.volume, opening, grows) if grows and self.timed.volume else asked
            steps = self._with_opening(steps, deal, closing, ideal)
            self.source.add(opening, deal.price)
            self.ideal.add(ideal, deal.price)
            if there:
                self.timed.add(timed, at_price)
        return steps

    def _close(self, deal: SourceDeal, closing: Volume, copies: Sequence[CopyDeal], at_price: Points, *, there: bool) -> Steps:
        held = self.source.volume
        source_cost = self.source.take(-closing)
        ideal = -share_of(self.ideal.volume, closing, held) if closing else 0
        timed = -share_of(self.timed.volume, closing, held) if closing and there else 0
        self.ideal.take(ideal)
        timed_cost = self.timed.take(timed)

        def at_source(volume: Volume, cost: int, price: Points) -> Minor:
            # The strategy's own result, scaled, and what another opening or closing price makes of it: so a volume that was
            # opened and closed with the strategy has exactly its share, whatever the strategy's result was rounded to.
            if not closing:
                return _money(volume * price - cost, deal.lot_point)
            moved = share_of(source_cost, volume, -closing) - cost + volume * (price - deal.price)
            return share_of(deal.profit, volume, -closing) + _money(moved, deal.lot_point)

        done = 0
        for copy in copies:
            price = copy.source_price or deal.price
            part, opened = split(self.done.volume, copy.done)
            done += at_source(-part, self.done.take(-part), price) if part else 0
            self.done.add(opened, price)
        return Steps(
            ideal=share_of(deal.profit, ideal, -closing) if closing else 0,
            timed=at_source(timed, timed_cost, at_price) if timed else 0,
            done=done,
            swap_share=(ideal, -closing) if closing else (0, 1),
            commission_share=(-ideal, deal.volume),
        )

    @staticmethod
    def _with_opening(steps: Steps, deal: SourceDeal, closing: Volume, opened: Volume) -> Steps:
        part, whole = steps.commission_share
        shares = (part + opened, whole)
        return Steps(
            ideal=steps.ideal if closing else share_of(deal.profit, *shares),
            timed=steps.timed,
            done=steps.done,
            swap_share=steps.swap_share if closing else shares,
            commission_share=shares,
        )

    def alone(self, copy: CopyDeal) -> Steps:
        """Book a deal of the investment that copies none: it catches up, or is closed by itself."""
        held = self.done.volume
        closing, opened = split(held, copy.done)
        timed = -share_of(self.timed.volume, closing, held) if closing else 0
        timed_cost, done_cost = self.timed.take(timed), self.done.take(-closing)
        asked = split(held, copy.asked)[1]
        if asked:
            self.timed.add(asked, copy.source_price)
            # Whoever joins late has his ideal already; whoever adds money gets a larger one with it.
            if abs(self.timed.volume) > abs(self.ideal.volume):
                self.ideal.volume = self.timed.volume
        self.done.add(opened, copy.source_price)
        return Steps(
            ideal=0,
            timed=_money(timed * copy.source_price - timed_cost, copy.lot_point),
            done=_money(-closing * copy.source_price - done_cost, copy.lot_point),
            swap_share=(0, 1),
            commission_share=(0, 1),
        )


def _money(volume_points: int, lot_point: int) -> Minor:
    """Return what a volume x points is worth: 1.00 lot x 10 points x 1.00 USD is 10.00."""
    return div_half_even(volume_points * lot_point, VOLUME_PER_LOT * PPM)
