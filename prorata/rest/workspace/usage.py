"""What an organization's API clients have used in a month, and what it costs."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter
from msgspec import Meta

from prorata.access.permissions import Permission
from prorata.control.usage.meter import month_of
from prorata.control.usage.tariff import Tariff, cost_of
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.permitted import Granted, needs
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.views.answers import Rejected

FIRST_YEAR = 2020

MonthText = Annotated[str | None, QueryParameter(max_length=7, description="as 2026-11; left out: the month that is now, UTC")]


class ClientUsageView(msgspec.Struct, frozen=True, kw_only=True):
    client_id: str
    name: str
    calls: int
    events: int


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """Up to `to` (null: without end) a thousand cost `per_thousand`."""

    to: int | None
    per_thousand: Annotated[str, Meta(examples=["1.00"])]


class TariffView(msgspec.Struct, frozen=True, kw_only=True):
    """`free`: of all clients together. The steps count the free ones as well; without any everything is free."""

    free: int
    steps: tuple[StepView, ...]


class UsageView(msgspec.Struct, frozen=True, kw_only=True):
    """`amount`: what all clients together cost in the month, so far if it is not over."""

    month: str
    currency: str
    calls: int
    events: int
    amount: str
    clients: tuple[ClientUsageView, ...]
    calls_tariff: TariffView
    events_tariff: TariffView


class UsageOfClients(Controller):
    path = "/organizations/{organization:str}/usage"
    tags = ("Usage",)

    @get("/", summary="Show what API clients have used", guards=[needs(Permission.USAGE_READ)])
    async def show(self, call: AnyCall, caller: SignedIn, grant: Granted, month: MonthText = None) -> UsageView:
        """Calls and real-time events are counted within seconds."""
        number = month_of(call.now()) if month is None else _read_month(month)
        used = await call.sql(call.control.usage.of_month, grant.organization_id, number)
        tariffs = call.workspace.tariffs
        digits = CURRENCY_DIGITS[tariffs.currency]
        calls, events = sum(one.calls for one in used), sum(one.events for one in used)
        return UsageView(
            month=f"{number // 100:04}-{number % 100:02}",
            currency=tariffs.currency,
            calls=calls,
            events=events,
            amount=format_decimal(cost_of(calls, tariffs.calls) + cost_of(events, tariffs.events), digits),
            clients=tuple(ClientUsageView(**msgspec.structs.asdict(one)) for one in used),
            calls_tariff=_tariff_view(tariffs.calls, digits),
            events_tariff=_tariff_view(tariffs.events, digits),
        )


def _read_month(text: str) -> int:
    try:
        day = datetime.strptime(f"{text}-01", "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Rejected(Refusal.MALFORMED, "month: expected one such as 2026-11") from None
    if day.year < FIRST_YEAR:
        raise Rejected(Refusal.OUT_OF_RANGE, f"month: nothing was counted before {FIRST_YEAR}")
    return day.year * 100 + day.month


def _tariff_view(tariff: Tariff, digits: int) -> TariffView:
    steps = tuple(StepView(to=step.to, per_thousand=format_decimal(step.per_thousand, digits)) for step in tariff.steps)
    return TariffView(free=tariff.free, steps=steps)
