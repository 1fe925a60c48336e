"""What a person sees and does about himself: how far he is known, checks, the questionnaire. These paths are ours."""

from typing import Annotated

from msgspec import Meta

from prorata.access.callers import NotFound
from prorata.control.audit import Action, shown
from prorata.crm.accounts import CrmAccount, Verification
from prorata.crm.documents.kinds import DocumentKind
from prorata.crm.kyc.checks import Check
from prorata.crm.kyc.levels import BASE, Appropriateness, Level, Right
from prorata.crm.kyc.questionnaires import Answers, Questionnaire, Result
from prorata.crm.kyc.states import CheckState
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Given, Record, ShortText, Uuid, time_of
from prorata.rest.platform.call import DoorCall
from prorata.rest.platform.registry import door
from prorata.views.answers import Rejected


class OwnLevel(Record, frozen=True):
    """`rights`: what it allows. The rest: what it asks for."""

    uuid: str
    name: str
    rights: list[Right]
    documents: list[DocumentKind]
    questionnaire: bool


class OwnCheck(Record, frozen=True):
    uuid: str
    level_uuid: str
    level_name: str
    state: CheckState
    reason: str | None
    created: str | None
    valid_until: str | None


class OwnStanding(Record, frozen=True):
    """`rights` null: the broker restricts nothing. `levels`: those that can be reached by a check, lowest first."""

    verification_status: Verification
    level_name: str | None
    rights: list[Right] | None
    valid_until: str | None
    levels: list[OwnLevel]
    checks: list[OwnCheck]


class LevelWanted(Given, frozen=True):
    level_uuid: Uuid


class CheckWanted(Given, frozen=True):
    check_uuid: Uuid


class AskedChoice(Record, frozen=True):
    id: str
    text: str


class AskedQuestion(Record, frozen=True):
    id: str
    text: str
    choices: list[AskedChoice]


class OwnAnswers(Record, frozen=True):
    version: int
    choices: dict[str, str]
    result: Result
    created: str | None


class OwnQuestionnaire(Record, frozen=True):
    """`version` 0: the broker asks nothing. `answered`: what the person has answered last."""

    version: int
    questions: list[AskedQuestion]
    answered: OwnAnswers | None


class AnswersGiven(Given, frozen=True):
    version: int
    choices: Annotated[dict[ShortText, ShortText], Meta(max_length=100)]


@door("GET", "/client/kyc", signed_in=True)
async def standing(call: DoorCall) -> OwnStanding:
    """How far the person is known, what he may do, and what he could reach."""
    return await _standing(call, await call.person())


@door("POST", "/client/kyc/checks", signed_in=True)
async def start_check(call: DoorCall, given: LevelWanted) -> OwnCheck:
    """Begin a check for a level."""
    account = await call.person()
    try:
        level = await call.sql(call.house.crm.levels.find, account.organization_id, given.level_uuid)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, "levelUuid: there is no level of this uuid") from None
    made = await call.sql(call.house.crm.checks.start, account, level, by=actor(account))
    await note(call, account, "check", level=level.uuid)
    return _check(made)


@door("POST", "/client/kyc/submit", signed_in=True)
async def submit_check(call: DoorCall, given: CheckWanted) -> OwnCheck:
    """Hand in what the level asks for."""
    account = await call.person()
    mine = await call.sql(call.house.crm.checks.mine, account, given.check_uuid)
    submitted = await call.sql(call.house.crm.checks.submit, mine, by=actor(account))
    await note(call, account, "submit", check=mine.uuid)
    return _check(submitted)


@door("GET", "/client/kyc/questionnaire", signed_in=True)
async def questionnaire(call: DoorCall) -> OwnQuestionnaire:
    """The questions that are asked now, and what was answered last."""
    account = await call.person()
    asked = await call.sql(call.house.crm.questionnaires.newest, account.organization_id)
    answered = await call.sql(call.house.crm.questionnaires.answered, account.id)
    return OwnQuestionnaire(
        version=0 if asked is None else asked.version, questions=[] if asked is None else _questions(asked),
        answered=_answers(answered[0]) if answered else None,
    )  # fmt: skip


@door("POST", "/client/kyc/questionnaire", signed_in=True)
async def answer(call: DoorCall, given: AnswersGiven) -> OwnAnswers:
    """Answer the questions; what was answered before is kept."""
    account = await call.person()
    kept = await call.sql(
        call.house.crm.questionnaires.answer, account.organization_id, account.id, given.version, given.choices,
        by=actor(account),
    )  # fmt: skip
    await note(call, account, "questionnaire", version=given.version)
    return _answers(kept)


def actor(account: CrmAccount) -> str:
    return f"account {account.uuid}"


async def note(call: DoorCall, account: CrmAccount, what: str, **told: object) -> None:
    """Write down what a person did about himself."""
    action = Action(
        at=call.house.control.database.now(), organization_id=account.organization_id, actor=actor(account),
        method=f"platform {what}", address=call.address, request=shown(told.items()), outcome="ok",
    )  # fmt: skip
    await call.sql(call.house.control.audit.write, [action])


async def _standing(call: DoorCall, account: CrmAccount) -> OwnStanding:
    crm = call.house.crm
    found = await call.sql(crm.gate.standing, account)
    levels = await call.sql(crm.levels.all, account.organization_id)
    checks = await call.sql(crm.checks.of_account, account.id)
    return OwnStanding(
        verification_status=found.verification, level_name=None if found.level is None else found.level.name,
        rights=None if found.rights is None else sorted(found.rights), valid_until=time_of(found.valid_until),
        levels=[_level(one) for one in levels if one.rank != BASE], checks=[_check(one) for one in checks],
    )  # fmt: skip


def _level(level: Level) -> OwnLevel:
    return OwnLevel(
        uuid=level.uuid, name=level.name, rights=sorted(level.rights), documents=sorted(level.documents),
        questionnaire=level.appropriateness != Appropriateness.NONE,
    )  # fmt: skip


def _check(check: Check) -> OwnCheck:
    return OwnCheck(
        uuid=check.uuid, level_uuid=check.level.uuid, level_name=check.level.name, state=check.state,
        reason=check.reason or None, created=time_of(check.created_at), valid_until=time_of(check.valid_until),
    )  # fmt: skip


def _questions(asked: Questionnaire) -> list[AskedQuestion]:
    return [
        AskedQuestion(id=one.id, text=one.text, choices=[AskedChoice(id=each.id, text=each.text) for each in one.choices])
        for one in asked.questions
    ]


def _answers(answers: Answers) -> OwnAnswers:
    return OwnAnswers(
        version=answers.version, choices=dict(answers.choices), result=answers.result, created=time_of(answers.created_at)
    )
