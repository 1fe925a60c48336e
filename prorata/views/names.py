"""The words of the API for the codes of the core: the code's name in lower case."""

from enum import IntEnum
from functools import cache
from typing import Any, Literal, TypeVar

SideName = Literal["buy", "sell"]
OrderTypeName = Literal["market", "limit", "stop", "stop_limit"]
AccessName = Literal["full", "close_only", "trading_disabled", "login_disabled"]
BalanceKindName = Literal["deposit", "withdrawal", "credit_in", "credit_out", "correction", "agent_commission"]
ReasonName = Literal["client", "stop_loss", "take_profit", "stop_out", "pending", "close_by", "dealer", "guard"]
GuardName = Literal["floor", "daily", "target"]
DailyBaseName = Literal["balance", "equity", "higher"]
EntryName = Literal["in", "out"]
RemovalName = Literal["cancelled", "expired", "refused", "venue"]
OrderStateName = Literal["pending", "delayed", "in_flight", "working", "filled", "cancelled", "expired", "refused", "venue"]
PostingKindName = Literal[
    "deposit", "withdrawal", "credit", "correction", "profit", "commission", "swap", "negative_balance", "hedge",
    "transfer", "fee", "payout", "bonus", "payment_fee",
]  # fmt: skip
EntrySourceName = Literal["deal", "operation", "protection", "hedge", "break", "transfer", "reservation", "copy"]
MarginEventName = Literal["call", "stop_out", "negative_balance"]
MarginModeName = Literal["forex", "cfd", "leverage", "fixed"]
TradeModeName = Literal["disabled", "close_only", "long_only", "short_only", "full"]
SwapTypeName = Literal["none", "points", "percent", "money"]
CommissionTypeName = Literal["none", "per_million", "per_lot", "per_deal", "percent"]
LevelTypeName = Literal["off", "percent", "money"]
HedgedMarginName = Literal["netting", "larger_leg", "both_sides"]
FreeMarginName = Literal["profit_and_loss", "loss_only", "none"]
StopOutOrderName = Literal["largest_loss", "largest_margin"]
PeriodName = Literal["M1", "M5", "M15", "M30", "H1", "H4", "D1", "W1", "MN1"]

# Copy trading.
AccountingName = Literal["hedging", "netting"]
ManageName = Literal["token", "manager", "account"]
StrategyStatusName = Literal["new", "active", "paused", "disabled", "closed"]
NeedSyncName = Literal["none", "soft", "hard"]
OfferTypeName = Literal["trader", "private", "public"]
OfferStatusName = Literal["active", "ended", "closed"]
InvestmentTypeName = Literal["own", "master", "internal", "external"]
InvestmentStateName = Literal[
    "new", "flat", "open", "stopping_out", "stopped_out", "protecting", "protected", "taking_target", "target_taken",
    "pausing", "paused", "disabling", "disabled", "closing", "closed",
]  # fmt: skip
TransferTypeName = Literal[
    "fund", "withdraw", "bonus_fund", "bonus_withdraw", "to_investment", "from_investment", "fee", "commission", "partner"
]
BookedTransferName = Literal["fund", "withdraw", "bonus_fund", "bonus_withdraw"]
SignalStatusName = Literal["new", "ok", "rejected", "error"]
CommandKindName = Literal[
    "fund", "withdraw", "pause", "resume", "close", "profile", "route", "pause_strategy", "resume_strategy",
    "close_strategy", "invest",
]  # fmt: skip
CommandStatusName = Literal["new", "ok", "rejected", "error"]
VolumeReasonName = Literal[
    "raised_to_minimum", "below_minimum", "leverage", "market_closed", "no_quote", "rejected", "volume_limit", "close_only",
    "rounded_away",
]  # fmt: skip
BelowMinimumName = Literal["raise", "skip"]
FeeBasisName = Literal["equity", "balance", "worse"]
FeeFlowsName = Literal["neutral", "settle_first"]
FeeRestartName = Literal["reset", "keep"]
CopyDealTypeName = Literal["buy", "sell", "balance", "correction", "fee", "rejected_buy", "rejected_sell"]
CopyEntryName = Literal["in", "out", "inout"]
ReservationStateName = Literal["open", "paid", "voided"]
CopyTopic = Literal["strategy", "investment", "wallet", "signal", "fill", "copy_spec", "stream"]
CopyReasonName = Literal[
    "copied", "rounded", "minimum_lot", "below_minimum", "margin_cap", "volume_cap", "partly_filled", "rejected",
    "not_joined", "caught_up", "resized", "paused", "protection", "target", "stop_out", "left", "market_closed",
    "not_recorded", "charged",
]  # fmt: skip

NEED_SYNC: tuple[NeedSyncName, ...] = ("none", "soft", "hard")

Code = TypeVar("Code", bound=IntEnum)


# Codes of different kinds are equal when their numbers are, so the kind belongs to the key.
_NAMES: dict[tuple[type[IntEnum], int], str] = {}


def name_of(code: IntEnum) -> Any:
    """Return the word for a code. The field that takes it says which words there are."""
    key = (type(code), code)
    name = _NAMES.get(key)
    if name is None:
        name = _NAMES[key] = code.name.lower()
    return name


@cache
def code_of(codes: type[Code], name: str) -> Code:
    return codes[name.upper()]
