"""Groups, as the MT4 surface shows them."""

import msgspec
from msgspec import UNSET, UnsetType

from prorata.rest.webapi.schemas.flags import GroupRights
from prorata.rest.webapi.schemas.kinds import ZERO, Double, Int32, Record
from prorata.rest.webapi.schemas.mt4_names import MarginControllingType, MarginMode, NewsMode, OTPMode


class MT4Group(Record):
    """A group of accounts."""

    group: str | None = None
    enable: Int32 = 0
    timeout: Int32 = 0
    otp_mode: OTPMode = OTPMode.Disabled
    company: str | None = None
    signature: str | None = None
    support_page: str | None = None
    support_email: str | None = None
    copies: Int32 = 0
    reports: Int32 = 0
    default_leverage: Int32 = 0
    default_deposit: Double = ZERO
    max_securities: Int32 = 0
    sec_margins_total: Int32 = 0
    currency: str | None = None
    credit: Double = ZERO
    margin_call: Int32 = 0
    margin_mode: MarginMode = MarginMode.DontUse
    margin_stopout: Int32 = 0
    interest_rate: Double = ZERO
    use_swap: Int32 = 0
    news_mode: NewsMode = NewsMode.No
    group_rights: GroupRights = msgspec.field(default_factory=GroupRights)
    check_ie_prices: Int32 = msgspec.field(name="checkIEPrices", default=0)
    max_positions: Int32 = 0
    close_reopen: Int32 = 0
    hedge_prohibited: Int32 = 0
    close_fifo: Int32 = msgspec.field(name="closeFIFO", default=0)
    hedge_large_leg: Int32 = 0
    margin_controlling_type: MarginControllingType = MarginControllingType.Percent
    archive_period: Int32 = 0
    archive_max_balance: Int32 = 0
    stopout_skip_hedged: Int32 = 0
    archive_pending_period: Int32 = 0


class MT4GroupUpdate(Record):
    """Changes of a group; what is not given stays."""

    enable: Int32 | UnsetType = UNSET
    timeout: Int32 | UnsetType = UNSET
    otp_mode: OTPMode | UnsetType = UNSET
    company: str | UnsetType | None = UNSET
    signature: str | UnsetType | None = UNSET
    support_page: str | UnsetType | None = UNSET
    support_email: str | UnsetType | None = UNSET
    copies: Int32 | UnsetType = UNSET
    reports: Int32 | UnsetType = UNSET
    default_leverage: Int32 | UnsetType = UNSET
    default_deposit: Double | UnsetType = UNSET
    max_securities: Int32 | UnsetType = UNSET
    currency: str | UnsetType | None = UNSET
    credit: Double | UnsetType = UNSET
    margin_call: Int32 | UnsetType = UNSET
    margin_mode: MarginMode | UnsetType = UNSET
    margin_stopout: Int32 | UnsetType = UNSET
    interest_rate: Double | UnsetType = UNSET
    use_swap: Int32 | UnsetType = UNSET
    news_mode: NewsMode | UnsetType = UNSET
    group_rights: GroupRights | UnsetType = UNSET
    check_ie_prices: Int32 | UnsetType = msgspec.field(name="checkIEPrices", default=UNSET)
    max_positions: Int32 | UnsetType = UNSET
    close_reopen: Int32 | UnsetType = UNSET
    hedge_prohibited: Int32 | UnsetType = UNSET
    close_fifo: Int32 | UnsetType = msgspec.field(name="closeFIFO", default=UNSET)
    hedge_large_leg: Int32 | UnsetType = UNSET
    margin_controlling_type: MarginControllingType | UnsetType = UNSET
    archive_period: Int32 | UnsetType = UNSET
    archive_max_balance: Int32 | UnsetType = UNSET
    stopout_skip_hedged: Int32 | UnsetType = UNSET
    archive_pending_period: Int32 | UnsetType = UNSET


class MT4GroupSec(Record):
    """What a group has different about a group of symbols."""

    show: Int32 = 0
    trade: Int32 = 0
    dealing_mode: str | None = None
    standard_commission: Double = ZERO
    commission_type: str | None = None
    commission_lots_mode: str | None = None
    agent_commission: Double = ZERO
    agent_commission_mode: str | None = None
    spread_diff: Int32 = 0
    lot_min: Int32 = 0
    lot_max: Int32 = 0
    lot_step: Int32 = 0
    ie_deviation: Int32 = 0
    confirmation: Int32 = 0
    trade_rights: str | None = None
    ie_quick_mode: Int32 = 0
    auto_close_out_mode: str | None = None
    commission_taxes: Double = ZERO
    commission_agent_lots: str | None = None
    free_margin_mode: Int32 = 0


class MT4GroupMargin(Record):
    """What a group has different about one symbol."""

    symbol: str | None = None
    swap_long: Double = ZERO
    swap_short: Double = ZERO
    margin_divider: Double = ZERO
