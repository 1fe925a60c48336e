"""The sets of flags, with the bits behind their names. A name with several bits stands for all of them."""

from prorata.rest.webapi.schemas.kinds import Flags


class EnCommReasonFlags(Flags):
    Client = 0x1
    Expert = 0x2
    Dealer = 0x4
    ExternalClient = 0x8
    Mobile = 0x10
    Web = 0x20
    Signal = 0x40
    All = 0x7F


class EnExpirationFlags(Flags):
    GtC = 0x1
    Day = 0x2
    Specified = 0x4
    SpecifiedDay = 0x8
    All = 0xF


class EnFillingFlags(Flags):
    FoK = 0x1
    IoC = 0x2
    BoC = 0x4
    All = 0x7


class EnInstantFlags(Flags):
    FastConfirmation = 0x1
    All = 0x1


class EnMarginCalcFlags(Flags):
    ClearAcc = 0x1


class EnMarginFlags(Flags):
    CheckProcess = 0x1
    CheckSLTP = 0x2
    HedgeLargeLeg = 0x4
    ExcludePl = 0x8
    RecalcRates = 0x10
    All = 0x1F


class EnOrderFlags(Flags):
    Market = 0x1
    Limit = 0x2
    Stop = 0x4
    StopLimit = 0x8
    SL = 0x10
    TP = 0x20
    CloseBy = 0x40
    All = 0x7F


class EnPermissionsFlags(Flags):
    CertConfirm = 0x1
    EnableConnection = 0x2
    ResetPassword = 0x4
    ForcedOtpUsage = 0x8
    RiskWarning = 0x10
    RegulationProtect = 0x20
    NotifyDeals = 0x40
    NotifyOrders = 0x80
    NotifyBalances = 0x100
    NotifyAll = 0x1C0
    All = 0x1FF


class EnReportsFlags(Flags):
    Email = 0x1
    Support = 0x2
    Statements = 0x4
    All = 0x7


class EnRequestFlags(Flags):
    Order = 0x1
    All = 0x1


class EnSwapFlags(Flags):
    ConsiderHolidays = 0x1


class EnTickFlags(Flags):
    Realtime = 0x1
    CollectRaw = 0x2
    FeedStats = 0x4
    NegativePrices = 0x8
    All = 0xF


class EnTradeFlags(Flags):
    ProfitByMarket = 0x1
    AllowSignals = 0x2
    Default = 0x2
    TradeFlagsAll = 0x3


class EnTradeRightsFlags(Flags):
    Swaps = 0x1
    Trailing = 0x2
    Experts = 0x4
    Expiration = 0x8
    SignalsAll = 0x10
    SignalsOwn = 0x20
    SOCompensation = 0x40
    SOFullyHedged = 0x80
    FifoClose = 0x100
    HedgeProhibit = 0x200
    DealCost = 0x400
    SOCompensationCredit = 0x800
    Default = 0x1F
    All = 0xFFF


class GroupRights(Flags):
    Signals = 0x1
    Trailing = 0x2
    Advisor = 0x4
    Expiration = 0x8
    SignalAll = 0x10
    SignalsOwn = 0x20
    RiskWarning = 0x40
    ForcedOTPUsage = 0x80


class TickRequestFlags(Flags):
    Raw = 0x1
    Normal = 0x2
    All = 0x3


class TradeActivationFlags(Flags):
    NoLimit = 0x1
    NoStop = 0x2
    NoSLimit = 0x4
    NoSL = 0x8
    NoTP = 0x10
    NoSO = 0x20
    NoExpiration = 0x40
    All = 0x7F


class TradeModifyFlags(Flags):
    Admin = 0x1
    Manager = 0x2
    Position = 0x4
    Restore = 0x8
    ApiAdmin = 0x10
    ApiManager = 0x20
    ApiServer = 0x40
    ApiGateway = 0x80
    All = 0xFF


class UsersRights(Flags):
    Enabled = 0x1
    Password = 0x2
    TradeDisabled = 0x4
    Investor = 0x8
    Confirmed = 0x10
    Trailing = 0x20
    Expert = 0x40
    Obsolete = 0x80
    Reports = 0x100
    Readonly = 0x200
    ResetPass = 0x400
    OTPEnabled = 0x800
    SponsoredHosting = 0x2000
    APIEnabled = 0x4000
    PushNotification = 0x8000
    Technical = 0x10000
    ExcludeReports = 0x20000
