"""One connection after its key was verified: it reads wishes, performs them, and sends what is in its mailbox."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

import msgspec

from prorata.access.callers import Caller, NotFound, Tokens
from prorata.access.copying import WHOLE_PLATFORM, investment_for, strategy_for, wallet_for
from prorata.access.permissions import Permission
from prorata.messages.commands import Access
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.server.ports import Clock
from prorata.server.writer import Answer, Overloaded, WriterStopped
from prorata.stream import messages
from prorata.stream.closing import CloseCode, Ending
from prorata.stream.copy_subscriptions import CopySubscription, Interest, interest_of
from prorata.stream.hub import Hub
from prorata.stream.limits import Limits
from prorata.stream.mailbox import Mailbox
from prorata.stream.orders import COMMANDS, done_message, refusal_message
from prorata.stream.outbox import Pruned
from prorata.stream.subscriptions import EventSubscription, QuoteSubscription
from prorata.units.numbers import Login
from prorata.views.answers import Rejected
from prorata.views.commands import account_of
from prorata.views.outcomes import rejected_by
from prorata.views.texts import moment_text

# ASGI as it is on the wire.
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_encode = msgspec.json.Encoder().encode
_log = logging.getLogger(__name__)


class Session:
    """One client on one platform."""

    def __init__(
        self, hub: Hub, caller: Caller, token: bytes, tokens: Tokens, clock: Clock, limits: Limits,
        receive: Receive, send: Send,
    ) -> None:  # fmt: skip
        self._hub = hub
        self._writer = hub.writer
        self.caller = caller
        self._token = token
        self._tokens = tokens
        self._clock = clock
        self._limits = limits
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._may_trade = caller.may(Permission.TRADES_DEAL)
        self._events: dict[int, EventSubscription] = {}
        self._quotes: dict[int, QuoteSubscription] = {}
        self._in_flight = 0
        self._answered = asyncio.Event()
        self._ending: asyncio.Future[Ending] = self._loop.create_future()
        self._mailbox = Mailbox(limits, self._too_slow)
        self._beats_at = self._loop.time() + limits.heartbeat_seconds

    async def run(self) -> None:
        """Serve until either side ends it."""
        self._greet()
        timer = self._loop.create_task(self._keep_time())
        reader = self._loop.create_task(self._read())
        sender = self._loop.create_task(self._write())
        tasks = (timer, reader, sender)
        try:
            await asyncio.wait((*tasks, self._ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave_all()
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
                _log.error("a stream connection failed", exc_info=outcome)
                self.end(CloseCode.FAILED, "an error of the server; connect again")
        if self._ending.done():
            await self._close(self._ending.result())

    async def _close(self, ending: Ending) -> None:
        """Send the closing frame, if the reader takes it in time."""
        closing = self._send({"type": "websocket.close", "code": int(ending.code), "reason": ending.reason})
        # A reader that is gone or deaf is dropped without a word.
        with suppress(TimeoutError, OSError):
            await asyncio.wait_for(closing, self._limits.close_seconds)

    def end(self, code: CloseCode, reason: str) -> None:
        """Have the connection closed, as soon as it can be."""
        if not self._ending.done():
            self._ending.set_result(Ending(code, reason))

    def _leave_all(self) -> None:
        for subscription in self._events.values():
            self._hub.leave(subscription)
        for quotes in self._quotes.values():
            self._hub.quotes.leave(quotes)

    # Reading.

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return
            self._take(message.get("text") or message.get("bytes") or "")
            if self._in_flight >= self._limits.in_flight_max or not self._mailbox.is_roomy:
                await self._catch_breath()

    async def _catch_breath(self) -> None:
        """Read nothing more until answers were given and taken."""
        while self._in_flight >= self._limits.in_flight_max:
            self._answered.clear()
            await self._answered.wait()
        await self._mailbox.room()

    def _take(self, data: str | bytes) -> None:
        if len(data) > self._limits.message_bytes_max:
            detail = f"a message has at most {self._limits.message_bytes_max} bytes"
            self._mailbox.put(refusal_message(None, Refusal.BODY_TOO_LARGE, detail))
            return
        try:
            wishes = messages.decode(data)
        except messages.UNREADABLE:
            self._take_apart(data.encode() if isinstance(data, str) else data)
            return
        if type(wishes) is list:
            for wish in wishes:
                self._perform(wish)
        else:
            self._perform(wishes)  # type: ignore[arg-type]

    def _take_apart(self, data: bytes) -> None:
        for part in messages.decode_apart(data):
            if isinstance(part, tuple):
                number, rejected = part
                self._mailbox.put(refusal_message(number, rejected.code, rejected.detail))
            else:
                self._perform(part)

    def _perform(self, wish: messages.AnyWish) -> None:
        kind = type(wish)
        try:
            if kind in COMMANDS:
                self._trade(wish)
            else:
                _PERFORM[kind](self, wish)
        except Rejected as rejected:
            self._mailbox.put(refusal_message(wish.id, rejected.code, rejected.detail))

    # Orders.

    def _trade(self, wish: Any) -> None:
        if not self._may_trade:
            raise Rejected(Refusal.NOT_PERMITTED, "the key needs scope trade or dealer")
        desk = self._hub.desk
        account = account_of(self.caller, desk, wish.login)
        command = COMMANDS[type(wish)](desk, account, wish)
        try:
            self._writer.ask(command, partial(self._give_answer, wish.id), caller=self.caller.key_id, key=wish.key)
        except (Overloaded, WriterStopped) as failure:
            raise rejected_by(failure) from None
        self._in_flight += 1

    def _give_answer(self, number: int, answer: Answer | Exception) -> None:
        self._in_flight -= 1
        self._answered.set()
        if isinstance(answer, Exception):
            self._mailbox.put(refusal_message(number, rejected_by(answer).code))
            return
        first = answer.events[0] if answer.events else None
        if type(first) is Refused:
            self._mailbox.put(refusal_message(number, first.code, first.detail))
        else:
            self._mailbox.put(done_message(number, answer, self._hub.ring, self._hub.engine))

    # Subscriptions.

    def _subscribe_events(self, wish: messages.SubscribeEvents) -> None:
        self._check_subscription(wish.id)
        logins = self._logins_of(wish.logins)
        since = self._begin_of(wish.since)
        self._follow(EventSubscription(wish.id, self._mailbox, logins, since, self._lose))

    def _begin_of(self, since: int | None) -> int:
        """Return the event after which a subscription begins; without `since`: the newest."""
        sequence = self._writer.sequence
        if since is not None and since > sequence:
            raise Rejected(Refusal.OUT_OF_RANGE, f"since: the newest event is {sequence}")
        return sequence if since is None else since

    def _follow(self, subscription: EventSubscription) -> None:
        self._events[subscription.number] = subscription
        marks = {"sub": subscription.number, "since": subscription.after, "seq": self._writer.sequence}
        self._done(subscription.number, marks)
        self._hub.follow(subscription)

    def _subscribe_copying(self, wish: messages.SubscribeCopying) -> None:
        self._check_subscription(wish.id)
        if not self.caller.sees_all:
            raise Rejected(Refusal.NOT_PERMITTED, "the key is bound to single accounts")
        interest = self._interest_of(wish)
        since = self._begin_of(wish.since)
        self._follow(CopySubscription(wish.id, self._mailbox, interest, since, self._lose))

    def _interest_of(self, wish: messages.SubscribeCopying) -> Interest:
        copy = self._hub.engine.copy
        named = (
            (wish.strategies, strategy_for, Refusal.UNKNOWN_STRATEGY),
            (wish.investments, investment_for, Refusal.UNKNOWN_INVESTMENT),
            (wish.wallets, wallet_for, Refusal.UNKNOWN_WALLET),
        )
        if sum(len(numbers or ()) for numbers, _, _ in named) > self._limits.logins_max:
            raise Rejected(Refusal.OUT_OF_RANGE, f"at most {self._limits.logins_max} strategies, investments and wallets")
        for numbers, find, missing in named:
            for number in numbers or ():
                try:
                    find(WHOLE_PLATFORM, copy, number)
                except NotFound:
                    raise Rejected(missing, f"{number}") from None
        return interest_of(
            copy, topics=wish.topics, strategies=wish.strategies, investments=wish.investments, wallets=wish.wallets
        )

    def _logins_of(self, wanted: list[Login] | None) -> frozenset[Login] | None:
        if wanted is None:
            if self.caller.logins is None:
                return None
            wanted = sorted(self.caller.logins)
        if len(wanted) > self._limits.logins_max:
            raise Rejected(Refusal.OUT_OF_RANGE, f"logins: at most {self._limits.logins_max}, or null for all")
        for login in wanted:
            account_of(self.caller, self._hub.desk, login)
        return frozenset(wanted)

    def _subscribe_quotes(self, wish: messages.SubscribeQuotes) -> None:
        self._check_subscription(wish.id)
        symbols = None if wish.symbols is None else frozenset(wish.symbols)
        self._check_symbols(symbols)
        group, login = self._view_of(wish)
        subscription = QuoteSubscription(wish.id, self._mailbox, symbols, group=group, login=login)
        self._quotes[wish.id] = subscription
        self._done(wish.id, {"sub": wish.id})
        self._hub.quotes.join(subscription)

    def _check_symbols(self, symbols: frozenset[str] | None) -> None:
        if symbols is None:
            return
        if len(symbols) > self._limits.symbols_max:
            raise Rejected(Refusal.OUT_OF_RANGE, f"symbols: at most {self._limits.symbols_max}, or null for all")
        unknown = sorted(symbols - self._hub.desk.state.symbols.keys())
        if unknown:
            raise Rejected(Refusal.UNKNOWN_SYMBOL, f"symbol: {unknown[0]}")

    def _view_of(self, wish: messages.SubscribeQuotes) -> tuple[str | None, Login | None]:
        """Return the group, or the account, whose markup is shown. A key bound to accounts never sees the raw market."""
        if wish.group is not None and wish.login is not None:
            raise Rejected(Refusal.MALFORMED, "group, login: one of them")
        if wish.login is not None:
            return None, account_of(self.caller, self._hub.desk, wish.login).login
        if self.caller.logins is not None:
            return None, self._own_login_in(wish.group)
        if wish.group is not None and wish.group not in self._hub.desk.state.groups:
            raise Rejected(Refusal.UNKNOWN_GROUP)
        return wish.group, None

    def _own_login_in(self, group: str | None) -> Login:
        """Return the first of the caller's accounts that is in `group` (None: in any)."""
        accounts = self._hub.desk.state.accounts
        for login in sorted(self.caller.logins or ()):
            account = accounts.get(login)
            if account is not None and account.access != Access.LOGIN_DISABLED and group in (None, account.group):
                return login
        raise Rejected(Refusal.UNKNOWN_GROUP)

    def _check_subscription(self, number: int) -> None:
        if not self.caller.may(Permission.TRADES_READ):
            raise Rejected(Refusal.NOT_PERMITTED, "the key needs scope read")
        if number in self._events or number in self._quotes:
            raise Rejected(Refusal.MALFORMED, "id: a subscription of this number is open")
        if len(self._events) + len(self._quotes) >= self._limits.subscriptions_max:
            raise Rejected(Refusal.TOO_MANY_REQUESTS, f"at most {self._limits.subscriptions_max} subscriptions")

    def _unsubscribe(self, wish: messages.Unsubscribe) -> None:
        events, quotes = self._events.pop(wish.sub, None), self._quotes.pop(wish.sub, None)
        if events is not None:
            self._hub.leave(events)
        elif quotes is not None:
            self._hub.quotes.leave(quotes)
        else:
            raise Rejected(Refusal.NOT_FOUND, f"sub: no subscription {wish.sub}")
        self._done(wish.id, {"sub": wish.sub})

    def _lose(self, subscription: EventSubscription, failure: Exception) -> None:
        """Say that the subscription cannot go on: what it asks for is gone, or we cannot tell it."""
        if not isinstance(failure, Pruned):
            self.end(CloseCode.FAILED, "an error of the server; connect again")
            return
        self._events.pop(subscription.number, None)
        detail = f"since: the oldest event kept is {failure.first}"
        self._mailbox.put(refusal_message(None, Refusal.OUT_OF_RANGE, detail, sub=subscription.number))

    def _too_slow(self) -> None:
        safe = min((subscription.sent for subscription in self._events.values()), default=0)
        self.end(CloseCode.TOO_SLOW, f"too slow: events were not read in time; resume since {safe}")

    # Small talk.

    def _greet(self) -> None:
        hello = {
            "platform": self.caller.platform,
            "scopes": sorted(self.caller.scopes),
            "number": self._writer.number,
            "seq": self._writer.sequence,
            "heartbeat_seconds": self._limits.heartbeat_seconds,
        }
        self._mailbox.put(_encode({"hello": hello}))

    def _authenticate_again(self, _wish: messages.Authenticate) -> None:
        raise Rejected(Refusal.MALFORMED, "the connection is authenticated already")

    def _pong(self, wish: messages.Ping) -> None:
        self._done(wish.id, {"at": moment_text(self._clock.now())})

    def _done(self, number: int, result: dict[str, Any]) -> None:
        self._mailbox.put(_encode({"id": number, "result": result}))

    # Sending.

    async def _write(self) -> None:
        while True:
            frame = await self._mailbox.frame()
            await self._send({"type": "websocket.send", "text": frame})
            if not self._mailbox.size:
                for subscription in self._events.values():
                    subscription.sent = subscription.after

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(self._limits.key_check_seconds)
            if not self._is_welcome():
                self.end(CloseCode.NOT_AUTHENTICATED, "the key was revoked or has expired, or its login was disabled")
                return
            if self._loop.time() >= self._beats_at:
                self._beats_at = self._loop.time() + self._limits.heartbeat_seconds
                self._mailbox.put(self._heartbeat())

    def _is_welcome(self) -> bool:
        if self._tokens.verify(self._token) is None:
            return False
        if self.caller.logins is None:
            return True
        accounts = self._hub.desk.state.accounts
        told = {login for subscription in self._events.values() for login in subscription.logins or ()}
        told |= {quotes.login for quotes in self._quotes.values() if quotes.login is not None}
        return all(accounts[login].access != Access.LOGIN_DISABLED for login in told)

    def _heartbeat(self) -> bytes:
        """Return where the platform is, how old its newest quote is, and up to where each subscription is complete."""
        now, quoted = self._clock.now(), self._hub.quotes.newest_at()
        beat = {
            "at": moment_text(now),
            "number": self._writer.number,
            "seq": self._writer.sequence,
            "quote_age_ms": max(0, now - quoted) if quoted else None,
            "subscriptions": [
                {"sub": number, "after": subscription.after, "seq": self._hub.seen_by(subscription)}
                for number, subscription in self._events.items()
            ],
        }
        return _encode({"heartbeat": beat})


_PERFORM: dict[type, Callable[[Session, Any], None]] = {
    messages.Authenticate: Session._authenticate_again,
    messages.Ping: Session._pong,
    messages.SubscribeEvents: Session._subscribe_events,
    messages.SubscribeCopying: Session._subscribe_copying,
    messages.SubscribeQuotes: Session._subscribe_quotes,
    messages.Unsubscribe: Session._unsubscribe,
}
