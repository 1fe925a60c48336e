"""Profit of funded accounts, shared and paid out.

One posting takes the whole from the account: the trader's share leaves, the house's share stays with the house as its fee. The
trade platform moves the day's base by it in the same step, so that a withdrawal is no loss. Where the floor trails, what was
the highest equity is lowered first, and with it the floor: an account is never ended by being paid out.
"""

import uuid
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.activity import TimelineEvent
from prorata.crm.crossing import Crossing, Crossings
from prorata.crm.kyc.gate import check_may
from prorata.crm.kyc.levels import Right
from prorata.crm.prop.accounts import PropAccounts
from prorata.crm.prop.records import (
    GUARDED,
    PropAccount,
    PropStatus,
    Withdrawal,
    WithdrawalStatus,
    account_from,
    withdrawal_from,
)
from prorata.crm.prop.tables import withdrawals
from prorata.crm.prop.terms import split_of, withdrawable_of
from prorata.crm.tables import TEXT_LENGTH_MAX
from prorata.messages.commands import Access, BalanceKind, BookBalance
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Minor

PAY = "prop-pay"
_MAY_WITHDRAW = frozenset({PropStatus.ACTIVE_FUNDED, PropStatus.WAITING_FOR_EVALUATION, PropStatus.PASSED})


class Withdrawals:
    """Blocks on the database. `by`: who asks for it."""

    def __init__(self, database: Database, crossings: Crossings, prop: PropAccounts) -> None:
        self._database = database
        self._accounts = prop
        prop.at_last = self._pay
        crossings.effects[PAY] = self._paid

    def of_account(self, account: PropAccount) -> list[Withdrawal]:
        """Return an account's withdrawals, newest first."""
        query = select(withdrawals).where(withdrawals.c.prop_account_id == account.id).order_by(withdrawals.c.id.desc())
        with self._database.reading() as connection:
            return [withdrawal_from(row) for row in connection.execute(query).mappings()]

    def get(self, number: int) -> Withdrawal:
        """Return the withdrawal of a row. Raises `NotFound`."""
        with self._database.reading() as connection:
            row = connection.execute(select(withdrawals).where(withdrawals.c.id == number)).mappings().first()
        if row is None:
            raise NotFound
        return withdrawal_from(row)

    def ask(self, account: PropAccount, amount: Minor, *, equity: Minor, comment: str = "", by: str) -> Withdrawal:
        """Take profit from a funded account. `equity`: the account's, as it is now.

        Raises `Declined`: it is not funded, has open positions or less profit, a withdrawal is under way, or its trader's level
        allows no withdrawals.
        """
        with self._database.writing() as connection:
            row = self._accounts.row(connection, account.id)
            self._check(connection, row, amount, equity)
            shares = split_of(amount, row["split_ppm"])
            made = connection.execute(
                insert(withdrawals).values(
                    uuid=str(uuid.uuid4()), organization_id=account.organization_id, prop_account_id=account.id,
                    status=WithdrawalStatus.NEW.value, amount=amount, trader_share=shares.trader, house_share=shares.house,
                    comment=comment, remark="", highest=row["highest"],
                    created_by=by, created_at=self._database.now(), ended_at=0,
                )
            ).inserted_primary_key  # fmt: skip
            assert made is not None
            values: dict[str, Any] = {"highest": max(row["initial_balance"], row["highest"] - amount)}
            if row["trailing"] and row["status"] in GUARDED:
                values["guards_due"] = True
            if row["lock_on_withdrawal"] and row["access"] == Access.FULL:
                values["access"] = Access.CLOSE_ONLY.value
            self._accounts.put(connection, account.id, **values)
            self._accounts.go_on(connection, account.id)
        return self.get(made[0])

    def _check(self, connection: Connection, row: RowMapping, amount: Minor, equity: Minor) -> None:
        account = account_from(row)
        if not account.funded or account.status not in _MAY_WITHDRAW:
            raise Declined(Refusal.PROP_STATE, "only a funded account that has not failed pays out profit")
        if account.progress.open_positions:
            raise Declined(Refusal.PROP_STATE, "the account has open positions: profit is what is realised")
        # The profit is real, whatever its account is.
        check_may(connection, account.account_id, Right.WITHDRAW, self._database.now())
        if _asked(connection, account.id) is not None:
            raise Declined(Refusal.CHANGE_UNDER_WAY, "another withdrawal of the account is under way")
        most = withdrawable_of(account.terms, balance=account.progress.balance, equity=equity)
        if not 0 < amount <= most:
            raise Declined(Refusal.ABOVE_PROFIT, "amount: must be above 0, and not more than the account's profit")

    def _pay(self, connection: Connection, row: RowMapping) -> None:
        asked = _asked(connection, row["id"])
        if asked is not None:
            command = BookBalance(
                row["login"], BalanceKind.WITHDRAWAL, asked.amount, f"crm {asked.uuid} payout", asked.comment,
                fee=asked.house_share,
            )  # fmt: skip
            self._accounts.add_step(connection, row, PAY, command)

    def _paid(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        row = self._accounts.row(connection, crossing.subject_id)
        asked = _asked(connection, row["id"])
        assert asked is not None, "it stays asked for until it is answered"
        outcome: dict[str, Any] = {"status": WithdrawalStatus.DONE.value, "ended_at": self._database.now()}
        values: dict[str, Any] = {}
        if refused is None:
            values["withdrawn"] = row["withdrawn"] + asked.amount
            self._accounts.tell(connection, row, TimelineEvent.PROP_WITHDRAWAL, asked.created_by)
        else:
            outcome |= {
                "status": WithdrawalStatus.FAILED.value, "remark": (refused.detail or refused.code.name)[:TEXT_LENGTH_MAX],
            }  # fmt: skip
            values |= {"highest": max(row["highest"], asked.highest), "guards_due": row["status"] in GUARDED}
        if row["lock_on_withdrawal"] and row["status"] == PropStatus.ACTIVE_FUNDED:
            values["access"] = Access.FULL.value
        connection.execute(update(withdrawals).where(withdrawals.c.id == asked.id).values(outcome))
        self._accounts.put(connection, row["id"], **values)
        self._accounts.go_on(connection, row["id"])


def _asked(connection: Connection, number: int) -> Withdrawal | None:
    """Return the withdrawal of an account that is not done yet."""
    waits = (withdrawals.c.prop_account_id == number) & (withdrawals.c.status == WithdrawalStatus.NEW.value)
    row = connection.execute(select(withdrawals).where(waits)).mappings().first()
    return None if row is None else withdrawal_from(row)
