"""Who introduced whom: a tree of accounts, each below an IB or Sub IB, by a trading account on which that one is paid.

An edge holds from a moment to a moment, so what was earned under an earlier one stays where it is.
"""

import secrets
from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import Connection, RowMapping, func, insert, select, update

from prorata.control.organizations.declined import Declined
from prorata.crm.holding import hold_person
from prorata.crm.partners.tables import CODE_LENGTH_MAX, codes, edges
from prorata.crm.prop.borders import check_ordinary
from prorata.crm.tables import accounts, houses, offers, roles, trading_accounts
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

PARTNER_ROLES = ("IB", "Sub IB")
LEVELS_MAX = 10
"""above an account that are paid for its deals, and below one that are shown"""
NODES_MAX = 5_000
"""that one look at a tree shows"""
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""without those that are taken for one another"""
CODE_LENGTH = 8


class Parent(msgspec.Struct, frozen=True):
    """An IB above an account. `paid_on_id`: the trading account that he is paid on, in `currency`."""

    account_id: int
    paid_on_id: int
    currency: str
    plan_uuid: str
    """that of his trading account, "" for none"""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """An account below an IB. `level` 1: directly."""

    account_id: int
    parent_id: int
    level: int
    since: Moment
    code: str


# Within the transaction that changes an account.


def settle_parent(
    connection: Connection, organization_id: int, account_id: int, profile: Mapping[str, str], *, by: str, now: Moment
) -> dict[str, str]:
    """Put an account under whom its profile names: a trading account ("ib_parent"; "": nobody), or else a referral code.

    Return what of the profile is to be kept. Raises `Declined`.
    """
    code, named = profile.get("referral", "").strip().upper(), profile.get("ib_parent", "").lower()
    found = _code(connection, organization_id, code) if code else None
    if found is not None and not named:
        mine = trading_accounts.c.id == found["paid_on_id"]
        named = connection.execute(select(trading_accounts.c.uuid).where(mine)).scalar_one()
    kept = {"referral": code} if code else {}
    if named:
        put_under(connection, organization_id, account_id, named, code=code, by=by, now=now)
    elif "ib_parent" in profile:
        take_out(connection, account_id, now)
    else:
        return kept
    return kept | {"ib_parent": named}


def put_under(
    connection: Connection, organization_id: int, account_id: int, paid_on: str, *, code: str = "", by: str, now: Moment
) -> None:
    """Put an account under the owner of a trading account, from now on. Raises `Declined`."""
    # Each of two changes alone could be right, and both together a cycle.
    take_turns(connection, organization_id)
    parent = _payable(connection, organization_id, paid_on)
    holding = _edge_at(connection, account_id)
    if holding is not None and holding["paid_on_id"] == parent["id"]:
        return
    if account_id in (parent["account_id"], *above(connection, parent["account_id"])):
        raise Declined(Refusal.PARTNER_CYCLE)
    take_out(connection, account_id, now)
    row = {
        "organization_id": organization_id, "account_id": account_id, "parent_id": parent["account_id"],
        "paid_on_id": parent["id"], "since": now, "until": 0, "code": code, "created_by": by,
    }  # fmt: skip
    connection.execute(insert(edges).values(row))


def take_turns(connection: Connection, organization_id: int) -> None:
    """Let two who would do the same for an organization do it one after the other."""
    connection.execute(select(houses.c.organization_id).where(houses.c.organization_id == organization_id).with_for_update())


def take_out(connection: Connection, account_id: int, now: Moment) -> None:
    """Have nobody above an account from now on."""
    mine = (edges.c.account_id == account_id) & (edges.c.until == 0)
    connection.execute(update(edges).where(mine).values(until=now))


def check_no_structure(connection: Connection, account_id: int) -> None:
    """Raise `Declined` if anybody is below an account."""
    mine = (edges.c.parent_id == account_id) & (edges.c.until == 0)
    below = connection.execute(select(func.count()).select_from(edges).where(mine)).scalar_one()
    if below:
        raise Declined(Refusal.PARTNER_HAS_STRUCTURE, f"accounts directly below: {below}")


def check_role(connection: Connection, organization_id: int, account_id: int, role_id: int) -> None:
    """Raise `Declined` if somebody is below an account that is to have a role which is none of an IB."""
    if connection.execute(select(roles.c.name).where(roles.c.id == role_id)).scalar_one() not in PARTNER_ROLES:
        take_turns(connection, organization_id)
        check_no_structure(connection, account_id)


def check_not_paid_on(connection: Connection, numbers: Collection[int]) -> None:
    """Raise `Declined` if an IB is paid on one of these trading accounts for somebody who is below him."""
    query = select(edges.c.id).where(edges.c.paid_on_id.in_(numbers), edges.c.until == 0).limit(1)
    if connection.execute(query).first() is not None:
        raise Declined(Refusal.PARTNER_HAS_STRUCTURE, "an IB is paid on this trading account")


# Looking.


def above(connection: Connection, account_id: int) -> list[int]:
    """Return who is above an account now, nearest first."""
    found: list[int] = []
    edge = _edge_at(connection, account_id)
    while edge is not None:
        found.append(edge["parent_id"])
        edge = _edge_at(connection, edge["parent_id"])
    return found


def parent_at(connection: Connection, account_id: int, moment: Moment) -> Parent | None:
    """Return who was directly above an account at a moment."""
    edge = _edge_at(connection, account_id, moment)
    return None if edge is None else _parent_from(edge)


def parents_at(connection: Connection, account_id: int, moment: Moment) -> list[Parent]:
    """Return who was above an account at a moment, nearest first, as many as can be paid."""
    found: list[Parent] = []
    edge = _edge_at(connection, account_id, moment)
    while edge is not None and len(found) < LEVELS_MAX:
        found.append(_parent_from(edge))
        edge = _edge_at(connection, edge["parent_id"], moment)
    return found


def below(connection: Connection, account_id: int, depth: int = LEVELS_MAX) -> list[Node]:
    """Return who is below an account now, level by level, at most `depth` levels and `NODES_MAX` accounts."""
    found: list[Node] = []
    asked = [account_id]
    for level in range(1, depth + 1):
        query = select(edges).where(edges.c.parent_id.in_(asked), edges.c.until == 0).order_by(edges.c.id)
        rows = connection.execute(query.limit(NODES_MAX - len(found))).mappings().all()
        found += [
            Node(account_id=row["account_id"], parent_id=row["parent_id"], level=level, since=row["since"], code=row["code"])
            for row in rows
        ]
        asked = [row["account_id"] for row in rows]
        if not asked or len(found) == NODES_MAX:
            break
    return found


_edges = edges.join(trading_accounts, trading_accounts.c.id == edges.c.paid_on_id).join(
    offers, offers.c.id == trading_accounts.c.offer_id
)
_EDGES = select(edges, trading_accounts.c.commission_uuid, offers.c.currency).select_from(_edges)


def _edge_at(connection: Connection, account_id: int, moment: Moment | None = None) -> RowMapping | None:
    """Return the edge above an account, now or at a moment."""
    query = _EDGES.where(edges.c.account_id == account_id)
    if moment is None:
        query = query.where(edges.c.until == 0)
    else:
        query = query.where(edges.c.since <= moment, (edges.c.until == 0) | (edges.c.until > moment))
    return connection.execute(query).mappings().first()


def _parent_from(edge: RowMapping) -> Parent:
    return Parent(edge["parent_id"], edge["paid_on_id"], edge["currency"], edge["commission_uuid"])


def _payable(connection: Connection, organization_id: int, uuid: str) -> RowMapping:
    """Return the trading account of an IB on which he can be paid. Raises `Declined`."""
    joined = (
        trading_accounts.join(accounts, accounts.c.id == trading_accounts.c.account_id)
        .join(roles, roles.c.id == accounts.c.role_id)
        .join(offers, offers.c.id == trading_accounts.c.offer_id)
    )
    mine = (trading_accounts.c.organization_id == organization_id) & (trading_accounts.c.deleted_at == 0)
    query = select(trading_accounts, roles.c.name.label("role"), offers.c.demo).select_from(joined)
    found = connection.execute(query.where(mine, trading_accounts.c.uuid == uuid.lower())).mappings().first()
    if found is None:
        raise Declined(
            Refusal.UNKNOWN_REFERENCE, "ibParentTradingAccountUuid: there is no trading account of this uuid"
        )  # fmt: skip
    if found["role"] not in PARTNER_ROLES:
        raise Declined(Refusal.PARTNER_UNFIT, f"its owner has the role {found['role']}")
    if found["demo"]:
        raise Declined(Refusal.PARTNER_UNFIT, "it is a demo account: nobody can be paid there")
    check_ordinary(connection, found["id"])
    return found


# Referral codes.


class Code(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    account_id: int
    paid_on_id: int
    withdrawn: bool
    created_at: Moment


def new_code(connection: Connection, organization_id: int, paid_on: str, wanted: str, now: Moment) -> Code:
    """Make a referral code for a trading account of an IB: the one that is wanted, or else a random one. Raises `Declined`."""
    owner = _payable(connection, organization_id, paid_on)
    hold_person(connection, owner["account_id"])
    code = wanted.strip().upper() or "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    if not (code.isascii() and code.isalnum() and 4 <= len(code) <= CODE_LENGTH_MAX):
        raise Declined(Refusal.MALFORMED, f"code: must have from 4 to {CODE_LENGTH_MAX} letters and digits")
    made = Code(code=code, account_id=owner["account_id"], paid_on_id=owner["id"], withdrawn=False, created_at=now)
    taken = select(codes.c.id).where(codes.c.organization_id == organization_id, codes.c.code == code)
    if connection.execute(taken).first() is not None:
        raise Declined(Refusal.NAME_TAKEN, "there is a referral code of this name, or has been")
    connection.execute(insert(codes).values(organization_id=organization_id, **msgspec.structs.asdict(made)))
    return made


def withdraw_code(connection: Connection, organization_id: int, code: str) -> Code:
    """Have a code bring nobody any more. Raises `Declined`."""
    found = _code(connection, organization_id, code.strip().upper())
    connection.execute(update(codes).where(codes.c.id == found["id"]).values(withdrawn=True))
    return msgspec.structs.replace(_code_from(found), withdrawn=True)


def codes_of(connection: Connection, account_id: int) -> list[Code]:
    """Return an IB's codes, oldest first."""
    query = select(codes).where(codes.c.account_id == account_id).order_by(codes.c.id)
    return [_code_from(row) for row in connection.execute(query).mappings()]


def _code(connection: Connection, organization_id: int, code: str) -> RowMapping:
    mine = (codes.c.organization_id == organization_id) & (codes.c.code == code) & ~codes.c.withdrawn
    found = connection.execute(select(codes).where(mine)).mappings().first()
    if found is None:
        raise Declined(Refusal.UNKNOWN_REFERRAL)
    return found


def _code_from(row: RowMapping) -> Code:
    return Code(**{name: row[name] for name in Code.__struct_fields__})
