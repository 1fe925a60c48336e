"""What the company demands of strategies and investments."""

from decimal import Decimal

import msgspec

from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.reach import copy_of
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.values import real_of
from prorata.units.currency import CURRENCY_DIGITS


class AccountSpecification(msgspec.Struct, frozen=True):
    AvailableCurrency: str
    MinBalance: Decimal


class StrategySpecification(msgspec.Struct, frozen=True):
    MinAmountToCreate: Decimal


class Specification(msgspec.Struct, frozen=True):
    Account: AccountSpecification
    Strategy: StrategySpecification


@CLIENT.method("platform.getSpecification", reads=True)
async def platform_get_specification(call: Call) -> Specification:
    """The least that an investment and a strategy need."""
    company = call.company
    digits = CURRENCY_DIGITS[company.currency]
    spec = copy_of(call).state.specs.get(f"{company.id}/{company.currency}")
    # Before anybody has a wallet the platform does not know the company's terms yet.
    account = company.account_min_balance if spec is None else spec.investor_min
    security = company.security_min_balance if spec is None else spec.trader_min
    return Specification(
        AccountSpecification(company.currency, real_of(account, digits)), StrategySpecification(real_of(security, digits))
    )
