"""Who has passed a phase: found out here, confirmed by the phase's own terms or by people, and what follows.

active -> WAITING_FOR_EVALUATION -> PASSED, and an account of the next phase
                                 -> active again, when people reject it
"""

import uuid

from sqlalchemy import Connection, insert, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice, slice_of
from prorata.crm.activity import TimelineEvent
from prorata.crm.prop.accounts import PropAccounts, is_blocked
from prorata.crm.prop.challenges import phase_after
from prorata.crm.prop.records import Decided, Evaluation, PropAccount, PropStatus, account_from, evaluation_from
from prorata.crm.prop.shop import configuration_of
from prorata.crm.prop.tables import evaluations, prop_accounts
from prorata.crm.prop.terms import lacking
from prorata.crm.tables import TEXT_LENGTH_MAX, offers
from prorata.messages.commands import Access
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

S = PropStatus
BY_ITSELF = "automatic"
"""who has decided, where the phase's terms do"""
_MAY_PASS = frozenset({S.ACTIVE_PARTICIPATING_IN_CHALLENGE, S.ACTIVE_FUNDED})


class Evaluations:
    """Blocks on the database. `by`: who decides."""

    def __init__(self, database: Database, prop: PropAccounts) -> None:
        self._database = database
        self._accounts = prop

    def find(self, organization_id: int, evaluation_uuid: str) -> Evaluation:
        """Raises `NotFound`."""
        mine = (evaluations.c.organization_id == organization_id) & (evaluations.c.uuid == evaluation_uuid)
        with self._database.reading() as connection:
            row = connection.execute(select(evaluations).where(mine)).mappings().first()
        if row is None:
            raise NotFound
        return evaluation_from(row)

    def search(
        self, organization_id: int, status: Decided | None, part: Slice, *, platforms: frozenset[str] | None = None,
        since: Moment | None = None, until: Moment | None = None,
    ) -> tuple[list[tuple[Evaluation, PropAccount]], int]:  # fmt: skip
        """Return a part of the requests with their accounts, by when they were made, and how many there are."""
        own = [evaluations.c.organization_id == organization_id]
        if status is not None:
            own.append(evaluations.c.status == status.value)
        if platforms is not None:
            own.append(offers.c.platform_uuid.in_(sorted(platforms)))
        if since is not None:
            own.append(evaluations.c.created_at >= since)
        if until is not None:
            own.append(evaluations.c.created_at < until)
        joined = evaluations.join(prop_accounts, prop_accounts.c.id == evaluations.c.prop_account_id)
        joined = joined.join(offers, offers.c.id == prop_accounts.c.offer_id)
        query = select(evaluations).select_from(joined).where(*own)
        with self._database.reading() as connection:
            rows, total = slice_of(connection, query, {"created": evaluations.c.created_at}, part, evaluations.c.id)
        return [(evaluation_from(row), self._accounts.get(row["prop_account_id"])) for row in rows], total

    # Found out.

    def consider(self, connection: Connection, number: int) -> None:
        """Ask for the evaluation of an account that lacks nothing any more; confirm it, where its terms say so."""
        row = self._accounts.row(connection, number)
        if row["status"] not in _MAY_PASS or account_from(row).lacks:
            return
        request = {
            "uuid": str(uuid.uuid4()), "organization_id": row["organization_id"], "prop_account_id": number,
            "status": Decided.PENDING.value, "balance": row["balance"], "reason": "", "decided_by": "",
            "created_at": self._database.now(), "decided_at": 0,
        }  # fmt: skip
        made = connection.execute(insert(evaluations).values(request)).inserted_primary_key
        assert made is not None
        # What is evaluated is not traded any more; what was opened meanwhile can be closed.
        self._accounts.put(
            connection, number, status=S.WAITING_FOR_EVALUATION.value, access=Access.CLOSE_ONLY.value, guards_due=True
        )  # fmt: skip
        self._accounts.go_on(connection, number)
        by_people = configuration_of(connection, row["organization_id"]).by_people
        if row["automatic"] and not by_people and not is_blocked(connection, row["account_id"]):
            self._pass(connection, made[0], number, "", BY_ITSELF)

    def drop(self, connection: Connection, number: int, reason: str) -> None:
        """Reject what waits for an account that has failed."""
        waits = (evaluations.c.prop_account_id == number) & (evaluations.c.status == Decided.PENDING.value)
        values = {"status": Decided.REJECTED.value, "reason": reason, "decided_at": self._database.now()}
        connection.execute(update(evaluations).where(waits).values(values))

    # Decided.

    def confirm(self, evaluation: Evaluation, *, reason: str = "", by: str) -> Evaluation:
        """Let an account pass: it goes on in the next phase. Raises `Declined`: decided already, or it lacks something."""
        with self._database.writing() as connection:
            row = self._accounts.row(connection, evaluation.prop_account_id)
            account = account_from(row)
            lacks = lacking(account.terms, account.progress)
            if lacks:
                raise Declined(Refusal.EVALUATION_ENDED, f"the account lacks {', '.join(lacks)} by now: reject the request")
            if is_blocked(connection, account.account_id):
                raise Declined(Refusal.PROP_CLOSED, "the account is blocked")
            self._pass(connection, evaluation.id, account.id, reason, by)
        return self._again(evaluation)

    def reject(self, evaluation: Evaluation, *, reason: str = "", by: str) -> Evaluation:
        """Let an account go on in its phase; its next deal that leaves it ready asks anew. Raises `Declined`."""
        with self._database.writing() as connection:
            row = self._accounts.row(connection, evaluation.prop_account_id)
            self._decide(connection, evaluation.id, Decided.REJECTED, reason, by)
            if row["status"] == S.WAITING_FOR_EVALUATION:
                status = account_from(row).running_status.value
                self._accounts.put(connection, row["id"], status=status, access=Access.FULL.value, remark=reason)
                self._accounts.go_on(connection, row["id"])
        return self._again(evaluation)

    def _again(self, evaluation: Evaluation) -> Evaluation:
        with self._database.reading() as connection:
            query = select(evaluations).where(evaluations.c.id == evaluation.id)
            return evaluation_from(connection.execute(query).mappings().one())

    def _decide(self, connection: Connection, number: int, status: Decided, reason: str, by: str) -> None:
        """Raises `Declined`: somebody has decided before."""
        waits = (evaluations.c.id == number) & (evaluations.c.status == Decided.PENDING.value)
        values = {
            "status": status.value, "reason": reason[:TEXT_LENGTH_MAX], "decided_by": by[:TEXT_LENGTH_MAX],
            "decided_at": self._database.now(),
        }  # fmt: skip
        if not connection.execute(update(evaluations).where(waits).values(values)).rowcount:
            raise Declined(Refusal.EVALUATION_ENDED)

    def _pass(self, connection: Connection, evaluation_id: int, number: int, reason: str, by: str) -> None:
        self._decide(connection, evaluation_id, Decided.CONFIRMED, reason, by)
        row = self._accounts.row(connection, number)
        self._accounts.put(connection, number, status=S.PASSED.value, ended_at=self._database.now())
        self._accounts.tell(connection, row, TimelineEvent.PROP_PASSED, by)
        phase = phase_after(connection, row["phase_id"])
        if phase is not None:
            self._accounts.follow_up(connection, row, phase, by=by)
