"""What happens on a trade platform is in the timeline and is told by letters, once for each event."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from prorata.control.paging import Slice
from prorata.crm.activity import TimelineEvent
from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.letters import Letter, LetterFilter
from prorata.crm.letters.mailing import LetterSettings, MailingWish
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import OrderType, Side
from tests.crm.desk import Desk
from tests.crm.letters.market import LOT, Market


@pytest.fixture
def market(desk: Desk, tmp_path: Path) -> Iterator[Market]:
    market = Market(desk, tmp_path)
    market.quote("EURUSD", 110_000, 110_010)
    yield market
    market.history.close()


@pytest.fixture
def found(market: Market, desk: Desk) -> TradingAccount:
    return desk.trading_account(desk.account(), 100_000)


def timeline(desk: Desk, found: TradingAccount) -> list[tuple[TimelineEvent, str]]:
    told = (
        TimelineEvent.STOP_LOSS, TimelineEvent.TAKE_PROFIT, TimelineEvent.ORDER_ACTIVATION, TimelineEvent.STOP_OUT,
        TimelineEvent.MARGIN_CALL,
    )  # fmt: skip
    found_ = desk.crm.activity.timeline(found.account_id, newest_first=False)
    return [(one.event, one.details) for one in found_ if one.event in told]


def letters(desk: Desk, *kinds: LetterKind) -> list[Letter]:
    found, _ = desk.crm.letters.search(desk.organization.id, LetterFilter(), Slice("created", False, 0, 100))
    return [one for one in found if one.kind in kinds]


def test_stops_and_pending_orders_are_told_of_in_the_timeline(market: Market, desk: Desk, found: TradingAccount) -> None:
    market.order(found, Side.BUY, LOT // 10, stop_loss=109_900)
    market.order(found, Side.BUY, LOT // 10, take_profit=110_100)
    market.order(found, Side.BUY, LOT // 10, type=OrderType.LIMIT, price=109_850)
    market.quote("EURUSD", 110_100, 110_110)
    market.quote("EURUSD", 109_840, 109_850)
    for _ in range(2):
        market.write()
    login = found.login
    assert timeline(desk, found) == [
        (TimelineEvent.TAKE_PROFIT, f"{login} order 4 EURUSD 0.10 8.65 USD"),
        (TimelineEvent.STOP_LOSS, f"{login} order 5 EURUSD 0.10 -17.35 USD"),
        (TimelineEvent.ORDER_ACTIVATION, f"{login} order 3 EURUSD 0.10"),
    ]


def test_a_margin_call_and_a_stop_out_are_told_of_by_letters_too(market: Market, desk: Desk, found: TradingAccount) -> None:
    """0.90 lot at 1:100 binds 990.09; at the bid the account is worth 1,000.00 - 3.15 - 9.00: less than 100 % of that."""
    market.order(found, Side.BUY, LOT * 9 // 10)
    market.quote("EURUSD", 109_990, 110_000)
    market.quote("EURUSD", 109_400, 109_410)
    for _ in range(2):
        market.write()
    events = timeline(desk, found)
    assert [event for event, _ in events] == [TimelineEvent.MARGIN_CALL, TimelineEvent.STOP_OUT]
    assert events[0][1] == f"{found.login} equity 987.85 USD margin 990.09 USD line 990.09 USD"
    call, stop = letters(desk, LetterKind.MARGIN_CALL, LetterKind.STOP_OUT)
    assert (call.kind, stop.kind) == (LetterKind.MARGIN_CALL, LetterKind.STOP_OUT)
    bodies = [mail.body for mail in desk.control.outbox.newest() if mail.kind == "letter margin_call"]
    assert "fallen to 987.85\u00a0USD, below the margin-call level of 990.09\u00a0USD" in bodies[0]


def test_the_deals_of_an_order_are_confirmed_in_one_letter_where_that_is_on(
    market: Market, desk: Desk, found: TradingAccount
) -> None:
    mailer, confirmations = desk.crm.letter_desk.mailings, desk.crm.letter_desk.confirmations
    market.order(found, Side.BUY, LOT // 10)
    market.write()
    mailer.set(desk.organization.id, desk.branch.uuid, MailingWish(confirmations=True))
    first = market.order(found, Side.BUY, LOT // 10)
    market.close(found, first, LOT // 20)
    market.write()
    assert confirmations.write_due() == 0, "more may come"
    desk.now += 10_000
    market.up = False
    assert confirmations.write_due() == 0
    market.up = True
    assert (confirmations.write_due(), confirmations.write_due()) == (2, 0)
    opened, closed = letters(desk, LetterKind.TRADE_CONFIRMATION)
    assert opened.subject == f"Order {first} on account {found.login}"
    body = next(mail.body for mail in desk.control.outbox.newest() if mail.subject == closed.subject)
    assert "Sell 0.05 EURUSD at 1.10000, profit \u22120.50\u00a0USD, commission \u22120.18\u00a0USD" in body
    mailer.set(desk.organization.id, desk.branch.uuid, MailingWish())
    mailer.set_settings(desk.organization.id, LetterSettings(confirmations=True))
    market.close(found, first)
    market.write()
    desk.now += 10_000
    assert confirmations.write_due() == 1, "the organization has it on"


def test_demo_trades_are_not_confirmed(market: Market, desk: Desk) -> None:
    desk.crm.letter_desk.mailings.set_settings(desk.organization.id, LetterSettings(confirmations=True))
    desk.standard = desk.offer("retail-usd", demo=True)
    demo = desk.trading_account(desk.account(), 100_000)
    market.order(demo, Side.BUY, LOT // 10)
    market.write()
    desk.now += 10_000
    assert desk.crm.letter_desk.confirmations.write_due() == 0
