"""A statement as tables of texts in one language: what HTML, PDF and CSV show."""

from collections.abc import Sequence

import msgspec

from prorata.crm.letters.statements.figures import Period, Statement
from prorata.crm.letters.statements.words import WORDS
from prorata.crm.letters.tongues import Tongue
from prorata.messages.commands import BalanceKind, OrderType, Side
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_short
from prorata.units.numbers import VOLUME_DIGITS, Minor, Points, Volume

_KINDS = {
    BalanceKind.DEPOSIT: "deposit", BalanceKind.WITHDRAWAL: "withdrawal", BalanceKind.CREDIT_IN: "credit_in",
    BalanceKind.CREDIT_OUT: "credit_out", BalanceKind.CORRECTION: "correction",
    BalanceKind.AGENT_COMMISSION: "agent_commission",
}  # fmt: skip
_TYPES = {OrderType.LIMIT: "limit", OrderType.STOP: "stop", OrderType.STOP_LIMIT: "stop_limit"}
_SIDES = {Side.BUY: "buy", Side.SELL: "sell"}
_NONE = "\u2013"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`numeric`: columns whose texts are numbers, and stand to the right. `total`: a row beneath, empty for none."""

    title: str
    columns: tuple[str, ...]
    numeric: frozenset[int]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """`facts`, `summary`: pairs of label and text; in the summary, those of `sums` are sums of what stands above them."""

    language: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    summary_title: str
    summary: tuple[tuple[str, str], ...]
    sums: frozenset[int]
    tables: tuple[Table, ...]
    page: str


def sheet_of(statement: Statement, tongue: Tongue) -> Sheet:
    return _Writer(statement, tongue).sheet()


class _Writer:
    def __init__(self, statement: Statement, tongue: Tongue) -> None:
        self._statement = statement
        self._tongue = tongue
        self._words = WORDS[tongue.code]
        self._digits = CURRENCY_DIGITS[statement.currency]

    def sheet(self) -> Sheet:
        one, tongue, words = self._statement, self._tongue, self._words
        when = tongue.day(one.last_day) if one.period is Period.DAY else tongue.month_of(one.last_day)
        facts = [
            (words["account"], str(one.login)), (words["owner"], one.name), (words["platform"], one.platform),
            (words["offer"], one.offer), (words["currency"], one.currency),
            (words["covers"], f"{tongue.moment(one.since)} {_NONE} {tongue.moment(one.until)}"),
        ]  # fmt: skip
        if one.demo:
            facts.append((words["demo"], ""))
        summary, sums = self._summary()
        return Sheet(
            language=tongue.code, title=one.broker, subtitle=f"{words['statement']}, {when}", facts=tuple(facts),
            summary_title=words["summary"], summary=tuple(summary), sums=sums, page=words["page"],
            tables=tuple(table for table in (self._movements(), self._trades(), self._held(), self._waiting()) if table.rows),
        )  # fmt: skip

    def _summary(self) -> tuple[list[tuple[str, str]], frozenset[int]]:
        one, totals, closing = self._statement, self._statement.totals, self._statement.closing
        always: list[tuple[str, Minor]] = [("opening", one.opening.balance)]
        moved = [
            ("deposits", totals.deposits), ("withdrawals", totals.withdrawals),
            ("withdrawals_returned", totals.returned), ("corrections", totals.corrections),
            ("agent_commissions", totals.agent_commissions), ("profit", totals.profit),
            ("commission_trades", one.trades_commission), ("commission_open", one.opening_commission),
            ("swap", totals.swap), ("protection", totals.protection),
        ]  # fmt: skip
        balance = [*always, *((name, amount) for name, amount in moved if amount), ("closing", closing.balance)]
        worth = [("credit", closing.credit)] if closing.credit or one.opening.credit else []
        worth += [("floating", closing.floating), ("swap_carried", closing.swap), ("equity", closing.equity)]
        worth += [("margin", closing.margin), ("free_margin", closing.free_margin)]
        named = [*balance, *worth]
        sums = frozenset(place for place, (name, _) in enumerate(named) if name in ("opening", "closing", "equity"))
        return [(self._words[name], self._money(amount)) for name, amount in named], sums

    def _movements(self) -> Table:
        rows = [
            (
                str(row.operation),
                self._tongue.moment(row.at),
                self._words["withdrawal_returned" if row.returned else _KINDS[row.kind]],
                row.comment,
                self._money(row.amount),
            )
            for row in self._statement.movements
        ]
        return self._table("movements", ("number", "time", "kind", "comment", "amount"), rows, 1)

    def _trades(self) -> Table:
        found = self._statement.trades
        rows = [
            (
                str(row.position), row.symbol, self._words[_SIDES[row.side]], self._volume(row.volume),
                self._tongue.moment(row.opened_at), self._price(row.symbol, row.open_price),
                self._tongue.moment(row.closed_at), self._price(row.symbol, row.close_price), self._money(row.commission),
                self._money(row.swap), self._money(row.profit), self._money(row.net),
            )
            for row in found
        ]  # fmt: skip
        columns = (
            "position", "symbol", "side", "volume", "opened", "open_price", "closed", "close_price", "commission", "swap",
            "result", "net",
        )  # fmt: skip
        sums = [
            sum(row.commission for row in found), sum(row.swap for row in found), sum(row.profit for row in found),
            sum(row.net for row in found),
        ]  # fmt: skip
        return self._table("trades", columns, rows, 4, sums, middle=(3, 5, 7))

    def _held(self) -> Table:
        found = self._statement.held
        rows = [
            (
                str(row.position), row.symbol, self._words[_SIDES[row.side]], self._volume(row.volume),
                self._tongue.moment(row.opened_at), self._price(row.symbol, row.open_price),
                _NONE if row.price is None else self._price(row.symbol, row.price), self._money(row.commission),
                self._money(row.swap), _NONE if row.floating is None else self._money(row.floating),
            )
            for row in found
        ]  # fmt: skip
        columns = (
            "position", "symbol", "side", "volume", "opened", "open_price", "price", "commission", "swap_carried", "floating"
        )  # fmt: skip
        closing = self._statement.closing
        sums = [sum(row.commission for row in found), closing.swap, closing.floating]
        return self._table("held", columns, rows, 3, sums, middle=(3, 5, 6))

    def _waiting(self) -> Table:
        rows = [
            (
                str(row.ticket), row.symbol, f"{self._words[_SIDES[row.side]]} {self._words[_TYPES[row.type]]}",
                self._volume(row.volume), self._tongue.moment(row.placed_at),
                self._tongue.moment(row.expires_at) if row.expires_at else _NONE,
                *(
                    self._price(row.symbol, price) if price else _NONE
                    for price in (row.price, row.limit_price, row.stop_loss, row.take_profit)
                ),
            )
            for row in self._statement.waiting
        ]  # fmt: skip
        columns = (
            "number", "symbol", "kind", "volume", "placed", "expires", "price", "limit_price", "stop_loss", "take_profit"
        )  # fmt: skip
        return self._table("waiting", columns, rows, 4, middle=(3,))

    def _table(
        self, title: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]], right: int, sums: Sequence[Minor] = (), *,
        middle: Sequence[int] = (),
    ) -> Table:  # fmt: skip
        """`right`: so many columns at the end are numbers, and those of `middle`. `sums`: of the last columns."""
        count = len(columns)
        total: tuple[str, ...] = ()
        if sums:
            total = (self._words["total"], *[""] * (count - len(sums) - 1), *map(self._money, sums))
        return Table(
            title=self._words[title], columns=tuple(self._words[name] for name in columns),
            numeric=frozenset((*middle, *range(count - right, count))), rows=tuple(rows), total=total,
        )  # fmt: skip

    def _money(self, amount: Minor) -> str:
        return self._tongue.number(amount, self._digits)

    def _price(self, symbol: str, price: Points) -> str:
        return self._tongue.number(price, self._statement.price_digits.get(symbol, 0))

    def _volume(self, volume: Volume) -> str:
        return format_short(volume, VOLUME_DIGITS, 2).replace(".", self._tongue.decimal)
