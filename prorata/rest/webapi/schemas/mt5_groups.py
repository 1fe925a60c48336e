"""Groups and their commissions, as the MT5 surface shows them."""

import msgspec

from prorata.rest.webapi.schemas.flags import (
    EnCommReasonFlags,
    EnMarginCalcFlags,
    EnPermissionsFlags,
    EnReportsFlags,
    EnTradeRightsFlags,
)
from prorata.rest.webapi.schemas.kinds import Double, Int32, Int64, Record
from prorata.rest.webapi.schemas.mt5_names import (
    EnAuthMode,
    EnAuthOTPMode,
    EnCommActionMode,
    EnCommChargeMode,
    EnCommEntryMode,
    EnCommissionMode,
    EnCommissionVolumeType,
    EnCommMode,
    EnCommProfitMode,
    EnCommRangeMode,
    EnFreeMarginMode,
    EnHistoryLimit,
    EnMailMode,
    EnMarginMode,
    EnNewsMode,
    EnReportsMode,
    EnStopOutMode,
    EnTransferMode,
)


class MT5ConCommTier(Record):
    """A tier of a commission."""

    mode: EnCommissionMode | None = None
    type: EnCommissionVolumeType | None = None
    value: Double | None = None
    minimal: Double | None = None
    range_from: Double | None = None
    range_to: Double | None = None
    currency: str | None = None
    maximal: Double | None = None


class MT5ConCommission(Record):
    """A commission of a group."""

    name: str | None = None
    description: str | None = None
    path: str | None = None
    mode: EnCommMode | None = None
    range_mode: EnCommRangeMode | None = None
    charge_mode: EnCommChargeMode | None = None
    tiers: tuple[MT5ConCommTier, ...] | None = None
    turnover_currency: str | None = None
    entry_mode: EnCommEntryMode | None = None
    action_mode: EnCommActionMode | None = None
    profit_mode: EnCommProfitMode | None = None
    reason_flags: EnCommReasonFlags | None = None


class MT5ConGroup(Record):
    """A group of accounts."""

    group: str | None = None
    server: Int64 | None = None
    permissions_flags: EnPermissionsFlags | None = None
    auth_mode: EnAuthMode | None = None
    auth_password_min: Int32 | None = None
    company: str | None = None
    company_page: str | None = None
    company_email: str | None = None
    company_support_page: str | None = None
    company_support_email: str | None = None
    company_catalog: str | None = None
    currency: str | None = None
    currency_digits: Int32 | None = None
    reports_mode: EnReportsMode | None = None
    reports_flags: EnReportsFlags | None = None
    reports_smtp: str | None = msgspec.field(name="reportsSMTP", default=None)
    reports_smtp_login: str | None = msgspec.field(name="reportsSMTPLogin", default=None)
    reports_smtp_pass: str | None = msgspec.field(name="reportsSMTPPass", default=None)
    news_mode: EnNewsMode | None = None
    news_category: str | None = None
    news_lang: tuple[Int32, ...] | None = None
    mail_mode: EnMailMode | None = None
    trade_flags: EnTradeRightsFlags | None = None
    trade_interest_rate: Double | None = None
    trade_virtual_credit: Double | None = None
    margin_free_mode: EnFreeMarginMode | None = None
    margin_so_mode: EnStopOutMode | None = msgspec.field(name="marginSOMode", default=None)
    margin_call: Double | None = None
    margin_stop_out: Double | None = None
    demo_leverage: Int32 | None = None
    demo_deposit: Double | None = None
    limit_history: EnHistoryLimit | None = None
    limit_orders: Int32 | None = None
    limit_symbols: Int32 | None = None
    commissions: dict[str, MT5ConCommission] | None = None
    margin_free_profit_mode: Int32 | None = None
    margin_mode: EnMarginMode | None = None
    auth_otp_mode: EnAuthOTPMode | None = msgspec.field(name="authOTPMode", default=None)
    trade_transfer_mode: EnTransferMode | None = None
    margin_flags: EnMarginCalcFlags | None = None
    limit_positions: Int32 | None = None
    reports_email: str | None = None
    company_deposit_page: str | None = None
    company_withdrawal_page: str | None = None
    demo_inactivity_period: Int32 | None = None
