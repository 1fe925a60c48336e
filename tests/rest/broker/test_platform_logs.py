"""What is done on a terminal is found in the platform logs, by the API and in the workspace."""

from typing import Any

from prorata.access.permissions import EVERYTHING, Permission
from tests.rest.broker.stage import Stage
from tests.rest.platform.terminal import Terminal, trader

LOGS = "/v2/platform-logs"
BROWSER = {
    "user-agent": "Mozilla/5.0 (Android 15; Mobile)", "x-browser-id": "b-17", "x-app-version": "3.2", "x-app-type": "WEB",
    "x-device-type": "MOBILE", "x-app-resolution": "412x915", "x-view": "chart",
}  # fmt: skip


def told(stage: Stage, terminal: Terminal, **filters: Any) -> Any:
    answer = stage.program.post(LOGS, {"accountEmailFilter": terminal.email} | filters, sort="created,asc", size=100)
    assert answer.status == 200, answer.text
    return answer.body["content"]


def test_a_day_on_the_terminal_is_one_timeline(stage: Stage) -> None:
    terminal = trader(stage)
    terminal.http.headers.update(BROWSER)
    assert terminal.sends("/manager/mtr-login", email=terminal.email, password="wrong horse").status == 403  # noqa: S106
    terminal.signs_in()
    buy: dict[str, Any] = {
        "instrument": "EURUSD",
        "orderSide": "BUY",
        "volume": 0.1,
        "slPrice": 0,
        "tpPrice": 0,
        "isMobile": True,
    }
    name = terminal.does("position/open", **buy).body["orderId"]
    assert terminal.does("position/open", **buy | {"volume": 50}).body["status"] == "REJECTED"
    assert terminal.does("position/open", **buy | {"volume": -1}).status == 400
    assert terminal.does("position/close", positionId=name, instrument="EURUSD", orderSide="BUY", volume="0.1").status == 200
    terminal.sends("/manager/logout")
    lines = told(stage, terminal)
    assert [(one["event"], one["level"], one["details"]) for one in lines] == [
        ("LOGIN", "INFO", None), ("LOGIN_FAILED", "WARN", None), ("LOGIN", "INFO", None), ("POSITION_OPEN", "INFO", "OK"),
        ("POSITION_OPEN", "WARN", "NOT_ENOUGH_FREE_MARGIN"), ("POSITION_OPEN", "WARN", "OUT_OF_RANGE"),
        ("POSITION_CLOSE", "INFO", "OK"), ("LOGOUT", "INFO", None),
    ]  # fmt: skip
    opened = lines[3]
    assert opened == opened | {
        "systemUuid": stage.live, "symbol": "EURUSD", "orderId": name, "clientIp": "127.0.0.1", "browserId": "b-17",
        "userAgent": BROWSER["user-agent"], "appVersion": "3.2", "appType": "WEB", "deviceType": "MOBILE",
        "appResolution": "412x915", "view": "chart", "country": None, "accountEmail": terminal.email,
    }  # fmt: skip
    login = opened["tradingAccountLogin"]
    assert len(told(stage, terminal, tradingAccountLoginFilter=login)) == 4
    assert len(told(stage, terminal, userAgentFilter="android", eventFilter=["LOGIN", "LOGOUT"])) == 2
    assert len(told(stage, terminal, levelFilter="WARN")) == 3

    person = stage.person("Support")
    shown = person.get(f"{stage.office}/platform-logs", email=terminal.email, login=login, size=2).body
    assert (shown["total"], [one["event"] for one in shown["items"]]) == (4, ["POSITION_CLOSE", "POSITION_OPEN"])
    assert shown["items"][0]["client"]["browser_id"] == "b-17"


def test_tokens_and_passwords_are_in_the_timeline_and_never_shown(stage: Stage) -> None:
    terminal = trader(stage)
    bound = stage.program_with(EVERYTHING, addresses=("127.0.0.1",))
    token = bound.post("/v1/one-time-token", {"email": terminal.email, "validityTime": 60}).body["token"]
    terminal.takes(terminal.sends("/manager/login/co/with-token", token=token).body)
    terminal.sends("/manager/refresh-token")
    body = {"oldPassword": "correct horse", "newPassword": "another horse"}
    assert terminal.sends("/manager/change-password", **body).status == 204
    lines = told(stage, terminal)
    assert [(one["event"], one["details"]) for one in lines] == [
        ("LOGIN", None), ("ONE_TIME_TOKEN", "website"), ("LOGIN", "by a token"), ("SESSION_REFRESHED", None),
        ("PASSWORD_CHANGED", None),
    ]  # fmt: skip
    assert not any(secret in str(lines) for secret in (token, "another horse"))


def test_only_who_may_see_people_sees_what_they_do(stage: Stage) -> None:
    terminal = trader(stage)
    assert stage.program_with([Permission.TRADES_READ]).post(LOGS, {}).status == 403
    assert stage.stranger.post(LOGS, {"accountEmailFilter": terminal.email}).body["totalElements"] == 0
    assert stage.program.post(LOGS, {"levelFilter": "LOUD"}).status == 400
    assert stage.program.post(LOGS, {}, sort="details").status == 400
    elsewhere = stage.program_with(EVERYTHING, platforms=frozenset())
    seen = elsewhere.post(LOGS, {"accountEmailFilter": terminal.email}).body["content"]
    assert [one["event"] for one in seen] == ["LOGIN"], "what is on a trade platform is for who reaches it"
