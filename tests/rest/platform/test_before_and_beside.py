"""Before an account: whose front end it is, registration under an offer. Beside the front end: keys for a trader's programs."""

import httpx2

from prorata.access.callers import Scope
from tests.rest.broker.stage import PASSWORD, Answer, Program, Stage
from tests.rest.platform.terminal import Terminal, trader

DAY_MS = 86_400_000


def anybody(stage: Stage) -> Program:
    return stage.program_of("")


def test_a_front_end_learns_whose_it_is(stage: Stage) -> None:
    found = anybody(stage).get("/manager/platform-details", partnerId=stage.first.id)
    assert found.body == {"partnerId": str(stage.first.id), "brokerName": "First Broker", "platformUrl": stage.url}
    assert anybody(stage).get("/manager/platform-details", partnerId=stage.second.uuid).body["brokerName"] == "Second Broker"
    for named in ("4711", ""):
        assert anybody(stage).get("/manager/platform-details", partnerId=named).status == 404


def test_who_registers_has_an_account_under_the_offer_and_is_signed_in_once(stage: Stage) -> None:
    email = stage.email()
    given = {"offerId": stage.standard.uuid, "email": email, "password": PASSWORD, "partnerId": str(stage.first.id)}
    made = anybody(stage).post("/manager/user", given)
    assert made.status == 200, made.text
    terminal = Terminal(stage, email)
    signed_in = terminal.sends("/manager/login/co/with-token", **made.body)
    (account,) = signed_in.body["tradingAccounts"]
    assert account["offer"]["uuid"] == stage.standard.uuid
    assert stage.engine(account["tradingAccountId"]).group == stage.standard.group_name
    assert terminal.sends("/manager/login/co/with-token", **made.body).status == 410
    terminal.signs_in()


def test_nobody_registers_where_he_may_not(stage: Stage) -> None:
    hidden, theirs = (
        stage.offer("Hidden", "standard", hidden=True),
        stage.offer("Theirs", "standard", organization=stage.second.id),
    )
    taken = stage.account()["email"].upper()
    good = {"offerId": stage.standard.uuid, "email": stage.email(), "password": PASSWORD, "partnerId": stage.first.uuid}
    wrong: list[tuple[dict[str, str], int]] = [
        ({"offerId": hidden.uuid}, 422), ({"offerId": theirs.uuid}, 422), ({"email": taken}, 409), ({"email": "none"}, 400),
        ({"password": "short"}, 422), ({"partnerId": "4711"}, 404), ({"partnerId": stage.second.uuid}, 422),
    ]  # fmt: skip
    before = stage.program.get("/v1/accounts").body["totalElements"]
    for change, status in wrong:
        answer = anybody(stage).post("/manager/user", good | change)
        assert answer.status == status, (change, answer.text)
        assert set(answer.body) >= {"status", "title", "detail", "path", "timestamp"}
    assert stage.program.get("/v1/accounts").body["totalElements"] == before


# Keys.


def keys(terminal: Terminal) -> list[dict[str, object]]:
    found: list[dict[str, object]] = Answer(terminal.http.get("/client/api-keys")).body["apiKeys"]
    return found


def makes(terminal: Terminal, account: str, **more: object) -> Answer:
    return terminal.sends("/client/api-keys", **{"name": "robot", "tradingAccountUuid": account, "scopes": ["read"], **more})


def test_a_key_reaches_one_trading_account_until_it_is_ended(stage: Stage) -> None:
    terminal = trader(stage)
    account = terminal.signs_in()["selectedTradingAccount"]
    made = makes(terminal, account["uuid"], scopes=["read", "trade"], days=30).body
    caller = stage.keys.verify(made["token"].encode())
    assert caller is not None
    assert (caller.platform, caller.logins) == ("live", frozenset({int(account["tradingAccountId"])}))
    assert caller.scopes == {Scope.READ, Scope.TRADE}
    (shown,) = keys(terminal)
    assert (made.pop("lastUsed"), bool(shown.pop("lastUsed"))) == (None, True)
    assert shown == {name: value for name, value in made.items() if name != "token"}
    assert (shown["login"], shown["scopes"]) == (account["tradingAccountId"], ["read", "trade"])
    assert terminal.http.delete(f"/client/api-keys/{made['uuid']}").status_code == 204
    assert stage.keys.verify(made["token"].encode()) is None
    assert keys(terminal) == []


def test_a_key_that_has_expired_is_none(stage: Stage) -> None:
    terminal = trader(stage)
    account = terminal.signs_in()["selectedTradingAccount"]["uuid"]
    token = makes(terminal, account, days=1).body["token"]
    stage.now += DAY_MS
    assert stage.keys.verify(token.encode()) is None
    terminal.signs_in()
    assert keys(terminal) == []


def test_nobody_makes_or_ends_keys_of_somebody_else(stage: Stage) -> None:
    terminal, other = trader(stage), trader(stage)
    account = terminal.signs_in()["selectedTradingAccount"]["uuid"]
    key = makes(terminal, account).body["uuid"]
    assert makes(other, account).status == 404
    assert other.http.delete(f"/client/api-keys/{key}").status_code == 404
    assert keys(other) == []
    assert len(keys(terminal)) == 1


def test_what_is_no_key_of_a_trader_is_refused(stage: Stage) -> None:
    terminal = trader(stage)
    account = terminal.signs_in()["selectedTradingAccount"]["uuid"]
    wrong: tuple[dict[str, object], ...] = (
        {"scopes": ["admin"]}, {"scopes": []}, {"scopes": ["read", "dealer"]}, {"name": ""}, {"days": -1}, {"days": 9999},
    )  # fmt: skip
    for change in wrong:
        assert makes(terminal, account, **change).status in (400, 422), change
    assert keys(terminal) == []
    for _ in range(20):
        assert makes(terminal, account).status == 200
    assert makes(terminal, account).status == 409
    assert len(keys(terminal)) == 20


def test_keys_end_with_the_password_the_account_and_the_block(stage: Stage) -> None:
    def with_key() -> tuple[Terminal, dict[str, str], bytes]:
        terminal = trader(stage)
        account = terminal.signs_in()["selectedTradingAccount"]
        return terminal, account, makes(terminal, account["uuid"]).body["token"].encode()

    terminal, _, token = with_key()
    changed = terminal.sends("/manager/change-password", oldPassword=PASSWORD, newPassword="another horse")
    assert changed.status == 204
    assert stage.keys.verify(token) is None
    terminal, _, token = with_key()
    person = Answer(terminal.http.get("/manager/profile")).body["uuid"]
    stage.program.patch(f"/v1/accounts/{person}", {"verificationStatus": "BLOCKED"})
    gone, account, of_gone = with_key()
    stage.program.post("/v1/trading-accounts/bulk-delete", {"systemUuid": stage.live, "logins": [account["tradingAccountId"]]})
    assert stage.keys.verify(token) is not None
    stage.trader_keys.end_unfit()
    assert stage.keys.verify(token) is None
    assert stage.keys.verify(of_gone) is None
    assert isinstance(gone.http, httpx2.Client)


# The stream.


def test_a_trading_token_is_good_for_the_stream_as_long_as_its_session_lives(stage: Stage) -> None:
    terminal = trader(stage)
    account = terminal.signs_in()["selectedTradingAccount"]
    token, door = account["tradingApiToken"].encode(), stage.terminal.door
    caller = door.verify(token)
    assert caller is not None
    assert (caller.platform, caller.logins) == ("live", frozenset({int(account["tradingAccountId"])}))
    assert caller.scopes == {Scope.READ}
    for nonsense in (b"", b"x", b"a.b.c", token[:-3], b"\xff\x00", token + b"x"):
        assert door.verify(nonsense) is None
    terminal.http.post("/manager/logout")
    assert door.verify(token) is None


def test_a_trading_token_ends_after_its_minutes_on_the_stream_too(stage: Stage) -> None:
    token = trader(stage).signs_in()["selectedTradingAccount"]["tradingApiToken"].encode()
    stage.now += 15 * 60_000
    assert stage.terminal.door.verify(token) is None
