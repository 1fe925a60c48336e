"""Prop accounts, their withdrawals and evaluations as they are shown and as they are sent."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

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
from prorata.crm.prop.terms import Lack, Terms
from prorata.rest.broker.kinds import Double, Given, Record, ShortText, Uuid, money_of, text_or_none, time_of
from prorata.rest.broker.prop_shapes import CalculationType, MaxLossType, SplitView, Title, percent_of
from prorata.units.numbers import DAY_MS, PPM, Minor


class AccountState(StrEnum):
    """What a program asks for: ACTIVE becomes the active status of the account's phase, INACTIVE LOCKED_FAILED_CHALLENGE."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


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
        phase_name=account.phase_name, name=account.name, email=account.email, login=login_text(account),
        system_uuid=account.platform_uuid, status=account.status, created=time_of(account.created_at),
    )  # fmt: skip


def account_view(account: PropAccount, equity: Minor | None) -> PropAccountView:
    """`equity`: what the account is worth now, None: not known."""
    return PropAccountView(
        id=account.uuid, broker_id=account.organization_id, login=login_text(account), system_uuid=account.platform_uuid,
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


def login_text(account: PropAccount) -> str | None:
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
