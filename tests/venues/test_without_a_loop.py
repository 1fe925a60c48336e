"""The pure parts, driven step by step under one seed: crashes, breaks and every fault but the lies."""

from random import Random

import pytest
from fake_engine import FakeEngine

from prorata.messages.commands import HedgeEnded, Quote, Side
from prorata.messages.events import HedgeRequested
from prorata.server.ports import VenueAnswer, VenueDown
from prorata.venues.blotter import Blotter, Request, Send, key_of
from prorata.venues.simulated_book import Faults, SimulatedBook
from prorata.venues.simulated_line import SimulatedLine

FAULTS = Faults(
    latency_max_ms=300, silence=50_000, silence_ms=3_000, reject=100_000, split=400_000, cut_short=150_000,
    repeat=200_000, repeat_after_max_ms=2_000, slippage_max=3, improvement_max=1, lost_before=50_000,
    lost_after=50_000, lost_answer=50_000, away_max_ms=900,
)  # fmt: skip


def quote(symbol: str) -> Quote | None:
    return Quote(symbol, 110_000, 110_010)


class Run:
    """A synchronous router: what `router.Router` does, one step at a time."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.now = 0
        self.engine = FakeEngine()
        book = SimulatedBook("lp", quote=quote, faults=FAULTS, rng=self.rng)
        self.line = SimulatedLine(book, faults=FAULTS, rng=self.rng)
        self.sends: list[int] = []
        self.restart()

    def restart(self) -> None:
        self.blotter = Blotter(age_max_ms=1_500, ask_after_ms=1_000)
        for request in self.engine.in_flight().requests:
            self.blotter.enter(request, self.now, fresh=False)

    def step(self) -> None:
        self.now += self.rng.randint(0, 60)
        for ended in self.blotter.watch(self.now):
            self.tell(ended)
        self.listen()
        self.converse()

    def request(self) -> None:
        self.engine.now = self.now
        order: HedgeRequested = self.engine.request(self.rng.randint(1, 1000), Side(self.rng.randrange(2)))
        self.blotter.enter(Request(order, self.now), self.now, fresh=True)

    def listen(self) -> None:
        try:
            for answer in self.line.poll(self.now):
                if self.blotter.hear(answer, self.now):
                    self.tell(answer)
        except VenueDown:
            self.blotter.lost()

    def converse(self) -> None:
        while (job := self.blotter.next_job(self.now)) is not None:
            ticket = job.order.order if isinstance(job, Send) else job.order
            try:
                if isinstance(job, HedgeEnded):
                    self.tell(job)
                elif isinstance(job, Send):
                    self.line.send(job.order, self.now)
                    self.sends.append(ticket)
                else:
                    for answer in self.blotter.found(ticket, self.line.find(ticket, self.now), self.now):
                        self.tell(answer)
            except VenueDown:
                self.blotter.failed(ticket)
                return

    def tell(self, answer: VenueAnswer) -> None:
        if not self.blotter.is_news(answer):
            return
        end = self.blotter.settle(answer, self.engine.apply(answer, key_of(answer)))
        if end is not None:
            self.tell(end)


@pytest.mark.parametrize("seed", range(60))
def test_our_book_equals_the_venues_after_breaks_and_crashes(seed: int) -> None:
    run = Run(seed)
    for _ in range(200):
        if run.rng.randrange(4) == 0:
            run.request()
        if run.rng.randrange(40) == 0:
            run.restart()
        run.step()
    while run.engine.busy():
        run.step()
    theirs = {position.symbol: position.volume for position in run.line.book.positions().positions}
    assert {symbol: volume for symbol, volume in run.engine.held.items() if volume} == theirs
    assert len(run.sends) == len(set(run.sends)), "an order was sent twice though the first sending went well"
