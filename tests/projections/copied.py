"""Copy trading told by hand: strategies with investments whose every movement is an event with its postings."""

from collections.abc import Sequence
from itertools import count

import numpy as np

from prorata.copying.columns import pack
from prorata.copying.state import CopyState, Strategy, Wallet, empty_investments
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
    InvestmentDays,
    InvestmentMoved,
    InvestmentOpened,
    OfferAdded,
    ReservationEnded,
    SignalTaken,
    StatesChanged,
    StrategyDay,
    StrategyOpened,
    SwapsCharged,
    VolumesRejected,
    VolumesTrimmed,
    WalletMoved,
    WalletOpened,
    WithdrawalReserved,
)
from prorata.messages.copy_terms import (
    Accounting,
    CommandKind,
    CommandStatus,
    FeeBasis,
    FeeFlows,
    FeeRestart,
    InvestmentState,
    InvestmentType,
    ManageType,
    OfferType,
    SignalStatus,
    TransferType,
)
from prorata.messages.events import Event
from prorata.messages.postings import Posting, PostingKind
from prorata.trading.state import State
from prorata.units.numbers import Minor, Volume

from .happened import LOT, Story

COMPANY = 7


def column(*numbers: int) -> bytes:
    return pack(np.array(numbers, dtype=np.int64))


def posted(debit: str, credit: str, amount: Minor, kind: PostingKind) -> tuple[Posting, ...]:
    if amount < 0:
        debit, credit = credit, debit
    return (Posting(debit, credit, abs(amount), "USD", kind),) if amount else ()


class Copying(Story):
    """Numbers everything as the engine does, and keeps the balances that the events must tell."""

    def __init__(self) -> None:
        super().__init__()
        self.wallet_balances: dict[int, Minor] = {}
        self.reserved: dict[int, Minor] = {}
        self.strategy_of: dict[int, int] = {}
        self.trader_wallets: dict[int, int] = {}
        self.places: dict[int, int] = {}
        self.balance_of: dict[int, Minor] = {}
        self.held: dict[tuple[str, int], tuple[Volume, int]] = {}
        """(leg, investment) -> volume and cost"""
        self.legs: dict[str, int] = {}
        self._numbers = {name: count(1) for name in ("deal", "transfer", "command", "signal", "fill", "reservation", "offer")}

    def next(self, name: str, many: int = 1) -> int:
        first = next(self._numbers[name])
        for _ in range(many - 1):
            next(self._numbers[name])
        return first

    # Wallets.

    def wallet(self, number: int, client: int, *, test: bool = False, external: bool = False) -> WalletOpened:
        self.wallet_balances[number] = 0
        return WalletOpened(number, client, COMPANY, "USD", test, external)

    def book(self, wallet: int, amount: Minor, type: TransferType = TransferType.FUND, external_id: str = "") -> WalletMoved:
        self.wallet_balances[wallet] += amount
        return WalletMoved(
            self.next("transfer"), wallet, type, amount, self.wallet_balances[wallet], 0, 0, external_id, "hello", "",
            posted("bank", f"wallet/{wallet}", amount, PostingKind.DEPOSIT),
        )  # fmt: skip

    def reserve(self, wallet: int, amount: Minor) -> WithdrawalReserved:
        self.wallet_balances[wallet] -= amount
        number = self.next("reservation")
        self.reserved[number] = amount
        postings = posted(f"wallet/{wallet}", f"reserved/{wallet}", amount, PostingKind.WITHDRAWAL)
        return WithdrawalReserved(number, wallet, amount, self.wallet_balances[wallet], "w1", "", postings)

    def end_reservation(self, number: int, wallet: int, *, paid: bool) -> list[Event]:
        amount = self.reserved.pop(number)
        if not paid:
            self.wallet_balances[wallet] += amount
            postings = posted(f"reserved/{wallet}", f"wallet/{wallet}", amount, PostingKind.WITHDRAWAL)
            return [ReservationEnded(number, wallet, False, self.wallet_balances[wallet], postings)]
        balance = self.wallet_balances[wallet]
        postings = posted(f"reserved/{wallet}", "bank", amount, PostingKind.WITHDRAWAL)
        moved = WalletMoved(
            self.next("transfer"), wallet, TransferType.WITHDRAW, -amount, balance, 0, 0, "w1", "", "", ()
        )  # fmt: skip
        return [ReservationEnded(number, wallet, True, balance, postings), moved]

    # Strategies and investments.

    def strategy(self, number: int, wallet: int, *, hedging: bool = False) -> list[Event]:
        self.trader_wallets[number] = wallet
        accounting = Accounting.HEDGING if hedging else Accounting.NETTING
        opened = StrategyOpened(
            number, wallet, wallet, COMPANY, f"strategy {number}", "USD", accounting, ManageType.TOKEN, 0, "", "", ""
        )
        return [opened, *self.invest(10 * number, number, wallet, 100_000, type=InvestmentType.OWN)]

    def offer(self, strategy: int, partner_wallet: int = 0) -> OfferAdded:
        return OfferAdded(
            self.next("offer"), strategy, OfferType.PRIVATE, 250_000, 1_000, partner_wallet, 100_000, 0, FeeBasis.EQUITY,
            FeeFlows.NEUTRAL, FeeRestart.RESET, f"link{strategy}", "",
        )  # fmt: skip

    def invest(
        self, number: int, strategy: int, wallet: int, money: Minor, *, type: InvestmentType = InvestmentType.INTERNAL
    ) -> list[Event]:  # fmt: skip
        self.strategy_of[number] = strategy
        self.places[number] = sum(other == strategy for other in self.strategy_of.values()) - 1
        self.balance_of[number] = 0
        opened = InvestmentOpened(number, strategy, 1, wallet, wallet, COMPANY, type, 100, 500_000, 0, 100, 1, 1)
        return [opened, self.move(number, wallet, money), self.enter(InvestmentState.FLAT, number)]

    def move(self, investment: int, wallet: int, amount: Minor) -> InvestmentMoved:
        strategy = self.strategy_of[investment]
        self.balance_of[investment] += amount
        self.wallet_balances[wallet] -= amount
        return InvestmentMoved(
            self.next("deal"), self.next("transfer"), investment, strategy, wallet, amount, self.balance_of[investment],
            self.wallet_balances[wallet], 0,
            posted(f"wallet/{wallet}", f"investments/{strategy}", amount, PostingKind.TRANSFER),
        )  # fmt: skip

    def enter(
        self, state: InvestmentState, *investments: int, symbol: str = "", bid: int = 0, cause: int = 0,
        equity: Minor | None = None,
    ) -> StatesChanged:  # fmt: skip
        equities = column(*(self.balance_of[number] if equity is None else equity for number in investments))
        strategy = self.strategy_of[investments[0]]
        return StatesChanged(strategy, state, cause, column(*investments), equities, symbol, bid, bid and bid + 8)

    def command(self, kind: CommandKind, investment: int) -> CommandTaken:
        return CommandTaken(
            self.next("command"), kind, self.strategy_of[investment], investment, CommandStatus.NEW
        )  # fmt: skip

    def end_command(self, taken: CommandTaken) -> CommandEnded:
        return CommandEnded(taken.command, taken.strategy, taken.investment, CommandStatus.OK)

    # Signals and deals.

    def signal(self, strategy: int, symbol: str, lot: Volume, *, ticket: str = "", comment: str = "") -> SignalTaken:
        return SignalTaken(
            self.next("signal"), strategy, symbol, lot, 1_000_000, (), SignalStatus.OK, ticket, comment, False, 110_000
        )  # fmt: skip

    def copied(
        self, strategy: int, volumes: dict[int, Volume], price: int, *, symbol: str = "EURUSD", ticket: str = "",
        signal: int = 0, command: int = 0, stop_out: int = 0, request: int = 0, fill: int = 0, swap: Minor = 0,
        trader: Minor = 0, partner: Minor = 0,
    ) -> Copied:  # fmt: skip
        """Deal for each investment; one lot and one point are 100 minor units, and each deal costs the broker 7."""
        leg = f"{strategy}/{symbol}/{ticket}"
        number = self.legs.setdefault(leg, len(self.legs) + 1)
        profits = [self._realise(leg, investment, volume, price) for investment, volume in volumes.items()]
        many = len(volumes)
        costs = 7 + trader + partner
        for investment, profit in zip(volumes, profits, strict=True):
            self.balance_of[investment] += profit + swap - costs
        mine = f"investments/{strategy}"
        postings = (
            posted("house/profit", mine, sum(profits), PostingKind.PROFIT)
            + posted("house/swap", mine, swap * many, PostingKind.SWAP)
            + posted(mine, "house/commission", 7 * many, PostingKind.COMMISSION)
            + posted(mine, f"due/{strategy}", trader * many, PostingKind.COMMISSION)
            + posted(mine, "due-partner/5", partner * many, PostingKind.COMMISSION)
        )
        return Copied(
            strategy=strategy, symbol=symbol, ticket=ticket, leg=number, signal=signal, command=command, stop_out=stop_out,
            request=request, fill=fill, price=price, first_deal=self.next("deal", many), interval=1,
            investments=column(*volumes), places=column(*(self.places[i] for i in volumes)),
            volumes=column(*volumes.values()), a_volumes=column(*volumes.values()),
            held=column(*(self.held[leg, i][0] for i in volumes)), costs=column(*(self.held[leg, i][1] for i in volumes)),
            turnovers=column(*(abs(volume) // 1_000 for volume in volumes.values())), profits=column(*profits),
            swaps=column(*[swap] * many), broker_commissions=column(*[7] * many), liquidity_commissions=b"",
            trader_commissions=column(*[trader] * many), partner_commissions=column(*[partner] * many),
            balances=column(*(self.balance_of[i] for i in volumes)), postings=postings,
        )  # fmt: skip

    def _realise(self, leg: str, investment: int, volume: Volume, price: int) -> Minor:
        held, cost = self.held.get((leg, investment), (0, 0))
        closing = min(abs(held), abs(volume)) if held * volume < 0 else 0
        sign = 1 if held > 0 else -1
        closed_cost = cost * closing // abs(held) if closing else 0
        opening = volume + sign * closing
        self.held[leg, investment] = (held + volume, cost - closed_cost + opening * price)
        return (sign * closing * price - closed_cost) * 100 // LOT

    def trimmed(self, strategy: int, signal: int, reasons: dict[int, int], *, asked: Volume, given: Volume) -> VolumesTrimmed:
        many = len(reasons)
        return VolumesTrimmed(
            strategy, signal, "EURUSD", "", column(*reasons), column(*reasons.values()), column(*[asked] * many),
            column(*[given] * many),
        )  # fmt: skip

    def rejected(self, strategy: int, signal: int, volumes: dict[int, Volume], request: int = 0) -> VolumesRejected:
        first = self.next("deal", len(volumes))
        return VolumesRejected(
            strategy, "EURUSD", "", signal, request, first, column(*volumes), column(*volumes.values())
        )  # fmt: skip

    def requested(self, ticket: int, volume: Volume, *strategies: int) -> FillRequested:
        return FillRequested(ticket, 1, "EURUSD", volume, volume, 0, strategies)

    def filled(self, ticket: int, volume: Volume, price: int) -> FillBooked:
        fill = self.next("fill")
        return FillBooked(fill, ticket, 1, "EURUSD", price, volume, f"x{fill}", volume)

    def request_ended(self, ticket: int, filled: Volume, rejected: Volume) -> FillRequestEnded:
        return FillRequestEnded(ticket, 1, "EURUSD", filled, rejected, "no liquidity" if rejected else "", 0)

    # Money that falls due.

    def fees(self, strategy: int, fees: dict[int, tuple[Minor, Minor, Minor]], *, partner_wallet: int) -> FeesCharged:
        """Charge trader's, partner's and broker's shares of each investment."""
        wallet, mine = self.trader_wallets[strategy], f"investments/{strategy}"
        to_trader, to_partner, to_broker = (sum(shares[place] for shares in fees.values()) for place in range(3))
        for investment, shares in fees.items():
            self.balance_of[investment] -= sum(shares)
        self.wallet_balances[wallet] += to_trader
        self.wallet_balances[partner_wallet] += to_partner
        transfers = sum(shares[0] > 0 for shares in fees.values()) + sum(shares[1] > 0 for shares in fees.values())
        return FeesCharged(
            strategy, 1, 2, self.next("deal", len(fees)), self.next("transfer", transfers), column(*fees),
            column(*map(sum, fees.values())), column(*(shares[0] for shares in fees.values())),
            column(*(shares[1] for shares in fees.values())), column(*[partner_wallet] * len(fees)),
            column(*(shares[2] for shares in fees.values())), b"", column(*(self.balance_of[i] for i in fees)),
            self.wallet_balances[wallet],
            posted(mine, f"wallet/{wallet}", to_trader, PostingKind.FEE)
            + posted(mine, f"wallet/{partner_wallet}", to_partner, PostingKind.FEE)
            + posted(mine, "house/fee", to_broker, PostingKind.FEE),
        )  # fmt: skip

    def interval_ended(self, strategy: int, *investments: int) -> IntervalEnded:
        bases = column(*(self.balance_of[number] for number in investments))
        return IntervalEnded(strategy, 1, 2, column(*investments), bases, b"")

    def swaps(self, strategy: int, amounts: dict[int, Minor]) -> SwapsCharged:
        return SwapsCharged(strategy, "EURUSD", "", 3, column(*amounts), column(*amounts.values()))

    def cover(self, strategy: int, amounts: dict[int, Minor]) -> DeficitCovered:
        for investment, amount in amounts.items():
            self.balance_of[investment] += amount
        postings = posted("house/protection", f"investments/{strategy}", sum(amounts.values()), PostingKind.NEGATIVE_BALANCE)
        return DeficitCovered(strategy, column(*amounts), column(*amounts.values()), postings)

    def day(self, strategy: int, day: int) -> list[Event]:
        mine = sorted(number for number, other in self.strategy_of.items() if other == strategy)
        balances = [self.balance_of[number] for number in mine]
        equities = column(*(balance + 5 for balance in balances))
        unit = 100 * 10**8 + day
        return [
            StrategyDay(strategy, day, unit, balances[0] + 5, balances[0], len(mine), sum(balances) + 5 * len(mine)),
            InvestmentDays(strategy, day, column(*mine), equities, column(*balances), column(*[unit] * len(mine))),
        ]

    # What an engine would keep.

    def copy_state(self) -> CopyState:
        state = CopyState()
        for number, balance in self.wallet_balances.items():
            state.wallets[number] = Wallet(number, number, COMPANY, "USD", 0, balance=balance)
        for strategy in self.trader_wallets:
            mine = [number for number, other in self.strategy_of.items() if other == strategy]
            rows = empty_investments()
            rows.reserve(len(mine))
            rows.number[: len(mine)] = mine
            rows.balance[: len(mine)] = [self.balance_of[number] for number in mine]
            state.strategies[strategy] = Strategy(
                number=strategy, client=1, wallet=1, company=COMPANY, name="", currency="USD", accounting=Accounting.NETTING,
                manage=ManageType.TOKEN, created_at=0, source_login=0, external_server="", external_account="", tags="",
                rows=len(mine), investments=rows,
            )  # fmt: skip
        return state

    def state(self) -> State:
        state = super().state()
        house = state.house["USD"]
        for name in list(house):
            if name.startswith(("wallet/", "reserved/", "investments/")):
                del house[name]
        return state


def lots(investments: Sequence[int], *hundredths: int) -> dict[int, Volume]:
    """Return volumes by investment, given in hundredths of a lot."""
    return {investment: volume * LOT // 100 for investment, volume in zip(investments, hundredths, strict=True)}


def busy_copying() -> Copying:
    """One strategy with three investors and another in hedging mode, through everything that can happen to them."""
    story = Copying()
    for wallet in range(1, 7):
        story.tell(story.wallet(wallet, wallet, test=wallet == 6, external=wallet == 4), story.book(wallet, 1_000_000))
    story.tell(*story.strategy(1, 1), story.offer(1, partner_wallet=5))
    story.tell(*story.strategy(2, 2, hedging=True), story.offer(2))
    for wallet in (3, 4, 6):
        kind = InvestmentType.EXTERNAL if wallet == 4 else InvestmentType.INTERNAL
        story.tell(*story.invest(10 + wallet, 1, wallet, 200_000, type=kind))
    everybody = (10, 13, 14, 16)
    first = story.signal(1, "EURUSD", 30_000_000)
    story.tell(
        first,
        story.trimmed(1, first.signal, {13: 1, 16: 4}, asked=5_000, given=10_000),
        story.requested(501, 90_000_000, 1),
    )
    for price in (110_000, 110_010):
        fill = story.filled(501, 45_000_000, price)
        volumes = lots(everybody, 10, 15, 15, 5)
        story.tell(fill, story.copied(1, volumes, price, signal=first.signal, request=501, fill=fill.fill, trader=3, partner=1))
    story.tell(story.request_ended(501, 90_000_000, 0), story.swaps(1, dict.fromkeys(everybody, -4)))
    out = story.signal(1, "EURUSD", -10_000_000, comment="turn")
    story.tell(out, story.copied(1, lots(everybody, -30, -30, -10, -5), 110_110, signal=out.signal, swap=-4))
    story.tell(story.rejected(1, out.signal, lots((13, 14), -2, 1)))
    story.tell(*story.day(1, 20_000), *story.day(2, 20_000))
    story.tell(story.fees(1, {13: (250, 25, 10), 14: (100, 0, 0)}, partner_wallet=5), story.interval_ended(1, *everybody))
    one = story.signal(2, "XAUUSD", 100_000_000, ticket="t1")
    story.tell(one, story.copied(2, {20: LOT}, 200_000, symbol="XAUUSD", ticket="t1", signal=one.signal))
    for volume, price in ((-LOT // 4, 200_100), (-3 * LOT // 4, 199_900)):
        part = story.signal(2, "XAUUSD", 0, ticket="t1")
        story.tell(part, story.copied(2, {20: volume}, price, symbol="XAUUSD", ticket="t1", signal=part.signal))
    story.tell(story.enter(InvestmentState.PROTECTING, 13, symbol="EURUSD", bid=109_000))
    pause = story.command(CommandKind.PAUSE, 16)
    story.tell(pause, story.enter(InvestmentState.PAUSING, 16, cause=pause.command))
    story.tell(
        story.copied(1, {16: -LOT // 20}, 109_500, command=pause.command),
        story.enter(InvestmentState.PAUSED, 16, cause=pause.command),
        story.end_command(pause),
        story.move(16, 6, -50_000),
    )
    story.tell(story.cover(1, {14: 1_000}))
    story.tell(story.reserve(3, 7_000), story.reserve(3, 100))
    story.tell(*story.end_reservation(1, 3, paid=True), *story.end_reservation(2, 3, paid=False))
    paid_out = story.balance_of[16]
    story.tell(story.move(16, 6, -paid_out), story.enter(InvestmentState.CLOSED, 16, equity=paid_out))
    story.tell(*story.day(1, 20_001), *story.day(2, 20_001), story.book(5, -700, TransferType.WITHDRAW, "out"))
    return story
