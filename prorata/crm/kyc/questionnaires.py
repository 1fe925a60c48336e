"""Is trading appropriate for a person: versions of questions whose answers weigh, and what people have answered.

A version never changes; an answer is kept with its version, its score and its result. The weights are the house's own
business: whoever answers does not see them.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, RowMapping, func, insert, select

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.holding import hold_person
from prorata.crm.kyc.levels import Appropriateness
from prorata.crm.kyc.tables import answers, questionnaires
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

QUESTIONS_MAX = 100
CHOICES_MAX = 20
WEIGHT_MAX = 1_000


class Result(StrEnum):
    SUITABLE = "SUITABLE"
    WARN = "WARN"
    """he is warned, and may go on"""
    UNSUITABLE = "UNSUITABLE"


_ENOUGH = {
    Appropriateness.NONE: frozenset(Result),
    Appropriateness.ANSWERED: frozenset(Result),
    Appropriateness.NOT_UNSUITABLE: frozenset({Result.SUITABLE, Result.WARN}),
    Appropriateness.SUITABLE: frozenset({Result.SUITABLE}),
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    text: str
    weight: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One of its `choices` is the answer."""

    id: str
    text: str
    choices: tuple[Choice, ...]


class Questionnaire(msgspec.Struct, frozen=True, kw_only=True):
    """SUITABLE from a score of `suitable_from` on, WARN from `warn_from` on, UNSUITABLE below."""

    id: int
    version: int
    questions: tuple[Question, ...]
    suitable_from: int
    warn_from: int
    created_by: str
    created_at: Moment

    def score(self, choices: Mapping[str, str]) -> int:
        """Return the sum of the weights of the answers to all questions. Raises `Declined`: one is missing, or none."""
        score = 0
        for question in self.questions:
            weights = {choice.id: choice.weight for choice in question.choices}
            chosen = choices.get(question.id, "")
            if chosen not in weights:
                raise Declined(Refusal.ANSWERS_UNFIT, f"choices: {question.id} has no answer that is one of its choices")
            score += weights[chosen]
        if len(choices) > len(self.questions):
            raise Declined(Refusal.ANSWERS_UNFIT, "choices: there are more answers than questions")
        return score

    def result(self, score: int) -> Result:
        if score >= self.suitable_from:
            return Result.SUITABLE
        return Result.WARN if score >= self.warn_from else Result.UNSUITABLE


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    choices: Mapping[str, str]
    score: int
    result: Result
    created_by: str
    created_at: Moment


class Questionnaires:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self, organization_id: int) -> list[Questionnaire]:
        """Return all versions, newest first."""
        mine = questionnaires.c.organization_id == organization_id
        query = select(questionnaires).where(mine).order_by(questionnaires.c.version.desc())
        with self._database.reading() as connection:
            return [_questionnaire_from(row) for row in connection.execute(query).mappings()]

    def newest(self, organization_id: int) -> Questionnaire | None:
        with self._database.reading() as connection:
            return _newest(connection, organization_id)

    def add(
        self, organization_id: int, questions: Sequence[Question], *, suitable_from: int, warn_from: int, by: str
    ) -> Questionnaire:
        """Make a new version, which is asked from now on. Raises `Declined`."""
        _check(questions, suitable_from, warn_from)
        row = {
            "organization_id": organization_id, "questions": msgspec.json.encode(list(questions)),
            "suitable_from": suitable_from, "warn_from": warn_from, "created_by": by, "created_at": self._database.now(),
        }  # fmt: skip
        mine = questionnaires.c.organization_id == organization_id
        with self._database.writing() as connection:
            last = connection.execute(select(func.max(questionnaires.c.version)).where(mine)).scalar() or 0
            connection.execute(insert(questionnaires).values(**row, version=last + 1))
            made = _newest(connection, organization_id)
        assert made is not None
        return made

    def answer(self, organization_id: int, account_id: int, version: int, choices: Mapping[str, str], *, by: str) -> Answers:
        """Keep a person's answers to the newest version. Raises `Declined`: they are to another, or incomplete."""
        now = self._database.now()
        with self._database.writing() as connection:
            hold_person(connection, account_id)
            asked = _newest(connection, organization_id)
            if asked is None or asked.version != version:
                raise Declined(Refusal.ANSWERS_UNFIT, "version: is not the newest one, which alone is asked")
            score = asked.score(choices)
            row = {
                "account_id": account_id, "questionnaire_id": asked.id, "choices": msgspec.json.encode(dict(choices)).decode(),
                "score": score, "result": asked.result(score).value, "created_by": by, "created_at": now,
            }  # fmt: skip
            connection.execute(insert(answers).values(row))
        return self.answered(account_id)[0]

    def answered(self, account_id: int) -> list[Answers]:
        """Return all that a person has answered, newest first."""
        query = select(answers, questionnaires.c.version).select_from(answers.join(questionnaires))
        mine = query.where(answers.c.account_id == account_id).order_by(answers.c.id.desc())
        with self._database.reading() as connection:
            return [_answers_from(row) for row in connection.execute(mine).mappings()]


def check_answered(connection: Connection, organization_id: int, account_id: int, asked: Appropriateness) -> None:
    """Raise `Declined` unless a person's last answers, to the newest version, are what a level asks for."""
    newest = _newest(connection, organization_id)
    if asked == Appropriateness.NONE or newest is None:
        return
    mine = (answers.c.account_id == account_id) & (answers.c.questionnaire_id == newest.id)
    result = connection.execute(select(answers.c.result).where(mine).order_by(answers.c.id.desc()).limit(1)).scalar()
    if result is None:
        raise Declined(Refusal.CHECK_INCOMPLETE, "the questionnaire is not answered in its newest version")
    if Result(result) not in _ENOUGH[asked]:
        raise Declined(Refusal.CHECK_INCOMPLETE, f"the questionnaire's result is {result}, {asked} is asked for")


def _newest(connection: Connection, organization_id: int) -> Questionnaire | None:
    mine = questionnaires.c.organization_id == organization_id
    query = select(questionnaires).where(mine).order_by(questionnaires.c.version.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else _questionnaire_from(row)


def _check(questions: Sequence[Question], suitable_from: int, warn_from: int) -> None:
    """Raise `Declined` unless questions are sound, and every result can be reached by somebody."""
    problem = ""
    ids = [question.id for question in questions]
    if not 1 <= len(questions) <= QUESTIONS_MAX or len(set(ids)) < len(ids):
        problem = f"questions: there must be from 1 to {QUESTIONS_MAX}, each with an id of its own"
    for question in questions:
        chosen = [choice.id for choice in question.choices]
        if not 2 <= len(chosen) <= CHOICES_MAX or len(set(chosen)) < len(chosen):
            problem = f"questions: {question.id} must have from 2 to {CHOICES_MAX} choices, each with an id of its own"
        elif any(abs(choice.weight) > WEIGHT_MAX for choice in question.choices):
            problem = f"questions: {question.id} has a weight beyond {WEIGHT_MAX}"
    best = sum(max((choice.weight for choice in question.choices), default=0) for question in questions)
    if warn_from > suitable_from or suitable_from > best:
        problem = problem or "suitable_from: cannot be reached, or is below warn_from"
    if problem:
        raise Declined(Refusal.ANSWERS_UNFIT, problem[:300])


def _questionnaire_from(row: RowMapping) -> Questionnaire:
    same = {name: row[name] for name in Questionnaire.__struct_fields__ if name != "questions"}
    return Questionnaire(**same, questions=msgspec.json.decode(row["questions"], type=tuple[Question, ...]))


def _answers_from(row: RowMapping) -> Answers:
    same = {name: row[name] for name in ("version", "score", "created_by", "created_at")}
    choices = msgspec.json.decode(row["choices"], type=dict[str, str])
    return Answers(**same, choices=choices, result=Result(row["result"]))
