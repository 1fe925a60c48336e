"""The way to the simulated venue, one step at a time: what `prorata.venues.router` does over asyncio."""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from prorata.copying.engine import Engine
from prorata.messages.batch import Published
from prorata.messages.commands import BUY, SELL, Command, HedgeEnded, Quote, VenuePositions
from prorata.messages.events import Event, HedgeRequested, Refused
from prorata.server.ports import VenueAnswer, VenueDown
from prorata.units.numbers import PPM, Moment, Volume
from prorata.venues.blotter import Ask, Blotter, Request, Send, flaw_of, key_of
from prorata.venues.simulated_book import Faults, SimulatedBook
from prorata.venues.simulated_line import SimulatedLine

VENUE = "lp"
CALLER = f"venue:{VENUE}"

Submit = Callable[[Command, str], Sequence[Event]]
"""Submits a command of the venue's under a key. Raises `JournalFull`, and `PowerCut` when this life is over."""


class Lies:
    """Which of the venue's faults make its book differ from what it told us."""

    def __init__(self, rng: Random) -> None:
        self.allowed = rng.random() < 0.5

    def faults(self, rng: Random) -> Faults:
        slow = rng.choice((200, 2_000, 20_000))
        often = rng.choice((0, PPM // 50, PPM // 10))
        lie = PPM // 25 if self.allowed else 0
        return Faults(
            latency_max_ms=slow, silence=often, silence_ms=40_000, reject=PPM // 10, split=PPM // 3, cut_short=PPM // 8,
            repeat=PPM // 5, slippage_max=5, improvement_max=2, unheard=lie, overfill=lie, lost_before=often,
            lost_after=often, lost_answer=often, away_max_ms=5_000,
        )  # fmt: skip


class Hedger:
    """Drives the venue. It lives on through our crashes, while what we know of it does not."""

    def __init__(self, rng: Random, engine: Callable[[], Engine]) -> None:
        self._engine = engine
        self.lies = Lies(rng)
        faults = self.lies.faults(rng)
        self.book = SimulatedBook(VENUE, quote=self._quote, faults=faults, rng=rng)
        self.line = SimulatedLine(self.book, faults=faults, rng=rng)
        self.seen: Counter[str] = Counter()
        self._backlog: list[VenueAnswer] = []
        self._told: set[tuple[int, str]] = set()
        self._blotter = Blotter(age_max_ms=30_000, ask_after_ms=10_000)

    def _quote(self, symbol: str) -> Quote | None:
        last = self._engine().desk.state.quotes.get(symbol)
        return Quote(symbol, last.bid, last.ask) if last is not None and last.bid else None

    def restart(self, now: Moment) -> None:
        """Begin anew with what the engine says is in flight; each order may be at the venue already."""
        self._blotter = Blotter(age_max_ms=30_000, ask_after_ms=10_000)
        self._backlog = []
        desk = self._engine().desk
        for ticket, login in sorted(desk.in_flight.items()):
            order = desk.state.accounts[login].orders[ticket]
            request = HedgeRequested(ticket, login, order.symbol, order.side, order.hedge_volume)
            self._blotter.enter(Request(request, order.sent_at), now, fresh=False)
        for requested in self._engine().copy.state.requests.values():
            side = BUY if requested.volume > 0 else SELL
            request = HedgeRequested(requested.ticket, 0, requested.symbol, side, abs(requested.volume))
            self._blotter.enter(Request(request, requested.sent_at), now, fresh=False)
        self.seen["orders taken over after a restart"] += len(desk.in_flight) + len(desk.elsewhere)

    def read(self, published: Published, now: Moment) -> None:
        for event in published.events:
            if isinstance(event, HedgeRequested):
                self._blotter.enter(Request(event, published.at), now, fresh=True)

    def is_idle(self) -> bool:
        return not len(self._blotter) and not self._backlog

    def step(self, now: Moment, submit: Submit) -> None:
        """Do everything that can be done now. Raises `JournalFull`: the rest is done by the next step."""
        self._tell_backlog(submit)
        self._backlog += self._blotter.watch(now)
        try:
            for answer in self.line.poll(now):
                self._note(answer)
                if self._blotter.hear(answer, now):
                    self._backlog.append(answer)
        except VenueDown:
            self.seen["connection broken"] += 1
            self._blotter.lost()
        self._converse(now)
        self._tell_backlog(submit)

    def _converse(self, now: Moment) -> None:
        while (job := self._blotter.next_job(now)) is not None:
            if not isinstance(job, Send | Ask):
                self._backlog.append(job)
                continue
            ticket = job.order.order if isinstance(job, Send) else job.order
            try:
                if isinstance(job, Send):
                    self.line.send(job.order, now)
                    self._blotter.sent(ticket, now)
                    self.seen["sent"] += 1
                else:
                    self._backlog += self._blotter.found(ticket, self.line.find(ticket, now), now)
                    self.seen["asked"] += 1
            except VenueDown:
                self._blotter.failed(ticket)
                return

    def _tell_backlog(self, submit: Submit) -> None:
        while self._backlog:
            answer = self._backlog[0]
            if self._blotter.is_news(answer):
                end = self._tell(answer, submit)
                if end is not None:
                    self._backlog.append(end)
            self._backlog.pop(0)

    def _tell(self, answer: VenueAnswer, submit: Submit) -> HedgeEnded | None:
        flaw = flaw_of(answer)
        if flaw is not None:
            return self._blotter.dismiss(answer, flaw)
        events = submit(answer, key_of(answer))
        if events and isinstance(events[0], Refused):
            self.seen[f"answer refused: {events[0].code.name}"] += 1
        return self._blotter.settle(answer, events)

    def _note(self, answer: VenueAnswer) -> None:
        if isinstance(answer, HedgeEnded):
            self.seen["rejected or cancelled"] += 1
            return
        again = (answer.order, answer.execution) in self._told
        self._told.add((answer.order, answer.execution))
        self.seen["repeated fill" if again else "last fill" if answer.last else "partial fill"] += 1

    def report(self, now: Moment) -> VenuePositions | None:
        """Return what we hold at the venue; None if it is away or either book is moving."""
        if not self.is_idle():
            return None
        try:
            return self.line.positions(now)
        except VenueDown:
            return None

    def hang_up(self, now: Moment, away_ms: int) -> None:
        self.seen["hung up"] += 1
        self.line.hang_up(now, away_ms)

    def move(self, symbol: str, volume: Volume) -> None:
        """Let somebody at the venue book by hand."""
        self.seen["booked by hand at the venue"] += 1
        self.book.move(symbol, volume)
