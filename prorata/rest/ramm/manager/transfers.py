"""Money in and out of wallets, by the hand of the company, and all movements on them."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from prorata.copying.state import Wallet
from prorata.messages.copy_commands import BookWallet
from prorata.messages.copy_events import TransferRepeated, WalletMoved
from prorata.messages.copy_terms import TransferType
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.projections.copying.filters import TransferFilter
from prorata.projections.copying.register_rows import WalletTransferRow
from prorata.projections.copying.total_rows import RewardRow
from prorata.projections.orders import Order, by_number
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.asking import said
from prorata.rest.ramm.errors import Absent, invalid_input
from prorata.rest.ramm.external_accounts import clients_of_server
from prorata.rest.ramm.manager.reach import Whose, copy_of, wallet_of, whose
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Code, Id, LongText, Number, Real, Text, units_of
from prorata.units.currency import CURRENCY_DIGITS
from prorata.views.copying.numbers import iso_of, money_of

_PAYMENT = HTTPStatus.PAYMENT_REQUIRED
BOOKED_BY_HAND = (TransferType.FUND, TransferType.WITHDRAW, TransferType.BONUS_FUND, TransferType.BONUS_WITHDRAW)
REWARDS_MAX = 1_000


class TransferToAdd(Input, frozen=True, kw_only=True):
    """The wallet is named by its number, or by the account elsewhere that it mirrors. `Amount` is above 0 for all types.

    The same `ExternalTransferID` on the same wallet is booked once: repeated, the answer is the first one's.
    """

    WalletID: Id | None = None
    ExecutionServerName: Text | None = None
    ExecutionAccount: Text | Annotated[int, Meta(ge=0)] | None = None
    ExternalTransferID: Number | None = None
    Type: Code
    Amount: Real
    CommentClient: LongText = ""
    CommentCompany: LongText = ""


class AddedTransfer(msgspec.Struct, frozen=True):
    WalletTransferID: int


class TransfersFilter(Input, frozen=True, kw_only=True):
    """`Test`: 0 real clients, 1 test clients, 2 all."""

    WalletID: Id | None = None
    ID: Id | None = None
    Type: Code | None = None
    ClientID: Id | None = None
    Test: Code | None = None


class TransfersSearch(Search, frozen=True, kw_only=True):
    Filter: TransfersFilter = TransfersFilter()


class TransferOfId(Input, frozen=True, kw_only=True):
    ID: Id


class TransferCard(msgspec.Struct, frozen=True, kw_only=True):
    """`Amount` as the wallet feels it: below 0 if it left. `ExternalTransferID` is null if nobody gave one."""

    ID: int
    WalletID: int
    ExternalTransferID: int | None
    DT: str
    Type: int
    Amount: Decimal
    CommentClient: str
    CommentCompany: str


class TransferRow(TransferCard, frozen=True, kw_only=True):
    Test: int


class TransfersFound(Found, frozen=True, kw_only=True):
    WalletTransfers: list[TransferRow]


class RewardsAsked(Input, frozen=True, kw_only=True):
    """`ID`: the last operation that is known already; 0 from the beginning."""

    ExecutionServerName: Text
    ID: Id = 0


class Reward(msgspec.Struct, frozen=True):
    ExecutionAccount: str
    ID: int
    Amount: Decimal


class Rewards(msgspec.Struct, frozen=True):
    Transactions: list[Reward]


ORDERS: dict[str, str | Order] = {
    "ID": "transfer", "WalletID": "wallet", "ExternalTransferID": by_number("external_id"), "DT": "at", "Type": "type",
    "Amount": "amount", "CommentClient": "comment", "CommentCompany": "internal_comment", "Test": "test",
}  # fmt: skip
"""order-by fields -> fields of the rows, or an order of them"""


@MANAGER.method("walletTransfers.add")
async def wallet_transfers_add(call: Call, given: TransferToAdd) -> AddedTransfer:
    """Book a deposit, a withdrawal, a bonus or its withdrawal on a wallet."""
    wallet = await _wallet(call, given)
    if given.Type not in BOOKED_BY_HAND:
        raise invalid_input("Type", "expected 0 fund, 1 withdraw, 2 bonus fund or 3 bonus withdraw")
    amount = units_of(given.Amount, CURRENCY_DIGITS[wallet.currency], "Amount")
    command = BookWallet(
        wallet=wallet.number,
        type=TransferType(given.Type),
        amount=amount,
        external_id="" if given.ExternalTransferID is None else str(int(given.ExternalTransferID)),
        comment=given.CommentClient,
        internal_comment=given.CommentCompany,
    )
    first = (await call.ask(command)).events[0]
    if isinstance(first, Refused):
        raise _refused(first.code)
    moved = first.first if isinstance(first, TransferRepeated) else first
    assert isinstance(moved, WalletMoved)
    return AddedTransfer(moved.transfer)


async def _wallet(call: Call, given: TransferToAdd) -> Wallet:
    """Return the wallet that is meant. Raises `Failure` or `Absent`."""
    number = given.WalletID
    if given.ExecutionServerName and given.ExecutionAccount not in (None, ""):
        number = await _wallet_of_account(call, given.ExecutionServerName, str(given.ExecutionAccount))
        if given.WalletID not in (None, number):
            raise Absent("WalletID")
    if number is None:
        raise invalid_input("WalletID", "missing")
    return wallet_of(call, number, "WalletID" if given.WalletID is not None else "ExecutionAccount")


async def _wallet_of_account(call: Call, server: str, account: str) -> int:
    client = await call.sql(call.control.clients.by_execution, call.company.id, server, account)
    number = None if client is None else copy_of(call).wallet_of.get((client.id, call.company.currency))
    if number is None:
        raise Absent("ExecutionAccount")
    return number


def _refused(code: Refusal) -> Any:
    match code:
        case Refusal.EXTERNAL_ID_REUSED:
            return invalid_input("ExternalTransferID", "another operation was booked on the wallet under this number")
        case Refusal.NOT_ENOUGH_MONEY:
            return invalid_input("Amount", "more than the wallet holds free of bonus", status=_PAYMENT)
        case Refusal.NOT_ENOUGH_CREDIT:
            return invalid_input("Amount", "more than the bonus of the wallet", status=_PAYMENT)
        case _:
            return said(code, "Amount")


@MANAGER.method("walletTransfers.search", reads=True)
async def wallet_transfers_search(call: Call, given: TransfersSearch) -> TransfersFound:
    """Find movements on wallets."""
    part = given.part(ORDERS)
    asked = lists_of(call).transfers(_wanted(call, given.Filter))
    page = await call.sql(
        asked.page, order=ORDERS[part.field], descending=part.descending, offset=part.offset, limit=part.limit
    )
    rows = [TransferRow(**_fields(row), Test=row.test) for row in page.rows]
    return TransfersFound(**echo_of(given, part, page.total), WalletTransfers=rows)


@MANAGER.method("walletTransfers.get", reads=True)
async def wallet_transfers_get(call: Call, given: TransferOfId) -> TransferCard:
    """One movement on a wallet."""
    asked = lists_of(call).transfers(TransferFilter(transfer=given.ID, company=call.company.id))
    row = await call.sql(asked.one)
    if row is None:
        raise Absent("ID")
    return TransferCard(**_fields(row))


def _wanted(call: Call, given: TransfersFilter) -> TransferFilter:
    if given.Type is not None and given.Type not in set(TransferType):
        raise invalid_input("Filter.Type", "expected 0 to 8")
    test = whose(given.Test)
    return TransferFilter(
        transfer=given.ID,
        wallet=given.WalletID,
        client=given.ClientID,
        company=call.company.id,
        type=None if given.Type is None else TransferType(given.Type),
        test=None if test is Whose.ALL else int(test),
    )


def _fields(row: WalletTransferRow) -> dict[str, Any]:
    return {
        "ID": row.transfer,
        "WalletID": row.wallet,
        "ExternalTransferID": int(row.external_id) if row.external_id.isdigit() else None,
        "DT": iso_of(row.at),
        "Type": int(row.type),
        "Amount": money_of(row.amount, row.currency),
        "CommentClient": row.comment,
        "CommentCompany": row.internal_comment,
    }


@MANAGER.method("walletTransfers.getRewards", reads=True)
async def wallet_transfers_get_rewards(call: Call, given: RewardsAsked) -> Rewards:
    """What traders and partners with an account on a server have received there since an operation: to be paid in there."""
    clients = await clients_of_server(call, given.ExecutionServerName)
    wallets = [copy_of(call).wallet_of.get((client, call.company.currency), 0) for client in clients]
    rows: tuple[RewardRow, ...] = ()
    if wallets:
        rows = await call.sql(
            lists_of(call).rewards, given.ID, company=call.company.id, wallets_of=wallets, limit=REWARDS_MAX
        )  # fmt: skip
    currency = call.company.currency
    return Rewards([Reward(clients[row.client], row.transfer, money_of(row.amount, currency)) for row in rows])
