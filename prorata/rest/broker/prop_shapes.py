"""Challenges as they are shown and as they are sent. Amounts are numbers in the currency, rates percent."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from prorata.crm.prop.challenges import Challenge, NewPhase, Phase, PhaseFigures
from prorata.crm.prop.records import (
    PropStatus,
)
from prorata.messages.commands import DailyBase
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Double, Given, LongText, Record, ShortText, Uuid, money_of, time_of
from prorata.rest.broker.payments import PERCENT_DIGITS
from prorata.rest.broker.settings import BranchRef, OperationRef, SystemRef
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, PPM, Minor, Moment
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

NAME_LENGTH_MAX = 128
Title = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX)]
ZERO = Decimal(0)


class CalculationType(StrEnum):
    """What a day's loss is counted from: what the account has when the trading day begins."""

    BALANCE = "BALANCE"
    EQUITY = "EQUITY"
    HIGHER = "HIGHER"


class MaxLossType(StrEnum):
    STATIC = "STATIC"
    TRAILING = "TRAILING"


class SplitView(Record, frozen=True):
    trader: Decimal
    broker: Decimal


class PhaseView(Record, frozen=True):
    """Rates are of `initial_balance`; 0 is none. `profit_split_percentages`: null where no profit is paid out."""

    phase_step: int
    phase_name: str
    offer_uuid: str
    funded: bool
    initial_balance: Decimal
    profit_target_percentage: Decimal
    max_daily_loss_percentage: Decimal
    max_daily_loss_calculation_type: CalculationType
    max_loss_percentage: Decimal
    max_loss_type: MaxLossType
    minimum_trading_period: int
    consistency_percentage: Decimal
    profit_split_percentages: SplitView | None
    auto_evaluation_enabled: bool
    lock_account_on_withdrawal_requested: bool


class ChallengeView(Record, frozen=True):
    challenge_id: str
    name: str
    description: str
    currency: str
    fee: Decimal
    hidden: bool
    kyc_required: bool
    challenge_statistics_enabled: bool
    rules_version: int
    created: str | None
    updated: str | None
    branch: BranchRef
    system: SystemRef
    operation: OperationRef
    phases: list[PhaseView]


class SplitGiven(Given, frozen=True):
    trader: Double


class PhaseGiven(Given, frozen=True):
    phase_name: Title
    offer_uuid: Uuid
    initial_balance: Double
    funded: bool = False
    profit_target_percentage: Double = ZERO
    max_daily_loss_percentage: Double = ZERO
    max_daily_loss_calculation_type: CalculationType = CalculationType.BALANCE
    max_loss_percentage: Double = ZERO
    max_loss_type: MaxLossType = MaxLossType.STATIC
    minimum_trading_period: int = 0
    consistency_percentage: Double = ZERO
    profit_split_percentages: SplitGiven | None = None
    auto_evaluation_enabled: bool = False
    lock_account_on_withdrawal_requested: bool = False


class NewChallengeGiven(Given, frozen=True):
    name: Title
    branch_uuid: Uuid
    system_uuid: Uuid
    currency: ShortText
    phases: Annotated[list[PhaseGiven], Meta(max_length=100)]
    fee: Double = ZERO
    description: LongText = ""
    hidden: bool = False
    kyc_required: bool = False
    challenge_statistics_enabled: bool = False


class ChallengeChange(Given, frozen=True):
    """What is left out stays. `phases`: all of them, for those who begin from now on."""

    name: Title | None = None
    fee: Double | None = None
    description: LongText | None = None
    hidden: bool | None = None
    kyc_required: bool | None = None
    challenge_statistics_enabled: bool | None = None
    phases: Annotated[list[PhaseGiven], Meta(max_length=100)] | None = None


class PhaseStatistics(Record, frozen=True):
    """How many accounts: `started` in all, and by where they are; `pass_rate` of those that are decided, in percent."""

    phase_step: int
    started: int
    waiting: int
    active: int
    passed: int
    failed: int
    pass_rate: Decimal


class ChallengeStatistics(Record, frozen=True):
    challenge_id: str
    phases: list[PhaseStatistics]


def percent_of(rate_ppm: int) -> Decimal:
    return money_of(rate_ppm, PERCENT_DIGITS)


def read_rate(value: Decimal, field: str) -> int:
    """Return a percentage in ppm. Raises `Rejected`."""
    scaled = value.scaleb(PERCENT_DIGITS)
    if scaled != scaled.to_integral_value():
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: has at most {PERCENT_DIGITS} decimal places")
    if not 0 <= scaled <= 10 * PPM:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: must be from 0 on, and not too large")
    return int(scaled)


def read_fee(value: Decimal, currency: str, field: str = "fee") -> Minor:
    """Return an amount of 0 or more in minor units. Raises `Rejected`."""
    scaled = value.scaleb(CURRENCY_DIGITS.get(currency, 2))
    if scaled != scaled.to_integral_value() or not 0 <= scaled <= MONEY_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: must be from 0 on, not too large, with the currency's decimal places")
    return int(scaled)


def read_time(time: datetime, field: str) -> Moment:
    """Raises `Rejected`."""
    if time.tzinfo is None:
        raise Rejected(Refusal.MALFORMED, f"{field}: has no offset from UTC")
    return read_moment(time.isoformat(timespec="milliseconds"), field)


def new_phase(given: PhaseGiven, currency: str) -> NewPhase:
    """Raises `Rejected`."""
    split = given.profit_split_percentages
    return NewPhase(
        name=given.phase_name, offer_uuid=given.offer_uuid.lower(), funded=given.funded,
        initial_balance=read_fee(given.initial_balance, currency, "initialBalance"),
        target_ppm=read_rate(given.profit_target_percentage, "profitTargetPercentage"),
        daily_loss_ppm=read_rate(given.max_daily_loss_percentage, "maxDailyLossPercentage"),
        daily_base=DailyBase[given.max_daily_loss_calculation_type],
        max_loss_ppm=read_rate(given.max_loss_percentage, "maxLossPercentage"),
        trailing=given.max_loss_type == MaxLossType.TRAILING, minimum_days=given.minimum_trading_period,
        consistency_ppm=read_rate(given.consistency_percentage, "consistencyPercentage"),
        split_ppm=0 if split is None else read_rate(split.trader, "profitSplitPercentages.trader"),
        automatic=given.auto_evaluation_enabled, lock_on_withdrawal=given.lock_account_on_withdrawal_requested,
    )  # fmt: skip


def challenge_view(
    challenge: Challenge, branch: BranchRef, system: SystemRef, operation: OperationRef
) -> ChallengeView:  # fmt: skip
    return ChallengeView(
        challenge_id=challenge.uuid, name=challenge.name, description=challenge.description, currency=challenge.currency,
        fee=money_of(challenge.fee, challenge.digits), hidden=challenge.hidden, kyc_required=challenge.kyc_required,
        challenge_statistics_enabled=challenge.statistics, rules_version=challenge.version,
        created=time_of(challenge.created_at), updated=time_of(challenge.updated_at), branch=branch, system=system,
        operation=operation, phases=[phase_view(phase, challenge.digits) for phase in challenge.phases],
    )  # fmt: skip


def phase_view(phase: Phase, digits: int) -> PhaseView:
    split = SplitView(trader=percent_of(phase.split_ppm), broker=percent_of(PPM - phase.split_ppm))
    return PhaseView(
        phase_step=phase.step, phase_name=phase.name, offer_uuid=phase.offer_uuid, funded=phase.funded,
        initial_balance=money_of(phase.initial_balance, digits), profit_target_percentage=percent_of(phase.target_ppm),
        max_daily_loss_percentage=percent_of(phase.daily_loss_ppm),
        max_daily_loss_calculation_type=CalculationType[phase.daily_base.name],
        max_loss_percentage=percent_of(phase.max_loss_ppm),
        max_loss_type=MaxLossType.TRAILING if phase.trailing else MaxLossType.STATIC,
        minimum_trading_period=phase.minimum_days, consistency_percentage=percent_of(phase.consistency_ppm),
        profit_split_percentages=split if phase.funded else None, auto_evaluation_enabled=phase.automatic,
        lock_account_on_withdrawal_requested=phase.lock_on_withdrawal,
    )  # fmt: skip


_PASSED, _FAILED = {PropStatus.PASSED}, {PropStatus.LOCKED_FAILED_CHALLENGE}
_WAITING = {PropStatus.WAITING_FOR_PAYMENT, PropStatus.OPENING, PropStatus.WAITING_FOR_EVALUATION}


def phase_statistics(figures: PhaseFigures) -> PhaseStatistics:
    def count(statuses: set[PropStatus]) -> int:
        return sum(number for status, number in figures.counts.items() if status in statuses)

    passed, failed, waiting, started = count(_PASSED), count(_FAILED), count(_WAITING), sum(figures.counts.values())
    decided = passed + failed
    return PhaseStatistics(
        phase_step=figures.step, started=started, waiting=waiting, active=started - decided - waiting, passed=passed,
        failed=failed, pass_rate=money_of(passed * 10_000 // decided if decided else 0, 2),
    )  # fmt: skip
