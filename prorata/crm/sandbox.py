"""A payment provider that moves no money: it takes orders, decides by their amounts, and calls back as a real one does.

An amount whose last two digits are 13 does not come through ("50.13"); every other one does. A deposit whose last two digits
are 77 is charged back once it has come in. Its gateways are for demo accounts alone.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import msgspec
from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.columns import number, text, whole
from prorata.control.database import Database
from prorata.crm.gateways import Gateways
from prorata.crm.payments import Kind
from prorata.crm.providers import Handed, Order, Told, Undecided, signed
from prorata.crm.tables import CURRENCY_LENGTH_MAX, crm_table, outside_id

AGAIN_SECONDS = 1.0
FAILS_AT = 13
CHARGED_BACK_AT = 77
AT_ONCE = 100

Post = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Calls an address with headers and a body; gives the status of the answer, 0 for none."""

orders = crm_table(
    "sandbox_orders",
    number(),
    outside_id(),
    text("provider_id", 36),
    text("gateway_uuid", 36),
    text("kind", 16),
    whole("amount"),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("created_at"),
    whole("told_at"),
    whole("charged_back_at"),
)
"""`uuid`: the payment's. `told_at`, `charged_back_at` 0: the call back has not been answered yet."""

_CHARGED_BACK = (orders.c.kind == Kind.DEPOSIT.value) & (orders.c.amount % 100 == CHARGED_BACK_AT)


class Sandbox:
    """`call_address`: where a gateway's provider calls, by its uuid; `post`: how."""

    def __init__(self, database: Database, gateways: Gateways, call_address: Callable[[str], str], post: Post) -> None:
        self._database = database
        self._gateways = gateways
        self._call_address = call_address
        self._post = post

    async def begin(self, order: Order) -> Handed:
        return Handed(await asyncio.to_thread(self._take, order))

    def _take(self, order: Order) -> str:
        row = {
            "uuid": order.payment_uuid, "provider_id": str(uuid.uuid4()), "gateway_uuid": order.gateway_uuid,
            "kind": order.kind.value, "amount": order.amount, "currency": order.currency,
            "created_at": self._database.now(), "told_at": 0, "charged_back_at": 0,
        }  # fmt: skip
        with suppress(IntegrityError), self._database.writing() as connection:
            connection.execute(insert(orders).values(row))
        with self._database.reading() as connection:
            mine = orders.c.uuid == order.payment_uuid
            provider_id: str = connection.execute(select(orders.c.provider_id).where(mine)).scalar_one()
        return provider_id

    async def look_up(self, order: Order) -> Told | Undecided:
        return await asyncio.to_thread(self._find, order)

    def _find(self, order: Order) -> Told | Undecided:
        with self._database.reading() as connection:
            row = connection.execute(select(orders).where(orders.c.uuid == order.payment_uuid)).mappings().first()
        return Undecided("it has no such order") if row is None else _outcome_of(row)

    async def tell_waiting(self) -> None:
        """Call back about every order whose call has not been answered, once."""
        for told, gateway_uuid in await asyncio.to_thread(self._waiting):
            try:
                _, secret = await asyncio.to_thread(self._gateways.called, gateway_uuid)
            except NotFound:
                continue
            body = msgspec.json.encode(told)
            headers = {"content-type": "application/json", **signed(secret, told.provider_id, body, self._database.now())}
            if 200 <= await self._post(self._call_address(gateway_uuid), headers, body) < 300:
                await asyncio.to_thread(self._note_told, told)

    def _waiting(self) -> list[tuple[Told, str]]:
        charged_back = (orders.c.told_at > 0) & (orders.c.charged_back_at == 0) & _CHARGED_BACK
        query = select(orders).where((orders.c.told_at == 0) | charged_back).order_by(orders.c.id).limit(AT_ONCE)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [(_told_of(row), row["gateway_uuid"]) for row in rows]

    def _note_told(self, told: Told) -> None:
        at = "charged_back_at" if told.chargeback_id else "told_at"
        with self._database.writing() as connection:
            mine = orders.c.uuid == told.payment_uuid
            connection.execute(update(orders).where(mine).values({at: self._database.now()}))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Call back until the end of the block."""
        telling = asyncio.create_task(self._keep_telling())
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _keep_telling(self) -> None:
        while True:
            await self.tell_waiting()
            await asyncio.sleep(AGAIN_SECONDS)


def _told_of(row: RowMapping) -> Told:
    """Return what is to be told of an order: first how it came out, then that it is charged back."""
    told = _outcome_of(row)
    if row["told_at"]:
        return msgspec.structs.replace(told, chargeback_id=f"CB {row['provider_id']}", reason="the sandbox takes it back")
    return told


def _outcome_of(row: RowMapping) -> Told:
    paid = row["amount"] % 100 != FAILS_AT
    return Told(
        payment_uuid=row["uuid"], provider_id=row["provider_id"], paid=paid, amount=row["amount"], currency=row["currency"],
        reason="" if paid else "the sandbox says no",
    )  # fmt: skip
