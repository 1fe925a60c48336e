"""Clients' wallets: money in and out, and withdrawals in two steps."""

from collections.abc import Iterable
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import JSONBody, QueryParameter

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Wallet
from prorata.messages.copy_commands import EndReservation, OpenWallet
from prorata.rest.own.copying import commands as copy_commands
from prorata.rest.own.copying.bodies import NewReservation, NewTransfer, NewWallet
from prorata.rest.own.copying.past import OfWallet
from prorata.rest.own.copying.reach import (
    COPY_MANAGING,
    COPY_READING,
    MOVING_MONEY,
    ReservationPath,
    WalletPath,
    copy_of,
    wallet_of,
)
from prorata.rest.own.copying.views import OpenReservationView, WalletView, wallet_view
from prorata.rest.own.ordered import part_of
from prorata.rest.own.paging import Cursor, Limit, cursor_of, place_of
from prorata.rest.own.session import Call, Session
from prorata.rest.own.views import Page, digits_of
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import LOGIN_MAX
from prorata.views.bodies import NO_CONTROLS
from prorata.views.copying.outcomes import CopyOutcome, copy_outcome_of
from prorata.views.copying.wallets import wallet_figures, wallets_figures

SCANNED_MAX = 5_000
"""Wallets that one page looks through: it may come back short, with a cursor, but never holds the engine up."""

ClientQuery = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only of this client")]
CompanyQuery = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only of this company")]
CurrencyQuery = Annotated[str | None, QueryParameter(max_length=12, pattern=NO_CONTROLS, description="only in this currency")]


def _reservation_view(session: Session, number: int) -> OpenReservationView:
    state = copy_of(session).state
    reservation = state.reservations[number]
    currency = state.wallets[reservation.wallet].currency
    return OpenReservationView(
        number,
        reservation.wallet,
        format_decimal(reservation.amount, digits_of(currency)),
        currency,
        reservation.external_id,
        reservation.comment,
    )


def wallets_of(copy: CopyDesk, client: int) -> list[int]:
    """Return the numbers of a client's wallets, in order."""
    found = (copy.wallet_of.get((client, currency)) for currency in CURRENCY_DIGITS)
    return sorted(number for number in found if number is not None)


def _numbers(copy: CopyDesk, client: int | None, after: int) -> Iterable[int]:
    """Return the numbers of the wallets after one, of a client or of all. Wallets are never removed."""
    if client is None:
        return range(after + 1, copy.state.next_wallet)
    return [number for number in wallets_of(copy, client) if number > after]


class Wallets(Controller):
    tags = ("Wallets",)

    @get("/wallets", summary="List wallets", guards=[COPY_READING])
    async def all(
        self,
        session: Call,
        client: ClientQuery = None,
        company: CompanyQuery = None,
        currency: CurrencyQuery = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[WalletView]:
        copy = copy_of(session)
        (after,) = place_of(cursor, 1)
        found: list[Wallet] = []
        following: str | None = None
        for scanned, number in enumerate(_numbers(copy, client, after)):
            if len(found) == limit or scanned == SCANNED_MAX:
                following = cursor_of(number - 1)
                break
            wallet = copy.state.wallets[number]
            if company in (None, wallet.company) and currency in (None, wallet.currency):
                found.append(wallet)
        return Page(tuple(wallet_view(copy, figures) for figures in wallets_figures(copy, found)), following)

    @post("/wallets", summary="Open a wallet", guards=[COPY_MANAGING])
    async def open(self, session: Call, data: JSONBody[NewWallet]) -> CopyOutcome:
        command = OpenWallet(data.client, data.company, data.currency, data.test, data.external)
        return copy_outcome_of(session.engine, await session.submit(command))

    @get("/wallets/{wallet:int}", summary="Show a wallet", guards=[COPY_READING])
    async def one(self, session: Call, wallet: WalletPath) -> WalletView:
        copy = copy_of(session)
        return wallet_view(copy, wallet_figures(copy, wallet_of(session, wallet)))

    @post("/wallets/{wallet:int}/transfers", summary="Book money into or out of a wallet", guards=[MOVING_MONEY])
    async def book(self, session: Call, wallet: WalletPath, data: JSONBody[NewTransfer]) -> CopyOutcome:
        """A withdrawal never takes more than is free without the bonus."""
        command = copy_commands.book_wallet(wallet_of(session, wallet), data)
        return copy_outcome_of(session.engine, await session.submit(command))

    @post("/wallets/{wallet:int}/reservations", summary="Reserve a withdrawal", guards=[MOVING_MONEY])
    async def reserve(self, session: Call, wallet: WalletPath, data: JSONBody[NewReservation]) -> CopyOutcome:
        """The money is out of the wallet's reach until the reservation is paid or voided."""
        command = copy_commands.reserve_withdrawal(wallet_of(session, wallet), data)
        return copy_outcome_of(session.engine, await session.submit(command))

    @get("/reservations/working", summary="List reserved withdrawals under way", guards=[COPY_READING])
    async def reserved(
        self, session: Call, wallet: OfWallet = None, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[OpenReservationView]:
        found = [
            (number, number, number)
            for number, reservation in copy_of(session).state.reservations.items()
            if wallet in (None, reservation.wallet)
        ]
        numbers, following = part_of(found, cursor, limit, descending=False)
        return Page(tuple(_reservation_view(session, number) for number in numbers), following)

    @post("/reservations/{reservation:int}/pay", summary="The money has left", guards=[MOVING_MONEY], status_code=200)
    async def pay(self, session: Call, reservation: ReservationPath) -> CopyOutcome:
        answer = await session.submit(EndReservation(reservation, paid=True))
        return copy_outcome_of(session.engine, answer)

    @post("/reservations/{reservation:int}/void", summary="Give the money back", guards=[MOVING_MONEY], status_code=200)
    async def void(self, session: Call, reservation: ReservationPath) -> CopyOutcome:
        answer = await session.submit(EndReservation(reservation, paid=False))
        return copy_outcome_of(session.engine, answer)
