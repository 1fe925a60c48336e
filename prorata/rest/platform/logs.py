"""What the platform logs are told of calls: who, with which program, and how it came out."""

from typing import Any

from prorata.crm.accounts import CrmAccount
from prorata.crm.platform_logs import Client, LogEntry, LogEvent, LogLevel
from prorata.rest.asgi import Headers
from prorata.rest.broker.dealing import Traded, TradeStatus
from prorata.rest.broker.trade_values import ticket_of
from prorata.rest.platform.call import AccountCall, DoorCall
from prorata.views.answers import Rejected

HEADERS = {
    "browser_id": b"x-browser-id", "user_agent": b"user-agent", "app_version": b"x-app-version", "app_type": b"x-app-type",
    "device_type": b"x-device-type", "app_resolution": b"x-app-resolution", "view": b"x-view",
}  # fmt: skip
"""What a front end may tell of itself. Where somebody is (country) nobody tells us."""
TEXT_MAX = 256


def client_of(headers: Headers, address: str) -> Client:
    told = {name: _printable(headers.get(header, b"")) for name, header in HEADERS.items()}
    return Client(client_ip=address, **told)


def note_of_person(call: DoorCall, account: CrmAccount, event: LogEvent, details: str = "") -> None:
    """Note what somebody did at the door."""
    _note(
        call, organization_id=account.organization_id, account_id=account.id, event=event, details=details,
        level=LogLevel.WARN if event == LogEvent.LOGIN_FAILED else LogLevel.INFO,
    )  # fmt: skip


def note_trade(call: AccountCall, event: LogEvent, given: Any, outcome: Traded | Rejected) -> None:
    """Note a call that wanted something of the trade platform, and what became of it."""
    done, ticket = False, 0
    if isinstance(outcome, Rejected):
        details = outcome.code.name
    else:
        done, details = outcome.status == TradeStatus.OK, outcome.native_code or outcome.status.value
        ticket = ticket_of(outcome.order_id, "orderId") if outcome.order_id else 0
    _note(
        call, organization_id=call.signed_in.company_id, account_id=call.signed_in.person_id, login=call.access.login,
        platform_uuid=call.access.platform_uuid, event=event, level=LogLevel.INFO if done else LogLevel.WARN,
        details=details, symbol=getattr(given, "instrument", None) or "", ticket=ticket,
    )  # fmt: skip


def _note(call: DoorCall, **said: Any) -> None:
    crm = call.house.crm
    crm.platform_logs.note(LogEntry(at=call.house.control.database.now(), client=call.client, **said))


def _printable(text: bytes) -> str:
    return "".join(letter for letter in text.decode("latin-1")[:TEXT_MAX] if letter.isprintable())
