"""One call: at the door, or on a trading account. Every operation is given one."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prorata.access.callers import Caller, NotFound, Scope, SignInDisabled, account_for
from prorata.control.audit import Action
from prorata.control.sessions import Session
from prorata.crm.accounts import CrmAccount
from prorata.crm.platform_logs import Client
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import Head
from prorata.rest.broker.call import BrokerHouse
from prorata.rest.broker.dealing import Dealing
from prorata.rest.own.session import Platform
from prorata.rest.platform.registry import Upload
from prorata.rest.platform.sessions import Doorkeeper, TradingAccess
from prorata.trading.state import Account
from prorata.views.answers import Rejected

NOBODYS = Client()

P = ParamSpec("P")
R = TypeVar("R")


class DoorCall:
    """`cookies`: those that came; `head`: headers of the answer; `session`: of who is signed in already.

    `host`: as the caller named it; `secure`: he came by HTTPS. `client`: what his program tells of itself.
    """

    __slots__ = ("address", "client", "cookies", "door", "head", "host", "house", "key", "secure", "session", "upload")

    def __init__(
        self, house: BrokerHouse, door: Doorkeeper, cookies: dict[str, str], *, address: str, host: str, key: str,
        secure: bool, client: Client = NOBODYS, session: Session | None = None,
    ) -> None:  # fmt: skip
        self.house = house
        self.door = door
        self.cookies = cookies
        self.address = address
        self.host = host
        self.key = key
        self.secure = secure
        self.client = client
        self.session = session
        self.head: Head = []
        self.upload = Upload("", b"")
        """the file of an operation that takes one"""

    @property
    def signed_in(self) -> Session:
        assert self.session is not None, "the operation is registered as one for who is signed in"
        return self.session

    async def person(self) -> CrmAccount:
        """Return the account of who is signed in. Raises `Rejected`."""
        return await self.sql(self.door.account_of, self.signed_in)

    async def sql(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what blocks on a database in a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)


class AccountCall(DoorCall):
    """A call on the trading account that its token names."""

    __slots__ = ("access",)

    access: TradingAccess

    @property
    def platform(self) -> Platform:
        """Raises `Rejected`."""
        platform = self.house.running.platform(self.access.platform_uuid)
        if platform is None:
            raise Rejected(Refusal.NOT_READY, "the trade platform does not answer; nothing was done", retry_after=5)
        return platform

    @property
    def account(self) -> Account:
        """Raises `Rejected`."""
        login, platform = self.access.login, self.platform
        caller = Caller(f"platform {login}", platform.writer.platform, frozenset({Scope.TRADE}), frozenset({login}))
        try:
            return account_for(caller, platform.desk.state, login)
        except NotFound:
            raise Rejected(Refusal.NOT_FOUND, "the trade platform has no such account") from None
        except SignInDisabled:
            raise Rejected(Refusal.LOGIN_DISABLED) from None

    @property
    def dealing(self) -> Dealing:
        """Raises `Rejected`."""
        return Dealing(self.platform, self.account, caller=f"platform {self.access.login}", key=self.key)


def audit(call: DoorCall, account: CrmAccount, what: str, request: str = "") -> None:
    """Write down what a person has done, a little later."""
    call.house.control.note(
        Action(
            at=call.house.control.database.now(), organization_id=account.organization_id, actor=f"account {account.uuid}",
            method=f"platform {what}", address=call.address, request=request, outcome="ok",
        )
    )  # fmt: skip
