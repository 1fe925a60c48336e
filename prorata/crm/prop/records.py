"""Prop accounts as they are read: whose they are, what they must keep to, and how far they are."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, String, and_, cast, select

from prorata.control.paging import contains
from prorata.control.tables import clients
from prorata.crm.crossing import subject_of
from prorata.crm.listing import Listing
from prorata.crm.prop.tables import challenges, competitions, phases, prop_accounts
from prorata.crm.prop.terms import Lack, Progress, Terms, lacking
from prorata.crm.tables import accounts, offers, trading_accounts
from prorata.messages.commands import DailyBase
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import Login, Minor, Moment, Points

TABLE = "prop_accounts"


class PropStatus(StrEnum):
    """How an account stands. Published: ACTIVE_PARTICIPATING_IN_CHALLENGE, ACTIVE_FUNDED, LOCKED_FAILED_CHALLENGE."""

    WAITING_FOR_PAYMENT = "WAITING_FOR_PAYMENT"
    """it has no trading account yet"""
    OPENING = "OPENING"
    """the trade platform opens its account, puts money and guards on it"""
    ACTIVE_PARTICIPATING_IN_CHALLENGE = "ACTIVE_PARTICIPATING_IN_CHALLENGE"
    ACTIVE_FUNDED = "ACTIVE_FUNDED"
    WAITING_FOR_START = "WAITING_FOR_START"
    """of a competition that has not begun"""
    ACTIVE_PARTICIPATING_IN_COMPETITION = "ACTIVE_PARTICIPATING_IN_COMPETITION"
    WAITING_FOR_EVALUATION = "WAITING_FOR_EVALUATION"
    """has reached what its phase wants; people confirm it"""
    PASSED = "PASSED"
    """goes on in an account of the next phase"""
    LOCKED_FAILED_CHALLENGE = "LOCKED_FAILED_CHALLENGE"
    ENDED = "ENDED"
    """of a competition that is over"""


S = PropStatus
ACTIVE = frozenset({S.ACTIVE_PARTICIPATING_IN_CHALLENGE, S.ACTIVE_FUNDED, S.ACTIVE_PARTICIPATING_IN_COMPETITION})
GUARDED = ACTIVE | {S.OPENING, S.WAITING_FOR_START, S.WAITING_FOR_EVALUATION}
"""in which a loss ends an account"""
GOING = GUARDED | {S.WAITING_FOR_PAYMENT}
"""that are not over"""


class EvaluationStatus(StrEnum):
    """What a guard has told of an account, under the published names."""

    NONE = ""
    MAX_LOSS_REACHED = "MAX_LOSS_REACHED"
    MAX_DAILY_LOSS_REACHED = "MAX_DAILY_LOSS_REACHED"
    PROFIT_TARGET_REACHED_OPEN_TRADES = "PROFIT_TARGET_REACHED_OPEN_TRADES"
    PROFIT_TARGET_REACHED_NO_OPEN_TRADES = "PROFIT_TARGET_REACHED_NO_OPEN_TRADES"


class PropAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`login`: None until it has a trading account. `due`: what is to be paid for it. Minor units."""

    id: int
    uuid: str
    organization_id: int
    account_id: int
    account_uuid: str
    email: str
    challenge_id: int | None
    challenge_uuid: str | None
    challenge_name: str | None
    phase_id: int | None
    phase_step: int | None
    phase_name: str | None
    funded: bool
    version: int | None
    competition_id: int | None
    competition_uuid: str | None
    competition_name: str | None
    previous_id: int | None
    trading_account_id: int | None
    platform_uuid: str
    login: Login | None
    offer_id: int
    offer_uuid: str
    currency: str
    name: str
    status: PropStatus
    evaluation: EvaluationStatus
    remark: str
    due: Minor
    terms: Terms
    progress: Progress
    place: int
    final_equity: Minor
    prize: str
    created_at: Moment
    updated_at: Moment
    activated_at: Moment
    ended_at: Moment

    @property
    def subject(self) -> str:
        return subject_of(TABLE, self.id)

    @property
    def digits(self) -> int:
        return CURRENCY_DIGITS[self.currency]

    @property
    def lacks(self) -> list[Lack]:
        return lacking(self.terms, self.progress)

    @property
    def running_status(self) -> PropStatus:
        """The status that it has while it may trade."""
        if self.competition_id is not None:
            return S.ACTIVE_PARTICIPATING_IN_COMPETITION
        return S.ACTIVE_FUNDED if self.funded else S.ACTIVE_PARTICIPATING_IN_CHALLENGE


class PropFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Texts are looked for within; "" and None: all. From `since` to before `until`."""

    login: str = ""
    name: str = ""
    email: str = ""
    phase_name: str = ""
    challenge_name: str = ""
    status: PropStatus | None = None
    platforms: frozenset[str] | None = None
    since: Moment | None = None
    until: Moment | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An account at the quote that ended it. `symbol` "": a deal, a booking or a night's swap did."""

    status: EvaluationStatus
    equity: Minor
    line: Minor
    base: Minor
    symbol: str
    bid: Points
    ask: Points
    open_positions: int
    at: Moment


class Decided(StrEnum):
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """That an account has passed its phase, as soon as it is confirmed. `balance`: when it was asked for."""

    id: int
    uuid: str
    prop_account_id: int
    status: Decided
    balance: Minor
    reason: str
    decided_by: str
    created_at: Moment
    decided_at: Moment


class WithdrawalStatus(StrEnum):
    NEW = "NEW"
    DONE = "DONE"
    FAILED = "FAILED"


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """Profit that leaves an account: `amount` is the sum of both shares. `highest`: the account's, before."""

    id: int
    uuid: str
    prop_account_id: int
    status: WithdrawalStatus
    amount: Minor
    trader_share: Minor
    house_share: Minor
    highest: Minor
    comment: str
    remark: str
    created_by: str
    created_at: Moment
    ended_at: Moment


JOINED = (
    prop_accounts.join(accounts, accounts.c.id == prop_accounts.c.account_id)
    .join(clients, clients.c.id == accounts.c.id)
    .join(offers, offers.c.id == prop_accounts.c.offer_id)
    .outerjoin(challenges, challenges.c.id == prop_accounts.c.challenge_id)
    .outerjoin(phases, phases.c.id == prop_accounts.c.phase_id)
    .outerjoin(competitions, competitions.c.id == prop_accounts.c.competition_id)
    .outerjoin(trading_accounts, trading_accounts.c.id == prop_accounts.c.trading_account_id)
)
READ: Select[Any] = select(
    prop_accounts, accounts.c.uuid.label("account_uuid"), clients.c.email, offers.c.uuid.label("offer_uuid"),
    offers.c.platform_uuid, offers.c.currency, challenges.c.uuid.label("challenge_uuid"),
    challenges.c.name.label("challenge_name"), phases.c.step.label("phase_step"), phases.c.name.label("phase_name"),
    phases.c.funded, phases.c.version, competitions.c.uuid.label("competition_uuid"),
    competitions.c.name.label("competition_name"), trading_accounts.c.login,
).select_from(JOINED)  # fmt: skip
ORDERS: Mapping[str, ColumnElement[Any]] = {
    "created": prop_accounts.c.created_at,
    "updated": prop_accounts.c.updated_at,
    "login": trading_accounts.c.login,
    "email": clients.c.login_key,
    "name": prop_accounts.c.name,
    "status": prop_accounts.c.status,
}
LISTING = Listing(table=prop_accounts, joined=JOINED, read=READ, orders=ORDERS, client=prop_accounts.c.account_id)

_TERMS, _PROGRESS = Terms.__struct_fields__, Progress.__struct_fields__
_READ_OTHERWISE = {"terms", "progress", "status", "evaluation", "funded"}


def account_from(row: RowMapping) -> PropAccount:
    terms = {name: row[name] for name in _TERMS}
    values = {name: row[name] for name in PropAccount.__struct_fields__ if name not in _READ_OTHERWISE}
    return PropAccount(
        **values, terms=Terms(**{**terms, "daily_base": DailyBase(row["daily_base"])}),
        progress=Progress(**{name: row[name] for name in _PROGRESS}), status=PropStatus(row["status"]),
        evaluation=EvaluationStatus(row["evaluation"]), funded=bool(row["funded"]),
    )  # fmt: skip


def own_conditions(wanted: PropFilter) -> list[ColumnElement[bool]]:
    """Return what is asked of the accounts' own table."""
    own: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        own.append(prop_accounts.c.status == wanted.status.value)
    if wanted.name:
        own.append(contains(prop_accounts.c.name, wanted.name))
    if wanted.since is not None:
        own.append(prop_accounts.c.created_at >= wanted.since)
    if wanted.until is not None:
        own.append(prop_accounts.c.created_at < wanted.until)
    return own


def other_conditions(wanted: PropFilter) -> list[ColumnElement[bool]]:
    looked: list[tuple[ColumnElement[str], str]] = [
        (cast(trading_accounts.c.login, String), wanted.login), (clients.c.email, wanted.email),
        (phases.c.name, wanted.phase_name), (challenges.c.name, wanted.challenge_name),
    ]  # fmt: skip
    others: list[ColumnElement[bool]] = [and_(contains(column, text)) for column, text in looked if text]
    if wanted.platforms is not None:
        others.append(offers.c.platform_uuid.in_(sorted(wanted.platforms)))
    return others


def failure_from(row: RowMapping) -> Failure:
    values = {name: row[name] for name in Failure.__struct_fields__ if name != "status"}
    return Failure(**values, status=EvaluationStatus(row["status"]))


def evaluation_from(row: RowMapping) -> Evaluation:
    values = {name: row[name] for name in Evaluation.__struct_fields__ if name != "status"}
    return Evaluation(**values, status=Decided(row["status"]))


def withdrawal_from(row: RowMapping) -> Withdrawal:
    values = {name: row[name] for name in Withdrawal.__struct_fields__ if name != "status"}
    return Withdrawal(**values, status=WithdrawalStatus(row["status"]))
