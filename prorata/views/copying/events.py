"""Events of copy trading as our own API shows them: what `events` is for the trade server.

Topics: wallet, strategy, investment, signal, fill; of the configuration copy_spec, stream. An event about many investments
is told in sums, added up from its packed columns when somebody is told for the first time: whoever does not see it
costs nothing. All of it is for those who see the whole platform.
"""

from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from prorata.copying.columns import count_of, sum_of, unpack
from prorata.copying.desk import CopyDesk
from prorata.messages import copy_events as told
from prorata.messages.copy_terms import VolumeReason
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import Minor, Points
from prorata.views.copying import event_shapes as shapes
from prorata.views.event_shapes import EventShape
from prorata.views.names import NEED_SYNC, CopyTopic, VolumeReasonName, name_of
from prorata.views.numbers import show_factor, show_percent
from prorata.views.texts import amount_text, day_text, moment_or_none, price_or_none, unit_price_text, volume_text

Head = dict[str, Any]
"""`topic`, `seq` and `at` of an event"""
_REASONS: dict[VolumeReason, Any] = {flag: str(flag.name).lower() for flag in VolumeReason}
Render = Callable[[CopyDesk, Any, Head], EventShape]


def topic_of(event: Any) -> CopyTopic:
    """Return what an event of copy trading is about."""
    if isinstance(event, (told.CommandTaken, told.CommandEnded)):
        return "investment" if event.investment else "strategy"
    return _TOPICS[type(event)]


def copy_event_shape(desk: CopyDesk, event: Any, seq: int | None, at: str | None) -> EventShape:
    """Return an event as it is told to those who see the whole platform."""
    return COPY_RENDER[type(event)](desk, event, head_of(event, seq, at))


def head_of(event: Any, seq: int | None, at: str | None) -> Head:
    return {"topic": topic_of(event), "seq": seq, "at": at}


def reason_names(flags: int) -> tuple[VolumeReasonName, ...]:
    """Return the words for why a volume is not what the formula gave."""
    return tuple(_REASONS[flag] for flag in VolumeReason(flags))


def _strategy_money(desk: CopyDesk, strategy: int) -> tuple[str, int]:
    """Return a strategy's currency and its decimal places."""
    currency = desk.state.strategies[strategy].currency
    return currency, CURRENCY_DIGITS[currency]


def _wallet_money(desk: CopyDesk, wallet: int) -> tuple[str, int]:
    currency = desk.state.wallets[wallet].currency
    return currency, CURRENCY_DIGITS[currency]


def _price(desk: CopyDesk, symbol: str, price: Points) -> str:
    return amount_text(price, desk.desk.state.symbols[symbol].digits)


def _sum(column: told.Column, places: int) -> str:
    amount: Minor = sum_of(column)
    return amount_text(amount, places)


def _volume(column: told.Column) -> str:
    return volume_text(sum_of(column))


# Configuration.


def _copy_spec(_desk: CopyDesk, event: told.CopySpecPut, head: Head) -> EventShape:
    return shapes.CopySpecEvent(company=event.spec.company, currency=event.spec.currency, **head)


def _stream(_desk: CopyDesk, event: told.StreamPut, head: Head) -> EventShape:
    return shapes.StreamEvent(stream=event.spec.id, name=event.spec.name, **head)


# Wallets.


def _wallet_opened(_desk: CopyDesk, event: told.WalletOpened, head: Head) -> EventShape:
    return shapes.WalletOpenedEvent(
        wallet=event.wallet,
        client=event.client,
        company=event.company,
        currency=event.currency,
        test=event.test,
        external=event.external,
        **head,
    )


def _wallet_moved(desk: CopyDesk, event: told.WalletMoved, head: Head) -> EventShape:
    currency, places = _wallet_money(desk, event.wallet)
    return shapes.WalletMovedEvent(
        transfer=event.transfer,
        wallet=event.wallet,
        type=name_of(event.type),
        amount=amount_text(event.amount, places),
        balance=amount_text(event.balance, places),
        currency=currency,
        strategy=event.strategy or None,
        investment=event.investment or None,
        external_id=event.external_id,
        comment=event.comment,
        internal_comment=event.internal_comment,
        **head,
    )


def _reserved(desk: CopyDesk, event: told.WithdrawalReserved, head: Head) -> EventShape:
    currency, places = _wallet_money(desk, event.wallet)
    return shapes.WithdrawalReservedEvent(
        reservation=event.reservation,
        wallet=event.wallet,
        amount=amount_text(event.amount, places),
        balance=amount_text(event.balance, places),
        currency=currency,
        external_id=event.external_id,
        comment=event.comment,
        **head,
    )


def _reservation_ended(desk: CopyDesk, event: told.ReservationEnded, head: Head) -> EventShape:
    currency, places = _wallet_money(desk, event.wallet)
    return shapes.ReservationEndedEvent(
        reservation=event.reservation,
        wallet=event.wallet,
        paid=event.paid,
        balance=amount_text(event.balance, places),
        currency=currency,
        **head,
    )


# Strategies and offers.


def _strategy_opened(_desk: CopyDesk, event: told.StrategyOpened, head: Head) -> EventShape:
    return shapes.StrategyOpenedEvent(
        strategy=event.strategy,
        client=event.client,
        wallet=event.wallet,
        company=event.company,
        name=event.name,
        currency=event.currency,
        accounting=name_of(event.accounting),
        manage=name_of(event.manage),
        source_login=event.source_login or None,
        external_server=event.external_server,
        external_account=event.external_account,
        tags=event.tags,
        **head,
    )


def _strategy_changed(_desk: CopyDesk, event: told.StrategyChanged, head: Head) -> EventShape:
    return shapes.StrategyChangedEvent(
        strategy=event.strategy,
        name=event.name,
        status=name_of(event.status),
        need_sync=NEED_SYNC[event.need_sync],
        public_offer=event.public_offer or None,
        **head,
    )


def _offer_added(desk: CopyDesk, event: told.OfferAdded, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    return shapes.OfferAddedEvent(
        offer=event.offer,
        strategy=event.strategy,
        type=name_of(event.type),
        fee_percent=show_percent(event.fee_ppm),
        commission_per_million=amount_text(event.commission_per_million, places),
        currency=currency,
        partner_wallet=event.partner_wallet or None,
        partner_percent=show_percent(event.partner_ppm),
        broker_percent=show_percent(event.broker_ppm),
        basis=name_of(event.basis),
        flows=name_of(event.flows),
        restart=name_of(event.restart),
        link=event.link,
        description=event.description,
        **head,
    )


def _offer_changed(_desk: CopyDesk, event: told.OfferChanged, head: Head) -> EventShape:
    return shapes.OfferChangedEvent(
        offer=event.offer,
        strategy=event.strategy,
        type=name_of(event.type),
        status=name_of(event.status),
        **head,
    )


def _interval_ended(_desk: CopyDesk, event: told.IntervalEnded, head: Head) -> EventShape:
    return shapes.IntervalEndedEvent(
        strategy=event.strategy,
        interval=event.interval,
        next_interval=event.next_interval,
        investments=count_of(event.investments),
        **head,
    )


def _strategy_day(desk: CopyDesk, event: told.StrategyDay, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    return shapes.StrategyDayEvent(
        strategy=event.strategy,
        day=day_text(event.day),
        unit_price=unit_price_text(event.unit_price),
        own_equity=amount_text(event.own_equity, places),
        own_balance=amount_text(event.own_balance, places),
        investments=event.investments,
        equity=amount_text(event.equity, places),
        currency=currency,
        **head,
    )


# Investments.


def _investment_opened(_desk: CopyDesk, event: told.InvestmentOpened, head: Head) -> EventShape:
    return shapes.InvestmentOpenedEvent(
        investment=event.investment,
        strategy=event.strategy,
        offer=event.offer,
        client=event.client,
        wallet=event.wallet,
        company=event.company,
        type=name_of(event.type),
        factor=show_factor(event.factor),
        protection_percent=show_percent(event.protection_ppm),
        target_percent=show_percent(event.target_ppm),
        a_book_percent=event.a_book_percent,
        stream=event.stream,
        interval=event.interval,
        **head,
    )


def _investment_moved(desk: CopyDesk, event: told.InvestmentMoved, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    return shapes.InvestmentMovedEvent(
        deal=event.deal,
        transfer=event.transfer,
        investment=event.investment,
        strategy=event.strategy,
        wallet=event.wallet,
        amount=amount_text(event.amount, places),
        balance=amount_text(event.balance, places),
        wallet_balance=amount_text(event.wallet_balance, places),
        currency=currency,
        command=event.command or None,
        **head,
    )


def _profile_set(desk: CopyDesk, event: told.ProfileSet, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    return shapes.ProfileSetEvent(
        investment=event.investment,
        strategy=event.strategy,
        factor=show_factor(event.factor),
        protection_percent=show_percent(event.protection_ppm),
        target_percent=show_percent(event.target_ppm),
        base=amount_text(event.base, places),
        currency=currency,
        a_book_percent=event.a_book_percent,
        stream=event.stream,
        **head,
    )


def _states_changed(desk: CopyDesk, event: told.StatesChanged, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    digits = desk.desk.state.symbols[event.symbol].digits if event.symbol else 0
    return shapes.StatesChangedEvent(
        strategy=event.strategy,
        state=name_of(event.state),
        cause=event.cause or None,
        investments=count_of(event.investments),
        equity=_sum(event.equities, places),
        currency=currency,
        symbol=event.symbol or None,
        bid=price_or_none(event.bid, digits),
        ask=price_or_none(event.ask, digits),
        **head,
    )


def _command_taken(_desk: CopyDesk, event: told.CommandTaken, head: Head) -> EventShape:
    return shapes.CommandTakenEvent(
        command=event.command,
        kind=name_of(event.kind),
        strategy=event.strategy,
        investment=event.investment or None,
        status=name_of(event.status),
        **head,
    )


def _command_ended(_desk: CopyDesk, event: told.CommandEnded, head: Head) -> EventShape:
    return shapes.CommandEndedEvent(
        command=event.command,
        strategy=event.strategy,
        investment=event.investment or None,
        status=name_of(event.status),
        **head,
    )


def _copied(desk: CopyDesk, event: told.Copied, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    count = count_of(event.investments)
    return shapes.CopiedEvent(
        strategy=event.strategy,
        symbol=event.symbol,
        ticket=event.ticket or None,
        signal=event.signal or None,
        command=event.command or None,
        stop_out=event.stop_out or None,
        request=event.request or None,
        fill=event.fill or None,
        price=_price(desk, event.symbol, event.price),
        first_deal=event.first_deal,
        last_deal=event.first_deal + count - 1,
        interval=event.interval,
        investments=count,
        volume=_volume(event.volumes),
        a_volume=_volume(event.a_volumes),
        turnover=_sum(event.turnovers, places),
        profit=_sum(event.profits, places),
        swap=_sum(event.swaps, places),
        broker_commission=_sum(event.broker_commissions, places),
        liquidity_commission=_sum(event.liquidity_commissions, places),
        trader_commission=_sum(event.trader_commissions, places),
        partner_commission=_sum(event.partner_commissions, places),
        currency=currency,
        **head,
    )


def _volumes_rejected(_desk: CopyDesk, event: told.VolumesRejected, head: Head) -> EventShape:
    count = count_of(event.investments)
    return shapes.VolumesRejectedEvent(
        strategy=event.strategy,
        symbol=event.symbol,
        ticket=event.ticket or None,
        signal=event.signal or None,
        request=event.request or None,
        first_deal=event.first_deal,
        last_deal=event.first_deal + count - 1,
        investments=count,
        volume=_volume(event.volumes),
        **head,
    )


def _fees_charged(desk: CopyDesk, event: told.FeesCharged, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    count = count_of(event.investments)
    return shapes.FeesChargedEvent(
        strategy=event.strategy,
        interval=event.interval,
        next_interval=event.next_interval,
        first_deal=event.first_deal,
        last_deal=event.first_deal + count - 1,
        investments=count,
        fee=_sum(event.fees, places),
        trader_share=_sum(event.trader_shares, places),
        partner_share=_sum(event.partner_shares, places),
        broker_share=_sum(event.broker_shares, places),
        trader_balance=amount_text(event.trader_balance, places),
        currency=currency,
        **head,
    )


def _swaps_charged(desk: CopyDesk, event: told.SwapsCharged, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    return shapes.SwapsChargedEvent(
        strategy=event.strategy,
        symbol=event.symbol,
        ticket=event.ticket or None,
        nights=event.nights,
        investments=count_of(event.investments),
        amount=_sum(event.amounts, places),
        currency=currency,
        **head,
    )


def _investment_days(desk: CopyDesk, event: told.InvestmentDays, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    return shapes.InvestmentDaysEvent(
        strategy=event.strategy,
        day=day_text(event.day),
        investments=count_of(event.investments),
        equity=_sum(event.equities, places),
        balance=_sum(event.balances, places),
        currency=currency,
        **head,
    )


def _deficit_covered(desk: CopyDesk, event: told.DeficitCovered, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    return shapes.DeficitCoveredEvent(
        strategy=event.strategy,
        investments=count_of(event.investments),
        amount=_sum(event.amounts, places),
        currency=currency,
        **head,
    )


# Signals.


def _signal_taken(desk: CopyDesk, event: told.SignalTaken, head: Head) -> EventShape:
    currency, places = _strategy_money(desk, event.strategy)
    digits = desk.desk.state.symbols[event.symbol].digits if event.symbol else 0
    return shapes.SignalTakenEvent(
        signal=event.signal,
        strategy=event.strategy,
        symbol=event.symbol or None,
        lot=volume_text(event.lot),
        equity=amount_text(event.equity, places),
        currency=currency,
        symbols=event.symbols,
        status=name_of(event.status),
        ticket=event.ticket,
        comment=event.comment,
        soft=event.soft,
        price=price_or_none(event.price, digits),
        **head,
    )


def _volumes_trimmed(_desk: CopyDesk, event: told.VolumesTrimmed, head: Head) -> EventShape:
    count = count_of(event.investments)
    return shapes.VolumesTrimmedEvent(
        strategy=event.strategy,
        signal=event.signal or None,
        symbol=event.symbol,
        ticket=event.ticket or None,
        investments=count,
        reasons=_count_reasons(event.reasons, count),
        asked=_volume(event.asked),
        given=_volume(event.given),
        **head,
    )


def _count_reasons(column: told.Column, count: int) -> dict[VolumeReasonName, int]:
    """Return how many investments have each reason."""
    found = np.bincount(unpack(column, count))
    sums: dict[VolumeReasonName, int] = {}
    for flags in np.flatnonzero(found).tolist():
        for name in reason_names(flags):
            sums[name] = sums.get(name, 0) + int(found[flags])
    return sums


# Fills.


def _fill_requested(_desk: CopyDesk, event: told.FillRequested, head: Head) -> EventShape:
    return shapes.FillRequestedEvent(
        request=event.request,
        stream=event.stream,
        symbol=event.symbol,
        volume=volume_text(event.volume),
        demand=volume_text(event.demand),
        residual=volume_text(event.residual),
        strategies=event.strategies,
        **head,
    )


def _fill_booked(desk: CopyDesk, event: told.FillBooked, head: Head) -> EventShape:
    return shapes.FillBookedEvent(
        fill=event.fill,
        request=event.request,
        stream=event.stream,
        symbol=event.symbol,
        price=_price(desk, event.symbol, event.price),
        filled=volume_text(event.filled),
        execution=event.execution,
        hedge=volume_text(event.hedge),
        **head,
    )


def _fill_request_ended(_desk: CopyDesk, event: told.FillRequestEnded, head: Head) -> EventShape:
    return shapes.FillRequestEndedEvent(
        request=event.request,
        stream=event.stream,
        symbol=event.symbol,
        filled=volume_text(event.filled),
        rejected=volume_text(event.rejected),
        reason=event.reason,
        again_at=moment_or_none(event.again_at),
        **head,
    )


_TOPICS: dict[type, CopyTopic] = {
    told.CopySpecPut: "copy_spec",
    told.StreamPut: "stream",
    **dict.fromkeys((told.WalletOpened, told.WalletMoved, told.WithdrawalReserved, told.ReservationEnded), "wallet"),
    **dict.fromkeys((told.StrategyOpened, told.StrategyChanged, told.OfferAdded, told.OfferChanged), "strategy"),
    **dict.fromkeys((told.IntervalEnded, told.StrategyDay), "strategy"),
    **dict.fromkeys((told.InvestmentOpened, told.InvestmentMoved, told.ProfileSet, told.StatesChanged), "investment"),
    **dict.fromkeys((told.Copied, told.VolumesRejected, told.FeesCharged, told.SwapsCharged), "investment"),
    **dict.fromkeys((told.InvestmentDays, told.DeficitCovered), "investment"),
    **dict.fromkeys((told.SignalTaken, told.VolumesTrimmed), "signal"),
    **dict.fromkeys((told.FillRequested, told.FillBooked, told.FillRequestEnded), "fill"),
}
COPY_ANSWERS_ONLY = frozenset({told.TransferRepeated, told.WalletKnown})
COPY_RENDER: dict[type, Render] = {
    told.CopySpecPut: _copy_spec,
    told.StreamPut: _stream,
    told.WalletOpened: _wallet_opened,
    told.WalletMoved: _wallet_moved,
    told.WithdrawalReserved: _reserved,
    told.ReservationEnded: _reservation_ended,
    told.StrategyOpened: _strategy_opened,
    told.StrategyChanged: _strategy_changed,
    told.OfferAdded: _offer_added,
    told.OfferChanged: _offer_changed,
    told.IntervalEnded: _interval_ended,
    told.StrategyDay: _strategy_day,
    told.InvestmentOpened: _investment_opened,
    told.InvestmentMoved: _investment_moved,
    told.ProfileSet: _profile_set,
    told.StatesChanged: _states_changed,
    told.CommandTaken: _command_taken,
    told.CommandEnded: _command_ended,
    told.Copied: _copied,
    told.VolumesRejected: _volumes_rejected,
    told.FeesCharged: _fees_charged,
    told.SwapsCharged: _swaps_charged,
    told.InvestmentDays: _investment_days,
    told.DeficitCovered: _deficit_covered,
    told.SignalTaken: _signal_taken,
    told.VolumesTrimmed: _volumes_trimmed,
    told.FillRequested: _fill_requested,
    told.FillBooked: _fill_booked,
    told.FillRequestEnded: _fill_request_ended,
}
assert COPY_RENDER.keys() | COPY_ANSWERS_ONLY == set(get_args(told.CopyEvent)), "an event of copy trading without a shape"
