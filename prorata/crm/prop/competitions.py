"""Competitions: everybody begins with the same, and who has the highest return when it ends is first.

    before `starts_at`   people enter, their accounts are opened and wait
    until `ends_at`      they trade; who breaks a rule is out
    then                 the ranking is frozen, of all accounts at one moment; prizes are given, accounts are locked

Ties: with the same return, who entered first is ahead. Who is out comes after all others, by the equity that he had then.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import CrmAccount, hold_person
from prorata.crm.crossing import Engines, NotSent
from prorata.crm.kyc.gate import check_may
from prorata.crm.kyc.levels import Right
from prorata.crm.prop.accounts import PropAccounts, check_person
from prorata.crm.prop.challenges import prop_offer
from prorata.crm.prop.records import GOING, PropAccount, PropStatus
from prorata.crm.prop.tables import competitions, prizes, prop_accounts
from prorata.crm.prop.terms import Rates
from prorata.crm.tables import TEXT_LENGTH_MAX, offers
from prorata.messages.commands import Access, DailyBase
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, PPM, SECOND_MS, Login, Minor, Moment
from prorata.units.rounding import div_floor

LOOK_SECONDS = 1.0
"""how often it is looked for competitions that begin or end"""
PRIZES_MAX = 200
ENTRIES_MAX = 100_000
LIVE_MS = 2 * SECOND_MS
"""how long a live ranking is good for"""
S = PropStatus
ENDING = {
    "status": S.ENDED.value, "access": Access.TRADING_DISABLED.value, "close_due": True, "fund_due": False,
    "guards_due": True,
}  # fmt: skip
"""what becomes of an account when its competition is over"""

_log = structlog.get_logger("prop")


class Prize(msgspec.Struct, frozen=True, kw_only=True):
    """`prize` for each place from `first` to `last`."""

    first: int
    last: int
    prize: str


class NewCompetition(msgspec.Struct, frozen=True, kw_only=True):
    """Rates in ppm of the initial balance, 0 is none. `entries_max` 0: any number. `fee`: to enter, minor units."""

    offer_uuid: str
    name: str
    starts_at: Moment
    ends_at: Moment
    initial_balance: Minor
    daily_loss_ppm: int = 0
    daily_base: DailyBase = DailyBase.BALANCE
    max_loss_ppm: int = 0
    trailing: bool = False
    fee: Minor = 0
    description: str = ""
    hidden: bool = False
    kyc_required: bool = False
    entries_max: int = 0
    prizes: tuple[Prize, ...] = ()

    @property
    def rates(self) -> Rates:
        same = ("initial_balance", "daily_loss_ppm", "daily_base", "max_loss_ppm", "trailing")
        return Rates(**{name: getattr(self, name) for name in same})


class Competition(NewCompetition, frozen=True, kw_only=True):
    """`frozen_at`: the moment of its final ranking, 0 until then."""

    id: int
    uuid: str
    organization_id: int
    branch_id: int
    platform_uuid: str
    currency: str
    started_at: Moment
    frozen_at: Moment
    entries: int
    created_at: Moment
    updated_at: Moment

    @property
    def digits(self) -> int:
        return CURRENCY_DIGITS[self.currency]


class Placed(msgspec.Struct, frozen=True):
    """`return_ppm`: what the equity is above the initial balance, of it, rounded down."""

    place: int
    entry: PropAccount
    equity: Minor
    return_ppm: int


def ranked(entries: Iterable[PropAccount], equities: Mapping[Login, Minor]) -> list[Placed]:
    """Rank entries by what their accounts are worth: in one pass and one sort.

    Who has ended counts with the equity that he ended with, who is being opened with what he begins with, and who has not paid
    is not in it.
    """

    def worth(entry: PropAccount) -> Minor:
        if entry.status not in GOING:
            return entry.final_equity
        return equities.get(entry.login, entry.terms.initial_balance) if entry.login else entry.terms.initial_balance

    there = [entry for entry in entries if entry.trading_account_id is not None]
    found = [(entry.status == S.LOCKED_FAILED_CHALLENGE, -worth(entry), entry.id, entry) for entry in there]
    return [
        Placed(place, entry, -loss, div_floor((-loss - entry.terms.initial_balance) * PPM, entry.terms.initial_balance))
        for place, (_, loss, _, entry) in enumerate(sorted(found, key=lambda one: one[:3]), 1)
    ]


class Competitions:
    """Blocks on the database. `by`: who does it."""

    def __init__(self, database: Database, prop: PropAccounts) -> None:
        self._database = database
        self._accounts = prop

    def all(self, organization_id: int) -> list[Competition]:
        """Return an organization's competitions, oldest first."""
        with self._database.reading() as connection:
            return _read(connection, competitions.c.organization_id == organization_id)

    def find(self, organization_id: int, competition_uuid: str) -> Competition:
        """Raises `NotFound`."""
        mine = (competitions.c.organization_id == organization_id) & (competitions.c.uuid == competition_uuid)
        with self._database.reading() as connection:
            found = _read(connection, mine)
        if not found:
            raise NotFound
        return found[0]

    def put(self, organization_id: int, new: NewCompetition, before: Competition | None = None) -> Competition:
        """Make a competition, or change one: its rules only until somebody has entered. Raises `Declined`."""
        _check(new)
        now = self._database.now()
        values = {
            name: value
            for name, value in msgspec.structs.asdict(new).items()
            if name in NewCompetition.__struct_fields__ and name not in ("offer_uuid", "prizes")
        }
        with self._database.writing() as connection:
            values |= {"offer_id": prop_offer(connection, organization_id, new.offer_uuid).id, "updated_at": now}
            if before is None:
                row = {
                    **values, "uuid": str(uuid.uuid4()), "organization_id": organization_id, "started_at": 0, "frozen_at": 0,
                    "created_at": now,
                }  # fmt: skip
                made = connection.execute(insert(competitions).values(row)).inserted_primary_key
                assert made is not None
                number: int = made[0]
            else:
                number = before.id
                self._check_change(connection, before, new)
                connection.execute(update(competitions).where(competitions.c.id == number).values(values))
            connection.execute(delete(prizes).where(prizes.c.competition_id == number))
            for prize in new.prizes:
                of = {"competition_id": number, "place_first": prize.first, "place_last": prize.last, "prize": prize.prize}
                connection.execute(insert(prizes).values(of))
            return _read(connection, competitions.c.id == number)[0]

    def _check_change(self, connection: Connection, before: Competition, new: NewCompetition) -> None:
        now = _hold(connection, before.id)
        if now["frozen_at"]:
            raise Declined(Refusal.COMPETITION_CLOSED, "the competition is over")
        ruled = ("offer_uuid", "starts_at", "rates")
        if _entries(connection, before.id) and any(getattr(before, name) != getattr(new, name) for name in ruled):
            raise Declined(Refusal.COMPETITION_CLOSED, "somebody has entered: offer, beginning, balance and rules stay")

    def enter(self, owner: CrmAccount, competition: Competition, *, name: str = "", paid: bool, by: str) -> PropAccount:
        """Enter somebody. `paid`, or without a fee: his account is opened at once. Raises `Declined`."""
        check_person(
            owner, branch_id=competition.branch_id, hidden=competition.hidden, kyc_required=competition.kyc_required
        )  # fmt: skip
        with self._database.writing() as connection:
            hold_person(connection, owner.id)
            if competition.kyc_required:
                check_may(connection, owner.id, Right.TRADE, self._database.now())
            row = _hold(connection, competition.id)
            if self._database.now() >= row["ends_at"] or row["frozen_at"]:
                raise Declined(Refusal.COMPETITION_CLOSED, "the competition is over")
            mine = (prop_accounts.c.competition_id == competition.id) & (prop_accounts.c.account_id == owner.id)
            if connection.execute(select(prop_accounts.c.id).where(mine)).first() is not None:
                raise Declined(Refusal.ALREADY_ENTERED)
            if row["entries_max"] and _entries(connection, competition.id) >= row["entries_max"]:
                raise Declined(Refusal.COMPETITION_CLOSED, "as many have entered as may")
            number = self._accounts.enter(
                connection, owner, row, competition.rates.terms, name=name, paid=paid or not row["fee"], by=by
            )  # fmt: skip
        return self._accounts.get(number)

    # Beginning and end.

    def due(self, column: str, now: Moment) -> list[Competition]:
        """Return those whose time has come: `started_at` or `frozen_at` names what has not happened yet."""
        at = competitions.c.starts_at if column == "started_at" else competitions.c.ends_at
        with self._database.reading() as connection:
            return _read(connection, (competitions.c[column] == 0) & (at <= now))

    def begin(self, competition: Competition) -> None:
        """Let those who wait trade."""
        waiting = (prop_accounts.c.competition_id == competition.id) & (prop_accounts.c.status == S.WAITING_FOR_START.value)
        with self._database.writing() as connection:
            _hold(connection, competition.id)
            begun = update(competitions).where(competitions.c.id == competition.id)
            connection.execute(begun.values(started_at=self._database.now()))
            numbers = connection.execute(select(prop_accounts.c.id).where(waiting)).scalars().all()
            self._accounts.put_many(connection, [{"number": number, "access": Access.FULL.value} for number in numbers])

    def freeze(self, competition: Competition, equities: Mapping[Login, Minor], at: Moment) -> None:
        """Write down the final ranking, by what accounts were worth at a moment; give the prizes, lock the accounts."""
        with self._database.writing() as connection:
            if _hold(connection, competition.id)["frozen_at"]:
                return
            connection.execute(update(competitions).where(competitions.c.id == competition.id).values(frozen_at=at))
            entries = self._accounts.within(connection, competition.id)
            placed = ranked(entries, equities)
            results = [
                {
                    "number": one.entry.id, "place": one.place, "final_equity": one.equity,
                    "prize": next((won.prize for won in competition.prizes if won.first <= one.place <= won.last), ""),
                }
                for one in placed
            ]  # fmt: skip
            self._accounts.put_many(connection, results)
            going = [one for one in entries if one.status in GOING]
            opened = [one.id for one in going if one.trading_account_id is not None]
            self._accounts.put_many(connection, [{"number": number, **ENDING, "ended_at": at} for number in opened])
            for one in going:
                if one.trading_account_id is None:
                    self._accounts.put(connection, one.id, status=S.ENDED.value, ended_at=at)


class Referee:
    """Begins competitions and ends them, each when its time has come."""

    def __init__(self, database: Database, held: Competitions, prop: PropAccounts, engines: Engines) -> None:
        self._database = database
        self._held = held
        self._accounts = prop
        self._engines = engines
        self._live: dict[int, tuple[Moment, list[Placed]]] = {}
        """rankings of a moment ago, by competition"""

    async def standings(self, competition: Competition) -> list[Placed]:
        """Return the ranking, which may be `LIVE_MS` old, or the final one. Raises `NotSent`: the platform does not answer."""
        now = self._database.now()
        at, found = self._live.get(competition.id, (0, []))
        if now - at > LIVE_MS or competition.frozen_at:
            entries = await asyncio.to_thread(self._accounts.of_competition, competition.id)
            found = ranked(entries, {} if competition.frozen_at else self.equities(competition, entries))
            self._live[competition.id] = (now, found)
        return found

    def equities(self, competition: Competition, entries: Sequence[PropAccount]) -> Mapping[Login, Minor]:
        """Return what the entries' accounts are worth now, all at one moment. Raises `NotSent`."""
        logins = [entry.login for entry in entries if entry.login is not None and entry.status in GOING]
        return self._engines.equities(competition.platform_uuid, logins)

    def worth(self, account: PropAccount) -> Minor | None:
        """Return what an account is worth now; None: its platform does not answer, or has not opened it."""
        if account.login is None:
            return None
        try:
            return self._engines.equities(account.platform_uuid, [account.login]).get(account.login)
        except NotSent:
            return None

    async def look(self) -> None:
        """Begin and end what is due, once, and take the steps that follow for each account."""
        now = self._database.now()
        for competition in await asyncio.to_thread(self._held.due, "started_at", now):
            await asyncio.to_thread(self._held.begin, competition)
        for competition in await asyncio.to_thread(self._held.due, "frozen_at", now):
            entries = await asyncio.to_thread(self._accounts.of_competition, competition.id)
            try:
                worth = self.equities(competition, entries)
            except NotSent:
                continue
            await asyncio.to_thread(self._held.freeze, competition, worth, self._database.now())
            self._live.pop(competition.id, None)
        while await asyncio.to_thread(self._accounts.step_many):
            pass

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look again and again, until the end of the block."""
        looking = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look_on(self) -> None:
        while True:
            try:
                await self.look()
            except SQLAlchemyError as problem:
                _log.warning("competitions cannot be read", problem=type(problem).__name__)
            except Exception:
                _log.exception("a competition could not be begun or ended")
            await asyncio.sleep(LOOK_SECONDS)


def _hold(connection: Connection, number: int) -> RowMapping:
    """Return a competition's row, and hold it until the end of the transaction."""
    query = select(competitions).where(competitions.c.id == number).with_for_update()
    return connection.execute(query).mappings().one()


def _entries(connection: Connection, number: int) -> int:
    query = select(func.count()).select_from(prop_accounts).where(prop_accounts.c.competition_id == number)
    count: int = connection.execute(query).scalar_one()
    return count


def _read(connection: Connection, which: Any) -> list[Competition]:
    counted = (
        select(func.count()).where(prop_accounts.c.competition_id == competitions.c.id).correlate(competitions)
    ).scalar_subquery()
    query = select(
        competitions, offers.c.uuid.label("offer_uuid"), offers.c.branch_id, offers.c.platform_uuid, offers.c.currency,
        counted.label("entries"),
    ).join(offers, offers.c.id == competitions.c.offer_id)  # fmt: skip
    rows = connection.execute(query.where(which).order_by(competitions.c.id)).mappings().all()
    won: dict[int, list[Prize]] = {row["id"]: [] for row in rows}
    of_these = prizes.c.competition_id.in_(list(won))
    for prize in connection.execute(select(prizes).where(of_these).order_by(prizes.c.place_first)).mappings():
        won[prize["competition_id"]].append(
            Prize(first=prize["place_first"], last=prize["place_last"], prize=prize["prize"])
        )  # fmt: skip
    return [_from(row, tuple(won[row["id"]])) for row in rows]


def _from(row: RowMapping, won: tuple[Prize, ...]) -> Competition:
    values = {name: row[name] for name in Competition.__struct_fields__ if name not in ("prizes", "daily_base")}
    return Competition(**values, prizes=won, daily_base=DailyBase(row["daily_base"]))


def _check(new: NewCompetition) -> None:
    problem = new.rates.problem()
    if not problem and not new.name.strip():
        problem = "name: is empty"
    if not problem and not new.starts_at < new.ends_at:
        problem = "a competition ends after it has begun"
    if not problem and not 0 <= new.fee <= MONEY_MAX:
        problem = "fee: is below 0, or too large"
    if not problem and not 0 <= new.entries_max <= ENTRIES_MAX:
        problem = f"entries: at most {ENTRIES_MAX}"
    if not problem:
        problem = _prizes_problem(new.prizes)
    if problem:
        raise Declined(Refusal.PROP_UNFIT, problem)


def _prizes_problem(given: Sequence[Prize]) -> str:
    if len(given) > PRIZES_MAX:
        return f"prizes: at most {PRIZES_MAX}"
    last = 0
    for prize in sorted(given, key=lambda one: one.first):
        if not last < prize.first <= prize.last or not prize.prize.strip() or len(prize.prize) > TEXT_LENGTH_MAX:
            return "prizes: places are from 1, each has at most one prize, which says what it is"
        last = prize.last
    return ""
