//+------------------------------------------------------------------+
//| Prorata Signals for MetaTrader 4                                  |
//| Sends the positions of this account to a copy trading strategy.   |
//| Licence: Apache-2.0. Guide: docs/signals.md                       |
//+------------------------------------------------------------------+
#property copyright "Prorata contributors, Apache-2.0"
#property version   "1.00"
#property strict

input string Address     = "https://";                // Address of the server
input string Token       = "";                        // Token of the strategy
input string AppToken    = "";                        // Token of the application
input string Postfixes   = "";                        // Endings of symbols to cut off, as .m;.ecn
input string SymbolMap   = "BRN=BRENT;GOLD=XAUUSD";   // Other names of symbols
input string Multipliers = "";                        // Lot multipliers, as XAUUSD=0.5;EURUSD=2
input bool   ByTicket    = false;                     // Tell each order (strategy in hedging mode)
input int    TimerMs     = 100;                       // Milliseconds between looks at the account

#include "ProrataSignals.mqh"

//--- The type of balance operations in the history; MQL4 has no name for it.
#define BALANCE_OPERATION 6

double   g_balance = 0.0;
bool     g_operations_known = false;
int      g_last_operation = 0;
datetime g_started = 0;
int      g_looks = 0;

//--- Read the open market orders; pending ones are not told. False if they change while they are read.
bool ReadPositions()
  {
   int total = OrdersTotal();
   for(int i = 0; i < total; i++)
     {
      if(!OrderSelect(i, SELECT_BY_POS, MODE_TRADES))
         return(false);
      int type = OrderType();
      if(type == OP_BUY)
         AddHeld(OrderSymbol(), OrderTicket(), OrderLots(), ByTicket);
      else
         if(type == OP_SELL)
            AddHeld(OrderSymbol(), OrderTicket(), -OrderLots(), ByTicket);
     }
   return(OrdersTotal() == total);
  }

void ForgetOperations()
  {
   g_balance = 0.0;
   g_operations_known = false;
   g_last_operation = 0;
   g_started = 0;
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
   if(g_started == 0)
      g_started = TimeCurrent();
   int newest = g_last_operation;
   long moved = 0;
   int total = OrdersHistoryTotal();
   for(int i = 0; i < total; i++)
     {
      if(!OrderSelect(i, SELECT_BY_POS, MODE_HISTORY))
         return;
      if(OrderType() != BALANCE_OPERATION || OrderTicket() <= g_last_operation)
         continue;
      if(OrderTicket() > newest)
         newest = OrderTicket();
      //--- The history may be loaded late: what is older than the start never counts.
      if(g_operations_known && OrderOpenTime() >= g_started)
         moved += MoneyParts(OrderProfit());
     }
   g_outside += moved;
   g_last_operation = newest;
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
