"""Where quotes come from and orders go to."""

import msgspec

from prorata.rest.webapi.schemas.kinds import Int32, Record
from prorata.rest.webapi.schemas.mt4_names import DataFeedMode, EnGatewayAccountFlags, SynchronizationMode


class MT4Sync(Record):
    """A rule by which charts are taken over from another server."""

    server: str | None = None
    login: str | None = None
    enable: Int32 = 0
    mode: SynchronizationMode = SynchronizationMode.Add
    from_: Int32 = msgspec.field(name="from", default=0)
    to: Int32 = 0
    securities: str | None = None
    time_correction: Int32 = 0


class MT4Feeder(Record):
    """A source of quotes or news."""

    name: str | None = None
    file: str | None = None
    server: str | None = None
    login: str | None = None
    keywords: str | None = None
    enable: Int32 = 0
    data_feed_mode: DataFeedMode = DataFeedMode.Quotes
    timeout: Int32 = 0
    timeout_reconnect: Int32 = 0
    timeout_sleep: Int32 = 0
    attemps_sleep: Int32 = 0
    news_lang_id: Int32 = 0


class MT4GatewayAccount(Record):
    """An account at another server that orders are passed on to."""

    enable: bool = False
    name: str | None = None
    id: Int32 = 0
    type: Int32 = 0
    login: Int32 = 0
    address: str | None = None
    notify_logins: tuple[Int32, ...] | None = None
    flags: EnGatewayAccountFlags = EnGatewayAccountFlags.NONE


class MT4GatewayMarkup(Record):
    """What is added to the prices of another server."""

    enable: bool = False
    source: str | None = None
    symbol: str | None = None
    account_name: str | None = None
    account_id: Int32 = 0
    bid_markup: Int32 = 0
    ask_markup: Int32 = 0


class MT4GatewayRule(Record):
    """Which orders are passed on, and how."""

    enable: bool = False
    name: str | None = None
    request_symbol: str | None = None
    request_group: str | None = None
    exe_account_name: str | None = None
    exe_account_id: Int32 = 0
    exe_max_deviation: Int32 = 0
    exe_max_profit_slippage: Int32 = 0
    exe_max_profit_slippage_lots: Int32 = 0
    exe_max_losing_slippage: Int32 = 0
    exe_max_losing_slippage_lots: Int32 = 0
    exe_account_pos: Int32 = 0
    exe_volume_percent: Int32 = 0
    exe_flags: Int32 = 0
