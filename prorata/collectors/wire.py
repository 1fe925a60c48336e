"""Messages of the Trading API as JSON, and what its answers mean. Amounts are exact decimal numbers."""

from decimal import Decimal
from typing import Any, TypeGuard

import msgspec

from prorata.collectors.behaviour import (
    Accepted,
    Answer,
    Declined,
    Heartbeat,
    Info,
    Message,
    Signal,
    Sync,
    Target,
    Unclear,
)
from prorata.units.decimals import format_decimal, format_short
from prorata.units.numbers import VOLUME_DIGITS, Minor

PATH = "/api/trading/v1/signals.send"
METHOD = "signals.send"
BALANCE = "Balance"
TEXT_MAX = 200
AMOUNT_DIGITS = 18

_encoder = msgspec.json.Encoder()


def address_of(address: str) -> str:
    """Return where to post: a server's address is completed, one that names the method is taken as it is."""
    bare = address.strip().rstrip("/")
    return bare if bare.lower().endswith(METHOD) else bare + PATH


def encode(message: Message) -> bytes:
    match message:
        case Heartbeat():
            return _encoder.encode({"Type": 0, "GetInfo": True})
        case Signal():
            return _encoder.encode({"Type": 1, **_signal(message.target, message.equity_usd)})
        case Sync():
            targets = (target for _, target in sorted(message.reading.targets.items()))
            body: dict[str, Any] = {
                "Type": 3 if message.hard else 2,
                "Signals": [_signal(target, message.reading.equity_usd) for target in targets],
            }
            if message.balance:
                body["Ticket"] = BALANCE
            return _encoder.encode(body)


def _signal(target: Target, equity_usd: Minor) -> dict[str, Any]:
    return {
        "Symbol": target.symbol,
        "Lot": _number(format_short(target.lot, VOLUME_DIGITS, 0)),
        "Equity": _number(format_decimal(equity_usd, 2)),
        "Ticket": target.ticket,
        "Comment": "",
    }


def _number(text: str) -> msgspec.Raw:
    """Return decimal text as a JSON number, place for place."""
    return msgspec.Raw(text.encode())


class _App(msgspec.Struct):
    UpdateImportance: int | None = None


class _Strategy(msgspec.Struct):
    Status: int | None = None
    NeedSync: int | bool | None = None


class _Account(msgspec.Struct):
    Equity: Decimal | None = None
    ProfitBase: Decimal | None = None


class _Greeting(msgspec.Struct):
    App: _App | None = None
    Strategy: _Strategy | None = None
    Account: _Account | None = None


_greeting = msgspec.json.Decoder(_Greeting)
_object = msgspec.json.Decoder(dict[str, Any])


def decode(message: Message, status: int, body: bytes) -> Answer:
    """Return what the server's answer to `message` means. A body may be empty, but for a heartbeat's."""
    if 400 <= status < 500:
        return Declined(status, f"HTTP {status}{_error_text(body)}")
    if not 200 <= status < 300:
        return Unclear(f"HTTP {status}{_error_text(body)}")
    try:
        if isinstance(message, Heartbeat):
            return Accepted(_info(_greeting.decode(body)))
        if body.strip():
            _object.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unclear("an answer that is no JSON of the Trading API")
    return Accepted()


def _info(greeting: _Greeting) -> Info:
    app, strategy, account = greeting.App or _App(), greeting.Strategy or _Strategy(), greeting.Account or _Account()
    profit = None
    equity, base = account.Equity, account.ProfitBase
    if _is_amount(equity) and _is_amount(base):
        profit = f"{equity - base:.2f}"
    return Info(app.UpdateImportance or 0, strategy.Status, int(strategy.NeedSync or 0), profit)


def _is_amount(number: Decimal | None) -> TypeGuard[Decimal]:
    return number is not None and number.is_finite() and number.adjusted() <= AMOUNT_DIGITS


def _error_text(body: bytes) -> str:
    """Return what an error's JSON says, after a colon; "" if it says nothing that can be read."""
    try:
        found = _object.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    error = found.get("error", found.get("Error"))
    if not isinstance(error, dict):
        return ""
    words = [str(error[name]) for name in ("code", "Code", "message", "Message") if error.get(name)]
    return f": {' '.join(words)[:TEXT_MAX]}" if words else ""
