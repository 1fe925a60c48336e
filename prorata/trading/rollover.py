"""The end of a trading day: swaps for the night, and what each account was worth.

A day ends at the platform's rollover time, for all accounts at once and before any command of the batch
that brought the time. Days that passed while the platform was down are closed one after the other.
"""

from prorata.messages.events import DayClosed, SwapCharged
from prorata.trading import levels, loss_limits
from prorata.trading.charges import swap_of
from prorata.trading.desk import Desk
from prorata.trading.equity import floating_of
from prorata.trading.guard import after_money
from prorata.trading.markets import weekday_of
from prorata.trading.state import Account, Position
from prorata.trading.terms import Terms
from prorata.units.numbers import DAY_MS, Moment

DAILY = 7
"""`swap_triple_day` of a symbol that charges one night every day, weekends too."""
_SUNDAY, _SATURDAY = 0, 6


def is_due(desk: Desk, now: Moment) -> bool:
    """Say whether a day has ended that is not closed yet."""
    day = desk.state.day
    return day is None or day < (now - desk.state.rollover_ms) // DAY_MS


def take_rollover(desk: Desk) -> None:
    """Close every day that has ended since the last look."""
    state = desk.state
    ended = (desk.now - state.rollover_ms) // DAY_MS
    if state.day is None:
        state.day = ended
    while state.day < ended:
        state.day += 1
        for quote in state.quotes.values():
            quote.cap = min(quote.cap, 2 * quote.ask)
        for account in state.accounts.values():
            _close_day(desk, account, state.day)


def _close_day(desk: Desk, account: Account, day: int) -> None:
    """Charge the night's swap and note the account's figures."""
    group = desk.groups[account.group]
    charged = 0
    if not group.spec.swap_free:
        for position in account.positions.values():
            charged += _charge(desk, account, group.terms[position.symbol], position, day)
    if charged:
        account.swap += charged
        after_money(desk, account, charged)
        if account.guards is not None:
            levels.look(desk, account)  # The night is part of the day that ends, and of its loss.
    if account.balance or account.credit or account.positions:
        floating = floating_of(desk, account)
        equity = account.balance + account.credit + account.swap + floating
        desk.events.append(
            DayClosed(account.login, day, account.balance, account.credit, floating, account.swap, equity, account.margin)
        )
    loss_limits.begin_day(desk, account)


def _charge(desk: Desk, account: Account, terms: Terms, position: Position, day: int) -> int:
    nights = nights_of(terms.spec.swap_triple_day, day)
    swap = swap_of(terms, position, nights) if nights else 0
    if swap:
        position.swap += swap
        desk.events.append(SwapCharged(position.ticket, account.login, position.symbol, swap, nights, position.swap))
    return swap


def nights_of(triple_day: int, day: int) -> int:
    """Return how many nights the rollover at the end of `day` counts: none at weekends, three on the triple day."""
    weekday = weekday_of(day)
    if triple_day == DAILY:
        return 1
    if weekday in (_SUNDAY, _SATURDAY):
        return 0
    return 3 if weekday == triple_day else 1
