"""Bad input: the documented status and body, and nothing has changed."""

from typing import Any

from prorata.access.permissions import EVERYTHING, Permission
from prorata.control.api_clients.store import NewApiClient
from tests.rest.broker.stage import PASSWORD, Answer, Stage

NOBODY = "00000000-0000-4000-8000-000000000000"


def check(answer: Answer, status: int, path: str, said: str = "") -> None:
    assert answer.status == status, answer.text
    assert set(answer.body) == {"status", "title", "detail", "path", "timestamp"}
    assert (answer.body["status"], answer.body["path"]) == (status, path)
    assert said in answer.body["detail"], answer.body["detail"]
    assert answer.body["timestamp"].endswith("Z")
    assert len(answer.body["timestamp"]) == len("2026-03-02T12:00:00.000Z")


def new(stage: Stage, **more: Any) -> dict[str, Any]:
    return {
        "email": stage.email(), "password": PASSWORD, "personalDetails": {"firstname": "Ann", "lastname": "Lee"}, **more,
    }  # fmt: skip


def totals(stage: Stage) -> tuple[int, int, int]:
    found = [stage.program.get(path).body["totalElements"] for path in ("/v1/accounts", "/v1/trading-accounts")]
    return found[0], found[1], len(stage.house.platforms["live"].desk.state.accounts)


def test_the_key_is_taken_with_and_without_its_scheme(stage: Stage) -> None:
    key = stage.key(EVERYTHING)
    for given in (key, f"Bearer {key}", f"bearer  {key}"):
        assert stage.program_of(given).get("/v1/offers").status == 200
    for given in ("", "Bearer", "Bearer nonsense", key[:-1], f"Basic {key}"):
        answer = stage.program_of(given).get("/v1/offers")
        check(answer, 401, "/v1/offers")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_does_what_it_is_permitted_and_from_where_it_may(stage: Stage) -> None:
    reader = stage.program_with([Permission.SETTINGS_READ])
    assert reader.get("/v1/branches").status == 200
    check(reader.get("/v1/accounts"), 403, "/v1/accounts", "clients.read")
    elsewhere = stage.program_with(EVERYTHING, addresses=("10.0.0.0/8",))
    check(elsewhere.get("/v1/branches"), 401, "/v1/branches")


def test_a_disabled_key_is_none(stage: Stage) -> None:
    made, secret = stage.control.api_clients.add(
        stage.first.id, NewApiClient(name="old", permissions=frozenset(EVERYTHING)), by=stage.owner.id
    )
    program = stage.program_of(secret)
    assert program.get("/service-info").status == 200
    stage.control.api_clients.remove(stage.first.id, made.client_id, by=stage.owner.id)
    check(program.get("/service-info"), 401, "/service-info")


def test_an_account_is_refused_that_cannot_be(stage: Stage) -> None:
    hidden = stage.offer("Hidden", "standard", hidden=True)
    verified = stage.offer("Verified", "standard", verification_required=True)
    branch = stage.crm.settings.add_branch(stage.first.id, "Second")
    elsewhere = stage.offer("Elsewhere", "standard", branch_id=branch.id)
    foreign = stage.offer("Foreign", "standard", organization=stage.second.id)
    groupless = stage.offer("Groupless", "no-such-group")
    taken = stage.account()["email"]
    here = {"branchUuid": stage.branch.uuid}
    before = totals(stage)
    path = "/v1/accounts"
    for body, status, said in (
        (new(stage, email=taken.upper()), 409, "e-mail"),
        (new(stage, email="nobody"), 400, "email"),
        (new(stage, password="short"), 422, "password"),  # noqa: S106
        ({"email": stage.email(), "password": PASSWORD}, 400, "personalDetails"),
        (new(stage, personalDetails={"firstname": "Ann"}), 400, "lastname"),
        (new(stage, personalDetails={"firstname": " ", "lastname": "Lee"}), 400, "firstname"),
        (new(stage, personalDetails={"firstname": "A", "lastname": "L", "dateOfBirth": "31.12.1990"}), 400, "dateOfBirth"),
        (new(stage, clientType="KING"), 400, "clientType"),
        (new(stage, offerUuid=NOBODY), 422, "offerUuid"),
        (new(stage, offerUuid=foreign.uuid), 422, "offerUuid"),
        (new(stage, offerUuid=hidden.uuid), 422, "hidden"),
        (new(stage, offerUuid=verified.uuid), 422, "verified"),
        (new(stage, offerUuid=elsewhere.uuid, accountConfiguration=here), 422, "branch"),
        (new(stage, offerUuid=groupless.uuid), 404, ""),
        (new(stage, accountConfiguration={"branchUuid": stage.foreign_branch.uuid}), 422, "branchUuid"),
        (new(stage, accountConfiguration={"accountManagerUuid": NOBODY}), 422, "accountManagerUuid"),
    ):
        check(stage.program.post(path, body), status, path, said)
    assert totals(stage) == before
    answer = Answer(stage.program.http.post(path, content=b"{", headers={"content-type": "application/json"}))
    check(answer, 400, path, "JSON")


def test_a_trading_account_is_refused_that_cannot_be(stage: Stage) -> None:
    account = stage.account(stage.standard)
    path = f"/v1/accounts/{account['uuid']}/trading-accounts"
    hidden = stage.offer("Hidden", "standard", hidden=True)
    before = totals(stage)
    check(stage.program.post(path, {}), 400, path, "offerUuid")
    check(stage.program.post(path, {"offerUuid": hidden.uuid}), 422, path, "hidden")
    check(stage.stranger.post(path, {"offerUuid": hidden.uuid}), 404, path)
    absent = f"/v1/accounts/{NOBODY}/trading-accounts"
    check(stage.program.post(absent, {"offerUuid": stage.standard.uuid}), 404, absent)
    assert totals(stage) == before


def test_a_change_is_refused_that_does_not_fit(stage: Stage) -> None:
    (found,) = stage.trading_accounts(stage.account(stage.netting))
    at = {"systemUuid": stage.live, "login": found["login"]}
    demo = stage.offer("Demo", "standard", demo=True)
    euro = stage.offer("Euro", "euro", currency="EUR")
    path, leverage = "/v1/trading-account", "/v1/trading-account/leverage"
    check(stage.program.patch(leverage, {"leverage": 51}, **at), 422, leverage, "50")
    check(stage.program.patch(leverage, {"leverage": 0}, **at), 422, leverage)
    check(stage.program.patch(leverage, {"leverage": "10"}, **at), 400, leverage)
    check(stage.program.patch(path, {"offerUuid": demo.uuid}, **at), 422, path, "demo")
    check(stage.program.patch(path, {"offerUuid": euro.uuid}, **at), 422, path, "currency")
    check(stage.program.patch(path, {"access": "EVERYTHING"}, **at), 400, path, "access")
    check(stage.program.patch(path, {"access": "FULL"}, login=found["login"]), 400, path, "systemUuid")
    check(stage.program.patch(path, {"access": "FULL"}, **at | {"systemUuid": NOBODY}), 404, path, "systemUuid")
    check(stage.program.patch(path, {"access": "FULL"}, **at | {"systemUuid": stage.other}), 404, path, "systemUuid")
    check(stage.program.patch(path, {"access": "FULL"}, **at | {"login": "1"}), 404, path, "login")
    check(stage.program.get(path, systemUuid=stage.live, login="ten"), 400, path, "login")
    assert stage.program.get(path, **at).body == found


def test_lists_refuse_what_they_do_not_have(stage: Stage) -> None:
    path = "/v1/trading-accounts"
    for query, said in (
        ({"size": 1001}, "size"), ({"size": 0}, "size"), ({"page": -1}, "page"), ({"page": "x"}, "page"),
        ({"sort": "password"}, "sort"), ({"sort": "created,sideways"}, "sort"), ({"sort": "created;drop"}, "sort"),
        ({"from_": "yesterday"}, "from"),
    ):  # fmt: skip
        check(stage.program.get(path, **query), 400, path, said)
    assert stage.program.get(path, page=1_000_000, size=1000).body["content"] == []


def test_a_platform_that_does_not_answer_is_told_and_nothing_is_done(stage: Stage) -> None:
    account = stage.account(stage.standard)
    (found,) = stage.trading_accounts(account)
    path = f"/v1/accounts/{account['uuid']}/trading-accounts"
    away = stage.reached.pop("live")
    try:
        answer = stage.program.post(path, {"offerUuid": stage.standard.uuid})
        check(answer, 503, path)
        assert answer.headers["retry-after"]
        shown = stage.program.get("/v1/trading-account", systemUuid=stage.live, login=found["login"]).body
        assert (shown["group"], shown["financeInfo"]) == (None, None)
    finally:
        stage.reached["live"] = away
    assert len(stage.trading_accounts(account)) == 1


def test_another_organization_learns_nothing(stage: Stage) -> None:
    account = stage.account(stage.standard)
    (found,) = stage.trading_accounts(account)
    stranger = stage.stranger
    for path in (f"/v1/accounts/by-uuid/{account['uuid']}", f"/v1/accounts/by-email/{account['email']}"):
        check(stranger.get(path), 404, path)
    check(stranger.get("/v1/trading-account", systemUuid=stage.live, login=found["login"]), 404, "/v1/trading-account")
    assert not [one for one in stranger.get("/v1/offers").body["offers"] if one["system"]["uuid"] == stage.live]
    assert stranger.get("/v1/accounts", query=account["email"]).body["totalElements"] == 0


def test_paths_and_verbs_that_are_none(stage: Stage) -> None:
    check(stage.program.get("/v1/nothing"), 404, "/v1/nothing")
    check(stage.program.post("/v1/offers", {}), 405, "/v1/offers")


def test_a_token_to_sign_in_with_needs_a_key_that_is_bound_to_addresses(stage: Stage) -> None:
    account = stage.account()
    path, body = "/v1/one-time-token", {"email": account["email"].upper(), "validityTime": 60}
    check(stage.program.post(path, body), 403, path, "addresses")
    bound = stage.program_with([Permission.ACCOUNTS_PASSWORDS], addresses=("127.0.0.1",))
    check(bound.post(path, body | {"validityTime": 0}), 400, path, "validityTime")
    check(bound.post(path, body | {"email": "nobody@mail.test"}), 404, path)
    first, second = (bound.post(path, body).body["token"] for _ in range(2))
    assert stage.control.one_time.use(first) is None, "a new one takes the place of the one before"
    assert stage.control.one_time.use(second) is not None
    assert stage.control.one_time.use(second) is None


def test_a_token_to_sign_in_with_is_for_the_addresses_of_its_key_and_ends_in_time(stage: Stage) -> None:
    account = stage.account(stage.standard)
    path, body = "/v1/one-time-token", {"email": account["email"], "validityTime": 60}
    elsewhere = stage.program_with([Permission.ACCOUNTS_PASSWORDS], addresses=("10.0.0.0/8",))
    check(elsewhere.post(path, body), 401, path)
    check(stage.program_with([Permission.CLIENTS_WRITE], addresses=("127.0.0.1",)).post(path, body), 403, path)
    bound = stage.program_with([Permission.ACCOUNTS_PASSWORDS], addresses=("127.0.0.1",))
    foreign = stage.program_with([Permission.ACCOUNTS_PASSWORDS], addresses=("127.0.0.1",), organization=stage.second.id)
    check(foreign.post(path, body), 404, path)
    token = bound.post(path, body).body["token"]
    assert stage.control.one_time.use(account["oneTimeToken"]) is None, "that of the account's creation ends, too"
    stage.now += 61_000
    assert stage.control.one_time.use(token) is None
