"""Orders over the socket."""

import asyncio
from pathlib import Path

import msgspec

from prorata.access.callers import Scope
from prorata.stream.limits import Limits
from tests.stream.stage import QUICK, Json, buy, stage


def test_a_market_order_is_answered_with_its_deal(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            async with live.client(live.key(Scope.TRADE, logins=[login])) as client:
                answer = await client.ask(buy(7, login, comment="été"))
                result = answer["result"]
                assert result["ticket"] == 1
                assert result["number"] == live.writer.number
                (deal,) = result["events"]
                assert deal["event"] == "deal"
                assert deal["seq"] == live.writer.sequence
                # The group's markup of 3 points is in the price.
                assert (deal["price"], deal["volume"], deal["side"]) == ("1.10013", "0.01", "buy")
                assert (deal["margin"], deal["comment"], deal["login"]) == ("11.01", "été", login)

    asyncio.run(story())


def test_pipelined_orders_are_all_answered_in_order_and_several_in_a_frame(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path, msgspec.structs.replace(QUICK, in_flight_max=64)) as live:
            login = await live.account()
            async with live.client(live.key()) as client:
                for number in range(500):
                    await client.say(buy(number, login))
                await client.say(*(buy(number, login) for number in range(500, 700)))
                answers = [await client.hear_with("id") for _ in range(700)]
                assert [answer["id"] for answer in answers] == list(range(700))
                tickets = [answer["result"]["ticket"] for answer in answers]
                assert tickets == list(range(1, 701))
                assert len(client.frames) < 350
                account = live.writer.engine.desk.state.accounts[login]
                assert len(account.positions) == 700

    asyncio.run(story())


def test_orders_and_positions_are_changed_and_closed(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            me = {"login": login}
            async with live.client(live.key(Scope.TRADE, logins=[login])) as client:

                async def done(number: int, op: str, **fields: object) -> list[str]:
                    answer = await client.ask({"op": op, "id": number, **me, **fields})
                    return [event["event"] for event in answer["result"]["events"]]

                limit = await client.ask(buy(1, login, type="limit", price="1.09000"))
                ticket = limit["result"]["ticket"]
                change = {
                    "symbol": "EURUSD", "price": "1.08000", "limit_price": None, "stop_loss": "1.07000", "take_profit": None,
                    "trailing_points": None, "expires_at": None,
                }  # fmt: skip
                assert await done(2, "modify-order", ticket=ticket, **change) == ["order-modified"]
                assert await done(3, "cancel-order", ticket=ticket) == ["order-removed"]
                first = (await client.ask(buy(4, login)))["result"]["ticket"]
                stops = {"symbol": "EURUSD", "stop_loss": "1.05000", "take_profit": None, "trailing_points": None}
                assert await done(5, "modify-position", ticket=first, **stops) == ["position-modified"]
                second = (await client.ask(buy(6, login, side="sell", volume="0.02")))["result"]["ticket"]
                assert await done(7, "close-by", ticket=first, by_ticket=second) == ["deal", "deal"]
                assert await done(8, "reverse-position", ticket=second) == ["deal", "deal"]
                (held,) = live.writer.engine.desk.state.accounts[login].positions
                assert await done(9, "close-position", ticket=held, volume="0.01") in (["deal"], ["deal", "deal"])
                await client.ask(buy(10, login))
                assert "deal" in await done(11, "close-all")
                assert not live.writer.engine.desk.state.accounts[login].positions

    asyncio.run(story())


def test_the_same_key_gives_the_first_answer_and_refuses_another_order(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            async with live.client(live.key()) as client:
                first = await client.ask(buy(1, login, key="one"))
                again = await client.ask(buy(2, login, key="one"))
                other = await client.ask(buy(3, login, key="one", volume="0.02"))
                assert not first["result"]["repeated"]
                assert again["result"]["repeated"]
                assert again["result"]["ticket"] == first["result"]["ticket"]
                assert again["result"]["events"][0]["deal"] == first["result"]["events"][0]["deal"]
                assert other["error"]["refusal"] == "KEY_REUSED"
                assert len(live.writer.engine.desk.state.accounts[login].positions) == 1

    asyncio.run(story())


def test_refusals_carry_the_number_and_change_nothing(tmp_path: Path) -> None:
    cases: list[tuple[Json, str]] = [
        ({"volume": "0.011"}, "VOLUME_OFF_STEP"),
        ({"volume": "1e2"}, "MALFORMED"),
        ({"volume": 1}, "MALFORMED"),
        ({"volume": "0.000000001"}, "OUT_OF_RANGE"),
        ({"volume": "NaN"}, "MALFORMED"),
        ({"symbol": "NOPE"}, "UNKNOWN_SYMBOL"),
        ({"login": 999_999}, "UNKNOWN_ACCOUNT"),
        ({"login": 2**70}, "OUT_OF_RANGE"),
        ({"stop_los": "1.0"}, "MALFORMED"),
        ({"side": "hold"}, "MALFORMED"),
        ({"key": "with space"}, "MALFORMED"),
        ({"price": "1.10000", "deviation_points": 1}, "PRICE_MOVED"),
        ({"op": "place"}, "MALFORMED"),
        ({"expires_at": "tomorrow", "type": "limit", "price": "1.0"}, "MALFORMED"),
    ]

    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            before = live.writer.engine.state_hash()
            async with live.client(live.key()) as client:
                for number, (fields, refusal) in enumerate(cases):
                    answer = await client.ask({**buy(number, login), **fields})
                    assert answer["error"]["refusal"] == refusal, fields
            assert live.writer.engine.state_hash() == before

    asyncio.run(story())


def test_one_bad_order_of_an_array_is_refused_alone(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            async with live.client(live.key()) as client:
                await client.say(buy(1, login), buy(2, login, volume=True), buy(3, login))
                answers = {answer["id"]: answer for answer in [await client.hear_with("id") for _ in range(3)]}
                assert answers[2]["error"]["code"] == 1001
                assert "result" in answers[1]
                assert "result" in answers[3]

    asyncio.run(story())


def test_messages_that_cannot_be_read_are_refused_and_the_connection_stays(tmp_path: Path) -> None:
    limits: Limits = msgspec.structs.replace(QUICK, message_bytes_max=1_000)

    async def story() -> None:
        async with stage(tmp_path, limits) as live, live.client(live.key()) as client:
            for text in ("", "{", "[1,2", "7", "null", "[" * 900, '{"op":"ping"}', b"\xff\xfe"):
                await client.connection.send(text)
                answer = await client.hear()
                assert (answer["id"], answer["error"]["code"]) == (None, 1001), text
            await client.connection.send('{"op":"ping","id":1,"x":"' + "y" * 1_000 + '"}')
            assert (await client.hear())["error"]["refusal"] == "BODY_TOO_LARGE"
            assert "result" in await client.ask({"op": "ping", "id": 5})

    asyncio.run(story())


def test_a_key_without_trade_cannot_trade_and_a_foreign_account_is_unknown(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            mine, theirs = await live.account(), await live.account()
            async with live.client(live.key(Scope.READ)) as client:
                assert (await client.ask(buy(1, mine)))["error"]["refusal"] == "NOT_PERMITTED"
            async with live.client(live.key(Scope.TRADE, logins=[mine])) as client:
                absent = await client.ask(buy(1, 999_999))
                foreign = await client.ask(buy(1, theirs))
                assert absent == foreign
                assert foreign["error"]["refusal"] == "UNKNOWN_ACCOUNT"

    asyncio.run(story())
