"""A Prorata account as a source, read from a real server."""

import asyncio
from collections.abc import Coroutine, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from prorata.access.callers import Scope
from prorata.collectors.broker import Broker
from prorata.collectors.source import Manner, Price, SourceAccount, SourceGone, SourceNotReady, targets_of
from prorata.messages.commands import BalanceKind, BookBalance
from tests.rest.house import House

T = TypeVar("T")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(Path(tmp_path_factory.mktemp("source")))
    house.start()
    yield house
    house.stop()


class Reader:
    """A broker source on a loop of its own."""

    def __init__(self, address: str, login: int, key: str) -> None:
        self._runner = asyncio.Runner()
        self._broker = self._run(self._opened(address, login, key))

    async def _opened(self, address: str, login: int, key: str) -> Broker:
        return Broker(address, login, key, timeout=2)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def read(self) -> SourceAccount:
        return self._run(self._broker.read())

    def close(self) -> None:
        self._run(self._broker.close())
        self._runner.close()


@pytest.fixture
def readers() -> Iterator[list[Reader]]:
    opened: list[Reader] = []
    yield opened
    for reader in opened:
        reader.close()


def opened(readers: list[Reader], house: House, login: int, key: str = "") -> Reader:
    readers.append(Reader(house.url, login, key or house.keys.create("live", [Scope.READ], logins=[login])))
    return readers[-1]


def trade(house: House, login: int, symbol: str, side: str, volume: str) -> None:
    body = {"login": login, "symbol": symbol, "side": side, "volume": volume}
    with house.client("dealer") as client:
        answer = client.post("/api/v1/orders", json=body)
    assert answer.is_success, answer.text


def test_positions_of_a_hedging_account_are_read_with_their_signs(house: House, readers: list[Reader]) -> None:
    login = house.open_account()
    for side, volume in (("buy", "0.30"), ("sell", "0.10")):
        trade(house, login, "EURUSD", side, volume)
    trade(house, login, "USDJPY", "sell", "0.20")
    account = opened(readers, house, login).read()
    assert (account.currency, account.balance, account.prices) == ("USD", Decimal("10000.00"), {})
    assert [(held.symbol, held.lot) for held in account.positions] == [
        ("EURUSD", Decimal("0.30")),
        ("EURUSD", Decimal("-0.10")),
        ("USDJPY", Decimal("-0.20")),
    ]
    lots = {key: target.lot for key, target in targets_of(account.positions, Manner()).items()}
    assert lots == {"EURUSD": 20_000_000, "USDJPY": -20_000_000}
    assert account.equity < account.balance


def test_a_euro_account_comes_with_the_price_that_joins_it_to_the_dollar(house: House, readers: list[Reader]) -> None:
    account = opened(readers, house, house.open_account("euro")).read()
    assert (account.currency, account.prices) == ("EUR", {"EURUSD": Price(Decimal("1.10000"), Decimal("1.10010"))})


def test_money_in_and_out_is_added_up_from_the_first_reading_on(house: House, readers: list[Reader]) -> None:
    login = house.open_account()
    house.write_history()
    reader = opened(readers, house, login)
    writer = house.platforms["live"].writer
    assert reader.read().outside == 0
    for kind, amount in ((BalanceKind.DEPOSIT, 50_000), (BalanceKind.WITHDRAWAL, 20_000), (BalanceKind.CREDIT_IN, 7_700)):
        house.run(writer.submit(BookBalance(login, kind, amount)))
    assert reader.read().outside == 0, "the list of operations follows with a delay"
    house.write_history()
    assert reader.read().outside == Decimal("300.00")
    house.run(writer.submit(BookBalance(login, BalanceKind.CORRECTION, -10_000)))
    house.write_history()
    assert [reader.read().outside for _ in range(30)] == [Decimal("200.00")] * 30


def test_more_operations_than_one_page_are_counted_once_each(house: House, readers: list[Reader]) -> None:
    login = house.open_account(deposit=0)
    reader = opened(readers, house, login)
    assert reader.read().outside == 0
    writer = house.platforms["live"].writer
    for number in range(230):
        house.clock.moment += 1 if number % 3 == 0 else 0
        house.run(writer.submit(BookBalance(login, BalanceKind.DEPOSIT, 100)))
    house.write_history()
    assert reader.read().outside == Decimal("230.00")


def test_a_key_or_login_that_is_not_there_is_gone_at_once(house: House, readers: list[Reader]) -> None:
    login, other = house.open_account(), house.open_account()
    with pytest.raises(SourceGone, match="HTTP 401"):
        opened(readers, house, login, "prk_nothing").read()
    key = house.keys.create("live", [Scope.READ], logins=[login])
    with pytest.raises(SourceGone, match="is not there"):
        opened(readers, house, other, key).read()


def test_a_source_that_was_read_before_is_waited_for(house: House, readers: list[Reader]) -> None:
    login = house.open_account()
    reader = opened(readers, house, login)
    reader.read()
    (key,) = (key for key in house.keys.list("live") if key.logins == (login,))
    house.keys.revoke(key.id)
    with pytest.raises(SourceNotReady, match="HTTP 401"):
        reader.read()


def test_a_server_that_does_not_answer_is_waited_for(readers: list[Reader]) -> None:
    readers.append(Reader("http://127.0.0.1:9", 1001, "prk_any"))
    with pytest.raises(SourceNotReady, match="does not answer"):
        readers[0].read()
