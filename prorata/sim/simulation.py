"""One seed: a broker, its crowd, its venue and its disk, step by step, each step judged."""

from collections import Counter, deque
from collections.abc import Sequence
from random import Random

from prorata.copying.engine import Engine
from prorata.messages.batch import Published, Submission, decode_batch, encode
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    Command,
    OpenAccount,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    SettleBreak,
)
from prorata.messages.events import Event, Refused
from prorata.messages.refusals import Refusal
from prorata.server import replay
from prorata.server.machine import KEYS_KEPT_MS, TICK, Answered, Machine
from prorata.server.ports import JournalFull
from prorata.sim.anew import Twin
from prorata.sim.claims import must
from prorata.sim.copy_crowd import CopyCrowd
from prorata.sim.crowd import Crowd
from prorata.sim.faulty_journal import Fate, FaultyDisk, FaultyJournal
from prorata.sim.hedger import CALLER, Hedger
from prorata.sim.life import Cut, Done, Life, PowerCut
from prorata.sim.oracle import Oracle
from prorata.sim.watch import WatchedEngine
from prorata.sim.world import CENT_LOT, FIRST_MONDAY, GROUPS, World, units
from prorata.units.numbers import DAY_MS, MINUTE_MS, SECOND_MS, Moment

LAST_COMMANDS = 12
TWIN_EVERY = 8
"""batches"""
SETTLING_STEPS = 400
SETTLING_ROUNDS = 8


class Simulation:
    """A run of one seed. The same seed and number of steps give the same run, on any machine.

    Raises (from `run`): `Violation` when something does not hold that must.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.ended = False
        """all steps are done; what fails now is the end"""
        self._rng = Random(seed)
        self.world = World(self._rng)
        self.crowd = Crowd(self._rng, self.world)
        self.copy_crowd = CopyCrowd(self._rng)
        self._copying = self._rng.choice((0.0, 0.3, 0.7))
        """how much of what is asked concerns copy trading"""
        self.oracle = Oracle()
        self.seen: Counter[str] = Counter()
        self.last: deque[str] = deque(maxlen=LAST_COMMANDS)
        self.disk = FaultyDisk(seed)
        self.now: Moment = FIRST_MONDAY + self._rng.randrange(4 * DAY_MS)
        self.began = self.now
        self.step = 0
        self._number = 0
        """the last batch whose events were read"""
        self._sequence = 0
        self._answers: dict[int, tuple[tuple[Answered, ...], bytes]] = {}
        """of every batch that was answered"""
        self._full_until = 0
        self._cut: Cut | None = None
        self.life = self._start()
        self.hedger = Hedger(self._rng, lambda: self.engine)

    @property
    def engine(self) -> Engine:
        return self.life.machine.engine

    # A run.

    def run(self, steps: int) -> None:
        self._set_up()
        for self.step in range(1, steps + 1):
            self._step()
            self.oracle.check(self.engine, exactly=self.step % 8 == 0)
        self.ended = True
        self._settle()
        self._prove_replays()

    def _set_up(self) -> None:
        """Configure the broker, open accounts and fund them."""
        commands: list[Command] = [PutSymbol(spec) for spec in self.world.symbols()]
        commands += [PutGroup(spec) for spec in self.world.groups()]
        self._submit([Submission(command) for command in commands])
        groups = self.engine.desk.state.groups
        for name in GROUPS:
            for _ in range(self._rng.randint(1, 2)):
                amount = units(groups[name].currency, self._rng.choice((300, 2_000, 10_000, 50_000)))
                login = self.engine.desk.state.next_login
                opening = OpenAccount(name, leverage=0 if self._rng.random() < 0.6 else 25)
                self._submit([Submission(opening), Submission(BookBalance(login, BalanceKind.DEPOSIT, amount))])
        self._submit([Submission(command) for command in self.copy_crowd.set_up()])
        self._submit([TICK], self.world.first_quotes())

    def _step(self) -> None:
        rng = self._rng
        self._let_time_pass()
        self._bring_faults()
        kind = rng.random()
        if kind < 0.40:
            self._submit([TICK] if rng.random() < 0.2 else [], self.world.move())
        elif kind < 0.47:
            many = [self._ask() for _ in range(rng.randint(2, 6))]
            self._submit(many, self.world.move() if rng.random() < 0.5 else ())
        elif kind < 0.96:
            self._submit([self._ask()], self.world.move() if rng.random() < 0.1 else ())
        else:
            self._report()
        self._hedge()

    def _ask(self) -> Submission:
        """Return the next thing that traders or investors ask."""
        if self._rng.random() < self._copying:
            command = self.copy_crowd.next(self.engine)
            if command is not None:
                return Submission(command, "investors")
        return self.crowd.next(self.engine)

    def _let_time_pass(self) -> None:
        """Mostly a moment; at times minutes or hours, over a rollover, or over a weekend with a gap after it."""
        rng = self._rng
        kind = rng.random()
        if kind < 0.93:
            self.now += rng.choice((0, 1, 40, 300, 1_000, 3_000))
        elif kind < 0.97:
            self.now += rng.randint(1, 40) * MINUTE_MS
        elif kind < 0.985:
            self.now += rng.randint(1, 7) * 60 * MINUTE_MS
        else:
            self.now += rng.randint(1, 4) * DAY_MS if rng.random() < 0.3 else DAY_MS - (self.now + 2 * 60 * MINUTE_MS) % DAY_MS
            self.seen["time jump over a rollover"] += 1
            if rng.random() < 0.7:
                self._submit([], self.world.gap())

    # Faults.

    def _bring_faults(self) -> None:
        rng = self._rng
        if self.disk.full and self.step >= self._full_until:
            self.disk.make_room()
        if rng.random() < 0.02:
            self.life.take_snapshot()
        kind = rng.random()
        if kind < 0.006:
            self.disk.fill()
            self._full_until = self.step + rng.randint(1, 6)
            self.seen["fault disk full"] += 1
        elif kind < 0.012:
            fate = rng.choice(list(Fate))
            self.disk.fail_next_commit(fate)
            self.seen[f"fault commit failed, record {fate.value}"] += 1
        elif kind < 0.020:
            self._cut = rng.choice(list(Cut))
            self.seen[f"fault power cut {self._cut.value}"] += 1
        elif kind < 0.026:
            self.hedger.hang_up(self.now, rng.randint(10, 60_000))
        elif kind < 0.030 and self.hedger.lies.allowed:
            self.hedger.move(rng.choice(("EURUSD", "XAUUSD")), rng.randint(-3, 3) * CENT_LOT)

    # The platform.

    def _start(self) -> Life:
        life = Life(self.disk)
        life.machine.engine = WatchedEngine(life.machine.engine, self.oracle, self.seen)
        return life

    def _submit(self, submissions: Sequence[Submission], quotes: tuple[Quote, ...] = ()) -> Done | None:
        """Submit as the writer would: a full disk is waited for elsewhere, a crash is survived here.

        After a crash the keyed ones are sent again, as a careful client does. None: there is no answer.
        """
        for submission in submissions:
            self.last.append(f"{submission.caller or '-'} {submission.key or '-'} {submission.command}")
        if quotes:
            self.last.append(f"quotes {', '.join(f'{quote.symbol} {quote.bid}/{quote.ask}' for quote in quotes)}")
        cut, self._cut = self._cut, None
        twin = Twin(self.life.machine) if self.life.machine.number % TWIN_EVERY == 0 else None
        try:
            done = self.life.submit(submissions, self.now, quotes=Quotes(quotes) if quotes else None, cut=cut)
        except JournalFull:
            self.seen["refusal STORAGE_FULL"] += len(submissions)
            return None
        except PowerCut:
            self._restart()
            again = [submission for submission in submissions if submission.key]
            return self._submit(again) if again else None
        if twin is not None:
            twin.check(self.life.machine, done.batch)
        self._take(done)
        return done

    def _take(self, done: Done) -> None:
        """Note an answered batch, as clients, listeners and the hedger do."""
        self._answers[done.number] = done.answers, done.encoded
        self.seen["answers repeated by key"] += sum(repeated for _, repeated in done.answers)
        self.seen["refusal KEY_REUSED"] += sum(
            isinstance(event, Refused) and event.code == Refusal.KEY_REUSED for answer, _ in done.answers for event in answer
        )
        if done.events:
            self._read(done)

    def _read(self, published: Published) -> None:
        must(published.first == self._sequence + 1, "events are numbered without gaps", published.first, self._sequence)
        self._number = published.number
        self._sequence += len(published.events)
        self.oracle.read(published.events)
        if hasattr(self, "hedger"):
            self.hedger.read(published, self.now)

    def _restart(self) -> None:
        """Crash, start again, and compare with the life before: it is as if it had gone on."""
        self.last.append("-- crash and restart --")
        before = self.life.machine
        answered = max(self._answers, default=0)
        self.disk.crash()
        self.disk.make_room()
        if self.disk.snapshots and self._rng.random() < 0.15:
            self.disk.damage_newest_snapshot()
            self.seen["fault snapshot damaged"] += 1
        life = self._start()
        must(life.machine.number >= answered, "every answered batch is there after a restart", answered, life.machine.number)
        self._catch_up(before, life)
        must(before.state_hash() == life.machine.state_hash(), "a restart gives the state that was", life.machine.number)
        for published in life.remade:
            kept = self._answers.get(published.number)
            must(kept is None or kept[1] == encode(published), "a replayed batch publishes the same", published.number)
        self.life = life
        for published in life.published(self._number):
            self._read(published)
        self.hedger.restart(self.now)

    def _catch_up(self, machine: Machine, life: Life) -> None:
        """Let the machine of the life before apply what was written but not applied when the power failed."""
        for record in life.journal.records(after=machine.number):
            batch = decode_batch(record.body)
            self.seen["batches known only from the journal"] += 1
            machine.apply(batch)

    # The venue.

    def _hedge(self) -> None:
        try:
            self.hedger.step(self.now, self._submit_answer)
        except JournalFull:
            return
        except _Restarted:
            return

    def _submit_answer(self, command: Command, key: str) -> Sequence[Event]:
        life = self.life
        done = self._submit([Submission(command, CALLER, key)])
        if self.life is not life:
            raise _Restarted
        if done is None:
            raise JournalFull("no room")
        return done.answers[0][0]

    def _report(self) -> None:
        """Compare the books: what differs while nothing moves is a break, and a break only if somebody lied."""
        report = self.hedger.report(self.now)
        desk = self.engine.desk
        if report is None or desk.in_flight or desk.elsewhere:
            return
        self._submit([Submission(report)])
        if not self.hedger.is_idle():
            return
        self.seen["books compared"] += 1
        self._compare({position.symbol: position.volume for position in report.positions})

    def _compare(self, theirs: dict[str, int]) -> None:
        state = self.engine.desk.state
        ours = {symbol: hedge.volume for symbol, hedge in state.hedges.items() if hedge.volume}
        differing = {
            symbol: (ours.get(symbol, 0), theirs.get(symbol, 0))
            for symbol in ours.keys() | theirs.keys()
            if ours.get(symbol, 0) != theirs.get(symbol, 0)
        }
        must(not differing or self.hedger.lies.allowed, "our hedge book equals the venue's if nobody lied", differing)

    # The end.

    def _settle(self) -> None:
        """Let the venue finish, settle every break, and see that the books agree."""
        self.disk.make_room()
        self._cut = None
        for _ in range(SETTLING_STEPS):
            self.now += 2 * SECOND_MS
            self._submit([TICK])
            self._hedge()
            if self._is_quiet():
                break
        desk = self.engine.desk
        must(self._is_quiet(), "every order at the venue ends", desk.in_flight, desk.elsewhere)
        self._settle_breaks()
        self.oracle.check(self.engine, exactly=True)

    def _is_quiet(self) -> bool:
        desk = self.engine.desk
        return self.hedger.is_idle() and not desk.in_flight and not desk.elsewhere

    def _settle_breaks(self) -> None:
        """Take the venue's figure wherever the books differ; after that they do not.

        Orders that were delayed may still travel, and the venue may lie about those too: then once more.
        """
        for settled in range(SETTLING_ROUNDS):
            self._report_for_certain()
            desk = self.engine.desk
            state = desk.state
            if not state.breaks and not desk.in_flight and not desk.elsewhere:
                break
            for symbol in sorted(state.breaks):
                price = state.quotes[symbol].bid or 1
                self._submit([Submission(SettleBreak(symbol, price, "at the end"), "dealer", f"settle/{settled}/{symbol}")])
        must(not state.breaks, "after breaks are settled there are none", state.breaks)
        theirs = {position.symbol: position.volume for position in self.hedger.book.positions().positions}
        ours = {symbol: hedge.volume for symbol, hedge in state.hedges.items() if hedge.volume}
        must(ours == theirs, "after breaks are settled the books agree", ours, theirs)

    def _report_for_certain(self) -> None:
        """Submit the venue's positions as soon as it can be reached; what it had to say late is heard before."""
        for _ in range(SETTLING_STEPS):
            self.now += 2 * SECOND_MS
            self._hedge()
            report = self.hedger.report(self.now)
            if report is not None and self._submit([Submission(report, "venue:report", f"report/{self.now}")]) is not None:
                return
        must(False, "the venue can be reached in the end")

    def _prove_replays(self) -> None:
        """Replay everything in this process, from the first batch and from the snapshot."""
        live = self.life.machine.state_hash()
        for from_snapshot in (True, False):
            machine = replay.replay(FaultyJournal(self.disk), from_snapshot=from_snapshot)
            must(machine.state_hash() == live, "a replay gives the same state hash", "from snapshot", from_snapshot)
        self._prove_answers()

    def _prove_answers(self) -> None:
        """Replay once more and compare each answer that was given; and count how often each key took effect."""
        machine = Machine()
        used: dict[str, Moment] = {}
        must(max(self._answers) <= self.life.machine.number, "every answered batch is in the journal", max(self._answers))
        for record in FaultyJournal(self.disk).records():
            batch = decode_batch(record.body)
            answers, _, encoded = machine.apply(batch)
            for submission, (events, repeated) in zip(batch.submissions, answers, strict=True):
                refused = bool(events) and isinstance(events[0], Refused)
                if not submission.key or repeated or refused:
                    continue
                name = f"{submission.caller}\n{submission.key}"
                must(used.get(name, -KEYS_KEPT_MS) < batch.at - KEYS_KEPT_MS, "no keyed command is applied twice", name)
                used[name] = batch.at
            given = self._answers.get(record.number)
            if given is not None:
                same = given[1] == encoded and list(given[0]) == answers[len(answers) - len(given[0]) :]
                must(same, "every answer is true after a replay", "batch", record.number)


class _Restarted(Exception):
    """The platform crashed and is back; the hedger has begun anew."""
