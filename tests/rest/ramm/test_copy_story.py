"""From the first deposit to the last cent, over HTTP: what each figure is, at each step, and that no money is lost or made."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prorata.messages.copy_commands import AddOffer
from prorata.projections.ledger import verify, verify_state
from prorata.rest.ramm.engine_copying import EngineCopying
from prorata.units.numbers import DAY_MS
from tests.rest.house import House
from tests.rest.ramm.broker import PASSWORD, Broker
from tests.rest.ramm.copy_stage import Person, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A broker alone in its house: the story moves quotes and time. All deals go to the hedge account."""
    house = House(tmp_path)
    house.start()
    broker = Broker(house, tmp_path, copying=EngineCopying(house.platforms))
    yield Stage(broker, broker.company, a_book=100)
    broker.stop()
    house.stop()


def enrol(stage: Stage, deposit: float) -> Person:
    """Let the broker's cabinet make a client and book his deposit, by the Manager API."""
    boss, login = stage.broker.boss, f"client{deposit}@mail.test"
    made = boss("clients.addWithWallet", Login=login, Password=PASSWORD, FirstName="Eva", LastName="Fox")
    assert made.status == 200, made.text
    number, wallet = made.body["Client"]["ID"], made.body["Wallet"]["ID"]
    booked = boss("walletTransfers.add", WalletID=wallet, Type=0, Amount=deposit, ExternalTransferID=number)
    assert booked.status == 200, booked.text
    client = stage.broker.control.clients.get(stage.company.id, number)
    assert client is not None
    return Person(client, wallet, stage.broker.client(client))


def account_of(person: Person, account: int) -> dict[str, Any]:
    card: dict[str, Any] = person.done("accounts.get", AccountID=account)["Strategy"]["Account"]
    return card


def balance_of(person: Person) -> float:
    balance: float = person.done("wallets.get", ID=person.wallet)["Balance"]
    return balance


def check_money(stage: Stage) -> None:
    """Every currency sums to zero, in the engine's memory and in the tables."""
    stage.settle()
    platform = stage.broker.house.platforms["live"]
    state, copying = platform.desk.state, platform.writer.engine.copy.state
    for report in (verify_state(state, copying), verify(platform.history, state, copying)):
        assert report.balanced, report.differences
        assert set(report.sums.values()) <= {0}


def test_from_the_first_deposit_to_the_last_cent(stage: Stage) -> None:
    trader, investor = enrol(stage, 20_000), enrol(stage, 10_000)

    # The trader opens a strategy with 5,000.00 of his own, and offers it for a quarter of the profit.
    opened = trader.done("myStrategies.add", Name="Steady Euro", Money=5_000, Protection=0.5)
    strategy, own = opened["StrategyID"], opened["AccountID"]
    assert balance_of(trader) == 15_000
    offer = trader.done("myStrategies.addOffer", StrategyID=strategy, FeeRate=0.25, CommissionRate=10)["OfferID"]
    assert investor.call("strategies.get", ID=strategy).status == 404
    trader.done("myStrategies.setPublicOffer", StrategyID=strategy, OfferID=offer)
    card = investor.done("strategies.get", ID=strategy)
    assert card["PublicOffer"] == {"ID": offer, "FeeRate": 0.25, "CommissionRate": 10}
    assert (card["IsMyStrategy"], card["Account"], card["TraderInfo"], card["Offers"]) == (False, None, None, [])

    # The investor puts in 1,000.00, twice as bold as the trader, and wants to keep 80 %.
    added = investor.done("accounts.add", StrategyID=strategy, OfferID=offer, Money=1_000, Factor=2, Protection=0.8, Target=0.5)
    account = added["AccountID"]
    mine = account_of(investor, account)
    assert (mine["State"], mine["Equity"], mine["ProtectionEquity"], mine["TargetEquity"]) == (2, 1_000, 800, 1_500)
    assert balance_of(investor) == 9_000

    # The source buys 1.00 lot on 10,000: 0.50 lot for the trader, 0.20 for the investor, filled by the venue at 1.10020.
    sender = stage.sender(trader, strategy)
    stage.sync(sender)
    stage.signal(sender, "EURUSD", 1)
    assert account_of(investor, account)["PositionsCount"] == 1
    assert investor.done("positions.search", Filter={"AccountID": account})["Positions"] == []
    assert stage.fill(110_020) == [("EURUSD", Decimal("0.7"))]
    positions = investor.done("positions.search", Filter={"AccountID": account})
    assert [(row["Symbol"], row["Volume"], row["Price"]) for row in positions["Positions"]] == [("EURUSD", 0.2, 1.1002)]
    # 0.2 lot from 1.10020 to a bid of 1.10000 is -4.00; turnover 22,002.00 (bought at the ask) at 10 a million is 0.23.
    mine = account_of(investor, account)
    assert positions["PositionsTotal"] == {"Profit": -4, "TotalProfit": -4, "Swap": 0}
    assert (mine["Balance"], mine["Equity"], mine["TotalCommissionPaid"]) == (999.77, 995.77, 0.23)
    assert account_of(trader, own)["Balance"] == 5_000
    check_money(stage)

    # The euro falls: at 1.08900 the investor has lost 224.23 of his 1,000.00, less than 800.00 is left, and all is closed.
    stage.quote("EURUSD", 108_900, 108_910)
    assert account_of(investor, account)["State"] == 6
    assert stage.fill(108_890) == [("EURUSD", Decimal("-0.2"))]
    mine = account_of(investor, account)
    assert (mine["State"], mine["PositionsCount"], mine["Equity"]) == (7, 0, mine["Balance"])
    assert mine["Balance"] == 999.77 - 226 - 0.22  # 1.10020 to 1.08890 on 0.2 lot, and a commission on 21,782.00.
    check_money(stage)
    stage.settle()
    deals = investor.done("deals.search", Filter={"AccountID": account}, OrderBy={"Field": "ID", "Direction": "Asc"})
    assert [(deal["Type"], deal["Entry"], deal["Volume"], deal["TotalProfit"]) for deal in deals["Deals"]] == [
        (2, None, None, 1_000), (0, 0, 0.2, -0.23), (1, 1, 0.2, -226.22),
    ]  # fmt: skip
    assert deals["DealsTotal"] == {"Profit": 774, "TotalProfit": 773.55, "Swap": 0, "Commission": 0.45}

    # He takes out what he may, and goes on with a lower line. The trader still holds, so he is brought in line.
    assert mine["AvailableToWithdraw"] == 523.55
    assert investor.call("accounts.resume", AccountID=account).status == 422
    investor.done("accounts.withdraw", AccountID=account, Amount=273.55)
    investor.done("accounts.setProtection", AccountID=account, Protection=0.5)
    investor.done("accounts.resume", AccountID=account)
    stage.sync(sender, ("EURUSD", 1), soft=True)
    assert stage.fill(108_910) == [("EURUSD", Decimal("0.1"))]
    assert account_of(investor, account)["State"] == 3

    # The euro rises to 1.10910: 0.1 lot has made 200.00, yet the loss of 226.45 is not made up, so no fee is due.
    stage.quote("EURUSD", 110_910, 110_920)
    mine = account_of(investor, account)
    assert mine["ProfitCurrentIntervalGross"] == pytest.approx(mine["TotalProfit"])
    assert (mine["FeeToPay"], mine["FeePaid"]) == (0, 0)

    # The trader pauses, goes on, and the source is flat.
    pausing = trader.done("myStrategies.pause", StrategyID=strategy)["CommandID"]
    assert trader.done("strategyCommands.get", StrategyCommandID=pausing, StrategyID=strategy)["StrategyCommandStatus"] == 0
    stage.fill(110_910)
    stage.settle()
    assert trader.done("strategyCommands.get", StrategyCommandID=pausing, StrategyID=strategy)["StrategyCommandStatus"] == 1
    trader.done("myStrategies.resume", StrategyID=strategy)
    assert sender("signals.send", Type=0, GetInfo=True).body["Strategy"]["NeedSync"] > 0
    stage.sync(sender)
    check_money(stage)

    # The investor closes: what is left returns to his wallet.
    before, left = balance_of(investor), account_of(investor, account)["Balance"]
    investor.done("accounts.close", AccountID=account)
    assert balance_of(investor) == pytest.approx(before + left)
    stage.settle()
    closed = investor.done("accounts.searchClosed")["Strategies"]
    assert [(row["Account"]["ID"], row["ActiveAccountID"]) for row in closed] == [(account, None)]
    assert closed[0]["Account"]["TotalProfit"] == pytest.approx(balance_of(investor) - 10_000)
    assert investor.done("statistic.get")["AccountsClosed"] == 1

    # The trader closes the strategy, and has his own money and the turnover commission.
    trader.done("myStrategies.close", StrategyID=strategy)
    assert trader.done("strategies.search", Filter={"SearchMode": "MyClosedStrategies"})["Strategies"][0]["Status"] == 4
    stage.settle()
    transfers = trader.done("walletTransfers.search", Filter={"Type": 7})["WalletTransfers"]
    paid = sum(row["Amount"] for row in transfers)
    assert paid == pytest.approx(0.23 + 0.22 + 0.11 + 0.12)
    assert balance_of(trader) == pytest.approx(20_000 + account_of(trader, own)["TotalProfit"] + paid)
    check_money(stage)
    wallets = [trader.done("wallets.get", ID=trader.wallet), investor.done("wallets.get", ID=investor.wallet)]
    assert [wallet["Invested"] for wallet in wallets] == [0, 0]


def test_when_the_week_ends_the_fee_is_shared_between_trader_and_partner(stage: Stage) -> None:
    trader, investor, partner = enrol(stage, 20_000), enrol(stage, 10_000), enrol(stage, 1)
    strategy = stage.strategy(trader)["StrategyID"]
    link = f"partner{strategy}"
    stage.do(AddOffer(strategy, 250_000, 0, link, partner.wallet, 200_000))
    account = investor.done("accounts.add", Link=link, Money=1_000)["AccountID"]
    sender = stage.sender(trader, strategy)
    stage.sync(sender)
    stage.signal(sender, "EURUSD", 1)
    stage.fill(110_000)
    stage.quote("EURUSD", 111_000, 111_010)

    # 0.1 lot has made 100.00: a quarter would be due, of which a fifth is the partner's.
    mine = account_of(investor, account)
    assert (mine["ProfitCurrentIntervalGross"], mine["FeeToPay"]) == (100, 25)
    info = partner.done("strategies.get", Link=link)["PartnerInfo"]
    assert info == {"FeePaid": 0, "FeeToPay": 5, "CommissionPaid": 0, "CommissionToPay": 0}
    info = trader.done("strategies.get", ID=strategy)["TraderInfo"]
    assert (info["FeePaid"], info["FeeToPay"]) == (0, 20)
    stage.signal(sender, "EURUSD", 0)
    stage.fill(111_000)

    # The next Monday the interval is over: fees are paid, and the next is counted from here.
    stage.broker.house.clock.moment += 7 * DAY_MS
    stage.quote("EURUSD", 111_000, 111_010)
    mine = account_of(investor, account)
    assert (mine["Equity"], mine["FeePaid"], mine["FeeToPay"], mine["ProfitCurrentIntervalGross"]) == (1_075, 25, 0, 0)
    assert (balance_of(trader), balance_of(partner)) == (15_020, 6)
    check_money(stage)
    transfers = [person.done("walletTransfers.search", Filter={"Type": 6})["WalletTransfers"] for person in (trader, partner)]
    assert [[row["Amount"] for row in rows] for rows in transfers] == [[20], []]
    shares = partner.done("walletTransfers.search", Filter={"Type": 8})["WalletTransfers"]
    assert [(row["Amount"], row["StrategyID"]) for row in shares] == [(5, strategy)]
    deals = investor.done("deals.search", Filter={"AccountID": account})["Deals"]
    assert [(deal["Type"], deal["TotalProfit"]) for deal in deals if deal["Type"] == 7] == [(7, -25)]
    offer = trader.done("strategies.getOffers", StrategyID=strategy)["Offers"][0]
    assert (offer["FeePaid"], offer["PartnerID"], offer["PartnerShareRate"]) == (20, partner.number, 0.2)
    assert partner.done("strategies.getOffers", StrategyID=strategy)["Offers"][0]["FeePaid"] == 5
    assert trader.done("strategies.get", ID=strategy)["Yields"]["day"] is not None
    assert trader.done("strategies.get", ID=strategy)["Yield"] == 0.1
    chart = trader.done("charts.get", StrategyID=strategy, MaxPoints=25)["Chart"]
    assert (chart[0]["Yield"], chart[-1]["Yield"]) == (0, 0.1)
    curve = investor.done("accounts.getCharts", AccountID=account, chartSize="small")["Chart"]
    assert (curve[0]["Equity"], curve[-1]["Equity"]) == (1_000, 1_075)
    stat = trader.done("strategysymbolstat.get", StrategyID=strategy)["StrategySymbolStat"]
    assert stat == [{"Symbol": "EURUSD", "Share": 100}]
