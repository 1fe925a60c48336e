"""Statements agree to the cent with what the platform says, are made once for each day, and show the same in every form."""

import asyncio
import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.letters import LetterFilter
from prorata.crm.letters.mailing import LetterSettings
from prorata.crm.letters.statements.figures import Period, Statement, differences_in
from prorata.crm.letters.statements.keeping import Form, KeptStatement, StatementFilter
from prorata.crm.letters.statements.pdf import pdf_of
from prorata.crm.letters.statements.sheet import sheet_of
from prorata.crm.letters.statements.words import WORDS
from prorata.crm.letters.tables import statement_runs
from prorata.crm.letters.tongues import TONGUES
from prorata.crm.trading import TradingAccount
from prorata.crm.transfers import Place
from prorata.messages.commands import BalanceKind, OrderType, Side
from prorata.messages.refusals import Refusal
from prorata.projections.many import ManyAccounts, Wanted
from prorata.projections.tables import deals
from prorata.units.numbers import MONEY_MAX
from tests.crm.desk import Desk
from tests.crm.letters.market import LOT, MONDAY, Market

LAST_OF_MARCH = 20_543


@pytest.fixture
def market(desk: Desk, tmp_path: Path) -> Iterator[Market]:
    market = Market(desk, tmp_path)
    market.quote("EURUSD", 110_000, 110_010)
    yield market
    market.history.close()


@pytest.fixture
def ann(desk: Desk) -> CrmAccount:
    wish = AccountWish(email="ann@mail.test", first_name="Ann", last_name="Lee", profile={"locale": "pl"})
    return desk.crm.accounts.add(desk.organization.id, wish, "correct horse battery", by="test")


@pytest.fixture
def found(market: Market, desk: Desk, ann: CrmAccount) -> TradingAccount:
    """With 10,000.00 paid in."""
    return desk.trading_account(ann, 1_000_000)


def monday(market: Market, found: TradingAccount) -> int:
    """Deal on Monday as worked out below; return the position that stays open."""
    first = market.order(found, Side.BUY, LOT)
    market.quote("EURUSD", 110_060, 110_070)
    market.close(found, first)
    held = market.order(found, Side.BUY, LOT // 2)
    second = market.order(found, Side.SELL, LOT // 10)
    market.close(found, second)
    market.book_money(found, BalanceKind.CORRECTION, -1_234, "=fee")
    market.book_money(found, BalanceKind.CREDIT_IN, 10_000, "bonus")
    market.order(
        found, Side.BUY, LOT, type=OrderType.LIMIT, price=109_000, stop_loss=108_000, comment="wait"
    )  # fmt: skip
    market.end_day()
    return held


def made(desk: Desk, found: TradingAccount, day: int = MONDAY, period: Period = Period.DAY) -> Statement:
    statements = desk.crm.letter_desk.statements
    return statements.figures(statements.make_now(desk.organization.id, found.id, period, day))


def kept(desk: Desk, **wanted: Any) -> list[KeptStatement]:
    rows, total = desk.crm.letter_desk.statements.search(
        desk.organization.id, StatementFilter(**wanted), Slice("created", False, 0, 100)
    )
    assert len(rows) == total
    return rows


def letters(desk: Desk) -> list[tuple[LetterKind, str]]:
    found, _ = desk.crm.letters.search(desk.organization.id, LetterFilter(), Slice("created", False, 0, 100))
    of_statements = (LetterKind.DAILY_STATEMENT, LetterKind.MONTHLY_STATEMENT)
    return [(one.kind, one.recipient) for one in found if one.kind in of_statements]


# The figures.


def test_a_day_is_worked_out_to_the_cent(market: Market, desk: Desk, found: TradingAccount) -> None:
    """Two trades, a position that is held, a deposit, a fee, credit and the night's swap.

    1.00 lot bought at 1.10010, closed at 1.10060: 50.00, less 2 x 3.50 commission. 0.10 lot sold at 1.10060, closed at
    1.10070: -1.00, less 2 x 0.35. 0.50 lot bought at 1.10070: 1.75 commission now, at 1.10060 worth -5.00; swap -6.5 points
    of 0.50 lot: -3.25.
    10,000.00 - 12.34 + 50.00 - 1.00 - 7.00 - 0.70 - 1.75 = 10,027.21.
    """
    monday(market, found)
    market.write()
    one = made(desk, found)
    totals = one.totals
    assert (one.opening.balance, totals.deposits, totals.corrections) == (0, 1_000_000, -1_234)
    assert [(trade.profit, trade.commission, trade.swap) for trade in one.trades] == [(5_000, -700, 0), (-100, -70, 0)]
    assert (totals.profit, one.trades_commission, one.opening_commission, totals.swap) == (4_900, -770, -175, 0)
    assert one.closing.balance == 1_002_721
    (held,) = one.held
    assert (held.volume, held.price, held.floating, held.swap, held.commission) == (LOT // 2, 110_060, -500, -325, -175)
    closing = one.closing
    assert (closing.credit, closing.floating, closing.swap, closing.equity) == (10_000, -500, -325, 1_011_896)
    assert (totals.credit_in, totals.credit_out) == (10_000, 0)
    (waiting,) = one.waiting
    assert (waiting.price, waiting.stop_loss, waiting.volume) == (109_000, 108_000, LOT)
    assert closing.free_margin == closing.equity - closing.margin
    assert differences_in(one) == []


def test_each_day_begins_where_the_one_before_ended(market: Market, desk: Desk, found: TradingAccount) -> None:
    """On Tuesday half of what was held is closed at 1.10170: 25.00; of 1.75 and -3.25, 0.88 and -1.62 go with it."""
    held = monday(market, found)
    market.quote("EURUSD", 110_170, 110_180)
    market.close(found, held, LOT // 4)
    market.book_money(found, BalanceKind.WITHDRAWAL, 50_000, "rent")
    market.end_day(MONDAY + 1)
    market.write()
    first, second = made(desk, found), made(desk, found, MONDAY + 1)
    assert second.opening == first.closing
    (trade,) = second.trades
    assert (trade.profit, trade.swap, trade.commission) == (2_500, -162, -176)
    assert (second.totals.commission, second.opening_commission) == (-88, 88), "half of what was charged on Monday"
    assert second.closing.balance == 1_002_721 - 50_000 + 2_500 - 162 - 88
    (left,) = second.held
    assert (left.volume, left.commission, left.floating) == (LOT // 4, -87, 2_500)
    assert differences_in(second) == []


def test_a_month_has_all_of_its_days(market: Market, desk: Desk, found: TradingAccount) -> None:
    held = monday(market, found)
    market.end_day(LAST_OF_MARCH - 1)
    market.close(found, held)
    market.end_day(LAST_OF_MARCH + 1)
    market.write()
    one = made(desk, found, MONDAY, Period.MONTH)
    assert (one.first_day, one.last_day) == (MONDAY - 1, LAST_OF_MARCH)
    assert (len(one.trades), one.held, one.opening.balance) == (3, (), 0)
    nights = sum(event.swap for event in market.days_closed() if event.day == LAST_OF_MARCH - 1)
    assert one.totals.swap == nights < -3_000
    assert differences_in(one) == []
    april = made(desk, found, LAST_OF_MARCH + 1)
    assert april.opening == one.closing


def test_money_is_converted_at_the_quotes_of_the_day_s_end(market: Market, desk: Desk, found: TradingAccount) -> None:
    """1.00 lot of USDJPY at 150.010, at 150.110 worth 10,000 JPY, by 150.120 66.61 USD; and one of EURUSD beside it."""
    market.quote("USDJPY", 150_000, 150_010)
    market.order(found, Side.BUY, LOT, "USDJPY")
    market.order(found, Side.BUY, LOT // 100)
    market.quote("USDJPY", 150_110, 150_120)
    market.end_day()
    market.quote("USDJPY", 160_000, 160_010)
    market.write()
    one = made(desk, found)
    yen, euro = one.held
    assert (yen.price, yen.floating, euro.floating) == (150_110, 6_661, -10)
    assert one.closing.floating == 6_651
    assert differences_in(one) == []


def test_without_the_quotes_single_positions_are_not_valued_and_the_sum_is(
    market: Market, desk: Desk, found: TradingAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday(market, found)
    monkeypatch.setattr(market.quotes, "ticks", lambda *_, **__: [])
    market.write()
    one = made(desk, found)
    assert [(held.price, held.floating) for held in one.held] == [(None, None)]
    assert (one.closing.floating, differences_in(one)) == (-500, [])
    table = next(table for table in sheet_of(one, TONGUES["en"]).tables if table.title == "Open positions")
    assert (table.rows[0][-1], table.total[-1]) == ("\u2013", "\u22125.00")


def test_a_cent_anywhere_is_noticed(market: Market, desk: Desk, found: TradingAccount) -> None:
    monday(market, found)
    market.write()
    one = made(desk, found)
    replace = msgspec.structs.replace
    changes: list[dict[str, Any]] = [
        {"closing": replace(one.closing, balance=one.closing.balance + 1)},
        {"closing": replace(one.closing, equity=one.closing.equity - 1)},
        {"opening": replace(one.opening, credit=1)},
        *({"totals": replace(one.totals, **{name: 1})} for name in one.totals.__struct_fields__),
        {"posted_balance": one.posted_balance + 1}, {"posted_credit": 0}, {"commission_before": 1}, {"commission_after": 0},
        {"trades": one.trades[:1]}, {"held": ()}, {"movements": one.movements[1:]},
        {"held": (replace(one.held[0], floating=0),)},
    ]  # fmt: skip
    assert [change for change in changes if not differences_in(replace(one, **change))] == []


def come_back(market: Market, desk: Desk, ann: CrmAccount, found: TradingAccount) -> None:
    """Two withdrawals of 100.00 with a fee of 1 % are refused, one with a comment; a transfer of 70.00 does not arrive."""
    gateway = desk.gateway(withdrawal_approvals=1, withdrawal_fee_ppm=10_000)
    for comment in ("=rent", ""):
        payment = desk.crm.payments.withdraw(ann, found, gateway, 10_000, comment=comment, by="test")
        desk.carry(payment.subject)
        desk.crm.payments.decide(desk.crm.payments.get(payment.id), agree=False, reason="no", decided_by="bob")
        desk.carry(payment.subject)
    full = desk.trading_account(ann)
    market.book_money(full, BalanceKind.CORRECTION, MONEY_MAX)
    source, target = (Place.of(one, desk.standard) for one in (found, full))
    transfer = desk.crm.transfers.ask(ann, source, target, 7_000, None, by="test")
    desk.carry(transfer.subject)


def test_what_comes_back_of_a_withdrawal_is_no_deposit(
    market: Market, desk: Desk, ann: CrmAccount, found: TradingAccount
) -> None:
    come_back(market, desk, ann, found)
    market.book_money(found, BalanceKind.DEPOSIT, 500, "Withdrawal returned")
    market.end_day()
    market.write()
    one = made(desk, found)
    totals = one.totals
    assert (totals.deposits, totals.withdrawals, totals.returned) == (1_000_500, -27_000, 27_000)
    assert (one.closing.balance, differences_in(one)) == (1_000_500, [])
    first, second, third = (movement for movement in one.movements if movement.returned)
    assert [(back.amount, back.comment) for back in (first, second)] == [(10_000, "=rent"), (10_000, "")]
    assert (third.amount, third.comment.endswith(" returned")) == (7_000, True)
    statements = desk.crm.letter_desk.statements
    kept_one = statements.make_now(desk.organization.id, found.id, Period.DAY, MONDAY)
    rows = list(csv.reader(io.StringIO(statements.rendered(kept_one, Form.CSV)[1].decode())))
    assert ["Withdrawals returned", "270.00"] in rows
    assert [row[2:] for row in rows if row[2:3] == ["Withdrawal returned"]][:2] == [
        ["Withdrawal returned", "'=rent", "100.00"], ["Withdrawal returned", "", "100.00"],
    ]  # fmt: skip
    for language, tongue in TONGUES.items():
        words, sheet = WORDS[language], sheet_of(one, tongue)
        assert (words["withdrawals_returned"], tongue.number(27_000, 2)) in sheet.summary
        named = [row[2] for row in sheet.tables[0].rows]
        assert (named.count(words["withdrawal_returned"]), named.count(words["deposit"])) == (3, 2)
        html = statements.rendered(kept_one, Form.HTML, language)[1].decode()
        assert words["withdrawal_returned"] in html
        assert words["withdrawals_returned"] in html


def test_programs_see_by_the_comment_that_a_withdrawal_came_back(
    market: Market, desk: Desk, ann: CrmAccount, found: TradingAccount
) -> None:
    come_back(market, desk, ann, found)
    market.write()
    said = ManyAccounts(market.history).comments([found.login], Wanted(limit=100)).values()
    assert [one for one in said if "eturned" in one][:2] == ["Withdrawal returned: =rent", "Withdrawal returned"]


def test_a_statement_that_was_kept_before_shows_what_it_has_shown(market: Market, desk: Desk, found: TradingAccount) -> None:
    market.end_day()
    market.write()
    one = msgspec.to_builtins(made(desk, found))
    del one["totals"]["returned"]
    for movement in one["movements"]:
        del movement["returned"]
    before = msgspec.convert(one, Statement)
    assert (before.totals.deposits, differences_in(before)) == (1_000_000, [])


# When they are made.


def test_at_the_end_of_a_day_who_was_active_or_holds_something_gets_one(
    market: Market, desk: Desk, found: TradingAccount
) -> None:
    idle, gone = (desk.trading_account(desk.account(f"{name}@mail.test"), 50_000) for name in ("idle", "gone"))
    statements = desk.crm.letter_desk.statements
    market.end_day(MONDAY)
    market.order(found, Side.BUY, LOT)
    market.book_money(gone, BalanceKind.WITHDRAWAL, 50_000)
    market.end_day(MONDAY + 1)
    desk.follow()
    assert statements.make_due() == 0, "the history does not have the day yet"
    market.write()
    market.up = False
    assert statements.make_due() == 0, "the platform does not run here"
    market.up = True
    assert statements.make_due() == 2
    assert statements.make_due() == 0
    of_days = {(one.login, one.last_day) for one in kept(desk)}
    deposits = {(one.login, MONDAY) for one in (found, idle, gone)}
    assert of_days == deposits | {(found.login, MONDAY + 1), (gone.login, MONDAY + 1)}
    assert len(letters(desk)) == 5
    assert {kind for kind, _ in letters(desk)} == {LetterKind.DAILY_STATEMENT}
    assert kept(desk, differing=True) == []


def test_a_run_that_is_begun_again_makes_what_is_missing(
    market: Market, desk: Desk, found: TradingAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.trading_account(desk.account("bob@mail.test"), 50_000)
    market.end_day()
    market.write()
    statements = desk.crm.letter_desk.statements
    write, calls = desk.crm.letters.write, []

    def killed(*args: Any, **more: Any) -> bool:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(*args, **more)

    monkeypatch.setattr(desk.crm.letters, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        statements.make_due()
    assert len(letters(desk)) == 1
    desk.follow()
    assert statements.make_due() == 1
    assert len(letters(desk)) == len(kept(desk)) == 2


def test_a_run_stops_when_the_program_does_and_goes_on_with_it(market: Market, desk: Desk, found: TradingAccount) -> None:
    market.end_day()
    market.write()
    statements = desk.crm.letter_desk.statements
    statements.stopping = True
    assert (statements.make_due(), kept(desk)) == (0, [])

    async def run() -> None:
        async with desk.crm.letter_desk.running():
            while not kept(desk):  # noqa: ASYNC110 - what runs tells nobody
                await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(run(), 20))
    assert [one.login for one in kept(desk)] == [found.login]


def test_after_the_last_day_of_a_month_everybody_with_something_gets_that_of_the_month(
    market: Market, desk: Desk, found: TradingAccount
) -> None:
    market.end_day(LAST_OF_MARCH - 1)
    market.write()
    desk.crm.letter_desk.write_waiting()
    market.end_day(LAST_OF_MARCH)
    market.write()
    while desk.crm.letter_desk.statements.make_due():
        pass
    (month,) = kept(desk, period=Period.MONTH)
    assert (month.first_day, month.last_day, month.login) == (MONDAY - 1, LAST_OF_MARCH, found.login)
    assert [kind for kind, _ in letters(desk)] == [LetterKind.DAILY_STATEMENT, LetterKind.MONTHLY_STATEMENT]


def test_days_that_nobody_of_ours_told_of_are_made_up(market: Market, desk: Desk, found: TradingAccount) -> None:
    market.end_day(MONDAY)
    market.book_money(found, BalanceKind.WITHDRAWAL, 1_000_000)
    market.end_day(MONDAY + 2)
    market.book_money(found, BalanceKind.DEPOSIT, 7_000)
    market.end_day(MONDAY + 3)
    market.write()
    with desk.control.database.reading() as connection:
        days = connection.execute(select(statement_runs.c.day).order_by(statement_runs.c.day)).scalars().all()
    assert days == [MONDAY, MONDAY + 1, MONDAY + 2, MONDAY + 3]
    while desk.crm.letter_desk.statements.make_due():
        pass
    assert [one.last_day for one in kept(desk)] == [MONDAY, MONDAY + 1, MONDAY + 3]


def test_what_an_organization_does_not_send_and_demo_accounts_are_kept_and_not_sent(
    market: Market, desk: Desk, found: TradingAccount
) -> None:
    desk.standard = desk.offer("retail-usd", demo=True)
    desk.trading_account(desk.account("demo@mail.test"), 50_000)
    market.end_day()
    market.write()
    desk.crm.letter_desk.mailings.set_settings(desk.organization.id, LetterSettings(daily_statements=False))
    desk.crm.letter_desk.statements.make_due()
    assert (len(kept(desk)), letters(desk)) == (2, [])


def test_one_that_does_not_agree_is_listed_and_told_of_and_not_sent_and_can_be_made_anew(
    market: Market, desk: Desk, found: TradingAccount
) -> None:
    monday(market, found)
    market.write()
    changed = update(deals).where(deals.c.profit == 5_000)
    with market.history._database.begin() as connection:
        connection.execute(changed.values(profit=5_001))
    statements = desk.crm.letter_desk.statements
    with capture_logs() as logged:
        assert statements.make_due() == 1
    (wrong,) = kept(desk, differing=True)
    assert "closing balance: 1002721, counted 1002722" in wrong.problem
    assert [one["event"] for one in logged] == ["a statement does not agree"]
    assert letters(desk) == []
    with market.history._database.begin() as connection:
        connection.execute(update(deals).where(deals.c.profit == 5_001).values(profit=5_000))
    again = statements.make_now(desk.organization.id, found.id, Period.DAY, MONDAY)
    assert (again.uuid, again.differences, kept(desk, differing=True)) == (wrong.uuid, 0, [])


def test_on_demand_only_what_has_ended_is_made_and_only_for_whom_it_is(
    market: Market, desk: Desk, found: TradingAccount
) -> None:
    statements, organization = desk.crm.letter_desk.statements, desk.organization.id
    market.write()
    for period, day in ((Period.DAY, MONDAY), (Period.MONTH, MONDAY)):
        with pytest.raises(Declined) as declined:
            statements.make_now(organization, found.id, period, day)
        assert declined.value.code == Refusal.STATEMENT_NOT_READY
    market.end_day()
    with pytest.raises(Declined, match="history"):
        statements.make_now(organization, found.id, Period.DAY, MONDAY)
    market.write()
    with pytest.raises(NotFound):
        statements.make_now(organization + 1, found.id, Period.DAY, MONDAY)
    one = statements.make_now(organization, found.id, Period.DAY, MONDAY)
    assert statements.make_now(organization, found.id, Period.DAY, MONDAY) == one, "it is kept"
    with pytest.raises(NotFound):
        statements.find(organization + 1, one.uuid)
    assert made(desk, found, MONDAY - 5).is_empty
    assert letters(desk) == []


# What they are shown as.


@pytest.mark.parametrize("language", TONGUES)
def test_every_language_has_every_word(language: str) -> None:
    assert WORDS[language].keys() == WORDS["en"].keys()
    assert all(WORDS[language].values())


def test_csv_is_for_programs_and_sums_to_its_totals(market: Market, desk: Desk, found: TradingAccount) -> None:
    monday(market, found)
    market.write()
    statements = desk.crm.letter_desk.statements
    one = statements.make_now(desk.organization.id, found.id, Period.DAY, MONDAY)
    name, content = statements.rendered(one, Form.CSV)
    assert name == f"statement-{found.login}-2026-03-02.csv"
    rows = list(csv.reader(io.StringIO(content.decode())))
    summary = {row[0]: Decimal(row[1]) for row in rows[rows.index(["Summary"]) + 1 : rows.index(["Summary"]) + 14] if row}
    assert summary["Closing balance"] == Decimal("10027.21")
    places = [name for name in summary if name not in ("Closing balance", "Equity", "Margin in use", "Free margin", "Credit")]
    moved = [summary[name] for name in places if name not in ("Floating result", "Swap not yet booked")]
    assert sum(moved) == summary["Closing balance"]
    trades = rows[rows.index(["Closed trades"]) + 2 :][:3]
    assert sum(Decimal(row[-1]) for row in trades[:2]) == Decimal(trades[2][-1]) == Decimal("41.30")
    assert trades[0][4] == "2026-03-02 12:00:00 UTC"
    assert any(row[3:4] == ["'=fee"] for row in rows), "what strangers write is no formula"


def test_html_escapes_what_strangers_write_and_is_in_the_person_s_language(
    market: Market, desk: Desk, found: TradingAccount
) -> None:
    market.book_money(found, BalanceKind.CORRECTION, -1, "<script>alert(1)</script>")
    market.end_day()
    market.write()
    statements = desk.crm.letter_desk.statements
    one = statements.make_now(desk.organization.id, found.id, Period.DAY, MONDAY)
    _, content = statements.rendered(one, Form.HTML)
    text = content.decode()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "Saldo końcowe" in text
    assert "9999,99" in text
    assert "Kontoauszug, 02.03.2026" in statements.rendered(one, Form.HTML, "de")[1].decode()


def test_the_same_statement_is_the_same_pdf_in_another_process_later(
    market: Market, desk: Desk, found: TradingAccount, tmp_path: Path
) -> None:
    monday(market, found)
    market.write()
    one = made(desk, found)
    here = pdf_of(sheet_of(one, TONGUES["ru"]), one.until)
    assert here.startswith(b"%PDF-")
    assert b"Roboto" in here
    (tmp_path / "figures.json").write_bytes(msgspec.json.encode(one))
    program = (
        "import sys, msgspec\n"
        "from prorata.crm.letters.statements.figures import Statement\n"
        "from prorata.crm.letters.statements.pdf import pdf_of\n"
        "from prorata.crm.letters.statements.sheet import sheet_of\n"
        "from prorata.crm.letters.tongues import TONGUES\n"
        "one = msgspec.json.decode(open(sys.argv[1], 'rb').read(), type=Statement)\n"
        "sys.stdout.buffer.write(pdf_of(sheet_of(one, TONGUES['ru']), one.until))\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "figures.json")], capture_output=True, check=True, timeout=60,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7"},
    ).stdout  # fmt: skip
    assert there == here


def test_a_daily_statement_is_mailed_with_the_pdf(market: Market, desk: Desk, found: TradingAccount) -> None:
    monday(market, found)
    market.write()
    desk.crm.letter_desk.statements.make_due()
    (mail,) = [one for one in desk.control.outbox.newest() if one.kind == "letter daily_statement"]
    assert "Saldo końcowe: 10\u00a0027,21\u00a0USD" in mail.body
    (attachment,) = desk.crm.letters.attachments(mail.attachment)
    assert (attachment.name, attachment.type) == (f"statement-{found.login}-2026-03-02.pdf", "application/pdf")
    assert attachment.content.startswith(b"%PDF-")
