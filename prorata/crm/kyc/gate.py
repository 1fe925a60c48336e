"""What a person may do. `may` is asked before money moves, a position is opened, money is invested, a strategy is offered.

A person has the highest level of which a check of his is approved and has not ended; without one, the level of rank 0, if
there is one. An organization without levels restricts nobody.

The published status follows from the checks. Set by hand it is an override: VERIFIED is as good as the lowest level that
verifies, BLOCKED is nothing at all, any other leaves the level that everybody has. The next decision on a check ends an
override, but for BLOCKED, which ends by hand.
"""

from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select, update

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import CrmAccount, Verification
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.events import emit
from prorata.crm.kyc.history import RESUME, Step, note_step, steps_of
from prorata.crm.kyc.levels import BASE, Level, Right, level_from, levels_of
from prorata.crm.kyc.states import CheckState
from prorata.crm.kyc.tables import checks, levels
from prorata.crm.tables import accounts
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Minor, Moment


class Verdict(msgspec.Struct, frozen=True):
    """`reason`: why not."""

    allowed: bool
    reason: str = ""


YES = Verdict(True)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`level` None: he has none. `rights` None: the organization has no levels, and nothing is restricted.

    `override_by`: who has set the status by hand, "" if it follows from the checks. `valid_until`: when the level ends, 0 for
    never.
    """

    verification: Verification
    override_by: str
    level: Level | None
    rights: frozenset[Right] | None
    valid_until: Moment


def may(
    connection: Connection, account_id: int, right: Right, now: Moment, *, paid_in: Minor = 0, currency: str = ""
) -> Verdict:
    """Say whether a person may do something now; whoever is no account of the CRM may.

    `paid_in`: of a deposit, what all of his deposits in this currency come to with it.
    """
    standing = _standing_of(connection, account_id, now)
    if standing is None or standing.rights is None:
        return YES
    if standing.verification == Verification.BLOCKED:
        return Verdict(False, "the account is blocked")
    named = "without a level" if standing.level is None else f"of the level {standing.level.name}"
    if right not in standing.rights:
        return Verdict(False, f"{right}: is not for people {named}")
    limits = {} if standing.level is None else standing.level.deposit_limits
    if right == Right.DEPOSIT and limits and paid_in > limits.get(currency, 0):
        return Verdict(False, f"amount: is more than people {named} pay in altogether in {currency}")
    return YES


def check_may(
    connection: Connection, account_id: int, right: Right, now: Moment, *, paid_in: Minor = 0, currency: str = ""
) -> None:
    """Raise `Declined` unless the person may."""
    verdict = may(connection, account_id, right, now, paid_in=paid_in, currency=currency)
    if not verdict.allowed:
        raise Declined(Refusal.LEVEL_NEEDED, verdict.reason)


class Gate:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self, account_id: int, right: Right) -> None:
        """Raise `Declined` unless the person may."""
        with self._database.reading() as connection:
            check_may(connection, account_id, right, self._database.now())

    def standing(self, account: CrmAccount) -> Standing:
        with self._database.reading() as connection:
            found = _standing_of(connection, account.id, self._database.now())
        assert found is not None
        return found

    def history(self, account: CrmAccount) -> list[Step]:
        """Return who did what about a person's standing, oldest first."""
        with self._database.reading() as connection:
            return steps_of(connection, account.id)

    def resume(self, account: CrmAccount, *, by: str, reason: str = "") -> None:
        """End an override: the published status follows from the checks again."""
        now = self._database.now()
        with self._database.writing() as connection:
            row = connection.execute(select(accounts).where(accounts.c.id == account.id)).mappings().one()
            if not row["override_by"]:
                return
            connection.execute(update(accounts).where(accounts.c.id == account.id).values(override_by="", updated_at=now))
            follow(connection, account.id, now, by=by)
            after = connection.execute(select(accounts.c.verification).where(accounts.c.id == account.id)).scalar_one()
            note_step(
                connection, account.id, RESUME, before=row["verification"], after=after, reason=reason, by=by, now=now
            )  # fmt: skip


def follow(connection: Connection, account_id: int, now: Moment, *, by: str, decided: bool = False) -> None:
    """Have the published status follow from the checks. `decided`: one was just decided on, which ends an override."""
    # Whoever comes here has written of him: the stronger lock would wait for others who have, and they for this one.
    held = select(accounts).where(accounts.c.id == account_id).with_for_update(key_share=True)
    row = connection.execute(held).mappings().one()
    if row["override_by"] and not (decided and row["verification"] != Verification.BLOCKED):
        return
    status, until = _published(_checks_of(connection, account_id), now)
    if (status, until, "") != (row["verification"], row["verified_until"], row["override_by"]):
        values = {"verification": status.value, "verified_until": until, "override_by": "", "updated_at": now}
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(values))
    if status != row["verification"]:
        told = {"verificationStatus": {"before": row["verification"], "after": status.value}, "by": by}
        emit(connection, account_id, "verification_changed", told, now)
        tell(connection, account_id, TimelineEvent.ACCOUNT_CHANGED, "verification", by, now)


_WAITING = (CheckState.SUBMITTED, CheckState.IN_REVIEW)


def _published(found: list[RowMapping], now: Moment) -> tuple[Verification, Moment]:
    """Return the status that checks make, oldest first, and until when; 0: for good."""
    verifying = [row["valid_until"] for row in found if row["verifies"] and _holds(row, now)]
    if verifying:
        return Verification.VERIFIED, 0 if 0 in verifying else max(verifying)
    if not found:
        return Verification.NEW, 0
    last = CheckState(found[-1]["state"])
    if last in _WAITING:
        return Verification.PENDING_VERIFICATION, 0
    return (Verification.REJECTED if last == CheckState.REJECTED else Verification.UNVERIFIED), 0


def _standing_of(connection: Connection, account_id: int, now: Moment) -> Standing | None:
    """None: there is no such account."""
    row = connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().first()
    if row is None:
        return None
    status = Verification(row["verification"])
    if status == Verification.VERIFIED and 0 < row["verified_until"] <= now:
        status = Verification.UNVERIFIED
    there = levels_of(connection, row["organization_id"])
    if not there:
        return Standing(verification=status, override_by=row["override_by"], level=None, rights=None, valid_until=0)
    level, until = _level_of(connection, account_id, status, bool(row["override_by"]), there, now)
    rights = frozenset() if level is None else level.rights
    return Standing(verification=status, override_by=row["override_by"], level=level, rights=rights, valid_until=until)


def _level_of(
    connection: Connection, account_id: int, status: Verification, by_hand: bool, there: list[Level], now: Moment
) -> tuple[Level | None, Moment]:
    """Return the level that a person has, and when it ends."""
    base = there[0] if there and there[0].rank == BASE else None
    if status == Verification.BLOCKED or (by_hand and status != Verification.VERIFIED):
        return (None if status == Verification.BLOCKED else base), 0
    held = [(row["rank"], row["valid_until"], level_from(row["level"])) for row in _held(connection, account_id, now)]
    if by_hand:
        held += [(level.rank, 0, level) for level in there if level.verifies][:1]
    if not held:
        return base, 0
    highest = max(rank for rank, _, _ in held)
    ends = [until for rank, until, _ in held if rank == highest]
    return next(level for rank, _, level in held if rank == highest), 0 if 0 in ends else max(ends)


def _checks_of(connection: Connection, account_id: int) -> list[RowMapping]:
    """Return state, end and `verifies` of a person's checks of the levels that there are, oldest first."""
    joined = checks.join(levels, levels.c.id == checks.c.level_id)
    query = select(checks.c.state, checks.c.valid_until, levels.c.verifies, levels.c.rank).select_from(joined)
    mine = query.where(checks.c.account_id == account_id, levels.c.removed_at == 0)
    return list(connection.execute(mine.order_by(checks.c.id)).mappings())


def _held(connection: Connection, account_id: int, now: Moment) -> list[dict[str, Any]]:
    """Return the approvals that hold now, each with the row of its level."""
    joined = checks.join(levels, levels.c.id == checks.c.level_id)
    query = select(levels, checks.c.state, checks.c.valid_until).select_from(joined)
    rows = connection.execute(query.where(checks.c.account_id == account_id, levels.c.removed_at == 0)).mappings()
    return [{"rank": row["rank"], "valid_until": row["valid_until"], "level": row} for row in rows if _holds(row, now)]


def _holds(row: RowMapping, now: Moment) -> bool:
    until: Moment = row["valid_until"]
    return row["state"] == CheckState.APPROVED.value and (until == 0 or now < until)
