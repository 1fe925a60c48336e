"""Steps that cross into a trade platform: commands, kept in a row until the platform has answered.

A row is written in the transaction that decides on the step. Its command is sent under a key that is made of the row's
uuid, as often as it takes; a platform does it once. The answer and what follows from it are one transaction again. So
whatever is cut off where, the step is done exactly once, or refused and written down as refused.

    row written -> [crash] -> sent -> [crash] -> journaled -> [answer lost] -> sent again: the same answer -> settled

Keys end after a day. So that a row which waits longer does no harm, each command that is sent this way may be done twice:
money has its own external id, a change says what is to be and not by how much, and a number is asked for only once
(see `trading`). One subject has one step under way at a time, so that an old step never comes after a newer one.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, TypeAlias

import msgspec
import structlog
from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.tables import crossings
from prorata.messages.commands import Command
from prorata.messages.events import Event, Refused
from prorata.messages.refusals import Refusal
from prorata.units.numbers import SECOND_MS, Login, Minor, Moment

AGAIN_SECONDS = 2.0
"""how often what waits is looked for"""
YOUNG_MS = 5 * SECOND_MS
"""A row that is younger is still being carried by whoever wrote it."""
WAIT_SECONDS = 10.0
"""how long a caller waits for an answer"""
AT_ONCE = 500
DONE = "done"

_log = structlog.get_logger("crm")
_command_decoder = msgspec.json.Decoder(Command)


class NotSent(Exception):
    """The trade platform takes no commands now; this one did not reach it."""


class Unanswered(Exception):
    """The trade platform has not answered yet. The step is kept, and will be done."""


class Rate(msgspec.Struct, frozen=True):
    """So many smallest units of one currency are so many of another: `dividend` / `divisor` for each."""

    dividend: int
    divisor: int


class Engines(Protocol):
    """The trade platforms that this process reaches, by uuid."""

    def reaches(self, platform_uuid: str) -> bool: ...

    async def submit(self, platform_uuid: str, command: Command, key: str) -> Sequence[Event]:
        """Have a command done; return its events, which are durable. Raises `NotSent`, or `Unanswered`: it may be done."""
        ...

    def equities(self, platform_uuid: str, logins: Collection[Login]) -> Mapping[Login, Minor]:
        """Return what accounts are worth now, all at one moment; those that are not there are left out. Raises `NotSent`."""
        ...

    def rate(self, platform_uuid: str, source: str, target: str) -> Rate | None:
        """Return what one smallest unit of a currency is in those of another by a platform's quotes; None: it has none."""
        ...


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """`tries`: how often it was sent, this time among them. `answer`: the platform's events, once it is settled."""

    id: int
    uuid: str
    organization_id: int
    platform_uuid: str
    subject: str
    step: str
    command: Command
    tries: int
    created_at: Moment
    answer: tuple[Event, ...] = ()

    @property
    def subject_id(self) -> int:
        return int(self.subject.rpartition(" ")[2])


Afterwards: TypeAlias = Callable[[], None]
Effect: TypeAlias = Callable[[Connection, Crossing, Refused | None], Afterwards | None]
"""What follows from an answer. Within the transaction that settles the row; a further step may be added there. What it returns
is called when that is committed."""


def subject_of(table: str, row: int) -> str:
    return f"{table} {row}"


class Crossings:
    """The rows. Blocks on the database. `effects`: by step."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.effects: dict[str, Effect] = {}

    def add(
        self, connection: Connection, organization_id: int, platform_uuid: str, subject: str, step: str, command: Command
    ) -> None:
        """Decide on a step. Raises `Declined`: one of the same subject is under way."""
        assert step in self.effects, f"nothing is known to follow from {step}"
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, "platform_uuid": platform_uuid,
            "subject": subject, "step": step, "command": msgspec.json.encode(command).decode(), "tries": 0,
            "created_at": self._database.now(), "answered_at": 0, "outcome": "",
        }  # fmt: skip
        try:
            connection.execute(insert(crossings).values(row))
        except IntegrityError:
            raise Declined(Refusal.CHANGE_UNDER_WAY) from None

    def waiting(self, subject: str | None = None) -> list[Crossing]:
        """Return what is not answered, oldest first: of one subject, or all that nobody carries."""
        query = select(crossings).where(crossings.c.answered_at == 0)
        if subject is None:
            query = query.where(crossings.c.created_at <= self._database.now() - YOUNG_MS)
        else:
            query = query.where(crossings.c.subject == subject)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(crossings.c.id).limit(AT_ONCE)).mappings().all()
        return [_crossing_from(row) for row in rows]

    def last_outcome(self, subject: str) -> str:
        """Return how the last step of a subject came out; one that has had none has come out well."""
        query = select(crossings.c.outcome).where(crossings.c.subject == subject).order_by(crossings.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            outcome: str | None = connection.execute(query).scalar()
        return DONE if outcome is None else outcome

    def begin_try(self, crossing: Crossing) -> Crossing:
        """Note, before it is sent, that it is."""
        return self._count_try(crossing, 1)

    def end_try(self, crossing: Crossing) -> None:
        """Take back a try that did not reach the platform."""
        self._count_try(crossing, -1)

    def _count_try(self, crossing: Crossing, more: int) -> Crossing:
        mine = crossings.c.id == crossing.id
        with self._database.writing() as connection:
            connection.execute(update(crossings).where(mine).values(tries=crossings.c.tries + more))
            tries = connection.execute(select(crossings.c.tries).where(mine)).scalar_one()
        return msgspec.structs.replace(crossing, tries=tries)

    def settle(self, crossing: Crossing, events: Sequence[Event]) -> None:
        """Write down an answer and what follows from it, once."""
        refused = events[0] if events and isinstance(events[0], Refused) else None
        outcome = DONE if refused is None else f"{refused.code.value} {refused.detail}"
        mine = (crossings.c.id == crossing.id) & (crossings.c.answered_at == 0)
        settled = {"answered_at": self._database.now(), "outcome": outcome}
        afterwards: Afterwards | None = None
        with self._database.writing() as connection:
            if connection.execute(update(crossings).where(mine).values(settled)).rowcount:
                answered = msgspec.structs.replace(crossing, answer=tuple(events))
                afterwards = self.effects[crossing.step](connection, answered, refused)
        if afterwards is not None:
            afterwards()


class Carrier:
    """Carries commands to the platforms and their answers back."""

    def __init__(self, crossings: Crossings, engines: Engines) -> None:
        self._crossings = crossings
        self._engines = engines
        self._under_way: set[asyncio.Task[None]] = set()

    async def carry(self, subject: str) -> None:
        """Carry all steps of a subject, those among them that follow from others.

        Raises:
            Declined: the platform has refused the last one.
            Unanswered: it has not answered yet, and will be asked again.
        """
        carrying = asyncio.create_task(self._carry(subject))
        self._under_way.add(carrying)
        carrying.add_done_callback(self._under_way.discard)
        try:
            await asyncio.wait_for(asyncio.shield(carrying), WAIT_SECONDS)
        except (NotSent, TimeoutError):
            raise Unanswered from None
        check_outcome(await asyncio.to_thread(self._crossings.last_outcome, subject))

    async def carry_if_waiting(self, subject: str) -> None:
        """As `carry`, of a subject of which nothing may be under way."""
        if await asyncio.to_thread(self._crossings.waiting, subject):
            await self.carry(subject)

    async def _carry(self, subject: str) -> None:
        while waiting := await asyncio.to_thread(self._crossings.waiting, subject):
            for crossing in waiting:
                await self._carry_one(crossing)

    async def _carry_one(self, crossing: Crossing) -> None:
        trying = await asyncio.to_thread(self._crossings.begin_try, crossing)
        try:
            events = await self._engines.submit(trying.platform_uuid, trying.command, f"crm {trying.uuid}")
        except NotSent:
            await asyncio.to_thread(self._crossings.end_try, trying)
            raise
        await asyncio.to_thread(self._crossings.settle, trying, events)

    async def carry_on(self) -> None:
        """Carry, again and again, what waits: after a crash, or a platform that was away. Never returns."""
        while True:
            try:
                await self.carry_waiting()
            except SQLAlchemyError as problem:
                _log.warning("what waits for trade platforms cannot be read", problem=type(problem).__name__)
            await asyncio.sleep(AGAIN_SECONDS)

    async def carry_waiting(self) -> None:
        """Carry what waits and can be carried now, once."""
        for crossing in await asyncio.to_thread(self._crossings.waiting):
            if self._engines.reaches(crossing.platform_uuid):
                try:
                    await self._carry(crossing.subject)
                except (NotSent, Unanswered):
                    continue
                except Exception:
                    _log.exception("a step could not be carried", subject=crossing.subject, step=crossing.step)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Carry on until the end of the block, then wait for what is under way."""
        carrying = asyncio.create_task(self.carry_on())
        try:
            yield
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, *self._under_way, return_exceptions=True)


def check_outcome(outcome: str) -> None:
    """Raise `Declined` for an outcome that is a refusal."""
    if outcome != DONE:
        code, _, detail = outcome.partition(" ")
        raise Declined(Refusal(int(code)), detail)


def _crossing_from(row: RowMapping) -> Crossing:
    values = {name: row[name] for name in Crossing.__struct_fields__ if name not in ("command", "answer")}
    return Crossing(**values, command=_command_decoder.decode(row["command"]))
