"""Positions that were closed and should not have been: opened again as they were, and their closing corrected away.

The new position is a dealer's, at the old one's opening price. What the closing had brought and cost is a correction of the
closed trade (decision 0022), so the account has what it had before, and the ledger shows how. The closing stays in the past.

Nothing is kept of a reopening but what the trade platform has: the new position says in its comment which closing it undoes,
and the correction in its external id. Whoever asks again after an interruption, however late, has what is missing done.
"""

from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256

from prorata.access.permissions import Permission
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.messages.dealer_commands import DealerOpen
from prorata.messages.events import Dealt
from prorata.messages.refusals import Refusal
from prorata.projections.rows import BalanceOperationRow
from prorata.projections.trade_corrections import PREFIX, corrections_in, event_number, external_id_of
from prorata.projections.trade_history import Closing, TradeHistory
from prorata.rest.broker.call import Call
from prorata.rest.broker.dealing import Dealing, answer_of
from prorata.rest.broker.kinds import Given, LoginGiven, Record, ShortText, Uuid
from prorata.rest.broker.registry import operation
from prorata.rest.broker.trade_values import order_id, ticket_of
from prorata.rest.caught_up import caught_up
from prorata.units.numbers import Ticket
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

MARK = "reopened as "
"""how the comment of the correction begins"""
CALLER = "reopening"
"""the same whoever asks: of two who reopen a closing at once, one does it, and both have its answer"""


class ReopenStatus(StrEnum):
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    PARTIAL_SUCCESS = "PARTIAL_SUCCESS"


class ReopenGiven(Given, frozen=True):
    """`uid`: of one closing, as closed positions tell it; without, all closings of the position are undone."""

    system_uuid: Uuid
    login: LoginGiven
    position_id: str
    uid: ShortText | None = None
    closed_date_time: ShortText | None = None


class ReopenedPart(Record, frozen=True):
    """`position_id`: of the position that it is now."""

    uid: str
    position_id: str | None
    status: ReopenStatus
    error_message: str | None


class Reopened(Record, frozen=True):
    """`position_id`: of the position that it is now; of several, the first."""

    status: ReopenStatus
    position_id: str | None
    partial_responses: list[ReopenedPart]


@operation("POST", "/v1/trading-accounts/positions/reopen", needs=Permission.TRADES_CORRECT, ours=True)
async def reopen_position(call: Call, given: ReopenGiven) -> Reopened:
    """Open a closed position again as it was, and take back what its closing has brought and cost."""
    platform, account = call.traded(given.system_uuid, given.login)
    ticket = ticket_of(given.position_id, "positionId")
    closed_at = None if given.closed_date_time is None else read_moment(given.closed_date_time, "closedDateTime")
    if not await caught_up(platform):
        raise Rejected(Refusal.NOT_READY, "the history is behind; ask again", retry_after=5)
    past = TradeHistory(platform.history)
    closings = [
        closing
        for closing in await call.sql(past.closings_of_position, ticket)
        if closing.login == account.login
        and given.uid in (None, f"{closing.sequence}")
        and closed_at in (None, closing.closed_at)
    ]
    if not closings:
        raise Rejected(Refusal.NOT_FOUND, "positionId: no such position of the account was closed")
    booked = await call.sql(past.bookings_under, account.login, PREFIX)
    dealing = Dealing(platform, account, caller=CALLER, key="")
    parts = [
        await _reopened(dealing, closing, booked, await call.sql(past.dealt_again, closing, _comment_of(closing)))
        for closing in closings
    ]
    done = [part for part in parts if part.status == ReopenStatus.SUCCESS]
    whole, some = len(done) == len(parts), bool(done)
    return Reopened(
        status=ReopenStatus.SUCCESS if whole else ReopenStatus.PARTIAL_SUCCESS if some else ReopenStatus.FAILURE,
        position_id=done[0].position_id if done else None, partial_responses=parts,
    )  # fmt: skip


async def _reopened(
    dealing: Dealing, closing: Closing, booked: Iterable[BalanceOperationRow], again: Ticket | None
) -> ReopenedPart:
    """Reopen one closing. `booked`: the corrections of the account; `again`: the position that it is already."""
    uid = f"{closing.sequence}"
    order = event_number(closing.sequence) if closing.left else closing.position
    before = corrections_in(booked).get(order)
    changes = {
        "profit": -closing.profit - (before.profit if before else 0),
        "commission": -closing.commission - (before.commission if before else 0),
        "storage": -closing.swap - (before.storage if before else 0),
    }
    corrected = any(row.comment.startswith(MARK) and f"{PREFIX}{order}/" in row.external_id for row in booked)
    if corrected or (again is not None and not any(changes.values())):
        return ReopenedPart(uid=uid, position_id=None, status=ReopenStatus.FAILURE, error_message="it was reopened before")
    try:
        name = order_id(await _opened(dealing, closing) if again is None else again)
        if any(changes.values()):
            number = 1 if before is None else before.number + 1
            correction = BookBalance(
                dealing.login, BalanceKind.CORRECTION, sum(changes.values()), external_id_of(order, number, changes),
                f"{MARK}{name}",
            )  # fmt: skip
            await dealing.answer(correction, "")
    except Rejected as rejected:
        refused = answer_of(rejected)
        return ReopenedPart(
            uid=uid, position_id=None, status=ReopenStatus.FAILURE, error_message=refused.error_message
        )  # fmt: skip
    return ReopenedPart(uid=uid, position_id=name, status=ReopenStatus.SUCCESS, error_message=None)


async def _opened(dealing: Dealing, closing: Closing) -> Ticket:
    """Open a position as it was; return the one that it is now. Raises `Rejected`."""
    opening = DealerOpen(
        dealing.login, closing.symbol, closing.side, closing.volume, closing.open_price, comment=_comment_of(closing)
    )  # fmt: skip
    # Of two calls at once, of which the history knows nothing yet, one opens it: the key says so.
    answer = await dealing.answer(opening, sha256(f"reopen {closing.sequence}".encode()).hexdigest()[:32])
    return [event.position for event in answer.events if isinstance(event, Dealt)][-1]


def _comment_of(closing: Closing) -> str:
    return f"reopened {order_id(closing.position)} {closing.sequence}"
