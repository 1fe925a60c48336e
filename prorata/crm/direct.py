"""For programs that work with groups, and know neither offers nor gateways.

Every trading account of the CRM is under an offer all the same: of those that name the group, one that people are offered, else
the oldest; if there is none, one is made that nobody else sees. Each booking is a row of its own, so that it is booked once.
"""

import uuid
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import CrmAccount, become_client
from prorata.crm.crossing import Crossing, Crossings, subject_of
from prorata.crm.direct_tables import direct_accounts, direct_bookings
from prorata.crm.kyc.levels import Right
from prorata.crm.paid_in import check_payment
from prorata.crm.prop.borders import check_ordinary
from prorata.crm.settings import CrmSettings, NewOffer, Offer
from prorata.crm.tables import offers, trading_accounts
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.messages.events import Refused
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Login, Minor, Moment

TABLE = "direct_bookings"
_RIGHTS = {BalanceKind.DEPOSIT: Right.DEPOSIT, BalanceKind.WITHDRAWAL: Right.WITHDRAW}
"""What a person's level must allow for a booking; credit is the house's own."""
EXTERNAL = "direct "
"""how the external ids of bookings begin; their uuid follows"""
AT_ONCE = 5_000
_NAMES = uuid.UUID("6f1f3a0e-3a5c-4a86-9c0a-0d8b6c1f2e57")
"""The root of uuids that are made of a program's own key."""


class Said(msgspec.Struct, frozen=True):
    """What such a program has said of a trading account; `changes`: how often it has changed it."""

    changes: int = 0
    pro_view: bool = False
    remarks: str = ""


class Owned(msgspec.Struct, frozen=True):
    """A trading account's row: its number, its uuid, whose it is, and when it was made."""

    id: int
    uuid: str
    account_id: int
    created_at: Moment


class NewBooking(msgspec.Struct, frozen=True, kw_only=True):
    """`amount`: in minor units, above 0. `key`: the same under the same key is booked once; "" is no key."""

    kind: BalanceKind
    amount: Minor
    additional_type: str
    comment: str
    key: str = ""


class Direct:
    """Blocks on the database. `by`: who does it."""

    def __init__(self, database: Database, crossings: Crossings, settings: CrmSettings) -> None:
        self._database = database
        self._crossings = crossings
        self._settings = settings
        crossings.effects["direct-booking"] = self._booked

    # Offers.

    def offer_for(self, account: CrmAccount, platform_uuid: str, group: GroupSpec, *, demo: bool) -> Offer:
        """Return the offer under which a person's accounts of a group are; it is made if there is none.

        A hidden one is returned as one that is not: it is hidden from people, and not from the house.
        """
        fit = [
            offer
            for offer in self._settings.offers(account.organization_id)
            if (offer.branch_id, offer.platform_uuid, offer.group_name, offer.demo)
            == (account.branch_id, platform_uuid, group.name, demo)
        ]
        if fit:
            return msgspec.structs.replace(min(fit, key=lambda offer: (offer.hidden, offer.id)), hidden=False)
        new = NewOffer(
            branch_id=account.branch_id, platform_uuid=platform_uuid, group_name=group.name, name=group.name,
            currency=group.currency, leverage=0, demo=demo, hidden=True,
            description="Made for a program that works with groups",
        )  # fmt: skip
        return msgspec.structs.replace(self._settings.add_offer(account.organization_id, new), hidden=False)

    # Trading accounts.

    def of_logins(self, organization_id: int, platform_uuid: str, logins: Collection[Login]) -> dict[Login, Owned]:
        """Return the trading accounts that the CRM knows, by their logins."""
        own = (trading_accounts.c.organization_id == organization_id) & (trading_accounts.c.deleted_at == 0)
        there = trading_accounts.c.platform_uuid == platform_uuid
        query = select(trading_accounts).where(own, there, trading_accounts.c.login.in_(sorted(logins)))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.login: Owned(row.id, row.uuid, row.account_id, row.created_at) for row in rows}

    def said(self, numbers: Collection[int]) -> dict[int, Said]:
        """Return what was said of trading accounts; nothing of those that are not in the answer."""
        query = select(direct_accounts).where(direct_accounts.c.id.in_(sorted(numbers)))
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return {row["id"]: Said(row["changes"], row["pro_view"], row["remarks"]) for row in rows}

    def say(self, number: int, before: Said, *, pro_view: bool | None, remarks: str | None) -> None:
        """Note a change of a trading account, and what is said of it. Raises `Declined`: it has been changed meanwhile."""
        values: dict[str, Any] = {
            "changes": before.changes + 1, "pro_view": before.pro_view if pro_view is None else pro_view,
            "remarks": before.remarks if remarks is None else remarks,
        }  # fmt: skip
        mine = direct_accounts.c.id == number
        with self._database.writing() as connection:
            known = connection.execute(select(direct_accounts.c.changes).where(mine).with_for_update()).scalar()
            if (known or 0) != before.changes:
                raise Declined(Refusal.CHANGE_UNDER_WAY, "version: the trading account has been changed meanwhile")
            if known is None:
                connection.execute(insert(direct_accounts).values(id=number, **values))
            else:
                connection.execute(update(direct_accounts).where(mine).values(values))

    # Money.

    def book(self, found: TradingAccount, new: NewBooking, *, by: str) -> str:
        """Decide on a booking; return the subject of its step.

        Raises `Declined`: the key was used for another one, or the account is one of prop trading.
        """
        name = str(uuid.uuid5(_NAMES, f"{by}\n{found.uuid}\n{new.key}")) if new.key else str(uuid.uuid4())
        row: dict[str, Any] = {
            "uuid": name, "trading_account_id": found.id, "kind": int(new.kind), "amount": new.amount,
            "additional_type": new.additional_type, "comment": new.comment, "created_by": by,
        }  # fmt: skip
        with self._database.writing() as connection:
            known = connection.execute(select(direct_bookings).where(direct_bookings.c.uuid == name)).mappings().first()
            if known is not None:
                if any(known[field] != value for field, value in row.items()):
                    raise Declined(Refusal.KEY_REUSED)
                return subject_of(TABLE, known["id"])
            check_ordinary(connection, found.id)
            row["created_at"] = self._database.now()
            if new.kind in _RIGHTS:
                check_payment(connection, found.id, _RIGHTS[new.kind], new.amount, row["created_at"])
            try:
                made = connection.execute(insert(direct_bookings).values(row)).inserted_primary_key
            except IntegrityError:
                raise Declined(Refusal.CHANGE_UNDER_WAY, "the same is being booked at this moment") from None
            assert made is not None
            subject = subject_of(TABLE, made[0])
            command = BookBalance(found.login, new.kind, new.amount, f"{EXTERNAL}{name}", new.comment)
            self._crossings.add(
                connection, found.organization_id, found.platform_uuid, subject, "direct-booking", command
            )  # fmt: skip
        return subject

    def types_of(self, external_ids: Collection[str]) -> dict[str, str]:
        """Return the additional types of bookings by the external ids under which they were booked."""
        names = sorted(external_id.removeprefix(EXTERNAL) for external_id in external_ids)
        query = select(direct_bookings.c.uuid, direct_bookings.c.additional_type)
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for begin in range(0, len(names), AT_ONCE):
                rows = connection.execute(query.where(direct_bookings.c.uuid.in_(names[begin : begin + AT_ONCE]))).all()
                found |= {f"{EXTERNAL}{name}": additional_type for name, additional_type in rows}
        return found

    def _booked(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        """A lead whose first money has come in is a client; demo money makes nobody one."""
        assert isinstance(crossing.command, BookBalance)
        if refused is not None:  # What was refused uses no key.
            connection.execute(delete(direct_bookings).where(direct_bookings.c.id == crossing.subject_id))
            return
        if crossing.command.kind != BalanceKind.DEPOSIT:
            return
        joined = direct_bookings.join(trading_accounts, trading_accounts.c.id == direct_bookings.c.trading_account_id)
        joined = joined.join(offers, offers.c.id == trading_accounts.c.offer_id)
        query = select(trading_accounts.c.account_id).select_from(joined)
        owner = connection.execute(query.where(direct_bookings.c.id == crossing.subject_id, ~offers.c.demo)).scalar()
        if owner is not None:
            become_client(connection, owner, self._database.now())
