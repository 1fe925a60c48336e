"""Events of copy trading for who is interested in some of it: topics, strategies, investments, wallets.

Who names a strategy is told of its events in sums; who names investments is told his own rows of events about many, one
message for each. An event is looked into only if its strategy has an investment that somebody named.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from prorata.copying.desk import CopyDesk
from prorata.messages.copy_events import FeesCharged, FillRequested
from prorata.messages.events import Event
from prorata.stream.mailbox import Mailbox
from prorata.stream.ring import Told
from prorata.stream.subscriptions import EventSubscription
from prorata.views.copying.events import COPY_RENDER, topic_of
from prorata.views.copying.rows import is_of_many, rows_of

_encode = msgspec.json.Encoder().encode


class Interest(msgspec.Struct, frozen=True):
    """`topics` None: all. `everything`: not only what concerns one of the strategies, wallets and investments.

    `investments`: those that were named, in rising order, by their strategy.
    """

    topics: frozenset[str] | None
    everything: bool
    strategies: frozenset[int]
    wallets: frozenset[int]
    investments: dict[int, tuple[int, ...]]

    def takes(self, desk: CopyDesk, event: Any) -> bool:
        """Say whether the event is told as it stands."""
        if self.everything or getattr(event, "strategy", 0) in self.strategies:
            return True
        if getattr(event, "wallet", 0) in self.wallets:
            return True
        if isinstance(event, FillRequested):
            return not self.strategies.isdisjoint(event.strategies)
        if isinstance(event, FeesCharged):
            return desk.state.strategies[event.strategy].wallet in self.wallets
        named = self.investments.get(getattr(event, "strategy", 0), ())
        return getattr(event, "investment", 0) in named


def interest_of(
    desk: CopyDesk,
    *,
    topics: Sequence[str] | None,
    strategies: Sequence[int] | None,
    investments: Sequence[int] | None,
    wallets: Sequence[int] | None,
) -> Interest:
    """Return the interest in things that exist. None: none named. Where all three are None it is everything."""
    by_strategy: dict[int, list[int]] = {}
    for number in sorted(set(investments or ())):
        by_strategy.setdefault(int(desk.strategy_of[number]), []).append(number)
    return Interest(
        None if topics is None else frozenset(topics),
        strategies is None and investments is None and wallets is None,
        frozenset(strategies or ()),
        frozenset(wallets or ()),
        {strategy: tuple(numbers) for strategy, numbers in by_strategy.items()},
    )


class CopySubscription(EventSubscription):
    __slots__ = ("interest",)

    def __init__(
        self, number: int, mailbox: Mailbox, interest: Interest, since: int,
        on_lost: Callable[[EventSubscription, Exception], None],
    ) -> None:  # fmt: skip
        super().__init__(number, mailbox, frozenset(), since, on_lost)
        self.interest = interest

    def take(self, batch: Told, place: int) -> None:
        event: Event = batch.events[place]
        if type(event) not in COPY_RENDER:
            return
        interest, seq = self.interest, batch.first + place
        if interest.topics is not None and topic_of(event) not in interest.topics:
            return
        desk = batch.engine.copy
        if interest.takes(desk, event):
            self.tell(seq, batch.tail(place))
            return
        mine = interest.investments.get(getattr(event, "strategy", 0))
        if mine and is_of_many(event):
            for row in rows_of(desk, event, mine, seq, batch.at):
                self.tell(seq, _encode(row)[1:])
