"""The frame: paths, verbs, tokens, rights, bodies, errors. Every API, whatever the method."""

import json

import pytest

from prorata.control.companies import Company
from prorata.rest.own.allowance import Allowance
from prorata.rest.ramm.bodies import BODY_MAX
from tests.rest.house import House
from tests.rest.ramm.broker import PASSWORD, Broker


def test_login_takes_two_steps(broker: Broker) -> None:
    anyone = broker.caller("manager/v1")
    first = anyone("session.login", Login=broker.boss_login, Password=PASSWORD)
    assert first.body == {"Companies": [{"ID": broker.company.id, "Name": "First Broker", "Demo": False, "URL": broker.url}]}
    access = first.body["Companies"][0]
    second = anyone("session.login", Login=broker.boss_login, Password=PASSWORD, CompanyID=access["ID"])
    signed_in = broker.caller("manager/v1", second.body["Token"])
    assert signed_in("session.get").body == second.body


@pytest.mark.parametrize("spelling", ["session.getMethods", "SESSION.GETMETHODS", "session.getmethods"])
def test_letter_case_of_a_method_does_not_matter(broker: Broker, spelling: str) -> None:
    assert "session.getMethods" in broker.boss(spelling).body["Methods"]


def test_what_only_reads_may_be_called_by_get(broker: Broker) -> None:
    assert broker.boss.get("session.get").body["Login"] == broker.boss_login


def test_what_changes_is_not_called_by_get(broker: Broker) -> None:
    answer = broker.boss.get("session.logout")
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "incorrect_method", "POST")
    assert broker.boss("session.get").status == 200


@pytest.mark.parametrize("verb", ["PUT", "DELETE", "PATCH"])
def test_no_other_verb_is_served(broker: Broker, verb: str) -> None:
    assert broker.boss.send("session.get", b"{}", verb).status == 405


@pytest.mark.parametrize(
    ("api", "shape"),
    [("manager/v1", "error"), ("trading/v1", "error"), ("client/v1", "Error"), ("client/v2", "Error"), ("client/v3", "Error"),
     ("partner/v1", "Error"), ("partner/v3", "Error")],
)  # fmt: skip
def test_an_unknown_method_is_incorrect_in_the_words_of_each_api(broker: Broker, api: str, shape: str) -> None:
    answer = broker.caller(api, broker.boss.token)("accounts.sing")
    assert answer.status == 404
    assert answer.code == "incorrect_method"
    assert set(answer.body) == {shape}
    assert set(answer.body[shape]) == ({"code", "message"} if shape == "error" else {"Code", "Message"})


@pytest.mark.parametrize("path", ["manager/v2/session.get", "manager/v1/a/b", "manager/v1/", "client/v4/session.login"])
def test_a_path_that_is_not_served_is_an_incorrect_method(broker: Broker, path: str) -> None:
    api, _, rest = path.partition("/")
    answer = broker.caller(api, broker.boss.token)(rest)
    assert (answer.status, answer.code) == (404, "incorrect_method")


@pytest.mark.parametrize("token", ["", "nonsense", "z" * 5_000])
def test_a_wrong_token_is_bad_credentials(broker: Broker, token: str) -> None:
    answer = broker.caller("manager/v1", token)("session.get")
    assert (answer.status, answer.code) == (401, "bad_credentials")


def test_a_token_of_one_api_is_none_at_another(broker: Broker) -> None:
    client = broker.client(broker.enrol())
    assert broker.caller("manager/v1", client.token)("session.get").status == 401
    assert broker.caller("client/v2", broker.boss.token)("session.logout").status == 401
    assert broker.boss("session.get").status == 200


def test_a_missing_right_is_access_denied_before_the_body_is_looked_at(broker: Broker) -> None:
    clerk = broker.may("sessions.search")
    assert clerk("sessions.search").status == 200
    answer = clerk.send("sessions.logout", b"not json")
    assert (answer.status, answer.code) == (403, "access_denied")


def test_ones_own_session_needs_no_right(broker: Broker) -> None:
    clerk = broker.may("sessions.search")
    assert clerk("session.get").status == 200
    methods = clerk("session.getMethods").body["Methods"]
    assert "sessions.search" in methods
    assert "sessions.logout" not in methods


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"text"', b"\xff\xfe", b"{'Login': 1}", b"[" * 5_000])
def test_what_is_not_a_json_object_is_invalid_input(broker: Broker, body: bytes) -> None:
    answer = broker.boss.send("sessions.logout", body)
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "Invalid input in the field 'Login': missing"),
        (b'{"Login": 5}', "Invalid input in the field 'Login': expected str, got int"),
        (b'{"Login": ""}', "Invalid input in the field 'Login': expected str of length >= 1"),
    ],
)
def test_invalid_input_names_the_field(broker: Broker, body: bytes, message: str) -> None:
    assert broker.boss.send("sessions.logout", body).message == message


def test_fields_that_are_not_known_are_passed_over(broker: Broker) -> None:
    assert broker.boss("session.get", Extra={"Deep": [1]}).status == 200


@pytest.mark.parametrize("body", [b"", b"  ", b"{}\x00", b"\xef\xbb\xbf{}"])
def test_an_empty_body_and_what_programs_leave_around_one_do_no_harm(broker: Broker, body: bytes) -> None:
    assert broker.boss.send("session.get", body).status == 200


def test_the_media_type_is_not_looked_at(broker: Broker) -> None:
    headers = {"Content-Type": "application/jsonstrategies"}
    assert broker.boss.send("session.get", b"{}", **headers).status == 200


def test_a_body_that_is_too_large_is_refused(broker: Broker) -> None:
    answer = broker.boss.send("sessions.logout", json.dumps({"Login": "x" * BODY_MAX}).encode())
    assert (answer.status, answer.code) == (413, "invalid_input")


def test_a_page_of_any_origin_may_call(broker: Broker) -> None:
    answer = broker.boss.send("session.get", b"", "OPTIONS")
    assert answer.status == 204
    assert "Token" in answer.headers["access-control-allow-headers"]
    assert broker.boss("session.get").headers["access-control-allow-origin"] == "*"


def test_a_token_that_calls_too_often_is_told_to_wait(house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    slow = Broker(house, tmp_path_factory.mktemp("slow"), allowance=Allowance(per_second=0.1, burst=3))
    try:
        answers = [slow.boss("session.get") for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert answers[3].code == "too_many_requests"
        assert int(answers[3].headers["retry-after"]) >= 1
    finally:
        slow.stop()


def test_a_company_that_is_deleted_has_no_sessions(broker: Broker) -> None:
    company: Company = broker.add_company("Gone")
    manager = broker.may("sessions.search", company=company)
    assert manager("session.get").status == 200
    broker.control.companies.set(company.id, status=2)
    broker.control.refresh()
    assert manager("session.get").status == 401
