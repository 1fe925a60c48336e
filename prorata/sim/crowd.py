"""What a random crowd asks of the platform: sound things mostly, and all kinds of unsound ones."""

from collections.abc import Callable
from random import Random
from typing import TypedDict, TypeVar

import msgspec

from prorata.copying.engine import Engine
from prorata.messages.batch import Submission
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
)
from prorata.messages.symbols import TradeMode
from prorata.sim.dealer import Dealer
from prorata.sim.world import CENT_LOT, World, units
from prorata.trading.desk import Desk
from prorata.trading.equity import equity_of
from prorata.trading.state import Account, Order, Position
from prorata.trading.terms import Terms
from prorata.units.numbers import MINUTE_MS, MONEY_MAX, PRICE_MAX, VOLUME_MAX, Points, Volume

EDGES = (
    0, -1, 1, 7, 2**31, 2**53, MONEY_MAX, MONEY_MAX + 1, PRICE_MAX, PRICE_MAX + 1, VOLUME_MAX, VOLUME_MAX + 1,
    2**63 - 1, -(2**63), 999_999, CENT_LOT + 1,
)  # fmt: skip
WORDS = ("", "*", "EURUSD", "NOSUCH", "\u00fcber/\U0001f600", "x" * 200)
EXTRAS = ("AAAEUR", "EURJPY", "GBPJPY", "ZZZUSD", "EURUSD.x")
"""symbols that come and go"""
ACCOUNTS_MAX = 14
MEMORY = 40
"""how many keyed submissions may be repeated"""


def is_answer_to_living(desk: Desk, command: Command) -> bool:
    """Say whether the crowd would speak for the venue about an order that is not done: that would be a lie."""
    if not isinstance(command, HedgeFilled | HedgeEnded):
        return False
    return command.order in desk.elsewhere or any(command.order in account.orders for account in desk.state.accounts.values())


class Stops(TypedDict, total=False):
    stop_loss: Points
    take_profit: Points
    trailing: Points


Sent = TypeVar("Sent", bound=msgspec.Struct)


class Crowd:
    """Makes the next submission from what the desk looks like now."""

    def __init__(self, rng: Random, world: World) -> None:
        self._rng = rng
        self._world = world
        self._keys = 0
        self._sent: list[Submission] = []
        self._booked: list[BookBalance] = []
        self._dealer = Dealer(rng)
        self._makers: list[Callable[[Desk], Command | None]] = [
            self._place, self._place_pending, self._modify_order, self._cancel, self._modify_position, self._close,
            self._close_by, self._close_all, self._reverse, self._open_account, self._change_account, self._book,
            self._put_symbol, self._put_group, self._stray_venue_answer, self._settle, self._tick, self._odd_quotes,
            self._deal_by_hand, self._set_guards,
        ]  # fmt: skip
        self._weights = [30, 16, 5, 4, 8, 12, 4, 1.2, 3, 3, 3, 8, 1.2, 1.2, 0.8, 1.5, 1, 0.7, 9, 2.3]

    def next(self, engine: Engine) -> Submission:
        """Return a submission; now and then it repeats the key of an earlier one, with the same content or other."""
        rng, desk = self._rng, engine.desk
        if self._sent and rng.random() < 0.06:
            return self._again(desk)
        command = self._command(desk)
        if rng.random() < 0.6 or isinstance(command, HedgeFilled | HedgeEnded):
            return Submission(command, "crowd")
        self._keys += 1
        submission = Submission(command, f"crowd/{rng.randrange(3)}", f"key-{self._keys}")
        self._sent = [*self._sent[-MEMORY:], submission]
        return submission

    def _again(self, desk: Desk) -> Submission:
        before = self._rng.choice(self._sent)
        if self._rng.random() < 0.7:
            return before
        return Submission(self._command(desk), before.caller, before.key)

    def _command(self, desk: Desk) -> Command:
        rng = self._rng
        maker = rng.choices(self._makers, self._weights)[0]
        command = maker(desk) or self._place(desk)
        if rng.random() < 0.1:
            command = self._spoilt(command)
        return Tick() if is_answer_to_living(desk, command) else command

    # Unsound.

    def _spoilt(self, command: Command) -> Command:
        """Replace one field by something that no sensible caller would send."""
        if isinstance(command, PutSymbol | PutGroup):
            return msgspec.structs.replace(command, spec=self._with_edge(command.spec))
        return self._with_edge(command)

    def _with_edge(self, struct: Sent) -> Sent:
        rng = self._rng
        fields = [
            field
            for field in struct.__struct_fields__
            if type(getattr(struct, field)) in (int, str) and field not in ("comment", "description", "external_id")
        ]
        if not fields:
            return struct
        field = rng.choice(fields)
        value = rng.choice(WORDS) if isinstance(getattr(struct, field), str) else rng.choice(EDGES)
        return msgspec.structs.replace(struct, **{field: value})

    def _odd_quotes(self, desk: Desk) -> Command:
        """Quotes that must be passed over: crossed, without a price, out of all bounds, of nothing we know."""
        bid, ask = self._rng.choice(((0, 0), (110_010, 110_000), (-5, 5), (1, PRICE_MAX + 1), (2**63 - 1, 2**63 - 1)))
        return Quotes((Quote(self._rng.choice(("EURUSD", "NOSUCH")), bid, ask),))

    def _stray_venue_answer(self, desk: Desk) -> Command:
        """An answer to an order that is done or never was."""
        rng = self._rng
        ticket = rng.choice((1, desk.state.next_ticket + 1_000, rng.randint(1, desk.state.next_ticket)))
        waiting = ticket in desk.elsewhere or any(ticket in account.orders for account in desk.state.accounts.values())
        if waiting or ticket == desk.state.next_ticket:
            ticket = desk.state.next_ticket + 1_000  # An order that travels, or soon may, would take it for the venue's word.
        if rng.random() < 0.3:
            return HedgeEnded(ticket, "stray")
        return HedgeFilled(ticket, f"stray-{rng.randrange(3)}", CENT_LOT, 110_000, rng.random() < 0.5)

    # Whose, and what.

    def _account(self, desk: Desk) -> Account | None:
        accounts = desk.state.accounts
        return self._rng.choice(list(accounts.values())) if accounts else None

    def _position(self, desk: Desk) -> tuple[Account, Position, Terms] | None:
        held = [account for account in desk.state.accounts.values() if account.positions]
        if not held:
            return None
        account = self._rng.choice(held)
        position = self._rng.choice(list(account.positions.values()))
        return account, position, desk.terms_of(account, position.symbol)

    def _order(self, desk: Desk) -> tuple[Account, Order, Terms] | None:
        waiting = [account for account in desk.state.accounts.values() if account.orders]
        if not waiting:
            return None
        account = self._rng.choice(waiting)
        order = self._rng.choice(list(account.orders.values()))
        return account, order, desk.terms_of(account, order.symbol)

    def _volume(self, desk: Desk, account: Account, terms: Terms) -> Volume:
        """Return a volume that the account can mostly afford; at times a large one or one off the step."""
        rng = self._rng
        if rng.random() < 0.03:
            return rng.choice((CENT_LOT // 2, CENT_LOT * 3 + 5, 30 * 100 * CENT_LOT, terms.volume_max + CENT_LOT))
        most = {"BTCUSD": 30, "XAUUSD": 60, "DE40": 300, "US500": 100}.get(terms.name, 150)
        if rng.random() < 0.15:
            most *= 6
        return CENT_LOT * rng.randint(1, most)

    def _off(self, price: Points, least: int = 1) -> Points:
        """Return a small distance from `price`; mostly near enough to be reached soon."""
        size = self._rng.choice((0.0002, 0.001, 0.004, 0.03))
        return least + round(price * size * self._rng.random())

    def _on_tick(self, terms: Terms, price: Points) -> Points:
        if terms.tick_size == 1 or self._rng.random() < 0.1:
            return price
        return price - price % terms.tick_size

    def _stops(self, terms: Terms, side: Side, reference: Points) -> Stops:
        rng = self._rng
        sign = 1 if side is Side.BUY else -1
        if rng.random() < 0.05:
            sign = -sign
        stops: Stops = {}
        if rng.random() < 0.45:
            stops["stop_loss"] = self._on_tick(terms, reference - sign * self._off(reference, terms.stop_level))
        if rng.random() < 0.35:
            stops["take_profit"] = self._on_tick(terms, reference + sign * self._off(reference, terms.stop_level))
        if rng.random() < 0.2:
            stops["trailing"] = self._off(reference, terms.stop_level)
        return stops

    # Orders and positions.

    def _symbol(self, desk: Desk, account: Account) -> str:
        """Choose a symbol, most often one in which the account holds something already."""
        if account.positions and self._rng.random() < 0.4:
            return self._rng.choice(list(account.positions.values())).symbol
        return self._rng.choice(list(desk.state.symbols))

    def _place(self, desk: Desk) -> Command:
        rng = self._rng
        account = self._account(desk)
        if account is None or not desk.state.symbols:
            return OpenAccount("alpha")
        terms = desk.terms_of(account, self._symbol(desk, account))
        side = rng.choice((Side.BUY, Side.SELL))
        reference, dealt = (terms.bid, terms.ask) if side is Side.BUY else (terms.ask, terms.bid)
        seen = rng.random() < 0.3
        return PlaceOrder(
            account.login, terms.name, side, self._volume(desk, account, terms),
            price=dealt + rng.randint(-30, 30) if seen else 0, deviation=rng.choice((0, 10, 50)) if seen else -1,
            comment=rng.choice(("", "crowd")), **(self._stops(terms, side, reference) if rng.random() < 0.5 else Stops()),
        )  # fmt: skip

    def _place_pending(self, desk: Desk) -> Command | None:
        rng = self._rng
        account = self._account(desk)
        if account is None or not desk.state.symbols:
            return None
        terms = desk.terms_of(account, self._symbol(desk, account))
        side, kind = rng.choice((Side.BUY, Side.SELL)), rng.choice((OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT))
        market = terms.ask if side is Side.BUY else terms.bid
        up = (side is Side.BUY) != (kind == OrderType.LIMIT)
        price = self._on_tick(terms, market + (1 if up else -1) * self._off(market, terms.stop_level))
        limit = 0
        if kind == OrderType.STOP_LIMIT:
            limit = self._on_tick(terms, price - (1 if side is Side.BUY else -1) * self._off(price, 0))
        return PlaceOrder(
            account.login, terms.name, side, self._volume(desk, account, terms), kind, price, limit,
            expires_at=self._expiry(desk), **self._stops(terms, side, limit or price),
        )  # fmt: skip

    def _expiry(self, desk: Desk) -> int:
        if self._rng.random() < 0.6:
            return 0
        return desk.now + self._rng.choice((-1, 500, 5_000, 10 * MINUTE_MS, 3_000 * MINUTE_MS))

    def _modify_order(self, desk: Desk) -> Command | None:
        found = self._order(desk)
        if found is None:
            return None
        account, order, terms = found
        if self._rng.random() < 0.1:
            return ModifyOrder(
                account.login, order.ticket, order.price, order.limit_price, order.stop_loss, order.take_profit, order.trailing,
                order.expires_at,
            )  # fmt: skip
        # A delayed market order may name any price, the last of int64 too: beside it there is nothing that could be sent.
        price = max(-PRICE_MAX, min(order.price, PRICE_MAX))
        shift = self._on_tick(terms, self._off(price or 1) - self._off(price or 1))
        limit = order.limit_price + shift if order.limit_price else 0
        return ModifyOrder(
            account.login, order.ticket, price + shift, limit, expires_at=self._expiry(desk),
            **self._stops(terms, order.side, limit or price + shift),
        )  # fmt: skip

    def _cancel(self, desk: Desk) -> Command | None:
        found = self._order(desk)
        return None if found is None else CancelOrder(found[0].login, found[1].ticket)

    def _modify_position(self, desk: Desk) -> Command | None:
        found = self._position(desk)
        if found is None:
            return None
        account, position, terms = found
        market = terms.bid if position.side is Side.BUY else terms.ask
        return ModifyPosition(account.login, position.ticket, **self._stops(terms, position.side, market))

    def _close(self, desk: Desk) -> Command | None:
        found = self._position(desk)
        if found is None:
            return None
        account, position, terms = found
        part = self._rng.choice((0, 0, position.volume, position.volume // 2, position.volume + CENT_LOT))
        volume = part - part % CENT_LOT if self._rng.random() < 0.9 else part
        deviation = self._rng.choice((-1, -1, 0, 20))
        price = terms.bid if position.side is Side.BUY else terms.ask
        return ClosePosition(account.login, position.ticket, volume, price + self._rng.randint(-9, 9), deviation)

    def _close_by(self, desk: Desk) -> Command | None:
        found = self._position(desk)
        if found is None:
            return None
        account, position, _ = found
        others = list(account.positions.values())
        opposite = [p for p in others if p.symbol == position.symbol and p.side != position.side]
        by = self._rng.choice(opposite if opposite and self._rng.random() < 0.9 else others)
        return CloseBy(account.login, position.ticket, by.ticket)

    def _close_all(self, desk: Desk) -> Command | None:
        account = self._account(desk)
        if account is None:
            return None
        return CloseAll(account.login, self._rng.choice(("", self._symbol(desk, account))))

    def _reverse(self, desk: Desk) -> Command | None:
        found = self._position(desk)
        return None if found is None else ReversePosition(found[0].login, found[1].ticket)

    def _deal_by_hand(self, desk: Desk) -> Command | None:
        account = self._account(desk)
        return None if account is None or not desk.state.symbols else self._dealer.next(desk, account)

    # Accounts and money.

    def _open_account(self, desk: Desk) -> Command | None:
        rng = self._rng
        if len(desk.state.accounts) >= ACCOUNTS_MAX:
            return None
        login = rng.choice((0, 0, 0, 1_003, 2_000 + rng.randrange(5)))
        return OpenAccount(rng.choice(list(desk.state.groups)), login, rng.choice((0, 0, 20, 100, 400)), rng.random() < 0.2)

    def _change_account(self, desk: Desk) -> Command | None:
        rng = self._rng
        account = self._account(desk)
        if account is None:
            return None
        if account.access != Access.FULL and rng.random() < 0.7:
            return ChangeAccount(account.login, access=Access.FULL)
        group = rng.choice(list(desk.state.groups)) if rng.random() < 0.4 else None
        leverage = rng.choice((5, 50, 100, 300)) if rng.random() < 0.5 else None
        access = rng.choice(list(Access)) if rng.random() < 0.3 else None
        return ChangeAccount(account.login, group, leverage, access)

    def _book(self, desk: Desk) -> Command | None:
        rng = self._rng
        account = self._account(desk)
        if account is None:
            return None
        if self._booked and rng.random() < 0.15:
            before = rng.choice(self._booked)
            return before if rng.random() < 0.6 else msgspec.structs.replace(before, amount=before.amount + 1)
        kind = rng.choices(list(BalanceKind), (5, 4, 2, 2, 1.5, 0.5))[0]
        currency = desk.groups[account.group].currency
        amount = rng.randint(1, units(currency, 3_000))
        if account.balance <= 0:
            kind, amount = BalanceKind.DEPOSIT, units(currency, rng.choice((500, 2_000, 10_000)))
        if kind == BalanceKind.CORRECTION and rng.random() < 0.6:
            amount = -amount
        booking = BookBalance(account.login, kind, amount, f"ext-{rng.randrange(10_000)}" if rng.random() < 0.5 else "")
        if booking.external_id:
            self._booked = [*self._booked[-MEMORY:], booking]
        return booking

    def _set_guards(self, desk: Desk) -> Command | None:
        """Guard an account so narrowly that something comes of it; at times none of it, or what contradicts itself."""
        rng = self._rng
        account = self._account(desk)
        if account is None:
            return None
        equity = equity_of(desk, account)

        def near(chance: float, least: int, most: int) -> int:
            return max(0, equity * rng.randint(least, most) // 1_000) if rng.random() < chance else 0

        base = rng.choice((None, None, account.balance, equity))
        floor, loss, target = near(0.5, 930, 1_001), near(0.6, 1, 60), near(0.5, 999, 1_040)
        return SetGuards(account.login, floor, loss, rng.choice(list(DailyBase)), target, base)

    # Configuration, venue, clock.

    def _put_symbol(self, desk: Desk) -> Command | None:
        """Change a symbol that may be traded just now, add one, or take one away again."""
        rng = self._rng
        spec = rng.choice(list(desk.state.symbols.values()))
        kind = rng.randrange(7)
        if kind == 0:
            name = rng.choice(EXTRAS)
            fresh = msgspec.structs.replace(self._world.symbols()[0], name=name)
            if name in ("EURJPY", "GBPJPY"):
                fresh = msgspec.structs.replace(
                    fresh, base=name[:3], quote="JPY", profit_currency="JPY", margin_currency=name[:3], digits=3
                )
            return PutSymbol(fresh)
        if kind == 1:
            return PutSymbol(msgspec.structs.replace(spec, digits=spec.digits + 1))
        if kind == 2:
            mode = TradeMode.FULL if spec.trade_mode != TradeMode.FULL else rng.choice(list(TradeMode))
            return PutSymbol(msgspec.structs.replace(spec, trade_mode=mode))
        if kind == 3:
            return PutSymbol(msgspec.structs.replace(spec, leverage_max=rng.choice((0, 5, 50))))
        if kind == 4:
            return RemoveSymbol(rng.choice(EXTRAS)) if rng.random() < 0.5 else PutSymbols((spec, *self._world.symbols()[:2]))
        drawn = next((other for other in self._world.symbols() if other.name == spec.name), spec)
        return PutSymbol(drawn)

    def _put_group(self, desk: Desk) -> Command | None:
        """Change a group's terms under the feet of those who trade in it."""
        rng = self._rng
        spec = rng.choice(list(desk.state.groups.values()))
        currency = spec.currency if rng.random() < 0.9 else "EUR"
        return PutGroup(self._world.group(spec.name, currency=currency, hedging=spec.hedging or rng.random() < 0.05))

    def _settle(self, desk: Desk) -> Command | None:
        symbol = self._rng.choice([*desk.state.breaks, "EURUSD"])
        quote = desk.state.quotes.get(symbol)
        return SettleBreak(symbol, quote.bid if quote is not None else 1, "agreed")

    def _tick(self, desk: Desk) -> Command:
        return Tick()
