"""Events in the words of a story: a head that must be told as it is, and facts of which any may be told."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from prorata.messages.commands import OrderType, Side
from prorata.messages.events import (
    AccountChanged,
    AccountOpened,
    BalanceBooked,
    BreakFound,
    BreakSettled,
    CommentChanged,
    DayClosed,
    Dealt,
    Entry,
    Event,
    GroupPut,
    GuardReached,
    GuardsSet,
    HedgeBooked,
    HedgeClosed,
    HedgeRequested,
    MarginCalled,
    NegativeBalanceCovered,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    PositionModified,
    Reason,
    Refused,
    Repeated,
    StoppedOut,
    SwapCharged,
    SymbolPut,
    SymbolRemoved,
)
from prorata.trading.state import Order, Position, State
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal, format_short
from prorata.units.numbers import VOLUME_DIGITS, Login, Minor, Moment, Points, Volume

Money = Callable[[Minor], str]
Price = Callable[[Points], str]


class Outcome(NamedTuple):
    """`deal in buy 1.00 EURUSD at 1.10010` and {"balance": "996.50", ...}."""

    head: str
    facts: Mapping[str, str] = MappingProxyType({})

    def fits(self, told: str) -> str:
        """Return what the told words say otherwise, "" if nothing."""
        if told != self.head and not told.startswith(f"{self.head} "):
            return f"told {told!r}, but it was {self.head!r}"
        rest = told[len(self.head) :].split()
        if len(rest) % 2:
            return f"{told!r} ends in a word without its value"
        for name, value in zip(rest[::2], rest[1::2], strict=True):
            actual = self.facts.get(name, "(no such fact)")
            if actual != value:
                return f"told {name} {value}, but it was {actual}"
        return ""

    def __str__(self) -> str:
        return " ".join([self.head, *(f"{name} {value}" for name, value in self.facts.items())])


class Outcomes:
    """Tells events in decimals; the state knows the digits of every currency and symbol."""

    def __init__(self, state: State) -> None:
        self.state = state

    def money_of(self, login: Login) -> Money:
        digits = CURRENCY_DIGITS[self.state.groups[self.state.accounts[login].group].currency]
        return lambda minor: format_decimal(minor, digits)

    def price_of(self, symbol: str) -> Price:
        spec = self.state.symbols.get(symbol)
        return lambda points: format_decimal(points, spec.digits if spec is not None else 0)

    def tell(self, event: Event) -> Outcome:
        match event:
            case Refused():
                return Outcome(f"refused {event.code.name}", {"because": _one_word(event.detail)})
            case Dealt():
                return self._deal(event)
            case OrderPlaced() | OrderModified() | OrderRemoved() | PositionModified():
                return self._order(event)
            case CommentChanged():
                return Outcome(f"comment {event.ticket} {_one_word(event.comment)}", {"login": str(event.login)})
            case AccountOpened() | AccountChanged() | BalanceBooked() | Repeated() | SwapCharged() | DayClosed():
                return self._account(event)
            case GuardsSet() | GuardReached():
                return self._guard(event)
            case MarginCalled() | StoppedOut() | NegativeBalanceCovered():
                return self._level(event)
            case SymbolPut() | GroupPut():
                return Outcome(f"put {event.spec.name}")
            case SymbolRemoved():
                return Outcome(f"removed {event.symbol}")
            case HedgeRequested() | HedgeBooked() | HedgeClosed() | BreakFound() | BreakSettled():
                return self._venue(event)
            case _:
                raise AssertionError(f"an event of copy trading in a story of trading: {event}")

    def _deal(self, deal: Dealt) -> Outcome:
        money, price = self.money_of(deal.login), self.price_of(deal.symbol)
        head = f"deal {word(deal.entry)} {word(deal.side)} {lots(deal.volume)} {deal.symbol} at {price(deal.price)}"
        return Outcome(head, {
            "number": str(deal.deal), "login": str(deal.login), "by": word(deal.reason), "order": str(deal.order),
            "position": str(deal.position),
            "profit": money(deal.profit), "commission": money(-deal.commission), "swap": money(deal.swap),
            "balance": money(deal.balance), "margin": money(deal.margin), "left": lots(deal.position_volume),
            "open": price(deal.open_price), "sl": price(deal.stop_loss), "tp": price(deal.take_profit),
            "comment": _one_word(deal.comment),
        })  # fmt: skip

    def _order(self, event: OrderPlaced | OrderModified | OrderRemoved | PositionModified) -> Outcome:
        price = self.price_of(event.symbol)
        if isinstance(event, OrderRemoved):
            code = "" if event.code is None else f" {event.code.name}"
            facts = {"login": str(event.login), "because": _one_word(event.detail)}
            return Outcome(f"order {event.ticket} {word(event.removal)}{code}", facts)
        facts = {"login": str(event.login), "sl": price(event.stop_loss), "tp": price(event.take_profit)}
        facts["trail"] = str(event.trailing)
        if isinstance(event, PositionModified):
            return Outcome(f"position {event.ticket} changed", facts)
        facts |= {"at": price(event.price), "limit": price(event.limit_price), "till": moment_word(event.expires_at)}
        if isinstance(event, OrderModified):
            return Outcome(f"order {event.ticket} changed to {word(event.type)}", facts)
        facts |= {"by": word(event.reason), "position": str(event.position)}
        return Outcome(f"order {event.ticket} {word(event.type)} {word(event.side)} {lots(event.volume)} {event.symbol}", facts)

    def _account(self, event: AccountOpened | AccountChanged | BalanceBooked | Repeated | SwapCharged | DayClosed) -> Outcome:
        if isinstance(event, Repeated):
            first = self._account(event.first)
            return Outcome(f"repeated {first.head}", first.facts)
        money = self.money_of(event.login)
        match event:
            case AccountOpened():
                return Outcome(f"opened {event.login}", {"group": event.group, "leverage": str(event.leverage)})
            case AccountChanged():
                facts = {"group": event.group, "leverage": str(event.leverage), "access": word(event.access)}
                return Outcome(f"changed {event.login}", facts | {"margin": money(event.margin)})
            case BalanceBooked():
                facts = {"balance": money(event.balance), "credit": money(event.credit), "number": str(event.operation)}
                return Outcome(f"{word(event.kind)} of {money(event.amount)}", facts)
            case SwapCharged():
                facts = {"nights": str(event.nights), "carried": money(event.position_swap), "login": str(event.login)}
                return Outcome(f"swap {event.ticket} {money(event.amount)}", facts)
            case DayClosed():
                return Outcome(f"day {_day_word(event.day)} of {event.login}", {
                    "balance": money(event.balance), "credit": money(event.credit), "floating": money(event.floating),
                    "swap": money(event.swap), "equity": money(event.equity), "margin": money(event.margin),
                })  # fmt: skip

    def _level(self, event: MarginCalled | StoppedOut | NegativeBalanceCovered) -> Outcome:
        money = self.money_of(event.login)
        if isinstance(event, NegativeBalanceCovered):
            return Outcome(f"covered {event.login} {money(event.amount)}", {"balance": money(event.balance)})
        price = self.price_of(event.symbol)
        facts = {
            "equity": money(event.equity), "margin": money(event.margin), "line": money(event.line),
            "symbol": event.symbol or "none", "bid": price(event.bid), "ask": price(event.ask),
        }  # fmt: skip
        if isinstance(event, MarginCalled):
            return Outcome(f"margin call {event.login}", facts)
        facts |= {"rule": _one_word(event.rule), "closing": ",".join(str(ticket) for ticket in event.closing)}
        return Outcome(f"stop out {event.login}", facts)

    def _guard(self, event: GuardsSet | GuardReached) -> Outcome:
        money = self.money_of(event.login)
        if isinstance(event, GuardsSet):
            amounts = {"floor": event.floor, "daily-loss": event.daily_loss, "target": event.target, "base": event.base}
            facts = {name: money(amount) for name, amount in amounts.items()}
            return Outcome(f"guards {event.login}", facts | {"daily-base": word(event.daily_base)})
        price = self.price_of(event.symbol)
        return Outcome(f"reached {word(event.guard)} {event.login}", {
            "equity": money(event.equity), "line": money(event.line), "base": money(event.base),
            "symbol": event.symbol or "none", "bid": price(event.bid), "ask": price(event.ask),
            "open": str(event.open_positions),
        })  # fmt: skip

    def _venue(self, event: HedgeRequested | HedgeBooked | HedgeClosed | BreakFound | BreakSettled) -> Outcome:
        match event:
            case HedgeRequested():
                head = f"to venue {event.order} {word(event.side)} {lots(event.volume)} {event.symbol}"
                return Outcome(head, {"login": str(event.login)})
            case HedgeBooked():
                facts = {"holds": lots(event.position), "result": self._result(event)}
                price = self.price_of(event.symbol)
                head = f"hedge {event.order} {word(event.side)} {lots(event.volume)} {event.symbol} at {price(event.price)}"
                return Outcome(head, facts)
            case HedgeClosed():
                return Outcome(f"venue done {event.order} {lots(event.filled)}", {"because": _one_word(event.reason)})
            case BreakFound():
                return Outcome(f"break {event.symbol} ours {lots(event.ours)} theirs {lots(event.theirs)}")
            case BreakSettled():
                facts = {"at": self.price_of(event.symbol)(event.price), "result": self._result(event)}
                return Outcome(f"settled {event.symbol} from {lots(event.ours)} to {lots(event.theirs)}", facts)

    def _result(self, event: HedgeBooked | BreakSettled) -> str:
        """Return what the house won (or lost, below zero) at the venue."""
        digits = CURRENCY_DIGITS[self.state.symbols[event.symbol].profit_currency]
        won = sum(posting.amount if posting.debit == "venue" else -posting.amount for posting in event.postings)
        return format_decimal(won, digits)

    def position(self, login: Login, held: Position) -> Outcome:
        price, money = self.price_of(held.symbol), self.money_of(login)
        head = f"{word(held.side)} {lots(held.volume)} {held.symbol} at {price(held.open_price)}"
        return Outcome(head, {
            "sl": price(held.stop_loss), "tp": price(held.take_profit), "trail": str(held.trailing),
            "swap": money(held.swap), "hedged": lots(held.hedged), "travelling": lots(held.in_flight),
            "notional": money(held.notional), "commission": money(held.commission), "by": word(held.reason),
        })  # fmt: skip

    def order(self, login: Login, order: Order) -> Outcome:
        price, money = self.price_of(order.symbol), self.money_of(login)
        head = f"{word(order.type)} {word(order.side)} {lots(order.volume)} {order.symbol} {word(order.state)}"
        return Outcome(head, {
            "at": price(order.price), "limit": price(order.limit_price), "sl": price(order.stop_loss),
            "tp": price(order.take_profit), "trail": str(order.trailing), "reserved": money(order.reserved),
            "till": moment_word(order.expires_at),
        })  # fmt: skip


def word(member: Side | OrderType | Entry | Reason | object) -> str:
    """Return an enum's member as a story writes it: CLOSE_ONLY is close-only."""
    name: str = getattr(member, "name")  # noqa: B009
    return name.lower().replace("_", "-")


def lots(volume: Volume) -> str:
    return format_short(volume, VOLUME_DIGITS, 2)


def moment_word(moment: Moment) -> str:
    if not moment:
        return "cancelled"
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _day_word(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


def _one_word(text: str) -> str:
    return "-".join(text.split()) or "nothing"
