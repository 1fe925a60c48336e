"""Competitions as they are shown and as they are sent."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from prorata.crm.prop.competitions import Competition, NewCompetition, Placed, Prize
from prorata.crm.prop.records import (
    PropStatus,
)
from prorata.messages.commands import DailyBase
from prorata.rest.broker.kinds import Double, Given, LongText, Record, ShortText, Uuid, money_of, text_or_none, time_of
from prorata.rest.broker.prop_account_shapes import login_text
from prorata.rest.broker.prop_shapes import (
    ZERO,
    CalculationType,
    MaxLossType,
    Title,
    percent_of,
    read_fee,
    read_rate,
    read_time,
)
from prorata.units.numbers import Moment


class CompetitionState(StrEnum):
    UPCOMING = "UPCOMING"
    RUNNING = "RUNNING"
    ENDED = "ENDED"


class PrizeShape(Record, frozen=True):
    """Read as it is shown: `prize` for each place from `place_from` to `place_to`."""

    place_from: int
    place_to: int
    prize: ShortText


class CompetitionView(Record, frozen=True):
    """`ranking_frozen`: the moment of the final ranking, null until then."""

    competition_id: str
    name: str
    description: str
    status: CompetitionState
    offer_uuid: str
    system_uuid: str
    currency: str
    starts: str | None
    ends: str | None
    ranking_frozen: str | None
    entry_fee: Decimal
    hidden: bool
    kyc_required: bool
    max_entries: int
    entries: int
    initial_balance: Decimal
    max_daily_loss_percentage: Decimal
    max_daily_loss_calculation_type: CalculationType
    max_loss_percentage: Decimal
    max_loss_type: MaxLossType
    prizes: list[PrizeShape]
    created: str | None
    updated: str | None


class CompetitionGiven(Given, frozen=True):
    name: Title
    offer_uuid: Uuid
    starts: datetime
    ends: datetime
    initial_balance: Double
    max_daily_loss_percentage: Double = ZERO
    max_daily_loss_calculation_type: CalculationType = CalculationType.BALANCE
    max_loss_percentage: Double = ZERO
    max_loss_type: MaxLossType = MaxLossType.STATIC
    entry_fee: Double = ZERO
    description: LongText = ""
    hidden: bool = False
    kyc_required: bool = False
    max_entries: int = 0
    prizes: Annotated[tuple[PrizeShape, ...], Meta(max_length=200)] = ()


class EntryGiven(Given, frozen=True):
    account_uuid: Uuid
    name: Title | None = None


class PlacedView(Record, frozen=True):
    """`return_percentage`: of the initial balance. `prize`: when the ranking is final."""

    place: int
    account_id: str
    name: str
    login: str | None
    status: PropStatus
    equity: Decimal
    return_percentage: Decimal
    prize: str | None


class CompetitionTargets(Record, frozen=True):
    """What every account begins with and must keep to; levels are of equity on the first day."""

    initial_balance: Decimal
    max_daily_loss_equity_level: Decimal | None
    max_loss_equity_level: Decimal | None


def new_competition(given: CompetitionGiven, currency: str) -> NewCompetition:
    """Raises `Rejected`."""
    return NewCompetition(
        offer_uuid=given.offer_uuid.lower(), name=given.name, starts_at=read_time(given.starts, "starts"),
        ends_at=read_time(given.ends, "ends"), initial_balance=read_fee(given.initial_balance, currency, "initialBalance"),
        daily_loss_ppm=read_rate(given.max_daily_loss_percentage, "maxDailyLossPercentage"),
        daily_base=DailyBase[given.max_daily_loss_calculation_type],
        max_loss_ppm=read_rate(given.max_loss_percentage, "maxLossPercentage"),
        trailing=given.max_loss_type == MaxLossType.TRAILING, fee=read_fee(given.entry_fee, currency, "entryFee"),
        description=given.description, hidden=given.hidden, kyc_required=given.kyc_required, entries_max=given.max_entries,
        prizes=tuple(Prize(first=one.place_from, last=one.place_to, prize=one.prize) for one in given.prizes),
    )  # fmt: skip


def competition_view(competition: Competition, now: Moment) -> CompetitionView:
    digits = competition.digits
    state = CompetitionState.UPCOMING if now < competition.starts_at else CompetitionState.RUNNING
    if competition.frozen_at:
        state = CompetitionState.ENDED
    return CompetitionView(
        competition_id=competition.uuid, name=competition.name, description=competition.description, status=state,
        offer_uuid=competition.offer_uuid, system_uuid=competition.platform_uuid, currency=competition.currency,
        starts=time_of(competition.starts_at), ends=time_of(competition.ends_at),
        ranking_frozen=time_of(competition.frozen_at), entry_fee=money_of(competition.fee, digits),
        hidden=competition.hidden, kyc_required=competition.kyc_required, max_entries=competition.entries_max,
        entries=competition.entries, initial_balance=money_of(competition.initial_balance, digits),
        max_daily_loss_percentage=percent_of(competition.daily_loss_ppm),
        max_daily_loss_calculation_type=CalculationType[competition.daily_base.name],
        max_loss_percentage=percent_of(competition.max_loss_ppm),
        max_loss_type=MaxLossType.TRAILING if competition.trailing else MaxLossType.STATIC,
        prizes=[PrizeShape(place_from=one.first, place_to=one.last, prize=one.prize) for one in competition.prizes],
        created=time_of(competition.created_at), updated=time_of(competition.updated_at),
    )  # fmt: skip


def placed_views(ranking: Sequence[Placed], digits: int) -> list[PlacedView]:
    return [
        PlacedView(
            place=placed.place, account_id=placed.entry.uuid, name=placed.entry.name, login=login_text(placed.entry),
            status=placed.entry.status, equity=money_of(placed.equity, digits),
            return_percentage=percent_of(placed.return_ppm), prize=text_or_none(placed.entry.prize),
        )
        for placed in ranking
    ]  # fmt: skip


def competition_targets(competition: Competition) -> CompetitionTargets:
    terms, digits = competition.rates.terms, competition.digits
    floor = terms.floor(terms.initial_balance)
    daily = terms.initial_balance - terms.daily_loss if terms.daily_loss else None
    return CompetitionTargets(
        initial_balance=money_of(terms.initial_balance, digits),
        max_daily_loss_equity_level=None if daily is None else money_of(daily, digits),
        max_loss_equity_level=money_of(floor, digits) if floor else None,
    )  # fmt: skip
