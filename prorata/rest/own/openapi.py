"""The description of the own API, and the pages of problems."""

from html import escape
from typing import Any

from litestar.handlers import HTTPRouteHandler

from prorata.access.callers import scopes_with
from prorata.access.permissions import Permission
from prorata.messages.refusals import Refusal
from prorata.rest.description import Access, Schema, Surface, page_of
from prorata.rest.own.copying.examples import COPY_EXAMPLES, COPY_SHOWN
from prorata.views.answers import STATUS
from prorata.views.problems import PROBLEMS

INTRODUCTION = """Amounts, prices and volumes (in lots) are decimal strings, distances whole points, times RFC 3339 in UTC.

Sign in with `Authorization: Bearer prk_...`. A key belongs to one trade platform and has scopes: `read`, `trade`,
`dealer`, `admin`; each is separate, and `admin` includes all. A key may be bound to single accounts; any other
account answers as if it did not exist.

An access token of scope `api` (docs/identity.md) is taken as well, for what its permissions say; the header
`Prorata-Platform` names the trade platform by its uuid, unless there is only one that it reaches.

Every change takes an `Idempotency-Key`: the same call repeated with the same key gives the first answer and does
nothing again. A change that is answered is done and durable; a refused one has changed nothing.

Whatever is refused is answered with a problem (RFC 9457) whose `code` never changes its meaning: see `/problems`.
Lists come in parts; `next_cursor` asks for what follows. Orders and positions are found under their account.

Copy trading (wallets, strategies, offers, investments, signals) needs a key that reaches all accounts; any key with
scope `read` sees the public strategies."""

EXAMPLES: dict[str, Any] = COPY_EXAMPLES | {
    "account": "house/swap", "access": "full", "amount": "500.00", "ask": "1.10013", "at": "2030-01-31T09:30:00.120Z",
    "average_price": "1.10000", "balance": "10000.00", "base": "EUR", "bid": "1.09998", "by_ticket": 18,
    "category": "Forex/Majors",
    "changed_at": "2030-01-31T09:45:00.000Z", "close": "1.10021", "code": 3010, "commission": "-0.70", "contract_size": 100_000,
    "credit": "0.00", "currency": "USD", "current_price": "1.10021", "cursor": None, "day": "2030-01-31", "deal": 42,
    "debit": "bank", "demo": True, "difference": "0.50", "digits": 5, "equity": "10004.10", "entry": "in", "event": "deal",
    "external_id": "bank-20300131-1", "filled": "0.00", "floating": "4.80", "found_at": "2030-01-31T09:30:00.000Z",
    "free_margin": "9894.08", "group": "standard", "hedged_volume": "0.50", "high": "1.10040", "house_volume": "-0.50",
    "instance": "/api/v1/orders", "leverage": 100, "line": "110.02", "login": 1001, "long_volume": "1.50", "low": "1.09970",
    "margin": "110.02", "margin_level": "9093.00", "name": "EURUSD", "net_volume": "1.00", "next_cursor": "MTAwMS4xNw",
    "notional": "110000.00", "open": "1.10000", "open_price": "1.10013", "opened_at": "2030-01-31T09:30:00.120Z",
    "opens": "2030-01-31T09:30:00.000Z", "operation": 7, "order": 17, "ours": "0.50", "placed_at": "2030-01-31T09:30:00.120Z",
    "platform": "live", "position": 17, "position_volume": "0.10", "price": "1.10013", "profit": "0.80",
    "profit_currency": "USD",
    "created_at": "2030-01-31T09:30:00.000Z", "id": "k3v7qzha", "milliseconds": 31, "order_key": "strategy/12",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "uuid": "882e6c23-5ca0-54d6-86b9-35bc12d9dd91",
    "url": "https://crm.example.com/hooks/ramm",
    "margin_currency": "EUR", "quote": "USD", "reference": 42, "request_id": "5f2c11aa-1", "reserved": "0.00",
    "results_hash": "9f86d081884c7d659a2feaa0c55ad015", "rule": "largest loss first", "seq": 317, "sequence": 317,
    "number": 120,
    "short_volume": "0.50", "side": "buy", "stop_loss": "1.09500", "swap": "0.00", "symbol": "EURUSD", "take_profit": "1.11000",
    "theirs": "1.00", "ticket": 17, "topic": "deal",
    "time": "2030-01-31T09:30:00.120Z", "timestamp_ms": 1_896_082_200_120, "total": "0.00",
    "venue": "simulated", "volume": "0.10", "volume_closing": "0.00", "volume_limit": "0.00", "volume_max": "100.00",
    "volume_min": "0.01", "volume_step": "0.01",
}  # fmt: skip
"""Values for fields by their name, so that every operation is shown with figures that a desk would see."""


SHOWN = COPY_SHOWN | {
    "Outcome": ("number", "at", "repeated", "ticket", "events"),
    "AccountCloseAll": ("symbol",),
    "NewOrder": ("login", "symbol", "side", "volume", "price", "deviation_points", "stop_loss", "take_profit"),
}
"""Which fields an example has, where those that are required and those that have an example value would not do."""


_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Repeated with the same call it gives the first answer; with another call it is refused. Kept for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    "example": "order-20300131-0001",
}


def _access_of(handler: HTTPRouteHandler) -> Access:
    return Access(f"Needs scope {' or '.join(scopes_with(needed_by(handler)))}.", ("key",))


def needed_by(handler: HTTPRouteHandler) -> Permission:
    """Return the permission that an operation needs."""
    (needed,) = {guard.needed for guard in handler.resolve_guards() if hasattr(guard, "needed")}
    return Permission(needed)


SURFACE = Surface(
    introduction=INTRODUCTION,
    schemes={"key": {"type": "http", "scheme": "bearer", "bearerFormat": "prk_<id>_<secret>, or a JWT"}},
    access_of=_access_of,
    examples=EXAMPLES,
    shown=SHOWN,
    refused=(Refusal.PRICE_MOVED, "/api/v1/orders"),
    parameters={"IdempotencyKey": _IDEMPOTENCY_KEY},
)


def problems_page() -> str:
    """Return the list of all refusals."""
    rows = "".join(
        f'<tr><td><a href="/problems/{code.value}">{code.value}</a></td><td><code>{code.name}</code></td>'
        f"<td>{STATUS[code].value}</td><td>{escape(PROBLEMS[code].title)}</td></tr>"
        for code in sorted(Refusal)
    )
    return page_of("Problems", f"<table><tr><th>code</th><th>refusal</th><th>HTTP</th><th></th></tr>{rows}</table>")


def problem_page(code: Refusal) -> str:
    """Return what one refusal means."""
    text = PROBLEMS[code]
    repeat = "The same call may succeed later." if text.retryable else "Repeating the same call changes nothing."
    facts = f"<p><code>{code.name}</code> · {code.value} · HTTP {STATUS[code].value}</p>"
    return page_of(f"{code.value}: {text.title}", f"{facts}<p>{escape(text.meaning)}</p><p>{repeat}</p>")
