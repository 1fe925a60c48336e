"""What introducing brokers are told, and a control that all of it holds: earned = reversed + paid + unpaid, paid = booked."""

from collections import defaultdict
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, func, select, true

from prorata.control.database import Database
from prorata.control.tables import clients
from prorata.crm.partners import tree
from prorata.crm.partners.accruals import DealState
from prorata.crm.partners.payouts import PayoutStatus
from prorata.crm.partners.tables import accruals, bookings, deals, payouts
from prorata.crm.tables import accounts, trading_accounts
from prorata.units.numbers import DAY_MS, MINUTE_MS, Login, Minor, Moment, Volume
from prorata.units.rounding import div_floor

LINES_MAX = 5_000
HEARD_WITHIN_MS = MINUTE_MS
"""A payout that was booked just now may not have been heard back from its platform yet."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What one client brought an IB on one day (days since 1970-01-01). `deals`: that brought something, or were reversed."""

    day: int
    client_id: int
    level: int
    currency: str
    deals: int
    earned: Minor
    reversed: Minor


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """What the clients of one level below an IB have dealt and brought him. `volume`: of deals that brought something."""

    level: int
    currency: str
    clients: int
    deals: int
    volume: Volume
    earned: Minor
    reversed: Minor


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an IB stands with the house, for one trading account that he is paid on.

    `unpaid` is below 0 if more was reversed than he has earned since; `pending` is the part of it that is in payouts which are
    not done. `booked`: what the trade platform has told of; `unheard`: what it may still have to tell of.
    """

    account_id: int
    paid_on_id: int
    paid_on_uuid: str
    platform_uuid: str
    login: Login
    currency: str
    earned: Minor
    reversed: Minor
    paid: Minor
    unpaid: Minor
    pending: Minor
    booked: Minor
    unheard: Minor

    @property
    def holds(self) -> bool:
        """Say whether the sums come out."""
        heard = self.booked <= self.paid <= self.booked + self.unheard
        return heard and self.earned == self.reversed + self.paid + self.unpaid


class Person(msgspec.Struct, frozen=True):
    """An account as trees and statements name it."""

    number: int
    uuid: str
    email: str
    first_name: str
    last_name: str


class Below(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in an IB's tree. `earned`: what his deals have brought the IB, without what was reversed, by currency."""

    node: tree.Node
    person: Person
    earned: dict[str, Minor]


class Reports:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def people(self, numbers: set[int]) -> dict[int, Person]:
        """Return accounts by number."""
        with self._database.reading() as connection:
            return _people(connection, numbers)

    def tree(self, account_id: int, depth: int) -> list[Below]:
        """Return who is below an IB, level by level, and what each has brought him."""
        earned: dict[int, dict[str, Minor]] = defaultdict(dict)
        query = select(accruals.c.client_id, accruals.c.currency, func.sum(accruals.c.amount).label("amount"))
        query = query.where(accruals.c.account_id == account_id).group_by(accruals.c.client_id, accruals.c.currency)
        with self._database.reading() as connection:
            nodes = tree.below(connection, account_id, depth)
            people = _people(connection, {node.account_id for node in nodes})
            for row in connection.execute(query):
                earned[row.client_id][row.currency] = int(row.amount)
        return [Below(node=one, person=people[one.account_id], earned=earned.get(one.account_id, {})) for one in nodes]

    def statement(self, account_id: int, since: Moment, until: Moment) -> list[Line]:
        """Return what an IB has earned from `since` to before `until`, by day and client, oldest first."""
        day = accruals.c.at - accruals.c.at % DAY_MS
        keys = (day.label("day"), accruals.c.client_id, accruals.c.level, accruals.c.currency)
        sums = (func.count(accruals.c.deal_id.distinct()).label("deals"), *_SUMS)
        span = (accruals.c.account_id == account_id, accruals.c.at >= since, accruals.c.at < until)
        query = select(*keys, *sums).where(*span).group_by(*keys).order_by(*keys).limit(LINES_MAX)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Line(
                day=div_floor(row["day"], DAY_MS), client_id=row["client_id"], level=row["level"], currency=row["currency"],
                deals=row["deals"], earned=int(row["earned"]), reversed=int(row["reversed"]),
            )
            for row in rows
        ]  # fmt: skip

    def totals(self, account_id: int, since: Moment, until: Moment) -> list[Level]:
        """Return what each level below an IB has brought him from `since` to before `until`."""
        span = (accruals.c.account_id == account_id, accruals.c.at >= since, accruals.c.at < until)
        keys = (accruals.c.level, accruals.c.currency)
        # A deal may have brought something by several rules, and may have been counted anew; its volume is one.
        each = select(*keys, accruals.c.deal_id).where(*span).distinct().subquery()
        dealt = select(each.c.level, each.c.currency, func.sum(deals.c.volume).label("volume"))
        dealt = dealt.select_from(each.join(deals, deals.c.id == each.c.deal_id)).group_by(each.c.level, each.c.currency)
        clients_of = func.count(accruals.c.client_id.distinct()).label("clients")
        number = func.count(accruals.c.deal_id.distinct()).label("deals")
        query = select(*keys, clients_of, number, *_SUMS).where(*span).group_by(*keys).order_by(*keys)
        with self._database.reading() as connection:
            volumes = {(row.level, row.currency): int(row.volume) for row in connection.execute(dealt)}
            rows = connection.execute(query).mappings().all()
        return [
            Level(
                level=row["level"], currency=row["currency"], clients=row["clients"], deals=row["deals"],
                volume=volumes[row["level"], row["currency"]], earned=int(row["earned"]), reversed=int(row["reversed"]),
            )
            for row in rows
        ]  # fmt: skip

    def deals_by_state(self, organization_id: int) -> dict[DealState, int]:
        """Return how many closings and openings were heard of, by how far they are."""
        query = select(deals.c.state, func.count().label("number")).where(deals.c.organization_id == organization_id)
        with self._database.reading() as connection:
            found = {row.state: row.number for row in connection.execute(query.group_by(deals.c.state))}
        return {state: found.get(state.value, 0) for state in DealState}

    def standings(self, organization_id: int | None = None, account_id: int | None = None) -> list[Standing]:
        """Return how IBs stand: an organization's or all, or one of them. This is the control: see `Standing.holds`.

        Earned and reversed are summed from accruals, paid from payouts that are done, unpaid from accruals that are in none of
        these, booked from what the trade platforms have told: each by itself.
        """
        with self._database.reading() as connection:
            keys = (accruals.c.account_id, accruals.c.paid_on_id, accruals.c.currency)
            joined = accruals.outerjoin(payouts, payouts.c.id == accruals.c.payout_id)
            query = select(*keys, *_SUMS, *_UNPAID).select_from(joined).where(_of(accruals, organization_id, account_id))
            rows = connection.execute(query.group_by(*keys).order_by(accruals.c.paid_on_id)).mappings().all()
            paid = self._paid(connection, organization_id, account_id)
            numbers = {row["paid_on_id"] for row in rows}
            named = select(trading_accounts).where(trading_accounts.c.id.in_(numbers))
            known = {row.id: row for row in connection.execute(named)}
        nothing = {"paid": 0, "booked": 0, "unheard": 0}
        return [
            Standing(
                account_id=row["account_id"], paid_on_id=row["paid_on_id"], paid_on_uuid=known[row["paid_on_id"]].uuid,
                platform_uuid=known[row["paid_on_id"]].platform_uuid, login=known[row["paid_on_id"]].login,
                currency=row["currency"], earned=int(row["earned"]), reversed=int(row["reversed"]),
                unpaid=int(row["unpaid"]), pending=int(row["pending"]),
                **paid.get((row["account_id"], row["paid_on_id"], row["currency"]), nothing),
            )
            for row in rows
        ]  # fmt: skip

    def _paid(
        self, connection: Connection, organization_id: int | None, account_id: int | None
    ) -> dict[tuple[int, int, str], dict[str, Minor]]:
        """Return what was paid and booked, by IB, trading account and currency."""
        heard = select(bookings.c.payout_id, func.sum(bookings.c.amount).label("amount")).group_by(bookings.c.payout_id)
        told = heard.subquery()
        done = payouts.c.status == PayoutStatus.DONE.value
        young = payouts.c.booked_at > self._database.now() - HEARD_WITHIN_MS
        keys = (payouts.c.account_id, payouts.c.paid_on_id, payouts.c.currency)
        query = select(
            *keys, _sum_if(payouts.c.amount, done).label("paid"),
            func.coalesce(func.sum(told.c.amount), 0).label("booked"),
            _sum_if(payouts.c.amount, done & young & told.c.amount.is_(None)).label("unheard"),
        ).select_from(payouts.outerjoin(told, told.c.payout_id == payouts.c.id))  # fmt: skip
        rows = connection.execute(query.where(_of(payouts, organization_id, account_id)).group_by(*keys)).mappings()
        return {
            (row["account_id"], row["paid_on_id"], row["currency"]): {
                name: int(row[name]) for name in ("paid", "booked", "unheard")
            }
            for row in rows
        }


def _sum_if(amount: Any, which: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((which, amount), else_=0)), 0)


_SUMS = (
    _sum_if(accruals.c.amount, accruals.c.reverses.is_(None)).label("earned"),
    _sum_if(-accruals.c.amount, accruals.c.reverses.is_not(None)).label("reversed"),
)
_UNPAID = (
    _sum_if(accruals.c.amount, payouts.c.status.is_(None) | (payouts.c.status != PayoutStatus.DONE.value)).label("unpaid"),
    _sum_if(accruals.c.amount, payouts.c.status != PayoutStatus.DONE.value).label("pending"),
)


def _of(table: Any, organization_id: int | None, account_id: int | None) -> ColumnElement[bool]:
    mine = true() if organization_id is None else table.c.organization_id == organization_id
    return mine if account_id is None else and_(mine, table.c.account_id == account_id)


def _people(connection: Connection, numbers: set[int]) -> dict[int, Person]:
    joined = accounts.join(clients, clients.c.id == accounts.c.id)
    query = select(accounts.c.id, accounts.c.uuid, clients.c.email, clients.c.first_name, clients.c.last_name)
    rows = connection.execute(query.select_from(joined).where(accounts.c.id.in_(numbers))).mappings()
    return {row["id"]: _person_from(row) for row in rows}


def _person_from(row: RowMapping) -> Person:
    return Person(row["id"], row["uuid"], row["email"], row["first_name"], row["last_name"])
