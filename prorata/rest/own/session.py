"""One call: who calls, on which platform, under which idempotency key. All operations are given one."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from prorata.access.callers import Caller, scopes_with
from prorata.access.permissions import Permission
from prorata.control.webhooks.office import WebhookOffice
from prorata.copying.engine import Engine
from prorata.messages.commands import Access, Command
from prorata.messages.refusals import Refusal
from prorata.projections.history import History
from prorata.projections.quotes import QuoteStore
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, Reply, Writer, WriterStopped
from prorata.trading.desk import Desk
from prorata.trading.state import Account
from prorata.units.numbers import Login, Moment
from prorata.views.answers import Rejected
from prorata.views.commands import account_of
from prorata.views.outcomes import check_done, rejected_by

SESSION = "prorata.session"
"""where the call's session is in the ASGI scope"""


class Platform:
    """One trade platform as the API reaches it. `now` gives the time that answers are stamped with.

    `webhooks` None: the platform keeps none, and their addresses answer as if there were none.
    """

    def __init__(
        self,
        writer: Writer,
        history: History,
        quotes: QuoteStore,
        now: Callable[[], Moment],
        webhooks: WebhookOffice | None = None,
    ) -> None:
        self.writer = writer
        self.history = history
        self.quotes = quotes
        self.now = now
        self.webhooks = webhooks
        self._logins: list[Login] = []

    @property
    def engine(self) -> Engine:
        return self.writer.engine

    @property
    def desk(self) -> Desk:
        return self.writer.engine.desk

    def logins(self) -> list[Login]:
        """Return the logins of all accounts, in order. Accounts are never removed, so their count tells of new ones."""
        accounts = self.desk.state.accounts
        if len(self._logins) != len(accounts):
            self._logins = sorted(accounts)
        return self._logins


class Session:
    __slots__ = ("caller", "key", "platform", "request_id")

    def __init__(self, caller: Caller, platform: Platform, key: str, request_id: str) -> None:
        self.caller = caller
        self.platform = platform
        self.key = key
        self.request_id = request_id

    @property
    def engine(self) -> Engine:
        return self.platform.writer.engine

    @property
    def desk(self) -> Desk:
        return self.platform.desk

    def logins(self) -> list[Login]:
        """Return the logins within the caller's reach, in order."""
        if self.caller.logins is None:
            return self.platform.logins()
        accounts = self.desk.state.accounts
        return [
            login
            for login in sorted(self.caller.logins)
            if login in accounts and accounts[login].access != Access.LOGIN_DISABLED
        ]

    def account(self, login: Login) -> Account:
        """Return an account within the caller's reach. Raises `Rejected`."""
        return account_of(self.caller, self.desk, login)

    def ask(self, command: Command, reply: Reply) -> None:
        """Have `reply` told what becomes of a command. Raises `Rejected` if it was not taken."""
        try:
            self.platform.writer.ask(command, reply, caller=self.caller.key_id, key=self.key)
        except (Overloaded, WriterStopped) as failure:
            raise rejected_by(failure) from None

    async def submit(self, command: Command) -> Answer:
        """Have a command done; the answer is durable. Raises `Rejected`."""
        try:
            answer = await self.platform.writer.submit(command, caller=self.caller.key_id, key=self.key)
        except (JournalFull, Overloaded, WriterStopped) as failure:
            raise rejected_by(failure) from None
        check_done(answer)
        return answer


def session_of(request: Request[Any, Any, Any]) -> Session:
    session: Session = request.scope[SESSION]  # type: ignore[literal-required]
    return session


Call: TypeAlias = NamedDependency[Session]
"""a session, as operations take it"""

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def needs(permission: Permission, *, house: bool = False) -> Guard:
    """Let only keys pass that have the permission. The `house`'s own figures are not for keys bound to accounts."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        session: Session = connection.scope[SESSION]  # type: ignore[literal-required]
        check_permitted(session.caller, permission, house=house)

    guard.needed = permission  # type: ignore[attr-defined]
    return guard


def check_permitted(caller: Caller, permission: Permission, *, house: bool = False) -> None:
    if not caller.may(permission):
        scopes = " or ".join(scopes_with(permission))
        raise Rejected(Refusal.NOT_PERMITTED, f"needs the permission {permission}, which keys of scope {scopes} have")
    if house and not caller.sees_all:
        raise Rejected(Refusal.NOT_PERMITTED, "the key is bound to single accounts")
