"""Commission plans: what a client's deal brings to those above him, level by level.

A plan is changed by a version that holds from a moment on; a deal is counted by the version of its moment. A plan is named by
the `commissionUuid` of the trading account that deals, or else of the one on which the IB directly above is paid.
"""

import uuid
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.partners.tables import plans, versions
from prorata.crm.partners.tree import LEVELS_MAX
from prorata.crm.settings import find_setting
from prorata.messages.refusals import Refusal
from prorata.messages.symbols import SymbolSpec
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import DAY_MS, MONEY_MAX, PPM, SECOND_MS, Moment

RULES_MAX = 100
PATTERNS_MAX = 200
HELD_SECONDS_MAX = 7 * DAY_MS // SECOND_MS


class RuleKind(StrEnum):
    """What the values of a rule are."""

    PER_LOT = "PER_LOT"
    """minor units of the plan's currency for each lot that is closed"""
    PER_MILLION = "PER_MILLION"
    """minor units of the plan's currency for each million USD of turnover, of opening and of closing"""
    MARKUP_SHARE = "MARKUP_SHARE"
    """ppm of what the group's markup has cost the client"""
    COMMISSION_SHARE = "COMMISSION_SHARE"
    """ppm of the commission that the client has paid"""


SHARES = frozenset({RuleKind.MARKUP_SHARE, RuleKind.COMMISSION_SHARE})


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`values`: of level 1, directly above the client, and on. `symbols`: patterns of names ("EUR*"), or with a stroke of the
    symbol's place among the others ("Forex/Majors/*")."""

    kind: RuleKind
    values: tuple[int, ...]
    symbols: tuple[str, ...] = ("*",)

    def fits(self, spec: SymbolSpec) -> bool:
        place = f"{spec.category}/{spec.name}"
        return any(fnmatchcase(place if "/" in pattern else spec.name, pattern) for pattern in self.symbols)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Of each kind the first rule that fits a symbol counts. What was held less than `held_seconds_min` brings nothing."""

    rules: tuple[Rule, ...]
    held_seconds_min: int = 0

    def rules_for(self, spec: SymbolSpec) -> list[Rule]:
        found: dict[RuleKind, Rule] = {}
        for rule in self.rules:
            if rule.kind not in found and rule.fits(spec):
                found[rule.kind] = rule
        return list(found.values())


class Version(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    since: Moment
    terms: Terms
    created_by: str
    created_at: Moment


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`versions`: oldest first."""

    id: int
    uuid: str
    organization_id: int
    name: str
    currency: str
    created_at: Moment
    versions: tuple[Version, ...]

    def at(self, moment: Moment) -> Version | None:
        """Return the version that holds at a moment; None before the first one."""
        return next((version for version in reversed(self.versions) if version.since <= moment), None)


class Plans:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, organization_id: int) -> list[Plan]:
        """Return an organization's plans, oldest first."""
        query = select(plans).where(plans.c.organization_id == organization_id).order_by(plans.c.id)
        with self._database.reading() as connection:
            return [plan_from(connection, row) for row in connection.execute(query).mappings().all()]

    def find(self, organization_id: int, plan_uuid: str) -> Plan:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            return plan_from(connection, find_setting(connection, plans, organization_id, plans.c.uuid == plan_uuid))

    def add(self, organization_id: int, name: str, currency: str, terms: Terms, *, by: str) -> Plan:
        """Raises `Declined`."""
        if currency not in CURRENCY_DIGITS:
            raise Declined(Refusal.BAD_COMMISSION_PLAN, f"currency: {currency} is none that is known here")
        check_terms(terms)
        now = self._database.now()
        plan_uuid = str(uuid.uuid4())
        row = {
            "uuid": plan_uuid, "organization_id": organization_id, "name": name.strip(), "currency": currency,
            "created_at": now,
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                made = connection.execute(insert(plans).values(row)).inserted_primary_key
                assert made is not None
                _insert_version(connection, made[0], now, terms, by, now)
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, f"there is a plan of this name: {name}"[:300]) from None
        return self.find(organization_id, plan_uuid)

    def change(self, plan: Plan, terms: Terms, *, since: Moment = 0, by: str) -> Plan:
        """Let other terms hold from a moment on that is still to come; 0: from now. Raises `Declined`."""
        check_terms(terms)
        now = self._database.now()
        if since and since < now:
            raise Declined(Refusal.BAD_COMMISSION_PLAN, "since: is over; what was is not counted anew")
        try:
            with self._database.writing() as connection:
                _insert_version(connection, plan.id, since or now, terms, by, now)
        except IntegrityError:
            raise Declined(Refusal.BAD_COMMISSION_PLAN, "since: a version begins at this moment already") from None
        return self.find(plan.organization_id, plan.uuid)


def plan_number(connection: Connection, organization_id: int, plan_uuid: str) -> int | None:
    """Return the number of the plan that a `commissionUuid` names; None: there is none."""
    mine = (plans.c.organization_id == organization_id) & (plans.c.uuid == plan_uuid.lower())
    found: int | None = connection.execute(select(plans.c.id).where(mine)).scalar()
    return found


def check_plan(connection: Connection, organization_id: int, plan_uuid: str) -> None:
    """Raise `Declined` unless a `commissionUuid` names one of the organization's plans, or is ""."""
    if plan_uuid and plan_number(connection, organization_id, plan_uuid) is None:
        raise Declined(Refusal.UNKNOWN_REFERENCE, "commissionUuid: there is no commission plan of this uuid")


def plan_from(connection: Connection, row: Any) -> Plan:
    query = select(versions).where(versions.c.plan_id == row["id"]).order_by(versions.c.since)
    found = tuple(_version_from(one) for one in connection.execute(query).mappings())
    same = {name: row[name] for name in Plan.__struct_fields__ if name != "versions"}
    return Plan(**same, versions=found)


def check_terms(terms: Terms) -> None:
    """Raise `Declined` unless the terms can be kept."""
    if not 1 <= len(terms.rules) <= RULES_MAX:
        raise _bad(f"rules: from 1 to {RULES_MAX}")
    if not 0 <= terms.held_seconds_min <= HELD_SECONDS_MAX:
        raise _bad(f"held_seconds_min: from 0 to {HELD_SECONDS_MAX}")
    for number, rule in enumerate(terms.rules):
        _check_values(f"rules[{number}].values", rule)
        if not 1 <= len(rule.symbols) <= PATTERNS_MAX or not all(rule.symbols):
            raise _bad(f"rules[{number}].symbols: from 1 to {PATTERNS_MAX} patterns, none of them empty")


def _check_values(where: str, rule: Rule) -> None:
    if not 1 <= len(rule.values) <= LEVELS_MAX:
        raise _bad(f"{where}: from 1 to {LEVELS_MAX} levels")
    if min(rule.values) < 0 or max(rule.values) > MONEY_MAX:
        raise _bad(f"{where}: below 0, or too large")
    if rule.kind in SHARES and sum(rule.values) > PPM:
        raise _bad(f"{where}: all levels together take more than there is")


def _bad(detail: str) -> Declined:
    return Declined(Refusal.BAD_COMMISSION_PLAN, detail)


def _insert_version(connection: Connection, plan_id: int, since: Moment, terms: Terms, by: str, now: Moment) -> None:
    row = {
        "plan_id": plan_id, "since": since, "terms": msgspec.json.encode(terms).decode(), "created_by": by, "created_at": now,
    }  # fmt: skip
    connection.execute(insert(versions).values(row))


def _version_from(row: RowMapping) -> Version:
    same = {name: row[name] for name in ("id", "since", "created_by", "created_at")}
    return Version(**same, terms=msgspec.json.decode(row["terms"], type=Terms))
