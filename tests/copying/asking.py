"""From the words of a story to commands of copy trading; what is none of them is the trade server's.

spec USD step=0.01 leverage=50        stream 1 lot-step=0.01 life=60s
wallet A                              book A fund 1000.00
strategy Gold by T 1000.00 netting    offer basic of Gold fee=25% turnover=10.00
invest A basic 1000.00 factor=2       fund A 500.00
signal Gold EURUSD 0.30 of 10000.00   sync Gold soft of 10000.00 EURUSD 0.30 GBPUSD/7 -0.10
"""

from collections.abc import Callable
from typing import Any

import msgspec

from prorata.copying.desk import CopyDesk
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
    Accounting,
    BelowMinimum,
    CopySpec,
    FeeBasis,
    FeeFlows,
    FeeRestart,
    ManageType,
    OfferStatus,
    StreamSpec,
    TransferType,
)
from prorata.units.decimals import parse_decimal
from prorata.units.numbers import Minor, Moment
from tests.trading.asking import Asking
from tests.trading.words import DAYS, BadStory, commission_of, moment_of, named, percent_of, split_words, volume_of

from .names import Names

CENTS = 2
_COMPANY = 1

_STRATEGY_CALLS: dict[str, Callable[[int], Command]] = {
    "pause-strategy": PauseStrategy,
    "resume-strategy": ResumeStrategy,
    "disable": lambda number: DisableStrategy(number, True),
    "enable": lambda number: DisableStrategy(number, False),
    "close-strategy": CloseStrategy,
}
_INVESTMENT_CALLS: dict[str, Callable[[int], Command]] = {
    "pause": PauseInvestment, "resume": ResumeInvestment, "leave": CloseInvestment,
}  # fmt: skip


def money_of(text: str) -> Minor:
    return parse_decimal(text, CENTS)


def ppm_of(text: str) -> int:
    """`12.5%`"""
    return percent_of(text, 4)


def ms_of(text: str) -> int:
    return int(text[:-2]) if text.endswith("ms") else int(text.removesuffix("s")) * 1_000


def _settle(text: str) -> dict[str, Any]:
    """`sat@01:00`"""
    day, _, time = text.partition("@")
    hours, _, minutes = (time or "00:00").partition(":")
    return {"settle_weekday": DAYS.index(day), "settle_ms": (int(hours) * 60 + int(minutes)) * 60_000}


_SPEC_WORDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "company": lambda text: {"company": int(text)},
    "investor-min": lambda text: {"investor_min": money_of(text)},
    "trader-min": lambda text: {"trader_min": money_of(text)},
    "step": lambda text: {"volume_step": volume_of(text), "volume_min": volume_of(text)},
    "lot-min": lambda text: {"volume_min": volume_of(text)},
    "below": lambda text: {"below_minimum": named(BelowMinimum, text)},
    "leverage": lambda text: {"leverage_max": int(text)},
    "stop-out": lambda text: {"stop_out_ppm": ppm_of(text)},
    "stream": lambda text: {"stream": int(text)},
    "stream-trader": lambda text: {"stream_trader": int(text)},
    "a-book": lambda text: {"a_book_percent": int(text.removesuffix("%"))},
    "commission": lambda text: {"commission": commission_of(text, CENTS)},
    "settle": _settle,
    "sync-balance": lambda text: {"sync_balance_ppm": ppm_of(text)},
}
_STREAM_WORDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "name": lambda text: {"name": text},
    "lot-step": lambda text: {"lot_step": volume_of(text)},
    "life": lambda text: {"life_ms": ms_of(text)},
    "retry": lambda text: {"retry_ms": ms_of(text)},
    "liquidity": lambda text: {"liquidity_per_million": money_of(text)},
}


class CopyAsking(Asking):
    def __init__(self, copy: CopyDesk, names: Names) -> None:
        super().__init__(copy.desk)
        self.copy = copy
        self.names = names

    def command(self, verb: str, words: list[str]) -> Command:
        match verb:
            case "spec" | "stream":
                return self._configure(verb, words)
            case "wallet" | "book" | "reserve" | "reservation":
                return self._wallet(verb, words)
            case "strategy" | "offer":
                return self._found(verb, words)
            case "rename" | "public" | "end-offer":
                return self._change_offer(verb, words)
            case "invest" | "fund" | "take-out" | "profile" | "reroute":
                return self._invest(verb, words)
            case "signal" | "sync":
                return self._signal(verb, words)
            case _ if verb in _STRATEGY_CALLS:
                return _STRATEGY_CALLS[verb](self.names.strategy(words[0]))
            case _ if verb in _INVESTMENT_CALLS:
                return _INVESTMENT_CALLS[verb](self.names.investment(words[0]))
            case _:
                return super().command(verb, words)

    def _configure(self, verb: str, words: list[str]) -> Command:
        name, *rest = words
        said = split_words(rest)
        if verb == "stream":
            number = int(name)
            stream = self.copy.state.streams.get(number) or StreamSpec(id=number, name=f"stream-{number}")
            return PutStream(_changed(stream, said, _STREAM_WORDS))
        company = int(said.get("company", _COMPANY))
        spec = self.copy.state.specs.get(f"{company}/{name}") or CopySpec(company=company, currency=name)
        return PutCopySpec(_changed(spec, said, _SPEC_WORDS))

    def _wallet(self, verb: str, words: list[str]) -> Command:
        name, *rest = words
        if verb == "wallet":
            name, _, currency = name.partition("/")
            said = split_words(rest)
            company = int(said.get("company", _COMPANY))
            return OpenWallet(self.names.client(name), company, currency or "USD", "test" in said, "external" in said)
        if verb == "reservation":
            return EndReservation(int(name), {"paid": True, "void": False}[rest[0]])
        if verb == "reserve":
            said = split_words(rest[1:])
            return ReserveWithdrawal(self.names.wallet(name), money_of(rest[0]), said.get("id", ""), said.get("comment", ""))
        kind, amount, *rest = rest
        said = split_words(rest)
        return BookWallet(
            self.names.wallet(name), named(TransferType, kind), money_of(amount), said.get("id", ""), said.get("comment", ""),
            fee=money_of(said.get("fee", "0.00")),
        )  # fmt: skip

    def _found(self, verb: str, words: list[str]) -> Command:
        """`strategy Gold by T 1000.00 hedging source=1001`, `offer basic of Gold fee=25% partner=P:20%`"""
        name, _, whose, *rest = words
        if verb == "offer":
            return self._offer(name, whose, split_words(rest))
        money, accounting, *rest = rest
        said = split_words(rest)
        manage = named(ManageType, said.get("manage", "account" if "source" in said else "token"))
        return OpenStrategy(
            self.names.wallet(whose), said.get("name", name).replace("~", " "), money_of(money), named(Accounting, accounting),
            manage, ppm_of(said.get("protection", "0%")), ppm_of(said.get("target", "0%")), int(said.get("source", "0")),
            tags=said.get("tags", ""),
        )  # fmt: skip

    def _offer(self, link: str, strategy: str, said: dict[str, str]) -> Command:
        partner, _, share = said.get("partner", "0:0%").partition(":")
        return AddOffer(
            self.names.strategy(strategy), ppm_of(said.get("fee", "0%")), money_of(said.get("turnover", "0")), link,
            self.names.wallet(partner), ppm_of(share), ppm_of(said.get("broker", "0%")),
            named(FeeBasis, said.get("basis", "equity")), named(FeeFlows, said.get("flows", "neutral")),
            named(FeeRestart, said.get("restart", "reset")),
        )  # fmt: skip

    def _change_offer(self, verb: str, words: list[str]) -> Command:
        name, *rest = words
        if verb == "rename":
            return RenameStrategy(self.names.strategy(name), " ".join(rest).replace("~", " "))
        if verb == "end-offer":
            return EndOffer(self.names.offer(name), named(OfferStatus, rest[0] if rest else "ended"))
        return SetPublicOffer(self.names.strategy(name), 0 if rest == ["none"] else self.names.offer(rest[0]))

    def _invest(self, verb: str, words: list[str]) -> Command:
        name, *rest = words
        if verb == "invest":
            offer, money, *rest = rest
            factor, protection, target = _profile(split_words(rest))
            return Invest(
                self.names.wallet(name), self.names.offer(offer), money_of(money), 100 if factor is None else factor,
                protection or 0, target or 0,
            )  # fmt: skip
        number = self.names.investment(name)
        if verb == "fund":
            return FundInvestment(number, money_of(rest[0]))
        if verb == "take-out":
            return WithdrawInvestment(number, money_of(rest[0]))
        said = split_words(rest)
        if verb == "profile":
            return SetProfile(number, *_profile(said))
        share, stream = said.get("a-book"), said.get("stream")
        return SetRoute(
            number, None if share is None else int(share.removesuffix("%")), None if stream is None else int(stream)
        )

    def _signal(self, verb: str, words: list[str]) -> Command:
        name, second, third, fourth, *rest = words
        strategy = self.names.strategy(name)
        if verb == "signal":
            equity, *rest = rest
            said = split_words(rest)
            return SendSignal(
                strategy, second, volume_of(third), money_of(equity), said.get("ticket", ""), said.get("comment", ""),
                _sent_at(said),
            )  # fmt: skip
        if second not in ("soft", "hard"):
            raise BadStory(f"a synchronisation is soft or hard, not {second}")
        lines = [word for word in rest if "=" not in word]
        said = split_words(word for word in rest if "=" in word)
        held = tuple(_held(symbol, lot) for symbol, lot in zip(lines[::2], lines[1::2], strict=True))
        return SendSync(
            strategy, second == "soft", money_of(fourth), held, said.get("ticket", ""), said.get("comment", ""), _sent_at(said)
        )


def _changed(spec: Any, said: dict[str, str], known: dict[str, Callable[[str], dict[str, Any]]]) -> Any:
    for name, value in said.items():
        if name not in known:
            raise BadStory(f"{type(spec).__name__} has no {name}")
        spec = msgspec.structs.replace(spec, **known[name](value))
    return spec


def _profile(said: dict[str, str]) -> tuple[int | None, int | None, int | None]:
    """`factor=0.5 protection=50% target=100%`"""
    factor, protection, target = said.get("factor"), said.get("protection"), said.get("target")
    return (
        None if factor is None else parse_decimal(factor, CENTS),
        None if protection is None else ppm_of(protection),
        None if target is None else ppm_of(target),
    )


def _held(name: str, lot: str) -> Held:
    symbol, _, ticket = name.partition("/")
    return Held(symbol, volume_of(lot), 0, ticket)


def _sent_at(said: dict[str, str]) -> Moment:
    """`sent=2026-03-02T08:00:05`"""
    return moment_of(*said["sent"].split("T")) if "sent" in said else 0
