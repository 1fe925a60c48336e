"""Keys for a trader's own programs: they reach one of his trading accounts, on the own API and its stream."""

from typing import Any

from prorata.access.callers import NotFound, Scope
from prorata.crm.trader_keys import TraderKey
from prorata.crm.trading import TradingAccount
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Given, Record, ShortText, Uuid, time_of
from prorata.rest.platform.call import DoorCall, audit
from prorata.rest.platform.registry import door
from prorata.units.numbers import DAY_MS
from prorata.views.answers import Rejected

DAYS_MAX = 3_650


class KeyWish(Given, frozen=True):
    """`days`: how long it is good, 0 until it is ended."""

    name: ShortText
    trading_account_uuid: Uuid
    scopes: list[Scope]
    days: int = 0


class KeyView(Record, frozen=True):
    uuid: str
    name: str
    system_uuid: str
    login: str
    scopes: list[Scope]
    created: str | None
    expires: str | None
    last_used: str | None


class NewKeyView(KeyView, frozen=True):
    """`token` cannot be shown again."""

    token: str


class KeysView(Record, frozen=True):
    api_keys: list[KeyView]


@door("GET", "/client/api-keys", signed_in=True)
async def keys(call: DoorCall) -> KeysView:
    """The person's keys that may be used."""
    found = await call.sql(call.house.trader_keys.of_account, call.signed_in.person_id)
    return KeysView(api_keys=[KeyView(**_shown(key)) for key in found])


@door("POST", "/client/api-keys", signed_in=True)
async def new_key(call: DoorCall, given: KeyWish) -> NewKeyView:
    """Make a key for one of the person's trading accounts."""
    if not 0 <= given.days <= DAYS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"days: must be from 0 to {DAYS_MAX}")
    trading_account = await own_trading_account(call, given.trading_account_uuid)
    expires_at = call.house.control.database.now() + given.days * DAY_MS if given.days else 0
    key, token = await call.sql(
        call.house.trader_keys.add, trading_account, given.name.strip(), given.scopes, expires_at
    )  # fmt: skip
    audit(call, await call.person(), "api-key-made", f"{key.uuid} {trading_account.login} {' '.join(key.scopes)}")
    return NewKeyView(**_shown(key), token=token)


@door("DELETE", "/client/api-keys/{uuid}", signed_in=True)
async def end_key(call: DoorCall, uuid: str) -> None:
    """End a key at once."""
    await call.sql(call.house.trader_keys.end, call.signed_in.person_id, uuid.lower())
    audit(call, await call.person(), "api-key-ended", uuid[:36])


async def own_trading_account(call: DoorCall, trading_account_uuid: str) -> TradingAccount:
    """Return a trading account of whoever is signed in. Raises `NotFound`."""
    for trading_account in await call.sql(call.house.crm.trading.of_account, call.signed_in.person_id):
        if trading_account.uuid == trading_account_uuid.lower():
            return trading_account
    raise NotFound


def _shown(key: TraderKey) -> dict[str, Any]:
    return {
        "uuid": key.uuid, "name": key.name, "system_uuid": key.platform_uuid, "login": str(key.login),
        "scopes": list(key.scopes), "created": time_of(key.created_at), "expires": time_of(key.expires_at),
        "last_used": time_of(key.used_at),
    }  # fmt: skip
