"""What is shown of investments, strategies, wallets and positions, to the cent."""

import numpy as np
import pytest

from prorata.messages.copy_commands import (
    AddOffer,
    CloseInvestment,
    Held,
    PauseInvestment,
    SendSync,
    WithdrawInvestment,
)
from prorata.messages.copy_terms import InvestmentState
from prorata.views.copying.figures import InvestmentFigures, InvestmentList, investment_figures
from prorata.views.copying.positions import PositionList
from prorata.views.copying.strategies import offer_figures, strategy_figures, strategy_totals
from prorata.views.copying.wallets import wallets_figures
from tests.views.copy_stage import Stage


@pytest.fixture
def stage() -> Stage:
    """A trader with 5,000, an investor with 3,000 at factor 2; the source holds 1.00 EURUSD on 10,000, 90 points up."""
    stage = Stage()
    trader, investor = stage.client(1), stage.client(2)
    strategy = stage.strategy(trader, "Alpha")
    stage.do(AddOffer(strategy, 250_000, 10_00, "abc"))
    stage.invest(investor, 2, 3_000_00, factor=200, protection_ppm=500_000, target_ppm=1_000_000)
    stage.do(SendSync(strategy, False, 10_000_00, (Held("EURUSD", 100_000_000),)))
    stage.quote(110_100)
    return stage


def _investment(stage: Stage, number: int) -> InvestmentFigures:
    found = stage.copy.find_investment(number)
    assert found is not None
    return investment_figures(stage.copy, *found)


def test_an_investment_shows_result_fee_and_limits(stage: Stage) -> None:
    shown = _investment(stage, 2)
    # 0.60 lot bought at 1.10010, worth 1.10100 now: 54.00; turnover of 66,006.00 at 10 a million: 0.67.
    assert (shown.balance, shown.floating, shown.equity) == (2_999_33, 54_00, 3_053_33)
    assert (shown.interval_gross, shown.fee_due, shown.interval_net) == (53_33, 13_33, 40_00)
    assert (shown.total_profit, shown.total_profit_net, shown.total_commission) == (53_33, 40_00, 67)
    assert (shown.margin, shown.free_margin, shown.margin_level) == (1_321_32, 1_732_01, 2_310_817)
    assert (shown.protection_equity, shown.target_equity) == (1_500_00, 6_000_00)
    assert (shown.state, shown.status, shown.positions) == (InvestmentState.OPEN, 1, 1)
    assert shown.available == 3_053_33 - 250_00


def test_figures_of_a_list_are_those_of_its_investments(stage: Stage) -> None:
    found = InvestmentList(stage.copy, stage.copy.state.strategies.values())
    places = found.order("equity", descending=True)
    assert found.figures(places) == [_investment(stage, 1), _investment(stage, 2)]
    assert found["equity"].tolist() == [5_045_00, 3_053_33]
    only = found.where(found["client"] == 2)
    assert [one.number for one in only.figures(np.arange(len(only)))] == [2]


def test_rows_without_a_value_come_last_in_either_direction(stage: Stage) -> None:
    found = InvestmentList(stage.copy, stage.copy.state.strategies.values())
    for descending in (False, True):
        places = found.order("target_ppm", descending=descending, none=0)
        assert found["number"][places].tolist() == [2, 1]


def test_a_wallet_shows_what_is_invested(stage: Stage) -> None:
    trader, investor = wallets_figures(stage.copy, list(stage.copy.state.wallets.values()))
    assert (trader.balance, trader.invested, trader.interval_pnl, trader.active_strategies) == (5_000_00, 5_045_00, 45_00, 1)
    assert (investor.balance, investor.invested, investor.margin) == (7_000_00, 3_053_33, 1_321_32)
    assert (investor.interval_pnl, investor.active_strategies) == (53_33, 0)


def test_an_offer_shows_what_is_due_to_its_trader(stage: Stage) -> None:
    strategy = stage.copy.state.strategies[1]
    own, public = offer_figures(stage.copy, strategy).values()
    assert (own.active_accounts, own.fee_due, own.commission_due) == (1, 0, 0)
    assert (public.active_accounts, public.fee_due, public.commission_due) == (1, 13_33, 67)
    totals = strategy_totals(stage.copy, strategy)
    assert (totals.equity, totals.fee_due, totals.commission_due) == (8_098_33, 13_33, 67)


def test_a_strategys_unit_price_and_leverage_are_the_traders_own(stage: Stage) -> None:
    shown = strategy_figures(stage.copy, stage.copy.state.strategies[1])
    assert (shown.accounts, shown.own_equity, shown.unit_price) == (2, 5_045_00, 100_90000000)
    assert shown.leverage_ppm == 10_912_785  # 55,055.00 at the ask / 5,045.00


def test_positions_show_price_margin_and_result(stage: Stage) -> None:
    found = PositionList(stage.copy, stage.copy.state.strategies.values())
    (own, _), (copied, book) = found.figures(found.order("number"))
    assert (own.number, copied.number, copied.investment) == ((1 << 24), (1 << 24) + 1, 2)
    assert (book.head.symbol, copied.volume, copied.price_open, copied.close_price) == ("EURUSD", 60_000_000, 110_010, 110_100)
    assert (copied.profit, copied.total_profit, copied.open_margin, copied.total_margin) == (54_00, 54_00, 1_321_32, 1_321_32)
    assert (copied.long_margin, copied.short_margin, copied.request_long) == (1_321_32, 0, 0)


def test_a_closed_investment_keeps_its_profit_and_its_unit_price(stage: Stage) -> None:
    stage.do(PauseInvestment(2))
    stage.do(WithdrawInvestment(2, 1_000_00))
    stage.do(CloseInvestment(2))
    shown = _investment(stage, 2)
    wallet = stage.copy.state.wallets[2]
    assert shown.state == InvestmentState.CLOSED
    assert (shown.equity, shown.balance, shown.interval_gross, shown.available) == (0, 0, 0, 0)
    assert shown.total_profit == wallet.balance - 10_000_00 == 39_50
    assert shown.fees == 13_16
    # 3,000.00 became 3,052.66; 1,000.00 left; 2,052.66 became 2,039.50 by the fee, which is the investor's cost.
    assert round(shown.unit_price / 10**8, 6) == round(100 * 3_052_66 / 3_000_00 * 2_039_50 / 2_052_66, 6)
