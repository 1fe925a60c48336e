"""What a manager reaches: wallets, strategies, investments and positions of his company; others are as if not there."""

from collections.abc import Iterable
from enum import IntEnum

from prorata.access import copying as access
from prorata.access.callers import NotFound
from prorata.access.copying import Reach
from prorata.copying.desk import CopyDesk
from prorata.copying.state import LegHead, Strategy, Wallet
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.reach import copy_of
from prorata.rest.ramm.errors import Absent, invalid_input
from prorata.rest.ramm.values import Code

__all__ = [
    "Whose", "company_strategies", "copy_of", "investment_of", "is_wanted", "position_of", "strategy_of", "wallet_of",
    "whose",
]  # fmt: skip


class Whose(IntEnum):
    """The documented filter `Test`."""

    REAL = 0
    TEST = 1
    ALL = 2


def whose(given: Code | None) -> Whose:
    """Return which clients are meant; if it is not said, all. Raises `Failure`."""
    if given is None:
        return Whose.ALL
    if given not in set(Whose):
        raise invalid_input("Filter.Test", "expected 0, 1 or 2")
    return Whose(given)


def is_wanted(choice: Whose, *, test: bool) -> bool:
    return choice is Whose.ALL or test == (choice is Whose.TEST)


def _reach(call: Call) -> Reach:
    return Reach(call.company.id)


def wallet_of(call: Call, number: int, field: str = "ID") -> Wallet:
    try:
        return access.wallet_for(_reach(call), copy_of(call), number)
    except NotFound:
        raise Absent(field) from None


def strategy_of(call: Call, number: int, field: str = "ID") -> Strategy:
    try:
        return access.own_strategy_for(_reach(call), copy_of(call), number)
    except NotFound:
        raise Absent(field) from None


def investment_of(call: Call, number: int, field: str = "ID") -> tuple[Strategy, int]:
    """Return an investment's strategy and row."""
    try:
        return access.investment_for(_reach(call), copy_of(call), number)
    except NotFound:
        raise Absent(field) from None


def position_of(call: Call, number: int, field: str = "ID") -> tuple[Strategy, LegHead, int]:
    try:
        return access.position_for(_reach(call), copy_of(call), number)
    except NotFound:
        raise Absent(field) from None


def company_strategies(copy: CopyDesk, company_id: int) -> Iterable[Strategy]:
    """Return all strategies of a company, the closed ones, too, by number."""
    return (strategy for strategy in copy.state.strategies.values() if strategy.company == company_id)
