"""The frame: what every operation has in common."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from prorata.access.permissions import EVERYTHING, Permission
from prorata.rest.own.allowance import Allowance
from prorata.rest.webapi.asgi import BODY_MAX
from prorata.server.ports import JournalFull
from prorata.server.writer import Overloaded, WriterStopped
from tests.rest.house import House
from tests.rest.webapi.office import LIVE, METATRADER, OTHER, Answer, Client, Office

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def opened(answer: Answer) -> int:
    login: int = answer.data["login"]
    return login


@contextmanager
def control_busy(office: Office) -> Iterator[None]:
    """While this is open nobody writes to the control database."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with office.control.database.writing():
            held.set()
            done.wait(20)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert held.wait(20)
        try:
            yield
        finally:
            done.set()
            holding.result(20)


# The way in.


def test_an_operation_answers_in_the_envelope(mt4: Client, mt5: Client) -> None:
    assert mt4.get("ServerTime").data == "2026-03-02T12:00:00Z"
    assert mt5.get("ServerTime").data == "2026-03-02T12:00:00Z"


def test_letters_of_an_operation_are_in_any_case(mt4: Client) -> None:
    response = mt4.http.get(f"/API/v2/mt4/{LIVE}/servertime".replace("/API", "/api"))
    assert response.json()["data"] == "2026-03-02T12:00:00Z"


@pytest.mark.parametrize("token", ["", "nobody's"])
def test_a_call_without_a_good_token_is_401(office: Office, token: str) -> None:
    answer = office.client(token).get("ServerTime")
    assert (answer.status, answer.body["data"]) == (401, None)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_operation_that_is_none_is_404_and_another_verb_405(mt4: Client) -> None:
    for path in ("Nothing", "UserRecordGet", "UserRecordGet/1/2", "ServerTime/1"):
        response = mt4.http.get(f"/api/v2/MT4/{LIVE}/{path}")
        assert (response.status_code, response.json()["error"]["code"]) == (404, "NotFound")
    for path in (f"/api/v2/MT6/{LIVE}/ServerTime", "/api/v2/MT4", "/api/v2/"):
        assert mt4.http.get(path).status_code == 404
    response = mt4.http.post(f"/api/v2/MT4/{LIVE}/ServerTime")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def test_platforms_that_are_absent_of_others_or_narrowed_away_answer_alike(office: Office) -> None:
    narrowed = office.allowed(*EVERYTHING, platforms=frozenset({METATRADER}))
    answers = [
        office.client(platform="44444444-4444-4444-8444-444444444444").get("ServerTime"),
        office.client(platform="nonsense").get("ServerTime"),
        office.client(platform=OTHER).get("ServerTime"),
        narrowed.get("ServerTime"),
    ]
    for answer in answers:
        answer.body["meta"] = None
    assert [(answer.code, answer.message) for answer in answers] == [("NotFound", "There is no such trade platform")] * 4
    assert office.client("second", platform=OTHER).get("ServerTime").data


def test_a_permission_that_is_missing_is_named(office: Office) -> None:
    reader = office.allowed(Permission.MARKET_READ)
    assert reader.get("ServerTime").data
    answer = reader.get("UserRecordGet/{login}", 1001)
    assert (answer.code, answer.message) == ("Forbidden", "The caller does not have the permission accounts.read")


def test_a_platform_without_a_connection_is_not_connected(office: Office) -> None:
    answer = office.client(platform=METATRADER, surface="MT5").get("ServerTime")
    assert (answer.code, answer.manager_code) == ("NoConnect", "NoConnect")
    assert answer.headers["x-request-outcome"] == "not-started"


def test_a_trace_id_comes_back(mt4: Client) -> None:
    answer = mt4.get("ServerTime", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    assert answer.body["meta"]["activityId"] == TRACE
    for bad in ("", "00-zz", f"00-{'0' * 32}-00f067aa0ba902b7-01"):
        own = mt4.get("ServerTime", headers={"traceparent": bad}).body["meta"]["activityId"]
        assert own not in (TRACE, "0" * 32)


def test_every_call_is_counted_and_every_change_audited(office: Office) -> None:
    client = office.allowed(*EVERYTHING)
    before = len(office.counted)
    login = opened(client.post("UserRecordNew", body={"group": "standard", "name": "Audited"}))
    client.patch("UserRecord/{login}", login, body={"leverage": 9_999})
    client.get("UserRecordGet/{login}", login)
    assert len(set(office.counted[before:])) == 1
    assert len(office.counted) == before + 3
    new, patched, read = office.audited()[-3:]
    assert new.startswith("webapi MT4 UserRecordNew ok")
    assert "Audited" in new
    assert patched.startswith("webapi MT4 UserRecord MT4Error")
    assert read.startswith("webapi MT4 UserRecordGet ok")
    assert all(f'"platform":"{LIVE}"' in row for row in (new, patched, read))
    assert [row.action.organization_id for row in office.control.audit.rows(limit=100_000)][-3:] == [1, 1, 1]


def test_the_audit_has_what_a_change_was_before_and_after(office: Office, mt4: Client) -> None:
    login = opened(mt4.post("UserRecordNew", body={"group": "standard", "name": "Jane"}))
    mt4.patch("UserRecord/{login}", login, body={"leverage": 50, "name": "Janet", "comment": ""})
    last = office.control.audit.rows(limit=100_000)[-1].action
    assert (last.organization_id, last.before) == (1, '{"name":"Jane","leverage":100}')
    assert last.after == '{"name":"Janet","leverage":50}'


# Parameters and bodies.


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 0}, "limit: must be from 1 to 5000"),
        ({"limit": 5_001}, "limit: must be from 1 to 5000"),
        ({"limit": "many"}, "limit: expected int, got str"),
        ({"limit": [1, 2]}, "limit: is there more than once"),
        ({"cursor": "nonsense"}, "cursor: is none of this list"),
        ({"cursor": "A" * 4_000}, "cursor: is none of this list"),
        ({"cursor": "\u00e9"}, "cursor: is none of this list"),
    ],
)
def test_a_bad_page_is_refused(mt4: Client, query: dict[str, Any], message: str) -> None:
    answer = mt4.get("UsersRequest", **query)
    assert answer.code == "Validation"
    assert message in answer.message


def test_a_cursor_that_was_changed_or_is_of_another_list_is_refused(office: Office, mt4: Client) -> None:
    for _ in range(2):
        mt4.post("UserRecordNew", body={"group": "standard"})
    cursor = mt4.get("UsersRequest", limit=1).paging["nextCursor"]
    assert mt4.get("UsersRequest", limit=1, cursor=cursor).data
    for forged in (cursor[:-1], cursor + "AA", ("B" if cursor[0] == "A" else "A") + cursor[1:]):
        assert mt4.get("UsersRequest", cursor=forged).code == "Validation"
    elsewhere = office.client("second", platform=OTHER)
    assert elsewhere.get("UsersRequest", cursor=cursor).code == "Validation"


def test_a_body_that_is_too_large_is_refused(mt4: Client) -> None:
    answer = mt4.post("UserRecordNew", body=b" " * (BODY_MAX + 1))
    assert (answer.code, answer.message) == ("Validation", f"body: has more than {BODY_MAX} bytes")


# Deadlines.


@pytest.mark.parametrize(
    ("header", "applied"),
    [("1", "1"), ("2.5", "2.5"), ("300", "300"), ("10.1234", "10.123"), (None, "10")],
)
def test_the_deadline_that_was_applied_is_told(mt4: Client, header: str | None, applied: str) -> None:
    headers = {} if header is None else {"x-request-timeout": header}
    assert mt4.get("ServerTime", headers=headers).headers["x-request-timeout-applied"] == applied
    if header is not None:
        assert mt4.get("ServerTime", requestTimeout=header).headers["x-request-timeout-applied"] == applied


@pytest.mark.parametrize("header", ["0", "0.9", "301", "-1", "soon", "NaN", "Infinity", "1e400", "", "1,5"])
def test_a_deadline_out_of_range_is_refused(mt4: Client, header: str) -> None:
    answer = mt4.get("ServerTime", headers={"x-request-timeout": header})
    assert (answer.code, answer.message) == ("Validation", "X-Request-Timeout: must be a number of seconds from 1 to 300")


def test_a_change_that_takes_too_long_goes_on_and_its_key_tells_how_it_ended(office: Office, mt4: Client) -> None:
    def ask(**headers: str) -> Answer:
        return mt4.post("UserRecordNew", body={"group": "standard", "city": "Mdina"}, key="slow", headers=headers)

    with control_busy(office):
        late = ask(**{"x-request-timeout": "1"})
        assert (late.code, late.headers["x-request-outcome"]) == ("OutcomeUnknown", "unknown")
        again = ask()
        assert (again.code, again.headers["x-request-outcome"]) == ("OutcomeUnknown", "in-progress")
    answer = ask()
    while answer.code == "OutcomeUnknown":
        answer = ask()
    assert answer.data["city"] == "Mdina"
    assert ask().data == answer.data


# Idempotency keys.


def test_the_same_call_under_the_same_key_is_done_once(mt4: Client) -> None:
    first = mt4.post("UserRecordNew", body={"group": "standard"}, key="once")
    again = mt4.post("UserRecordNew", body={"group": "standard"}, key="once")
    assert opened(first) == opened(again)
    assert first.body["meta"] != again.body["meta"]
    assert opened(mt4.post("UserRecordNew", body={"group": "standard"}, key="another")) != opened(first)


def test_a_key_with_another_input_is_refused(mt4: Client) -> None:
    login = opened(mt4.post("UserRecordNew", body={"group": "standard"}, key="reused"))
    for answer in (
        mt4.post("UserRecordNew", body={"group": "netting"}, key="reused"),
        mt4.patch("UserRecord/{login}", login, body={"leverage": 7}, key="reused"),
    ):
        assert (answer.code, answer.message) == ("Validation", "Idempotency-Key: was used for another call")
    assert mt4.get("UserRecordGet/{login}", login).data["leverage"] == 100


def test_keys_of_different_clients_are_different_keys(office: Office, mt4: Client) -> None:
    other = office.allowed(*EVERYTHING)
    first = opened(mt4.post("UserRecordNew", body={"group": "standard"}, key="mine"))
    assert opened(other.post("UserRecordNew", body={"group": "standard"}, key="mine")) != first


def test_a_call_that_was_not_accepted_uses_no_key(mt4: Client) -> None:
    assert mt4.post("UserRecordNew", body={"group": "nowhere"}, key="free").code == "NotFound"
    assert mt4.post("UserRecordNew", body={"group": "standard"}, key="free").data


@pytest.mark.parametrize("key", ["x" * 256, "tab\tin it", "caf\u00e9", ""])
def test_a_key_that_is_none_is_refused(mt4: Client, key: str) -> None:
    response = mt4.http.post(
        f"/api/v2/MT4/{LIVE}/UserRecordNew", json={"group": "standard"}, headers=[(b"idempotency-key", key.encode("latin-1"))]
    )
    assert response.json()["error"]["message"] == "Idempotency-Key: must be 1 to 255 printable ASCII characters"


def test_a_key_of_255_characters_is_good(mt4: Client) -> None:
    assert mt4.post("UserRecordNew", body={"group": "standard"}, key="k" * 255).data


def test_calls_at_the_same_moment_under_one_key_open_one_account(office: Office, house: House) -> None:
    def ask(client: Client) -> Answer:
        return client.post("UserRecordNew", body={"group": "standard"}, key="together")

    clients = [office.client() for _ in range(8)]
    before = len(house.platforms["live"].logins())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, clients))
    assert {answer.code for answer in answers} <= {None, "OutcomeUnknown"}
    assert len({opened(answer) for answer in answers if answer.code is None}) == 1
    assert len(house.platforms["live"].logins()) == before + 1


def test_a_key_holds_when_another_process_answers(house: House, office: Office, mt4: Client, tmp_path: Path) -> None:
    later = Office(house, tmp_path)
    try:
        first = opened(mt4.post("UserRecordNew", body={"group": "standard", "city": "Mdina"}, key="restart"))
        again = later.client().post("UserRecordNew", body={"group": "standard", "city": "Mdina"}, key="restart")
        assert (opened(again), again.data["city"]) == (first, "Mdina")
        other = later.client().post("UserRecordNew", body={"group": "euro"}, key="restart")
        assert other.code == "Validation"
    finally:
        later.stop()


def test_an_account_whose_card_was_cut_off_is_finished_by_the_same_key(
    house: House, office: Office, mt4: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_given: object) -> None:
        raise OSError("the database is away")

    before = len(house.platforms["live"].logins())
    with monkeypatch.context() as patched:
        patched.setattr(office.control.account_cards, "change", cut_off)
        answer = mt4.post("UserRecordNew", body={"group": "standard", "city": "Mdina"}, key="cut off")
        assert (answer.code, answer.headers["x-request-outcome"]) == ("OutcomeUnknown", "unknown")
    answer = mt4.post("UserRecordNew", body={"group": "standard", "city": "Mdina"}, key="cut off")
    assert answer.data["city"] == "Mdina"
    assert len(house.platforms["live"].logins()) == before + 1


# What the writer says.


def test_what_was_not_sent_and_what_is_unknown_are_told_apart(
    house: House, mt4: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = house.platforms["live"].writer

    def ask_while(problem: Exception) -> Answer:
        async def submit(*_given: object, **_told: object) -> None:
            raise problem

        with monkeypatch.context() as patched:
            patched.setattr(writer, "submit", submit)
            return mt4.post("UserRecordNew", body={"group": "standard"}, key="told apart")

    for problem, code, outcome in (
        (Overloaded(), "Busy", "not-started"),
        (JournalFull(), "Busy", "not-started"),
        (WriterStopped(unknown=False), "NoConnect", "not-started"),
        (WriterStopped(unknown=True), "OutcomeUnknown", "unknown"),
    ):
        answer = ask_while(problem)
        assert (answer.code, answer.headers["x-request-outcome"]) == (code, outcome)
    assert mt4.post("UserRecordNew", body={"group": "standard"}, key="told apart").data


def test_a_client_that_calls_too_often_is_told_to_wait(house: House, tmp_path: Path) -> None:
    office = Office(house, tmp_path, allowance=Allowance(per_second=0.01, burst=2))
    try:
        client = office.client()
        answers = [client.get("ServerTime") for _ in range(3)]
        assert [answer.code for answer in answers] == [None, None, "Busy"]
        assert answers[2].headers["x-request-outcome"] == "not-started"
        assert int(answers[2].headers["retry-after"]) > 1
    finally:
        office.stop()
