"""Who may come in, and who must leave."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from websockets.exceptions import InvalidStatus

from prorata.access.callers import Scope
from prorata.messages.commands import Access, ChangeAccount
from prorata.stream.limits import Limits
from tests.stream.stage import QUICK, stage


def test_a_bad_key_in_the_header_is_a_401_with_a_problem(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            foreign = live.keys.create("elsewhere", [Scope.ADMIN])
            for token in ("nonsense", "prk_abc_def", foreign, ""):
                with pytest.raises(InvalidStatus) as refused:
                    async with live.client(token):
                        pass
                assert refused.value.response.status_code == 401
                problem = msgspec.json.decode(refused.value.response.body)
                assert problem["code"] == 1003

    asyncio.run(story())


def test_a_browser_authenticates_by_its_first_message(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live, live.client(None) as client:
            await client.say({"op": "auth", "token": live.key()})
            hello = (await client.hear())["hello"]
            assert hello["platform"] == "live"
            assert hello["seq"] == live.writer.sequence
            again = await client.ask({"op": "auth", "id": 1, "token": "x"})
            assert again["error"]["refusal"] == "MALFORMED"

    asyncio.run(story())


def test_a_first_message_that_does_not_authenticate_closes_the_connection(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            for wish in ({"op": "auth", "token": "prk_x_y"}, {"op": "ping", "id": 1}, {"op": "auth"}):
                async with live.client(None) as client:
                    await client.say(wish)
                    assert (await client.hear_to_end())[0] == 4001
            async with live.client(None) as client:
                assert (await client.hear_to_end())[0] == 4001, "silence"
            assert live.app.connections == 0

    asyncio.run(story())


def test_a_revoked_or_expired_key_is_disconnected(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            revoked = live.key(Scope.READ)
            expiring = live.keys.create("live", [Scope.READ], expires_at=live.clock.moment + 1_000)
            async with live.client(revoked) as first, live.client(expiring) as second, live.client(live.key()) as third:
                live.keys.revoke(revoked.split("_")[1])
                assert (await first.hear_to_end())[0] == 4001
                live.clock.moment += 1_000
                assert (await second.hear_to_end())[0] == 4001
                assert "result" in await third.ask({"op": "ping", "id": 1})

    asyncio.run(story())


def test_a_trader_whose_login_is_disabled_is_disconnected_and_the_dealer_is_not(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            trader, dealer = live.key(Scope.READ, logins=[login]), live.key()
            async with live.client(trader) as mine, live.client(dealer) as house:
                for client in (mine, house):
                    await client.ask({"op": "subscribe-events", "id": 1, "logins": [login]})
                    await client.ask({"op": "subscribe-quotes", "id": 2})
                await live.submit(ChangeAccount(login, access=Access.LOGIN_DISABLED))
                assert (await mine.hear_to_end())[0] == 4001
                assert (await house.hear_with("event"))["access"] == "login_disabled"
            async with live.client(trader) as mine:
                refused = await mine.ask({"op": "subscribe-events", "id": 1})
                assert refused["error"]["refusal"] == "LOGIN_DISABLED"
                refused = await mine.ask({"op": "subscribe-quotes", "id": 2})
                assert refused["error"]["refusal"] == "UNKNOWN_GROUP"

    asyncio.run(story())


def test_connections_are_limited_for_each_key_and_in_all(tmp_path: Path) -> None:
    limits: Limits = msgspec.structs.replace(QUICK, connections_per_key=1, connections_max=2)

    async def story() -> None:
        async with stage(tmp_path, limits) as live:
            key, other = live.key(Scope.READ), live.key(Scope.READ)
            async with live.client(key):
                async with live.client(None) as second:
                    await second.say({"op": "auth", "token": key})
                    assert (await second.hear_to_end())[0] == 4029
                async with live.client(other):
                    with pytest.raises(InvalidStatus) as refused:
                        async with live.client(live.key()):
                            pass
                    assert refused.value.response.status_code == 503

    asyncio.run(story())


def test_quotes_and_events_need_the_read_scope(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live, live.client(live.key(Scope.TRADE)) as client:
            for op in ("subscribe-events", "subscribe-quotes"):
                refused = await client.ask({"op": op, "id": 1})
                assert refused["error"]["refusal"] == "NOT_PERMITTED"

    asyncio.run(story())
