"""How clients' wishes become commands: exact numbers in, and a refusal said in terms of the field that was wrong."""

from http import HTTPStatus

from prorata.messages.commands import Command
from prorata.messages.copy_events import CommandTaken
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, Failure, failure_of, invalid_input
from prorata.rest.ramm.values import Real, units_of
from prorata.server.writer import Answer
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import PPM, Minor

FACTOR_DIGITS = 2
LIMIT_DIGITS = 3
"""decimal places of protection and target"""
FEE_DIGITS = 2
_PPM_OF_LIMIT: int = PPM // 10**LIMIT_DIGITS
_PPM_OF_FEE: int = PPM // 10**FEE_DIGITS
_PAYMENT = HTTPStatus.PAYMENT_REQUIRED

_FIELDS: dict[Refusal, tuple[str, str]] = {
    Refusal.NAME_INVALID: ("Name", "1 to 50 Latin letters, digits, spaces or . , ! ? _"),
    Refusal.NAME_TAKEN: ("Name", "another strategy has or had this name"),
    Refusal.FACTOR_OUT_OF_RANGE: ("Factor", "-1000 to -0.01 or 0.01 to 1000; 1 on a trader's own account"),
    Refusal.PROTECTION_OUT_OF_RANGE: ("Protection", "0 or more and below 1"),
    Refusal.TARGET_OUT_OF_RANGE: ("Target", "more than 0, or none"),
    Refusal.SHARE_OUT_OF_RANGE: ("FeeRate", "0 to 1, and a commission of 0 or more"),
}
"""which field each refusal concerns, and what may be in it"""


async def done(call: Call, command: Command, *, money: str = "Amount") -> Answer:
    """Have a command done. `money`: the field that an amount came in. Raises `Failure` or `Absent`."""
    answer = await call.ask(command)
    first = answer.events[0] if answer.events else None
    if isinstance(first, Refused):
        raise said(first.code, money)
    return answer


def said(code: Refusal, money: str) -> Failure | Absent:
    """Return a refusal in terms of the field that was wrong. `money`: the field that an amount came in."""
    if code in _FIELDS:
        field, reason = _FIELDS[code]
        return invalid_input(field, reason)
    match code:
        case Refusal.AMOUNT_NOT_POSITIVE:
            return invalid_input(money, "expected more than 0")
        case Refusal.AMOUNT_TOO_LARGE:
            return invalid_input(money, "too large")
        case Refusal.BELOW_LEAST_BALANCE:
            return invalid_input(money, "below the minimum balance")
        case Refusal.NOT_ENOUGH_MONEY:
            return invalid_input(money, "more than the balance of the wallet", status=_PAYMENT)
        case Refusal.ABOVE_WITHDRAWABLE:
            return invalid_input(money, "more than AvailableToWithdraw", status=_PAYMENT)
        case _:
            return failure_of(code)


def command_of(answer: Answer) -> int:
    """Return the number under which a change is followed."""
    return next(event.command for event in answer.events if isinstance(event, CommandTaken))


# Numbers, exactly.


def money_in(call: Call, amount: Real, field: str) -> Minor:
    return units_of(amount, CURRENCY_DIGITS[call.company.currency], field)


def factor_in(factor: Real) -> int:
    return units_of(factor, FACTOR_DIGITS, "Factor")


def protection_in(protection: Real) -> int:
    return units_of(protection, LIMIT_DIGITS, "Protection") * _PPM_OF_LIMIT


def target_in(target: Real | None) -> int:
    """Return a target; none, and 0 as the vendor's client sends it, is no target."""
    return 0 if target is None else units_of(target, LIMIT_DIGITS, "Target") * _PPM_OF_LIMIT


def fee_in(rate: Real, field: str = "FeeRate") -> int:
    """Return a fee rate of 0 to 1 in parts in a million."""
    ppm = units_of(rate, FEE_DIGITS, field) * _PPM_OF_FEE
    if not 0 <= ppm <= PPM:
        raise invalid_input(field, "expected 0 to 1")
    return ppm


def commission_in(call: Call, rate: Real, field: str = "CommissionRate") -> Minor:
    """Return a turnover commission, which is said in whole currency for a million of turnover."""
    if rate < 0:
        raise invalid_input(field, "expected 0 or more")
    return money_in(call, rate, field)
