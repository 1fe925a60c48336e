"""Prop trading as it is shown and as it is sent. Amounts are numbers in the currency, rates percent."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from prorata.crm.prop.challenges import Challenge, NewPhase, Phase, PhaseFigures
from prorata.crm.prop.competitions import Competition, NewCompetition, Placed, Prize
from prorata.crm.prop.records import (
    Decided,
    Evaluation,
    EvaluationStatus,
    Failure,
    PropAccount,
    PropStatus,
    Withdrawal,
    WithdrawalStatus,
)
from prorata.crm.prop.shop import Discount as KeptDiscount
from prorata.crm.prop.shop import KeptAddOn, NewAddOn, NewDiscount
from prorata.crm.prop.terms import Kind, Lack, Terms
from prorata.messages.commands import DailyBase
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Double, Given, LongText, Record, ShortText, Uuid, money_of, text_or_none, time_of
from prorata.rest.broker.payments import PERCENT_DIGITS
from prorata.rest.broker.settings import BranchRef, OperationRef, SystemRef
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import DAY_MS, MONEY_MAX, PPM, Minor, Moment
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


class AccountState(StrEnum):
    """What a program asks for: ACTIVE becomes the active status of the account's phase, INACTIVE LOCKED_FAILED_CHALLENGE."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


# Challenges.


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


# Accounts.


class PropAccountRow(Record, frozen=True):
    """`login` null: it is not opened yet. An entry into a competition has no challenge, and the other way round."""

    account_id: str
    challenge_id: str | None
    challenge_name: str | None
    competition_id: str | None
    competition_name: str | None
    phase_step: int | None
    phase_name: str | None
    name: str
    email: str
    login: str | None
    system_uuid: str
    status: PropStatus
    created: str | None


class TargetsView(Record, frozen=True):
    """Levels are of equity; null: there is none. A loss ends the account at its level or below it."""

    max_daily_loss_equity_level: Decimal | None
    max_loss_equity_level: Decimal | None
    profit_target_equity_level: Decimal | None
    minimum_trading_period: int
    consistency_percentage: Decimal | None


class ProgressView(Record, frozen=True):
    """`equity` null: the trade platform does not answer. `largest_day_percentage`: of the result, null without one."""

    balance: Decimal
    equity: Decimal | None
    profit: Decimal
    trading_days: int
    open_positions: int
    largest_day_result: Decimal
    largest_day_percentage: Decimal | None
    withdrawn: Decimal
    lacking: list[Lack]


class ChallengeDetails(Record, frozen=True):
    challenge_id: str | None
    challenge_name: str | None
    competition_id: str | None
    competition_name: str | None
    phase_step: int | None
    phase_name: str | None
    rules_version: int | None
    funded: bool
    currency: str
    initial_balance: Decimal
    max_daily_loss_calculation_type: CalculationType
    max_loss_type: MaxLossType
    profit_split_percentages: SplitView | None


class PropAccountView(Record, frozen=True):
    """`end_of_day_balance_snapshot`: what the day's loss is counted from; 0 without a limit to it. `due`: to be paid for it."""

    id: str
    broker_id: int
    login: str | None
    system_uuid: str
    account_uuid: str
    email: str
    name: str
    status: PropStatus
    evaluation_status: EvaluationStatus | None
    remark: str | None
    created: str | None
    activated: str | None
    ended: str | None
    due: Decimal
    challenge_details: ChallengeDetails
    end_of_day_balance_snapshot: Decimal
    is_ready_for_evaluation: bool
    challenge_targets: TargetsView
    progress: ProgressView


class PropAccountGiven(Given, frozen=True):
    challenge_id: Uuid
    account_uuid: Uuid
    name: Title | None = None


class PropAccountChange(Given, frozen=True):
    status: AccountState


class FailureView(Record, frozen=True):
    """The account at the quote that ended it; without a symbol a deal, a booking or a night's swap did. Prices in points."""

    status: EvaluationStatus
    time: str | None
    equity: Decimal
    equity_level: Decimal
    end_of_day_balance_snapshot: Decimal
    symbol: str | None
    bid: int
    ask: int
    open_positions: int


class DayView(Record, frozen=True):
    """`day`: as the trade platform counts trading days; `result`: of the day's deals."""

    day: str
    balance: Decimal
    equity: Decimal
    result: Decimal
    deals: int


class MaxWithdrawal(Record, frozen=True):
    """`max_amount_to_withdraw`: the profit, of which `profit_split` percent are the trader's: `trader_share`."""

    max_amount_to_withdraw: Decimal
    profit_split: Decimal
    trader_share: Decimal
    currency: str


class DepositAmount(Record, frozen=True):
    """What is to be paid so that the account is opened."""

    amount: Decimal
    currency: str


class WithdrawalGiven(Given, frozen=True):
    amount: Double
    comment: ShortText | None = None


class WithdrawalView(Record, frozen=True):
    uuid: str
    created: str | None
    status: WithdrawalStatus
    amount: Decimal
    trader_share: Decimal
    broker_share: Decimal
    comment: str | None
    remark: str | None


def account_row(account: PropAccount) -> PropAccountRow:
    return PropAccountRow(
        account_id=account.uuid, challenge_id=account.challenge_uuid, challenge_name=account.challenge_name,
        competition_id=account.competition_uuid, competition_name=account.competition_name, phase_step=account.phase_step,
        phase_name=account.phase_name, name=account.name, email=account.email, login=_login(account),
        system_uuid=account.platform_uuid, status=account.status, created=time_of(account.created_at),
    )  # fmt: skip


def account_view(account: PropAccount, equity: Minor | None) -> PropAccountView:
    """`equity`: what the account is worth now, None: not known."""
    return PropAccountView(
        id=account.uuid, broker_id=account.organization_id, login=_login(account), system_uuid=account.platform_uuid,
        account_uuid=account.account_uuid, email=account.email, name=account.name, status=account.status,
        evaluation_status=account.evaluation or None, remark=text_or_none(account.remark),
        created=time_of(account.created_at), activated=time_of(account.activated_at), ended=time_of(account.ended_at),
        due=money_of(account.due, account.digits), challenge_details=_details(account),
        end_of_day_balance_snapshot=money_of(account.progress.base, account.digits),
        is_ready_for_evaluation=account.status == PropStatus.WAITING_FOR_EVALUATION,
        challenge_targets=targets_view(account), progress=progress_view(account, equity),
    )  # fmt: skip


def targets_view(account: PropAccount) -> TargetsView:
    terms, progress = account.terms, account.progress

    def level(equity: Minor) -> Decimal | None:
        return money_of(equity, account.digits) if equity else None

    return TargetsView(
        max_daily_loss_equity_level=level(progress.base - terms.daily_loss if terms.daily_loss else 0),
        max_loss_equity_level=level(terms.floor(progress.highest)), profit_target_equity_level=level(terms.target_level),
        minimum_trading_period=terms.minimum_days,
        consistency_percentage=percent_of(terms.consistency_ppm) if terms.consistency_ppm else None,
    )  # fmt: skip


def progress_view(account: PropAccount, equity: Minor | None) -> ProgressView:
    progress, digits = account.progress, account.digits
    part = progress.largest_day * 10_000 // progress.result if progress.result > 0 else None
    return ProgressView(
        balance=money_of(progress.balance, digits), equity=None if equity is None else money_of(equity, digits),
        profit=money_of(progress.balance - account.terms.initial_balance, digits), trading_days=progress.trading_days,
        open_positions=progress.open_positions, largest_day_result=money_of(progress.largest_day, digits),
        largest_day_percentage=None if part is None else money_of(part, 2), withdrawn=money_of(progress.withdrawn, digits),
        lacking=account.lacks if account.terms.target else [],
    )  # fmt: skip


def _details(account: PropAccount) -> ChallengeDetails:
    terms: Terms = account.terms
    split = SplitView(trader=percent_of(terms.split_ppm), broker=percent_of(PPM - terms.split_ppm))
    return ChallengeDetails(
        challenge_id=account.challenge_uuid, challenge_name=account.challenge_name, competition_id=account.competition_uuid,
        competition_name=account.competition_name, phase_step=account.phase_step, phase_name=account.phase_name,
        rules_version=account.version, funded=account.funded, currency=account.currency,
        initial_balance=money_of(terms.initial_balance, account.digits),
        max_daily_loss_calculation_type=CalculationType[terms.daily_base.name],
        max_loss_type=MaxLossType.TRAILING if terms.trailing else MaxLossType.STATIC,
        profit_split_percentages=split if account.funded else None,
    )  # fmt: skip


def _login(account: PropAccount) -> str | None:
    return None if account.login is None else str(account.login)


def failure_view(failure: Failure, digits: int) -> FailureView:
    return FailureView(
        status=failure.status, time=time_of(failure.at), equity=money_of(failure.equity, digits),
        equity_level=money_of(failure.line, digits), end_of_day_balance_snapshot=money_of(failure.base, digits),
        symbol=text_or_none(failure.symbol), bid=failure.bid, ask=failure.ask, open_positions=failure.open_positions,
    )  # fmt: skip


def day_view(row: Any, digits: int) -> DayView:
    return DayView(
        day=(time_of(row["day"] * DAY_MS) or "")[:10], balance=money_of(row["balance"], digits),
        equity=money_of(row["equity"], digits), result=money_of(row["result"], digits), deals=row["deals"],
    )  # fmt: skip


def withdrawal_view(withdrawal: Withdrawal, digits: int) -> WithdrawalView:
    return WithdrawalView(
        uuid=withdrawal.uuid, created=time_of(withdrawal.created_at), status=withdrawal.status,
        amount=money_of(withdrawal.amount, digits), trader_share=money_of(withdrawal.trader_share, digits),
        broker_share=money_of(withdrawal.house_share, digits), comment=text_or_none(withdrawal.comment),
        remark=text_or_none(withdrawal.remark),
    )  # fmt: skip


# Evaluations.


class EvaluationView(Record, frozen=True):
    request_id: str
    request_created: str | None
    status: Decided
    evaluation_status: EvaluationStatus | None
    balance: Decimal
    reason: str | None
    decided: str | None
    decided_by: str | None
    account: PropAccountRow


class ReasonGiven(Given, frozen=True):
    reason: ShortText | None = None


def evaluation_view(evaluation: Evaluation, account: PropAccount) -> EvaluationView:
    return EvaluationView(
        request_id=evaluation.uuid, request_created=time_of(evaluation.created_at), status=evaluation.status,
        evaluation_status=account.evaluation or None, balance=money_of(evaluation.balance, account.digits),
        reason=text_or_none(evaluation.reason), decided=time_of(evaluation.decided_at),
        decided_by=text_or_none(evaluation.decided_by), account=account_row(account),
    )  # fmt: skip


# Add-ons, discount codes, configuration.


class AddOnGiven(Given, frozen=True):
    """`value`: percentage points, of MINIMUM_DAYS days. `price_percentage`: of the challenge's fee."""

    name: Title
    type: Kind
    value: Double
    price_percentage: Double = ZERO
    hidden: bool = False
    challenge_ids: Annotated[tuple[Uuid, ...], Meta(max_length=200)] = ()


class AddOnView(Record, frozen=True):
    """`challenge_ids`: which it is for, none: all."""

    add_on_id: str
    name: str
    type: Kind
    value: Decimal
    price_percentage: Decimal
    hidden: bool
    challenge_ids: list[str]
    created: str | None
    updated: str | None


class DiscountGiven(Given, frozen=True):
    code: Annotated[str, Meta(min_length=1, max_length=64)]
    discount_percentage: Double
    challenge_id: Uuid | None = None
    valid_until: datetime | None = None
    max_uses: int = 0


class DiscountView(Record, frozen=True):
    """`max_uses` 0: as often as anybody likes."""

    discount_code_id: str
    code: str
    discount_percentage: Decimal
    challenge_id: str | None
    valid_until: str | None
    max_uses: int
    uses: int
    created: str | None


class ConfigurationView(Record, frozen=True):
    """`max_active_accounts`: of a person, 0 for any number. `evaluation_by_people`: whatever the phases say."""

    max_active_accounts: int
    evaluation_by_people: bool


class ConfigurationChange(Given, frozen=True):
    max_active_accounts: int | None = None
    evaluation_by_people: bool | None = None


def new_add_on(given: AddOnGiven) -> NewAddOn:
    """Raises `Rejected`."""
    value = read_rate(given.value, "value")
    if given.type == Kind.MINIMUM_DAYS:
        if given.value != given.value.to_integral_value():
            raise Rejected(Refusal.OUT_OF_RANGE, "value: days are whole")
        value = int(given.value)
    return NewAddOn(
        name=given.name, kind=given.type, value=value, hidden=given.hidden,
        price_ppm=read_rate(given.price_percentage, "pricePercentage"),
        challenge_uuids=tuple(dict.fromkeys(uuid.lower() for uuid in given.challenge_ids)),
    )  # fmt: skip


def add_on_view(add_on: KeptAddOn) -> AddOnView:
    days = add_on.kind == Kind.MINIMUM_DAYS
    return AddOnView(
        add_on_id=add_on.uuid, name=add_on.name, type=add_on.kind,
        value=Decimal(add_on.value) if days else percent_of(add_on.value), price_percentage=percent_of(add_on.price_ppm),
        hidden=add_on.hidden, challenge_ids=list(add_on.challenge_uuids), created=time_of(add_on.created_at),
        updated=time_of(add_on.updated_at),
    )  # fmt: skip


def new_discount(given: DiscountGiven) -> NewDiscount:
    """Raises `Rejected`."""
    return NewDiscount(
        code=given.code, rate_ppm=read_rate(given.discount_percentage, "discountPercentage"), uses_max=given.max_uses,
        challenge_uuid=None if given.challenge_id is None else given.challenge_id.lower(),
        ends_at=0 if given.valid_until is None else read_time(given.valid_until, "validUntil"),
    )  # fmt: skip


def discount_view(discount: KeptDiscount) -> DiscountView:
    return DiscountView(
        discount_code_id=discount.uuid, code=discount.code, discount_percentage=percent_of(discount.rate_ppm),
        challenge_id=discount.challenge_uuid, valid_until=time_of(discount.ends_at), max_uses=discount.uses_max,
        uses=discount.uses, created=time_of(discount.created_at),
    )  # fmt: skip


# Competitions.


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
            place=placed.place, account_id=placed.entry.uuid, name=placed.entry.name, login=_login(placed.entry),
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
