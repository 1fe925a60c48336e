"""What is derived must not decide: a machine that is built anew from the state derives the same, and does the same."""

from prorata.copying.desk import CopyDesk
from prorata.messages.batch import Batch
from prorata.server.machine import Machine
from prorata.sim.claims import must
from prorata.trading import checks
from prorata.trading.desk import Desk
from prorata.trading.markets import Market

_INDEXES = (
    "names", "links", "wallet_of", "postfixes", "sources", "investors", "investments_of", "unsynced", "demands", "settled",
)  # fmt: skip
_WAITING = ("bid_falls", "bid_rises", "ask_falls", "ask_rises")


class Twin:
    """A machine that is built anew from the state of another between two batches, and applies the second one, too."""

    def __init__(self, machine: Machine) -> None:
        self._anew = Machine.load(machine.save())
        _check_copying(machine.engine.copy, self._anew.engine.copy)
        _check_trading(machine.engine.desk, self._anew.engine.desk)

    def check(self, machine: Machine, batch: Batch) -> None:
        """Compare after `machine` has applied a batch."""
        _, events, _ = self._anew.apply(batch)
        same = self._anew.results_hash == machine.results_hash and self._anew.state_hash() == machine.state_hash()
        must(same, "a machine built anew from the state does the same", "batch", batch.number, "anew", *events)


def _check_copying(copy: CopyDesk, anew: CopyDesk) -> None:
    for name in _INDEXES:
        ours, theirs = getattr(copy, name), getattr(anew, name)
        must(ours == theirs, "an index is that of the state", name, ours, theirs)
    must(_held(copy) == _held(anew), "quotes reach the strategies that they concern", _held(copy), _held(anew))


def _held(copy: CopyDesk) -> dict[str, list[int]]:
    return {symbol: sorted(strategies) for symbol, strategies in copy.holders.items() if strategies}


def _check_trading(desk: Desk, anew: Desk) -> None:
    must(desk.in_flight == anew.in_flight, "orders in flight are those of the state", desk.in_flight, anew.in_flight)
    must(desk.elsewhere == anew.elsewhere, "requests under way are those of the state", desk.elsewhere, anew.elsewhere)
    must(not desk.uneasy, "no account is left to be valued", desk.uneasy)
    must(_ways(desk) == _ways(anew), "money is converted as the state says", _ways(desk), _ways(anew))
    must(set(desk.due) >= set(anew.due), "every moment is waited for", anew.due)
    for name, market in anew.markets.items():
        for heap in _WAITING:
            for price, ticket, login in set(getattr(market, heap)) - set(getattr(desk.markets[name], heap)):
                must(_is_closing(desk, ticket, login), "every price is waited for", name, heap, price, ticket, login)
        missing = _guards_of(market) - _guards_of(desk.markets[name])
        must(not missing, "every edge of a guard is waited for", name, missing)


def _ways(desk: Desk) -> dict[tuple[str, str], tuple[str, ...]]:
    return {pair: route.names for pair, route in desk.routes.items() if route is not None}


def _guards_of(market: Market) -> set[tuple[int, int]]:
    """Return (edge, login) for all that wait; an edge below is negative, as in its heap. Edges in no heap wake nobody."""
    below = {(edge, login) for edge in market.guard_low for login in market.guarded_below[-edge]}
    return below | {(edge, login) for edge in market.guard_high for login in market.guarded_above[edge]}


def _is_closing(desk: Desk, ticket: int, login: int) -> bool:
    """Say whether a position is being closed; its stops wait again once the venue has answered."""
    account = desk.state.accounts[login]
    position = account.positions.get(ticket)
    if position is None:
        return False
    return checks.check_in_flight(account, desk.terms_of(account, position.symbol), position) is not None
