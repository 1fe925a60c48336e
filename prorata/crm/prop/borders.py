"""Prop accounts trade with the house's money, under guards: prop trading itself moves it, and lets people trade."""

from sqlalchemy import Connection, select

from prorata.control.organizations.declined import Declined
from prorata.crm.prop.tables import prop_accounts
from prorata.messages.refusals import Refusal


def check_access(connection: Connection, trading_account_id: int) -> None:
    """Raise `Declined` for a trading account of prop trading: who may trade again there trades under guards, or not at all."""
    if _is_prop(connection, trading_account_id):
        raise Declined(Refusal.PROP_STATE, "the account is one of prop trading, whose state decides who may trade")


def check_ordinary(connection: Connection, trading_account_id: int) -> None:
    """Raise `Declined` for a trading account of prop trading: a deposit would pass for profit, a withdrawal take the stake."""
    if _is_prop(connection, trading_account_id):
        raise Declined(Refusal.PROP_MONEY, "the account is one of prop trading, which moves its money alone")


def _is_prop(connection: Connection, trading_account_id: int) -> bool:
    mine = prop_accounts.c.trading_account_id == trading_account_id
    return connection.execute(select(prop_accounts.c.id).where(mine)).first() is not None
