"""What could not be done and must not be forgotten: money that a trade platform would not take back, or that came too late.

A step that is refused is tried again by itself, later each time; people see why, may have it tried at once, or say that they
have settled it otherwise. Where nobody knows whether money has moved, they say that too. One subject has one problem that is
open.

    open -> being tried -> over, or open again with another reason
    open -> settled by hand
"""

import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Index, RowMapping, and_, insert, select, update
from sqlalchemy import text as sql

from prorata.access.callers import NotFound
from prorata.control.columns import flag, number, of, text, whole
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.crossing import Crossing, Crossings
from prorata.crm.tables import TEXT_LENGTH_MAX, crm_table, outside_id
from prorata.messages.commands import Command
from prorata.messages.refusals import Refusal
from prorata.units.numbers import HOUR_MS, MINUTE_MS, Moment

WAITS_MS = (MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 3 * HOUR_MS, 24 * HOUR_MS)
"""how long a step waits until it is tried again, the last one from then on"""
NEVER: Moment = 0
AT_ONCE = 100
LISTED_MAX = 500
_IS_OPEN = sql("ended_at = 0")

problems = crm_table(
    "problems",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("platform_uuid", 36),
    text("subject", 64),
    text("about", 36),
    text("step", 32),
    text("command"),
    text("reason", TEXT_LENGTH_MAX),
    whole("tries"),
    flag("trying"),
    whole("next_at"),
    whole("created_at"),
    whole("ended_at"),
    text("outcome", TEXT_LENGTH_MAX),
    text("ended_by", TEXT_LENGTH_MAX),
    Index("ux_crm_problems_open", "subject", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_crm_problems_organization", "organization_id", "ended_at"),
)
"""`command`: what is tried again, "" for nothing. `next_at`: when, 0 for never. `trying`: it is on its way. `outcome`: what
people have said when they settled it."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """`subject`: the row that it is about, "payments 5"; `about`: its uuid. `tries`: how often the step was refused."""

    id: int
    uuid: str
    organization_id: int
    platform_uuid: str
    subject: str
    about: str
    step: str
    command: str
    reason: str
    tries: int
    trying: bool
    next_at: Moment
    created_at: Moment
    ended_at: Moment
    outcome: str
    ended_by: str

    @property
    def table(self) -> str:
        """What it is about: "payments", "transfers", "chargebacks"."""
        return self.subject.partition(" ")[0]

    @property
    def subject_id(self) -> int:
        return int(self.subject.rpartition(" ")[2])


Settled = Callable[[Connection, int, str], None]
"""What follows when people have settled a step by hand: within the transaction, with the row's number and their note."""
FoundOut = Callable[[Connection, int, str, bool], None]
"""As `Settled`, of what nobody knew: with whether the money has moved."""

_command_decoder = msgspec.json.Decoder(Command)


class Problems:
    """Blocks on the database. `settled`, `found_out`: by step; each step is in one of them."""

    def __init__(self, database: Database, crossings: Crossings) -> None:
        self._database = database
        self._crossings = crossings
        self.settled: dict[str, Settled] = {}
        self.found_out: dict[str, FoundOut] = {}

    def of_step(self, connection: Connection, crossing: Crossing, about: str, reason: str) -> None:
        """Note that a step was refused; it will be tried again. `about`: the uuid of what it is a step of."""
        self._note(
            connection, crossing.organization_id, crossing.platform_uuid, crossing.subject, about, crossing.step, reason,
            command=msgspec.json.encode(crossing.command).decode(),
        )  # fmt: skip

    def of_people(
        self, connection: Connection, organization_id: int, platform_uuid: str, subject: str, about: str, step: str, reason: str
    ) -> None:
        """Note what only people can settle."""
        self._note(connection, organization_id, platform_uuid, subject, about, step, reason, command="")

    def _note(
        self, connection: Connection, organization_id: int, platform_uuid: str, subject: str, about: str, step: str,
        reason: str, *, command: str,
    ) -> None:  # fmt: skip
        assert (step in self.settled) != (step in self.found_out), f"nothing is known to follow when {step} is settled by hand"
        now, mine = self._database.now(), _open_of(subject)
        before = connection.execute(select(problems.c.tries).where(mine)).scalar()
        tries = (before or 0) + 1
        wait = WAITS_MS[min(tries, len(WAITS_MS)) - 1]
        values: dict[str, Any] = {
            "reason": reason[:TEXT_LENGTH_MAX], "tries": tries, "trying": False, "next_at": now + wait if command else NEVER,
        }  # fmt: skip
        if before is not None:
            connection.execute(update(problems).where(mine).values(values))
            return
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, "platform_uuid": platform_uuid, "subject": subject,
            "about": about, "step": step, "command": command, "created_at": now, "ended_at": 0, "outcome": "", "ended_by": "",
        }  # fmt: skip
        connection.execute(insert(problems).values(row | values))

    def over(self, connection: Connection, subject: str) -> None:
        """The step has come through after all."""
        connection.execute(
            update(problems).where(_open_of(subject)).values(ended_at=self._database.now(), trying=False, outcome="done")
        )

    def open(self, organization_id: int) -> list[Problem]:
        """Return what is not settled, oldest first."""
        mine = (problems.c.organization_id == organization_id) & (problems.c.ended_at == 0)
        with self._database.reading() as connection:
            rows = connection.execute(select(problems).where(mine).order_by(problems.c.id).limit(LISTED_MAX)).mappings().all()
        return [_from(row) for row in rows]

    def find(self, organization_id: int, problem_uuid: str) -> Problem:
        """Raises `NotFound`."""
        mine = (problems.c.organization_id == organization_id) & (problems.c.uuid == problem_uuid)
        with self._database.reading() as connection:
            row = connection.execute(select(problems).where(mine)).mappings().first()
        if row is None:
            raise NotFound
        return _from(row)

    def try_again(self, problem: Problem) -> None:
        """Have the step tried now. Raises `Declined`: it is on its way already, settled, or only people can settle it."""
        if not problem.command:
            raise Declined(Refusal.NOTHING_TO_TRY)
        with self._database.writing() as connection:
            self._leave(connection, problem, trying=True)
            self._crossings.add(
                connection, problem.organization_id, problem.platform_uuid, problem.subject, problem.step,
                _command_decoder.decode(problem.command),
            )  # fmt: skip

    def was_settled(self, connection: Connection, subject: str, reason: str) -> bool:
        """Say whether people have settled just this before."""
        mine = (problems.c.subject == subject) & (problems.c.reason == reason[:TEXT_LENGTH_MAX]) & (problems.c.ended_at > 0)
        return connection.execute(select(problems.c.id).where(mine).limit(1)).first() is not None

    def settle(self, problem: Problem, note: str, *, by: str, paid: bool | None = None) -> None:
        """People have settled it otherwise, as the note says. `paid`: whether the money has moved, where nobody knew it.

        Raises `Declined`: it is on its way, or settled; or `paid` is not said, or said of what does not ask for it.
        """
        if (problem.step in self.found_out) != (paid is not None):
            wanted = (
                "is to be said: whether the money has moved"
                if paid is None
                else "is said where nobody knew it, and here all is known"
            )
            raise Declined(Refusal.MALFORMED, f"paid: {wanted}")
        with self._database.writing() as connection:
            self._leave(
                connection, problem, ended_at=self._database.now(), outcome=note[:TEXT_LENGTH_MAX],
                ended_by=by[:TEXT_LENGTH_MAX],
            )  # fmt: skip
            if paid is None:
                self.settled[problem.step](connection, problem.subject_id, note)
            else:
                self.found_out[problem.step](connection, problem.subject_id, note, paid)

    def _leave(self, connection: Connection, problem: Problem, **values: Any) -> None:
        mine = (problems.c.id == problem.id) & (problems.c.ended_at == 0) & problems.c.trying.is_(False)
        if not connection.execute(update(problems).where(mine).values(values)).rowcount:
            raise Declined(Refusal.PROBLEM_SETTLED)

    def try_due(self) -> None:
        """Have tried again whatever has waited long enough, once."""
        due = (problems.c.ended_at == 0) & problems.c.trying.is_(False) & problems.c.next_at.between(1, self._database.now())
        with self._database.reading() as connection:
            rows = connection.execute(select(problems).where(due).order_by(problems.c.next_at).limit(AT_ONCE)).mappings().all()
        for row in rows:
            try:
                self.try_again(_from(row))
            except Declined:
                continue  # somebody was faster


def _open_of(subject: str) -> ColumnElement[bool]:
    """Return the condition for a subject's open problem, in the words of the index that finds it."""
    return and_(problems.c.subject == subject, _IS_OPEN)


def _from(row: RowMapping) -> Problem:
    return Problem(**{name: row[name] for name in Problem.__struct_fields__})
