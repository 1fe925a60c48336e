"""Stories of a sender: a table of moments, told once and played by the Python sender and by both Expert Advisors.

    account USD 10000.00             currency, equity
    manner postfixes=.m;.ecn.m       how it is told: also names=A=B;..., multipliers=A=0.5;..., by-ticket=yes
    hold 12 EURUSD.m 0.30            a position; again with another lot it changes; with 0 it is closed
    equity 10300.00                  what it is from now on
    outside 300.00                   so much was paid in (below 0: taken out), equity moves with it
    price EURUSD 1.10000 1.10010     bid and ask
    at 60000                         milliseconds since the start: what is due is sent, all of it in the lines that follow
      heartbeat <- ok need=1
      soft EURUSD 0.3 10000.00 12, XAUUSD -1 10000.00 13 <- ok
      signal EURUSD 0.5 10000.00 12 <- lost
      ended unauthorized             nothing is said any more

Messages: heartbeat, signal, soft, hard, balance. Answers: ok (a heartbeat's may have need=, status=, importance=), lost,
garbage, or a status such as 503. Signals of one moment may come in any order.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import msgspec

from prorata.collectors.behaviour import Behaviour, Unclear
from prorata.collectors.source import DEFAULT_NAMES, Held, Manner, Price, SourceAccount, reading_of
from prorata.collectors.wire import decode, encode

FOLDER = Path(__file__).parent / "moments"
LOST = -1
HEARTBEAT = {"Type": 0, "GetInfo": True}
SYNCS = {"soft": 2, "hard": 3, "balance": 3}


class Book(msgspec.Struct):
    """The source account of a story."""

    currency: str = "USD"
    equity: Decimal = Decimal(0)
    outside: list[Decimal] = []
    positions: dict[str, Held] = {}
    prices: dict[str, Price] = {}

    def account(self) -> SourceAccount:
        positions = tuple(self.positions.values())
        return SourceAccount(self.currency, self.equity, self.equity, sum(self.outside, Decimal(0)), positions, self.prices)


class Reply(msgspec.Struct, frozen=True):
    status: int
    body: str


Respond = Callable[[str], Reply]
"""from a posted body to its answer"""


class Player(Protocol):
    """Who plays a story."""

    def begin(self, manner: Manner) -> None: ...

    def moment(self, now: int, book: Book, respond: Respond) -> None: ...

    def ended(self) -> str:
        """Return why it has ended; "" if it has not."""
        ...


class PythonPlayer:
    """The behaviour and the wire, without a network between."""

    def begin(self, manner: Manner) -> None:
        self._manner = manner
        self._behaviour = Behaviour()

    def moment(self, now: int, book: Book, respond: Respond) -> None:
        reading = reading_of(book.account(), self._manner)
        while (message := self._behaviour.next(now, reading)) is not None:
            reply = respond(encode(message).decode())
            lost = reply.status == LOST
            answer = Unclear("no answer") if lost else decode(message, reply.status, reply.body.encode())
            self._behaviour.answered(now, message, answer)

    def ended(self) -> str:
        return self._behaviour.end or ""


class Expected(msgspec.Struct, frozen=True):
    words: str
    body: dict[str, Any]
    reply: Reply


class Moment(msgspec.Struct):
    """What is to be said at `now`, in order."""

    now: int
    expected: list[Expected] = []
    end: str = ""

    def respond(self, posted: str) -> Reply:
        """Answer what was posted, if it is what was to be said next (of the signals that come next: one of them)."""
        body = _parse(posted)
        for place, line in enumerate(self.expected):
            if line.body == body:
                return self.expected.pop(place).reply
            if line.body["Type"] != 1 or body["Type"] != 1:
                break
        wanted = self.expected[0].words if self.expected else "nothing"
        raise AssertionError(f"at {self.now}: said {posted}, but the story has {wanted}")

    def play(self, player: Player, book: Book) -> None:
        player.moment(self.now, book, self.respond)
        assert not self.expected, f"at {self.now}: not said: {self.expected[0].words}"
        assert player.ended() == self.end, f"at {self.now}"


def play(path: Path, player: Player) -> int:
    """Play a story and return how many moments it had; an `AssertionError` where it goes otherwise than told."""
    book = Book()
    moment: Moment | None = None
    manner = Manner()
    count, last = 0, -1
    for line in [*path.read_text().splitlines(), "over"]:
        words = line.partition("# ")[0].strip()
        if not words:
            continue
        if line.startswith(" "):
            assert moment is not None
            _expect(moment, words)
            continue
        if moment is not None:
            if count == 0:
                player.begin(manner)
            moment.play(player, book)
            count += 1
            moment = None
        what, *rest = words.split()
        if what == "at":
            assert int(rest[0]) > last, f"the story goes back to {rest[0]}"
            last = int(rest[0])
            moment = Moment(last)
        elif what == "manner":
            manner = _manner(rest)
        elif what != "over":
            _change(book, what, rest)
    return count


def _expect(moment: Moment, words: str) -> None:
    if words.startswith("ended "):
        moment.end = words.removeprefix("ended ")
        return
    said, _, answer = words.partition(" <- ")
    moment.expected.append(Expected(words, _body(said), _reply(said, answer)))


def _body(said: str) -> dict[str, Any]:
    what, _, rest = said.partition(" ")
    if what == "heartbeat":
        return HEARTBEAT
    signals = [_signal(part.split()) for part in rest.split(",") if part.strip()]
    if what == "signal":
        return {"Type": 1, **signals[0]}
    body: dict[str, Any] = {"Type": SYNCS[what], "Signals": signals}
    return {**body, "Ticket": "Balance"} if what == "balance" else body


def _signal(words: list[str]) -> dict[str, Any]:
    symbol, lot, equity, ticket = words
    return {"Symbol": symbol, "Lot": Decimal(lot), "Equity": Decimal(equity), "Ticket": ticket, "Comment": ""}


def _reply(said: str, answer: str) -> Reply:
    what, *rest = answer.split()
    if what == "lost":
        return Reply(LOST, "")
    if what == "garbage":
        return Reply(200, "<html>busy</html>")
    if what != "ok":
        return Reply(int(what), '{"error":{"code":"some_code","message":"in words"}}')
    if not said.startswith("heartbeat"):
        return Reply(200, '{"SignalID":17}' if said.startswith("signal") else "")
    found = dict(word.split("=") for word in rest)
    importance, status, need = found.get("importance", "0"), found.get("status", "1"), found.get("need", "0")
    return Reply(
        200,
        f'{{"App": {{"CurrentVersion":"1.0","NewestVersion":"1, \\"2\\" }}","UpdateImportance":{importance}}},'
        f'"Strategy":{{"Yield":0.1,"Accounts":3,"Status":{status},"NeedSync":{need}}}, "Extra":[1,{{"a":[]}}],'
        '"Account":{"Equity":10000.10,"Margin":0,"Factor":1,"ProfitBase":9000,"MCReached":null}}',
    )


def _change(book: Book, what: str, rest: list[str]) -> None:
    match what, rest:
        case "account", [currency, equity]:
            book.currency, book.equity = currency, Decimal(equity)
        case "equity", [equity]:
            book.equity = Decimal(equity)
        case "outside", [amount]:
            book.outside.append(Decimal(amount))
            book.equity += Decimal(amount)
        case "hold", [ticket, symbol, lot]:
            book.positions[ticket] = Held(ticket, symbol, Decimal(lot))
            if not Decimal(lot):
                del book.positions[ticket]
        case "price", [symbol, bid, ask]:
            book.prices[symbol] = Price(Decimal(bid), Decimal(ask))
        case _:
            raise AssertionError(f"no such line: {what} {rest}")


def _manner(words: list[str]) -> Manner:
    found = dict(word.split("=", 1) for word in words)
    pairs = {
        name: dict(pair.split("=") for pair in found.get(name, "").split(";") if pair) for name in ("names", "multipliers")
    }
    return Manner(
        postfixes=tuple(found.get("postfixes", "").split(";")),
        names=DEFAULT_NAMES | pairs["names"],
        multipliers={symbol: Decimal(number) for symbol, number in pairs["multipliers"].items()},
        by_ticket="by-ticket" in found,
    )


def _pairs(words: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in words.split(";") if pair)


def _parse(posted: str) -> dict[str, Any]:
    found = json.loads(posted, parse_float=Decimal, parse_int=int)
    assert isinstance(found, dict)
    for signal in [found, *found.get("Signals", [])]:
        for name in ("Lot", "Equity"):
            if name in signal:
                signal[name] = Decimal(signal[name])
    found.get("Signals", []).sort(key=lambda signal: (signal["Symbol"], int(signal["Ticket"])))
    return found
