"""Groups as both surfaces see them: the engine's terms, and what is kept beside it for those who read them.

What the engine has no equivalent of stands in the records as it is for every group here; asked to be anything else, it is
refused by name, so that nobody believes in a setting that does nothing.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import msgspec

from prorata.messages.commands import PutGroup
from prorata.messages.groups import Commission, CommissionType, GroupSpec, Level, LevelType
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid, not_found
from prorata.rest.webapi.merging import check_granted
from prorata.rest.webapi.mt4.stored import StoredList
from prorata.rest.webapi.schemas.kinds import Record
from prorata.rest.webapi.values import decimal_of, money_of, whole_of
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX

TEXT_LENGTH_MAX = 256
PERCENT_DIGITS = 2
_RATE_DIGITS = 4
_MILLION_DIGITS = 6
_PERCENT = 2

RecordType = TypeVar("RecordType", bound=Record)


class GroupLook(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept about a group beside the engine: what its clients are told of the company."""

    group: str
    company: str = ""
    company_page: str = ""
    company_email: str = ""
    support_page: str = ""
    support_email: str = ""
    deposit_page: str = ""
    withdrawal_page: str = ""
    signature: str = ""


Shown = Callable[[GroupSpec, GroupLook], RecordType]

_LOOKS = StoredList("group looks", GroupLook)


def spec_of(call: Call, group: str) -> GroupSpec:
    """Return a group's terms; case matters. Raises `Failure`."""
    spec = call.state.groups.get(group)
    if spec is None:
        raise not_found("group")
    return spec


def look_of(call: Call, group: str) -> GroupLook:
    return next((look for look in _LOOKS.of(call) if look.group == group), GroupLook(group=group))


async def put_group(
    call: Call,
    before: tuple[GroupSpec, GroupLook],
    after: tuple[GroupSpec, GroupLook],
    record_of: Callable[[GroupSpec, GroupLook], RecordType],
    wanted: RecordType,
    reasons: dict[str, str],
) -> RecordType:
    """Make a group as it is wanted, and return its record. Raises `Failure` naming the field that cannot be so."""
    check_granted(record_of(*before), wanted, record_of(*after), reasons)
    _check_look(after[1])
    if after[0] != before[0]:
        await call.submit(PutGroup(after[0]))
    if after[1] != before[1]:
        await _put_look(call, after[1])
    now = record_of(spec_of(call, after[0].name), look_of(call, after[0].name))
    call.tell(record_of(*before), now)
    return now


def _check_look(look: GroupLook) -> None:
    for name, text in msgspec.structs.asdict(look).items():
        if len(text) > TEXT_LENGTH_MAX or not text.isprintable():
            raise invalid(name.replace("_", " "), f"must have at most {TEXT_LENGTH_MAX} printable characters")


async def _put_look(call: Call, look: GroupLook) -> None:
    def put(looks: list[GroupLook]) -> list[GroupLook]:
        return [*(one for one in looks if one.group != look.group), look]

    await _LOOKS.change(call, put)


# Levels and commissions.


def level_shown(level: Level, currency: str) -> Decimal:
    """Return a level in percent or in money; 0 for none."""
    if level.type == LevelType.OFF:
        return Decimal(0)
    return decimal_of(level.value, CURRENCY_DIGITS[currency] if level.type == LevelType.MONEY else PERCENT_DIGITS)


def level_of(value: Decimal, currency: str, field: str, *, in_money: bool) -> Level:
    """Return the level of a percentage or an amount; 0 is none. Raises `Failure`."""
    if not value:
        return Level(LevelType.OFF, 0)
    if in_money:
        return Level(LevelType.MONEY, money_of(value, CURRENCY_DIGITS[currency], field))
    return Level(LevelType.PERCENT, whole_of(value, PERCENT_DIGITS, field, most=MONEY_MAX))


def is_in_money(spec: GroupSpec) -> bool:
    """Say whether a group's levels are amounts: that of its stop-out decides, then that of its margin call."""
    decisive = spec.stop_out if spec.stop_out.type != LevelType.OFF else spec.margin_call
    return decisive.type == LevelType.MONEY


def commission_shown(commission: Commission, currency: str) -> Decimal:
    """Return a commission's rate: money for each lot or deal, or percent of the turnover."""
    digits = CURRENCY_DIGITS[currency]
    if commission.type == CommissionType.PERCENT:
        return decimal_of(commission.rate, _RATE_DIGITS)
    if commission.type == CommissionType.PER_MILLION:
        return decimal_of(commission.rate, digits + _MILLION_DIGITS - _PERCENT)
    return decimal_of(commission.rate, digits)
