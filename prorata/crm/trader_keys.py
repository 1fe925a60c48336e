"""Keys that a trader makes for his own programs: each reaches one of his trading accounts, on the own API and the stream.

The keys themselves are those of `access.keys`; here is whose they are. A key ends when its trader ends it, and within
`LOOK_SECONDS` when he is blocked, or he or his trading account leaves the CRM; one that trades, within a minute when he may not
trade any more.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import msgspec
import structlog
from sqlalchemy import Column, Index, String, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from prorata.access.callers import NotFound, Scope
from prorata.access.keys import Key, KeyStore
from prorata.control.columns import NAME_LENGTH_MAX, number, text, whole
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import Verification
from prorata.crm.holding import hold_person
from prorata.crm.kyc.gate import check_may, may
from prorata.crm.kyc.levels import Right
from prorata.crm.kyc.tables import levels
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import accounts, crm_table, offers, outside_id, trading_accounts, within
from prorata.crm.trading import Status, TradingAccount
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Login, Moment

KEYS_MAX = 20
"""live ones of one person"""
LOOK_SECONDS = 5.0
LEVELS_EVERY = 12
"""looks from one at what people may do to the next"""
TRADER_SCOPES = frozenset({Scope.READ, Scope.TRADE})

trader_keys = crm_table(
    "trader_keys",
    number(),
    outside_id(),
    within("accounts", "account_id"),
    within("trading_accounts", "trading_account_id"),
    Column("key_id", String(16), nullable=False, unique=True),
    text("name", NAME_LENGTH_MAX),
    whole("created_at"),
    whole("ended_at"),
    Index("ix_crm_trader_keys_account", "account_id"),
)
"""`key_id`: of the key in the key store, which has its hash and scopes."""
personal(trader_keys, trader_keys.c.account_id, Fate.KEPT, unseen=("trading_account_id", "key_id"), blank={"name": ""})

_log = structlog.get_logger("crm")


class TraderKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as its trader sees it. Moments; 0 is never."""

    uuid: str
    name: str
    platform_uuid: str
    login: Login
    scopes: tuple[Scope, ...]
    created_at: Moment
    expires_at: Moment
    used_at: Moment


class TraderKeys:
    """Blocks on the databases. `engine_of`: the name under which a platform's keys are kept, by its uuid."""

    def __init__(self, database: Database, keys: KeyStore, engine_of: Callable[[str], str]) -> None:
        self._database = database
        self._keys = keys
        self._engine_of = engine_of

    def of_account(self, account_id: int) -> list[TraderKey]:
        """Return a person's keys that may be used, oldest first."""
        joined = trader_keys.join(trading_accounts, trading_accounts.c.id == trader_keys.c.trading_account_id)
        query = select(trader_keys, trading_accounts.c.platform_uuid, trading_accounts.c.login).select_from(joined)
        mine = (trader_keys.c.account_id == account_id) & (trader_keys.c.ended_at == 0)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(mine).order_by(trader_keys.c.id)).mappings().all()
        kept, now = self._keys.some([row["key_id"] for row in rows]), self._database.now()
        found = [_from(row, kept[row["key_id"]]) for row in rows]
        return [key for key in found if not key.expires_at or key.expires_at > now]

    def add(
        self, trading_account: TradingAccount, name: str, scopes: Collection[Scope], expires_at: Moment
    ) -> tuple[TraderKey, str]:  # fmt: skip
        """Make a key for a trading account, and return it with its token, which cannot be shown again.

        Raises `Declined`: the person has as many as he may, the account is not open yet, or what is wanted is no such key.
        """
        wanted, now = frozenset(scopes), self._database.now()
        if not wanted or not wanted <= TRADER_SCOPES:
            raise Declined(Refusal.OUT_OF_RANGE, "scopes: read, trade, or both")
        if not 1 <= len(name) <= NAME_LENGTH_MAX:
            raise Declined(Refusal.OUT_OF_RANGE, f"name: must have from 1 to {NAME_LENGTH_MAX} characters")
        if expires_at and expires_at <= now:
            raise Declined(Refusal.OUT_OF_RANGE, "expires: is in the past")
        if trading_account.status != Status.ACTIVE:
            raise Declined(Refusal.CHANGE_UNDER_WAY, "the trading account is not open yet")
        if Scope.TRADE in wanted:
            self._check_may_trade(trading_account, now)
        if len(self.of_account(trading_account.account_id)) >= KEYS_MAX:
            raise Declined(Refusal.QUOTA_REACHED, f"a person has at most {KEYS_MAX} keys")
        engine = self._engine_of(trading_account.platform_uuid)
        login, account_id = trading_account.login, trading_account.account_id
        with self._database.writing() as connection:
            hold_person(connection, account_id)
            token = self._keys.create(engine, wanted, logins=[login], label=f"trader of {login}", expires_at=expires_at)
            key_id = token.split("_")[1]
            row = {
                "uuid": str(uuid.uuid4()), "account_id": account_id, "trading_account_id": trading_account.id,
                "key_id": key_id, "name": name, "created_at": now, "ended_at": 0,
            }  # fmt: skip
            connection.execute(insert(trader_keys).values(row))
        at = {"platform_uuid": trading_account.platform_uuid, "login": login}
        return _from({**row, **at}, self._keys.some([key_id])[key_id]), token

    def _check_may_trade(self, trading_account: TradingAccount, now: Moment) -> None:
        """Raise `Declined` unless the person's level allows to trade, or the account is a demo."""
        demo = select(offers.c.demo).where(offers.c.id == trading_account.offer_id)
        with self._database.reading() as connection:
            if not connection.execute(demo).scalar_one():
                check_may(connection, trading_account.account_id, Right.TRADE, now)

    def end(self, account_id: int, key_uuid: str) -> None:
        """End a person's key at once. Raises `NotFound`: it is none of his; ended before, it stays so."""
        mine = (trader_keys.c.uuid == key_uuid) & (trader_keys.c.account_id == account_id)
        with self._database.reading() as connection:
            key_id = connection.execute(select(trader_keys.c.key_id).where(mine)).scalar()
        if key_id is None:
            raise NotFound
        self._end([key_id])

    def end_all(self, account_id: int) -> None:
        """End all keys of a person."""
        mine = (trader_keys.c.account_id == account_id) & (trader_keys.c.ended_at == 0)
        with self._database.reading() as connection:
            key_ids = connection.execute(select(trader_keys.c.key_id).where(mine)).scalars().all()
        self._end(key_ids)

    def end_unfit(self) -> None:
        """End the keys of people who are blocked, and of accounts that have left the CRM."""
        joined = trader_keys.join(accounts, accounts.c.id == trader_keys.c.account_id).join(
            trading_accounts, trading_accounts.c.id == trader_keys.c.trading_account_id
        )
        unfit = or_(
            accounts.c.deleted_at > 0, trading_accounts.c.deleted_at > 0, accounts.c.verification == Verification.BLOCKED.value
        )
        query = select(trader_keys.c.key_id).select_from(joined).where(trader_keys.c.ended_at == 0, unfit)
        with self._database.reading() as connection:
            key_ids = connection.execute(query).scalars().all()
        self._end(key_ids)

    def end_unpermitted(self) -> None:
        """End the keys that trade, on real accounts, of people whose level does not allow it any more."""
        joined = (
            trader_keys.join(trading_accounts, trading_accounts.c.id == trader_keys.c.trading_account_id)
            .join(offers, offers.c.id == trading_accounts.c.offer_id)
            .join(levels, (levels.c.organization_id == trading_accounts.c.organization_id) & (levels.c.removed_at == 0))
        )
        query = select(trader_keys.c.key_id, trader_keys.c.account_id).select_from(joined).distinct()
        now = self._database.now()
        with self._database.reading() as connection:
            rows = connection.execute(query.where(trader_keys.c.ended_at == 0, offers.c.demo.is_(False))).all()
            owners = {row.account_id for row in rows}
            barred = {one for one in owners if not may(connection, one, Right.TRADE, now).allowed}
        theirs = [row.key_id for row in rows if row.account_id in barred]
        self._end([key_id for key_id, key in self._keys.some(theirs).items() if Scope.TRADE in key.scopes] if theirs else [])

    def _end(self, key_ids: Collection[str]) -> None:
        if not key_ids:
            return
        for key_id in key_ids:
            self._keys.revoke(key_id)
        ended = trader_keys.c.key_id.in_(key_ids) & (trader_keys.c.ended_at == 0)
        with self._database.writing() as connection:
            connection.execute(update(trader_keys).where(ended).values(ended_at=self._database.now()))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """End what is to end until the end of the block."""
        looking = asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _keep_looking(self) -> None:
        for look in count():
            try:
                await asyncio.to_thread(self.end_unfit)
                if look % LEVELS_EVERY == 0:
                    await asyncio.to_thread(self.end_unpermitted)
            except SQLAlchemyError as problem:
                _log.warning("traders' keys cannot be read", problem=type(problem).__name__)
            await asyncio.sleep(LOOK_SECONDS)


def _from(row: Mapping[Any, Any], key: Key) -> TraderKey:
    return TraderKey(
        uuid=row["uuid"], name=row["name"], platform_uuid=row["platform_uuid"], login=row["login"], scopes=key.scopes,
        created_at=row["created_at"], expires_at=key.expires_at, used_at=key.used_at,
    )  # fmt: skip
