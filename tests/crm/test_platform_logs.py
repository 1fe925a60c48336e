"""What happens on a trade platform is written down once, and what people do there with what their program tells."""

import asyncio

import msgspec
import pytest

from prorata.control.paging import Slice
from prorata.crm.platform_logs import Client, LogEntry, LogEvent, LogFilter, LogLevel, LogLine
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    CancelOrder,
    ClosePosition,
    ModifyPosition,
    OrderType,
    PlaceOrder,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.units.numbers import DAY_MS, VOLUME_PER_LOT
from tests.crm.desk import BEGIN, Desk
from tests.trading.words import new_symbol

OLDEST_FIRST = Slice("created", False, 0, 100)
BROWSER = Client(client_ip="203.0.113.7", browser_id="b1", user_agent="Firefox 140", app_version="2.1", view="chart")


def found(desk: Desk, **wanted: object) -> list[LogLine]:
    lines, total = desk.crm.platform_logs.search(desk.organization.id, LogFilter(**wanted), OLDEST_FIRST)  # type: ignore[arg-type]
    assert total == len(lines)
    return lines


def noted(desk: Desk, account_id: int, event: LogEvent = LogEvent.LOGIN, **more: object) -> None:
    entry = LogEntry(at=desk.now, organization_id=desk.organization.id, account_id=account_id, event=event, client=BROWSER)
    desk.crm.platform_logs.note(msgspec.structs.replace(entry, **more))


def test_orders_and_deals_are_written_down_once(desk: Desk) -> None:
    account = desk.account()
    trading_account = desk.trading_account(account)
    login = trading_account.login
    for command in (
        BookBalance(login, BalanceKind.DEPOSIT, 1_000_000, comment="by hand"), PutSymbol(new_symbol("EURUSD")),
        Quotes((Quote("EURUSD", 110_000, 110_010),)), PlaceOrder(login, "EURUSD", Side.BUY, VOLUME_PER_LOT),
        ModifyPosition(login, 1, 109_000, 0),
        PlaceOrder(login, "EURUSD", Side.SELL, VOLUME_PER_LOT // 10, OrderType.LIMIT, 120_000), CancelOrder(login, 2),
        ClosePosition(login, 1, VOLUME_PER_LOT // 4), Quotes((Quote("EURUSD", 108_900, 108_910),)),
    ):  # fmt: skip
        desk.engines._apply(command, "")
    for _ in range(2):
        desk.follow()
    lines = found(desk, email="ANN@mail.test")
    assert [(line.event, line.symbol, line.ticket, line.details) for line in lines] == [
        (LogEvent.BALANCE, "", 0, "DEPOSIT by hand"),
        (LogEvent.DEAL_IN, "EURUSD", 1, "BUY 1 CLIENT"),
        (LogEvent.STOPS_CHANGED, "EURUSD", 1, ""),
        (LogEvent.ORDER_PLACED, "EURUSD", 2, "SELL 0.1 LIMIT"),
        (LogEvent.ORDER_REMOVED, "EURUSD", 2, "CANCELLED"),
        (LogEvent.DEAL_OUT, "EURUSD", 1, "SELL 0.25 CLIENT"),
        (LogEvent.DEAL_OUT, "EURUSD", 1, "SELL 0.75 STOP_LOSS"),
    ]
    assert {(line.login, line.platform_uuid, line.account_uuid) for line in lines} == {(login, desk.platform, account.uuid)}
    assert [line.event for line in found(desk, events=frozenset({LogEvent.DEAL_OUT}))] == [LogEvent.DEAL_OUT] * 2


def test_what_is_noted_is_found_by_what_its_program_told(desk: Desk) -> None:
    ann, bob = desk.account("ann@mail.test"), desk.account("bob@mail.test")
    opened = desk.trading_account(ann)
    noted(desk, ann.id)
    noted(desk, ann.id, LogEvent.POSITION_OPEN, platform_uuid=desk.platform, login=opened.login, level=LogLevel.WARN)
    noted(desk, bob.id, client=Client(client_ip="198.51.100.9", user_agent="curl"))
    for wanted, events in (
        ({"account_uuid": ann.uuid}, [LogEvent.LOGIN, LogEvent.POSITION_OPEN]),
        ({"trading_account_uuid": opened.uuid}, [LogEvent.POSITION_OPEN]),
        ({"login": opened.login}, [LogEvent.POSITION_OPEN]),
        ({"levels": frozenset({LogLevel.WARN})}, [LogEvent.POSITION_OPEN]),
        ({"client": Client(client_ip="203.0.113.7")}, [LogEvent.LOGIN, LogEvent.POSITION_OPEN]),
        ({"client": Client(user_agent="fire", view="CHART")}, [LogEvent.LOGIN, LogEvent.POSITION_OPEN]),
        ({"client": Client(app_version="2")}, []),
        ({"email": "bob@mail.test"}, [LogEvent.LOGIN]),
        ({"email": "nobody@mail.test"}, []),
        ({"platforms": frozenset()}, [LogEvent.LOGIN, LogEvent.LOGIN]),
        ({"since": desk.now + 1}, []),
    ):
        assert [line.event for line in found(desk, **wanted)] == events, wanted
    (line,) = found(desk, login=opened.login)
    assert (line.trading_account_uuid, line.client) == (opened.uuid, BROWSER)


def test_another_organization_finds_nothing(desk: Desk) -> None:
    account = desk.account()
    noted(desk, account.id)
    stranger = desk.organization.id + 1
    for wanted in (LogFilter(), LogFilter(account_uuid=account.uuid), LogFilter(email="ann@mail.test")):
        assert desk.crm.platform_logs.search(stranger, wanted, OLDEST_FIRST) == ([], 0)


def test_what_is_noted_is_written_before_the_end_and_forgotten_when_it_is_old(desk: Desk) -> None:
    logs, account = desk.crm.platform_logs, desk.account()

    async def run() -> None:
        async with logs.running():
            noted(desk, account.id)

    asyncio.run(run())
    assert not logs._waiting
    assert len(found(desk)) == 1
    desk.now = BEGIN + 91 * DAY_MS
    noted(desk, account.id)
    logs.write()
    logs.forget(desk.now - 90 * DAY_MS)
    assert [line.at for line in found(desk)] == [desk.now]


def test_of_who_is_gone_nothing_is_written(desk: Desk) -> None:
    account = desk.account()
    noted(desk, account.id)
    desk.crm.accounts.withdraw(account)
    desk.crm.platform_logs.write()
    assert found(desk) == []


@pytest.mark.parametrize("text", ["x" * 5_000, "a\u0000b"[:1]])
def test_a_long_text_is_cut_off(desk: Desk, text: str) -> None:
    account = desk.account()
    noted(desk, account.id, details=text, client=Client(user_agent=text))
    (line,) = found(desk)
    assert (len(line.details), len(line.client.user_agent)) == (min(1_000, len(text)), min(256, len(text)))
