"""The copy statement: why an investor's result is not the strategy's, deal by deal and to the cent.

It starts with the strategy's result and goes to the investor's in eight parts (`copy_deals.Parts`), in this order: first the
strategy at the investor's size, then when the investor was there, then which volumes could be dealt, then at which
prices; after that what was charged. Each step is a difference of two whole amounts, so the parts always sum to the difference.

It explains booked results. A result that floats is explained once it is closed, or if the caller adds closing deals at the
newest quotes to both sides. Source: docs/trade/statistics.md, "Copy statement".
"""

from collections.abc import Iterable, Sequence

from prorata.reports.copy_books import Books, Steps, share_of
from prorata.reports.copy_deals import (
    Charge,
    ChargeKind,
    CopyDeal,
    CopyStatement,
    CopyTerms,
    Line,
    Parts,
    Reason,
    SourceDeal,
)
from prorata.units.numbers import Moment


def copy_statement(
    source: Sequence[SourceDeal], copies: Sequence[CopyDeal], charges: Sequence[Charge], terms: CopyTerms
) -> CopyStatement:
    """Return the statement of an investment.

    A strategy of 10,000.00 buys 0.37 lots of EURUSD and makes 37.00; an investor of 1,000.00 is asked for 0.037, deals 0.03 one
    point worse, and makes 2.97. Sizing -33.30, rounding -0.70, price -0.03: 37.00 - 34.03 = 2.97.

    Args:
        source: the strategy's deals from the first that the investor may have to do with (better: all), in the order of time.
        copies: the investment's deals and records of skipped ones, in the order of time. Each names its signal; several may
            name the same one (fills), the first of them carries what was asked.
        charges: what was taken outside deals.
        terms: since when it follows; sizes what the investment missed.
    """
    known = {deal.id for deal in source}
    by_signal: dict[int, list[CopyDeal]] = {}
    for copy in copies:
        if copy.signal in known:
            by_signal.setdefault(copy.signal, []).append(copy)
    books: dict[tuple[str, int], Books] = {}
    lines: list[Line] = []
    for event in _in_order(source, [copy for copy in copies if copy.signal not in known]):
        book = books.setdefault((event.symbol, event.position), Books())
        if isinstance(event, SourceDeal):
            lines.append(_copied(book, event, by_signal.get(event.id, []), terms))
        else:
            lines.append(_alone(book, event))
    lines += [_charged(charge) for charge in charges]
    return _summed(sorted(lines, key=lambda line: line.at))


def within(statement: CopyStatement, start: Moment, end: Moment) -> CopyStatement:
    """Return the lines from `start` to before `end` with their own sums. The books stay those of the whole life."""
    return _summed([line for line in statement.lines if start <= line.at < end])


def _in_order(source: Sequence[SourceDeal], alone: Sequence[CopyDeal]) -> list[SourceDeal | CopyDeal]:
    """Return both in the order of time; at one moment the strategy's deals first, since the others answer to them."""
    events: list[SourceDeal | CopyDeal] = [*source, *alone]
    return sorted(events, key=lambda event: event.at)


def _reason_of(deal: SourceDeal, copies: Sequence[CopyDeal], terms: CopyTerms) -> Reason:
    if copies:
        return copies[0].reason
    if deal.at < terms.joined_at:
        return Reason.NOT_JOINED
    if terms.left_at is not None and deal.at >= terms.left_at:
        return Reason.LEFT
    return Reason.NOT_RECORDED


def _copied(book: Books, deal: SourceDeal, copies: Sequence[CopyDeal], terms: CopyTerms) -> Line:
    reason = _reason_of(deal, copies, terms)
    return _line(deal, deal, copies, reason, book.follow(deal, copies, reason, terms))


def _alone(book: Books, copy: CopyDeal) -> Line:
    return _line(copy, None, [copy], copy.reason, book.alone(copy))


def _line(
    event: SourceDeal | CopyDeal, deal: SourceDeal | None, copies: Sequence[CopyDeal], reason: Reason, steps: Steps
) -> Line:
    strategy = ideal_swap = ideal_commission = 0
    if deal is not None:
        strategy = deal.profit + deal.swap - deal.commission
        ideal_swap = share_of(deal.swap, *steps.swap_share)
        ideal_commission = share_of(deal.commission, *steps.commission_share)
    profit = sum(copy.profit for copy in copies)
    swap = sum(copy.swap for copy in copies)
    turnover_commission = sum(copy.turnover_commission for copy in copies)
    commission = sum(copy.commission for copy in copies)
    parts = Parts(
        sizing=steps.ideal + ideal_swap - ideal_commission - strategy,
        time=steps.timed - steps.ideal,
        rounding=steps.done - steps.timed,
        price=profit - steps.done,
        swap=swap - ideal_swap,
        turnover_commission=-turnover_commission,
        other_fees=ideal_commission - commission,
    )
    investor = profit + swap - turnover_commission - commission
    assert strategy + parts.total == investor, "the parts sum to the difference"
    return Line(
        at=event.at,
        signal=copies[0].signal if deal is None else deal.id,
        symbol=event.symbol,
        reason=reason,
        source_volume=0 if deal is None else deal.volume,
        asked=sum(copy.asked for copy in copies),
        done=sum(copy.done for copy in copies),
        strategy=strategy,
        investor=investor,
        parts=parts,
    )


def _charged(charge: Charge) -> Line:
    match charge.kind:
        case ChargeKind.PERFORMANCE_FEE:
            parts = Parts(performance_fee=-charge.amount)
        case ChargeKind.TURNOVER_COMMISSION:
            parts = Parts(turnover_commission=-charge.amount)
        case ChargeKind.OTHER:
            parts = Parts(other_fees=-charge.amount)
    return Line(
        at=charge.at,
        signal=0,
        symbol="",
        reason=Reason.CHARGED,
        source_volume=0,
        asked=0,
        done=0,
        strategy=0,
        investor=-charge.amount,
        parts=parts,
    )


def _summed(lines: Iterable[Line]) -> CopyStatement:
    kept = tuple(lines)
    parts = Parts(**{field: sum(getattr(line.parts, field) for line in kept) for field in Parts.__struct_fields__})
    strategy, investor = sum(line.strategy for line in kept), sum(line.investor for line in kept)
    assert strategy + parts.total == investor, "the parts sum to the difference"
    return CopyStatement(kept, strategy, investor, parts)
