"""Events of copy trading in the words of a story.

A column is told investment by investment: `copied buy EURUSD at 1.08673: A 0.0300, B 0.1500`. Its other columns are
facts, for all (`profit A:1.50,B:-2.00`) or for one (`profit.A 1.50`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from prorata.copying.columns import count_of, unpack
from prorata.copying.desk import CopyDesk
from prorata.messages.copy_events import (
    CommandEnded,
    CommandTaken,
    Copied,
    CopyEvent,
    CopySpecPut,
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
    OfferChanged,
    ProfileSet,
    ReservationEnded,
    SignalTaken,
    StatesChanged,
    StrategyChanged,
    StrategyDay,
    StrategyOpened,
    StreamPut,
    SwapsCharged,
    TransferRepeated,
    VolumesRejected,
    VolumesTrimmed,
    WalletKnown,
    WalletMoved,
    WalletOpened,
    WithdrawalReserved,
)
from prorata.messages.copy_terms import VolumeReason
from prorata.messages.events import Event
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal, format_short
from prorata.units.numbers import VOLUME_DIGITS, Minor, Moment, Volume
from tests.trading.outcomes import Outcome, Outcomes, word

from .names import Names

Show = Callable[[int], str]
NEEDS = ("nothing", "soft", "hard")


def cents(amount: Minor) -> str:
    return format_decimal(amount, 2)


def lots(volume: Volume) -> str:
    """Investors' volumes are told with four places at least: 0.0300."""
    return format_short(volume, VOLUME_DIGITS, 4)


def percent(ppm: int) -> str:
    return f"{format_short(ppm, 4, 0)}%"


def side(volume: Volume) -> str:
    """`buy 0.15`, `sell 0.15`, `nothing`."""
    if not volume:
        return "nothing"
    return f"{'buy' if volume > 0 else 'sell'} {format_short(abs(volume), VOLUME_DIGITS, 2)}"


def reasons(flags: int) -> str:
    return "+".join(word(reason) for reason in VolumeReason(flags))


def unit(price: int) -> str:
    return format_short(price, 8, 2)


def clock(moment: Moment) -> str:
    at = datetime.fromtimestamp(moment // 1000, UTC)
    return at.strftime("%H:%M:%S") + (f".{moment % 1000:03}" if moment % 1000 else "")


def day_word(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


def text_word(text: str) -> str:
    return "-".join(text.split()) or "nothing"


class CopyOutcomes(Outcomes):
    """Tells both sides of a platform."""

    def __init__(self, copy: CopyDesk, names: Names) -> None:
        super().__init__(copy.desk.state)
        self.copy = copy
        self.names = names

    def tell(self, event: Event) -> Outcome:
        self.names.note(event)
        if not isinstance(event, CopyEvent):
            return super().tell(event)
        match event:
            case CopySpecPut():
                return Outcome(f"put spec {event.spec.currency}")
            case StreamPut():
                return Outcome(f"put stream {event.spec.id}")
            case (
                WalletOpened() | WalletKnown() | WalletMoved() | WithdrawalReserved() | ReservationEnded() | TransferRepeated()
            ):
                return self._wallet(event)
            case StrategyOpened() | StrategyChanged() | OfferAdded() | OfferChanged():
                return self._strategy(event)
            case InvestmentOpened() | InvestmentMoved() | ProfileSet() | StatesChanged() | CommandTaken() | CommandEnded():
                return self._investment(event)
            case SignalTaken() | VolumesTrimmed() | Copied() | VolumesRejected():
                return self._signal(event)
            case FillRequested() | FillBooked() | FillRequestEnded():
                return self._request(event)
            case FeesCharged() | IntervalEnded() | SwapsCharged() | StrategyDay() | InvestmentDays() | DeficitCovered():
                return self._due(event)

    # Columns.

    def _names_in(self, investments: bytes) -> list[str]:
        numbers = unpack(investments, count_of(investments)).tolist()
        return [self.names.of_investment(number) for number in numbers]

    def _each(self, investments: bytes, column: bytes, show: Show) -> str:
        """`A 0.0300, B 0.1500`"""
        names = self._names_in(investments)
        values = unpack(column, len(names)).tolist()
        return ", ".join(f"{name} {show(value)}" for name, value in zip(names, values, strict=True))

    def _facts(self, investments: bytes, columns: Mapping[str, tuple[bytes, Show]]) -> dict[str, str]:
        names = self._names_in(investments)
        facts: dict[str, str] = {}
        for fact, (column, show) in columns.items():
            values = [show(value) for value in unpack(column, len(names)).tolist()]
            facts[fact] = ",".join(f"{name}:{value}" for name, value in zip(names, values, strict=True))
            facts |= {f"{fact}.{name}": value for name, value in zip(names, values, strict=True)}
        return facts

    # One method for each part of the language.

    def _wallet(
        self,
        event: WalletOpened | WalletKnown | WalletMoved | WithdrawalReserved | ReservationEnded | TransferRepeated,
    ) -> Outcome:
        match event:
            case WalletKnown():
                return Outcome(f"known {self._wallet(event.first).head}")
            case TransferRepeated():
                return Outcome(f"repeated {self._wallet(event.first).head}")
            case WalletOpened():
                facts = {"number": str(event.wallet), "company": str(event.company)}
                facts |= {"test": str(event.test).lower(), "external": str(event.external).lower()}
                return Outcome(f"wallet {self.names.of_wallet(event.wallet)} opened", facts)
        money = self._money_of_wallet(event.wallet)
        name, balance = self.names.of_wallet(event.wallet), {"balance": money(event.balance)}
        match event:
            case WalletMoved():
                facts = {
                    "transfer": str(event.transfer), "strategy": self.names.of_strategy(event.strategy),
                    "comment": text_word(event.comment), "internal": text_word(event.internal_comment),
                }  # fmt: skip
                return Outcome(f"wallet {name} {word(event.type)} {money(event.amount)}", balance | facts)
            case WithdrawalReserved():
                return Outcome(f"reserved {event.reservation} {name} {money(event.amount)}", balance)
            case ReservationEnded():
                return Outcome(f"reservation {event.reservation} {'paid' if event.paid else 'void'}", balance)

    def _money_of_wallet(self, number: int) -> Show:
        digits = CURRENCY_DIGITS[self.copy.state.wallets[number].currency]
        return lambda amount: format_decimal(amount, digits)

    def _strategy(self, event: StrategyOpened | StrategyChanged | OfferAdded | OfferChanged) -> Outcome:
        name = self.names.of_strategy(event.strategy)
        match event:
            case StrategyOpened():
                facts = {"number": str(event.strategy), "by": self.names.of_client(event.client)}
                facts |= {"accounting": word(event.accounting), "manage": word(event.manage), "source": str(event.source_login)}
                return Outcome(f"strategy {name} opened", facts)
            case StrategyChanged():
                facts = {"needs": NEEDS[event.need_sync], "name": text_word(event.name)}
                facts["public"] = self.names.of_offer(event.public_offer)
                return Outcome(f"strategy {name} {word(event.status)}", facts)
            case OfferAdded():
                partner = self.names.of_wallet(event.partner_wallet) if event.partner_wallet else "none"
                facts = {
                    "type": word(event.type),
                    "fee": percent(event.fee_ppm),
                    "turnover": cents(event.commission_per_million),
                }
                facts |= {"partner": partner, "partner-share": percent(event.partner_ppm), "broker": percent(event.broker_ppm)}
                return Outcome(f"offer {self.names.of_offer(event.offer)} added", facts)
            case OfferChanged():
                return Outcome(f"offer {self.names.of_offer(event.offer)} {word(event.type)} {word(event.status)}")

    def _investment(
        self, event: InvestmentOpened | InvestmentMoved | ProfileSet | StatesChanged | CommandTaken | CommandEnded
    ) -> Outcome:
        if isinstance(event, StatesChanged):
            price = self.price_of(event.symbol)
            head = f"now {word(event.state)}: {self._each(event.investments, event.equities, cents)}"
            facts = {"cause": str(event.cause), "symbol": event.symbol or "none"}
            return Outcome(head, facts | {"bid": price(event.bid), "ask": price(event.ask)})
        name = self.names.of_investment(event.investment)
        match event:
            case InvestmentOpened():
                facts = {"number": str(event.investment), "offer": self.names.of_offer(event.offer), "type": word(event.type)}
                return Outcome(f"investment {name} opened", facts | _profile_facts(event))
            case ProfileSet():
                return Outcome(f"profile {name}", {"base": cents(event.base)} | _profile_facts(event))
            case InvestmentMoved():
                facts = {"balance": cents(event.balance), "wallet": cents(event.wallet_balance)}
                facts |= {"command": str(event.command), "deal": str(event.deal), "transfer": str(event.transfer)}
                return Outcome(f"moved {name} {cents(event.amount)}", facts)
            case CommandTaken():
                whose = name if event.investment else self.names.of_strategy(event.strategy)
                return Outcome(f"command {event.command} {word(event.kind)} {whose}", {"status": word(event.status)})
            case CommandEnded():
                return Outcome(f"command {event.command} {word(event.status)}")

    def _signal(self, event: SignalTaken | VolumesTrimmed | Copied | VolumesRejected) -> Outcome:
        if isinstance(event, SignalTaken):
            price = self.price_of(event.symbol)
            facts = {
                "equity": cents(event.equity), "status": word(event.status), "price": price(event.price),
                "ticket": event.ticket or "none", "comment": text_word(event.comment),
            }  # fmt: skip
            if event.symbol:
                return Outcome(f"signal {event.signal} {event.symbol} {format_short(event.lot, VOLUME_DIGITS, 2)}", facts)
            kind = "soft" if event.soft else "hard"
            return Outcome(f"sync {event.signal} {kind} {','.join(event.symbols) or 'nothing'}", facts)
        symbol = f"{event.symbol}/{event.ticket}" if event.ticket else event.symbol
        match event:
            case VolumesTrimmed():
                return Outcome(f"trimmed {symbol}: {self._trimmed(event)}", {"signal": str(event.signal)})
            case VolumesRejected():
                facts = {"signal": str(event.signal), "request": str(event.request), "deal": str(event.first_deal)}
                return Outcome(f"rejected {symbol}: {self._each(event.investments, event.volumes, lots)}", facts)
            case Copied():
                return self._copied(event, symbol)

    def _trimmed(self, event: VolumesTrimmed) -> str:
        """`D raised-to-minimum 0.00036 to 0.0100`"""
        names = self._names_in(event.investments)
        columns = [unpack(column, len(names)).tolist() for column in (event.reasons, event.asked, event.given)]
        return ", ".join(
            f"{name} {reasons(why)} {lots(asked)} to {lots(given)}"
            for name, why, asked, given in zip(names, *columns, strict=True)
        )

    def _copied(self, event: Copied, symbol: str) -> Outcome:
        volumes = unpack(event.volumes, count_of(event.investments))
        way = "buy" if (volumes > 0).all() else "sell" if (volumes < 0).all() else "both ways"
        shown: Show = lots if way == "both ways" else lambda volume: lots(abs(volume))
        head = f"copied {way} {symbol} at {self.price_of(event.symbol)(event.price)}"
        facts = self._facts(event.investments, {
            "a-book": (event.a_volumes, lots), "held": (event.held, lots), "turnover": (event.turnovers, cents),
            "profit": (event.profits, cents), "swap": (event.swaps, cents), "broker": (event.broker_commissions, cents),
            "liquidity": (event.liquidity_commissions, cents), "trader": (event.trader_commissions, cents),
            "partner": (event.partner_commissions, cents), "balance": (event.balances, cents), "place": (event.places, str),
        })  # fmt: skip
        facts |= {
            "signal": str(event.signal), "command": str(event.command), "stop-out": str(event.stop_out),
            "request": str(event.request), "fill": str(event.fill), "deal": str(event.first_deal),
            "leg": str(event.leg), "interval": str(event.interval),
        }  # fmt: skip
        return Outcome(f"{head}: {self._each(event.investments, event.volumes, shown)}", facts)

    def _request(self, event: FillRequested | FillBooked | FillRequestEnded) -> Outcome:
        facts = {"stream": str(event.stream)}
        match event:
            case FillRequested():
                facts |= {"demand": lots(event.demand), "residual": lots(event.residual)}
                facts["strategies"] = ",".join(self.names.of_strategy(number) for number in event.strategies) or "none"
                return Outcome(f"request {event.request} {side(event.volume)} {event.symbol}", facts)
            case FillBooked():
                price = self.price_of(event.symbol)(event.price)
                facts |= {"holds": format_short(event.hedge, VOLUME_DIGITS, 2), "execution": event.execution}
                filled = format_short(event.filled, VOLUME_DIGITS, 2)
                return Outcome(f"fill {event.fill} of {event.request} {filled} {event.symbol} at {price}", facts)
            case FillRequestEnded():
                facts |= {"rejected": format_short(event.rejected, VOLUME_DIGITS, 2), "because": text_word(event.reason)}
                facts["again"] = clock(event.again_at) if event.again_at else "never"
                return Outcome(f"request {event.request} ended {format_short(event.filled, VOLUME_DIGITS, 2)}", facts)

    def _due(
        self, event: FeesCharged | IntervalEnded | SwapsCharged | StrategyDay | InvestmentDays | DeficitCovered
    ) -> Outcome:  # fmt: skip
        name = self.names.of_strategy(event.strategy)
        match event:
            case FeesCharged():
                facts = self._facts(event.investments, {
                    "trader": (event.trader_shares, cents), "partner": (event.partner_shares, cents),
                    "broker": (event.broker_shares, cents), "drawdown": (event.drawdowns, cents),
                    "balance": (event.balances, cents),
                })  # fmt: skip
                facts |= {"interval": str(event.interval), "next": str(event.next_interval)}
                facts |= {"transfer": str(event.first_transfer), "trader-wallet": cents(event.trader_balance)}
                return Outcome(f"fees of {name}: {self._each(event.investments, event.fees, cents)}", facts)
            case IntervalEnded():
                facts = self._facts(event.investments, {"base": (event.bases, cents), "drawdown": (event.drawdowns, cents)})
                return Outcome(f"interval {event.interval} of {name} ended", facts | {"next": str(event.next_interval)})
            case SwapsCharged():
                symbol = f"{event.symbol}/{event.ticket}" if event.ticket else event.symbol
                head = f"swaps {symbol}: {self._each(event.investments, event.amounts, cents)}"
                return Outcome(head, {"nights": str(event.nights)})
            case StrategyDay():
                facts = {"unit": unit(event.unit_price), "equity": cents(event.own_equity), "balance": cents(event.own_balance)}
                facts |= {"investments": str(event.investments), "all": cents(event.equity)}
                return Outcome(f"day {day_word(event.day)} of {name}", facts)
            case InvestmentDays():
                head = f"day {day_word(event.day)}: {self._each(event.investments, event.equities, cents)}"
                facts = self._facts(event.investments, {"balance": (event.balances, cents), "unit": (event.unit_prices, unit)})
                return Outcome(head, facts)
            case DeficitCovered():
                return Outcome(f"covered {self._each(event.investments, event.amounts, cents)}")


def _profile_facts(event: InvestmentOpened | ProfileSet) -> dict[str, str]:
    return {
        "factor": format_decimal(event.factor, 2), "protection": percent(event.protection_ppm),
        "target": percent(event.target_ppm), "a-book": f"{event.a_book_percent}%", "stream": str(event.stream),
    }  # fmt: skip
