"""What a company needs on its trade platform before anybody can copy there: a stream for its deals, and its terms.

Companies are made in the control database, by the console or by other companies, and the platform learns of them when it
starts, or when their first wallet is opened.
"""

from prorata.control.companies import Company
from prorata.messages.commands import Command
from prorata.messages.copy_commands import PutCopySpec, PutStream
from prorata.messages.copy_terms import EQUITY_MAX, CopySpec, StreamSpec
from prorata.messages.events import Refused
from prorata.rest.own.session import Platform
from prorata.rest.ramm.call import asked_of
from prorata.rest.ramm.errors import failure_of
from prorata.units.numbers import Minor

FIRST_STREAM = StreamSpec(id=1, name="Hedge")
_CALLER = "company"


async def put_terms(platform: Platform, company: Company) -> None:
    """Let a company copy in its currency: with its least balances, through the first stream, A-book 100 %.

    What is there already stays as it is: terms that were changed since are never put back. Raises `Failure`.
    """
    state = platform.writer.engine.copy.state
    if f"{company.id}/{company.currency}" in state.specs:
        return
    if FIRST_STREAM.id not in state.streams:
        await _put(platform, PutStream(FIRST_STREAM))
    spec = CopySpec(
        company=company.id,
        currency=company.currency,
        investor_min=_within(company.account_min_balance),
        trader_min=_within(company.security_min_balance),
    )
    await _put(platform, PutCopySpec(spec))


def _within(least: Minor) -> Minor:
    """Return a least balance that the engine can keep: above nothing, and no more than anybody can have."""
    return min(max(least, 1), EQUITY_MAX)


async def _put(platform: Platform, command: Command) -> None:
    answer = await asked_of(platform, command, caller=_CALLER)
    first = answer.events[0] if answer.events else None
    if isinstance(first, Refused):
        raise failure_of(first.code)
