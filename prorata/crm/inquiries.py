"""What became of payments that are with a provider: one that does not tell is asked, less often each time, and then people are.

    with the provider -> told, or asked and answered -> goes on
                      -> asked in vain, WAITS_MS -> listed as a problem -> told late, or found out by people -> goes on

Nothing is concluded from silence: the money of a withdrawal stays off the account, and that of a deposit is not booked, until
somebody knows. That it is asked is noted before it is: whatever dies in between, it is asked a bounded number of times.
"""

from sqlalchemy import Connection, and_, exists, insert, or_, select, update

from prorata.control.database import Database
from prorata.crm.payment_tables import inquiries, payments
from prorata.crm.payments import Kind, Payment, Payments, PaymentStatus
from prorata.crm.problems import Problems
from prorata.crm.tables import TEXT_LENGTH_MAX
from prorata.units.numbers import DAY_MS, HOUR_MS, MINUTE_MS

UNANSWERED = "unanswered"
"""the step of a problem: the provider does not tell how a payment came out"""
WAITS_MS = (10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS, 2 * DAY_MS)
"""how long a payment waits before its provider is asked, each time; after the last time as long as that until it is listed"""
NEVER = 0
_WITHDRAWAL_THERE = and_(
    payments.c.kind == Kind.WITHDRAWAL.value,
    payments.c.status.in_((PaymentStatus.BOOKED.value, PaymentStatus.PROCESSING_PAYMENT.value)),
)
_DEPOSIT_THERE = and_(
    payments.c.kind == Kind.DEPOSIT.value,
    payments.c.status == PaymentStatus.AWAITING_CONFIRMATION.value,
    payments.c.provider_id != "",
)
_THERE = or_(_WITHDRAWAL_THERE, _DEPOSIT_THERE)
"""Payments that a provider has, or that are on the way to it: an order may have come to it whose answer was lost."""


class Inquiries:
    """Blocks on the database."""

    def __init__(self, database: Database, payments: Payments, problems: Problems) -> None:
        self._database = database
        self._payments = payments
        self._problems = problems
        problems.found_out[UNANSWERED] = payments.found_out

    def due(self, after: int = 0) -> list[Payment]:
        """Return payments of which it is time to ask, or to list them, oldest first, from behind a row on."""
        now = self._database.now()
        mine = inquiries.c.payment_id == payments.c.id
        first = ~exists().where(mine) & (payments.c.updated_at <= now - WAITS_MS[0])
        again = exists().where(mine & inquiries.c.next_at.between(1, now))
        return self._payments.at_providers(_THERE & (first | again), after)

    def begin(self, payment: Payment) -> bool:
        """Note, before a provider is asked about a payment, that it is. False: it is not to be asked, or not by us."""
        now, mine = self._database.now(), inquiries.c.payment_id == payment.id
        with self._database.writing() as connection:
            row = connection.execute(select(inquiries).where(mine)).mappings().first()
            if row is None:
                noted = {"payment_id": payment.id, "asked": 1, "next_at": now + _wait_after(1), "said": ""}
                connection.execute(insert(inquiries).values(noted))
                return True
            asked = row["asked"]
            in_vain = asked == len(WAITS_MS)
            values = {"next_at": NEVER} if in_vain else {"asked": asked + 1, "next_at": now + _wait_after(asked + 1)}
            unchanged = mine & (inquiries.c.asked == asked) & inquiries.c.next_at.between(1, now)
            if not connection.execute(update(inquiries).where(unchanged).values(values)).rowcount:
                return False  # another process was faster
            if in_vain:
                self._list(connection, payment, f"asked {asked} times: {row['said']}")
            return not in_vain

    def _list(self, connection: Connection, payment: Payment, said: str) -> None:
        # The row is locked, as whoever ends the payment does: no problem is listed of one that has gone on.
        still = (payments.c.id == payment.id) & _THERE
        if connection.execute(update(payments).where(still).values(updated_at=payments.c.updated_at)).rowcount:
            reason = f"the provider does not tell how it came out; {said}"
            self._problems.of_people(
                connection, payment.organization_id, payment.platform_uuid, payment.subject, payment.uuid, UNANSWERED, reason
            )  # fmt: skip

    def asked_again(self, payment: Payment, said: str) -> None:
        """People had it asked once more of a payment that is listed, and see what came of it if it has not gone on."""
        with self._database.writing() as connection:
            self._list(connection, payment, f"asked again: {said}")

    def note_said(self, payment: Payment, said: str) -> None:
        """Keep for people what a provider says of a payment that does not go on."""
        with self._database.writing() as connection:
            mine = inquiries.c.payment_id == payment.id
            connection.execute(update(inquiries).where(mine).values(said=said[:TEXT_LENGTH_MAX]))


def _wait_after(asked: int) -> int:
    return WAITS_MS[min(asked, len(WAITS_MS) - 1)]
