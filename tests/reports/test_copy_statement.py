"""The copy statement: worked numbers for each part, and the law that the parts always sum."""

from hypothesis import given, settings
from hypothesis import strategies as st

from prorata.reports.copy_deals import (
    REASON_TEXTS,
    Charge,
    ChargeKind,
    CopyDeal,
    CopyStatement,
    CopyTerms,
    Parts,
    Reason,
    SourceDeal,
)
from prorata.reports.copy_statement import copy_statement, within

LOT = 100_000_000
POINT = 100_000_000
"""One point of one lot of EURUSD is 1.00 USD: 100 cents, in millionths."""
HERE = CopyTerms(joined_at=0, equity=1_000_00)


def source(id: int, volume: int, price: int, profit: int = 0, **more: int) -> SourceDeal:
    return SourceDeal(
        id=id,
        at=more.get("at", id * 10),
        symbol="EURUSD",
        volume=volume,
        price=price,
        profit=profit,
        swap=more.get("swap", 0),
        commission=more.get("commission", 0),
        equity=10_000_00,
        lot_point=POINT,
    )


def copied(signal: int, asked: int, done: int, price: int, profit: int = 0, reason: Reason = Reason.COPIED) -> CopyDeal:
    return CopyDeal(
        at=signal * 10 + 1, signal=signal, symbol="EURUSD", asked=asked, done=done, reason=reason, price=price, profit=profit
    )


def alone(at: int, volume: int, price: int, reason: Reason, profit: int = 0, asked: int = 0) -> CopyDeal:
    return CopyDeal(
        at=at, symbol="EURUSD", asked=asked, done=volume, reason=reason, price=price, source_price=price, profit=profit,
        lot_point=POINT,
    )  # fmt: skip


def checked(statement: CopyStatement) -> CopyStatement:
    for line in statement.lines:
        assert line.strategy + line.parts.total == line.investor
    assert statement.strategy + statement.parts.total == statement.investor
    return statement


# The strategy of 10,000.00 buys 0.37 lots at 1.10000 and closes at 1.10100: 100 points, 37.00.
OPEN, CLOSE = source(1, 37 * LOT // 100, 110_000), source(2, -37 * LOT // 100, 110_100, 37_00)


def test_the_investor_of_a_tenth_is_a_tenth_and_nothing_else() -> None:
    tenth = 37 * LOT // 1000
    statement = checked(
        copy_statement([OPEN, CLOSE], [copied(1, tenth, tenth, 110_000), copied(2, -tenth, -tenth, 110_100, 3_70)], [], HERE)
    )
    assert (statement.strategy, statement.investor) == (37_00, 3_70)
    assert statement.parts == Parts(sizing=-33_30)


def test_a_copy_of_the_same_size_has_nothing_to_explain() -> None:
    whole = 37 * LOT // 100
    statement = checked(
        copy_statement(
            [OPEN, CLOSE],
            [copied(1, whole, whole, 110_000), copied(2, -whole, -whole, 110_100, 37_00)],
            [],
            CopyTerms(joined_at=0, equity=10_000_00),
        )
    )
    assert statement.parts == Parts()


def test_rounding_down_at_the_opening_shows_where_the_profit_was_realised() -> None:
    # Asked 0.037, dealt 0.03 one point worse at the opening: 3.00 at the source's prices, 2.97 at its own.
    statement = checked(
        copy_statement(
            [OPEN, CLOSE],
            [
                copied(1, 37 * LOT // 1000, 3 * LOT // 100, 110_001, reason=Reason.ROUNDED),
                copied(2, -3 * LOT // 100, -3 * LOT // 100, 110_100, 2_97),
            ],
            [],
            HERE,
        )
    )
    opening, closing = statement.lines
    assert (opening.reason, opening.parts) == (Reason.ROUNDED, Parts())
    assert closing.parts == Parts(sizing=-33_30, rounding=-70, price=-3)


def test_one_minimum_lot_is_rounding_up() -> None:
    statement = checked(
        copy_statement(
            [OPEN, CLOSE],
            [
                copied(1, 37 * LOT // 1000, LOT // 10, 110_000, reason=Reason.MINIMUM_LOT),
                copied(2, -LOT // 10, -LOT // 10, 110_100, 10_00),
            ],
            [],
            HERE,
        )
    )
    assert statement.parts == Parts(sizing=-33_30, rounding=6_30)


def test_a_skipped_volume_is_rounding_and_a_missed_one_is_time() -> None:
    for reason, parts in (
        (Reason.BELOW_MINIMUM, Parts(sizing=-33_30, rounding=-3_70)),
        (Reason.PAUSED, Parts(sizing=-33_30, time=-3_70)),
    ):
        copies = [copied(1, 37 * LOT // 1000, 0, 0, reason=reason), copied(2, 0, 0, 0, reason=reason)]
        assert checked(copy_statement([OPEN, CLOSE], copies, [], HERE)).parts == parts


def test_deals_before_the_start_and_after_the_end_are_time_at_the_investors_size() -> None:
    early = checked(copy_statement([OPEN, CLOSE], [], [], CopyTerms(joined_at=30, equity=1_000_00)))
    late = checked(copy_statement([OPEN, CLOSE], [], [], CopyTerms(joined_at=0, left_at=5, equity=1_000_00)))
    lost = checked(copy_statement([OPEN, CLOSE], [], [], HERE))
    assert early.parts == late.parts == lost.parts == Parts(sizing=-33_30, time=-3_70)
    assert [statement.lines[0].reason for statement in (early, late, lost)] == [
        Reason.NOT_JOINED,
        Reason.LEFT,
        Reason.NOT_RECORDED,
    ]


def test_who_joins_half_way_lacks_the_first_half() -> None:
    # Joins at 1.10060 with the 0.037 that are due: 40 of the 100 points, 1.48.
    tenth = 37 * LOT // 1000
    statement = checked(
        copy_statement(
            [OPEN, CLOSE],
            [alone(15, tenth, 110_060, Reason.CAUGHT_UP, asked=tenth), copied(2, -tenth, -tenth, 110_100, 1_48)],
            [],
            CopyTerms(joined_at=15, equity=1_000_00),
        )
    )
    assert statement.parts == Parts(sizing=-33_30, time=-2_22)


def test_a_protection_that_closes_early_is_time_on_both_lines() -> None:
    # Closed by itself at 1.09950: -50 points, -1.85; the strategy later makes its 37.00.
    tenth = 37 * LOT // 1000
    statement = checked(
        copy_statement(
            [OPEN, CLOSE],
            [
                copied(1, tenth, tenth, 110_000),
                alone(15, -tenth, 109_950, Reason.PROTECTION, -1_85),
                copied(2, 0, 0, 0, reason=Reason.PROTECTION),
            ],
            [],
            HERE,
        )
    )
    assert [line.parts for line in statement.lines] == [Parts(), Parts(time=-1_85), Parts(sizing=-33_30, time=-3_70)]


def test_added_money_makes_the_ideal_larger_from_then_on() -> None:
    # 0.037 from the start; at 1.10060 the money is doubled and 0.037 more are bought: 3.70 + 1.48.
    tenth = 37 * LOT // 1000
    statement = checked(
        copy_statement(
            [OPEN, CLOSE],
            [
                copied(1, tenth, tenth, 110_000),
                alone(15, tenth, 110_060, Reason.RESIZED, asked=tenth),
                copied(2, -2 * tenth, -2 * tenth, 110_100, 5_18),
            ],
            [],
            HERE,
        )
    )
    assert statement.parts == Parts(sizing=-29_60, time=-2_22)


def test_a_reversal_closes_and_opens_in_one_deal() -> None:
    # 0.10 long to 0.10 short at +20 points, then closed at 10 points below: 2.00 + 3.00 for the strategy.
    lot = LOT // 10
    deals = [source(1, lot, 110_000), source(2, -2 * lot, 110_020, 2_00), source(3, lot, 109_990, 3_00)]
    tenth = lot // 10
    copies = [
        copied(1, tenth, tenth, 110_000),
        copied(2, -2 * tenth, -2 * tenth, 110_020, 20),
        copied(3, tenth, tenth, 109_990, 30),
    ]
    statement = checked(copy_statement(deals, copies, [], HERE))
    assert [line.parts for line in statement.lines] == [Parts(), Parts(sizing=-1_80), Parts(sizing=-2_70)]


def test_a_partial_close_takes_its_share_of_every_book() -> None:
    deals = [
        source(1, 30 * LOT // 100, 110_000),
        source(2, -10 * LOT // 100, 110_050, 5_00),
        source(3, -20 * LOT // 100, 110_100, 20_00),
    ]
    copies = [
        copied(1, 3 * LOT // 100, 3 * LOT // 100, 110_000),
        copied(2, -LOT // 100, -LOT // 100, 110_050, 50),
        copied(3, -2 * LOT // 100, -2 * LOT // 100, 110_100, 2_00),
    ]
    assert [line.parts for line in checked(copy_statement(deals, copies, [], HERE)).lines] == [
        Parts(),
        Parts(sizing=-4_50),
        Parts(sizing=-18_00),
    ]


def test_swap_and_commissions_are_set_against_the_strategys_at_the_investors_size() -> None:
    # The strategy: 37.00, swap -2.00, commission 1.00 at the opening. A tenth is 3.70 - 0.20 - 0.10 = 3.40.
    tenth = 37 * LOT // 1000
    deals = [source(1, 37 * LOT // 100, 110_000, commission=1_00), source(2, -37 * LOT // 100, 110_100, 37_00, swap=-2_00)]
    copies = [
        CopyDeal(
            at=11, signal=1, symbol="EURUSD", asked=tenth, done=tenth, price=110_000, commission=11, turnover_commission=4
        ),
        CopyDeal(
            at=21,
            signal=2,
            symbol="EURUSD",
            asked=-tenth,
            done=-tenth,
            price=110_100,
            profit=3_70,
            swap=-25,
            turnover_commission=4,
        ),
    ]
    charges = [Charge(30, ChargeKind.PERFORMANCE_FEE, 80), Charge(31, ChargeKind.OTHER, -5)]
    statement = checked(copy_statement(deals, copies, charges, HERE))
    assert (statement.strategy, statement.investor) == (34_00, 2_51)
    assert statement.parts == Parts(sizing=-30_60, swap=-5, turnover_commission=-8, performance_fee=-80, other_fees=4)


def test_fills_of_one_signal_are_one_line() -> None:
    tenth = 37 * LOT // 1000
    copies = [
        copied(1, tenth, tenth // 2, 110_000, reason=Reason.PARTLY_FILLED),
        copied(1, 0, tenth - tenth // 2, 110_002),
        copied(2, -tenth, -tenth, 110_100, 3_66),
    ]
    statement = checked(copy_statement([OPEN, CLOSE], copies, [], HERE))
    assert len(statement.lines) == 2
    assert statement.parts == Parts(sizing=-33_30, price=-4)


def test_a_reversed_copy_has_a_negative_size() -> None:
    tenth = 37 * LOT // 1000
    copies = [copied(1, -tenth, -tenth, 110_000), copied(2, tenth, tenth, 110_100, -3_70)]
    assert checked(copy_statement([OPEN, CLOSE], copies, [], HERE)).parts == Parts(sizing=-40_70)


def test_a_period_is_the_sum_of_its_lines() -> None:
    tenth = 37 * LOT // 1000
    copies = [copied(1, tenth, tenth, 110_000), copied(2, -tenth, -tenth, 110_100, 3_70)]
    whole = copy_statement([OPEN, CLOSE], copies, [Charge(40, ChargeKind.PERFORMANCE_FEE, 1_00)], HERE)
    first, second = checked(within(whole, 0, 30)), checked(within(whole, 30, 100))
    assert (first.investor, second.investor) == (3_70, -1_00)
    assert first.investor + second.investor == whole.investor


def test_every_reason_has_words() -> None:
    assert REASON_TEXTS.keys() == set(Reason)


small = st.integers(-50, 50)
money = st.integers(-1_000_00, 1_000_00)
kinds = st.sampled_from([reason for reason in Reason if reason is not Reason.CHARGED])
events = st.lists(
    st.tuples(st.booleans(), st.booleans(), small, small, small, st.integers(109_900, 110_100), money, money, kinds),
    max_size=40,
)


@settings(deadline=None)
@given(events, st.lists(st.tuples(st.sampled_from(ChargeKind), money), max_size=5), st.integers(0, 5_000_00))
def test_the_parts_always_sum(
    events: list[tuple[bool, bool, int, int, int, int, int, int, Reason]], charged: list[tuple[ChargeKind, int]], equity: int
) -> None:
    deals, copies = [], []
    for number, (led, followed, volume, asked, done, price, profit, other, reason) in enumerate(events, start=1):
        if led:
            deals.append(
                source(number, volume * LOT // 100 or LOT, price, profit, swap=-abs(other) // 7, commission=abs(other) // 9)
            )
        if followed:
            copies.append(
                CopyDeal(
                    at=number * 10 + 1,
                    signal=number if led else 0,
                    symbol="EURUSD",
                    asked=asked * 777_777,
                    done=done * LOT // 1000,
                    reason=reason,
                    price=price + 1,
                    source_price=0 if led else price,
                    profit=profit // 3,
                    swap=other // 11,
                    turnover_commission=abs(other) // 13,
                    commission=abs(other) // 17,
                    lot_point=POINT,
                )
            )
    charges = [Charge(number, kind, amount) for number, (kind, amount) in enumerate(charged)]
    statement = checked(copy_statement(deals, copies, charges, CopyTerms(joined_at=50, left_at=300, equity=equity)))
    assert statement.strategy == sum(deal.profit + deal.swap - deal.commission for deal in deals)
    assert statement.investor == sum(
        copy.profit + copy.swap - copy.turnover_commission - copy.commission for copy in copies
    ) - sum(charge.amount for charge in charges)


held = st.lists(st.tuples(st.integers(-20, 20).filter(bool), st.integers(-100, 100)), min_size=1, max_size=20)


@settings(deadline=None)
@given(held)
def test_a_faithful_copy_at_half_the_size_is_sizing_and_cents(steps: list[tuple[int, int]]) -> None:
    """Any walk of a netting position, copied in full at half the size and the same prices."""
    deals, copies, held, cost = [], [], 0, 0
    for number, (lots, move) in enumerate(steps, start=1):
        volume, price, profit = lots * LOT, 110_000 + move, 0
        if held * volume < 0:
            closing = min(abs(held), abs(volume)) * (1 if held > 0 else -1)
            part = cost * closing // held
            profit = (closing * price - part) * 100 // LOT
            held, cost = held - closing, cost - part
            opening = volume + closing
        else:
            opening = volume
        held, cost = held + opening, cost + opening * price
        deals.append(source(number, volume, price, profit))
        copies.append(copied(number, volume // 2, volume // 2, price, profit // 2))
    statement = checked(copy_statement(deals, copies, [], CopyTerms(joined_at=0, equity=5_000_00)))
    for line in statement.lines:
        assert (line.parts.swap, line.parts.other_fees) == (0, 0)
        assert max(abs(line.parts.time), abs(line.parts.rounding), abs(line.parts.price)) <= 1
