"""The groups of a new platform: one of each kind that brokers keep.

Their accounts deposit in USD, or in EUR with fees and lots for small purses. A broker changes them through the API.
"""

from prorata.messages.groups import (
    Commission,
    CommissionType,
    GroupSpec,
    GroupSymbol,
    HedgedMargin,
    Level,
    LevelType,
    LeverageTier,
    StopOutOrder,
)

RETAIL = "retail-usd"
ECN = "ecn-usd"
SWAP_FREE = "swapfree-eur"


def default_groups() -> tuple[GroupSpec, ...]:
    """Return the three groups."""
    return (_retail(), _ecn(), _swap_free())


def _retail() -> GroupSpec:
    """Hedging, the house is the other side, paid by the markup."""
    return GroupSpec(
        name=RETAIL,
        description="Retail, hedging, spread only",
        currency="USD",
        leverage=500,
        tiers=(LeverageTier(100_000_000, 500), LeverageTier(500_000_000, 200), LeverageTier(0, 100)),
        margin_call=Level(LevelType.PERCENT, 10_000),
        stop_out=Level(LevelType.PERCENT, 5_000),
        hedging=True,
        hedged_margin=HedgedMargin.LARGER_LEG,
        symbols=(GroupSymbol(symbol="*", markup_bid=2, markup_ask=2),),
    )


def _ecn() -> GroupSpec:
    """Netting, raw prices and a commission; 60 % of every order goes to the venue."""
    return GroupSpec(
        name=ECN,
        description="ECN, netting, commission per million",
        currency="USD",
        leverage=200,
        margin_call=Level(LevelType.PERCENT, 10_000),
        stop_out=Level(LevelType.PERCENT, 7_000),
        stop_out_order=StopOutOrder.LARGEST_MARGIN,
        hedging=False,
        hedged_margin=HedgedMargin.NETTING,
        commission=Commission(CommissionType.PER_MILLION, 3_000, minimum=1),
        a_book_percent=60,
    )


def _swap_free() -> GroupSpec:
    """Hedging without swaps, from a hundredth of a lot, with a short delay of execution."""
    return GroupSpec(
        name=SWAP_FREE,
        description="Swap-free, EUR, small accounts",
        currency="EUR",
        leverage=100,
        margin_call=Level(LevelType.PERCENT, 12_000),
        stop_out=Level(LevelType.PERCENT, 3_000),
        hedging=True,
        hedged_margin=HedgedMargin.BOTH_SIDES,
        commission=Commission(CommissionType.PER_LOT, 200),
        swap_free=True,
        symbols=(GroupSymbol(symbol="*", markup_bid=3, markup_ask=3, volume_max=10 * 100_000_000),),
        execution_delay_ms=50,
    )
