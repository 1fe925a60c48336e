"""The server's clock, and who calls."""

from collections.abc import Mapping

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.registry import MT5
from prorata.rest.webapi.schemas.mt5_lists import EnManagerRights as Right
from prorata.rest.webapi.schemas.mt5_names import EnManagerLimit
from prorata.rest.webapi.schemas.mt5_server import MT5ConManager, MT5Time

_INT64_DIGITS = 18

RIGHTS: Mapping[Permission, tuple[Right, ...]] = {
    Permission.ACCOUNTS_READ: (Right.AccRead, Right.AccDetails, Right.AccOnline),
    Permission.ACCOUNTS_WRITE: (Right.AccManager, Right.AccDelete),
    Permission.ACCOUNTS_PASSWORDS: (Right.AccTechnicalModify,),
    Permission.MONEY_MOVE: (Right.Accountant,),
    Permission.TRADES_READ: (Right.TradesRead,),
    Permission.TRADES_DEAL: (Right.TradesManager, Right.TradesDealer),
    Permission.TRADES_CORRECT: (Right.TradesSupervisor, Right.TradesDelete),
    Permission.MARKET_READ: (Right.Market, Right.SymbolDetails),
    Permission.MARKET_WRITE: (Right.Quotes, Right.QuotesRaw, Right.Charts),
    Permission.SETTINGS_READ: (Right.GrpDetailsMargin, Right.GrpDetailsCommission),
    Permission.SETTINGS_WRITE: (Right.CfgSymbols, Right.CfgGroups, Right.CfgHolidays, Right.CfgTime),
    Permission.REPORTS_READ: (Right.Reports, Right.SrvReports, Right.Export),
    Permission.JOURNAL_READ: (Right.SrvJournals,),
    Permission.MESSAGES_SEND: (Right.News, Right.Email, Right.Notifications),
    Permission.SERVER_MANAGE: (Right.CfgServers, Right.CfgAccess, Right.CfgManagers, Right.CfgDataFeeds, Right.CfgGateways),
    Permission.CLIENTS_READ: (Right.ClientsAccess,),
    Permission.CLIENTS_WRITE: (Right.ClientsCreate, Right.ClientsEdit),
}
"""What a manager's rights of MetaTrader 5 are here. Who has any of them has `Manager`; who has all, `Admin`, too."""


@MT5.get("TimeGet", needs=Permission.MARKET_READ)
async def time_get(call: Call) -> MT5Time:
    """The server's clock: UTC, without summer time."""
    return MT5Time(time_zone=0, time_server="", daylight=False, daylight_state=0)


@MT5.get("ManagerCurrent", needs=Permission.MARKET_READ)
async def manager_current(call: Call) -> MT5ConManager:
    """The caller, and what he may do."""
    grant = call.caller.grant
    rights = [right for permission, rights in RIGHTS.items() if grant.may(permission) for right in rights]
    if all(grant.may(permission) for permission in RIGHTS):
        rights.insert(0, Right.Admin)
    login = call.trade_platform.login
    return MT5ConManager(
        login=int(login) if login.isascii() and login.isdigit() and len(login) <= _INT64_DIGITS else 0,
        mailbox=call.caller.client_id,
        server=1,
        limit_logs=EnManagerLimit.All,
        limit_reports=EnManagerLimit.All,
        right=(Right.Manager, *rights),
    )
