"""Confirmations of trades: the deals of an order are gathered, and told in one letter when there are no more for a while.

Where the organization or the branch has it on; of real accounts. An order that deals again later gets another letter.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, bindparam, delete, false, func, insert, or_, select, update

from prorata.control.database import Database
from prorata.crm.following import Heard
from prorata.crm.holding import hold_people
from prorata.crm.letters.kinds import LetterKind, Money
from prorata.crm.letters.letters import Letters
from prorata.crm.letters.statements.keeping import Histories
from prorata.crm.letters.statements.words import WORDS
from prorata.crm.letters.tables import confirmations, letter_settings, mailings
from prorata.crm.letters.tongues import Tongue, tongue_of
from prorata.crm.tables import accounts, trading_accounts
from prorata.messages.commands import Side
from prorata.messages.events import Dealt
from prorata.units.decimals import format_short
from prorata.units.numbers import SECOND_MS, VOLUME_DIGITS, Minor, Moment, Points, Volume

QUIET_MS = 5 * SECOND_MS
"""So long after its last deal an order is taken to be done."""
DEALS_MAX = 200
"""in one letter; further deals go into the next"""
AT_ONCE = 100


class _Deal(msgspec.Struct, frozen=True):
    at: Moment
    symbol: str
    side: Side
    volume: Volume
    price: Points
    profit: Minor
    commission: Minor
    swap: Minor


_READ = select(
    confirmations, trading_accounts.c.login, trading_accounts.c.platform_uuid, accounts.c.locale,
    letter_settings.c.language.label("house_language"),
).select_from(
    confirmations.join(trading_accounts, trading_accounts.c.id == confirmations.c.trading_account_id)
    .join(accounts, accounts.c.id == confirmations.c.account_id)
    .outerjoin(letter_settings, letter_settings.c.organization_id == confirmations.c.organization_id)
)  # fmt: skip
_decoder = msgspec.json.Decoder(list[_Deal])


class Confirmations:
    """Blocks on the database."""

    def __init__(self, database: Database, letters: Letters, histories: Histories) -> None:
        self._database = database
        self._letters = letters
        self._histories = histories

    def hear(self, connection: Connection, heard: Heard) -> None:
        """Gather a deal."""
        deal, owner = heard.event, heard.trading_account
        assert isinstance(deal, Dealt)
        if owner.demo or not _are_on(connection, owner.account_id):
            return
        told = _Deal(
            heard.at, deal.symbol, deal.side, deal.volume, deal.price, deal.profit, deal.commission, deal.swap
        )  # fmt: skip
        mine = (confirmations.c.trading_account_id == owner.id) & (confirmations.c.order == deal.order)
        waiting = mine & (confirmations.c.count < DEALS_MAX)
        kept = connection.execute(select(confirmations).where(waiting).limit(1)).mappings().first()
        if kept is None:
            row = {
                "organization_id": owner.organization_id, "account_id": owner.account_id, "trading_account_id": owner.id,
                "order": deal.order, "currency": owner.currency, "deals": msgspec.json.encode([told]).decode(), "count": 1,
                "first_sequence": heard.sequence, "last_at": heard.at,
            }  # fmt: skip
            connection.execute(insert(confirmations).values(row))
            return
        gathered = msgspec.json.encode([*_decoder.decode(kept["deals"]), told]).decode()
        values = {"deals": gathered, "count": kept["count"] + 1, "last_at": heard.at}
        connection.execute(update(confirmations).where(confirmations.c.id == kept["id"]).values(values))

    def write_due(self) -> int:
        """Write the letters of orders that have been quiet for a while; return how many.

        Where the trade platform does not run here they wait: the places of its prices are not known.
        """
        quiet, after, written = confirmations.c.last_at <= self._database.now() - QUIET_MS, 0, 0
        while True:
            query = _READ.where(quiet, confirmations.c.id > after).order_by(confirmations.c.id).limit(AT_ONCE)
            with self._database.reading() as connection:
                due = connection.execute(query).mappings().all()
            if not due:
                return written
            after = due[-1]["id"]
            written += sum(self._write(row) for row in due)

    def _write(self, row: RowMapping) -> bool:
        book = self._histories.book(row["platform_uuid"])
        if book is None:
            return False
        tongue = tongue_of(row["locale"], row["house_language"] or "")
        symbols = book.desk.state.symbols
        digits = {name: spec.digits for name, spec in symbols.items()}
        deals: list[Mapping[str, Any]] = [
            _shown(deal, row["currency"], tongue, digits) for deal in _decoder.decode(row["deals"])
        ]
        values: dict[str, Any] = {"login": str(row["login"]), "order": str(row["order"]), "deals": deals}
        about = f"{row['platform_uuid']} {row['order']} {row['first_sequence']}"
        with self._database.writing() as connection:
            # Before the row, as who adds a deal does.
            hold_people(connection, [row["account_id"]])
            # Who adds a deal meanwhile has the row stay, and be written later.
            mine = (confirmations.c.id == row["id"]) & (confirmations.c.count == row["count"])
            if connection.execute(delete(confirmations).where(mine)).rowcount:
                self._letters.write(connection, row["account_id"], LetterKind.TRADE_CONFIRMATION, about, **values)
        return True


def _shown(deal: _Deal, currency: str, tongue: Tongue, digits: Mapping[str, int]) -> dict[str, Any]:
    return {
        "at": deal.at, "symbol": deal.symbol, "side": WORDS[tongue.code]["buy" if deal.side is Side.BUY else "sell"],
        "volume": format_short(deal.volume, VOLUME_DIGITS, 2).replace(".", tongue.decimal),
        "price": tongue.number(deal.price, digits.get(deal.symbol, 0)), "profit": Money(deal.profit, currency),
        "commission": Money(deal.commission, currency), "swap": Money(deal.swap, currency),
    }  # fmt: skip


_ARE_ON = (
    select(or_(func.coalesce(letter_settings.c.confirmations, false()), func.coalesce(mailings.c.confirmations, false())))
    .select_from(
        accounts.outerjoin(letter_settings, letter_settings.c.organization_id == accounts.c.organization_id).outerjoin(
            mailings, mailings.c.branch_id == accounts.c.branch_id
        )
    )
    .where(accounts.c.id == bindparam("account"))
)


def _are_on(connection: Connection, account_id: int) -> bool:
    return bool(connection.execute(_ARE_ON, {"account": account_id}).scalar())
