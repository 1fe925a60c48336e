"""A compliance office for tests: three levels, a person, and those who look at his checks."""

from typing import Any

from prorata.crm.accounts import CrmAccount, Verification
from prorata.crm.kyc.checks import Check
from prorata.crm.kyc.gate import may
from prorata.crm.kyc.levels import Level, LevelTerms, Right
from tests.crm.desk import Desk

ANN, BOB, EVE = "person ann", "person bob", "person eve"
EVERYTHING = frozenset(Right)


class Office:
    """Without a check people pay in up to 100.00; `basic` trades and holds a year; `full` needs two reviewers."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.crm = desk, desk.crm
        self.person: CrmAccount = desk.account()

    def set_up(self) -> None:
        self.base = self.level(0, {Right.DEPOSIT}, deposit_limits={"USD": 10_000})
        self.basic = self.level(1, EVERYTHING - {Right.PUBLISH}, verifies=True, valid_days=365)
        self.full = self.level(2, EVERYTHING, verifies=True, reviewers=2)

    def level(self, rank: int, rights: Any = (), **terms: Any) -> Level:
        new = LevelTerms(rank=rank, name=f"level {rank}", rights=frozenset(rights), **terms)
        return self.crm.levels.add(self.desk.organization.id, new)

    def started(self, level: Level | None = None) -> Check:
        return self.crm.checks.start(self.person, level or self.basic, by="person")

    def in_review(self, level: Level | None = None) -> Check:
        submitted = self.crm.checks.submit(self.started(level), by="person")
        return self.crm.checks.take(submitted, by=ANN)

    def approved(self, level: Level | None = None) -> Check:
        check = self.in_review(level)
        for reviewer in (ANN, BOB)[: check.level.reviewers]:
            check = self.crm.checks.agree(check, by=reviewer)
        return check

    def again(self, check: Check) -> Check:
        return self.crm.checks.find(self.desk.organization.id, check.uuid)

    def may(self, *, now: int = 0) -> set[str]:
        with self.crm.control.database.reading() as connection:
            verdicts = {right: may(connection, self.person.id, right, now or self.desk.now) for right in Right}
        return {right.value for right, verdict in verdicts.items() if verdict.allowed}

    @property
    def status(self) -> Verification:
        return self.crm.accounts.find(self.desk.organization.id, self.person.uuid).verification
