"""What a gateway lets one person pay in a day, in a month and how often, counted within the transaction that adds a payment.

What a person may do by his standing is another matter: see `Payments.deposit` and `withdraw`.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import hold_person
from prorata.crm.gateways import Gateway
from prorata.crm.payment_tables import payments
from prorata.messages.refusals import Refusal
from prorata.units.decimals import format_decimal
from prorata.units.numbers import HOUR_MS, Minor, Moment

LOST = ("REJECTED", "FAILED", "FAILED_PAYMENT", "CANCELLED_BY_USER")
"""payments that moved no money in the end"""


def check_limits(connection: Connection, gateway: Gateway, account_id: int, kind: str, amount: Minor, now: Moment) -> None:
    """Raise `Declined` for a payment with which a person would be beyond a limit. Others of his payments wait meanwhile.

    Days and months are those of UTC. How often he has asked within an hour counts what came to nothing as well.
    """
    incoming = kind == "DEPOSIT"
    day, month, hourly = (
        (gateway.deposit_day_max, gateway.deposit_month_max, gateway.deposit_hourly_max)
        if incoming
        else (gateway.withdrawal_day_max, gateway.withdrawal_month_max, gateway.withdrawal_hourly_max)
    )  # fmt: skip
    if not (day or month or hourly):
        return
    hold_person(connection, account_id)
    mine = (payments.c.account_id == account_id) & (payments.c.gateway_id == gateway.id) & (payments.c.kind == kind)
    if hourly:
        lately = select(func.count()).select_from(payments).where(mine, payments.c.created_at > now - HOUR_MS)
        if connection.execute(lately).scalar_one() >= hourly:
            raise Declined(Refusal.PAYMENT_LIMIT, f"{hourly} within an hour are all that the gateway takes", retry_after=60)
    today = datetime.fromtimestamp(now / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for most, since, span in ((day, today, "day"), (month, today.replace(day=1), "month")):
        began = int(since.timestamp()) * 1000
        moved = mine & payments.c.status.not_in(LOST) & (payments.c.created_at >= began)
        before = int(connection.execute(select(func.sum(payments.c.amount)).where(moved)).scalar_one() or 0)
        if most and before + amount > most:
            left = format_decimal(max(0, most - before), gateway.digits)
            raise Declined(Refusal.PAYMENT_LIMIT, f"amount: {left} {gateway.currency} are left of what the {span} allows")
