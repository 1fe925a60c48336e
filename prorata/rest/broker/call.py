"""One call: whose key it is, and what it reaches. Every operation is given one."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

import msgspec

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant
from prorata.access.platforms import platform_for
from prorata.control.api_clients.store import ApiClient
from prorata.control.platforms.records import PlatformRecord
from prorata.control.store import Control
from prorata.crm.accounts import CrmAccount
from prorata.crm.crossing import Unanswered
from prorata.crm.settings import Offer
from prorata.crm.store import Crm
from prorata.crm.trader_keys import TraderKeys
from prorata.crm.trading import TradingAccount
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import BEARER, Headers
from prorata.rest.broker.dealing import Dealing
from prorata.rest.broker.kinds import LoginGiven, login_of
from prorata.rest.own.session import Platform
from prorata.trading.state import Account
from prorata.units.numbers import Moment
from prorata.views.answers import Rejected

P = ParamSpec("P")
R = TypeVar("R")


class Running(Protocol):
    """The trade platforms of this process, by uuid."""

    def platform(self, platform_uuid: str) -> Platform | None: ...


class BrokerHouse(msgspec.Struct, frozen=True):
    """What all calls share."""

    control: Control
    crm: Crm
    running: Running
    trader_keys: TraderKeys


def key_of(authorization: bytes) -> str:
    """Return the key that `authorization` gives, with "Bearer" before it or bare; "" for none."""
    given = authorization.strip()
    key = given[len(BEARER) :].strip() if given[: len(BEARER)].lower() == BEARER else given
    return key.decode("latin-1")


def client_with(control: Control, key: str, address: str) -> ApiClient:
    """Return whose key it is, if it is good at an address. Raises `Rejected`."""
    client = control.api_clients.holder(key) if key else None
    if client is None or not client.allows(address):
        raise Rejected(Refusal.NOT_AUTHENTICATED, "the key is missing, unknown, or not for this address")
    return client


class Call:
    """`client`: whose key it is; `address`: where it calls from; `key`: under which its commands are done once, "" for none."""

    __slots__ = ("address", "client", "house", "key")

    def __init__(self, house: BrokerHouse, client: ApiClient, address: str, key: str = "") -> None:
        self.house = house
        self.client = client
        self.address = address
        self.key = key

    def read_head(self, headers: Headers) -> None:
        """Read what else the head of the call says. Raises `Rejected`."""

    @property
    def control(self) -> Control:
        return self.house.control

    @property
    def crm(self) -> Crm:
        return self.house.crm

    @property
    def grant(self) -> Grant:
        return self.client.grant

    @property
    def organization_id(self) -> int:
        return self.client.grant.organization_id

    @property
    def by(self) -> str:
        """Who does it, as timelines show it."""
        return self.client.name

    def now(self) -> Moment:
        return self.control.database.now()

    async def sql(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what blocks on a database in a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)

    # From ids outside to what they name. What a call is about and is not there is 404; what it only refers to, 422.

    def system(self, system_uuid: str) -> PlatformRecord:
        """Return a trade platform within the key's reach. Raises `Rejected`."""
        try:
            return platform_for(self.grant, system_uuid.lower(), self.control.platforms.by_uuid)
        except NotFound:
            raise Rejected(Refusal.NOT_FOUND, "systemUuid: there is no trade platform of this uuid") from None

    def running(self, platform_uuid: str) -> Platform:
        """Return a trade platform that takes calls now. Raises `Rejected`."""
        platform = self.house.running.platform(platform_uuid)
        if platform is None:
            raise Rejected(Refusal.NOT_READY, "the trade platform does not answer; nothing was done", retry_after=5)
        return platform

    def dealing(self, system_uuid: str, login: LoginGiven) -> Dealing:
        """Return an account of a trade platform, to trade on its behalf. Raises `Rejected`."""
        platform, account = self.traded(system_uuid, login)
        return Dealing(platform, account, caller=f"broker {self.client.client_id}", key=self.key)

    def traded(self, system_uuid: str, login: LoginGiven) -> tuple[Platform, Account]:
        """Return an account as its trade platform has it, whether or not the CRM knows whose it is. Raises `Rejected`."""
        platform = self.running(self.system(system_uuid).uuid)
        account = platform.desk.state.accounts.get(login_of(login))
        if account is None:
            raise Rejected(Refusal.NOT_FOUND, "login: there is no trading account of this number")
        return platform, account

    async def account(self, account_uuid: str) -> CrmAccount:
        """Raises `Rejected`."""
        try:
            return await self.sql(self.crm.accounts.find, self.organization_id, account_uuid.lower())
        except NotFound:
            raise Rejected(Refusal.NOT_FOUND, "there is no account of this uuid") from None

    async def trading_account(self, system_uuid: str, login: LoginGiven) -> TradingAccount:
        """Raises `Rejected`."""
        system = self.system(system_uuid)
        try:
            return await self.sql(self.crm.trading.find, self.organization_id, system.uuid, login_of(login))
        except NotFound:
            raise Rejected(Refusal.NOT_FOUND, "login: there is no trading account of this number") from None

    async def offer(self, offer_uuid: str) -> Offer:
        """Return an offer that the call refers to. Raises `Rejected`."""
        try:
            offer = await self.sql(self.crm.settings.offer, self.organization_id, offer_uuid.lower())
        except NotFound:
            offer = None
        if offer is None or not self.grant.reaches(offer.platform_uuid):
            raise Rejected(Refusal.UNKNOWN_REFERENCE, "offerUuid: there is no offer of this uuid")
        return offer

    async def carry(self, subject: str) -> bool:
        """Have the steps of a subject carried to its trade platform; say whether they are done, or will be later.

        Raises `Declined`: the platform has refused.
        """
        try:
            await self.crm.carrier.carry(subject)
        except Unanswered:
            return False
        return True

    async def carry_now(self, subject: str) -> None:
        """As `carry`, for a call that must be done. Raises `Rejected` if it will be done later."""
        if not await self.carry(subject):
            raise Rejected(
                Refusal.OUTCOME_UNKNOWN, "the trade platform has not answered yet; the change is kept, and will be made"
            )
