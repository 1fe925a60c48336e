"""The record of hedge orders in flight, and the decision what each of them needs next (decision D10).

Pure: no clock, no venue, no event loop. The router drives it over asyncio; the seeded simulation drives it
step by step.

An order is *fresh* until the first attempt to send it. It is *in doubt* when a send failed, the connection
broke, the platform was restarted, or nothing was heard for long. Then it is asked for, never guessed:

- the venue knows it: its answers so far are taken, and the rest is waited for. What it says of its own accord
  meanwhile is held back: a last fill that overtook a lost one would close the order without it;
- the venue does not know it, and it is younger than `age_max_ms`: it is sent (again, under the same id);
- the venue does not know it, and it is older: it is ended by us. A client's order was answered by a price
  of its moment; executing it much later would be a trade that nobody asked for.

A fresh order that grows too old while the venue is away is ended without asking: it cannot be there.
Should the venue execute an ended order after all, the fill is refused by the engine and shows as a break.
"""

from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from prorata.messages.commands import HedgeEnded, HedgeFilled
from prorata.messages.events import Event, HedgeClosed, HedgeRequested, Refused
from prorata.messages.refusals import Refusal
from prorata.server.ports import VenueAnswer
from prorata.units.numbers import PRICE_MAX, VOLUME_MAX, Moment, Ticket

EXECUTION_LENGTH_MAX = 128
REASON_LENGTH_MAX = 256

NEVER_ARRIVED = "never arrived at the venue"
NOT_SENT = "venue not reachable in time"

ORDER_IS_OVER = frozenset({Refusal.UNKNOWN_HEDGE_ORDER, Refusal.HEDGE_ORDER_DONE})


class Request(msgspec.Struct, frozen=True, gc=False):
    """A hedge order and when the engine asked for it (the stamp of its batch)."""

    order: HedgeRequested
    at: Moment


class InFlight(msgspec.Struct, frozen=True, gc=False):
    """The hedge orders that are not done after event `sequence`, oldest first. Both taken at one moment."""

    sequence: int
    requests: tuple[Request, ...]


class Send(msgspec.Struct, frozen=True, gc=False):
    """Do: send this order."""

    order: HedgeRequested


class Ask(msgspec.Struct, frozen=True, gc=False):
    """Do: ask the venue what became of this order."""

    order: Ticket


class _Open:
    """An order in flight."""

    __slots__ = ("answers", "doubt", "ended", "fresh", "heard_at", "held", "queued", "request", "unsent")

    def __init__(self, request: Request, *, fresh: bool, now: Moment) -> None:
        self.request = request
        self.fresh = fresh
        self.unsent = fresh
        """is to be sent, unless there is doubt"""
        self.doubt = not fresh
        self.ended = False
        """by us; only the engine's word is missing"""
        self.queued = False
        self.heard_at = now
        self.answers: set[VenueAnswer] = set()
        """on which the engine has spoken"""
        self.held: dict[VenueAnswer, None] = {}
        """heard while in doubt, in order"""


class Blotter:
    """The orders in flight at one venue, in the order in which the engine asked for them.

    Args:
        age_max_ms: an order that is not known to be at the venue is not sent when older than this.
        ask_after_ms: an order of which nothing was heard for this long is asked for.
    """

    def __init__(self, *, age_max_ms: int, ask_after_ms: int) -> None:
        self._age_max_ms = age_max_ms
        self._ask_after_ms = ask_after_ms
        self._open: dict[Ticket, _Open] = {}
        self._agenda: deque[_Open] = deque()
        self.taken = 0
        """how many orders were ever entered: a change says that the book was not quiet meanwhile"""

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, request: Request, now: Moment, *, fresh: bool) -> None:
        """Take up an order. Not `fresh`: it was in flight before a restart and may be at the venue already."""
        if request.order.order in self._open:
            return
        order = self._open[request.order.order] = _Open(request, fresh=fresh, now=now)
        self.taken += 1
        self._queue(order)

    def next_job(self, now: Moment) -> Send | Ask | HedgeEnded | None:
        """Take the next thing to do off the agenda: send, ask, tell the engine that an order ended, or nothing.

        A `Send` is followed by `sent` or `failed`, an `Ask` by `found` or `failed`.
        """
        while self._agenda:
            order = self._agenda.popleft()
            order.queued = False
            request = order.request
            if order.ended or self._open.get(request.order.order) is not order:
                continue
            if order.doubt:
                return Ask(request.order.order)
            if not order.unsent:
                continue
            if self._too_old(order, now):
                return self._end(order, NOT_SENT if order.fresh else NEVER_ARRIVED)
            order.fresh = order.unsent = False
            return Send(request.order)
        return None

    def sent(self, ticket: Ticket, now: Moment) -> None:
        """The venue took the order."""
        order = self._open.get(ticket)
        if order is not None:
            order.heard_at = now

    def failed(self, ticket: Ticket) -> None:
        """The venue could not be reached: the order is asked for first when it is back."""
        order = self._open.get(ticket)
        if order is not None:
            order.doubt = True
            self._queue(order, first=True)

    def found(self, ticket: Ticket, answers: list[VenueAnswer] | None, now: Moment) -> list[VenueAnswer]:
        """Take the venue's word on an order; return what the engine is to be told."""
        order = self._open.get(ticket)
        if order is None or order.ended:
            return []
        order.heard_at = now
        if order.queued:
            # The connection broke while we asked: the word is good, but it may not be the last one.
            return answers or []
        order.doubt = False
        held = list(order.held)
        order.held.clear()
        if answers is not None or held:
            said = answers or []
            return said + [answer for answer in held if answer not in said]
        if self._too_old(order, now):
            return [self._end(order, NEVER_ARRIVED)]
        order.unsent = True
        self._queue(order)
        return []

    def lost(self) -> None:
        """The connection broke: answers may have been lost, so every order is asked for that may be there."""
        self._ask(order for order in self._open.values() if not order.fresh)

    def watch(self, now: Moment) -> list[HedgeEnded]:
        """Ask for orders that have been silent too long; return the ends of those never sent that are too old."""
        self._ask(
            order
            for order in self._open.values()
            if not order.fresh and now - order.heard_at >= self._ask_after_ms
        )  # fmt: skip
        old = [order for order in self._open.values() if order.fresh and self._too_old(order, now)]
        return [self._end(order, NOT_SENT) for order in old if not order.ended]

    def hear(self, answer: VenueAnswer, now: Moment) -> bool:
        """Note that the venue spoke of its own accord. False: its answer is held back until the order was asked for."""
        order = self._open.get(answer.order)
        if order is None:
            return True
        order.heard_at = now
        if order.doubt and not order.ended:
            order.held[answer] = None
            return False
        return True

    def is_news(self, answer: VenueAnswer) -> bool:
        """False for an answer on which the engine has spoken, word for word, already.

        An answer to an order that is over is news: the engine must say what it makes of it.
        """
        order = self._open.get(answer.order)
        return order is None or answer not in order.answers

    def settle(self, answer: VenueAnswer, events: Sequence[Event]) -> HedgeEnded | None:
        """Take the engine's word on an answer; return an end that it must be told as well, or None.

        A last answer that the engine refuses (a fill beyond the order's volume, say) would leave the order in
        flight for ever, for the venue has no more to say. The order is ended with what was booked before;
        the difference shows as a break.
        """
        order = self._open.get(answer.order)
        if order is None:
            return None
        order.answers.add(answer)
        refused = events[0] if events and isinstance(events[0], Refused) else None
        if refused is None:
            if is_final(answer) or any(isinstance(event, HedgeClosed) for event in events):
                del self._open[answer.order]
        elif refused.code in ORDER_IS_OVER or isinstance(answer, HedgeEnded):
            del self._open[answer.order]
        elif answer.last:
            return self._end(order, f"last fill refused: {refused.code.name}")
        return None

    def dismiss(self, answer: VenueAnswer, flaw: str) -> HedgeEnded | None:
        """Drop an answer that is unfit for the engine; return the end it must be told if it was the last, or None."""
        order = self._open.get(answer.order)
        if order is None or order.ended or not is_final(answer):
            return None
        return self._end(order, f"unfit last answer: {flaw}")

    def _ask(self, orders: Iterable[_Open]) -> None:
        for order in orders:
            order.doubt = True
            self._queue(order)

    def _queue(self, order: _Open, *, first: bool = False) -> None:
        if order.queued:
            return
        order.queued = True
        if first:
            self._agenda.appendleft(order)
        else:
            self._agenda.append(order)

    def _end(self, order: _Open, reason: str) -> HedgeEnded:
        order.ended = True
        return HedgeEnded(order.request.order.order, reason)

    def _too_old(self, order: _Open, now: Moment) -> bool:
        return now - order.request.at > self._age_max_ms


def is_final(answer: VenueAnswer) -> bool:
    """Whether no further answer follows by the venue's own word."""
    return isinstance(answer, HedgeEnded) or answer.last


def key_of(answer: VenueAnswer) -> str:
    """Return the idempotency key of an answer: "venue/17/EX-5" for a fill, "venue/17" for the end of order 17."""
    if isinstance(answer, HedgeFilled):
        return f"venue/{answer.order}/{answer.execution}"
    return f"venue/{answer.order}"


def flaw_of(answer: VenueAnswer) -> str | None:
    """Return what makes an answer unfit for the journal, whatever the engine would think of it; None if nothing."""
    if answer.order < 1:
        return "order number"
    if isinstance(answer, HedgeEnded):
        return None if len(answer.reason) <= REASON_LENGTH_MAX else "reason too long"
    if not 1 <= len(answer.execution) <= EXECUTION_LENGTH_MAX:
        return "execution id"
    if not 1 <= answer.volume <= VOLUME_MAX:
        return "volume"
    if not 1 <= answer.price <= PRICE_MAX:
        return "price"
    return None
