"""What follows from events of the trade platforms: lines of the timeline, margin letters, and deals to be confirmed."""

from typing import Any

from sqlalchemy import Connection, select

from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.following import Following, Heard
from prorata.crm.letters.confirmations import Confirmations
from prorata.crm.letters.kinds import LetterKind, Money
from prorata.crm.letters.letters import Letters
from prorata.crm.letters.statements.keeping import Statements
from prorata.crm.partners.payouts import payout_of
from prorata.crm.partners.tables import payouts
from prorata.messages.commands import BalanceKind
from prorata.messages.events import BalanceBooked, DayClosed, Dealt, Entry, MarginCalled, Reason, StoppedOut
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal, format_short
from prorata.units.numbers import VOLUME_DIGITS

_OF_REASON = {Reason.STOP_LOSS: TimelineEvent.STOP_LOSS, Reason.TAKE_PROFIT: TimelineEvent.TAKE_PROFIT}
_MARGIN = {
    MarginCalled: (TimelineEvent.MARGIN_CALL, LetterKind.MARGIN_CALL),
    StoppedOut: (TimelineEvent.STOP_OUT, LetterKind.STOP_OUT),
}


class Hearing:
    """Handlers of `following`: they look at the connection alone."""

    def __init__(self, following: Following, letters: Letters, confirmations: Confirmations, statements: Statements) -> None:
        self._letters = letters
        following.on(Dealt, self.dealt)
        following.on(Dealt, confirmations.hear)
        following.on(MarginCalled, self.margin)
        following.on(StoppedOut, self.margin)
        following.on(BalanceBooked, self.paid_out)
        following.on(DayClosed, statements.hear)

    def dealt(self, connection: Connection, heard: Heard) -> None:
        """Tell of a stop that closed a position, and of a pending order that was reached."""
        deal = heard.event
        assert isinstance(deal, Dealt)
        event = _OF_REASON.get(deal.reason)
        if event is None and deal.reason == Reason.PENDING and deal.entry == Entry.IN:
            event = TimelineEvent.ORDER_ACTIVATION
        if event is None:
            return
        parts = [str(deal.login), f"order {deal.order}", deal.symbol, format_short(deal.volume, VOLUME_DIGITS, 2)]
        if deal.entry == Entry.OUT:
            result = format_decimal(deal.profit + deal.commission + deal.swap, CURRENCY_DIGITS[heard.trading_account.currency])
            parts.append(f"{result} {heard.trading_account.currency}")
        self._tell(connection, heard, event, " ".join(parts))

    def paid_out(self, connection: Connection, heard: Heard) -> None:
        """Tell a partner that his commission was booked."""
        booked = heard.event
        assert isinstance(booked, BalanceBooked)
        if booked.kind != BalanceKind.AGENT_COMMISSION:
            return
        payout = payout_of(booked.external_id)
        until = connection.execute(select(payouts.c.until).where(payouts.c.uuid == payout)).scalar()
        self._letters.write(
            connection, heard.trading_account.account_id, LetterKind.IB_PAYOUT, f"{heard.platform_uuid} {heard.sequence}",
            login=str(booked.login), amount=Money(booked.amount, heard.trading_account.currency), until=until or heard.at,
            at=heard.at,
        )  # fmt: skip

    def margin(self, connection: Connection, heard: Heard) -> None:
        """Tell of a margin call or a stop-out, in the timeline and by a letter."""
        found = heard.event
        assert isinstance(found, MarginCalled | StoppedOut)
        event, kind = _MARGIN[type(found)]
        currency = heard.trading_account.currency
        values: dict[str, Any] = {name: Money(getattr(found, name), currency) for name in ("equity", "margin", "line")}
        shown = {name: f"{format_decimal(one.amount, CURRENCY_DIGITS[currency])} {currency}" for name, one in values.items()}
        details = f"{found.login} equity {shown['equity']} margin {shown['margin']} line {shown['line']}"
        self._tell(connection, heard, event, details)
        about = f"{heard.platform_uuid} {heard.sequence}"
        account_id = heard.trading_account.account_id
        self._letters.write(connection, account_id, kind, about, login=str(found.login), at=heard.at, **values)

    def _tell(self, connection: Connection, heard: Heard, event: TimelineEvent, details: str) -> None:
        tell(connection, heard.trading_account.account_id, event, details, "", heard.at)
