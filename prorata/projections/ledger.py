"""The proof of the ledger: every currency sums to zero, and each balance is the sum of its postings (decision D6).

Three proofs, each by itself. `verify_state` adds up what the engine keeps. `verify_events` adds up the postings of
events as they happened and compares them with what the engine keeps. `verify` does so with the tables, and also
compares each deal and operation with its own postings, and the deals of investments with their balances
(`copy_proof`), so that a row that was altered is named.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Text, case, cast, func, literal, literal_column, select

from prorata.copying.state import CopyState
from prorata.messages.commands import BalanceKind
from prorata.messages.events import Event, Posting
from prorata.projections.copying.proof import investments_that_differ
from prorata.projections.lists import HistoryLists
from prorata.projections.rows import MarginEventKind
from prorata.projections.tables import balance_operations, deals, ledger_entries, margin_events
from prorata.trading.state import State
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Login, Minor

Balances = dict[tuple[str, str], Minor]
"""(ledger account, currency) -> balance"""


class HistoryBehind(Exception):
    """The tables do not go as far as the state; compare again when they do."""


class Difference(msgspec.Struct, frozen=True):
    """One thing that does not agree. `place`: a ledger account, "sum of the ledger", "sum of the state", or a row
    ("deal 12, event 57, account/1001"). `said`: what it should come to by the state or by the row; `posted`: what the
    postings come to."""

    place: str
    currency: str
    said: Minor
    posted: Minor

    def __str__(self) -> str:
        digits = CURRENCY_DIGITS.get(self.currency, 0)
        said, posted = (format_decimal(amount, digits) for amount in (self.said, self.posted))
        return f"{self.place}: {said} {self.currency} expected, {posted} {self.currency} posted"


class LedgerReport(msgspec.Struct, frozen=True):
    sums: dict[str, Minor]
    """of all ledger accounts, for each currency; 0 if all is well"""
    accounts: int
    """ledger accounts compared, counted once for each currency"""
    differences: tuple[Difference, ...]

    @property
    def balanced(self) -> bool:
        return not self.differences


class Ledger:
    """The balance of every ledger account, from postings in the order they come."""

    def __init__(self) -> None:
        self.balances: Balances = defaultdict(int)

    def post(self, events: Iterable[Event]) -> None:
        for event in events:
            for posting in postings_of(event):
                self.balances[posting.debit, posting.currency] -= posting.amount
                self.balances[posting.credit, posting.currency] += posting.amount

    def verify(self, state: State, copying: CopyState | None = None) -> LedgerReport:
        """Compare with what the engine keeps."""
        return _report(self.balances, state, copying, ())


def postings_of(event: Event) -> tuple[Posting, ...]:
    """Return the movements of money in an event. A `Repeated` moves none: its postings were the first answer's."""
    postings: tuple[Posting, ...] = getattr(event, "postings", ())
    return postings


def verify_events(events: Iterable[Event], state: State, copying: CopyState | None = None) -> LedgerReport:
    """Prove the ledger from all events since the beginning."""
    ledger = Ledger()
    ledger.post(events)
    return ledger.verify(state, copying)


def verify_state(state: State, copying: CopyState | None = None) -> LedgerReport:
    """Prove that what the engine keeps sums to zero in every currency."""
    kept = balances_in(state, copying)
    sums = _sums(kept)
    wrong = tuple(Difference("sum of the state", currency, 0, total) for currency, total in sums.items() if total)
    return LedgerReport(sums, len(kept), wrong)


def verify(
    history: HistoryLists, state: State, copying: CopyState | None = None, *, upto: int | None = None
) -> LedgerReport:  # fmt: skip
    """Prove the ledger from the tables.

    `upto`: the number of the last event that `state` has seen; None if the tables go just as far.

    Raises:
        HistoryBehind: the tables do not reach `upto`.
    """
    with history.reading() as connection:
        written = history.mark(connection).sequence
        last = written if upto is None else upto
        if written < last:
            raise HistoryBehind(f"the tables go up to event {written}, the state to {last}")
        posted = _posted(connection, history.platform, last)
        rows = list(_altered_rows(connection, history.platform, last, state))
        rows += [Difference(*found) for found in investments_that_differ(connection, history.platform, last, posted)]
    return _report(posted, state, copying, rows)


def posted_on(history: HistoryLists, names: Sequence[str], upto: int) -> dict[str, Minor]:
    """Return what the postings up to event `upto` come to on each of some ledger accounts, all of one currency each.

    Raises:
        HistoryBehind: the tables do not reach `upto`.
    """
    with history.reading() as connection:
        written = history.mark(connection).sequence
        if written < upto:
            raise HistoryBehind(f"the tables go up to event {written}, the state to {upto}")
        posted = _posted(connection, history.platform, upto, names)
    return {name: sum(amount for (place, _), amount in posted.items() if place == name) for name in names}


def balances_in(state: State, copying: CopyState | None = None) -> Balances:
    """Return every ledger account's balance as the engine keeps it."""
    balances: Balances = {}
    for account in state.accounts.values():
        currency = state.groups[account.group].currency
        balances[f"account/{account.login}", currency] = account.balance
        balances[f"credit/{account.login}", currency] = account.credit
    for currency, ledger in state.house.items():
        for name, balance in ledger.items():
            balances[name, currency] = balance
    if copying is None:
        return balances
    for wallet in copying.wallets.values():
        balances[f"wallet/{wallet.number}", wallet.currency] = wallet.balance
        balances[f"reserved/{wallet.number}", wallet.currency] = wallet.reserved
    for strategy in copying.strategies.values():
        total = int(strategy.investments.balance[: strategy.rows].sum())
        balances[f"investments/{strategy.number}", strategy.currency] = total
    return balances


def _report(
    posted: Mapping[tuple[str, str], Minor], state: State, copying: CopyState | None, rows: Iterable[Difference]
) -> LedgerReport:  # fmt: skip
    kept = balances_in(state, copying)
    places = sorted(kept.keys() | posted.keys())
    sums = _sums(posted)
    differences = [Difference("sum of the ledger", currency, 0, total) for currency, total in sums.items() if total]
    differences += verify_state(state, copying).differences
    for name, currency in places:
        said, found = kept.get((name, currency), 0), posted.get((name, currency), 0)
        if said != found:
            differences.append(Difference(name, currency, said, found))
    return LedgerReport(sums, len(places), (*differences, *rows))


def _sums(balances: Mapping[tuple[str, str], Minor]) -> dict[str, Minor]:
    sums: dict[str, Minor] = defaultdict(int)
    for (_, currency), balance in balances.items():
        sums[currency] += balance
    return {currency: sums[currency] for currency in sorted(sums)}


def _posted(connection: Connection, platform: str, last: int, names: Sequence[str] | None = None) -> Balances:
    """Add up the entries of each ledger account; of `names` alone, if they are told.

    The turnover of a busy account can pass int64 although its balance never does, so the databases add the upper and
    the lower half of the amounts by themselves.
    """
    entries = ledger_entries.c
    balances: Balances = defaultdict(int)
    for side, sign in ((entries.credit, 1), (entries.debit, -1)):
        upper = func.sum(entries.amount.bitwise_rshift(literal_column("32")))
        lower = func.sum(entries.amount.bitwise_and(2**32 - 1))
        query = (
            select(side, entries.currency, upper, lower)
            .where(entries.platform == platform, entries.sequence <= last)
            .group_by(side, entries.currency)
        )
        if names is not None:
            query = query.where(side.in_(names))
        for name, currency, high, low in connection.execute(query):
            balances[name, currency] += sign * ((int(high) << 32) + int(low))
    return balances


def _altered_rows(connection: Connection, platform: str, last: int, state: State) -> Iterator[Difference]:
    """Yield each deal, operation and protection whose own figures are not what was posted for it."""
    for query in (_deals_said(), _operations_said(), _protections_said()):
        said = query.subquery()
        amount = case(
            (ledger_entries.c.credit == said.c.own, ledger_entries.c.amount),
            (ledger_entries.c.debit == said.c.own, -ledger_entries.c.amount),
            else_=0,
        )
        posted = (
            select(func.coalesce(func.sum(amount), 0))
            .where(ledger_entries.c.platform == platform, ledger_entries.c.sequence == said.c.sequence)
            .scalar_subquery()
        )
        differing = (
            select(said.c.what, said.c.number, said.c.sequence, said.c.login, said.c.own, said.c.amount, posted)
            .where(said.c.platform == platform, said.c.sequence <= last, said.c.amount != posted)
            .order_by(said.c.sequence)
        )
        for what, number, sequence, login, own, figure, found in connection.execute(differing):
            place = f"{what} {number}, event {sequence}, {own}"
            yield Difference(place, _currency_of(state, login), int(figure), int(found))


def _deals_said() -> Select[Any]:
    row = deals.c
    own = literal("account/", Text) + cast(row.login, Text)
    return _said("deal", row, row.deal, own, row.profit + row.commission + row.swap)


def _operations_said() -> Select[Any]:
    row = balance_operations.c
    on_credit = row.kind.in_([int(BalanceKind.CREDIT_IN), int(BalanceKind.CREDIT_OUT)])
    own = case((on_credit, literal("credit/", Text)), else_=literal("account/", Text)) + cast(row.login, Text)
    return _said("operation", row, row.operation, own, row.amount)


def _protections_said() -> Select[Any]:
    row = margin_events.c
    own = literal("account/", Text) + cast(row.login, Text)
    query = _said("negative balance", row, row.sequence, own, row.amount)
    return query.where(row.kind == int(MarginEventKind.NEGATIVE_BALANCE))


def _said(what: str, row: Any, number: Any, own: ColumnElement[str], amount: ColumnElement[int]) -> Select[Any]:
    """Return the query of what each row of a table says was moved, and in which ledger account."""
    return select(
        row.platform,
        row.sequence,
        row.login,
        literal(what, Text).label("what"),
        number.label("number"),
        own.label("own"),
        amount.label("amount"),
    )


def _currency_of(state: State, login: Login) -> str:
    account = state.accounts.get(login)
    return "" if account is None else state.groups[account.group].currency
