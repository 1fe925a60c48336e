"""What happens to prop accounts on their trade platform: losses end them, days are counted, targets are seen.

The guards are the platform's, and act there at the quote; here is written down what they did, and what follows from it.
"""

from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from prorata.crm.activity import TimelineEvent
from prorata.crm.following import Following, Heard
from prorata.crm.prop.accounts import PropAccounts
from prorata.crm.prop.evaluations import Evaluations
from prorata.crm.prop.records import ACTIVE, GUARDED, EvaluationStatus, PropStatus, account_from
from prorata.crm.prop.tables import days, failures, prop_accounts
from prorata.messages.commands import Access
from prorata.messages.events import (
    BalanceBooked,
    DayClosed,
    Dealt,
    Entry,
    Guard,
    GuardReached,
    GuardsSet,
    NegativeBalanceCovered,
)

E = EvaluationStatus
_LOST = {Guard.FLOOR: E.MAX_LOSS_REACHED, Guard.DAILY: E.MAX_DAILY_LOSS_REACHED}
_LOCKED = Access.TRADING_DISABLED.value
ON_TARGET = frozenset({E.PROFIT_TARGET_REACHED_OPEN_TRADES, E.PROFIT_TARGET_REACHED_NO_OPEN_TRADES})


class Watch:
    """Handlers of `following`: within its transaction, each event once, in order."""

    def __init__(self, accounts: PropAccounts, evaluations: Evaluations, following: Following) -> None:
        self._accounts = accounts
        self._evaluations = evaluations
        for kind in (GuardReached, GuardsSet, Dealt, DayClosed, BalanceBooked, NegativeBalanceCovered):
            following.on(kind, self.hear)

    def hear(self, connection: Connection, heard: Heard) -> None:
        mine = prop_accounts.c.trading_account_id == heard.trading_account.id
        number = connection.execute(select(prop_accounts.c.id).where(mine)).scalar()
        if number is None:
            return
        row, event = self._accounts.row(connection, number), heard.event
        match event:
            case GuardReached():
                self._reached(connection, row, event, heard)
            case GuardsSet():
                if event.daily_loss:
                    self._accounts.put(connection, number, base=event.base)
            case Dealt():
                self._dealt(connection, row, event)
            case DayClosed():
                self._day_closed(connection, row, event)
            case BalanceBooked() | NegativeBalanceCovered():
                self._accounts.put(connection, number, balance=event.balance)

    def _reached(self, connection: Connection, row: RowMapping, event: GuardReached, heard: Heard) -> None:
        if row["status"] not in GUARDED:
            return
        if event.guard == Guard.TARGET:
            reached = E.PROFIT_TARGET_REACHED_OPEN_TRADES if event.open_positions else E.PROFIT_TARGET_REACHED_NO_OPEN_TRADES
            self._accounts.put(connection, row["id"], evaluation=reached.value)
            self._evaluations.consider(connection, row["id"])
        else:
            self._fail(connection, row, event, heard)

    def _fail(self, connection: Connection, row: RowMapping, event: GuardReached, heard: Heard) -> None:
        status = _LOST[event.guard]
        found = {
            "prop_account_id": row["id"], "status": status.value, "equity": event.equity, "line": event.line,
            "base": event.base, "symbol": event.symbol, "bid": event.bid, "ask": event.ask,
            "open_positions": event.open_positions, "at": heard.at,
        }  # fmt: skip
        connection.execute(insert(failures).values(found))
        # The platform has closed it and taken its right to trade, at that quote.
        self._accounts.put(
            connection, row["id"], status=PropStatus.LOCKED_FAILED_CHALLENGE.value, evaluation=status.value, ended_at=heard.at,
            final_equity=event.equity, access=_LOCKED, access_set=_LOCKED, guards_due=False,
        )  # fmt: skip
        self._evaluations.drop(connection, row["id"], status.value)
        self._accounts.tell(connection, row, TimelineEvent.PROP_FAILED, status.value)

    def _dealt(self, connection: Connection, row: RowMapping, event: Dealt) -> None:
        result = event.profit + event.commission + event.swap
        more = 1 if event.entry == Entry.IN and event.position_volume == event.volume else 0
        less = 1 if event.position_volume == 0 else 0
        values: dict[str, Any] = {
            "balance": event.balance, "open_positions": row["open_positions"] + more - less, "result": row["result"] + result,
            "today_result": row["today_result"] + result, "today_deals": row["today_deals"] + 1,
        }  # fmt: skip
        if row["evaluation"] in ON_TARGET and row["status"] in ACTIVE:
            values |= self._on_target(row, values)
        self._accounts.put(connection, row["id"], **values)
        if values.get("guards_due"):
            self._accounts.go_on(connection, row["id"])
        self._evaluations.consider(connection, row["id"])

    def _on_target(self, row: RowMapping, after: dict[str, Any]) -> dict[str, Any]:
        """Return what is told of an account that has reached its target once, and what it is now."""
        if after["open_positions"]:
            return {"evaluation": E.PROFIT_TARGET_REACHED_OPEN_TRADES.value}
        if after["balance"] >= account_from(row).terms.target_level:
            return {"evaluation": E.PROFIT_TARGET_REACHED_NO_OPEN_TRADES.value}
        # What was reached is lost again: it is to be told anew.
        return {"evaluation": "", "guards_due": True}

    def _day_closed(self, connection: Connection, row: RowMapping, event: DayClosed) -> None:
        account = account_from(row)
        terms, progress = account.terms, account.progress
        day = {
            "prop_account_id": row["id"], "day": event.day, "balance": event.balance, "equity": event.equity,
            "result": progress.today_result, "deals": progress.today_deals,
        }  # fmt: skip
        # A platform whose journal was put back from a backup has a day for the second time.
        connection.execute(delete(days).where(days.c.prop_account_id == row["id"], days.c.day == event.day))
        connection.execute(insert(days).values(day))
        highest = max(progress.highest, event.equity)
        moves = terms.floor(highest) != terms.floor(progress.highest) and row["status"] in GUARDED
        self._accounts.put(
            connection, row["id"], balance=event.balance, highest=highest, days=progress.trading_days,
            best_day=progress.largest_day, today_result=0, today_deals=0, guards_due=row["guards_due"] or moves,
        )  # fmt: skip
        if moves:
            self._accounts.go_on(connection, row["id"])
