"""What is sent about levels, checks and questionnaires, and what is shown."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from prorata.crm.accounts import Verification
from prorata.crm.documents.kinds import DocumentKind
from prorata.crm.kyc.checks import Check
from prorata.crm.kyc.gate import Standing
from prorata.crm.kyc.history import Step
from prorata.crm.kyc.levels import Appropriateness, Level, LevelTerms, Right
from prorata.crm.kyc.questionnaires import Answers, Choice, Question, Questionnaire, Result
from prorata.crm.kyc.states import CheckState
from prorata.rest.workspace.crm.shapes import Amount, Currency, Words
from prorata.rest.workspace.organizations.shapes import Title, Uuid
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Minor
from prorata.views.bodies import NO_CONTROLS, Body
from prorata.views.numbers import read_money, show_moment, show_moment_or_none

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+\Z", examples=["experience"])]
Sentence: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=1_000, pattern=NO_CONTROLS, examples=["For how long have you traded?"])
]
Reason: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256, pattern=NO_CONTROLS, examples=["the page is blurred"])]
Weight: TypeAlias = Annotated[int, Meta(ge=-1_000, le=1_000, examples=[5])]
Score: TypeAlias = Annotated[int, Meta(ge=-100_000, le=100_000, examples=[10])]


class DepositLimit(Body, frozen=True, kw_only=True):
    """What may be paid in altogether, in one currency."""

    currency: Currency
    amount: Amount


class LevelBody(Body, frozen=True, kw_only=True):
    """As `LevelTerms` of prorata.crm.kyc.levels. Without `deposit_limits` there is no limit; with some, a currency that is not
    among them cannot be paid in."""

    rank: Annotated[int, Meta(ge=0, le=20, examples=[1])]
    name: Title
    rights: Annotated[tuple[Right, ...], Meta(max_length=16)] = ()
    deposit_limits: Annotated[tuple[DepositLimit, ...], Meta(max_length=50)] = ()
    verifies: bool = False
    reviewers: Annotated[int, Meta(ge=1, le=5, examples=[2])] = 1
    valid_days: Annotated[int, Meta(ge=0, le=3_660, examples=[365])] = 0
    appropriateness: Appropriateness = Appropriateness.NONE
    documents: Annotated[tuple[DocumentKind, ...], Meta(max_length=16)] = ()
    provider: Annotated[str, Meta(max_length=32, pattern=r"^[a-z0-9-]*\Z", examples=[""])] = ""


class LevelView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    rank: int
    name: str
    rights: tuple[Right, ...]
    deposit_limits: tuple[DepositLimit, ...]
    verifies: bool
    reviewers: int
    valid_days: int
    appropriateness: Appropriateness
    documents: tuple[DocumentKind, ...]
    provider: str
    created_at: str


class NewCheck(Body, frozen=True, kw_only=True):
    account: Uuid
    level: Uuid


class Verdict(StrEnum):
    AGREE = "AGREE"
    REJECT = "REJECT"
    """of a check that was approved: the approval is taken back"""
    SEND_BACK = "SEND_BACK"
    """the person is asked for more"""


class CheckDecision(Body, frozen=True, kw_only=True):
    """REJECT and SEND_BACK need a `reason`, which the person is told."""

    verdict: Verdict
    reason: Words = ""


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """`agreed` of `needed` reviewers have agreed. `valid_until` null: for good, or it is not approved."""

    uuid: str
    account: str
    email: str
    level: str
    level_name: str
    state: CheckState
    reason: str
    reviewer: str
    submitted_by: str
    agreed: int
    needed: int
    reference: str
    created_at: str
    updated_at: str
    valid_until: str | None


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """`check` null: the published status, set by hand."""

    check: str | None
    step: str
    before: str
    after: str
    reason: str
    created_by: str
    created_at: str


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """`rights` null: the organization has no levels, nothing is restricted. `override_by` "": it follows from the checks."""

    verification: Verification
    override_by: str
    level: str | None
    level_name: str | None
    rights: tuple[Right, ...] | None
    valid_until: str | None
    checks: list[CheckView]
    answers: "list[AnswersView]"
    history: list[StepView]


class Override(Body, frozen=True, kw_only=True):
    verification: Verification
    reason: Reason


class ChoiceBody(Body, frozen=True, kw_only=True):
    id: Name
    text: Sentence
    weight: Weight


class QuestionBody(Body, frozen=True, kw_only=True):
    """One of its `choices` is the answer."""

    id: Name
    text: Sentence
    choices: Annotated[tuple[ChoiceBody, ...], Meta(min_length=2, max_length=20)]


class QuestionnaireBody(Body, frozen=True, kw_only=True):
    """SUITABLE from a score of `suitable_from` on, WARN from `warn_from` on, UNSUITABLE below."""

    questions: Annotated[tuple[QuestionBody, ...], Meta(min_length=1, max_length=100)]
    suitable_from: Score
    warn_from: Score


class QuestionnaireView(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    questions: tuple[QuestionBody, ...]
    suitable_from: int
    warn_from: int
    created_by: str
    created_at: str


class AnswersView(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    choices: dict[str, str]
    score: int
    result: Result
    created_by: str
    created_at: str


def terms_of(body: LevelBody) -> LevelTerms:
    """Raises `Rejected`: an amount has too many decimal places."""
    limits = {one.currency: _minor(one) for one in body.deposit_limits}
    return LevelTerms(
        rank=body.rank, name=body.name, rights=frozenset(body.rights), deposit_limits=limits, verifies=body.verifies,
        reviewers=body.reviewers, valid_days=body.valid_days, appropriateness=body.appropriateness,
        documents=frozenset(body.documents), provider=body.provider,
    )  # fmt: skip


def _minor(limit: DepositLimit) -> Minor:
    return read_money(limit.amount, CURRENCY_DIGITS.get(limit.currency, 2), "deposit_limits")


def level_view(level: Level) -> LevelView:
    limits = tuple(
        DepositLimit(currency=currency, amount=format_decimal(amount, CURRENCY_DIGITS[currency]))
        for currency, amount in sorted(level.deposit_limits.items())
    )
    return LevelView(
        uuid=level.uuid, rank=level.rank, name=level.name, rights=tuple(sorted(level.rights)), deposit_limits=limits,
        verifies=level.verifies, reviewers=level.reviewers, valid_days=level.valid_days,
        appropriateness=level.appropriateness, documents=tuple(sorted(level.documents)), provider=level.provider,
        created_at=show_moment(level.created_at),
    )  # fmt: skip


def check_view(check: Check) -> CheckView:
    return CheckView(
        uuid=check.uuid, account=check.account_uuid, email=check.email, level=check.level.uuid, level_name=check.level.name,
        state=check.state, reason=check.reason, reviewer=check.reviewer, submitted_by=check.submitted_by, agreed=check.agreed,
        needed=check.level.reviewers, reference=check.reference, created_at=show_moment(check.created_at),
        updated_at=show_moment(check.updated_at), valid_until=show_moment_or_none(check.valid_until),
    )  # fmt: skip


def standing_view(standing: Standing, checks: list[Check], answers: list[Answers], history: list[Step]) -> StandingView:
    level = standing.level
    return StandingView(
        verification=standing.verification, override_by=standing.override_by, level=None if level is None else level.uuid,
        level_name=None if level is None else level.name,
        rights=None if standing.rights is None else tuple(sorted(standing.rights)),
        valid_until=show_moment_or_none(standing.valid_until), checks=[check_view(one) for one in checks],
        answers=[answers_view(one) for one in answers], history=[_step_view(one) for one in history],
    )  # fmt: skip


def _step_view(step: Step) -> StepView:
    return StepView(
        check=step.check_uuid, step=step.step, before=step.before, after=step.after, reason=step.reason,
        created_by=step.created_by, created_at=show_moment(step.created_at),
    )  # fmt: skip


def answers_view(answers: Answers) -> AnswersView:
    return AnswersView(
        version=answers.version, choices=dict(answers.choices), score=answers.score, result=answers.result,
        created_by=answers.created_by, created_at=show_moment(answers.created_at),
    )  # fmt: skip


def questions_of(body: QuestionnaireBody) -> list[Question]:
    return [
        Question(
            id=one.id, text=one.text,
            choices=tuple(Choice(id=choice.id, text=choice.text, weight=choice.weight) for choice in one.choices),
        )
        for one in body.questions
    ]  # fmt: skip


def questionnaire_view(questionnaire: Questionnaire) -> QuestionnaireView:
    questions = tuple(
        QuestionBody(
            id=one.id, text=one.text,
            choices=tuple(ChoiceBody(id=choice.id, text=choice.text, weight=choice.weight) for choice in one.choices),
        )
        for one in questionnaire.questions
    )  # fmt: skip
    return QuestionnaireView(
        version=questionnaire.version, questions=questions, suitable_from=questionnaire.suitable_from,
        warn_from=questionnaire.warn_from, created_by=questionnaire.created_by,
        created_at=show_moment(questionnaire.created_at),
    )  # fmt: skip
