"""From the words of a story to commands of the trade server."""

from collections.abc import Iterator

from prorata.messages.commands import (
    Access,
    BalanceKind,
    BookBalance,
    CancelOrder,
    ChangeAccount,
    CloseAll,
    CloseBy,
    ClosePosition,
    Command,
    DailyBase,
    HedgeEnded,
    HedgeFilled,
    ModifyOrder,
    ModifyPosition,
    OpenAccount,
    OrderType,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    PutSymbols,
    Quote,
    Quotes,
    RemoveSymbol,
    ReversePosition,
    SetGuards,
    SettleBreak,
    Side,
    Tick,
    VenuePosition,
    VenuePositions,
)
from prorata.messages.dealer_commands import (
    DealerActivate,
    DealerCancel,
    DealerClose,
    DealerCloseAll,
    DealerCloseBy,
    DealerComment,
    DealerModify,
    DealerOpen,
)
from prorata.messages.groups import GroupSpec
from prorata.trading.desk import Desk
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import parse_decimal
from prorata.units.numbers import Login, Moment, Points

from .words import (
    BadStory,
    changed_group,
    changed_symbol,
    changed_terms,
    moment_of,
    named,
    new_symbol,
    points_of,
    split_words,
    volume_of,
)

_BOOKINGS = {
    "deposit": BalanceKind.DEPOSIT, "withdraw": BalanceKind.WITHDRAWAL, "credit-in": BalanceKind.CREDIT_IN,
    "credit-out": BalanceKind.CREDIT_OUT, "correct": BalanceKind.CORRECTION, "agent": BalanceKind.AGENT_COMMISSION,
}  # fmt: skip


class Asking:
    """Reads a line's words; what they mean may depend on the state: digits of prices, and whose symbol it is."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def command(self, verb: str, words: list[str]) -> Command:
        match verb:
            case "symbol" | "group" | "terms":
                return self._configuration(verb, words)
            case "symbols":
                names, *rest = words
                specs = (self.desk.state.symbols.get(name) or new_symbol(name) for name in names.split(","))
                return PutSymbols(tuple(changed_symbol(spec, split_words(rest)) for spec in specs))
            case "remove":
                return RemoveSymbol(*words)
            case "open" | "change" | "deposit" | "withdraw" | "credit-in" | "credit-out" | "correct" | "agent":
                return self._account_command(verb, words)
            case "guards":
                return self._guards(int(words[0]), split_words(words[1:]))
            case "quote":
                return Quotes(tuple(self._quotes(" ".join(words))))
            case "tick":
                return Tick()
            case "venue" | "settle":
                return self._venue_command(verb, words)
            case "buy" | "sell":
                return self._order(Side.BUY if verb == "buy" else Side.SELL, words)
            case "dealer":
                return self._dealer_command(*words)
            case "modify" | "cancel" | "close" | "close-by" | "close-all" | "reverse":
                return self._change(verb, words)
            case _:
                raise BadStory(f"nobody knows how to {verb}")

    def _configuration(self, verb: str, words: list[str]) -> Command:
        state, (name, *rest) = self.desk.state, words
        if verb == "symbol":
            return PutSymbol(changed_symbol(state.symbols.get(name) or new_symbol(name), split_words(rest)))
        group = state.groups.get(name)
        if group is None:
            group = GroupSpec(name=name, currency=rest.pop(0))
        if verb == "group":
            return PutGroup(changed_group(group, split_words(rest)))
        symbol, *rest = rest
        return PutGroup(changed_terms(group, symbol, split_words(rest)))

    def _account_command(self, verb: str, words: list[str]) -> Command:
        first, second, *rest = words
        login = int(first)
        if verb == "open":
            said = split_words(rest)
            first_number, last_number = int(said.get("from", "0")), int(said.get("to", "0"))
            return OpenAccount(
                second, login, int(said.get("leverage", "0")), "demo" in said, login_min=first_number, login_max=last_number
            )
        if verb == "change":
            said = split_words([second, *rest])
            return ChangeAccount(
                login,
                said.get("group"),
                int(said["leverage"]) if "leverage" in said else None,
                named(Access, said["access"]) if "access" in said else None,
            )
        said = split_words(rest)
        digits = self._digits_of(login)
        return BookBalance(
            login, _BOOKINGS[verb], parse_decimal(second, digits), said.get("id", ""), said.get("comment", ""),
            parse_decimal(said.get("fee", "0"), digits),
        )  # fmt: skip

    def _guards(self, login: Login, said: dict[str, str]) -> Command:
        """`guards 1001 floor=9000.00 daily-loss=500.00 daily-base=equity target=11000.00 base=10000.00`"""
        digits = self._digits_of(login)

        def amount(name: str) -> int:
            return parse_decimal(said.get(name, "0"), digits)

        return SetGuards(
            login, amount("floor"), amount("daily-loss"), named(DailyBase, said.get("daily-base", "balance")),
            amount("target"), amount("base") if "base" in said else None,
        )  # fmt: skip

    def _digits_of(self, login: Login) -> int:
        state = self.desk.state
        account = state.accounts.get(login)
        return 2 if account is None else CURRENCY_DIGITS[state.groups[account.group].currency]

    def _price(self, symbol: str, text: str) -> Points:
        return points_of(self.desk.state.symbols.get(symbol) or new_symbol(symbol), text)

    def _quotes(self, text: str) -> Iterator[Quote]:
        for one in text.split(","):
            symbol, bid, ask = one.split()
            yield Quote(symbol, self._price(symbol, bid), self._price(symbol, ask))

    def _order(self, side: Side, words: list[str]) -> Command:
        """`buy [limit|stop|stop-limit] 1001 1.00 EURUSD [at 1.1] [limit 1.1] sl= tp= trail= price= deviation= till=`"""
        kind = OrderType.MARKET if words[0].isdigit() else named(OrderType, words[0])
        login, volume, symbol, *rest = words if kind == OrderType.MARKET else words[1:]
        prices, said = self._at_and_limit(rest)
        return PlaceOrder(
            int(login), symbol, side, volume_of(volume), kind,
            self._price(symbol, prices.get("at", said.get("price", "0"))), self._price(symbol, prices.get("limit", "0")),
            int(said.get("deviation", "-1")), **self._stops(symbol, said), expires_at=till(said),
            comment=said.get("comment", ""),
        )  # fmt: skip

    def _at_and_limit(self, words: list[str]) -> tuple[dict[str, str], dict[str, str]]:
        prices: dict[str, str] = {}
        while words and words[0] in ("at", "limit"):
            prices[words[0]], words = words[1], words[2:]
        return prices, split_words(words)

    def _stops(self, symbol: str, said: dict[str, str]) -> dict[str, int]:
        return {
            "stop_loss": self._price(symbol, said.get("sl", "0")),
            "take_profit": self._price(symbol, said.get("tp", "0")),
            "trailing": int(said.get("trail", "0")),
        }

    def _change(self, verb: str, words: list[str]) -> Command:
        if verb == "modify":
            return self._modify(words)
        login, *rest = words
        match verb:
            case "cancel":
                return CancelOrder(int(login), int(rest[0]))
            case "close-by":
                return CloseBy(int(login), int(rest[0]), int(rest[1]))
            case "close-all":
                return CloseAll(int(login), rest[0] if rest else "")
            case "reverse":
                return ReversePosition(int(login), int(rest[0]))
            case _:
                return self._close(int(login), *rest)

    def _modify(self, words: list[str]) -> Command:
        thing, login, ticket, *rest = words
        prices, said = self._at_and_limit(rest)
        symbol = self._symbol_of(int(login), int(ticket))
        stops = self._stops(symbol, said)
        if thing == "position":
            return ModifyPosition(int(login), int(ticket), **stops)
        limit = self._price(symbol, prices.get("limit", "0"))
        return ModifyOrder(
            int(login), int(ticket), self._price(symbol, prices.get("at", "0")), limit, **stops, expires_at=till(said)
        )

    def _close(self, login: Login, ticket: str, *rest: str) -> Command:
        volume = volume_of(rest[0]) if rest and rest[0][0].isdigit() else 0
        said = split_words(rest[1:] if volume else rest)
        price = self._price(self._symbol_of(login, int(ticket)), said.get("price", "0"))
        return ClosePosition(login, int(ticket), volume, price, int(said.get("deviation", "-1")))

    def _dealer_command(self, verb: str, first: str, *rest: str) -> Command:
        """`dealer buy 1001 1.00 EURUSD [at 1.1] sl=`, `dealer close 1001 1 [0.50] [at 1.1]`, `dealer comment 1001 1 text`"""
        login, second, words = int(first), rest[0] if rest else "", list(rest[1:])
        match verb:
            case "buy" | "sell":
                return self._dealer_open(named(Side, verb), login, second, *words)
            case "close-by":
                return DealerCloseBy(login, int(second), int(words[0]))
            case "close-all":
                return DealerCloseAll(login, second)
            case "cancel":
                return DealerCancel(login, int(second))
            case "comment":
                return DealerComment(login, int(second), " ".join(words))
        ticket, symbol = int(second), self._symbol_of(login, int(second))
        volume = volume_of(words.pop(0)) if words and words[0][0].isdigit() else 0
        prices, said = self._at_and_limit(words)
        price = self._price(symbol, prices.get("at", "0"))
        if verb == "close":
            return DealerClose(login, ticket, volume, price, said.get("comment", ""))
        if verb == "activate":
            return DealerActivate(login, ticket, price)
        assert verb == "modify", verb
        stops = self._stops(symbol, said)
        limit = self._price(symbol, prices.get("limit", "0"))
        return DealerModify(login, ticket, stops["stop_loss"], stops["take_profit"], price, limit, till(said))

    def _dealer_open(self, side: Side, login: Login, volume: str, symbol: str, *rest: str) -> Command:
        prices, said = self._at_and_limit(list(rest))
        stops = self._stops(symbol, said)
        return DealerOpen(
            login, symbol, side, volume_of(volume), self._price(symbol, prices.get("at", "0")), stops["stop_loss"],
            stops["take_profit"], said.get("comment", ""),
        )  # fmt: skip

    def _symbol_of(self, login: Login, ticket: int) -> str:
        account = self.desk.state.accounts.get(login)
        thing = account and (account.orders.get(ticket) or account.positions.get(ticket))
        return thing.symbol if thing else "EURUSD"

    def _venue_command(self, verb: str, words: list[str]) -> Command:
        if verb == "settle":
            symbol, _, price = words
            return SettleBreak(symbol, self._price(symbol, price))
        verb, *words = words
        if verb == "holds":
            held = zip(words[::2], words[1::2], strict=True)
            return VenuePositions("lp", tuple(VenuePosition(symbol, volume_of(volume)) for symbol, volume in held))
        if verb == "ends":
            return HedgeEnded(int(words[0]), " ".join(words[1:]))
        order, volume, _, price, _, execution, *last = words
        symbol = self._travelling_symbol(int(order))
        return HedgeFilled(int(order), execution, volume_of(volume), self._price(symbol, price), last == ["last"])

    def _travelling_symbol(self, order: int) -> str:
        desk = self.desk
        login = desk.in_flight.get(order)
        if login is None:
            return desk.elsewhere.get(order, "EURUSD")
        return desk.state.accounts[login].orders[order].symbol


def till(said: dict[str, str]) -> Moment:
    """`till=2026-03-04T12:00:00`"""
    return moment_of(*said["till"].split("T")) if "till" in said else 0
