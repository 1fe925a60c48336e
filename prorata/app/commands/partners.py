"""`partners verify`: that what introducing brokers have earned is what they were paid and are still owed."""

from pathlib import Path

import msgspec
import typer

from prorata.app.commands.common import say, settings_of
from prorata.app.exit_codes import NOT_SOUND
from prorata.app.opening import opened_control
from prorata.crm.partners.reports import Reports, Standing
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal


class CheckedPartners(msgspec.Struct, frozen=True, kw_only=True):
    """`checked`: trading accounts on which introducing brokers are paid; `bad`: numbers of those whose sums do not come out."""

    sound: bool
    checked: int
    bad: list[int]


def verify(file: Path | None, data: Path | None, as_json: bool) -> None:
    """Check the sums of all introducing brokers of all organizations, and tell of those that do not come out."""
    with opened_control(settings_of(file, data)) as control:
        control.database.create_tables()
        standings = Reports(control.database).standings()
    bad = [standing for standing in standings if not standing.holds]
    words = (
        "\n".join(_told(standing) for standing in bad) or f"all sums come out: {len(standings)} accounts of introducing brokers"
    )
    checked = CheckedPartners(sound=not bad, checked=len(standings), bad=[standing.login for standing in bad])
    say(checked, as_json=as_json, words=words)
    if bad:
        raise typer.Exit(NOT_SOUND)


def _told(standing: Standing) -> str:
    names = ("earned", "reversed", "paid", "unpaid", "booked")
    digits = CURRENCY_DIGITS[standing.currency]
    amounts = ", ".join(f"{name} {format_decimal(getattr(standing, name), digits)}" for name in names)
    return f"{standing.login} in {standing.currency}: {amounts}"
