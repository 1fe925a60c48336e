"""Prop accounts trade with the house's money: nothing is paid into them or out of them but by prop trading itself."""

from sqlalchemy import Connection, select

from prorata.control.organizations.declined import Declined
from prorata.crm.prop.tables import prop_accounts
from prorata.messages.refusals import Refusal


def check_ordinary(connection: Connection, trading_account_id: int) -> None:
    """Raise `Declined` for a trading account of prop trading: a deposit would pass for profit, a withdrawal take the stake."""
    mine = prop_accounts.c.trading_account_id == trading_account_id
    if connection.execute(select(prop_accounts.c.id).where(mine)).first() is not None:
        raise Declined(Refusal.PROP_MONEY, "the account is one of prop trading, which moves its money alone")
