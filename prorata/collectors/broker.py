"""A source that is a trading account of a Prorata platform, read over its REST API (`/api/v1`) with a key of scope `read`."""

from decimal import Decimal
from typing import TypeVar
from urllib.parse import quote

import httpx2
import msgspec

from prorata.collectors.source import USD, Held, Price, SourceAccount, SourceGone, SourceNotReady

INTERVAL_MS = 500
TIMEOUT_SECONDS = 5.0
OUTSIDE_KINDS = frozenset({"deposit", "withdrawal", "correction", "agent_commission"})
"""Balance operations that change the balance without a trade; credit does not."""
LOOKS = 20
"""Readings after a change of balance in which operations are looked for: their list follows the account with a delay."""
PAGE = 100
NOT_FOUND = 404
PERMANENT = frozenset({400, 401, 403, NOT_FOUND})
"""Of the very first answer: nothing will come of it. Later the server or its proxy may merely be upset."""

Body = TypeVar("Body")


class _Account(msgspec.Struct):
    currency: str
    balance: Decimal
    equity: Decimal


class _Position(msgspec.Struct):
    ticket: int
    symbol: str
    side: str
    volume: Decimal


class _Quote(msgspec.Struct):
    symbol: str
    bid: Decimal
    ask: Decimal


class _Operation(msgspec.Struct):
    operation: int
    at: str
    kind: str
    amount: Decimal


class _Operations(msgspec.Struct):
    items: list[_Operation]


class Broker:
    """Account `login` of the platform that `key` belongs to, at `address` (such as https://broker.example)."""

    interval_ms = INTERVAL_MS

    def __init__(self, address: str, login: int, key: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._login = login
        self._client = httpx2.AsyncClient(
            base_url=f"{address.rstrip('/')}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=timeout
        )
        self._answered = False
        self._balance: Decimal | None = None
        self._outside = Decimal(0)
        self._last: _Operation | None = None
        self._looks = 0

    async def close(self) -> None:
        await self._client.aclose()

    async def read(self) -> SourceAccount:
        """Return the account. Raises `SourceNotReady`, `SourceGone`: see `prorata.collectors.source`."""
        own = f"/accounts/{self._login}"
        account = await self._get(own, _Account)
        positions = await self._get(f"{own}/positions", list[_Position])
        await self._follow_operations(own, account.balance)
        prices = await self._prices(account.currency)
        self._answered = True
        return SourceAccount(
            account.currency, account.equity, account.balance, self._outside, tuple(map(_held, positions)), prices
        )

    async def _follow_operations(self, own: str, balance: Decimal) -> None:
        """Add up what went in and out since the first reading."""
        path = f"{own}/balance-operations"
        if self._balance is None:
            newest = await self._get(f"{path}?limit=1", _Operations)
            self._last = newest.items[0] if newest.items else None
        elif balance != self._balance:
            self._looks = LOOKS
        self._balance = balance
        if self._looks:
            self._looks -= 1
            await self._add_operations(path)

    async def _add_operations(self, path: str) -> None:
        while True:
            since = f"&since={quote(self._last.at)}" if self._last else ""
            page = await self._get(f"{path}?newest_first=false&limit={PAGE}{since}", _Operations)
            new = [item for item in page.items if self._last is None or item.operation > self._last.operation]
            for item in new:
                if item.kind in OUTSIDE_KINDS:
                    self._outside += item.amount
                self._last = item
            if not new or len(page.items) < PAGE:
                return

    async def _prices(self, currency: str) -> dict[str, Price]:
        """Return the price that joins `currency` and USD, if the platform has one."""
        if currency == USD:
            return {}
        for name in (currency + USD, USD + currency):
            found = await self._find(f"/quotes/{quote(name, safe='')}", _Quote)
            if found is not None:
                return {name: Price(found.bid, found.ask)}
        return {}

    async def _get(self, path: str, kind: type[Body]) -> Body:
        found = await self._find(path, kind)
        if found is not None:
            return found
        text = f"account {self._login} is not there, or not for this key"
        raise SourceNotReady(text) if self._answered else SourceGone(text)

    async def _find(self, path: str, kind: type[Body]) -> Body | None:
        """Return the answer; None if there is no such thing."""
        try:
            response = await self._client.get(path)
        except httpx2.HTTPError as problem:
            raise SourceNotReady(f"the source's server does not answer ({type(problem).__name__})") from None
        status = response.status_code
        if status == NOT_FOUND:
            return None
        if status in PERMANENT and not self._answered:
            raise SourceGone(f"the source's server refuses (HTTP {status}): is the key one with scope read?")
        if not response.is_success:
            raise SourceNotReady(f"the source's server answers HTTP {status}")
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError:
            raise SourceNotReady("the source's server answers what is no account of Prorata") from None


def _held(position: _Position) -> Held:
    lot = position.volume if position.side == "buy" else -position.volume
    return Held(str(position.ticket), position.symbol, lot)
