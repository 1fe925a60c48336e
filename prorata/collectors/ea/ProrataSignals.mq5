//+------------------------------------------------------------------+
//| Prorata Signals for MetaTrader 5                                  |
//| Sends the positions of this account to a copy trading strategy.   |
//| Licence: Apache-2.0. Guide: docs/signals.md                       |
//+------------------------------------------------------------------+
#property copyright "Prorata contributors, Apache-2.0"
#property version   "1.00"

input string Address     = "https://";                // Address of the server
input string Token       = "";                        // Token of the strategy
input string AppToken    = "";                        // Token of the application
input string Postfixes   = "";                        // Endings of symbols to cut off, as .m;.ecn
input string SymbolMap   = "BRN=BRENT;GOLD=XAUUSD";   // Other names of symbols
input string Multipliers = "";                        // Lot multipliers, as XAUUSD=0.5;EURUSD=2
input bool   ByTicket    = false;                     // Tell each position (strategy in hedging mode)
input int    TimerMs     = 100;                       // Milliseconds between looks at the account

#include "ProrataSignals.mqh"

#define HISTORY_SECONDS 604800

double g_balance = 0.0;
bool   g_operations_known = false;
ulong  g_last_deal = 0;
int    g_looks = 0;

//--- Read the open positions. False if they change while they are read.
bool ReadPositions()
  {
   int total = PositionsTotal();
   for(int i = 0; i < total; i++)
     {
      ulong ticket = PositionGetTicket(i);
      if(ticket == 0)
         return(false);
      double lots = PositionGetDouble(POSITION_VOLUME);
      if(PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_SELL)
         lots = -lots;
      AddHeld(PositionGetString(POSITION_SYMBOL), (long)ticket, lots, ByTicket);
     }
   return(PositionsTotal() == total);
  }

void ForgetOperations()
  {
   g_balance = 0.0;
   g_operations_known = false;
   g_last_deal = 0;
   g_looks = 0;
  }

//--- Add up what went in and out since the start. The history follows the account with a delay, so a few looks are taken.
void FollowOperations()
  {
   double balance = AccountInfoDouble(ACCOUNT_BALANCE);
   if(balance != g_balance || !g_operations_known)
     {
      g_balance = balance;
      g_looks = OPERATION_LOOKS;
     }
   if(g_looks == 0)
      return;
   g_looks--;
   datetime now = TimeCurrent();
   if(now == 0 || !HistorySelect(now - HISTORY_SECONDS, now + HISTORY_SECONDS))
      return;
   ulong newest = g_last_deal;
   int total = HistoryDealsTotal();
   for(int i = 0; i < total; i++)
     {
      ulong ticket = HistoryDealGetTicket(i);
      if(ticket <= g_last_deal)
         continue;
      if(ticket > newest)
         newest = ticket;
      long type = HistoryDealGetInteger(ticket, DEAL_TYPE);
      if(g_operations_known && (type == DEAL_TYPE_BALANCE || type == DEAL_TYPE_CORRECTION))
         g_outside += MoneyParts(HistoryDealGetDouble(ticket, DEAL_PROFIT));
     }
   g_last_deal = newest;
   g_operations_known = true;
  }

int OnInit()
  {
   return(StartSender(Address, Token, AppToken, Postfixes, SymbolMap, Multipliers, TimerMs));
  }

void OnDeinit(const int reason)
  {
   StopSender();
  }

void OnTimer()
  {
   RunSender();
  }
//+------------------------------------------------------------------+
