"""Lines of a story that only look: `balance 1001 -> 996.50`, `position 1001 1 -> buy 1.00 EURUSD at 1.10010 sl 1.09000`."""

from collections.abc import Callable

from prorata.trading.desk import Desk
from prorata.trading.equity import equity_of, floating_of, free_margin_of
from prorata.trading.state import Account
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Minor

from .outcomes import Outcome, Outcomes, lots

Reading = Callable[[Desk, Outcomes, list[str]], str | Outcome]


def _money(amount_of: Callable[[Desk, Account], Minor]) -> Reading:
    def read(desk: Desk, tells: Outcomes, words: list[str]) -> str:
        login = int(words[0])
        return tells.money_of(login)(amount_of(desk, desk.state.accounts[login]))

    return read


def _tickets(name: str) -> Reading:
    def read(desk: Desk, tells: Outcomes, words: list[str]) -> str:
        return ", ".join(str(ticket) for ticket in getattr(desk.state.accounts[int(words[0])], name)) or "none"

    return read


def _position(desk: Desk, tells: Outcomes, words: list[str]) -> Outcome:
    login, ticket = int(words[0]), int(words[1])
    return tells.position(login, desk.state.accounts[login].positions[ticket])


def _order(desk: Desk, tells: Outcomes, words: list[str]) -> Outcome:
    login, ticket = int(words[0]), int(words[1])
    return tells.order(login, desk.state.accounts[login].orders[ticket])


def _house(desk: Desk, tells: Outcomes, words: list[str]) -> str:
    name, currency = words
    return format_decimal(desk.state.house.get(currency, {}).get(name, 0), CURRENCY_DIGITS[currency])


def _hedge(desk: Desk, tells: Outcomes, words: list[str]) -> str:
    hedge = desk.state.hedges.get(words[0])
    return lots(hedge.volume if hedge is not None else 0)


def _breaks(desk: Desk, tells: Outcomes, words: list[str]) -> str:
    return ", ".join(desk.state.breaks) or "none"


READINGS: dict[str, Reading] = {
    "balance": _money(lambda _, account: account.balance),
    "credit": _money(lambda _, account: account.credit),
    "margin": _money(lambda _, account: account.margin),
    "reserved": _money(lambda _, account: account.reserved),
    "equity": _money(equity_of),
    "floating": _money(floating_of),
    "free": _money(free_margin_of),
    "positions": _tickets("positions"),
    "orders": _tickets("orders"),
    "position": _position,
    "order": _order,
    "house": _house,
    "hedge": _hedge,
    "breaks": _breaks,
}
