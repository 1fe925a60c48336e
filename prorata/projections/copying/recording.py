"""From the events of copy trading to rows, as `recording` does it for accounts and orders.

What changes (a strategy, a command, a fill request) is folded: all that happens to one of them within a group of batches
becomes one row or one change. What happens to many investments at once stays in its columns until it is written.
"""

from prorata.messages.copy_events import (
    CommandEnded,
    CommandTaken,
    Copied,
    DeficitCovered,
    FeesCharged,
    FillBooked,
    FillRequested,
    FillRequestEnded,
    IntervalEnded,
    InvestmentMoved,
    InvestmentOpened,
    OfferAdded,
    OfferChanged,
    ProfileSet,
    ReservationEnded,
    SignalTaken,
    StrategyChanged,
    StrategyDay,
    StrategyOpened,
    WalletMoved,
    WalletOpened,
    WithdrawalReserved,
)
from prorata.messages.copy_terms import (
    CommandStatus,
    InvestmentState,
    InvestmentType,
    OfferStatus,
    OfferType,
    StrategyStatus,
    TransferType,
)
from prorata.messages.events import Event
from prorata.messages.postings import Posting
from prorata.projections.copying.codes import ReservationState
from prorata.projections.copying.details import Manifold, block_of, investments_in
from prorata.projections.rows import EntrySource
from prorata.projections.values import Values, stored_text
from prorata.units.numbers import Moment

Moved = WalletMoved | WithdrawalReserved | ReservationEnded | InvestmentMoved | Copied | FeesCharged | DeficitCovered
"""Events with postings."""


_CHANGING = (
    "wallets", "reservations", "strategies", "strategy_offers", "investments", "copy_commands", "signals", "fill_requests",
)  # fmt: skip
_APPENDED = ("copy_blocks", "wallet_transfers", "fills", "intervals", "strategy_days")


class Folded:
    """Rows of one table that may change, by their key."""

    def __init__(self) -> None:
        self.added: dict[int, Values] = {}
        """new rows, as they are after this group"""
        self.changed: dict[int, Values] = {}
        """changes of rows that were in the table before it"""

    def change(self, key: int, **values: object) -> None:
        row = self.added.get(key)
        if row is None:
            row = self.changed.setdefault(key, {})
        row.update(values)


class CopyRecording:
    """The rows of a group of batches, by table."""

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.folded = {name: Folded() for name in _CHANGING}
        self.inserts: dict[str, list[Values]] = {name: [] for name in _APPENDED}
        self.manifold: list[tuple[int, Moment, Manifold]] = []
        """(sequence, time, event)"""
        self.first = 0
        """the first event, and the last, that made a row; 0: none did"""
        self.last = 0

    def record(self, event: Event, sequence: int, at: Moment) -> None:
        """Add the rows of an event; one of something else than copy trading has none."""
        many = isinstance(event, Manifold) and investments_in(event) > 0
        if isinstance(event, Manifold) and many:
            self._insert("copy_blocks", sequence=sequence, at=at, **block_of(event))
            self.manifold.append((sequence, at, event))
        if self._record_row(event, sequence, at) or many:
            self.first = self.first or sequence
            self.last = sequence

    def _insert(self, table: str, **values: object) -> None:
        self.inserts[table].append({"platform": self.platform, **values})

    def _add(self, table: str, key: int, **values: object) -> None:
        self.folded[table].added[key] = {"platform": self.platform, **values}

    def _change(self, table: str, key: int, **values: object) -> None:
        self.folded[table].change(key, **values)

    def _record_row(self, event: Event, sequence: int, at: Moment) -> bool:
        """Record what an event says of one wallet, strategy, investment or order. False if it says nothing of the kind."""
        match event:
            case WalletOpened() | WalletMoved() | WithdrawalReserved() | ReservationEnded():
                self._wallet(event, sequence, at)
            case StrategyOpened() | StrategyChanged() | OfferAdded() | OfferChanged() | StrategyDay() | IntervalEnded():
                self._strategy(event, sequence, at)
            case InvestmentOpened() | InvestmentMoved() | ProfileSet():
                self._investment(event, sequence, at)
            case CommandTaken() | CommandEnded():
                self._command(event, sequence, at)
            case SignalTaken() | Copied():
                self._signal(event, sequence, at)
            case FillRequested() | FillBooked() | FillRequestEnded():
                self._fill(event, sequence, at)
            case _:
                return False
        return True

    def _wallet(
        self, event: WalletOpened | WalletMoved | WithdrawalReserved | ReservationEnded, sequence: int, at: Moment
    ) -> None:  # fmt: skip
        match event:
            case WalletOpened():
                self._add(
                    "wallets", event.wallet, wallet=event.wallet, sequence=sequence, opened_at=at, client=event.client,
                    company=event.company, currency=event.currency, test=int(event.test), external=int(event.external),
                )  # fmt: skip
            case WalletMoved():
                self._insert(
                    "wallet_transfers", transfer=event.transfer, sequence=sequence, at=at, wallet=event.wallet,
                    type=event.type, amount=event.amount, balance=event.balance, strategy=event.strategy,
                    investment=event.investment, deal=0, external_id=stored_text(event.external_id),
                    comment=stored_text(event.comment), internal_comment=stored_text(event.internal_comment),
                )  # fmt: skip
            case WithdrawalReserved():
                self._add(
                    "reservations", event.reservation, reservation=event.reservation, sequence=sequence, at=at,
                    wallet=event.wallet, amount=event.amount, state=ReservationState.OPEN, ended_at=0,
                    external_id=stored_text(event.external_id), comment=stored_text(event.comment),
                )  # fmt: skip
            case ReservationEnded():
                state = ReservationState.PAID if event.paid else ReservationState.VOIDED
                self._change("reservations", event.reservation, state=state, ended_at=at)

    def _strategy(
        self, event: StrategyOpened | StrategyChanged | OfferAdded | OfferChanged | StrategyDay | IntervalEnded,
        sequence: int, at: Moment,
    ) -> None:  # fmt: skip
        match event:
            case StrategyOpened():
                self._add(
                    "strategies", event.strategy, strategy=event.strategy, sequence=sequence, opened_at=at,
                    client=event.client, wallet=event.wallet, company=event.company, name=stored_text(event.name),
                    currency=event.currency, accounting=event.accounting, manage=event.manage,
                    source_login=event.source_login, external_server=stored_text(event.external_server),
                    external_account=stored_text(event.external_account), tags=stored_text(event.tags),
                    status=StrategyStatus.ACTIVE, need_sync=0, public_offer=0, own=0, closed_at=0,
                )  # fmt: skip
            case StrategyChanged():
                self._change(
                    "strategies", event.strategy, name=stored_text(event.name), status=event.status,
                    need_sync=event.need_sync, public_offer=event.public_offer,
                )  # fmt: skip
            case OfferAdded():
                self._add(
                    "strategy_offers", event.offer, offer=event.offer, sequence=sequence, created_at=at,
                    strategy=event.strategy, type=event.type, status=OfferStatus.ACTIVE, fee_ppm=event.fee_ppm,
                    commission_per_million=event.commission_per_million, partner_wallet=event.partner_wallet,
                    partner_ppm=event.partner_ppm, broker_ppm=event.broker_ppm, basis=event.basis, flows=event.flows,
                    restart=event.restart, link=stored_text(event.link), description=stored_text(event.description),
                )  # fmt: skip
            case OfferChanged():
                self._change("strategy_offers", event.offer, type=event.type, status=event.status)
                if event.type == OfferType.TRADER and event.status == OfferStatus.CLOSED:
                    # The trader's own offer ends with the strategy, after its last investment, when its closing is over.
                    self._change("strategies", event.strategy, closed_at=at)
            case StrategyDay():
                self._insert(
                    "strategy_days", strategy=event.strategy, day=event.day, sequence=sequence, at=at,
                    unit_price=event.unit_price, own_equity=event.own_equity, own_balance=event.own_balance,
                    investments=event.investments, equity=event.equity,
                )  # fmt: skip
            case IntervalEnded():
                self._insert(
                    "intervals", strategy=event.strategy, interval=event.interval, sequence=sequence, ended_at=at,
                    next_interval=event.next_interval,
                )  # fmt: skip

    def _investment(self, event: InvestmentOpened | InvestmentMoved | ProfileSet, sequence: int, at: Moment) -> None:
        match event:
            case InvestmentOpened():
                self._add(
                    "investments", event.investment, investment=event.investment, sequence=sequence, opened_at=at,
                    strategy=event.strategy, offer=event.offer, client=event.client, wallet=event.wallet,
                    company=event.company, type=event.type, test=0, factor=event.factor,
                    protection_ppm=event.protection_ppm, target_ppm=event.target_ppm, base=0,
                    a_book_percent=event.a_book_percent, stream=event.stream, first_interval=event.interval,
                    state=InvestmentState.FLAT, changed_at=at, closed_at=0, paid_out=0,
                )  # fmt: skip
                if event.type in (InvestmentType.OWN, InvestmentType.MASTER):
                    self._change("strategies", event.strategy, own=event.investment)
            case InvestmentMoved():
                came = event.amount < 0
                self._insert(
                    "wallet_transfers", transfer=event.transfer, sequence=sequence, at=at, wallet=event.wallet,
                    type=TransferType.FROM_INVESTMENT if came else TransferType.TO_INVESTMENT, amount=-event.amount,
                    balance=event.wallet_balance, strategy=event.strategy, investment=event.investment, deal=event.deal,
                    external_id="", comment="", internal_comment="",
                )  # fmt: skip
            case ProfileSet():
                self._change(
                    "investments", event.investment, factor=event.factor, protection_ppm=event.protection_ppm,
                    target_ppm=event.target_ppm, base=event.base, a_book_percent=event.a_book_percent, stream=event.stream,
                )  # fmt: skip

    def _command(self, event: CommandTaken | CommandEnded, sequence: int, at: Moment) -> None:
        match event:
            case CommandTaken():
                self._add(
                    "copy_commands", event.command, command=event.command, sequence=sequence, at=at, kind=event.kind,
                    strategy=event.strategy, investment=event.investment, status=event.status,
                    ended_at=0 if event.status == CommandStatus.NEW else at,
                )  # fmt: skip
            case CommandEnded():
                self._change("copy_commands", event.command, status=event.status, ended_at=at)

    def _signal(self, event: SignalTaken | Copied, sequence: int, at: Moment) -> None:
        match event:
            case SignalTaken():
                self._add(
                    "signals", event.signal, signal=event.signal, sequence=sequence, at=at, strategy=event.strategy,
                    symbol=event.symbol, lot=event.lot, equity=event.equity, price=event.price,
                    symbols=",".join(event.symbols), soft=int(event.soft), status=event.status,
                    ticket=stored_text(event.ticket), comment=stored_text(event.comment), processed_at=at,
                )  # fmt: skip
            case Copied() if event.signal:
                self._change("signals", event.signal, processed_at=at)

    def _fill(self, event: FillRequested | FillBooked | FillRequestEnded, sequence: int, at: Moment) -> None:
        match event:
            case FillRequested():
                self._add(
                    "fill_requests", event.request, ticket=event.request, sequence=sequence, at=at, stream=event.stream,
                    symbol=event.symbol, volume=event.volume, demand=event.demand, residual=event.residual,
                    strategies=",".join(map(str, event.strategies)), filled=0, rejected=0, last_fill_at=0,
                    ended_at=0 if event.volume else at, again_at=0, reason="",
                )  # fmt: skip
            case FillBooked():
                self._insert(
                    "fills", fill=event.fill, sequence=sequence, at=at, request=event.request, stream=event.stream,
                    symbol=event.symbol, price=event.price, filled=event.filled, hedge=event.hedge,
                    execution=stored_text(event.execution),
                )  # fmt: skip
                self._change("fill_requests", event.request, last_fill_at=at)
            case FillRequestEnded():
                self._change(
                    "fill_requests", event.request, rejected=event.rejected, ended_at=at, again_at=event.again_at,
                    reason=stored_text(event.reason),
                )  # fmt: skip


def postings_of(event: Event) -> tuple[tuple[Posting, ...], EntrySource, int]:
    """Return the movements of money in an event of copy trading, what they came from and its number; () if it has none."""
    match event:
        case WalletMoved():
            return event.postings, EntrySource.TRANSFER, event.transfer
        case InvestmentMoved():
            return event.postings, EntrySource.TRANSFER, event.transfer
        case WithdrawalReserved() | ReservationEnded():
            return event.postings, EntrySource.RESERVATION, event.reservation
        case Copied() | FeesCharged():
            return event.postings, EntrySource.COPY, event.first_deal
        case DeficitCovered():
            return event.postings, EntrySource.COPY, 0
        case _:
            return (), EntrySource.COPY, 0
