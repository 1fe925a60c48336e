"""Copy trading under `kill -9`: what is asked of it while the server dies, and what must hold when it is back.

A slow venue sees to it that most kills fall between a fill request, its fills and their distribution. After each one
the journal that is left is replayed, and investors, routes and the hedge account are compared as the simulation does.
At the end the events are counted: every deal has its number, every fill is shared out whole, and what all deals and
fills sum to is what the state says.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from prorata.copying.columns import count_of, unpack
from prorata.copying.state import CopyState
from prorata.messages.copy_events import (
    CommandTaken,
    Copied,
    FeesCharged,
    FillBooked,
    FillRequested,
    InvestmentMoved,
    SignalTaken,
    VolumesRejected,
    WalletMoved,
)
from prorata.messages.copy_terms import CommandKind
from prorata.messages.events import Event
from prorata.projections.ledger import verify_state
from prorata.server.machine import Machine
from prorata.sim.claims import must
from prorata.sim.copy_oracle import check_copying
from prorata.units.numbers import Volume

Post = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Send a body to a path and return the answer, which is a success."""

COMPANY = 1
TRADERS = 3
INVESTORS = 12
SYMBOLS = ("BTCUSD", "ETHUSD")
SETTINGS_PATH = f"/api/v1/copy-specs/{COMPANY}/USD"
STREAM_PATH = "/api/v1/streams/1"
COUNTED = {"fund": CommandKind.FUND, "pause": CommandKind.PAUSE, "resume": CommandKind.RESUME}
"""Calls whose events bear no comment: how many were done is counted."""


class Wish(msgspec.Struct, frozen=True):
    """What is asked next. `commented`: the body may have a comment, which the events repeat."""

    path: str
    body: dict[str, Any]
    commented: bool


class CopyLoad:
    """Three strategies (two by signals, one that copies a trading account) with 12 investors each."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._wallets: list[int] = []
        self._strategies: list[int] = []
        self._investments: list[int] = []

    async def set_up(self, post: Post, put: Post, source_login: int) -> None:
        """Open everything. `source_login`: the account that the last strategy copies."""
        await put(STREAM_PATH, {"name": "hedge", "liquidity_per_million": 500})
        await put(SETTINGS_PATH, {"investor_min": "100", "trader_min": "100"})
        offers = [await self._open_strategy(post, place, source_login) for place in range(TRADERS)]
        for client in range(TRADERS + 1, TRADERS + 1 + INVESTORS):
            wallet = await self._open_wallet(post, client)
            self._wallets.append(wallet)
            for offer in offers:
                await self._invest(post, wallet, offer)

    async def _open_wallet(self, post: Post, client: int) -> int:
        opened = await post("/api/v1/wallets", {"client": client, "company": COMPANY})
        await post(f"/api/v1/wallets/{opened['wallet']}/transfers", {"type": "fund", "amount": "1000000.00"})
        return int(opened["wallet"])

    async def _open_strategy(self, post: Post, place: int, source_login: int) -> int:
        wallet = await self._open_wallet(post, place + 1)
        body = {"wallet": wallet, "name": f"Strategy {place}", "money": "10000.00"}
        if place == TRADERS - 1:
            body |= {"manage": "account", "source_login": source_login}
        strategy = int((await post("/api/v1/strategies", body))["strategy"])
        if place < TRADERS - 1:
            self._strategies.append(strategy)
        terms = {"fee_percent": "20", "commission_per_million": "10.00", "link": f"kill{place}"}
        return int((await post(f"/api/v1/strategies/{strategy}/offers", terms))["offer"])

    async def _invest(self, post: Post, wallet: int, offer: int) -> None:
        chance = self._chance
        body = {
            "wallet": wallet, "offer": offer, "money": f"{chance.randrange(500, 20_000)}.00",
            "factor": chance.choice(("0.50", "1.00", "2.00", "-1.00")), "protection_percent": chance.choice(("0", "50", "90")),
        }  # fmt: skip
        self._investments.append(int((await post("/api/v1/investments", body))["investment"]))

    def next_wish(self) -> Wish:
        chance = self._chance
        roll = chance.random()
        if roll < 0.7:
            lot = chance.choice(("0", "0.05", "0.10", "0.20", "-0.05", "-0.15"))
            body = {
                "strategy": chance.choice(self._strategies), "symbol": chance.choice(SYMBOLS), "lot": lot, "equity": "10000.00"
            }  # fmt: skip
            return Wish("/api/v1/signals", body, commented=True)
        if roll < 0.8:
            path = f"/api/v1/wallets/{chance.choice(self._wallets)}/transfers"
            return Wish(path, {"type": "fund", "amount": "12.34"}, commented=True)
        what = chance.choice(tuple(COUNTED))
        path = f"/api/v1/investments/{chance.choice(self._investments)}/{what}"
        return Wish(path, {"amount": "10.00"} if what == "fund" else {}, commented=False)


def effects(event: Event) -> Iterator[str]:
    """Yield the comment of what begins the effect of a commented wish."""
    if isinstance(event, SignalTaken | WalletMoved) and event.comment:
        yield event.comment


def check_recovered(machine: Machine) -> bool:
    """Check what a killed server left, as the next one takes it up. Say whether something was under way at the venue.

    Raises `Violation` (`prorata.sim.claims`).
    """
    check_copying(machine.engine.copy)
    report = verify_state(machine.engine.desk.state, machine.engine.copy.state)
    must(report.balanced, "money sums to zero", *report.differences)
    return bool(machine.engine.copy.state.requests)


def check_history(events: Sequence[Event], state: CopyState, done: Mapping[str, int]) -> int:
    """Check all events against the state that they led to. `done`: how often each kind in `COUNTED` was answered as done.

    Returns the number of deals.
    """
    deals = _check_deals(events, state)
    _check_fills(events, state)
    taken = Counter(event.kind for event in events if isinstance(event, CommandTaken))
    for what, kind in COUNTED.items():
        must(taken[kind] == done.get(what, 0), "each command was taken once for each answer", what, taken[kind], dict(done))
    return deals


def _check_deals(events: Sequence[Event], state: CopyState) -> int:
    """No deal number is missing or given twice, and the deals of each investor sum to what it holds."""
    following = 1
    held: dict[tuple[int, int], Volume] = defaultdict(int)
    for event in events:
        count = _deals_in(event)
        if count:
            first = event.deal if isinstance(event, InvestmentMoved) else event.first_deal  # type: ignore[union-attr]
            must(first == following, "deals are numbered without a gap", first, following)
            following += count
        if isinstance(event, Copied):
            numbers = unpack(event.investments, count).tolist()
            for number, volume in zip(numbers, unpack(event.volumes, count).tolist(), strict=True):
                held[number, event.leg] += volume
    must(following == state.next_copy_deal, "the last deal is in the history", following, state.next_copy_deal)
    for strategy in state.strategies.values():
        for head in strategy.legs.values():
            for row in range(strategy.rows):
                place = (int(strategy.investments.number[row]), head.number)
                dealt = held.pop(place, 0)
                must(dealt == head.rows.volume[row], "what was dealt is held", *place, dealt, int(head.rows.volume[row]))
    must(not any(held.values()), "what is not held any more was dealt back", held)
    return following - 1


def _deals_in(event: Event) -> int:
    if isinstance(event, InvestmentMoved):
        return 1
    return count_of(event.investments) if isinstance(event, Copied | FeesCharged | VolumesRejected) else 0


def _check_fills(events: Sequence[Event], state: CopyState) -> None:
    """Each execution is booked once, within what was asked for, and sums to what the hedge account holds."""
    asked: dict[int, Volume] = {}
    filled: dict[int, Volume] = defaultdict(int)
    hedge: dict[str, Volume] = defaultdict(int)
    executions: Counter[tuple[int, str]] = Counter()
    for event in events:
        if isinstance(event, FillRequested):
            asked[event.request] = event.volume
        elif isinstance(event, FillBooked):
            executions[event.request, event.execution] += 1
            filled[event.request] += event.filled
            hedge[f"{event.stream}/{event.symbol}"] += event.filled if asked[event.request] > 0 else -event.filled
    must(all(times == 1 for times in executions.values()), "each execution is booked once")
    for request, volume in filled.items():
        must(volume <= abs(asked[request]), "no more is filled than was asked for", request, volume, asked[request])
    for key, route in state.routes.items():
        must(route.held == hedge.pop(key, 0), "the hedge account holds what was filled", key, route)
    must(not any(hedge.values()), "every fill has a route", dict(hedge))
