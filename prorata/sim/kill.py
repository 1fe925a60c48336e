"""kill -9 of a real server in the middle of load, again and again, and the proof that nothing came of it.

Clients send orders and deposits over HTTP, each under an idempotency key and with the key as its comment. The
server process is killed at a random moment and started again. What was answered must be there; what was cut off
is asked for again under its key, as a client would. At the end the journal itself is read:

- every answered command is in it, under the event number that the answer gave;
- no key has been applied twice, however often it was sent;
- event numbers have no gap, the chain is sound, two replays give one state, and the ledger sums to zero.

A part of the calls are those of copy trading; `kill_copying` has its load and its proof.

`python -m prorata.sim.kill --kills 100 --seed 7`, or `make kill`.
"""

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import msgspec

from prorata.access.callers import Scope
from prorata.access.keys import KeyStore
from prorata.messages.batch import decode_published
from prorata.messages.events import BalanceBooked, Dealt, Event, OrderPlaced
from prorata.server.machine import Machine
from prorata.server.replay import replay
from prorata.sim.claims import Violation
from prorata.sim.kill_copying import CopyLoad, check_history, check_recovered, effects
from prorata.sim.served import Broken, Served
from prorata.storage.chain import StoredJournal
from prorata.storage.journals import open_journal
from prorata.storage.verify import Finding, verify

PLATFORM = "main"
GROUPS = ("retail-usd", "ecn-usd")
SYMBOL = "BTCUSD"
"""Traded around the clock: the test runs on Sundays, too."""
ACCOUNTS = 12
CALL_SECONDS = 10.0
ANSWERS_MIN = 20
"""calls of a life that are answered before it may end"""
ANSWERS_SECONDS = 60.0
"""within which they must be"""
LIFE_MIN_SECONDS = 0.1
LIFE_MAX_SECONDS = 1.2
ASKED_AGAIN = 40
"""Answered commands that are sent once more after each start."""
NOT_DONE = frozenset({9001, 9002, 9003, 9004, 9005})
"""Refusals of the server: the command may be sent again, and of 9005 must."""

SETTINGS = """
data = {data}
port = 0
log_level = "warning"

[platforms.main]
snapshot_every = 3000

[platforms.main.feed]
rate = 100

[platforms.main.venue.faults]
latency_min_ms = 2
latency_max_ms = 400
reject = 30_000
split = 200_000
repeat = 100_000
lost_answer = 20_000
"""


COPYING = 0.4
"""The share of calls that are for copy trading."""


class Call(msgspec.Struct, frozen=True):
    key: str
    path: str
    body: dict[str, Any]


class Outcome(msgspec.Struct, kw_only=True):
    kills: int = 0
    answered: int = 0
    refused: int = 0
    cut_off: int = 0
    cut_off_applied: int = 0
    """of those cut off: applied before the kill, as asking again told"""
    asked_again: int = 0
    hedging: int = 0
    """kills that left a fill request at the venue"""
    copied: int = 0
    """deals of investments"""
    events: int = 0
    batches: int = 0
    seconds: float = 0.0


class KillRun:
    """One run in `folder`, which is empty before."""

    def __init__(self, folder: Path, *, kills: int, seed: int, clients: int) -> None:
        self.outcome = Outcome()
        self._folder = folder
        self._kills = kills
        self._clients = clients
        self._chance = Random(seed)
        self._served = Served(folder / "kill.toml", folder / "server.log")
        self._token = ""
        self._logins: list[int] = []
        self._copying = CopyLoad(Random(f"{seed} copying"))
        self._sent = 0
        self._answered: dict[str, tuple[Call, dict[str, Any]]] = {}
        """key -> what was sent, and the answer"""
        self._cut_off: list[Call] = []
        self._enough = asyncio.Event()
        self._enough_at = 0

    async def run(self) -> Outcome:
        """Raises `Broken` at the first promise that was not kept."""
        began = time.monotonic()
        self._prepare()
        try:
            await self._served.start()
            await self._open_accounts()
            for _ in range(self._kills):
                await self._load_until_killed()
                await asyncio.to_thread(self._examine_recovered)
                await self._served.start()
                await self._ask_again()
            await self._await_tables()
            await self._served.stop()
        finally:
            await self._served.end()
        await asyncio.to_thread(self._examine)
        self.outcome.seconds = round(time.monotonic() - began, 1)
        return self.outcome

    def _prepare(self) -> None:
        data = self._folder / "data"
        data.mkdir(parents=True)
        (self._folder / "kill.toml").write_text(SETTINGS.format(data=json.dumps(str(data))), encoding="utf-8")
        keys = KeyStore(f"sqlite:///{data / 'keys.db'}")
        self._token = keys.create(PLATFORM, [Scope.ADMIN], label="kill")
        keys.close()

    def _client(self) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {self._token}"}
        return httpx2.AsyncClient(base_url=self._served.address, headers=headers, timeout=CALL_SECONDS)

    # Load.

    async def _open_accounts(self) -> None:
        async with self._client() as client:
            for place in range(ACCOUNTS):
                opened = await client.post("/api/v1/accounts", json={"group": GROUPS[place % len(GROUPS)]})
                login = opened.json()["login"]
                self._logins.append(login)
                await self._send(client, self._new_call(f"/api/v1/accounts/{login}/balance-operations", _deposit("1000000.00")))
            await self._copying.set_up(partial(_done, client.post), partial(_done, client.put), self._logins[0])

    def _new_call(self, path: str, body: dict[str, Any], *, commented: bool = True) -> Call:
        self._sent += 1
        key = f"k{self._sent}"
        return Call(key, path, {**body, "comment": key} if commented else body)

    def _next_call(self) -> Call:
        if self._chance.random() < COPYING:
            wish = self._copying.next_wish()
            return self._new_call(wish.path, wish.body, commented=wish.commented)
        login = self._chance.choice(self._logins)
        if self._chance.random() < 0.2:
            return self._new_call(f"/api/v1/accounts/{login}/balance-operations", _deposit("12.34"))
        side = self._chance.choice(("buy", "sell"))
        order = {"login": login, "symbol": SYMBOL, "side": side, "volume": "0.02"}
        return self._new_call("/api/v1/orders", order)

    async def _load_until_killed(self) -> None:
        clients = [asyncio.create_task(self._trade()) for _ in range(self._clients)]
        # On a machine that is slow just now, a life lasts until something has been answered.
        self._enough_at = self.outcome.answered + ANSWERS_MIN
        self._enough.clear()
        await asyncio.wait_for(self._enough.wait(), timeout=ANSWERS_SECONDS)
        await asyncio.sleep(self._chance.uniform(LIFE_MIN_SECONDS, LIFE_MAX_SECONDS))
        await self._served.kill()
        self.outcome.kills += 1
        await asyncio.gather(*clients)

    async def _trade(self) -> None:
        """Send until the server is gone."""
        async with self._client() as client:
            while await self._send(client, self._next_call()):
                pass

    async def _send(self, client: httpx2.AsyncClient, call: Call) -> bool:
        """Send a call and note what came of it; False if the server did not answer."""
        try:
            answer = await client.post(call.path, json=call.body, headers={"idempotency-key": call.key})
        except httpx2.TransportError:
            self._cut_off.append(call)
            self.outcome.cut_off += 1
            return False
        told = answer.json()
        if answer.is_success:
            self._answered[call.key] = (call, told)
            self.outcome.answered += 1
            if self.outcome.answered >= self._enough_at:
                self._enough.set()
        elif told["code"] in NOT_DONE:
            self._cut_off.append(call)
        else:
            self.outcome.refused += 1
        return True

    # After a start.

    async def _ask_again(self) -> None:
        """Ask what became of the calls that were cut off, and whether answered ones are still answered the same."""
        cut_off, self._cut_off = self._cut_off, []
        known = self._chance.sample(sorted(self._answered), min(ASKED_AGAIN, len(self._answered)))
        async with self._client() as client:
            for call in cut_off:
                if not await self._send(client, call):
                    raise Broken(f"{call.key}: the server went away by itself; its log is {self._folder / 'server.log'}")
                told = self._answered.get(call.key)
                self.outcome.cut_off_applied += told is not None and told[1]["repeated"]
            for key in known:
                await self._ask_once_more(client, *self._answered[key])

    async def _ask_once_more(self, client: httpx2.AsyncClient, call: Call, before: dict[str, Any]) -> None:
        answer = await client.post(call.path, json=call.body, headers={"idempotency-key": call.key})
        told = answer.json()
        self.outcome.asked_again += 1
        if not answer.is_success or not told["repeated"] or _essence(told) != _essence(before):
            raise Broken(f"{call.key} was answered {before} and after a restart {told}")

    async def _await_tables(self) -> None:
        """Let the tables catch up, so that they are compared, too."""
        async with self._client() as client:
            for _ in range(200):
                status = (await client.get("/readyz")).json()["platforms"][PLATFORM]
                if status["history_lag"] == 0:
                    return
                await asyncio.sleep(0.05)
        raise Broken("the tables did not catch up")

    # The proof.

    def _journal(self) -> StoredJournal:
        return open_journal(f"sqlite:///{self._folder / 'data' / PLATFORM / 'journal.db'}", PLATFORM)

    def _examine_recovered(self) -> None:
        """Look at what the kill has left, as the next server will take it up."""
        journal = self._journal()
        try:
            self.outcome.hedging += check_recovered(replay(journal))
        except Violation as violation:
            raise Broken(f"after kill {self.outcome.kills}: {violation}") from violation
        finally:
            journal.close()

    def _examine(self) -> None:
        journal = self._journal()
        try:
            verdict = verify(journal)
            if verdict.finding is not Finding.SOUND:
                raise Broken(f"journal {verdict.finding}: record {verdict.number}, {verdict.problem}")
            self.outcome.batches = verdict.good
            happened = [decode_published(body) for _, body in journal.published(0, limit=sys.maxsize >> 32)]
            events = [(batch.first + place, event) for batch in happened for place, event in enumerate(batch.events)]
            self._examine_events(events)
            machine = replay(journal, from_snapshot=False)
            if replay(journal).state_hash() != machine.state_hash():
                raise Broken("a replay from the snapshot and one from the first batch differ")
            self._examine_copying([event for _, event in events], machine)
        finally:
            journal.close()
        self._examine_ledger()

    def _examine_events(self, events: Sequence[tuple[int, Event]]) -> None:
        self.outcome.events = len(events)
        if [number for number, _ in events] != list(range(1, len(events) + 1)):
            raise Broken("event numbers have a gap")
        applied = Counter(key for _, key in _first_effects(events))
        twice = [key for key, times in applied.items() if times > 1]
        if twice:
            raise Broken(f"applied twice: {twice[:10]}")
        numbers = {key: number for number, key in _first_effects(events)}
        for key, (call, told) in self._answered.items():
            if "comment" not in call.body:
                continue  # Counted, in `_examine_copying`.
            if key not in numbers:
                raise Broken(f"{key} was answered and is not in the journal: {told}")
            if not told["repeated"] and told["events"][0]["seq"] != numbers[key]:
                raise Broken(f"{key} was answered as event {told['events'][0]['seq']}, the journal says {numbers[key]}")

    def _examine_copying(self, events: Sequence[Event], machine: Machine) -> None:
        done = Counter(call.path.rpartition("/")[2] for call, _ in self._answered.values() if "comment" not in call.body)
        try:
            self.outcome.copied = check_history(events, machine.engine.copy.state, done)
            check_recovered(machine)
        except Violation as violation:
            raise Broken(str(violation)) from violation

    def _examine_ledger(self) -> None:
        from subprocess import run

        command = [sys.executable, "-m", "prorata", "ledger", "verify", "--settings", str(self._folder / "kill.toml"), "--json"]
        done = run(command, capture_output=True, check=False)
        if done.returncode != 0:
            raise Broken(f"ledger verify: {done.stdout.decode()} {done.stderr.decode()}")
        proven = json.loads(done.stdout)
        if not proven["tables"]["made"]:
            raise Broken("the tables do not reach the end of the journal")


def _deposit(amount: str) -> dict[str, Any]:
    return {"kind": "deposit", "amount": amount}


async def _done(ask: Callable[..., Awaitable[httpx2.Response]], path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for what must succeed, and return the answer."""
    answer = await ask(path, json=body)
    told: dict[str, Any] = answer.json()
    if not answer.is_success:
        raise Broken(f"{path} {body} was answered {told}")
    return told


def _essence(told: dict[str, Any]) -> dict[str, Any]:
    """Return what a repeated answer has in common with the first one."""
    events = [{name: value for name, value in event.items() if name not in ("seq", "at")} for event in told["events"]]
    return {**{name: value for name, value in told.items() if name not in ("number", "at", "repeated")}, "events": events}


def _first_effects(events: Sequence[tuple[int, Event]]) -> Iterator[tuple[int, str]]:
    """Yield (event number, key) of what begins each command's effect: a booking, a placed order, or a deal not announced.

    An order deals in several parts, under one ticket; its first event is what counts.
    """
    seen: set[int] = set()
    for number, event in events:
        yield from ((number, comment) for comment in effects(event))
        if isinstance(event, BalanceBooked):
            yield number, event.comment
        elif isinstance(event, OrderPlaced | Dealt) and event.comment.startswith("k"):
            ticket = event.ticket if isinstance(event, OrderPlaced) else event.order
            if ticket not in seen:
                seen.add(ticket)
                yield number, event.comment


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as the command line says and return the exit status, 0 if every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m prorata.sim.kill", description="Kill -9 a server under load.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args(arguments)
    repeat = f"python -m prorata.sim.kill --kills {given.kills} --seed {given.seed} --clients {given.clients}"
    with tempfile.TemporaryDirectory(prefix="prorata-kill-") as folder:
        run = KillRun(Path(folder), kills=given.kills, seed=given.seed, clients=given.clients)
        try:
            outcome = asyncio.run(run.run())
        except Broken as broken:
            print(f"BROKEN after {run.outcome.kills} kills: {broken}\nagain: {repeat}", file=sys.stderr)
            return 1
    print(
        f"{outcome.kills} kills in {outcome.seconds} s: {outcome.answered} commands answered, all there; "
        f"{outcome.cut_off} cut off, {outcome.cut_off_applied} of them had been applied; "
        f"{outcome.asked_again} asked again, all answered the same; {outcome.refused} refused; "
        f"{outcome.copied} deals of investors, {outcome.hedging} kills with hedge orders on their way, all agree; "
        f"{outcome.batches} batches, {outcome.events} events, ledger 0\nagain: {repeat}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
