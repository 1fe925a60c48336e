"""Why a call was not done: the published error codes, and the trade server's own result code behind them.

There are four outcomes. *Done*. *Refused*: nothing has changed (`Validation`, `NotFound`, `Forbidden`, `NoConnect`,
`MT4Error`, `MT5Error`). *Not sent* (`Busy`): the same call may be made again. *Unknown* (`OutcomeUnknown`; of a call
that changes nothing: `Timeout`): asked again under the same idempotency key, it gives the one true answer.
"""

from collections.abc import Mapping
from enum import auto

from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.rest.webapi.schemas.kinds import Names
from prorata.views.problems import PROBLEMS


class ErrorCode(Names):
    Ok = auto()
    NoConnect = auto()
    Validation = auto()
    MT4Error = auto()
    Forbidden = auto()
    NotFound = auto()
    MT5Error = auto()
    Timeout = auto()
    OutcomeUnknown = auto()
    Busy = auto()
    Internal = auto()


class ResultCode(Names):
    """What the trade server itself says."""

    Ok = auto()
    OkNone = auto()
    Error = auto()
    InvalidData = auto()
    TechProblem = auto()
    OldVersion = auto()
    NoConnect = auto()
    NotEnoughRights = auto()
    TooFrequent = auto()
    Malfunction = auto()
    GenerateKey = auto()
    SecuritySession = auto()
    InvalidCompany = auto()
    AccountDisabled = auto()
    BadAccountInfo = auto()
    PublicKeyMissing = auto()
    TradeTimeout = auto()
    TradeBadPrices = auto()
    TradeBadStops = auto()
    TradeBadVolume = auto()
    TradeMarketClosed = auto()
    TradeDisable = auto()
    TradeNoMoney = auto()
    TradePriceChanged = auto()
    TradeOffquotes = auto()
    TradeBrokerBusy = auto()
    TradeRequote = auto()
    TradeOrderLocked = auto()
    TradeLongOnly = auto()
    TradeTooManyReq = auto()
    TradeAccepted = auto()
    TradeProcess = auto()
    TradeUserCancel = auto()
    TradeModifyDenied = auto()
    TradeContextBusy = auto()
    TradeExpirationDenied = auto()
    TradeTooManyOrders = auto()
    TradeHedgeProhibited = auto()
    TradeProhibitedByFIFO = auto()
    UnhandledException = auto()


NOT_STARTED = "not-started"
TIMEOUT = "timeout"
UNKNOWN = "unknown"
IN_PROGRESS = "in-progress"
"""What the header X-Request-Outcome says."""


class Failure(Exception):
    """The call is not done. Raised anywhere below the frame, which turns it into an answer.

    `code` None: the trade server refused; the surface says whether that is `MT4Error` or `MT5Error`. `data`: JSON that
    comes along, where one is published.
    """

    def __init__(
        self,
        code: ErrorCode | None,
        message: str,
        *,
        manager: ResultCode | None = None,
        outcome: str = "",
        data: bytes = b"null",
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.manager = manager
        self.outcome = outcome
        self.data = data


def invalid(field: str, reason: str) -> Failure:
    """`field` as published: "leverage"; `reason` goes on from there: "must be above 0"."""
    return Failure(ErrorCode.Validation, f"{field}: {reason}" if field else reason)


def not_found(what: str) -> Failure:
    """Absent, or not the caller's: on purpose the same."""
    return Failure(ErrorCode.NotFound, f"There is no such {what}")


def forbidden(permission: str) -> Failure:
    return Failure(ErrorCode.Forbidden, f"The caller does not have the permission {permission}")


def no_connection(reason: str = "The trade platform is not connected") -> Failure:
    return Failure(ErrorCode.NoConnect, reason, manager=ResultCode.NoConnect, outcome=NOT_STARTED)


def busy(reason: str = "The trade platform has too much to do; the call was not sent") -> Failure:
    return Failure(ErrorCode.Busy, reason, outcome=NOT_STARTED)


def timed_out() -> Failure:
    return Failure(ErrorCode.Timeout, "The answer took longer than the deadline; nothing was changed", outcome=TIMEOUT)


def outcome_unknown() -> Failure:
    message = "The call may have been done; ask again with the same Idempotency-Key"
    return Failure(ErrorCode.OutcomeUnknown, message, outcome=UNKNOWN)


def in_progress() -> Failure:
    message = "A call with this Idempotency-Key is under way; this one was not done"
    return Failure(ErrorCode.OutcomeUnknown, message, outcome=IN_PROGRESS)


def internal(message: str = "The call failed") -> Failure:
    return Failure(ErrorCode.Internal, message)


def unsupported(reason: str) -> Failure:
    """What this trade server does not have, and why."""
    return Failure(None, reason, manager=ResultCode.NotEnoughRights)


R = ResultCode

_RESULTS: Mapping[Refusal, ResultCode] = {
    Refusal.NOT_PERMITTED: R.NotEnoughRights,
    Refusal.TOO_MANY_REQUESTS: R.TooFrequent,
    Refusal.LOGIN_DISABLED: R.AccountDisabled,
    Refusal.TRADING_DISABLED: R.TradeDisable,
    Refusal.CLOSE_ONLY_ACCOUNT: R.TradeDisable,
    Refusal.SYMBOL_NOT_IN_GROUP: R.TradeDisable,
    Refusal.SYMBOL_DISABLED: R.TradeDisable,
    Refusal.SYMBOL_CLOSE_ONLY: R.TradeDisable,
    Refusal.SYMBOL_LONG_ONLY: R.TradeLongOnly,
    Refusal.SYMBOL_SHORT_ONLY: R.TradeDisable,
    Refusal.MARKET_CLOSED: R.TradeMarketClosed,
    Refusal.NO_QUOTE: R.TradeOffquotes,
    Refusal.NO_CONVERSION_RATE: R.TradeOffquotes,
    Refusal.PRICE_MOVED: R.TradePriceChanged,
    Refusal.POSITION_IN_FLIGHT: R.TradeOrderLocked,
    Refusal.VOLUME_TOO_SMALL: R.TradeBadVolume,
    Refusal.VOLUME_TOO_LARGE: R.TradeBadVolume,
    Refusal.VOLUME_OFF_STEP: R.TradeBadVolume,
    Refusal.VOLUME_ABOVE_POSITION: R.TradeBadVolume,
    Refusal.VOLUME_LIMIT: R.TradeBadVolume,
    Refusal.PRICE_MISSING: R.TradeBadPrices,
    Refusal.PRICE_WRONG_SIDE: R.TradeBadPrices,
    Refusal.PRICE_TOO_NEAR: R.TradeBadStops,
    Refusal.STOP_LOSS_WRONG_SIDE: R.TradeBadStops,
    Refusal.TAKE_PROFIT_WRONG_SIDE: R.TradeBadStops,
    Refusal.STOP_TOO_NEAR: R.TradeBadStops,
    Refusal.FROZEN: R.TradeModifyDenied,
    Refusal.EXPIRY_IN_PAST: R.TradeExpirationDenied,
    Refusal.NOTHING_TO_CHANGE: R.OkNone,
    Refusal.HEDGING_ONLY: R.TradeHedgeProhibited,
    Refusal.TOO_MANY_ORDERS: R.TradeTooManyOrders,
    Refusal.PRICE_OFF_TICK: R.TradeBadPrices,
    Refusal.NOT_ENOUGH_MONEY: R.TradeNoMoney,
    Refusal.NOT_ENOUGH_FREE_MARGIN: R.TradeNoMoney,
    Refusal.NOT_ENOUGH_CREDIT: R.TradeNoMoney,
    Refusal.VENUE_REJECTED: R.TradeOffquotes,
}
"""The result code of each refusal by the engine; of all others it is `InvalidData`."""

_ABSENT: Mapping[Refusal, str] = {
    Refusal.UNKNOWN_ACCOUNT: "account",
    Refusal.UNKNOWN_SYMBOL: "symbol",
    Refusal.UNKNOWN_ORDER: "order",
    Refusal.UNKNOWN_POSITION: "position",
    Refusal.UNKNOWN_GROUP: "group",
    Refusal.NOT_FOUND: "thing",
}


def failure_of(refused: Refused) -> Failure:
    """Return what an engine's refusal is here."""
    code = refused.code
    if code == Refusal.KEY_REUSED:
        return invalid("Idempotency-Key", "was used for another call")
    if code in _ABSENT:
        return not_found(_ABSENT[code])
    title = PROBLEMS[code].title
    message = f"{title}: {refused.detail}" if refused.detail else title
    return Failure(None, message, manager=_RESULTS.get(code, R.InvalidData))
