"""Copy trading on the stream: in sums for who sees everything, row by row for who names investments, resumable."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from prorata.access.callers import Scope
from prorata.messages import copy_commands as ask
from prorata.messages.copy_terms import CopySpec, StreamSpec, TransferType
from prorata.stream.limits import Limits
from tests.stream.stage import QUICK, Client, Json, Stage, stage

LOT = 100_000_000
BEATING: Limits = msgspec.structs.replace(QUICK, heartbeat_seconds=0.05)
SMALL_RING: Limits = msgspec.structs.replace(BEATING, ring_events=5)


async def furnish(live: Stage, investors: int = 3) -> None:
    """Strategy 1 of client 1, with investments 2, 3, ... of clients 11, 12, ...; strategy 2 of client 2 without any."""
    await live.submit(ask.PutStream(StreamSpec(id=1, name="main")))
    await live.submit(ask.PutCopySpec(CopySpec(company=1, a_book_percent=0)))
    for client in (1, 2, *range(11, 11 + investors)):
        await live.submit(ask.OpenWallet(client, 1))
        await live.submit(ask.BookWallet(client if client < 10 else client - 8, TransferType.FUND, 10_000_00))
    await live.submit(ask.OpenStrategy(1, "Alpha", 10_000_00))
    await live.submit(ask.AddOffer(1, 200_000, 10_00, "alpha"))
    for wallet in range(3, 3 + investors):
        await live.submit(ask.Invest(wallet, 2, 1_000_00))
    await live.submit(ask.OpenStrategy(2, "Beta", 5_000_00))
    for strategy in (1, 2):
        await live.submit(ask.SendSync(strategy, soft=False, equity=10_000_00, held=()))


async def signal(live: Stage, lot: int, strategy: int = 1) -> None:
    await live.submit(ask.SendSignal(strategy, "EURUSD", lot, 10_000_00))


async def heard(client: Client, live: Stage, wish: Json) -> list[Json]:
    """Subscribe, and return what is told until a heartbeat says that the subscription is complete."""
    await client.ask({"op": "subscribe-copying", **wish})
    told: list[Json] = []
    while True:
        message = await client.hear()
        if message.get("sub") == wish["id"]:
            told.append(message)
        for mark in message.get("heartbeat", {}).get("subscriptions", ()):
            if mark["sub"] == wish["id"] and mark["seq"] == live.writer.sequence:
                await client.ask({"op": "unsubscribe", "id": 99, "sub": wish["id"]})
                return told


def kinds(told: list[Json]) -> list[str]:
    return [event["event"] for event in told]


def test_who_sees_everything_is_told_in_sums(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            await furnish(live)
            async with live.client(live.key(Scope.READ)) as client:
                await client.ask({"op": "subscribe-events", "id": 1})
                await signal(live, LOT)
                taken, copied = await client.events(until=live.writer.sequence)
                assert (taken["event"], copied["event"]) == ("signal-taken", "copied")
                assert (copied["investments"], copied["volume"]) == (4, "1.30")
                assert copied["after"] == taken["seq"]

    asyncio.run(story())


def test_who_names_investments_is_told_of_these_alone(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            await furnish(live)
            async with live.client(live.key(Scope.READ)) as client:
                since = live.writer.sequence
                await client.ask({"op": "subscribe-copying", "id": 1, "investments": [4, 2]})
                await signal(live, LOT)
                rows = [await client.hear_with("event") for _ in range(2)]
                assert kinds(rows) == ["investment-deal"] * 2
                assert [(row["investment"], row["volume"], row["held"]) for row in rows] == [
                    (2, "0.10", "0.10"),
                    (4, "0.10", "0.10"),
                ]
                assert rows[0]["after"] == since
                assert rows[0]["seq"] == rows[1]["seq"] == rows[1]["after"] == live.writer.sequence
                assert not {"a_volume", "first_deal", "investments"} & rows[0].keys()
                await live.submit(ask.PauseInvestment(3))
                await live.submit(ask.PauseInvestment(4))
                told = [await client.hear_with("event") for _ in range(5)]
                assert kinds(told) == [
                    "command-taken", "investment-state", "investment-deal", "investment-state", "command-ended"
                ]  # fmt: skip
                assert {row["investment"] for row in told} == {4}
                assert [row["state"] for row in told if "state" in row] == ["pausing", "paused"]

    asyncio.run(story())


@pytest.mark.parametrize("limits", [BEATING, SMALL_RING], ids=["from memory", "from the outbox"])
def test_a_reader_of_copy_trading_resumes_from_any_sequence(tmp_path: Path, limits: Limits) -> None:
    async def story() -> None:
        async with stage(tmp_path, limits) as live:
            await furnish(live)
            for lot in (LOT, LOT // 2, -LOT, 0):
                await signal(live, lot)
            async with live.client(live.key(Scope.READ)) as client:
                whole = await heard(client, live, {"id": 1, "investments": [3], "since": 0})
                assert kinds(whole) == [
                    "investment-opened", "command-taken", "investment-moved", "command-ended", *["investment-deal"] * 4,
                ]  # fmt: skip
                for number, event in enumerate(whole, 1):
                    rest = await heard(client, live, {"id": 1 + number, "investments": [3], "since": event["seq"]})
                    assert [row["seq"] for row in rest] == [row["seq"] for row in whole[number:]]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"strategies": [2]}, {"strategy-opened", "offer-added", "investment-opened", "command-taken", "investment-moved",
                               "command-ended", "strategy-changed", "signal-taken", "copied"}),
        ({"strategies": [2], "topics": ["signal"]}, {"signal-taken"}),
        ({"wallets": [4], "topics": ["wallet"]}, {"wallet-opened", "wallet-moved"}),
        ({"wallets": [4]}, {"wallet-opened", "wallet-moved", "investment-opened", "investment-moved"}),
        ({"topics": ["stream", "copy_spec"]}, {"stream-put", "copy-spec-put"}),
        ({"investments": []}, set()),
    ],
)  # fmt: skip
def test_a_subscription_is_narrowed_to_what_it_names(tmp_path: Path, wish: Json, expected: set[str]) -> None:
    async def story() -> None:
        async with stage(tmp_path, BEATING) as live:
            await furnish(live)
            await signal(live, LOT, strategy=2)
            async with live.client(live.key(Scope.READ)) as client:
                told = await heard(client, live, {"id": 1, "since": 0, **wish})
                assert set(kinds(told)) == expected

    asyncio.run(story())


def test_copy_trading_is_not_for_keys_bound_to_accounts(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            await furnish(live)
            login = await live.account()
            async with live.client(live.key(Scope.ADMIN, logins=[login])) as client:
                answer = await client.ask({"op": "subscribe-copying", "id": 1})
                assert answer["error"]["refusal"] == "NOT_PERMITTED"
                await client.ask({"op": "subscribe-events", "id": 2})
                await signal(live, LOT)
                await live.book(login)
                assert (await client.hear_with("event"))["event"] == "balance-booked"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"strategies": [99]}, "UNKNOWN_STRATEGY"),
        ({"investments": [99]}, "UNKNOWN_INVESTMENT"),
        ({"wallets": [99]}, "UNKNOWN_WALLET"),
        ({"topics": ["deal"]}, "MALFORMED"),
        ({"wallets": list(range(1, 1_002))}, "OUT_OF_RANGE"),
        ({"since": 10**9}, "OUT_OF_RANGE"),
    ],
)
def test_a_wish_that_names_nothing_of_ours_is_refused(tmp_path: Path, wish: dict[str, Any], refusal: str) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            await furnish(live)
            async with live.client(live.key(Scope.READ)) as client:
                answer = await client.ask({"op": "subscribe-copying", "id": 1, **wish})
                assert answer["error"]["refusal"] == refusal

    asyncio.run(story())
