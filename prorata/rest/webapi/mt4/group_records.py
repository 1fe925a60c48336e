"""Between a group of the engine and the published record of MetaTrader 4. Pure."""

from decimal import Decimal
from typing import Any

import msgspec

from prorata.messages.groups import CommissionType, FreeMarginMode, GroupSpec, GroupSymbol, HedgedMargin, Level
from prorata.messages.symbols import SymbolSpec
from prorata.rest.webapi.groups import GroupLook, commission_shown, is_in_money, level_of, level_shown
from prorata.rest.webapi.mt4.symbol_records import SWAP_DIGITS
from prorata.rest.webapi.schemas.flags import GroupRights
from prorata.rest.webapi.schemas.mt4_groups import MT4Group, MT4GroupMargin, MT4GroupSec
from prorata.rest.webapi.schemas.mt4_names import MarginControllingType, MarginMode, NewsMode, OTPMode
from prorata.rest.webapi.values import decimal_of
from prorata.units.numbers import VOLUME_PER_LOT

SEC_GROUPS = 32
"""MetaTrader 4 has places for so many groups of symbols."""
EVERY_OTHER = "*"
_HUNDREDTH = VOLUME_PER_LOT // 100
_INT32_MAX = 2**31 - 1

MARGIN_MODES = {
    FreeMarginMode.PROFIT_AND_LOSS: MarginMode.UseAll,
    FreeMarginMode.LOSS_ONLY: MarginMode.UseLoss,
    FreeMarginMode.NONE: MarginMode.DontUse,
}
FREE_MARGIN = {told: ours for ours, told in MARGIN_MODES.items()}
RIGHTS = GroupRights.Trailing | GroupRights.Advisor | GroupRights.Expiration | GroupRights.SignalAll
REASONS = {
    "enable": "accounts are enabled and disabled one by one (UsersGroupOp)",
    "timeout": "orders are dealt at the market and wait for no confirmation",
    "otpMode": "one-time passwords are asked for by the web applications",
    "copies": "statements are asked for, not sent",
    "reports": "statements are asked for, not sent",
    "defaultDeposit": "an account is opened without money",
    "maxSecurities": "any number of symbols may be traded",
    "credit": "credit is booked on each account (TradeTransaction)",
    "marginMode": "UseAll, UseLoss and DontUse are known here",
    "interestRate": "free money bears no interest",
    "newsMode": "news go to everybody",
    "groupRights": "trailing stops, programs, expirations and signals are everybody's",
    "checkIEPrices": "orders are dealt at the market, within the deviation that they name",
    "closeReopen": "a part of a position is closed without opening it anew",
    "closeFIFO": "positions are closed in whatever order they are named",
    "archivePeriod": "accounts are not archived",
    "archiveMaxBalance": "accounts are not archived",
    "archivePendingPeriod": "pending orders wait until they expire",
    "stopoutSkipHedged": "the group says on what the margin of hedged positions is taken",
}
"""Why a field stays as it is, for those which a caller might want to be otherwise."""


def group_of(spec: GroupSpec, look: GroupLook) -> MT4Group:
    """Return a group as published."""
    in_money = is_in_money(spec)
    return MT4Group(
        group=spec.name,
        enable=1,
        company=look.company,
        signature=look.signature,
        support_page=look.support_page,
        support_email=look.support_email,
        default_leverage=spec.leverage,
        sec_margins_total=len(special_symbols(spec)),
        currency=spec.currency,
        margin_call=int(level_shown(spec.margin_call, spec.currency)),
        margin_mode=MARGIN_MODES[spec.free_margin],
        margin_stopout=int(level_shown(spec.stop_out, spec.currency)),
        use_swap=int(not spec.swap_free),
        news_mode=NewsMode.Full,
        otp_mode=OTPMode.Disabled,
        group_rights=GroupRights(RIGHTS),
        max_positions=spec.orders_max,
        hedge_prohibited=int(not spec.hedging),
        hedge_large_leg=int(spec.hedged_margin == HedgedMargin.LARGER_LEG),
        margin_controlling_type=MarginControllingType.Currency if in_money else MarginControllingType.Percent,
    )


def spec_with(spec: GroupSpec, shown: MT4Group, wanted: MT4Group) -> GroupSpec:
    """Return the terms that a changed record says. Raises `Failure` for what no terms can say."""
    changes: dict[str, Any] = {
        "leverage": wanted.default_leverage,
        "currency": wanted.currency or "",
        "swap_free": not wanted.use_swap,
        "hedging": not wanted.hedge_prohibited,
        "orders_max": wanted.max_positions,
    }
    if wanted.margin_mode != shown.margin_mode:
        changes["free_margin"] = next(
            (ours for ours, told in MARGIN_MODES.items() if told == wanted.margin_mode), spec.free_margin
        )
    if bool(wanted.hedge_large_leg) != bool(shown.hedge_large_leg):
        changes["hedged_margin"] = HedgedMargin.LARGER_LEG if wanted.hedge_large_leg else HedgedMargin.NETTING
    return msgspec.structs.replace(spec, **changes, **_levels_with(spec, shown, wanted))


def look_with(look: GroupLook, wanted: MT4Group) -> GroupLook:
    """Return what is kept beside the engine."""
    return msgspec.structs.replace(
        look,
        company=wanted.company or "",
        signature=wanted.signature or "",
        support_page=wanted.support_page or "",
        support_email=wanted.support_email or "",
    )


def _levels_with(spec: GroupSpec, shown: MT4Group, wanted: MT4Group) -> dict[str, Level]:
    """Return the levels that were changed; a percentage finer than the record's stays where it was not."""
    in_money = wanted.margin_controlling_type == MarginControllingType.Currency
    anew = wanted.margin_controlling_type != shown.margin_controlling_type
    changed: dict[str, Level] = {}
    for ours, theirs, field in (("margin_call", "margin_call", "marginCall"), ("stop_out", "margin_stopout", "marginStopout")):
        value = getattr(wanted, theirs)
        if anew or value != getattr(shown, theirs):
            changed[ours] = level_of(Decimal(value), spec.currency, field, in_money=in_money)
    return changed


# Groups of symbols, and single symbols.


def special_symbols(spec: GroupSpec) -> list[GroupSymbol]:
    """Return what a group has different about the swap or the margin of single symbols."""
    return [
        own
        for own in spec.symbols
        if own.symbol != EVERY_OTHER
        and (own.swap_long is not None or own.swap_short is not None or own.margin_rate_ppm is not None)
    ]


def sec_margin_of(own: GroupSymbol, symbol: SymbolSpec) -> MT4GroupMargin:
    """Return what a group has different about a symbol; what it has not is the symbol's own."""
    digits = SWAP_DIGITS[symbol.swap_type]
    rate = own.margin_rate_ppm if own.margin_rate_ppm is not None else symbol.margin_rate_ppm
    return MT4GroupMargin(
        symbol=own.symbol,
        swap_long=decimal_of(symbol.swap_long if own.swap_long is None else own.swap_long, digits),
        swap_short=decimal_of(symbol.swap_short if own.swap_short is None else own.swap_short, digits),
        margin_divider=round(Decimal(symbol.margin_rate_ppm) / Decimal(rate), 8).normalize() + 0,
    )


def sec_group_of(spec: GroupSpec, symbols: list[SymbolSpec]) -> MT4GroupSec:
    """Return a group's terms for a group of symbols: those of its first symbol, where they are not the same for all."""
    terms = [(_own_of(spec, symbol), symbol) for symbol in symbols]
    enabled = [(own, symbol) for own, symbol in terms if own.enabled]
    if not enabled:
        return NO_SEC_GROUP
    own, symbol = enabled[0]
    commission = own.commission or spec.commission
    per_lot = commission.type == CommissionType.PER_LOT
    is_percent = commission.type in (CommissionType.PERCENT, CommissionType.PER_MILLION)
    return MT4GroupSec(
        show=1,
        trade=1,
        dealing_mode="Auto",
        standard_commission=commission_shown(commission, spec.currency),
        commission_type="Percent" if is_percent else "Money",
        commission_lots_mode="PerLot" if per_lot else "PerDeal",
        agent_commission_mode="Money",
        spread_diff=min(own.markup_bid + own.markup_ask, _INT32_MAX),
        lot_min=_hundredths(symbol.volume_min if own.volume_min is None else own.volume_min),
        lot_max=_hundredths(symbol.volume_max if own.volume_max is None else own.volume_max),
        lot_step=_hundredths(symbol.volume_step),
        trade_rights="Close, CloseBy",
        auto_close_out_mode="None",
        commission_agent_lots="PerLot",
    )


NO_SEC_GROUP = MT4GroupSec(
    dealing_mode="Auto", commission_type="Money", commission_lots_mode="PerLot", agent_commission_mode="Money",
    trade_rights="None", auto_close_out_mode="None", commission_agent_lots="PerLot",
)  # fmt: skip
"""where a group of symbols is not traded"""


def _own_of(spec: GroupSpec, symbol: SymbolSpec) -> GroupSymbol:
    """Return what a group has different about a symbol, or about all others."""
    by_name = {own.symbol: own for own in spec.symbols}
    return by_name.get(symbol.name) or by_name.get(EVERY_OTHER) or GroupSymbol(symbol=symbol.name)


def _hundredths(volume: int) -> int:
    """Return a volume in hundredths of a lot; a smaller one is shown as 1."""
    return max(1, min(volume // _HUNDREDTH, _INT32_MAX))
