"""Lines of a story that only look: `see investment A -> open equity 990.00`, `see route 1 EURUSD -> 0.15 residual 0.0098`."""

from collections.abc import Callable

from prorata.copying import fees
from prorata.copying.desk import CopyDesk
from prorata.copying.investments import withdrawable
from prorata.copying.lifecycle import unit_price_of
from prorata.copying.state import Route, leg_key
from prorata.copying.values import equities, equity_of, margins
from prorata.messages.copy_terms import InvestmentState
from prorata.units.decimals import format_decimal, format_short
from prorata.units.numbers import PPM, VOLUME_DIGITS
from tests.trading.outcomes import Outcome, word

from .names import Names
from .outcomes import NEEDS, cents, lots, unit

See = Callable[[CopyDesk, Names, list[str]], Outcome]


def _wallet(copy: CopyDesk, names: Names, words: list[str]) -> Outcome:
    wallet = copy.state.wallets[names.wallet(words[0])]
    return Outcome(cents(wallet.balance), {"bonus": cents(wallet.bonus), "reserved": cents(wallet.reserved)})


def _investment(copy: CopyDesk, names: Names, words: list[str]) -> Outcome:
    strategy, row = names.place(words[0])
    columns = strategy.investments
    equity, base = equity_of(copy, strategy, row), int(columns.base[row])
    everybody = equities(copy, strategy)
    protection, target = int(columns.protection_ppm[row]), int(columns.target_ppm[row])
    return Outcome(word(InvestmentState(int(columns.state[row]))), {
        "balance": cents(int(columns.balance[row])), "equity": cents(equity), "base": cents(base),
        "margin": cents(int(margins(copy, strategy)[row])),
        "protected-at": _exact(base * protection), "target-at": _exact(base * (PPM + target)) if target else "none",
        "drawdown": cents(int(columns.drawdown[row])), "result": cents(equity - int(columns.profit_base[row])),
        "fee-due": cents(int(fees.fees_due(strategy, everybody)[row])), "fees": cents(int(columns.fees[row])),
        "unit": unit(unit_price_of(strategy, row, equity)), "withdrawable": cents(withdrawable(copy, strategy, row)),
        "waits": "yes" if columns.waits[row] else "no", "a-book": f"{int(columns.a_book_percent[row])}%",
        "stream": str(int(columns.stream[row])), "deposited": cents(int(columns.deposited[row])),
        "withdrawn": cents(int(columns.withdrawn[row])), "factor": format_decimal(int(columns.factor[row]), 2),
    })  # fmt: skip


def _exact(parts: int) -> str:
    """Return cents x ppm as money with all its places: 501.795."""
    return format_short(parts, 8, 2)


def _position(copy: CopyDesk, names: Names, words: list[str]) -> Outcome:
    """`see position A EURUSD`, `see position A EURUSD/7`"""
    strategy, row = names.place(words[0])
    symbol, _, ticket = words[1].partition("/")
    head = strategy.legs.get(leg_key(symbol, ticket))
    if head is None:
        return Outcome("none")
    leg = head.rows
    return Outcome(lots(int(leg.volume[row])), {
        "wanted": lots(int(leg.wanted[row])), "pending": lots(int(leg.pending[row])), "a-book": lots(int(leg.a_volume[row])),
        "swap": cents(int(leg.swap[row])), "rejected": lots(int(leg.rejected[row])), "leg": str(head.number),
    })  # fmt: skip


def _route(copy: CopyDesk, names: Names, words: list[str]) -> Outcome:
    route = copy.state.routes.get(f"{words[0]}/{words[1]}") or Route()
    return Outcome(format_short(route.held, VOLUME_DIGITS, 2), {
        "ordered": format_short(route.ordered, VOLUME_DIGITS, 2), "investors": lots(route.exposure),
        "residual": lots(route.exposure - route.ordered),
    })  # fmt: skip


def _strategy(copy: CopyDesk, names: Names, words: list[str]) -> Outcome:
    strategy = copy.state.strategies[names.strategy(words[0])]
    return Outcome(word(strategy.status), {
        "needs": NEEDS[strategy.need_sync], "source": cents(strategy.source_equity), "interval": str(strategy.interval),
        "public": names.of_offer(strategy.public_offer), "signals": str(strategy.signals), "deals": str(strategy.deals),
        "legs": ",".join(strategy.legs) or "none",
    })  # fmt: skip


def _offer(copy: CopyDesk, names: Names, words: list[str]) -> Outcome:
    offer = copy.state.offers[names.offer(words[0])]
    return Outcome(f"{word(offer.type)} {word(offer.status)}", {
        "fees": cents(offer.fee_paid), "commission-paid": cents(offer.commission_paid),
        "commission-due": cents(offer.commission_due), "partner-fees": cents(offer.partner_fee_paid),
        "partner-commission-paid": cents(offer.partner_commission_paid),
        "partner-commission-due": cents(offer.partner_commission_due),
    })  # fmt: skip


SEE: dict[str, See] = {
    "wallet": _wallet, "investment": _investment, "position": _position, "route": _route, "strategy": _strategy,
    "offer": _offer,
}  # fmt: skip
