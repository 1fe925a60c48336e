"""Checks: of one person, for one level. A state is left by one who finds it as he expects it; every step is written down."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.tables import clients
from prorata.crm.accounts import CrmAccount
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.documents.documents import check_handed_in
from prorata.crm.holding import hold_person
from prorata.crm.kyc.gate import follow
from prorata.crm.kyc.history import note_step
from prorata.crm.kyc.levels import BASE, Level, level_from
from prorata.crm.kyc.questionnaires import check_answered
from prorata.crm.kyc.states import STEPS, CheckState, CheckStep
from prorata.crm.kyc.tables import agreements, checks, levels
from prorata.crm.tables import accounts
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS, Moment

LISTED_MAX = 500
AT_ONCE = 200
"""people whose status follows in one transaction, so that nobody waits long"""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is that of now: an approval whose time is over has EXPIRED, whether or not that is written down already.

    `agreed`: how many reviewers have agreed. `valid_until`: when an approval ends, 0 for never. `reference`: its provider's.
    """

    id: int
    uuid: str
    organization_id: int
    account_id: int
    account_uuid: str
    email: str
    level: Level
    state: CheckState
    reason: str
    reviewer: str
    submitted_by: str
    agreed: int
    reference: str
    created_at: Moment
    updated_at: Moment
    valid_until: Moment


_agreed = select(func.count()).where(agreements.c.check_id == checks.c.id).scalar_subquery()
_JOINED = (
    checks.join(levels, levels.c.id == checks.c.level_id)
    .join(accounts, accounts.c.id == checks.c.account_id)
    .join(clients, clients.c.id == accounts.c.id)
)
_READ: Select[Any] = select(
    checks, accounts.c.uuid.label("account_uuid"), clients.c.email, _agreed.label("agreed")
).select_from(_JOINED)  # fmt: skip
_HERE = accounts.c.deleted_at == 0
"""Of others nothing is written any more."""


class Checks:
    """Blocks on the database. `by`: who does it; of reviewers, the person whose agreement counts once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, organization_id: int, check_uuid: str) -> Check:
        """Raises `NotFound`."""
        return self._one((checks.c.organization_id == organization_id) & (checks.c.uuid == check_uuid))

    def mine(self, account: CrmAccount, check_uuid: str) -> Check:
        """Return a check of a person's own. Raises `NotFound`."""
        return self._one((checks.c.account_id == account.id) & (checks.c.uuid == check_uuid))

    def of_account(self, account_id: int) -> list[Check]:
        """Return a person's checks, newest first."""
        return self._many(checks.c.account_id == account_id)

    def all(self, organization_id: int, state: CheckState | None = None) -> list[Check]:
        """Return the newest checks of an organization, of one state as it is written down, or of all."""
        mine = checks.c.organization_id == organization_id
        return self._many(mine if state is None else mine & (checks.c.state == state.value))

    def waiting_for(self, provider: str) -> list[Check]:
        """Return what was submitted and a provider is to look at."""
        return self._many((checks.c.state == CheckState.SUBMITTED.value) & (levels.c.provider == provider) & _HERE)

    def _one(self, which: ColumnElement[bool]) -> Check:
        found = self._many(which)
        if not found:
            raise NotFound
        return found[0]

    def _many(self, which: ColumnElement[bool]) -> list[Check]:
        query = _READ.where(which).order_by(checks.c.id.desc()).limit(LISTED_MAX)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
            wanted = levels.c.id.in_({row["level_id"] for row in rows})
            named = {row["id"]: level_from(row) for row in connection.execute(select(levels).where(wanted)).mappings()}
        now = self._database.now()
        return [_check_from(row, named[row["level_id"]], now) for row in rows]

    # Steps of the person, or of staff for him.

    def start(self, account: CrmAccount, level: Level, *, by: str) -> Check:
        """Begin a check. Raises `Declined`: one for this level is open, or the level needs none."""
        if level.rank == BASE:
            raise Declined(Refusal.LEVEL_UNFIT, "everybody has this level without a check")
        now = self._database.now()
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "organization_id": account.organization_id, "account_id": account.id,
            "level_id": level.id, "state": CheckState.STARTED.value, "reason": "", "reviewer": "", "submitted_by": "",
            "reference": "", "created_at": now, "updated_at": now, "valid_until": 0,
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                hold_person(connection, account.id)
                made = connection.execute(insert(checks).values(row)).inserted_primary_key
                assert made is not None
                self._written(connection, account.id, made[0], CheckStep.START, "", CheckState.STARTED, "", by)
        except IntegrityError:
            raise Declined(Refusal.CHECK_STATE, "a check for this level is open already") from None
        return self.find(account.organization_id, row["uuid"])

    def submit(self, check: Check, *, by: str) -> Check:
        """Hand in what was asked for. Raises `Declined`: something is missing."""
        with self._database.writing() as connection:
            check_answered(connection, check.organization_id, check.account_id, check.level.appropriateness)
            check_handed_in(connection, check.account_id, check.level.documents, self._database.now(), accepted=False)
            self._step(connection, check, CheckStep.SUBMIT, "", by, submitted_by=by)
        return self._again(check)

    # Steps of reviewers.

    def take(self, check: Check, *, by: str) -> Check:
        """Begin to look at it; whoever looked at it before hands it over. Raises `Declined`."""
        with self._database.writing() as connection:
            self._step(connection, check, CheckStep.TAKE, "", by, reviewer=by)
        return self._again(check)

    def agree(self, check: Check, reason: str = "", *, by: str) -> Check:
        """Agree to it; with enough of them it is approved.

        Raises `Declined`: it is in no review, this person has agreed already, or handed it in where several must agree.
        """
        several = check.level.reviewers > 1
        if several and check.submitted_by == by:
            raise Declined(Refusal.NOT_PERMITTED, "somebody else than who handed it in must agree")
        now = self._database.now()
        try:
            with self._database.writing() as connection:
                # First the state: whoever comes second waits here.
                self._step(connection, check, CheckStep.AGREE, reason, by)
                connection.execute(insert(agreements).values(check_id=check.id, agreed_by=by, created_at=now))
                mine = agreements.c.check_id == check.id
                agreed = connection.execute(select(func.count()).select_from(agreements).where(mine)).scalar_one()
                if agreed >= check.level.reviewers:
                    until = self._end_of(connection, check, now)
                    self._step(connection, check, CheckStep.APPROVE, reason, by, valid_until=until)
        except IntegrityError:
            raise Declined(Refusal.CHECK_STATE, "this person has agreed already") from None
        return self._again(check)

    def _end_of(self, connection: Connection, check: Check, now: Moment) -> Moment:
        """Return when an approval ends: after its days, or with the first of its documents. Raises `Declined`."""
        level = check.level
        ends = [check_handed_in(connection, check.account_id, level.documents, now, accepted=True)]
        ends.append(now + level.valid_days * DAY_MS if level.valid_days else 0)
        return min((end for end in ends if end), default=0)

    def reject(self, check: Check, reason: str, *, by: str) -> Check:
        """Reject it, or take an approval back. Raises `Declined`: there is no reason, or it is over already."""
        return self._turn_down(check, CheckStep.REJECT, reason, by)

    def send_back(self, check: Check, reason: str, *, by: str) -> Check:
        """Ask the person for more. Raises `Declined`: there is no reason, or it is in no review."""
        return self._turn_down(check, CheckStep.SEND_BACK, reason, by)

    def _turn_down(self, check: Check, step: CheckStep, reason: str, by: str) -> Check:
        if not reason.strip():
            raise Declined(Refusal.CHECK_INCOMPLETE, "reason: is missing")
        if check.state == CheckState.EXPIRED:
            raise Declined(Refusal.CHECK_STATE)
        with self._database.writing() as connection:
            self._step(connection, check, step, reason, by)
            connection.execute(delete(agreements).where(agreements.c.check_id == check.id))
        return self._again(check)

    def note_reference(self, check: Check, reference: str) -> None:
        """Keep what its provider calls it."""
        with self._database.writing() as connection:
            hold_person(connection, check.account_id)
            connection.execute(update(checks).where(checks.c.id == check.id).values(reference=reference))

    # Time.

    def sweep(self) -> int:
        """Write down which approvals have ended by now; return how many."""
        now, done = self._database.now(), 0
        ended = (checks.c.state == CheckState.APPROVED.value) & (checks.c.valid_until > 0) & (checks.c.valid_until <= now)
        while found := self._many(ended & _HERE):
            for check in found:
                # Another process may have done it, or the person be gone.
                with suppress(Declined, NotFound), self._database.writing() as connection:
                    self._step(connection, check, CheckStep.EXPIRE, "its time is over", "")
            done += len(found)
        return done

    def catch_up(self) -> int:
        """Have the published status of people follow from levels that were changed or taken away; return of how many."""
        with self._database.reading() as connection:
            changed = connection.execute(select(levels.c.id, levels.c.updated_at).where(levels.c.unfollowed)).all()
        done = 0
        for level in changed:
            last = 0
            while numbers := self._follow_some(level.id, last):
                last, done = numbers[-1], done + len(numbers)
            seen = (levels.c.id == level.id) & (levels.c.updated_at == level.updated_at)
            with self._database.writing() as connection:
                connection.execute(update(levels).where(seen).values(unfollowed=False))
        return done

    def _follow_some(self, level_id: int, after: int) -> Sequence[int]:
        """Have some people's status follow who have checks for a level; return their numbers, in order."""
        theirs = (checks.c.level_id == level_id) & (checks.c.account_id > after)
        query = select(checks.c.account_id).where(theirs).distinct().order_by(checks.c.account_id).limit(AT_ONCE)
        with self._database.writing() as connection:
            numbers = connection.execute(query).scalars().all()
            for number in numbers:
                follow(connection, number, self._database.now(), by="")
        return numbers

    def _again(self, check: Check) -> Check:
        return self.find(check.organization_id, check.uuid)

    def _step(
        self, connection: Connection, check: Check, step: CheckStep, reason: str, by: str, **values: Any
    ) -> None:  # fmt: skip
        """Go a step. Raises `Declined`: the state is none that it leads from."""
        hold_person(connection, check.account_id)
        before, after = STEPS[step]
        there = (checks.c.id == check.id) & checks.c.state.in_([state.value for state in before])
        was = connection.execute(select(checks.c.state).where(there).with_for_update()).scalar()
        values |= {"state": after.value, "updated_at": self._database.now()}
        if reason or after in (CheckState.SUBMITTED, CheckState.APPROVED):
            values["reason"] = reason[:256]
        if was is None or not connection.execute(update(checks).where(there).values(values)).rowcount:
            raise Declined(Refusal.CHECK_STATE)
        self._written(connection, check.account_id, check.id, step, was, after, reason, by)

    def _written(
        self, connection: Connection, account_id: int, check_id: int, step: CheckStep, before: str, after: CheckState,
        reason: str, by: str,
    ) -> None:  # fmt: skip
        """Write a step down, and have the published status follow."""
        now = self._database.now()
        note_step(
            connection, account_id, step.value, before=before, after=after, reason=reason, by=by, now=now, check_id=check_id
        )  # fmt: skip
        decided = step in (CheckStep.APPROVE, CheckStep.REJECT)
        follow(connection, account_id, now, by=by, decided=decided)
        if step not in (CheckStep.TAKE, CheckStep.AGREE):
            tell(connection, account_id, TimelineEvent.VERIFICATION, f"{step} {reason}".strip(), by, now)


def _check_from(row: RowMapping, level: Level, now: Moment) -> Check:
    state = CheckState(row["state"])
    if state == CheckState.APPROVED and 0 < row["valid_until"] <= now:
        state = CheckState.EXPIRED
    same = {name: row[name] for name in Check.__struct_fields__ if name not in ("level", "state")}
    return Check(**same, level=level, state=state)
