// A terminal for tests: what the Expert Advisors use of MQL4 and MQL5, in C++, told what to be by lines on standard input.
// It proves the logic of the programs, not that MetaEditor takes every line of them.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#define input

using uchar = unsigned char;
using ushort = unsigned short;
using uint = uint32_t;
using ulong = uint64_t;
using datetime = long;

struct string : std::string {
  string() = default;
  string(const char *text) : std::string(text) {}
  string(const std::string &text) : std::string(text) {}
};

// Arrays end the program when they are read out of their range, as the terminals do.
template <class Item> struct Array {
  std::vector<Item> items;
  Item &operator[](long place) {
    check(place);
    return items[static_cast<size_t>(place)];
  }
  void check(long place) const {
    if (place < 0 || place >= static_cast<long>(items.size())) {
      std::cout << "array out of range" << std::endl;
      std::exit(3);
    }
  }
};

// std::vector<bool> has no references; nothing here needs an array of bool.
template <class Item> int ArraySize(const Array<Item> &list) { return static_cast<int>(list.items.size()); }
template <class Item> int ArrayResize(Array<Item> &list, int size) {
  list.items.resize(static_cast<size_t>(size));
  return size;
}

enum { INIT_SUCCEEDED, INIT_FAILED, INIT_PARAMETERS_INCORRECT };
enum { ACCOUNT_EQUITY, ACCOUNT_BALANCE, ACCOUNT_CURRENCY, ACCOUNT_LOGIN };
enum { SYMBOL_BID, SYMBOL_ASK };
enum { TERMINAL_CONNECTED, MQL_TESTER };
enum { POSITION_VOLUME, POSITION_TYPE, POSITION_SYMBOL, POSITION_TYPE_BUY = 0, POSITION_TYPE_SELL = 1 };
enum { DEAL_TYPE, DEAL_PROFIT, DEAL_TYPE_BUY = 0, DEAL_TYPE_BALANCE = 2, DEAL_TYPE_CREDIT = 3, DEAL_TYPE_CORRECTION = 5 };
enum { SELECT_BY_POS, MODE_TRADES, MODE_HISTORY };
enum { OP_BUY, OP_SELL, OP_BUYLIMIT };
enum { TIME_DATE = 1, TIME_SECONDS = 4 };
enum { WHOLE_ARRAY = -1, CP_UTF8 = 65001 };

namespace terminal {
struct Position {
  long ticket;
  std::string symbol;
  double lots;
  bool pending;
};
struct Operation {
  long ticket;
  int type;
  double profit;
};
inline uint ticks = 0;
inline double equity = 0, balance = 0;
inline std::string currency = "USD";
inline bool connected = true, tester = false, timer = false, removed = false;
inline std::vector<Position> positions;
inline std::vector<Operation> operations;
inline std::vector<std::string> symbols;
inline std::map<std::string, std::pair<double, double>> prices;
inline std::map<std::string, double> globals;
inline std::string comment;
inline std::vector<std::string> log;
inline int error = 0;
inline size_t selected = 0;
inline bool from_history = false;

inline std::string escaped(const std::string &text) {
  std::string result;
  for (char letter : text)
    result += letter == '\n' ? "\\n" : letter == '\r' ? "\\r" : std::string(1, letter);
  return result;
}
} // namespace terminal

// Text
inline int StringLen(const string &text) { return static_cast<int>(text.size()); }
inline ushort StringGetCharacter(const string &text, int at) { return static_cast<uchar>(text.at(static_cast<size_t>(at))); }
inline string StringSubstr(const string &text, int start, int length) {
  return text.substr(static_cast<size_t>(start), static_cast<size_t>(length));
}
inline int StringFind(const string &text, const string &part, int start) {
  size_t at = text.find(part, static_cast<size_t>(start));
  return at == std::string::npos ? -1 : static_cast<int>(at);
}
inline bool StringToLower(string &text) {
  for (char &letter : text)
    letter = static_cast<char>(std::tolower(letter));
  return true;
}
inline double StringToDouble(const string &text) { return std::strtod(text.c_str(), nullptr); }
inline long StringToInteger(const string &text) { return std::strtol(text.c_str(), nullptr, 10); }
inline string IntegerToString(long number) { return std::to_string(number); }
inline string TimeToString(datetime time, int) { return std::to_string(time); }
inline int StringToCharArray(const string &text, Array<char> &array, int, int, int) {
  array.items.assign(text.begin(), text.end());
  array.items.push_back(0);
  return static_cast<int>(array.items.size());
}
inline string CharArrayToString(const Array<char> &array, int start, int count, int) {
  return std::string(array.items.begin() + start, array.items.begin() + start + count);
}
inline double MathRound(double number) { return std::round(number); }
inline double MathAbs(double number) { return std::fabs(number); }

// Time, account, market
inline uint GetTickCount() { return terminal::ticks; }
inline datetime TimeLocal() { return 1700000000 + terminal::ticks / 1000; }
inline datetime TimeCurrent() { return 1700000000; }
inline double AccountInfoDouble(int what) { return what == ACCOUNT_EQUITY ? terminal::equity : terminal::balance; }
inline string AccountInfoString(int) { return terminal::currency; }
inline long AccountInfoInteger(int) { return 1001; }
inline int TerminalInfoInteger(int) { return terminal::connected; }
inline int MQLInfoInteger(int) { return terminal::tester; }
inline int SymbolsTotal(bool) { return static_cast<int>(terminal::symbols.size()); }
inline string SymbolName(int place, bool) { return terminal::symbols.at(static_cast<size_t>(place)); }
inline bool SymbolSelect(const string &, bool) { return true; }
inline double SymbolInfoDouble(const string &name, int what) {
  auto found = terminal::prices.find(name);
  if (found == terminal::prices.end())
    return 0;
  return what == SYMBOL_BID ? found->second.first : found->second.second;
}

// MetaTrader 5: positions (pending orders are not among them) and history
inline int PositionsTotal() {
  int count = 0;
  for (const auto &position : terminal::positions)
    count += !position.pending;
  return count;
}
inline ulong PositionGetTicket(int place) {
  for (terminal::selected = 0; terminal::selected < terminal::positions.size(); terminal::selected++)
    if (!terminal::positions[terminal::selected].pending && place-- == 0)
      return static_cast<ulong>(terminal::positions[terminal::selected].ticket);
  return 0;
}
inline double PositionGetDouble(int) { return std::fabs(terminal::positions.at(terminal::selected).lots); }
inline long PositionGetInteger(int) { return terminal::positions.at(terminal::selected).lots < 0 ? POSITION_TYPE_SELL : POSITION_TYPE_BUY; }
inline string PositionGetString(int) { return terminal::positions.at(terminal::selected).symbol; }
inline bool HistorySelect(datetime, datetime) { return true; }
inline int HistoryDealsTotal() { return static_cast<int>(terminal::operations.size()); }
inline ulong HistoryDealGetTicket(int place) {
  return static_cast<ulong>(terminal::operations.at(static_cast<size_t>(place)).ticket);
}
inline const terminal::Operation &deal_of(ulong ticket) {
  for (const auto &operation : terminal::operations)
    if (operation.ticket == static_cast<long>(ticket))
      return operation;
  std::exit(4);
}
inline long HistoryDealGetInteger(ulong ticket, int) { return deal_of(ticket).type; }
inline double HistoryDealGetDouble(ulong ticket, int) { return deal_of(ticket).profit; }

// MetaTrader 4: orders. Balance operations have type 6 there; its numbers of other types do not matter here.
inline int OrdersTotal() { return static_cast<int>(terminal::positions.size()); }
inline int OrdersHistoryTotal() { return static_cast<int>(terminal::operations.size()); }
inline bool OrderSelect(int place, int, int pool) {
  terminal::selected = static_cast<size_t>(place);
  terminal::from_history = pool == MODE_HISTORY;
  return true;
}
inline int OrderType() {
  if (terminal::from_history)
    return terminal::operations.at(terminal::selected).type == DEAL_TYPE_BALANCE ? 6 : OP_BUY;
  const auto &position = terminal::positions.at(terminal::selected);
  return position.pending ? OP_BUYLIMIT : position.lots < 0 ? OP_SELL : OP_BUY;
}
inline int OrderTicket() {
  return static_cast<int>(terminal::from_history ? terminal::operations.at(terminal::selected).ticket
                                                 : terminal::positions.at(terminal::selected).ticket);
}
inline double OrderLots() { return std::fabs(terminal::positions.at(terminal::selected).lots); }
inline string OrderSymbol() { return terminal::positions.at(terminal::selected).symbol; }
inline double OrderProfit() { return terminal::operations.at(terminal::selected).profit; }
inline datetime OrderOpenTime() { return TimeCurrent() + 1; }

// Variables of the terminal
inline bool GlobalVariableCheck(const string &name) { return terminal::globals.count(name) > 0; }
inline bool GlobalVariableTemp(const string &name) { return terminal::globals.emplace(name, 0.0).second; }
inline double GlobalVariableGet(const string &name) { return terminal::globals.count(name) ? terminal::globals[name] : 0.0; }
inline bool GlobalVariableSetOnCondition(const string &name, double value, double old) {
  auto found = terminal::globals.find(name);
  if (found == terminal::globals.end() || found->second != old)
    return false;
  found->second = value;
  return true;
}

// Life
inline bool EventSetMillisecondTimer(int) { return terminal::timer = true; }
inline void EventKillTimer() { terminal::timer = false; }
inline void ExpertRemove() { terminal::removed = true; }
inline void Comment(const string &text) { terminal::comment = text; }
inline void Print(const string &text) { terminal::log.push_back(text); }
inline void Alert(const string &text) { terminal::log.push_back("ALERT " + text); }
inline void ResetLastError() { terminal::error = 0; }
inline int GetLastError() { return terminal::error; }

// Says the request on standard output, and reads status, error and body of its answer from standard input.
inline int WebRequest(const string &method, const string &url, const string &headers, int, Array<char> &data,
                      Array<char> &result, string &) {
  std::string body(data.items.begin(), data.items.end());
  std::cout << method << '\t' << url << '\t' << terminal::escaped(headers) << '\t' << terminal::escaped(body) << std::endl;
  std::string line;
  std::getline(std::cin, line);
  std::istringstream words(line);
  int status = 0;
  words >> status >> terminal::error;
  std::string text;
  std::getline(words, text);
  result.items.assign(text.begin() + (text.empty() ? 0 : 1), text.end());
  return status;
}
