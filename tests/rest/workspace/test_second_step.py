"""One-time codes and recovery codes: set up, asked for, good once."""

import httpx2
import pyotp
import pytest

from prorata.control.lockout import FREE_TRIES
from prorata.control.people.people import Person
from prorata.control.people.second_step import RECOVERY_CODES
from prorata.control.people.tickets import LIFE_MS, Purpose
from tests.rest.workspace.stage import PASSWORD, WorkspaceStage

CODE = "/api/v1/auth/login/code"
STEP_MS = 30_000


class WithTotp:
    """A person with an authenticator, which is an independent program."""

    def __init__(self, stage: WorkspaceStage) -> None:
        self.stage = stage
        self.person: Person = stage.person()
        self.mine = stage.signed_in(self.person)
        begun = self.mine.post("/api/v1/me/totp").json()
        parsed = pyotp.parse_uri(begun["otpauth"])
        assert isinstance(parsed, pyotp.TOTP)
        self.authenticator = parsed
        assert self.authenticator.secret == begun["secret"]
        assert self.authenticator.name == self.person.email
        answer = self.mine.post("/api/v1/me/totp/confirm", json={"code": self.code()})
        assert answer.status_code == 200, answer.text
        self.recovery_codes: list[str] = answer.json()["recovery_codes"]

    def code(self, steps: int = 0) -> str:
        return self.authenticator.at((self.stage.clock.moment + steps * STEP_MS) // 1000)

    def ticket(self) -> str:
        answer = self.stage.log_in(self.person.email)
        assert answer.json()["state"] == "code_needed", answer.text
        return str(answer.json()["ticket"])

    def step(self, code: str, ticket: str = "") -> httpx2.Response:
        body = {"ticket": ticket or self.ticket(), "code": code, "token": True}
        return self.stage.client().post(CODE, json=body)


@pytest.fixture
def ann(stage: WorkspaceStage) -> WithTotp:
    return WithTotp(stage)


def test_the_password_alone_no_longer_signs_in(ann: WithTotp) -> None:
    answer = ann.stage.browser().post("/api/v1/auth/login", json={"email": ann.person.email, "password": PASSWORD})
    assert answer.json()["state"] == "code_needed"
    assert "set-cookie" not in answer.headers
    ticket = answer.json()["ticket"]
    assert ann.stage.client(authorization=f"Bearer {ticket}").get("/api/v1/me").status_code == 401


def test_password_and_code_sign_in(ann: WithTotp) -> None:
    with ann.stage.later(STEP_MS):
        answer = ann.step(ann.code())
    assert answer.json()["state"] == "signed_in", answer.text
    mine = ann.stage.client(authorization=f"Bearer {answer.json()['token']}")
    myself = mine.get("/api/v1/me").json()
    assert (myself["second_step"], myself["recovery_codes_left"]) == (True, RECOVERY_CODES)
    current = next(one for one in mine.get("/api/v1/me/sign-ins").json() if one["current"])
    assert current["methods"] == ["pwd", "otp", "mfa"]


def test_a_code_is_good_once_even_for_another_ticket(ann: WithTotp) -> None:
    with ann.stage.later(STEP_MS):
        code = ann.code()
        assert ann.step(code).status_code == 200
        again = ann.step(code)
        assert (again.status_code, again.json()["refusal"]) == (403, "CODE_WRONG")
        assert ann.step(ann.code(-1)).json()["refusal"] == "CODE_WRONG", "an older one is no longer good, too"


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 200), (0, 200), (1, 200), (2, 403)])
def test_the_clocks_may_differ_by_half_a_minute(ann: WithTotp, steps: int, status: int) -> None:
    with ann.stage.later(10 * STEP_MS):
        assert ann.step(ann.code(steps)).status_code == status


def test_a_wrong_code_leaves_the_ticket_good_and_a_right_one_spends_it(ann: WithTotp) -> None:
    with ann.stage.later(STEP_MS):
        ticket = ann.ticket()
        wrong = f"{(int(ann.code()) + 1) % 1_000_000:06}"
        assert ann.step(wrong, ticket).json()["refusal"] == "CODE_WRONG"
        assert ann.step(ann.code(), ticket).status_code == 200
        assert ann.step(ann.code(1), ticket).json()["refusal"] == "LINK_SPENT"


def test_a_ticket_expires(ann: WithTotp) -> None:
    ticket = ann.ticket()
    with ann.stage.later(LIFE_MS[Purpose.SECOND_STEP]):
        answer = ann.step(ann.code(), ticket)
        assert (answer.status_code, answer.json()["refusal"]) == (410, "LINK_SPENT")


def test_codes_cannot_be_guessed_for_long(ann: WithTotp) -> None:
    with ann.stage.later(STEP_MS):
        ticket = ann.ticket()
        for _ in range(FREE_TRIES):
            assert ann.step("abcdef", ticket).status_code == 403
        assert ann.step(ann.code(), ticket).status_code == 429
        # The right password does not clear it.
        assert ann.step(ann.code()).status_code == 429


def test_a_recovery_code_signs_in_once_however_it_is_written(ann: WithTotp) -> None:
    first, second = ann.recovery_codes[:2]
    assert ann.step(first).status_code == 200
    assert ann.step(first).json()["refusal"] == "CODE_WRONG"
    assert ann.step(second.replace("-", " ").upper()).status_code == 200
    assert ann.mine.get("/api/v1/me").json()["recovery_codes_left"] == RECOVERY_CODES - 2


def test_recovery_codes_of_somebody_else_are_wrong(ann: WithTotp) -> None:
    joe = WithTotp(ann.stage)
    assert ann.step(joe.recovery_codes[0]).json()["refusal"] == "CODE_WRONG"


def test_new_recovery_codes_replace_the_old_ones(ann: WithTotp) -> None:
    codes = ann.mine.post("/api/v1/me/totp/recovery-codes").json()["recovery_codes"]
    assert len(set(codes)) == RECOVERY_CODES
    assert ann.step(ann.recovery_codes[0]).json()["refusal"] == "CODE_WRONG"
    assert ann.step(codes[0]).status_code == 200


def test_a_new_seed_counts_only_after_its_first_code(stage: WorkspaceStage) -> None:
    person = stage.person()
    mine = stage.signed_in(person)
    assert mine.post("/api/v1/me/totp/confirm", json={"code": "000000"}).json()["refusal"] == "CODE_WRONG"
    mine.post("/api/v1/me/totp")
    assert stage.log_in(person.email).json()["state"] == "signed_in"
    assert mine.post("/api/v1/me/totp/confirm", json={"code": "abcdef"}).json()["refusal"] == "CODE_WRONG"
    assert stage.log_in(person.email).json()["state"] == "signed_in"


def test_there_is_one_authenticator_at_a_time(ann: WithTotp) -> None:
    answer = ann.mine.post("/api/v1/me/totp")
    assert (answer.status_code, answer.json()["refusal"]) == (409, "FACTOR_EXISTS")


def test_without_one_time_codes_there_are_no_recovery_codes(ann: WithTotp) -> None:
    assert ann.mine.delete("/api/v1/me/totp").status_code == 200
    assert ann.stage.log_in(ann.person.email).json()["state"] == "signed_in"
    assert ann.mine.get("/api/v1/me").json()["recovery_codes_left"] == 0
    assert ann.mine.post("/api/v1/me/totp/recovery-codes").status_code == 404
    assert ann.mine.delete("/api/v1/me/totp").status_code == 404
    assert ann.stage.mails(ann.person.email)[0].subject == "How you sign in was changed"


def test_a_new_password_by_link_still_asks_for_the_code(ann: WithTotp) -> None:
    token = ann.stage.control.renewal.password_link(ann.person, "").partition("#reset.")[2]
    ticket = ann.ticket()
    ann.stage.client().post("/api/v1/auth/password", json={"token": token, "password": "another horse entirely"})
    assert ann.step(ann.code(1), ticket).json()["refusal"] == "LINK_SPENT", "the old password's ticket is void"
    assert ann.stage.log_in(ann.person.email, "another horse entirely").json()["state"] == "code_needed"


def test_seeds_and_codes_are_nowhere_in_the_database_or_the_audit(ann: WithTotp, stage: WorkspaceStage) -> None:
    ann.step(ann.recovery_codes[0])
    requests = " ".join(row.action.request for row in stage.control.audit.rows(limit=100_000))
    kept = b"".join(file.read_bytes() for file in stage.folder.glob("control.db*"))
    for secret in (ann.authenticator.secret, ann.recovery_codes[0], ann.recovery_codes[0].replace("-", "")):
        assert secret not in requests
        assert secret.encode() not in kept
