"""A stage with several accounts, groups and symbols, and a reader that turns plain numbers into commands for it.

A step is a kind and three numbers, so that Hypothesis can shrink a failing day to its few steps. Numbers
choose among what there is: the second open position, the third symbol.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

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
    Quote,
    Quotes,
    ReversePosition,
    SetGuards,
    Side,
    Tick,
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
from prorata.trading.equity import equity_of
from prorata.trading.state import Account
from prorata.units.numbers import DAY_MS, SECOND_MS, VOLUME_PER_LOT, Moment, Points, Volume

from .words import changed_group, changed_symbol, changed_terms, new_symbol, split_words

Step = tuple[str, int, int, int]
Thing = TypeVar("Thing")

MONDAY = 20_514 * DAY_MS + 8 * 3600 * SECOND_MS
"""2026-03-02 08:00"""
STEP_VOLUME = VOLUME_PER_LOT // 100

_SYMBOLS = {
    "EURUSD": ("stop-level=20", 110_000),
    "GBPUSD": ("", 125_000),
    "USDJPY": ("swap=points:-6.5:1.2", 150_000),
    "EURGBP": ("", 88_000),
    "XAUUSD": (
        "currency=USD digits=2 contract=100 margin=cfd:5% swap=percent:-3.6:1 "
        "hours=mon,tue,wed,thu,fri@08:00-09:00,10:00-22:00",
        200_000,
    ),
}
_GROUPS = {
    "retail": ("USD", "commission=per-lot:3.50 tiers=50000.00:100,rest:50 orders-max=12", 10_000_00),
    "vip": (
        "EUR",
        "leverage=200 call=off stop=30% stop-order=largest-margin hedged=netting commission=per-million:20.00",
        20_000_00,
    ),
    "tokyo": ("JPY", "leverage=25 book=netting free=loss-only delay=300ms protection=no", 2_000_000),
    "street": ("USD", "a-book=50% call=600.00 stop=300.00 hedged=both-sides commission=percent:0.01%:min:1.00", 10_000_00),
    "net": ("USD", "book=netting leverage=50", 10_000_00),
}
_LATE = "EURJPY"
LOGINS = tuple(range(1001, 1001 + len(_GROUPS)))


def opening(net_a_book: int) -> list[Command]:
    """Return the commands that set the stage. `net_a_book`: percent of the netting group's orders that go to the venue."""
    commands: list[Command] = []
    for name, (words, _) in _SYMBOLS.items():
        commands.append(PutSymbol(changed_symbol(new_symbol(name), split_words(words.split()))))
    for login, (name, (currency, words, money)) in zip(LOGINS, _GROUPS.items(), strict=True):
        group = changed_group(GroupSpec(name=name, currency=currency), split_words(words.split()))
        if name == "net":
            group = changed_group(group, {"a-book": f"{net_a_book}%"})
        commands += [PutGroup(group), OpenAccount(name, login), BookBalance(login, BalanceKind.DEPOSIT, money)]
    commands.append(Quotes(tuple(Quote(name, price, price + 10) for name, (_, price) in _SYMBOLS.items())))
    return commands


def command_of(desk: Desk, step: Step) -> Command:
    kind, *numbers = step
    return _READERS[kind](desk, *numbers)


def moment_after(now: Moment, step: Step) -> Moment:
    """Most steps follow at once; time steps let up to half a day pass."""
    return now + 1 + (step[1] ** 2 * 43 if step[0] == "time" else 0)


def _pick(things: Sequence[Thing], number: int) -> Thing | None:
    return things[number % len(things)] if things else None


def _account(desk: Desk, number: int) -> Account:
    return desk.state.accounts[LOGINS[number % len(LOGINS)]]


def _symbol(number: int) -> str:
    return tuple(_SYMBOLS)[number % len(_SYMBOLS)]


def _volume(number: int) -> Volume:
    return (number % 40 + 1) ** 2 // 4 * STEP_VOLUME


def _near(price: Points, number: int) -> Points:
    """A price within three percent of another."""
    return price + price * (number % 61 - 30) // 1000


def _quote(desk: Desk, a: int, b: int, c: int) -> Command:
    """One symbol moves by up to half a percent; one quote in ten jumps by up to ten percent."""
    name = tuple(desk.state.symbols)[a % len(desk.state.symbols)]
    bid = desk.state.quotes[name].bid or 165_000
    scale = 500 if c % 10 else 10_000
    moved = max(1_000, bid + bid * (b - 500) * scale // (500 * 100_000))
    return Quotes((Quote(name, moved, moved + 1 + c % 20),))


def _market(desk: Desk, a: int, b: int, c: int) -> Command:
    symbol, side = _symbol(b), Side(c % 2)
    price = desk.state.quotes[symbol].bid
    away = price * (c % 7 + 1) // 500
    stops = (price - away, price + 2 * away) if side == Side.BUY else (price + away, price - 2 * away)
    stop_loss, take_profit = stops if c % 3 == 0 else (0, 0)
    trailing = away if c % 5 == 0 else 0
    return PlaceOrder(
        _account(desk, a).login, symbol, side, _volume(b * 7 + c), stop_loss=stop_loss, take_profit=take_profit,
        trailing=trailing, price=price, deviation=-1 if c % 4 else 20,
    )  # fmt: skip


def _pending(desk: Desk, a: int, b: int, c: int) -> Command:
    symbol, kind, side = _symbol(b), OrderType(1 + c % 3), Side(b // 5 % 2)
    quote = desk.state.quotes[symbol]
    away = quote.bid * (c % 11) // 1000
    below = (kind == OrderType.LIMIT) == (side == Side.BUY)
    price = quote.bid - away if below else quote.ask + away
    limit = 0 if kind != OrderType.STOP_LIMIT else price + (-away if side == Side.BUY else away) // 2
    trailing = quote.bid // 300 if c % 4 == 0 else 0
    expires_at = desk.now + c * 20_000 if c % 6 == 0 else 0
    return PlaceOrder(
        _account(desk, a).login, symbol, side, _volume(c), kind, price, limit, trailing=trailing, expires_at=expires_at
    )


def _modify(desk: Desk, a: int, b: int, c: int) -> Command:
    account = _account(desk, a)
    order = _pick(list(account.orders.values()), b)
    if order is None:
        return ModifyOrder(account.login, 1, 1)
    return ModifyOrder(account.login, order.ticket, _near(order.price, c), order.limit_price)


def _cancel(desk: Desk, a: int, b: int, c: int) -> Command:
    account = _account(desk, a)
    return CancelOrder(account.login, _pick(list(account.orders), b) or 1)


def _stops(desk: Desk, a: int, b: int, c: int) -> Command:
    account = _account(desk, a)
    position = _pick(list(account.positions.values()), b)
    if position is None:
        return ModifyPosition(account.login, 1)
    price = desk.state.quotes[position.symbol].bid
    away = price * (c % 13 + 1) // 1000 * (1 if position.side == Side.BUY else -1)
    return ModifyPosition(account.login, position.ticket, price - away, price + away, abs(away) if c % 3 == 0 else 0)


def _close(desk: Desk, a: int, b: int, c: int) -> Command:
    account = _account(desk, a)
    position = _pick(list(account.positions.values()), b)
    if position is None:
        return ClosePosition(account.login, 1)
    part = position.volume * (c % 10) // 10 // STEP_VOLUME * STEP_VOLUME
    return ClosePosition(account.login, position.ticket, part, desk.state.quotes[position.symbol].bid, -1 if c % 3 else 15)


def _close_by(desk: Desk, a: int, b: int, c: int) -> Command:
    account = desk.state.accounts[LOGINS[a % 2]]  # Hedged shares of both sides need not match: see docs/trade/hedging.md.
    tickets = list(account.positions)
    return CloseBy(account.login, _pick(tickets, b) or 1, _pick(tickets, c) or 1)


def _close_all(desk: Desk, a: int, b: int, c: int) -> Command:
    return CloseAll(_account(desk, a).login, _symbol(b) if c % 2 else "")


def _reverse(desk: Desk, a: int, b: int, c: int) -> Command:
    account = _account(desk, a)
    return ReversePosition(account.login, _pick(list(account.positions), b) or 1)


def _dealer(desk: Desk, a: int, b: int, c: int) -> Command:
    """A dealer opens, closes and changes by hand, half of the time at a price of his own."""
    account, symbol = _account(desk, a), _symbol(b)
    login, price = account.login, _near(desk.state.quotes[symbol].bid, b) if c % 2 else 0
    position, order = _pick(list(account.positions.values()), b), _pick(list(account.orders.values()), b)
    if position is None or c % 9 < 2:
        return DealerOpen(login, symbol, Side(b % 2), _volume(c), price)
    ticket = position.ticket
    own = _near(desk.state.quotes[position.symbol].bid, b) if c % 2 else 0
    away = desk.state.quotes[position.symbol].bid // 50 * (1 if position.side == Side.BUY else -1)
    part = position.volume * (c % 10) // 10 // STEP_VOLUME * STEP_VOLUME
    choices: list[Command] = [
        DealerClose(login, ticket, part, own),
        DealerModify(login, ticket, _near(desk.state.quotes[position.symbol].bid, c) - away),
        DealerComment(login, ticket, f"by {c}"),
        DealerCloseAll(login, symbol),
    ]
    if a % 5 < 2:
        choices.append(DealerCloseBy(login, ticket, _pick(list(account.positions), c) or 1))
    if order is not None:
        choices += [
            DealerActivate(login, order.ticket, own),
            DealerCancel(login, order.ticket),
            DealerModify(login, order.ticket, price=_near(order.price, c), limit_price=order.limit_price),
        ]
    return choices[(a + b + c) % len(choices)]


def _money(desk: Desk, a: int, b: int, c: int) -> Command:
    account, kind = _account(desk, a), BalanceKind(c % 6)
    if c % 7 == 0 and desk.state.booked:
        first = _pick(list(desk.state.booked.values()), b)
        assert first is not None
        return BookBalance(first.login, first.kind, abs(first.amount) + (b % 5 == 0), first.external_id)
    amount = (b % 250 + 1) ** 2 * 16 * (-1 if kind == BalanceKind.CORRECTION and b % 2 else 1)
    return BookBalance(account.login, kind, amount, f"x{b}" if c % 3 == 0 else "")


def _change(desk: Desk, a: int, b: int, c: int) -> Command:
    access = Access(c % 4) if c % 3 == 0 else Access.FULL
    return ChangeAccount(_account(desk, a).login, None, (b % 60 + 1) * 2 if c % 2 else None, access)


def _guards(desk: Desk, a: int, b: int, c: int) -> Command:
    """Lines near to what the account is worth, on either side of it; one in seven times none."""
    account = _account(desk, a)
    equity = equity_of(desk, account)
    if c % 7 == 0 or equity <= 0:
        return SetGuards(account.login)
    floor, loss = equity * (800 + b % 210) // 1000 if c % 2 else 0, equity * (1 + b % 150) // 1000 if c % 3 else 0
    target = equity * (995 + a % 200) // 1000 if c % 5 < 3 else 0
    return SetGuards(account.login, floor, loss, DailyBase(b % 3), target, account.balance if c % 4 == 0 else None)


def _terms(desk: Desk, a: int, b: int, c: int) -> Command:
    """A symbol's cap, a group's markup or its leverage changes live; a symbol is added that converts more directly."""
    if a % 10 == 0:
        return PutSymbol(desk.state.symbols.get(_LATE) or new_symbol(_LATE))
    if c % 3 == 0:
        return PutSymbol(changed_symbol(desk.state.symbols[_symbol(a)], {"leverage-max": str(b % 50)}))
    group = desk.state.groups[tuple(_GROUPS)[b % len(_GROUPS)]]
    if c % 3 == 1:
        return PutGroup(changed_terms(group, _symbol(a), {"markup": f"{b % 30}/{c % 30}"}))
    return PutGroup(changed_group(group, {"leverage": str(20 + c % 100)}))


def _venue(desk: Desk, a: int, b: int, c: int) -> Command:
    ticket = _pick(sorted(desk.in_flight), a)
    if ticket is None:
        return HedgeEnded(a, "late")
    order = desk.state.accounts[desk.in_flight[ticket]].orders[ticket]
    if c % 6 == 0:
        return HedgeEnded(ticket, "rejected")
    rest = order.hedge_volume - order.hedge_filled
    volume = rest if c % 2 else max(STEP_VOLUME, rest * (b % 12) // 10 // STEP_VOLUME * STEP_VOLUME)
    price = desk.state.quotes[order.symbol].bid + b % 40 - 20
    return HedgeFilled(ticket, f"e{b % 50}", volume, price, c % 5 == 0)


def _time(desk: Desk, a: int, b: int, c: int) -> Command:
    return Tick()


_READERS: dict[str, Callable[[Desk, int, int, int], Command]] = {
    "quote": _quote, "market": _market, "pending": _pending, "modify": _modify, "cancel": _cancel, "stops": _stops,
    "close": _close, "close-by": _close_by, "close-all": _close_all, "reverse": _reverse, "money": _money,
    "dealer": _dealer, "change": _change, "terms": _terms, "venue": _venue, "time": _time,
    "guards": _guards,
}  # fmt: skip
KINDS = (*_READERS, *["quote"] * 12, *["market"] * 6, *["pending"] * 3, *["venue"] * 3, *["dealer"] * 2)
"""Quotes and orders come more often than the rest."""
