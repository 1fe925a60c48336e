"""The enumerations of the MT5 surface, with the names they travel as."""

from enum import auto

from prorata.rest.webapi.schemas.kinds import Names


class ActivationModes(Names):
    NONE = "None"
    SL = auto()
    TP = auto()
    StopOut = auto()


class DealAction(Names):
    Buy = auto()
    Sell = auto()
    Balance = auto()
    Credit = auto()
    Charge = auto()
    Correction = auto()
    Bonus = auto()
    Commission = auto()
    CommissionDaily = auto()
    CommissionMonthly = auto()
    AgentDaily = auto()
    AgentMonthly = auto()
    InterestRate = auto()
    BuyCanceled = auto()
    SellCanceled = auto()
    Dividend = auto()
    DividendFranked = auto()
    Tax = auto()
    Agent = auto()
    SOCompensation = auto()
    SOCompensationCredit = auto()


class DealReason(Names):
    Client = auto()
    Expert = auto()
    Dealer = auto()
    Sl = auto()
    Tp = auto()
    So = auto()
    Rollover = auto()
    ExternalClient = auto()
    VMargin = auto()
    Gateway = auto()
    Signal = auto()
    Settlement = auto()
    Transfer = auto()
    Sync = auto()
    ExternalService = auto()
    Migration = auto()
    Mobile = auto()
    Web = auto()
    Split = auto()
    CorporateAction = auto()


class EnAuthMode(Names):
    Standard = auto()
    Rsa1024 = auto()
    Rsa2048 = auto()
    RsaCustom = auto()


class EnAuthOTPMode(Names):
    Disabled = auto()
    TotpSha256 = auto()
    TotpSha256Web = auto()


class EnCalcMode(Names):
    Forex = auto()
    Futures = auto()
    Cfd = auto()
    CfdIndex = auto()
    CfdLeverage = auto()
    ForexNoLeverage = auto()
    ExchStocks = auto()
    ExchFutures = auto()
    ExchFuturesForts = auto()
    ExchOptions = auto()
    ExchOptionsMargin = auto()
    ExchBonds = auto()
    ExchStocksMoex = auto()
    ExchBondsMoex = auto()
    ServCollateral = auto()


class EnChartMode(Names):
    BidPrice = auto()
    LastPrice = auto()
    Old = auto()


class EnCommActionMode(Names):
    All = auto()
    Buy = auto()
    Sell = auto()


class EnCommChargeMode(Names):
    Daily = auto()
    Monthly = auto()
    Instant = auto()


class EnCommEntryMode(Names):
    All = auto()
    In = auto()
    Out = auto()


class EnCommMode(Names):
    Standard = auto()
    Agent = auto()
    Fee = auto()


class EnCommProfitMode(Names):
    All = auto()
    Profit = auto()
    Loss = auto()


class EnCommRangeMode(Names):
    Volume = auto()
    OverturnMoney = auto()
    OverturnVolume = auto()
    Value = auto()
    Profit = auto()


class EnCommissionMode(Names):
    MoneyDeposit = auto()
    MoneySymbolBase = auto()
    MoneySymbolProfit = auto()
    MoneySymbolMargin = auto()
    Pips = auto()
    Percent = auto()
    MoneySpecified = auto()
    PercentProfit = auto()


class EnCommissionVolumeType(Names):
    Deal = auto()
    Volume = auto()


class EnExecutionMode(Names):
    Request = auto()
    Instant = auto()
    Market = auto()
    Exchange = auto()


class EnFreeMarginMode(Names):
    NotUsePL = auto()
    UsePL = auto()
    Profit = auto()
    Loss = auto()


class EnGtcMode(Names):
    GtC = auto()
    Daily = auto()
    DailyNoStops = auto()


class EnHistoryLimit(Names):
    All = auto()
    Months1 = auto()
    Months3 = auto()
    Months6 = auto()
    Year1 = auto()
    Year2 = auto()
    Year3 = auto()


class EnInstantMode(Names):
    Normal = auto()


class EnMailMode(Names):
    Disabled = auto()
    Full = auto()


class EnManagerLimit(Names):
    All = auto()
    Months1 = auto()
    Months3 = auto()
    Months6 = auto()
    Year1 = auto()
    Year2 = auto()
    Year3 = auto()


class EnMarginMode(Names):
    Retail = auto()
    ExchangeDiscount = auto()
    RetailHedged = auto()


class EnNewsMode(Names):
    Disabled = auto()
    Headers = auto()
    Full = auto()


class EnOptionMode(Names):
    EuropeanCall = auto()
    EuropeanPut = auto()
    AmericanCall = auto()
    AmericanPut = auto()


class EnReportsMode(Names):
    Disabled = auto()
    Full = auto()
    EODOnly = auto()
    EOMOnly = auto()


class EnSpliceTimeType(Names):
    Expiration = auto()


class EnSpliceType(Names):
    NONE = "None"
    Unadjusted = auto()
    Adjusted = auto()


class EnStopOutMode(Names):
    Percent = auto()
    Money = auto()


class EnSwapDays(Names):
    Sunday = auto()
    Monday = auto()
    Tuesday = auto()
    Wednesday = auto()
    Thursday = auto()
    Friday = auto()
    Saturday = auto()
    Disabled = auto()


class EnSwapMode(Names):
    Disabled = auto()
    ByPoints = auto()
    BySymbolCurrency = auto()
    ByMarginCurrency = auto()
    ByGroupCurrency = auto()
    ByInterestCurrent = auto()
    ByInterestOpen = auto()
    ReopenByClosePrice = auto()
    ReopenByBid = auto()
    ByProfitCurrency = auto()


class EnTradeMode(Names):
    Disabled = auto()
    LongOnly = auto()
    ShortOnly = auto()
    CloseOnly = auto()
    Full = auto()


class EnTransferMode(Names):
    TransferModeDisabled = auto()
    TransferModeName = auto()
    TransferModeGroup = auto()
    TransferModeNameGroup = auto()


class EntryFlag(Names):
    In = auto()
    Out = auto()
    InOut = auto()
    OutBy = auto()


class OrderFilling(Names):
    FoK = auto()
    IoC = auto()
    Return = auto()
    BoC = auto()


class OrderReason(Names):
    Client = auto()
    Expert = auto()
    Dealer = auto()
    SL = auto()
    TP = auto()
    SO = auto()
    Rollover = auto()
    ExternalClient = auto()
    VMargin = auto()
    Gateway = auto()
    Signal = auto()
    Settlement = auto()
    Transfer = auto()
    Sync = auto()
    ExternalService = auto()
    Migration = auto()
    Mobile = auto()
    Web = auto()
    Split = auto()
    CorporateAction = auto()


class OrderState(Names):
    Started = auto()
    Placed = auto()
    Canceled = auto()
    Partial = auto()
    Filled = auto()
    Rejected = auto()
    Expired = auto()
    RequestAdd = auto()
    RequestModify = auto()
    RequestCancel = auto()


class OrderTime(Names):
    GtC = auto()
    Day = auto()
    Specified = auto()
    SpecifiedDay = auto()


class OrderType(Names):
    Buy = auto()
    Sell = auto()
    BuyLimit = auto()
    SellLimit = auto()
    BuyStop = auto()
    SellStop = auto()
    BuyStopLimit = auto()
    SellStopLimit = auto()
    CloseBy = auto()


class PositionActions(Names):
    Buy = auto()
    Sell = auto()


class PositionReasons(Names):
    Client = auto()
    Expert = auto()
    Dealer = auto()
    SL = auto()
    TP = auto()
    SO = auto()
    Rollover = auto()
    ExternalClient = auto()
    VMargin = auto()
    Gateway = auto()
    Signal = auto()
    Settlement = auto()
    Transfer = auto()
    Sync = auto()
    ExternalService = auto()
    Migration = auto()
    Mobile = auto()
    Web = auto()
    Split = auto()
    CorporateAction = auto()
