"""What deals bring to those above the client: heard once, counted once.

    Dealt -> row, in the transaction of `following` -> counted, with the platform's quotes -> accruals

A closing counts, with its part of what opening the position has brought: lots once, turnover, markup and commission of both
sides. So a position that was closed too soon brings nothing. Whatever a division leaves over stays with the house.

A correction of a closed trade (decision 0022) reverses what it has brought and counts it anew, at the moment of the correction:
what was earned before stays where it was told. A trade whose amounts are all corrected to nothing has been cancelled.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select, update

from prorata.control.database import Database
from prorata.crm.following import Heard
from prorata.crm.partners.market import USD, Market, NoRate, Rates
from prorata.crm.partners.plans import SHARES, Plan, Rule, RuleKind, Version, plan_from, plan_number
from prorata.crm.partners.tables import accruals, deals, plans, positions
from prorata.crm.partners.tree import Parent, parent_at, parents_at
from prorata.crm.tables import trading_accounts
from prorata.messages.commands import BalanceKind, Side
from prorata.messages.events import BalanceBooked, Dealt, Entry, Reason
from prorata.messages.symbols import SymbolSpec
from prorata.projections.trade_corrections import EVENT_NUMBERS, amounts_in
from prorata.trading.markets import point_value
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import MINUTE_MS, PPM, SECOND_MS, VOLUME_PER_LOT, Minor, Moment
from prorata.units.rounding import div_floor, div_half_even

RIPE_MS = 10 * SECOND_MS
"""A deal is counted so long after its minute began: by then the platform's quotes of the minute before are stored."""
AT_ONCE = 100
"""deals that are counted in one transaction"""


_UNMARKED = (Reason.CLOSE_BY.value, Reason.DEALER.value)
"""Positions that are closed against each other, and prices of a dealer's own, have no markup in them."""


class DealState(StrEnum):
    WAITING = "WAITING"
    """is not counted yet"""
    COUNTED = "COUNTED"
    PASSED = "PASSED"
    """brings nothing; the note says why"""
    CANCELLED = "CANCELLED"


S = DealState


class Bases(msgspec.Struct, frozen=True, kw_only=True):
    """What accruals of a closing are taken from. `turnover`: minor units of USD; `markup`: of `markup_currency`;
    `commission`: what opening has cost, in the account's. `opened_at`: 0 if the opening was not heard."""

    turnover: Minor
    markup: Minor
    markup_currency: str
    commission: Minor
    opened_at: Moment


class Accrued(msgspec.Struct, frozen=True, kw_only=True):
    """A share of a level, before and after its conversion."""

    level: int
    kind: RuleKind
    parent: Parent
    of_base: Minor
    base_currency: str
    amount: Minor
    rate: str


class Accruals:
    """Blocks on the database. `market_of`: a trade platform's market, None if it is not reached now."""

    def __init__(self, database: Database, market_of: Callable[[str], Market | None]) -> None:
        self._database = database
        self._market_of = market_of

    # Heard.

    def hear_deal(self, connection: Connection, heard: Heard) -> None:
        """Write down a deal of a real account that somebody has introduced."""
        known, event = heard.trading_account, heard.event
        assert isinstance(event, Dealt)
        if known.demo:
            return
        parent = parent_at(connection, known.account_id, heard.at)
        if parent is None and (event.entry == Entry.IN or not _is_tracked(connection, heard.platform_uuid, event.position)):
            return
        row = {
            "organization_id": known.organization_id, "platform_uuid": heard.platform_uuid, "sequence": heard.sequence,
            "trading_account_id": known.id, "account_id": known.account_id,
            "plan_id": None if parent is None else _plan_of(connection, known.organization_id, known.id, parent),
            "login": event.login, "position": event.position, "symbol": event.symbol, "side": event.side.value,
            "entry": event.entry.value, "reason": event.reason.value, "volume": event.volume, "left": event.position_volume,
            "price": event.price,
            "profit": event.profit, "commission": event.commission, "swap": event.swap, "currency": known.currency,
            "at": heard.at, "changed_at": heard.at, "state": S.WAITING.value, "round": 0, "note": "", "bases": "",
        }  # fmt: skip
        connection.execute(insert(deals).values(row))

    def hear_booking(self, connection: Connection, heard: Heard) -> None:
        """Reverse what a closed trade has brought that is corrected, and have it counted anew."""
        event = heard.event
        assert isinstance(event, BalanceBooked)
        told = amounts_in(event.external_id) if event.kind == BalanceKind.CORRECTION else None
        if told is None:
            return
        order, amounts = told
        mine = (deals.c.platform_uuid == heard.platform_uuid) & (deals.c.login == event.login)
        # Whoever counts it just now has it first: then what he has counted is reversed.
        deal = connection.execute(select(deals).where(mine, _numbered(order)).with_for_update()).mappings().first()
        if deal is None:
            return
        self._reverse(connection, deal["id"], heard.at)
        changed = {
            "profit": deal["profit"] + amounts.get("profit", 0), "swap": deal["swap"] + amounts.get("storage", 0),
            "commission": deal["commission"] + amounts.get("commission", 0), "round": deal["round"] + 1,
            "changed_at": heard.at, "state": S.WAITING.value, "note": "",
        }  # fmt: skip
        connection.execute(update(deals).where(deals.c.id == deal["id"]).values(changed))

    def _reverse(self, connection: Connection, deal_id: int, at: Moment) -> None:
        reversed_before = select(accruals.c.reverses).where(accruals.c.deal_id == deal_id, accruals.c.reverses.is_not(None))
        mine = (accruals.c.deal_id == deal_id) & accruals.c.reverses.is_(None) & accruals.c.id.not_in(reversed_before)
        now = self._database.now()
        for row in connection.execute(select(accruals).where(mine)).mappings().all():
            same = {name: row[name] for name in row if name not in ("id", "payout_id")}
            values = {**same, "amount": -row["amount"], "of_base": -row["of_base"], "at": at, "reverses": row["id"]}
            connection.execute(insert(accruals).values(values | {"created_at": now}))

    # Counted.

    def count_waiting(self) -> int:
        """Count what is ripe and can be counted now; return how many deals that were."""
        counted, after = 0, 0
        held_up: set[tuple[str, int]] = set()
        while True:
            with self._database.writing() as connection:
                found = self._ripe(connection, after)
                counted += self._count_all(connection, found, held_up)
            if len(found) < AT_ONCE:
                return counted
            after = found[-1]["id"]

    def _ripe(self, connection: Connection, after: int) -> Sequence[RowMapping]:
        before = div_floor(self._database.now() - RIPE_MS, MINUTE_MS) * MINUTE_MS + MINUTE_MS
        waiting = (deals.c.state == S.WAITING.value) & (deals.c.at < before) & (deals.c.id > after)
        query = select(deals).where(waiting).order_by(deals.c.id).limit(AT_ONCE).with_for_update()
        return connection.execute(query).mappings().all()

    def _count_all(self, connection: Connection, found: Iterable[RowMapping], held_up: set[tuple[str, int]]) -> int:
        """Count deals in their order. One that cannot be counted yet holds up those of its position, and no others."""
        counted = 0
        for deal in found:
            key = (deal["platform_uuid"], deal["position"])
            market = self._market_of(deal["platform_uuid"])
            if market is None or key in held_up:
                held_up.add(key)
                continue
            try:
                values = self._count(connection, market, deal)
            except NoRate:
                held_up.add(key)
                continue
            connection.execute(update(deals).where(deals.c.id == deal["id"]).values(values))
            counted += 1
        return counted

    def _count(self, connection: Connection, market: Market, deal: RowMapping) -> dict[str, Any]:
        """Count one deal; return what its row says then. Raises `NoRate`."""
        spec = market.symbols.get(deal["symbol"])
        if spec is None:
            return {"state": S.PASSED.value, "note": "the symbol is not there any more"}
        plan = None if deal["plan_id"] is None else _plan(connection, deal["plan_id"])
        version = None if plan is None else plan.at(deal["at"])
        rates = Rates(market, spec.name, deal["price"], deal["at"])
        if deal["bases"]:
            bases = msgspec.json.decode(deal["bases"], type=Bases)
        else:
            bases = _own_bases(market, spec, deal, rates, version)
            if deal["entry"] == Entry.IN.value:
                _open(connection, deal, bases)
                return {"state": S.COUNTED.value}
        parents = parents_at(connection, deal["account_id"], deal["at"])
        whole = bases if deal["bases"] else _with_opening(connection, deal, bases)
        told = {"bases": msgspec.json.encode(whole).decode()}
        if deal["round"] and not (deal["profit"] or deal["swap"] or _commission(deal, whole)):
            state, note = S.CANCELLED, "all of it was corrected to nothing"
        elif plan is None or version is None:
            state, note = S.PASSED, "no commission plan"
        elif (why := _held_too_short(version, deal, whole)) != "":
            state, note = S.PASSED, why
        else:
            state, note = S.COUNTED, ""
            shares = list(_shares(plan, version, spec, deal, whole, parents, rates))
            check_shares(deal, whole, shares)
            self._insert(connection, deal, version, shares)
        if not deal["bases"]:
            _leave(connection, deal)
        return told | {"state": state.value, "note": note}

    def _insert(self, connection: Connection, deal: RowMapping, version: Version, shares: Iterable[Accrued]) -> None:
        now = self._database.now()
        for share in shares:
            row = {
                "organization_id": deal["organization_id"], "deal_id": deal["id"], "version_id": version.id,
                "round": deal["round"], "level": share.level, "kind": share.kind.value, "account_id": share.parent.account_id,
                "paid_on_id": share.parent.paid_on_id, "client_id": deal["account_id"], "amount": share.amount,
                "currency": share.parent.currency, "of_base": share.of_base, "base_currency": share.base_currency,
                "rate": share.rate, "at": deal["changed_at"], "reverses": None, "payout_id": None, "created_at": now,
            }  # fmt: skip
            connection.execute(insert(accruals).values(row))


def check_shares(deal: RowMapping, bases: Bases, shares: Iterable[Accrued]) -> None:
    """See that all levels together take no more of a share than there is."""
    taken = dict.fromkeys(SHARES, 0)
    for share in shares:
        if share.kind in SHARES:
            taken[share.kind] += share.of_base
    assert taken[RuleKind.MARKUP_SHARE] <= bases.markup
    assert taken[RuleKind.COMMISSION_SHARE] <= _commission(deal, bases)


def _own_bases(market: Market, spec: SymbolSpec, deal: RowMapping, rates: Rates, version: Version | None) -> Bases:
    """Return what a deal brings by itself. Raises `NoRate`: its turnover is asked for and cannot be told yet."""
    numerator, denominator = point_value(spec)
    try:
        to_usd = rates.rate(spec.profit_currency, USD)
        turnover = div_floor(
            deal["volume"] * deal["price"] * numerator * to_usd.numerator, denominator * to_usd.denominator
        )  # fmt: skip
    except NoRate:
        if version is not None and any(rule.kind == RuleKind.PER_MILLION for rule in version.terms.rules):
            raise
        turnover = 0
    taken, added = market.markup_of(deal["login"], spec.name)
    markup = 0 if deal["reason"] in _UNMARKED else max(0, added if deal["side"] == Side.BUY.value else taken)
    return Bases(
        turnover=turnover, markup=div_floor(deal["volume"] * markup * numerator, denominator),
        markup_currency=spec.profit_currency, commission=0, opened_at=0,
    )  # fmt: skip


def _commission(deal: RowMapping, bases: Bases) -> Minor:
    """Return what opening and closing have cost the client, 0 or more."""
    return max(0, bases.commission - int(deal["commission"]))


def _held_too_short(version: Version, deal: RowMapping, bases: Bases) -> str:
    """Return why a position was not held long enough, "" if it was."""
    least = version.terms.held_seconds_min
    if not least:
        return ""
    if not bases.opened_at:
        return "how long it was held is not known"
    held_ms = int(deal["at"]) - bases.opened_at
    return "" if held_ms >= least * SECOND_MS else f"was held {format_decimal(held_ms, 3)} s, of {least} s"


def _shares(
    plan: Plan, version: Version, spec: SymbolSpec, deal: RowMapping, bases: Bases, parents: list[Parent], rates: Rates
) -> Iterator[Accrued]:
    for rule in version.terms.rules_for(spec):
        for level, (value, parent) in enumerate(zip(rule.values, parents, strict=False), 1):
            of_base, currency = _share(plan, rule, value, deal, bases)
            rate = rates.rate(currency, parent.currency) if of_base else None
            amount = 0 if rate is None else rate.floor(of_base)
            if rate is not None and amount:
                yield Accrued(
                    level=level, kind=rule.kind, parent=parent, of_base=of_base, base_currency=currency, amount=amount,
                    rate=rate.told,
                )  # fmt: skip


def _share(plan: Plan, rule: Rule, value: int, deal: RowMapping, bases: Bases) -> tuple[Minor, str]:
    """Return what a level gets of a deal, rounded down, and in which currency."""
    match rule.kind:
        case RuleKind.PER_LOT:
            return div_floor(value * deal["volume"], VOLUME_PER_LOT), plan.currency
        case RuleKind.PER_MILLION:
            return div_floor(value * bases.turnover, PPM * 10 ** CURRENCY_DIGITS[USD]), plan.currency
        case RuleKind.MARKUP_SHARE:
            return div_floor(value * bases.markup, PPM), bases.markup_currency
        case RuleKind.COMMISSION_SHARE:
            return div_floor(value * _commission(deal, bases), PPM), deal["currency"]


# Positions, as far as they are of accounts that somebody has introduced.


def _at(deal: RowMapping) -> ColumnElement[bool]:
    return and_(positions.c.platform_uuid == deal["platform_uuid"], positions.c.position == deal["position"])


def _open(connection: Connection, deal: RowMapping, own: Bases) -> None:
    """Keep what opening brings, until the position is closed."""
    grown = {
        "opened_at": deal["at"], "commission": positions.c.commission - deal["commission"],
        "turnover": positions.c.turnover + own.turnover, "markup": positions.c.markup + own.markup,
    }  # fmt: skip
    if not connection.execute(update(positions).where(_at(deal)).values(grown)).rowcount:
        row = {
            "platform_uuid": deal["platform_uuid"], "position": deal["position"], "opened_at": deal["at"],
            "commission": -deal["commission"], "turnover": own.turnover, "markup": own.markup,
        }  # fmt: skip
        connection.execute(insert(positions).values(row))


def _part(amount: Minor, deal: RowMapping) -> Minor:
    """Return the part of what opening has brought that a closing takes: the last one takes what rounding has left."""
    return div_half_even(amount * deal["volume"], deal["volume"] + deal["left"]) if deal["left"] else amount


def _with_opening(connection: Connection, deal: RowMapping, own: Bases) -> Bases:
    row = connection.execute(select(positions).where(_at(deal))).mappings().first()
    if row is None:
        return own
    return msgspec.structs.replace(
        own, turnover=own.turnover + _part(row["turnover"], deal), markup=own.markup + _part(row["markup"], deal),
        commission=_part(row["commission"], deal), opened_at=row["opened_at"],
    )  # fmt: skip


def _leave(connection: Connection, deal: RowMapping) -> None:
    """Take out of a position what a closing takes."""
    row = connection.execute(select(positions).where(_at(deal))).mappings().first()
    if row is None:
        return
    if not deal["left"]:
        connection.execute(delete(positions).where(_at(deal)))
        return
    left = {name: row[name] - _part(row[name], deal) for name in ("turnover", "markup", "commission")}
    connection.execute(update(positions).where(_at(deal)).values(left))


# Finding.


def _is_tracked(connection: Connection, platform_uuid: str, position: int) -> bool:
    mine = (deals.c.platform_uuid == platform_uuid) & (deals.c.position == position)
    return connection.execute(select(deals.c.id).where(mine).limit(1)).first() is not None


def _plan_of(connection: Connection, organization_id: int, trading_account_id: int, parent: Parent) -> int | None:
    """Return the plan of a trading account, or else of that on which the IB above is paid."""
    query = select(trading_accounts.c.commission_uuid).where(trading_accounts.c.id == trading_account_id)
    named: str = connection.execute(query).scalar_one() or parent.plan_uuid
    return plan_number(connection, organization_id, named) if named else None


def _plan(connection: Connection, plan_id: int) -> Plan:
    return plan_from(connection, connection.execute(select(plans).where(plans.c.id == plan_id)).mappings().one())


def _numbered(order: int) -> ColumnElement[bool]:
    """Return which closing has an order number (decision 0022)."""
    if order >= EVENT_NUMBERS:
        return and_(deals.c.sequence == order - EVENT_NUMBERS)
    return and_(deals.c.position == order, deals.c.left == 0, deals.c.entry == Entry.OUT.value)
