"""What a person has paid in: by payments, and by bookings of programs that go straight to the trade platform."""

from sqlalchemy import Connection, func, select

from prorata.crm.accounts import hold_person
from prorata.crm.direct_tables import direct_bookings
from prorata.crm.kyc.gate import check_may
from prorata.crm.kyc.levels import Right
from prorata.crm.payment_tables import payments
from prorata.crm.tables import offers, trading_accounts
from prorata.messages.commands import BalanceKind
from prorata.units.numbers import Minor, Moment

_LOST = ("REJECTED", "FAILED", "FAILED_PAYMENT", "CANCELLED_BY_USER")
"""statuses of deposits that have not come in, and never will"""


def check_payment(
    connection: Connection, trading_account_id: int, right: Right, amount: Minor, now: Moment
) -> None:  # fmt: skip
    """Raise `Declined` unless the level of whom an account belongs to allows a deposit to it, or a withdrawal from it.

    Demo money is no money.
    """
    joined = trading_accounts.join(offers, offers.c.id == trading_accounts.c.offer_id)
    query = select(trading_accounts.c.account_id, offers.c.demo, offers.c.currency).select_from(joined)
    at = connection.execute(query.where(trading_accounts.c.id == trading_account_id)).one()
    if at.demo:
        return
    paid_in = amount + _paid_in(connection, at.account_id, at.currency) if right == Right.DEPOSIT else 0
    check_may(connection, at.account_id, right, now, paid_in=paid_in, currency=at.currency)


def _paid_in(connection: Connection, account_id: int, currency: str) -> Minor:
    """Return what a person has paid in, or is paying in, on real accounts. Others of his deposits wait meanwhile."""
    hold_person(connection, account_id)
    real = select(trading_accounts.c.id).select_from(trading_accounts.join(offers, offers.c.id == trading_accounts.c.offer_id))
    his = (trading_accounts.c.account_id == account_id) & offers.c.demo.is_(False) & (offers.c.currency == currency)
    opened = real.where(his)
    paid = select(func.sum(payments.c.amount)).where(
        payments.c.trading_account_id.in_(opened), payments.c.kind == "DEPOSIT", payments.c.status.not_in(_LOST)
    )
    booked = select(func.sum(direct_bookings.c.amount)).where(
        direct_bookings.c.trading_account_id.in_(opened), direct_bookings.c.kind == int(BalanceKind.DEPOSIT)
    )
    return sum(int(connection.execute(query).scalar_one() or 0) for query in (paid, booked))
