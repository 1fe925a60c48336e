"""What traders and investors of copy trading ask in a simulation: sound things mostly, and all kinds of unsound ones."""

from collections.abc import Callable
from random import Random

import msgspec
import numpy as np

from prorata.copying.engine import Engine
from prorata.copying.state import Strategy
from prorata.messages.commands import Command
from prorata.messages.copy_commands import (
    AddOffer,
    BookWallet,
    CloseInvestment,
    CloseStrategy,
    DisableStrategy,
    EndOffer,
    EndReservation,
    FundInvestment,
    Held,
    Invest,
    OpenStrategy,
    OpenWallet,
    PauseInvestment,
    PauseStrategy,
    PutCopySpec,
    PutStream,
    RenameStrategy,
    ReserveWithdrawal,
    ResumeInvestment,
    ResumeStrategy,
    SendSignal,
    SendSync,
    SetProfile,
    SetPublicOffer,
    SetRoute,
    WithdrawInvestment,
)
from prorata.messages.copy_terms import (
    FACTOR_MAX,
    Accounting,
    BelowMinimum,
    CopySpec,
    FeeBasis,
    FeeFlows,
    FeeRestart,
    InvestmentState,
    ManageType,
    OfferStatus,
    StrategyStatus,
    StreamSpec,
    TransferType,
)
from prorata.messages.groups import Commission, CommissionType
from prorata.sim.world import CENT_LOT
from prorata.units.numbers import MONEY_MAX, PPM, VOLUME_MAX, Login

COMPANY = 1
CLIENTS = 9
STRATEGIES_MAX = 7
SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY", "AUDJPY", "XAUUSD", "US500", "DE40", "BTCUSD")
_LOTS = {"XAUUSD": 40, "US500": 60, "DE40": 100, "BTCUSD": 15}
_STOPPED = [state for state in InvestmentState if 4 <= state <= 11]
_EDGES = (0, -1, 1, 2**31, MONEY_MAX, MONEY_MAX + 1, VOLUME_MAX + 1, 2**62, PPM, PPM + 1, FACTOR_MAX + 1)


class CopyCrowd:
    """Makes the next command from what the engine looks like now."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._names = 0
        self._booked: list[BookWallet | ReserveWithdrawal] = []
        self._makers: list[tuple[float, Callable[[Engine], Command | None]]] = [
            (30, self._signal), (6, self._sync), (14, self._invest), (5, self._fund), (6, self._withdraw), (6, self._pause),
            (9, self._resume), (4, self._close), (5, self._profile), (3, self._route), (2, self._open_strategy),
            (2, self._add_offer), (1.5, self._public), (0.5, self._end_offer), (1.5, self._pause_strategy),
            (3, self._resume_strategy), (0.6, self._disable), (0.7, self._close_strategy), (0.5, self._rename),
            (5, self._book), (2, self._reserve), (2, self._end_reservation), (0.6, self._spec), (0.4, self._stream),
        ]  # fmt: skip

    def set_up(self) -> list[Command]:
        """Return what there is in the beginning: streams, a specification, wallets with money."""
        rng = self._rng
        commands: list[Command] = [self._stream_spec(1), self._stream_spec(2), self._copy_spec()]
        for client in range(1, CLIENTS + 1):
            commands.append(OpenWallet(client, COMPANY, external=rng.random() < 0.2))
            commands.append(BookWallet(client, TransferType.FUND, rng.choice((2_000_00, 50_000_00, 1_000_000_00))))
        for number, accounting in enumerate(Accounting, 1):
            commands.append(OpenStrategy(number, f"Founder {number}", 1_000_00, accounting=accounting))
            commands.append(AddOffer(number, 300_000, 2_000, f"founder{number}", partner_wallet=3, partner_ppm=200_000))
            commands += [self._first_investment(client, offer=2 * number) for client in range(3, CLIENTS + 1)]
        return commands

    def _first_investment(self, client: int, *, offer: int) -> Invest:
        rng = self._rng
        return Invest(
            client, offer, rng.choice((250_00, 1_000_00)), factor=rng.choice((50, 100, 300, 1_000, -200)),
            protection_ppm=rng.choice((0, 700_000, 950_000)), target_ppm=rng.choice((0, 20_000, 300_000)),
        )  # fmt: skip

    def next(self, engine: Engine) -> Command | None:
        rng = self._rng
        makers = [maker for _, maker in self._makers]
        command = rng.choices(makers, [weight for weight, _ in self._makers])[0](engine)
        if command is not None and rng.random() < 0.06 and not isinstance(command, PutCopySpec | PutStream):
            return self._spoilt(command)
        return command

    def _spoilt(self, command: Command) -> Command:
        rng = self._rng
        fields = [name for name in command.__struct_fields__ if type(getattr(command, name)) in (int, str)]
        fields = [name for name in fields if name not in ("comment", "internal_comment", "description", "external_id")]
        if not fields:
            return command
        name = rng.choice(fields)
        value = rng.choice(_EDGES) if isinstance(getattr(command, name), int) else rng.choice(("", "NOSUCH", "\u00fc" * 60))
        return msgspec.structs.replace(command, **{name: value})

    # What the company puts.

    def _copy_spec(self) -> PutCopySpec:
        rng = self._rng
        step = rng.choice((1_000, 10_000, 10_000, CENT_LOT))
        commission = rng.choice(
            (Commission(), Commission(CommissionType.PER_LOT, 250, 1), Commission(CommissionType.PER_MILLION, 3_000, 1))
        )
        return PutCopySpec(
            CopySpec(
                company=COMPANY, investor_min=rng.choice((100_00, 250_00)), trader_min=200_00, volume_step=step,
                volume_min=step * rng.choice((1, 1, 10)), below_minimum=rng.choice(list(BelowMinimum)),
                leverage_max=rng.choice((20, 50, 100)), stop_out_ppm=rng.choice((200_000, 500_000)), stream=rng.choice((1, 2)),
                stream_trader=1, a_book_percent=rng.choice((0, 30, 100, 100)), commission=commission,
                settle_weekday=rng.randrange(7),
            )
        )  # fmt: skip

    def _stream_spec(self, number: int) -> PutStream:
        rng = self._rng
        return PutStream(
            StreamSpec(
                id=number, name=f"Stream {number}", lot_step=rng.choice((10_000, CENT_LOT, 10 * CENT_LOT)),
                life_ms=rng.choice((0, 5_000, 60_000)), retry_ms=rng.choice((1, 500, 3_000)),
                liquidity_per_million=rng.choice((0, 500)),
            )
        )  # fmt: skip

    def _spec(self, engine: Engine) -> Command | None:
        # The currency of money and what volumes are counted in stay; everything else may change under way.
        before = engine.copy.state.specs[f"{COMPANY}/USD"]
        after = self._copy_spec().spec
        return PutCopySpec(msgspec.structs.replace(after, volume_step=before.volume_step, volume_min=before.volume_min))

    def _stream(self, engine: Engine) -> Command | None:
        return self._stream_spec(self._rng.choice((1, 2, 3)))

    # Whose.

    def _strategy(self, engine: Engine, *statuses: StrategyStatus) -> Strategy | None:
        strategies = [one for one in engine.copy.state.strategies.values() if not statuses or one.status in statuses]
        return self._rng.choice(strategies) if strategies else None

    def _investment(self, engine: Engine, *states: InvestmentState) -> int | None:
        numbers: list[int] = []
        for strategy in engine.copy.state.strategies.values():
            columns, rows = strategy.investments, slice(0, strategy.rows)
            fit = np.isin(columns.state[rows], states) if states else columns.state[rows] < InvestmentState.CLOSED
            numbers += columns.number[rows][fit].tolist()
        return self._rng.choice(numbers) if numbers else None

    def _client(self) -> int:
        return self._rng.randint(1, CLIENTS)

    # Traders.

    def _open_strategy(self, engine: Engine) -> Command | None:
        rng = self._rng
        if len(engine.copy.state.strategies) >= STRATEGIES_MAX:
            return None
        self._names += 1
        source: Login = 0
        manage = rng.choice(list(ManageType))
        if manage == ManageType.ACCOUNT:
            accounts = engine.desk.state.accounts.values()
            fit = [one.login for one in accounts if engine.desk.groups[one.group].currency == "USD"]
            if not fit:
                return None
            source = rng.choice(fit)
        return OpenStrategy(
            self._client(), f"Strategy {self._names}", rng.choice((200_00, 1_000_00, 10_000_00)),
            accounting=rng.choice(list(Accounting)), manage=manage, source_login=source,
            protection_ppm=rng.choice((0, 500_000)), tags=rng.choice(("", '{"postfix": ".m"}', "no json")),
        )  # fmt: skip

    def _add_offer(self, engine: Engine) -> Command | None:
        rng = self._rng
        strategy = self._strategy(engine)
        if strategy is None:
            return None
        self._names += 1
        partner = rng.choice((0, 0, self._client()))
        return AddOffer(
            strategy.number, rng.choice((0, 200_000, 500_000)), rng.choice((0, 1_000, 10_000)), f"link{self._names}",
            partner_wallet=partner, partner_ppm=rng.choice((100_000, 333_333)) if partner else 0,
            broker_ppm=rng.choice((0, 100_000)), basis=rng.choice(list(FeeBasis)), flows=rng.choice(list(FeeFlows)),
            restart=rng.choice(list(FeeRestart)),
        )  # fmt: skip

    def _public(self, engine: Engine) -> Command | None:
        strategy = self._strategy(engine)
        return SetPublicOffer(strategy.number, self._rng.choice([0, *strategy.offers])) if strategy else None

    def _end_offer(self, engine: Engine) -> Command | None:
        offers = list(engine.copy.state.offers)
        status = self._rng.choice((OfferStatus.ENDED, OfferStatus.CLOSED))
        return EndOffer(self._rng.choice(offers), status) if offers else None

    def _signal(self, engine: Engine) -> Command | None:
        rng = self._rng
        strategy = self._strategy(engine, StrategyStatus.ACTIVE) or self._strategy(engine)
        if strategy is None:
            return None
        held = [head for head in strategy.legs.values() if head.lot]
        ticket = str(rng.randint(1, 4))
        if held and rng.random() < 0.6:
            head = rng.choice(held)
            symbol, ticket = head.symbol, head.ticket or ticket
            lot = rng.choice((0, head.lot // 2, head.lot * 2, -head.lot, head.lot + CENT_LOT, head.lot - CENT_LOT))
        else:
            symbol = rng.choice(SYMBOLS)
            lot = rng.choice((1, -1)) * rng.randint(1, _LOTS.get(symbol, 100)) * CENT_LOT
        if strategy.tags and rng.random() < 0.5:
            symbol += ".m"
        equity = rng.choice((0, -5, 500_00, 5_000_00, 20_000_00)) if rng.random() < 0.1 else rng.randint(3_000_00, 20_000_00)
        sent_at = engine.desk.now - rng.choice((0, 0, 0, 5_000)) if rng.random() < 0.2 else 0
        return SendSignal(strategy.number, symbol, lot, equity, ticket, "", sent_at)

    def _sync(self, engine: Engine) -> Command | None:
        rng = self._rng
        strategy = self._strategy(engine, StrategyStatus.ACTIVE)
        if strategy is None:
            return None
        lines = [
            Held(head.symbol, head.lot if rng.random() < 0.8 else head.lot + CENT_LOT, 0, head.ticket)
            for head in strategy.legs.values()
            if head.lot and rng.random() < 0.9
        ]
        if rng.random() < 0.2:
            lines.append(Held(rng.choice((*SYMBOLS, "NOSUCH")), CENT_LOT * rng.randint(1, 20), 0, "9"))
        soft = strategy.need_sync == 1 if rng.random() < 0.8 else rng.random() < 0.5
        return SendSync(
            strategy.number, soft, rng.randint(3_000_00, 20_000_00), tuple(lines), "Balance" if rng.random() < 0.1 else ""
        )

    def _pause_strategy(self, engine: Engine) -> Command | None:
        strategy = self._strategy(engine)
        return PauseStrategy(strategy.number) if strategy else None

    def _resume_strategy(self, engine: Engine) -> Command | None:
        strategy = self._strategy(engine, StrategyStatus.PAUSED) or self._strategy(engine)
        return ResumeStrategy(strategy.number) if strategy else None

    def _disable(self, engine: Engine) -> Command | None:
        strategy = self._strategy(engine, StrategyStatus.DISABLED) or self._strategy(engine)
        return DisableStrategy(strategy.number, strategy.status != StrategyStatus.DISABLED) if strategy else None

    def _close_strategy(self, engine: Engine) -> Command | None:
        strategy = self._strategy(engine)
        return CloseStrategy(strategy.number) if strategy else None

    def _rename(self, engine: Engine) -> Command | None:
        strategy = self._strategy(engine)
        if strategy is None:
            return None
        return RenameStrategy(strategy.number, self._rng.choice(("Renamed", "renamed", " bad", strategy.name)))

    # Investors.

    def _invest(self, engine: Engine) -> Command | None:
        rng = self._rng
        offers = list(engine.copy.state.offers)
        if not offers:
            return None
        return Invest(
            self._client(), rng.choice(offers), rng.choice((50_00, 250_00, 300_00, 3_000_00, 20_000_00)),
            factor=rng.choice((10, 50, 100, 100, 200, 500, -100)), protection_ppm=rng.choice((0, 0, 500_000, 900_000)),
            target_ppm=rng.choice((0, 0, 50_000, 1_000_000)),
        )  # fmt: skip

    def _fund(self, engine: Engine) -> Command | None:
        number = self._investment(engine)
        return FundInvestment(number, self._rng.choice((1, 100_00, 1_000_00, 10**12))) if number else None

    def _withdraw(self, engine: Engine) -> Command | None:
        waiting = (InvestmentState.PAUSED, InvestmentState.PROTECTED, InvestmentState.TARGET_TAKEN, InvestmentState.STOPPED_OUT)
        number = self._investment(engine, *waiting) or self._investment(engine)
        return WithdrawInvestment(number, self._rng.choice((1, 50_00, 500_00))) if number else None

    def _pause(self, engine: Engine) -> Command | None:
        number = self._investment(engine)
        return PauseInvestment(number) if number else None

    def _resume(self, engine: Engine) -> Command | None:
        number = self._investment(engine, *_STOPPED) or self._investment(engine)
        return ResumeInvestment(number) if number else None

    def _close(self, engine: Engine) -> Command | None:
        number = self._investment(engine)
        return CloseInvestment(number) if number else None

    def _profile(self, engine: Engine) -> Command | None:
        rng = self._rng
        number = self._investment(engine)
        if not number:
            return None
        return SetProfile(
            number, rng.choice((None, 50, 150)), rng.choice((None, 0, 300_000, 800_000)), rng.choice((None, 0, 100_000))
        )

    def _route(self, engine: Engine) -> Command | None:
        rng = self._rng
        number = self._investment(engine)
        return SetRoute(number, rng.choice((None, 0, 50, 100)), rng.choice((None, 1, 2))) if number else None

    # Money.

    def _book(self, engine: Engine) -> Command | None:
        rng = self._rng
        if self._booked and rng.random() < 0.2:
            return rng.choice(self._booked)
        kind = rng.choice((0, 0, 1, 1, 2, 3, 6))
        external = f"t{rng.randrange(40)}" if rng.random() < 0.5 else ""
        book = BookWallet(self._client(), TransferType(kind), rng.choice((1, 100_00, 5_000_00)), external)
        self._booked = [*self._booked[-10:], book]
        return book

    def _reserve(self, engine: Engine) -> Command | None:
        external = f"r{self._rng.randrange(20)}" if self._rng.random() < 0.5 else ""
        return ReserveWithdrawal(self._client(), self._rng.choice((1, 100_00, 10_000_00)), external)

    def _end_reservation(self, engine: Engine) -> Command | None:
        last = engine.copy.state.next_reservation
        return EndReservation(self._rng.randint(1, last), self._rng.random() < 0.5)
