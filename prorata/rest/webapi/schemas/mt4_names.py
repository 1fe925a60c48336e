"""The enumerations of the MT4 surface, with the names they travel as."""

from enum import auto

from prorata.rest.webapi.schemas.kinds import Names


class ActivationType(Names):
    NONE = "None"
    SL = auto()
    TP = auto()
    Pending = auto()
    Stopout = auto()
    StopOutRollback = auto()
    PendingRollback = auto()
    TPRollback = auto()
    SLRollback = auto()


class ArcBackupExecutionPeriod(Names):
    M5 = auto()
    M15 = auto()
    M30 = auto()
    H1 = auto()


class ArcBackupStorePeriod(Names):
    W1 = auto()
    W2 = auto()
    Mn1 = auto()
    Mn3 = auto()
    Mn6 = auto()


class BackupExecutionPeriod(Names):
    H1 = auto()
    H4 = auto()
    D1 = auto()


class BackupStorePeriod(Names):
    Mn1 = auto()
    Mn3 = auto()
    Mn6 = auto()
    Y1 = auto()


class ChartPeriod(Names):
    M1 = auto()
    M5 = auto()
    M15 = auto()
    M30 = auto()
    H1 = auto()
    H4 = auto()
    D1 = auto()
    W1 = auto()
    Mn1 = auto()


class DataFeedMode(Names):
    Quotes = auto()
    News = auto()
    QuotesNews = auto()


class EnGatewayAccountFlags(Names):
    NONE = "None"
    Quotes = auto()


class EnLogType(Names):
    Standard = auto()
    Logins = auto()
    Trades = auto()
    Errors = auto()
    Full = auto()
    Updater = auto()
    SendMail = auto()
    Failover = auto()


class ExportExecutionPeriod(Names):
    M1 = auto()
    M5 = auto()
    M15 = auto()
    M30 = auto()
    H1 = auto()


class GTCMode(Names):
    Daily = auto()
    GTC = auto()
    DailyNoStops = auto()


class MarginCalculationMode(Names):
    Forex = auto()
    CFD = auto()
    Futures = auto()
    CFDIndex = auto()
    CFDLeverage = auto()


class MarginControllingType(Names):
    Percent = auto()
    Currency = auto()


class MarginLevelType(Names):
    Ok = auto()
    MarginCall = auto()
    StopOut = auto()


class MarginMode(Names):
    DontUse = auto()
    UseAll = auto()
    UseProfit = auto()
    UseLoss = auto()


class NewsMode(Names):
    No = auto()
    Topics = auto()
    Full = auto()


class OTPMode(Names):
    Disabled = auto()
    TOTP_SHA256 = auto()


class ProfitCalculationMode(Names):
    Forex = auto()
    CFD = auto()
    Futures = auto()


class RequestMode(Names):
    RangeIn = auto()
    RangeOut = auto()
    RangeLast = auto()
    RangeInExcludeOutOfRage = auto()


class ServerRole(Names):
    StandAlone = auto()
    Master = auto()
    Slave = auto()


class SwapType(Names):
    Points = auto()
    Dollars = auto()
    Interest = auto()
    MarginCurrency = auto()


class SymbolExecMode(Names):
    Request = auto()
    Instant = auto()
    Market = auto()


class SymbolPriceDirection(Names):
    Up = auto()
    Down = auto()
    NONE = "None"


class SynchronizationMode(Names):
    Add = auto()
    Update = auto()
    Insert = auto()
    Delete = auto()
    Last = auto()


class TradeCommand(Names):
    Buy = auto()
    Sell = auto()
    BuyLimit = auto()
    SellLimit = auto()
    BuyStop = auto()
    SellStop = auto()
    Balance = auto()
    Credit = auto()


class TradeMode(Names):
    No = auto()
    Close = auto()
    Full = auto()


class TradeRecordReason(Names):
    Client = auto()
    Expert = auto()
    Dealer = auto()
    Signal = auto()
    Gateway = auto()
    Mobile = auto()
    Web = auto()
    API = auto()


class TradeRecordState(Names):
    OpenNormal = auto()
    OpenRemand = auto()
    OpenRestored = auto()
    ClosedNormal = auto()
    ClosedPart = auto()
    ClosedBy = auto()
    Deleted = auto()


class WatchdogFailoverMode(Names):
    Off = auto()
    Most = auto()
    Full = auto()


class WatchdogState(Names):
    Disconnected = auto()
    Synchronizing = auto()
    Synchronized = auto()
