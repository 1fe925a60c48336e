"""What an organization has set up: branches, roles, lead statuses, and the offers under which accounts are opened.

Groups are the trade platform's, offers are here: a group that may be used is named by an offer, and nobody outside
sees more of it than that.
"""

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.companies import NewCompany, insert_company
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.tables import organizations
from prorata.control.platforms.tables import platforms
from prorata.control.tables import companies
from prorata.crm.tables import branches, houses, lead_statuses, offers, roles
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, Minor, Moment

USER = "User"
ROLE_NAMES = (USER, "IB", "Sub IB")
"""Who may use the terminal."""
LEAD_STATUS_NAMES = ("New", "Contacted", "Interested", "Not interested", "Wrong contact")
LEVERAGE_MAX = 5_000

Named = TypeVar("Named", bound="Setting")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    uuid: str
    organization_id: int
    name: str
    created_at: Moment
    updated_at: Moment


class Branch(Setting, frozen=True, kw_only=True):
    """`two_factor`: clients must sign in with a second factor."""

    two_factor: bool


class Role(Setting, frozen=True, kw_only=True):
    pass


class LeadStatus(Setting, frozen=True, kw_only=True):
    pass


class NewOffer(msgspec.Struct, frozen=True, kw_only=True):
    """`initial_deposit`: in minor units; a demo account begins with it. `leverage` 0: the group's.

    `hidden`: nobody opens an account under it any more. `automatic`: whoever registers in the branch gets an account under it.
    """

    branch_id: int
    platform_uuid: str
    group_name: str
    name: str
    currency: str
    leverage: int
    demo: bool = False
    description: str = ""
    hidden: bool = False
    initial_deposit: Minor = 0
    verification_required: bool = False
    automatic: bool = False
    money_manager: str = ""


class Offer(Setting, frozen=True, kw_only=True):
    """As `NewOffer`."""

    branch_id: int
    platform_uuid: str
    group_name: str
    description: str
    currency: str
    leverage: int
    demo: bool
    hidden: bool
    initial_deposit: Minor
    verification_required: bool
    automatic: bool
    money_manager: str

    @property
    def digits(self) -> int:
        """Decimal places of its money."""
        return CURRENCY_DIGITS[self.currency]


class CrmSettings:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # What is there.

    def branches(self, organization_id: int) -> list[Branch]:
        return self._all(branches, Branch, organization_id)

    def roles(self, organization_id: int) -> list[Role]:
        return self._all(roles, Role, organization_id)

    def lead_statuses(self, organization_id: int) -> list[LeadStatus]:
        return self._all(lead_statuses, LeadStatus, organization_id)

    def offers(self, organization_id: int) -> list[Offer]:
        return self._all(offers, Offer, organization_id)

    def offer(self, organization_id: int, offer_uuid: str) -> Offer:
        """Raises `NotFound`: absent and another organization's answer alike."""
        with self._database.reading() as connection:
            return Offer(**find_setting(connection, offers, organization_id, offers.c.uuid == offer_uuid))

    def _all(self, table: Table, kind: type[Named], organization_id: int) -> list[Named]:
        query = select(table).where(table.c.organization_id == organization_id).order_by(table.c.id)
        with self._database.reading() as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]

    # Setting up.

    def begin(self, organization_id: int, name: str, *, two_factor: bool = False) -> Branch:
        """Let an organization begin with a branch, and with the roles and lead statuses that all have."""
        now = self._database.now()
        with self._database.writing() as connection:
            _open_house(connection, organization_id)
            self._database.note_change(connection)
            for table, names in ((roles, ROLE_NAMES), (lead_statuses, LEAD_STATUS_NAMES)):
                if connection.execute(select(table.c.id).where(table.c.organization_id == organization_id)).first() is None:
                    connection.execute(insert(table), [_row(organization_id, one, now) for one in names])
        return self.add_branch(organization_id, name, two_factor=two_factor)

    def add_branch(self, organization_id: int, name: str, *, two_factor: bool = False) -> Branch:
        """Raises `Declined`: there is one of this name."""
        row = {**_row(organization_id, name, self._database.now()), "two_factor": two_factor}
        try:
            with self._database.writing() as connection:
                return Branch(id=_inserted(connection, branches, row), **row)
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, f"there is a branch of this name: {name}"[:300]) from None

    def add_offer(self, organization_id: int, new: NewOffer) -> Offer:
        """Raises `NotFound`: the branch is not the organization's; `Declined`: it does not fit together."""
        _check_offer(msgspec.structs.asdict(new))
        row = {**_row(organization_id, new.name, self._database.now()), **msgspec.structs.asdict(new)}
        with self._database.writing() as connection:
            find_setting(connection, branches, organization_id, branches.c.id == new.branch_id)
            _give_platform(connection, organization_id, new.platform_uuid)
            self._database.note_change(connection)
            return Offer(id=_inserted(connection, offers, row), **row)

    def change_offer(self, organization_id: int, offer_uuid: str, changes: Mapping[str, Any]) -> Offer:
        """Change what an offer says. Accounts under it stay as they are: what they trade on is their group's.

        `changes`: fields as in `NewOffer`, but for branch, platform, group, currency and kind, which stay.
        Raises as `add_offer` does.
        """
        with self._database.writing() as connection:
            before = dict(find_setting(connection, offers, organization_id, offers.c.uuid == offer_uuid))
            after = {**before, **changes, "updated_at": self._database.now()}
            _check_offer(after)
            connection.execute(update(offers).where(offers.c.id == before["id"]).values(after))
        return Offer(**after)


def find_setting(connection: Connection, table: Table, organization_id: int, which: Any) -> Mapping[Any, Any]:
    """Return an organization's row. Raises `NotFound`: absent and another's answer alike."""
    mine = (table.c.organization_id == organization_id) & which
    row = connection.execute(select(table).where(mine)).mappings().first()
    if row is None:
        raise NotFound
    return row


def _open_house(connection: Connection, organization_id: int) -> None:
    """See that an organization is a company, which copies nowhere until it is given a platform."""
    mine = (organizations.c.id == organization_id) & (organizations.c.closed_at == 0)
    name = connection.execute(select(organizations.c.name).where(mine).with_for_update()).scalar()
    if name is None:
        raise NotFound
    if connection.execute(select(houses).where(houses.c.organization_id == organization_id)).first() is not None:
        return
    if connection.execute(select(companies.c.id).where(companies.c.id == organization_id)).first() is None:
        insert_company(connection, organization_id, NewCompany(name=name, platform=""))
    connection.execute(insert(houses).values(organization_id=organization_id, accounts=0, leads=0))


def _give_platform(connection: Connection, organization_id: int, platform_uuid: str) -> None:
    """Let the company's clients invest on the first trade platform that it has an offer of."""
    engine = select(platforms.c.engine).where(platforms.c.uuid == platform_uuid).scalar_subquery()
    homeless = (companies.c.id == organization_id) & (companies.c.platform == "")
    connection.execute(update(companies).where(homeless).values(platform=engine))


def _check_offer(values: Mapping[str, Any]) -> None:
    if values["currency"] not in CURRENCY_DIGITS:
        raise Declined(Refusal.OFFER_UNFIT, f"currency: {values['currency']} is none that is known here")
    if not 0 <= values["leverage"] <= LEVERAGE_MAX:
        raise Declined(Refusal.OFFER_UNFIT, f"leverage: must be from 0 to {LEVERAGE_MAX}")
    if not 0 <= values["initial_deposit"] <= MONEY_MAX:
        raise Declined(Refusal.OFFER_UNFIT, "initialDeposit: is below 0, or too large")
    if not values["name"].strip():
        raise Declined(Refusal.OFFER_UNFIT, "name: is empty")


def _row(organization_id: int, name: str, now: Moment) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()), "organization_id": organization_id, "name": name.strip(), "created_at": now,
        "updated_at": now,
    }  # fmt: skip


def _inserted(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    made = connection.execute(insert(table).values(row)).inserted_primary_key
    assert made is not None
    number: int = made[0]
    return number
