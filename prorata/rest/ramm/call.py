"""One call: who calls, for which company, on which trade platform. Every handler is given one."""

import asyncio
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

import msgspec

from prorata.control.companies import Company
from prorata.control.organizations.declined import Declined
from prorata.control.sessions import Kind, Session
from prorata.control.store import Control
from prorata.control.tokens import AppToken, PartnerToken, StrategyToken
from prorata.crm.kyc.gate import Gate
from prorata.crm.kyc.levels import Right
from prorata.messages.commands import Command
from prorata.messages.events import Refused
from prorata.rest.own.session import Platform
from prorata.rest.ramm.copying import Copying
from prorata.rest.ramm.errors import access_denied, failure_of, internal_error, not_ready
from prorata.rest.ramm.registry import Method
from prorata.rest.ramm.senders import Senders
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, WriterStopped
from prorata.units.numbers import Moment

P = ParamSpec("P")
R = TypeVar("R")


class Sender(msgspec.Struct, frozen=True):
    """Who sends signals: a strategy, by an application."""

    strategy: StrategyToken
    app: AppToken


Caller = Session | Sender | PartnerToken


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What all calls share. `access_url`: where sessions are opened; "" is wherever the call came in."""

    control: Control
    platforms: Mapping[str, Platform]
    copying: Copying
    access_url: str = ""
    senders: Senders = msgspec.field(default_factory=Senders)
    gate: Gate | None = None
    """what clients who are accounts of the CRM may do; None: there is no CRM here"""


class Call:
    """`address`: where the caller is. `base_url`: where he has reached us."""

    __slots__ = ("_caller", "_company", "address", "base_url", "host", "house", "method", "token", "version")

    def __init__(
        self, house: House, method: Method, version: int, caller: Caller | None, company: Company | None, token: str
    ) -> None:
        self.house = house
        self.method = method
        self.version = version
        self.token = token
        self.address = ""
        self.host = ""
        self.base_url = ""
        self._caller = caller
        self._company = company

    @property
    def control(self) -> Control:
        return self.house.control

    @property
    def copying(self) -> Copying:
        return self.house.copying

    @property
    def company(self) -> Company:
        """The caller's company. Every look-up is within it."""
        assert self._company is not None, f"{self.method.name} is open: nobody has signed in"
        return self._company

    @property
    def manager(self) -> Session:
        """The session of the manager who calls."""
        assert isinstance(self._caller, Session)
        assert self._caller.kind == Kind.MANAGER
        return self._caller

    @property
    def client(self) -> Session:
        """The session of the client who calls; `test` says whether he is a test client."""
        assert isinstance(self._caller, Session)
        assert self._caller.kind == Kind.CLIENT
        return self._caller

    @property
    def sender(self) -> Sender:
        assert isinstance(self._caller, Sender)
        return self._caller

    @property
    def partner(self) -> PartnerToken:
        assert isinstance(self._caller, PartnerToken)
        return self._caller

    @property
    def platform(self) -> Platform:
        """The trade platform of the caller's company: writer, history, quotes, desk. Raises `Failure`."""
        platform = self.house.platforms.get(self.company.platform)
        if platform is None:
            raise not_ready()
        return platform

    @property
    def actor(self) -> str:
        """Who calls, for the journal and the audit: "manager 5", "client 17", "strategy 3", "partner 2"."""
        match self._caller:
            case Session(kind=kind, person_id=person):
                return f"{kind.value} {person}"
            case Sender(strategy=strategy):
                return f"strategy {strategy.strategy_id}"
            case PartnerToken(id=token_id):
                return f"partner {token_id}"
            case _:
                return "nobody"

    @property
    def bucket(self) -> str:
        """Whose allowance the call takes from: that of its token, or of its address if it needs none."""
        match self._caller:
            case Session(id=session_id):
                return f"session {session_id}"
            case Sender(strategy=strategy):
                return f"strategy {strategy.strategy_id} of {strategy.company_id}"
            case PartnerToken(id=token_id):
                return f"partner {token_id}"
            case _:
                return f"from {self.address}"

    @property
    def company_id(self) -> int:
        """The company's id; 0 if nobody has signed in."""
        return 0 if self._company is None else self._company.id

    def signed_in(self, session: Session, company: Company, token: str) -> None:
        """The call has turned out to be somebody's: it signed him in."""
        self.token = token
        self._caller = session
        self._company = company

    def now(self) -> Moment:
        """The time by which people and sessions are reckoned; `platform.now` is the market's."""
        return self.control.database.now()

    async def sql(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what blocks on a database in a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)

    async def check_may(self, right: Right) -> None:
        """Raise `Failure` unless the client's level in the CRM allows it. Demo companies are nobody's risk."""
        if self.house.gate is None or self.company.demo:
            return
        try:
            await self.sql(self.house.gate.check, self.client.person_id, right)
        except Declined as declined:
            raise access_denied(declined.detail) from None

    async def submit(self, command: Command, *, key: str = "") -> Answer:
        """Have a command done by the company's trade platform; the answer is durable.

        `key`: under the same one the same command is done once. Raises `Failure` or `Absent` when it is refused; a
        handler that knows which field was wrong catches the answer itself with `ask`.
        """
        answer = await self.ask(command, key=key)
        first = answer.events[0] if answer.events else None
        if isinstance(first, Refused):
            raise failure_of(first.code)
        return answer

    async def ask(self, command: Command, *, key: str = "") -> Answer:
        """Hand a command to the company's trade platform; its answer may be a refusal. Raises `Failure`."""
        return await asked_of(self.platform, command, caller=f"{self.company.id} {self.actor}", key=key)


async def asked_of(platform: Platform, command: Command, *, caller: str, key: str = "") -> Answer:
    """Hand a command to a trade platform; its answer may be a refusal. Raises `Failure`."""
    try:
        return await platform.writer.submit(command, caller=caller, key=key)
    except WriterStopped as failure:
        raise (internal_error() if failure.unknown else not_ready()) from None
    except (Overloaded, JournalFull):
        raise not_ready() from None
