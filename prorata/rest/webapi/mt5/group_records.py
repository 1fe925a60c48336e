"""Between a group of the engine and the published record of MetaTrader 5. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from prorata.control.passwords import LENGTH_MIN
from prorata.messages.groups import Commission, CommissionType, FreeMarginMode, GroupSpec, Level
from prorata.rest.webapi.groups import GroupLook, commission_shown, is_in_money, level_of, level_shown
from prorata.rest.webapi.merging import names_of
from prorata.rest.webapi.schemas import mt5_names as names
from prorata.rest.webapi.schemas.flags import (
    EnCommReasonFlags,
    EnMarginCalcFlags,
    EnPermissionsFlags,
    EnReportsFlags,
    EnTradeRightsFlags,
)
from prorata.rest.webapi.schemas.kinds import ZERO
from prorata.rest.webapi.schemas.mt5_groups import MT5ConCommission, MT5ConCommTier, MT5ConGroup
from prorata.rest.webapi.values import decimal_of
from prorata.units.currency import CURRENCY_DIGITS

EVERY_SYMBOL = "*"
_DERIVED = frozenset({"group", "server", "currencyDigits"})
WRITABLE = names_of(MT5ConGroup) - _DERIVED

FREE_MARGIN: Mapping[FreeMarginMode, names.EnFreeMarginMode] = {
    FreeMarginMode.PROFIT_AND_LOSS: names.EnFreeMarginMode.UsePL,
    FreeMarginMode.LOSS_ONLY: names.EnFreeMarginMode.Loss,
    FreeMarginMode.NONE: names.EnFreeMarginMode.NotUsePL,
}
_FREE_MARGIN_OF = {told: ours for ours, told in FREE_MARGIN.items()}
_RIGHTS = (
    EnTradeRightsFlags.Trailing | EnTradeRightsFlags.Experts | EnTradeRightsFlags.Expiration | EnTradeRightsFlags.SignalsAll
)

_MAIL = "outgoing mail is a setting of the installation"
_STATEMENTS = "statements are asked for, not sent"
REASONS: dict[str, str] = {
    "permissionsFlags": "accounts are enabled and disabled one by one",
    "authMode": "there are no certificates of accounts",
    "authPasswordMin": f"a password has {LENGTH_MIN} characters at least, in every group",
    "authOTPMode": "one-time passwords are asked for by the web applications",
    "companyCatalog": _STATEMENTS,
    "reportsMode": _STATEMENTS,
    "reportsFlags": _STATEMENTS,
    "reportsSMTP": _MAIL,
    "reportsSMTPLogin": _MAIL,
    "reportsSMTPPass": _MAIL,
    "reportsEmail": _MAIL,
    "newsMode": "news go to everybody",
    "newsCategory": "news go to everybody",
    "newsLang": "news go to everybody",
    "mailMode": "mail goes to everybody whom it names",
    "tradeFlags": "Swaps and SOCompensation can be set; trailing stops, programs, expirations and signals are everybody's",
    "tradeInterestRate": "free money bears no interest",
    "tradeVirtualCredit": "credit is booked on each account",
    "marginFreeMode": "UsePL, Loss and NotUsePL are known here",
    "marginFreeProfitMode": "the whole floating result counts, or the loss alone (marginFreeMode)",
    "marginMode": "Retail and RetailHedged are known here",
    "marginFlags": "a position holds its margin until it is closed",
    "tradeTransferMode": "money is transferred by the back office",
    "demoDeposit": "an account is opened without money",
    "demoInactivityPeriod": "accounts do not end by themselves",
    "limitHistory": "the whole history can be asked for",
    "limitSymbols": "any number of symbols may be traded",
    "commissions": "as published, commissions cannot be set here; the own API sets them",
}
"""Why a field stays as it is, for those which a caller might want to be otherwise."""


def group_of(spec: GroupSpec, look: GroupLook) -> MT5ConGroup:
    """Return a group as published."""
    return MT5ConGroup(
        group=spec.name,
        server=1,
        permissions_flags=EnPermissionsFlags(EnPermissionsFlags.EnableConnection),
        auth_mode=names.EnAuthMode.Standard,
        auth_password_min=LENGTH_MIN,
        auth_otp_mode=names.EnAuthOTPMode.Disabled,
        company=look.company,
        company_page=look.company_page,
        company_email=look.company_email,
        company_support_page=look.support_page,
        company_support_email=look.support_email,
        company_catalog="",
        company_deposit_page=look.deposit_page,
        company_withdrawal_page=look.withdrawal_page,
        currency=spec.currency,
        currency_digits=CURRENCY_DIGITS[spec.currency],
        reports_mode=names.EnReportsMode.Disabled,
        reports_flags=EnReportsFlags(),
        news_mode=names.EnNewsMode.Full,
        news_category="",
        mail_mode=names.EnMailMode.Full,
        trade_flags=EnTradeRightsFlags(_trade_flags_of(spec)),
        trade_interest_rate=ZERO,
        trade_virtual_credit=ZERO,
        trade_transfer_mode=names.EnTransferMode.TransferModeDisabled,
        margin_free_mode=FREE_MARGIN[spec.free_margin],
        margin_free_profit_mode=0,
        margin_so_mode=names.EnStopOutMode.Money if is_in_money(spec) else names.EnStopOutMode.Percent,
        margin_call=level_shown(spec.margin_call, spec.currency),
        margin_stop_out=level_shown(spec.stop_out, spec.currency),
        margin_mode=names.EnMarginMode.RetailHedged if spec.hedging else names.EnMarginMode.Retail,
        margin_flags=EnMarginCalcFlags(),
        demo_leverage=spec.leverage,
        demo_deposit=ZERO,
        demo_inactivity_period=0,
        limit_history=names.EnHistoryLimit.All,
        limit_orders=spec.orders_max,
        limit_positions=spec.orders_max,
        limit_symbols=0,
        commissions=_commissions_of(spec),
    )


def spec_with(spec: GroupSpec, shown: MT5ConGroup, wanted: MT5ConGroup) -> GroupSpec:
    """Return the terms that a changed record says. Raises `Failure` for what no terms can say."""
    flags = wanted.trade_flags or EnTradeRightsFlags()
    changes: dict[str, Any] = {
        "currency": wanted.currency or "",
        "leverage": wanted.demo_leverage or 0,
        "swap_free": not flags.has(EnTradeRightsFlags.Swaps),
        "negative_balance_protection": flags.has(EnTradeRightsFlags.SOCompensation),
        "hedging": spec.hedging
        if wanted.margin_mode == shown.margin_mode
        else wanted.margin_mode == names.EnMarginMode.RetailHedged,
    }
    for limit in (wanted.limit_orders, wanted.limit_positions):
        if limit != spec.orders_max:
            changes["orders_max"] = limit or 0
    if wanted.margin_free_mode != shown.margin_free_mode and wanted.margin_free_mode in _FREE_MARGIN_OF:
        changes["free_margin"] = _FREE_MARGIN_OF[wanted.margin_free_mode]
    return msgspec.structs.replace(spec, **changes, **_levels_with(spec, shown, wanted))


def look_with(look: GroupLook, wanted: MT5ConGroup) -> GroupLook:
    """Return what is kept beside the engine."""
    return msgspec.structs.replace(
        look,
        company=wanted.company or "",
        company_page=wanted.company_page or "",
        company_email=wanted.company_email or "",
        support_page=wanted.company_support_page or "",
        support_email=wanted.company_support_email or "",
        deposit_page=wanted.company_deposit_page or "",
        withdrawal_page=wanted.company_withdrawal_page or "",
    )


def _levels_with(spec: GroupSpec, shown: MT5ConGroup, wanted: MT5ConGroup) -> dict[str, Level]:
    in_money = wanted.margin_so_mode == names.EnStopOutMode.Money
    anew = wanted.margin_so_mode != shown.margin_so_mode
    changed: dict[str, Level] = {}
    for ours, theirs, field in (("margin_call", "margin_call", "marginCall"), ("stop_out", "margin_stop_out", "marginStopOut")):
        value: Decimal = getattr(wanted, theirs) or ZERO
        if anew or value != getattr(shown, theirs):
            changed[ours] = level_of(value, spec.currency, field, in_money=in_money)
    return changed


def _trade_flags_of(spec: GroupSpec) -> int:
    flags = _RIGHTS | (0 if spec.swap_free else EnTradeRightsFlags.Swaps)
    return flags | (EnTradeRightsFlags.SOCompensation if spec.negative_balance_protection else 0)


# Commissions.


def _commissions_of(spec: GroupSpec) -> dict[str, MT5ConCommission]:
    """Return the group's commission and those of single symbols, by their places."""
    own = [(one.symbol, one.commission) for one in spec.symbols if one.commission is not None and one.symbol != EVERY_SYMBOL]
    others = next((one.commission for one in spec.symbols if one.symbol == EVERY_SYMBOL and one.commission is not None), None)
    rows = [*own, (EVERY_SYMBOL, others or spec.commission)]
    told = [(path, commission) for path, commission in rows if commission.type != CommissionType.NONE]
    return {str(place): _commission_of(path, commission, spec.currency) for place, (path, commission) in enumerate(told)}


def _commission_of(path: str, commission: Commission, currency: str) -> MT5ConCommission:
    return MT5ConCommission(
        name="Commission" if path == EVERY_SYMBOL else f"Commission {path}",
        description="",
        path=path,
        mode=names.EnCommMode.Standard,
        range_mode=names.EnCommRangeMode.Volume,
        charge_mode=names.EnCommChargeMode.Instant,
        turnover_currency=currency,
        entry_mode=names.EnCommEntryMode.All,
        action_mode=names.EnCommActionMode.All,
        profit_mode=names.EnCommProfitMode.All,
        reason_flags=EnCommReasonFlags(EnCommReasonFlags.All),
        tiers=(_tier_of(commission, currency),),
    )


def _tier_of(commission: Commission, currency: str) -> MT5ConCommTier:
    is_percent = commission.type in (CommissionType.PERCENT, CommissionType.PER_MILLION)
    per_deal = commission.type == CommissionType.PER_DEAL
    return MT5ConCommTier(
        mode=names.EnCommissionMode.Percent if is_percent else names.EnCommissionMode.MoneyDeposit,
        type=names.EnCommissionVolumeType.Deal if per_deal else names.EnCommissionVolumeType.Volume,
        value=commission_shown(commission, currency),
        minimal=decimal_of(commission.minimum, CURRENCY_DIGITS[currency]),
        maximal=ZERO,
        range_from=ZERO,
        range_to=ZERO,
        currency=currency,
    )
