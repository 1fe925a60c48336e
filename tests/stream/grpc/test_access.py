"""Who may have which stream, what is refused, and how streams end."""

import time
from typing import Any

import grpc
import msgspec
import pytest

from prorata.access.permissions import EVERYTHING, Permission
from prorata.control.api_clients.store import ApiClientChange
from prorata.messages.commands import BalanceKind, BookBalance, Quote
from prorata.stream.grpc import feed, v1, v2
from prorata.stream.grpc.audience import spread
from prorata.stream.grpc.forms import Asked, Form
from prorata.stream.grpc.subscriber import Subscriber
from tests.rest.matrix.published import published
from tests.stream.grpc.stage import TERMS, V1_PATH, V2_PATH, Ear, GrpcStage, name_of
from tests.stream.grpc.wire import V1, V2

Code = grpc.StatusCode
POSITIONS = "PositionsServiceExternal/getOpenPositionsStreamByGroupsOrLogins"
QUOTES = "QuotationsServiceExternal/getQuotationsWithMarkupStream"
ABSENT = "00000000-0000-4000-8000-000000000000"


def refused(port: GrpcStage, key: str | None, system: str = "", request: str = "ManyPositionsAsked", **fields: Any) -> Any:
    given = {"f1": system or port.stage.live, **fields}
    return port.begin(V1_PATH + POSITIONS, V1[request](**given), V1["ManyPositions"], key=key).ended()


def test_the_key_is_one_of_the_broker_api(grpc_port: GrpcStage) -> None:
    stage = grpc_port.stage
    bare = grpc_port.v1("SymbolsServiceExternal/getSymbolsChangedStream", "SymbolsAsked", "SymbolChange", key=grpc_port.key)
    assert bare.count(1)
    for key in ("", "Bearer", "Bearer prs_unknown", "prs_unknown"):
        assert refused(grpc_port, key)[0] == Code.UNAUTHENTICATED
    elsewhere = stage.key(EVERYTHING, addresses=("10.0.0.0/8",))
    assert refused(grpc_port, elsewhere)[0] == Code.UNAUTHENTICATED
    here = stage.key(EVERYTHING, addresses=("127.0.0.0/8",))
    asked = V1["SymbolsAsked"](f1=stage.live.upper())
    path = f"{V1_PATH}SymbolsServiceExternal/getSymbolsChangedStream"
    assert grpc_port.begin(path, asked, V1["SymbolChange"], key=here).count(1)


NEEDED = published("The streams over gRPC")


def test_every_method_is_in_the_published_table() -> None:
    assert NEEDED.keys() == {method.path for method in (*v1.METHODS, *v2.METHODS)}


@pytest.mark.parametrize("path", NEEDED)
def test_each_method_needs_its_permission(grpc_port: GrpcStage, path: str) -> None:
    """With every other permission it is forbidden; with that one alone the call is answered for what it asks."""
    needed = Permission(NEEDED[path])
    bare: Any = type("Empty", (), {"SerializeToString": staticmethod(lambda _: b"")})
    answer: Any = type("Raw", (), {"FromString": staticmethod(bytes)})

    def called(permissions: frozenset[Permission]) -> tuple[Code, str]:
        with grpc_port.quiet():
            return grpc_port.begin(path, bare(), answer, key=grpc_port.stage.key(permissions, organization=0)).ended()

    code, detail = called(EVERYTHING - {needed})
    assert (code, detail) == (Code.PERMISSION_DENIED, f"the key needs the permission {needed}")
    if path.startswith(V1_PATH):
        assert called(frozenset({needed})) == (Code.INVALID_ARGUMENT, "systemUuid: is missing")


def test_another_organizations_platform_is_as_if_it_were_not_there(grpc_port: GrpcStage) -> None:
    stage = grpc_port.stage
    absent = refused(grpc_port, grpc_port.key, ABSENT)
    assert absent[0] == Code.NOT_FOUND
    assert refused(grpc_port, grpc_port.key, stage.other) == absent
    assert refused(grpc_port, stage.key(EVERYTHING, organization=stage.second.id)) == absent
    assert refused(grpc_port, stage.key(EVERYTHING, platforms=frozenset())) == absent


def test_version_2_is_about_the_only_platform_of_the_key(grpc_port: GrpcStage) -> None:
    stage = grpc_port.stage
    asked, answer = V2["GroupsAsked"](), V2["GroupChange"]
    path = f"{V2_PATH}GroupServiceExternal/getGroupChangesStream"
    assert grpc_port.begin(path, asked, answer).count(1)[0].f1.f1 == "euro"
    assert grpc_port.begin(path, asked, answer, prorata_platform=stage.live).count(1)
    assert grpc_port.begin(path, asked, answer, prorata_platform=stage.other).ended()[0] == Code.NOT_FOUND
    assert grpc_port.begin(path, asked, answer, key=stage.key(EVERYTHING, platforms=frozenset())).ended()[0] == Code.NOT_FOUND
    # Of several, one must be named.
    asleep = stage.control.platforms.adopt(stage.second.id, "Asleep", "asleep", host="here").uuid
    several = stage.key(EVERYTHING, organization=stage.second.id)
    code, detail = grpc_port.begin(path, asked, answer, key=several).ended()
    assert (code, "prorata-platform" in detail) == (Code.INVALID_ARGUMENT, True)
    assert grpc_port.begin(path, asked, answer, key=several, prorata_platform=stage.other).count(1)
    assert grpc_port.begin(path, asked, answer, key=several, prorata_platform=asleep).ended()[0] == Code.UNAVAILABLE
    one = stage.key(EVERYTHING, organization=stage.second.id, platforms=frozenset({stage.other}))
    assert grpc_port.begin(path, asked, answer, key=one).count(1)


def test_what_cannot_be_read_is_refused(grpc_port: GrpcStage) -> None:
    key = grpc_port.key

    def said(path: str, request: str, **fields: Any) -> tuple[Code, str]:
        given = {"f1": grpc_port.stage.live, **fields}
        return grpc_port.begin(V1_PATH + path, V1[request](**given), V1["Quotes"], key=key).ended()

    one = "PositionsServiceExternal/getClientPositionsStream"
    assert said(one, "OneAsked", f1="", f2="1") == (Code.INVALID_ARGUMENT, "systemUuid: is missing")
    assert said(one, "OneAsked", f2="x1")[0] == Code.INVALID_ARGUMENT
    assert said(one, "OneAsked", f2="999999999")[0] == Code.NOT_FOUND
    assert said(POSITIONS, "ManyPositionsAsked", f3=[str(n) for n in range(1, 10_002)])[0] == Code.INVALID_ARGUMENT
    assert said(QUOTES, "QuotesAsked", f2=["NONE"]) == (Code.INVALID_ARGUMENT, "there is no symbol 'NONE'")
    assert said(QUOTES, "QuotesAsked", f2=["EURUSD"], f3="none")[0] == Code.INVALID_ARGUMENT
    assert said(QUOTES, "QuotesAsked", f2=["EURUSD"], f4=-1)[0] == Code.INVALID_ARGUMENT
    ledgers = "LedgerServiceExternal/getLedgersStreamByGroupsOrLogins"
    assert said(ledgers, "LedgersAsked", f4=[77])[0] == Code.INVALID_ARGUMENT
    broken: Any = type("Broken", (), {"SerializeToString": staticmethod(lambda _: b"\x0a\xff")})
    assert grpc_port.begin(V1_PATH + QUOTES, broken(), V1["Quotes"]).ended()[0] == Code.INVALID_ARGUMENT
    assert said("QuotationsServiceExternal/none", "QuotesAsked")[0] == Code.UNIMPLEMENTED


def test_a_silent_stream_is_told_that_it_is_alive(grpc_port: GrpcStage) -> None:
    login = grpc_port.trader()
    asked = {"f2": str(login)}
    flat = grpc_port.v1("PositionsServiceExternal/getClientPositionsStream", "OneAsked", "States", asked)
    second = grpc_port.v2(
        "PositionsServiceExternal/getOpenPositionsStream", "PositionsAsked", "PositionsTold", {"f2": [str(login)]}
    )
    silent = grpc_port.v1("LedgerServiceExternal/getLedgersStreamByLogin", "LedgerAsked", "Entry", asked)
    began = time.monotonic()
    for ear in (flat, second):
        ear.beat(2)
        assert ear.heard == []
    assert time.monotonic() - began >= TERMS.heartbeat_seconds
    assert silent.heard == [], "an entry that says nothing would be taken for a deposit"


def test_a_slow_reader_is_sent_away_and_others_are_not(grpc_port: GrpcStage) -> None:
    """What waits for it is bounded, and when it reads on it learns why: it has no gap that it does not know of."""
    terms = msgspec.structs.replace(TERMS, waiting_bytes=40_000, close_seconds=0.2)
    port = GrpcStage(grpc_port.stage, terms)
    asked = V2["QuotesAsked"](f1=["EURUSD", "GBPUSD", "USDJPY", "BTCUSD"])
    try:
        quick = port.v2(QUOTES, "QuotesAsked", "QuoteTold", {"f1": ["EURUSD"]})
        # A window of the size that the protocol begins with, which does not grow.
        with grpc.insecure_channel(f"127.0.0.1:{port.servers[0].port}", options=[("grpc.http2.bdp_probe", 0)]) as channel:
            method = channel.unary_stream(
                V2_PATH + QUOTES, request_serializer=V2["QuotesAsked"].SerializeToString,
                response_deserializer=V2["QuoteTold"].FromString,
            )  # fmt: skip
            call = method(asked, metadata=(("authorization", port.key), ("prorata-platform", port.stage.live)), timeout=60)
            call.initial_metadata()
            assert port.door.count_streams() == 2
            bid = 110_000
            while port.door.count_streams() == 2:
                bid += 1
                assert bid < 113_000, "what waits for a stream that nobody reads has no end"
                quotes = (("EURUSD", bid), ("GBPUSD", bid), ("USDJPY", bid), ("BTCUSD", bid))
                port.quote(*(Quote(symbol, price, price + 10) for symbol, price in quotes))
            late = Ear(call)
            assert late.ended() == (Code.RESOURCE_EXHAUSTED, "the stream is read too slowly")
            bids = [message.f1.f2 for message in late.heard if message.f1.f1 == "EURUSD"]
            assert bids == [round(1.1 + step / 100_000, 5) for step in range(len(bids))], "up to its end it has everything"
        quick.until(lambda heard: heard[-1].f1.f2 == bid / 100_000)
    finally:
        port.close()


def test_what_is_there_does_not_count_for_the_bound(
    grpc_port: GrpcStage, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """An account may hold more than may wait for a stream: it is told whole, as it is read."""
    monkeypatch.setattr(feed, "AT_ONCE", 5)
    login = grpc_port.trader(amount=100_000_000)
    tickets = [grpc_port.buy(login, 0.01) for _ in range(60)]
    port = GrpcStage(grpc_port.stage, msgspec.structs.replace(TERMS, waiting_bytes=4_000))
    try:
        ear = port.v2(
            "PositionsServiceExternal/getOpenPositionsStream", "PositionsAsked", "PositionsTold", {"f2": [str(login)]}
        )
        heard = ear.until(lambda heard: sum(len(message.f1.f1) for message in heard) >= 60)
        assert {one.f3 for message in heard for one in message.f1.f1} == {name_of(ticket) for ticket in tickets}
        port.buy(login, 0.01)
        ear.until(lambda heard: heard[-1].f1.f1 and heard[-1].f1.f1[-1].f18 == 1)
    finally:
        port.close()


def test_a_thing_is_rendered_once_for_all_that_hear_of_it(grpc_port: GrpcStage) -> None:
    rendered: list[str] = []

    def render(told: str) -> bytes:
        rendered.append(told)
        return told.encode()

    async def tell() -> list[list[bytes]]:
        form, other = Form(render, None), Form(render, None)
        subscribers = [Subscriber(Asked(), one, TERMS) for one in (form, form, form, other)]
        spread("quote", subscribers)
        return [await subscriber.messages() for subscriber in subscribers]

    assert grpc_port.stage.house.run(tell()) == [[b"quote"]] * 4
    assert rendered == ["quote"] * 2, "once for each form"


def test_a_key_that_may_no_more_is_sent_away(grpc_port: GrpcStage) -> None:
    stage = grpc_port.stage
    clients, owner = stage.control.api_clients, stage.owner.id
    asked, path = V2["GroupsAsked"](), f"{V2_PATH}GroupServiceExternal/getGroupChangesStream"

    def stream() -> tuple[Any, str]:
        key = stage.key(EVERYTHING)
        holder = clients.holder(key)
        assert holder is not None
        ear = grpc_port.begin(path, asked, V2["GroupChange"], key=key)
        ear.count(1)
        return ear, holder.client_id

    async def check() -> None:
        grpc_port.door.check_all()

    for change, code in (
        (ApiClientChange(disabled=True), Code.UNAUTHENTICATED),
        (ApiClientChange(permissions=frozenset({Permission.MARKET_READ})), Code.PERMISSION_DENIED),
        (ApiClientChange(platforms=frozenset()), Code.NOT_FOUND),
    ):
        ear, client_id = stream()
        clients.change(stage.first.id, client_id, change, by=owner)
        stage.house.run(check())
        assert ear.ended()[0] == code


def test_a_key_has_a_bounded_number_of_streams(grpc_port: GrpcStage) -> None:
    key = grpc_port.stage.key(EVERYTHING)
    asked, path = V2["AccountsAsked"](), f"{V2_PATH}AccountInfoServiceExternal/getTradingAccountInfoChangedStream"
    ears = [grpc_port.begin(path, asked, V2["AccountChange"], key=key) for _ in range(TERMS.streams_per_key + 1)]
    assert ears[-1].ended()[0] == Code.RESOURCE_EXHAUSTED
    ears[0].stop()
    until = time.monotonic() + 10
    again = grpc_port.begin(path, asked, V2["AccountChange"], key=key)
    while again.error is not None and time.monotonic() < until:  # It learns of the end a moment later.
        again = grpc_port.begin(path, asked, V2["AccountChange"], key=key)
    again.beat()


def test_a_batch_that_cannot_be_told_ends_all_streams(grpc_port: GrpcStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left with a gap, the trade platform goes on, and streams can begin again."""
    login = grpc_port.trader()
    path, asked = "EquityServiceExternal/getEquityStream", {"f2": [str(login)]}
    ear = grpc_port.v2(path, "EquityAsked", "EquityTold", asked)

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(feed.Feed, "_tell", broken)
        grpc_port.do(BookBalance(login, BalanceKind.DEPOSIT, 100))
        opened = grpc_port.trader()
    assert ear.ended() == (Code.INTERNAL, "something went wrong here")
    again = grpc_port.v2(path, "EquityAsked", "EquityTold", {"f2": [str(login), str(opened)]})
    grpc_port.do(BookBalance(opened, BalanceKind.DEPOSIT, 100))
    heard = again.until(lambda heard: sum(message.HasField("f1") for message in heard) >= 3)
    told = [(one.f1.f1, one.f1.f2) for one in heard if one.HasField("f1")]
    assert told == [(str(login), "10001.00"), (str(opened), "10000.00"), (str(opened), "10001.00")]


def test_a_platform_that_stops_ends_its_streams(grpc_port: GrpcStage) -> None:
    ear = grpc_port.v2("GroupServiceExternal/getGroupChangesStream", "GroupsAsked", "GroupChange")
    ear.count(1)

    async def leave() -> None:
        grpc_port.door.leave("live")

    grpc_port.stage.house.run(leave())
    assert ear.ended() == (Code.UNAVAILABLE, "the trade platform stops")
    assert grpc_port.v2("GroupServiceExternal/getGroupChangesStream", "GroupsAsked", "GroupChange").count(1)
