//+------------------------------------------------------------------+
//| Prorata Signals: what the Expert Advisors of both terminals share |
//| Licence: Apache-2.0                                               |
//|                                                                   |
//| The rules are those of prorata/collectors/behaviour.py. Only what |
//| MQL4 and MQL5 both document is used here; what differs (positions,|
//| balance operations) is in the .mq4 and the .mq5 file.             |
//+------------------------------------------------------------------+
#define SENDER_VERSION      "1.00"
#define SIGNALS_PATH        "/api/trading/v1/signals.send"
#define SIGNALS_METHOD      "signals.send"

#define HEARTBEAT_MS        60000
#define AFTER_SIGNAL_MS     5000
#define RETRY_MS            10000
#define SETTLE_MS           3000
#define TIMEOUT_MS          5000
#define SHOW_MS             1000
#define OUTSIDE_PERCENT     3
#define IMPORTANCE_STOP     5
#define NEED_SOFT           1
#define NEED_HARD           2
#define STRATEGY_CLOSED     4
#define LOT_STEPS           100000000.0
#define LOT_DIGITS          8
#define MONEY_PARTS         10000.0
#define LOCK_SECONDS        30
#define OPERATION_LOOKS     20
#define JSON_DEPTH          16

#define TYPE_HEARTBEAT      0
#define TYPE_SIGNAL         1
#define TYPE_SOFT_SYNC      2
#define TYPE_HARD_SYNC      3

#define ANSWER_ACCEPTED     0
#define ANSWER_DECLINED     1
#define ANSWER_UNCLEAR      2

//--- What is held of one key: a symbol, or one ticket of it. Lots in whole steps of 0.00000001, sold ones below 0.
struct HeldTarget
  {
   string            key;
   string            symbol;
   long              ticket;
   long              lot;
  };

//--- What the server was told of one key.
struct ToldTarget
  {
   string            key;
   string            symbol;
   long              ticket;
   long              lot;
   bool              unsure;
   bool              failed;
   long              failed_at;
  };

HeldTarget g_held[];
ToldTarget g_told[];

string   g_postfixes[];
string   g_map_from[];
string   g_map_to[];
string   g_multiplied[];
double   g_multipliers[];

string   g_address = "";
string   g_headers = "";
string   g_lock = "";
double   g_lock_value = 0.0;
bool     g_locked = false;

//--- Milliseconds since the start. The terminal's own counter begins anew after 49 days; this one does not.
long     g_clock = 0;
uint     g_ticks = 0;
long     g_settled_at = 0;

bool     g_ended = false;
bool     g_greeted = false;
bool     g_synced = false;
bool     g_hard_due = true;
bool     g_soft_due = false;
bool     g_balance_due = false;
bool     g_heartbeat_sent = false;
long     g_heartbeat_due = 0;
bool     g_sync_failed = false;
long     g_sync_failed_at = 0;

long     g_equity = 0;
long     g_outside = 0;
long     g_outside_told = 0;
long     g_equity_usd = 0;

string   g_rate_symbol = "";
bool     g_rate_inverse = false;
long     g_rate_search_at = 0;

int      g_status = 0;
string   g_answer = "";
string   g_problem = "";

string   g_state = "starting";
string   g_last = "";
string   g_trouble = "";
string   g_strategy = "";
string   g_profit = "";
long     g_shown_at = -SHOW_MS;
long     g_signals = 0;
long     g_syncs = 0;
long     g_failures = 0;

//+------------------------------------------------------------------+
//| Text                                                              |
//+------------------------------------------------------------------+

//--- A part of a text. The terminals differ in what a length of 0 means; here it is nothing.
string Part(const string text, const int start, const int length)
  {
   if(length <= 0)
      return("");
   return(StringSubstr(text, start, length));
  }

bool IsBlank(const ushort letter)
  {
   return(letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n');
  }

string Trimmed(const string text)
  {
   int first = 0;
   int last = StringLen(text) - 1;
   while(first <= last && IsBlank(StringGetCharacter(text, first)))
      first++;
   while(last >= first && IsBlank(StringGetCharacter(text, last)))
      last--;
   return(Part(text, first, last - first + 1));
  }

bool EndsWith(const string text, const string ending)
  {
   int length = StringLen(text);
   int part = StringLen(ending);
   if(part == 0 || part > length)
      return(false);
   return(Part(text, length - part, part) == ending);
  }

//--- Split "a;b;c" into trimmed parts that are not empty; returns how many.
int SplitList(const string text, string &parts[])
  {
   int count = 0;
   int start = 0;
   int length = StringLen(text);
   ArrayResize(parts, 0);
   for(int i = 0; i <= length; i++)
     {
      if(i < length && StringGetCharacter(text, i) != ';')
         continue;
      string piece = Trimmed(Part(text, start, i - start));
      start = i + 1;
      if(piece == "")
         continue;
      ArrayResize(parts, count + 1);
      parts[count] = piece;
      count++;
     }
   return(count);
  }

//--- Split "name=value". False if it is not of that form.
bool SplitPair(const string text, string &name, string &value)
  {
   int at = StringFind(text, "=", 0);
   if(at <= 0)
      return(false);
   name = Trimmed(Part(text, 0, at));
   value = Trimmed(Part(text, at + 1, StringLen(text) - at - 1));
   return(name != "" && value != "");
  }

//--- A whole number of 10^-digits as decimal text with a point, whatever the locale: (1050, 2) is "10.50".
string DecimalText(const long value, const int digits)
  {
   bool negative = (value < 0);
   string text = IntegerToString(negative ? -value : value);
   while(StringLen(text) <= digits)
      text = "0" + text;
   int whole = StringLen(text) - digits;
   string result = Part(text, 0, whole);
   if(digits > 0)
      result = result + "." + Part(text, whole, digits);
   if(negative)
      result = "-" + result;
   return(result);
  }

//--- Lots without needless zeros: 30000000 steps are "0.3".
string LotText(const long lot)
  {
   string text = DecimalText(lot, LOT_DIGITS);
   int length = StringLen(text);
   while(StringGetCharacter(text, length - 1) == '0')
      length--;
   if(StringGetCharacter(text, length - 1) == '.')
      length--;
   return(Part(text, 0, length));
  }

string HexText(const uint value, const int digits)
  {
   string letters = "0123456789abcdef";
   string text = "";
   uint rest = value;
   for(int i = 0; i < digits; i++)
     {
      text = Part(letters, (int)(rest % 16), 1) + text;
      rest = rest / 16;
     }
   return(text);
  }

//+------------------------------------------------------------------+
//| JSON                                                              |
//+------------------------------------------------------------------+

string JsonText(const string text)
  {
   string result = "\"";
   int length = StringLen(text);
   for(int i = 0; i < length; i++)
     {
      ushort letter = StringGetCharacter(text, i);
      if(letter == '"' || letter == '\\')
         result = result + "\\" + Part(text, i, 1);
      else
         if(letter < 32 || letter > 126)
            result = result + "\\u" + HexText(letter, 4);
         else
            result = result + Part(text, i, 1);
     }
   return(result + "\"");
  }

int SkipBlanks(const string text, const int start)
  {
   int at = start;
   int length = StringLen(text);
   while(at < length && IsBlank(StringGetCharacter(text, at)))
      at++;
   return(at);
  }

//--- The place after the text whose opening quote is at `start`; -1 if it does not end.
int SkipText(const string text, const int start)
  {
   int length = StringLen(text);
   int at = start + 1;
   while(at < length)
     {
      ushort letter = StringGetCharacter(text, at);
      if(letter == '"')
         return(at + 1);
      if(letter == '\\')
         at++;
      at++;
     }
   return(-1);
  }

//--- The place after the value that begins at `start`; -1 if there is none, or it does not end, or is too deep.
int SkipValue(const string text, const int start, const int depth)
  {
   int length = StringLen(text);
   if(start >= length || depth > JSON_DEPTH)
      return(-1);
   ushort first = StringGetCharacter(text, start);
   if(first == '"')
      return(SkipText(text, start));
   if(first == '{' || first == '[')
      return(SkipItems(text, start, depth));
   int at = start;
   while(at < length)
     {
      ushort letter = StringGetCharacter(text, at);
      if(letter == ',' || letter == ':' || letter == '}' || letter == ']' || letter == '"' || IsBlank(letter))
         break;
      at++;
     }
   if(at == start)
      return(-1);
   return(at);
  }

//--- The place after the object or array that begins at `start`; -1 if it is not sound.
int SkipItems(const string text, const int start, const int depth)
  {
   int length = StringLen(text);
   bool named = (StringGetCharacter(text, start) == '{');
   ushort closing = ']';
   if(named)
      closing = '}';
   int at = SkipBlanks(text, start + 1);
   if(at < length && StringGetCharacter(text, at) == closing)
      return(at + 1);
   while(at < length)
     {
      if(named)
        {
         if(StringGetCharacter(text, at) != '"')
            return(-1);
         at = SkipText(text, at);
         if(at < 0)
            return(-1);
         at = SkipBlanks(text, at);
         if(at >= length || StringGetCharacter(text, at) != ':')
            return(-1);
         at = SkipBlanks(text, at + 1);
        }
      at = SkipValue(text, at, depth + 1);
      if(at < 0)
         return(-1);
      at = SkipBlanks(text, at);
      if(at >= length)
         return(-1);
      ushort letter = StringGetCharacter(text, at);
      if(letter == closing)
         return(at + 1);
      if(letter != ',')
         return(-1);
      at = SkipBlanks(text, at + 1);
     }
   return(-1);
  }

bool IsJsonObject(const string text)
  {
   int at = SkipBlanks(text, 0);
   if(at >= StringLen(text) || StringGetCharacter(text, at) != '{')
      return(false);
   at = SkipValue(text, at, 0);
   return(at > 0 && SkipBlanks(text, at) == StringLen(text));
  }

//--- The raw value of a member of an object; "" if there is no such member.
string JsonMember(const string text, const string name)
  {
   int length = StringLen(text);
   int at = SkipBlanks(text, 0);
   if(at >= length || StringGetCharacter(text, at) != '{')
      return("");
   at++;
   while(at < length)
     {
      at = SkipBlanks(text, at);
      if(at >= length || StringGetCharacter(text, at) != '"')
         return("");
      int end = SkipText(text, at);
      if(end < 0)
         return("");
      string found = Part(text, at + 1, end - at - 2);
      at = SkipBlanks(text, end);
      if(at >= length || StringGetCharacter(text, at) != ':')
         return("");
      at = SkipBlanks(text, at + 1);
      end = SkipValue(text, at, 1);
      if(end < 0)
         return("");
      if(found == name)
         return(Part(text, at, end - at));
      at = SkipBlanks(text, end);
      if(at >= length || StringGetCharacter(text, at) != ',')
         return("");
      at++;
     }
   return("");
  }

//--- A member as a whole number; true counts as 1, what is not there as `otherwise`.
int JsonWhole(const string text, const string name, const int otherwise)
  {
   string value = JsonMember(text, name);
   if(value == "" || value == "null")
      return(otherwise);
   if(value == "true")
      return(1);
   if(value == "false")
      return(0);
   return((int)StringToInteger(value));
  }

//+------------------------------------------------------------------+
//| Names, lots, money                                                |
//+------------------------------------------------------------------+

//--- Read the lists among the inputs. False if one of them cannot be read.
bool ReadLists(const string postfixes, const string map, const string multipliers)
  {
   string parts[];
   string name = "";
   string value = "";
   SplitList(postfixes, g_postfixes);
   SortLongestFirst(g_postfixes);
   int count = SplitList(map, parts);
   ArrayResize(g_map_from, count);
   ArrayResize(g_map_to, count);
   for(int i = 0; i < count; i++)
     {
      if(!SplitPair(parts[i], name, value))
         return(Refuse("SymbolMap: \"" + parts[i] + "\" is not of the form NAME=NAME"));
      g_map_from[i] = name;
      g_map_to[i] = value;
     }
   count = SplitList(multipliers, parts);
   ArrayResize(g_multiplied, count);
   ArrayResize(g_multipliers, count);
   for(int k = 0; k < count; k++)
     {
      if(!SplitPair(parts[k], name, value) || StringToDouble(value) <= 0.0)
         return(Refuse("Multipliers: \"" + parts[k] + "\" is not of the form SYMBOL=NUMBER with a number above 0"));
      g_multiplied[k] = name;
      g_multipliers[k] = StringToDouble(value);
     }
   return(true);
  }

void SortLongestFirst(string &list[])
  {
   int count = ArraySize(list);
   for(int i = 0; i < count - 1; i++)
      for(int k = i + 1; k < count; k++)
         if(StringLen(list[k]) > StringLen(list[i]))
           {
            string kept = list[i];
            list[i] = list[k];
            list[k] = kept;
           }
  }

//--- What the server calls a symbol: the longest postfix that fits is cut off, once; then the map is asked.
string ServerName(const string symbol)
  {
   string name = symbol;
   for(int i = 0; i < ArraySize(g_postfixes); i++)
      if(EndsWith(name, g_postfixes[i]) && name != g_postfixes[i])
        {
         name = Part(name, 0, StringLen(name) - StringLen(g_postfixes[i]));
         break;
        }
   for(int k = 0; k < ArraySize(g_map_from); k++)
      if(name == g_map_from[k])
         return(g_map_to[k]);
   return(name);
  }

double MultiplierOf(const string symbol)
  {
   for(int i = 0; i < ArraySize(g_multiplied); i++)
      if(symbol == g_multiplied[i])
         return(g_multipliers[i]);
   return(1.0);
  }

long MoneyParts(const double amount)
  {
   return((long)MathRound(amount * MONEY_PARTS));
  }

int FindHeld(const string key)
  {
   for(int i = 0; i < ArraySize(g_held); i++)
      if(g_held[i].key == key)
         return(i);
   return(-1);
  }

int FindTold(const string key)
  {
   for(int i = 0; i < ArraySize(g_told); i++)
      if(g_told[i].key == key)
         return(i);
   return(-1);
  }

//--- Count one open position in: netted with the others of its symbol, or by itself.
void AddHeld(const string broker_symbol, const long ticket, const double lots, const bool by_ticket)
  {
   string symbol = ServerName(broker_symbol);
   string key = symbol;
   if(by_ticket)
      key = symbol + "#" + IntegerToString(ticket);
   long lot = (long)MathRound(lots * MultiplierOf(symbol) * LOT_STEPS);
   int place = FindHeld(key);
   if(place < 0)
     {
      place = ArraySize(g_held);
      ArrayResize(g_held, place + 1);
      g_held[place].key = key;
      g_held[place].symbol = symbol;
      g_held[place].ticket = ticket;
      g_held[place].lot = 0;
     }
   g_held[place].lot += lot;
   if(ticket > g_held[place].ticket)
      g_held[place].ticket = ticket;
  }

//--- Forget the symbols whose positions cancel out.
void DropFlat()
  {
   int kept = 0;
   for(int i = 0; i < ArraySize(g_held); i++)
      if(g_held[i].lot != 0)
        {
         if(kept != i)
            g_held[kept] = g_held[i];
         kept++;
        }
   ArrayResize(g_held, kept);
  }

//--- Look for a symbol that joins the account's currency and USD. XXXUSD is preferred.
void FindRateSymbol(const string currency)
  {
   g_rate_symbol = "";
   int total = SymbolsTotal(false);
   for(int i = 0; i < total; i++)
     {
      string name = SymbolName(i, false);
      string bare = ServerName(name);
      bool direct = (bare == currency + "USD");
      if(!direct && (bare != "USD" + currency || g_rate_symbol != ""))
         continue;
      g_rate_symbol = name;
      g_rate_inverse = !direct;
      if(direct)
         break;
     }
   if(g_rate_symbol != "")
      SymbolSelect(g_rate_symbol, true);
  }

//--- Read equity, also in cents of USD: by the bid of XXXUSD, by the ask of USDXXX. False without a price.
bool ReadEquity()
  {
   double equity = AccountInfoDouble(ACCOUNT_EQUITY);
   string currency = AccountInfoString(ACCOUNT_CURRENCY);
   double dollars = equity;
   if(currency != "USD")
     {
      if(g_rate_symbol == "" && g_clock >= g_rate_search_at)
        {
         g_rate_search_at = g_clock + RETRY_MS;
         FindRateSymbol(currency);
        }
      double price = 0.0;
      if(g_rate_symbol != "" && g_rate_inverse)
         price = SymbolInfoDouble(g_rate_symbol, SYMBOL_ASK);
      if(g_rate_symbol != "" && !g_rate_inverse)
         price = SymbolInfoDouble(g_rate_symbol, SYMBOL_BID);
      if(price <= 0.0)
        {
         g_trouble = "no price of " + currency + "USD or USD" + currency + " to convert equity with";
         return(false);
        }
      dollars = (g_rate_inverse ? equity / price : equity * price);
     }
   g_equity = MoneyParts(equity);
   g_equity_usd = (long)MathRound(dollars * 100.0);
   return(true);
  }

//--- Read the account. False: it cannot be read now; an account that is not there must never look like one without positions.
bool ReadAccount()
  {
   if(TerminalInfoInteger(TERMINAL_CONNECTED) == 0 || AccountInfoInteger(ACCOUNT_LOGIN) == 0)
     {
      g_settled_at = g_clock + SETTLE_MS;
      g_trouble = "the terminal is not connected to its broker";
      return(false);
     }
   if(g_clock < g_settled_at)
     {
      g_trouble = "waiting until the terminal has loaded the account";
      return(false);
     }
   ArrayResize(g_held, 0);
   if(!ReadPositions())
     {
      g_trouble = "the positions change just now";
      return(false);
     }
   DropFlat();
   FollowOperations();
   if(!ReadEquity())
      return(false);
   g_trouble = "";
   return(true);
  }

//+------------------------------------------------------------------+
//| One sender for one token                                          |
//+------------------------------------------------------------------+

uint HashOf(const string text, const uint seed)
  {
   uint hash = seed;
   int length = StringLen(text);
   for(int i = 0; i < length; i++)
     {
      hash = hash ^ (uint)StringGetCharacter(text, i);
      hash = hash * 0x01000193;
     }
   return(hash);
  }

//--- Take the terminal's variable of this token, unless it is somebody's who was alive in the last half minute.
bool TakeLock(const string token)
  {
   g_lock = "ProrataSignals." + HexText(HashOf(token, 0x811C9DC5), 8) + HexText(HashOf(token, 0x1B873593), 8);
   if(!GlobalVariableCheck(g_lock))
      GlobalVariableTemp(g_lock);
   double holder = GlobalVariableGet(g_lock);
   double now = (double)TimeLocal();
   if(holder > 0.0 && MathAbs(now - holder) < LOCK_SECONDS)
      return(false);
   if(!GlobalVariableSetOnCondition(g_lock, now, holder))
      return(false);
   g_lock_value = now;
   g_locked = true;
   return(true);
  }

//--- Show that we are alive. False if another sender has taken the token over.
bool KeepLock()
  {
   double now = (double)TimeLocal();
   if(now == g_lock_value)
      return(true);
   if(!GlobalVariableCheck(g_lock))
     {
      GlobalVariableTemp(g_lock);
      GlobalVariableSetOnCondition(g_lock, g_lock_value, 0.0);
     }
   if(!GlobalVariableSetOnCondition(g_lock, now, g_lock_value))
      return(false);
   g_lock_value = now;
   return(true);
  }

void ReleaseLock()
  {
   if(g_locked)
      GlobalVariableSetOnCondition(g_lock, 0.0, g_lock_value);
   g_locked = false;
  }

//+------------------------------------------------------------------+
//| Sending                                                           |
//+------------------------------------------------------------------+

string AddressOf(const string address)
  {
   string bare = Trimmed(address);
   while(EndsWith(bare, "/"))
      bare = Part(bare, 0, StringLen(bare) - 1);
   string lower = bare;
   StringToLower(lower);
   if(EndsWith(lower, SIGNALS_METHOD))
      return(bare);
   return(bare + SIGNALS_PATH);
  }

//--- Post a body; the answer is in g_answer, what is wrong in g_problem. Returns ANSWER_...
int Post(const string body, const bool may_be_empty)
  {
   char data[];
   char result[];
   string result_headers = "";
   int size = StringToCharArray(body, data, 0, WHOLE_ARRAY, CP_UTF8);
   //--- The terminal copies the zero that ends a text, too; a server would take it for a part of the JSON.
   if(size > 0 && data[size - 1] == 0)
      size--;
   ArrayResize(data, size);
   g_answer = "";
   g_problem = "";
   ResetLastError();
   g_status = WebRequest("POST", g_address, g_headers, TIMEOUT_MS, data, result, result_headers);
   int error = GetLastError();
   if(ArraySize(result) > 0)
      g_answer = CharArrayToString(result, 0, ArraySize(result), CP_UTF8);
   if(g_status < 100 || g_status > 599)
     {
      g_problem = "no answer, error " + IntegerToString(error);
      if(error == 4014 || error == 4060)
         g_problem = "the terminal does not allow it: Tools - Options - Expert Advisors - Allow WebRequest for listed URL";
      return(ANSWER_UNCLEAR);
     }
   if(g_status >= 200 && g_status < 300)
     {
      if(IsJsonObject(g_answer) || (may_be_empty && Trimmed(g_answer) == ""))
         return(ANSWER_ACCEPTED);
      g_problem = "an answer that is no JSON of the Trading API";
      return(ANSWER_UNCLEAR);
     }
   g_problem = "HTTP " + IntegerToString(g_status) + ErrorText();
   if(g_status >= 400 && g_status < 500)
      return(ANSWER_DECLINED);
   return(ANSWER_UNCLEAR);
  }

string ErrorText()
  {
   string error = JsonMember(g_answer, "error");
   if(error == "")
      return("");
   return(": " + Part(JsonMember(error, "code") + " " + JsonMember(error, "message"), 0, 200));
  }

//--- How every message begins.
string TypeText(const int type)
  {
   return("{\"Type\":" + IntegerToString(type));
  }

string SignalText(const string symbol, const long lot, const long ticket)
  {
   return("\"Symbol\":" + JsonText(symbol) + ",\"Lot\":" + LotText(lot) + ",\"Equity\":" + DecimalText(g_equity_usd, 2) +
          ",\"Ticket\":\"" + IntegerToString(ticket) + "\",\"Comment\":\"\"");
  }

//--- Say everything that is due. `readable` false: the account is not known, only heartbeats are sent.
void SayAll(const bool readable)
  {
   if(readable)
      SayAccount();
   if(g_ended || (g_heartbeat_sent && g_clock < g_heartbeat_due))
      return;
   SayHeartbeat();
   if(readable)
      SayAccount();
  }

//--- The first word is a heartbeat, then comes a hard sync; single signals only after that.
void SayAccount()
  {
   if(g_ended || !g_greeted)
      return;
   SaySync();
   if(g_synced)
      SaySignals();
  }

void SayHeartbeat()
  {
   int answer = Post(TypeText(TYPE_HEARTBEAT) + ",\"GetInfo\":true}", false);
   MoveClock();
   g_heartbeat_sent = true;
   if(EndedByAnswer(answer))
      return;
   if(answer != ANSWER_ACCEPTED)
     {
      g_heartbeat_due = g_clock + RETRY_MS + 1;
      NoteFailure("heartbeat");
      return;
     }
   g_greeted = true;
   g_heartbeat_due = g_clock + HEARTBEAT_MS;
   g_state = "connected";
   string app = JsonMember(g_answer, "App");
   string strategy = JsonMember(g_answer, "Strategy");
   string account = JsonMember(g_answer, "Account");
   int status = JsonWhole(strategy, "Status", -1);
   int need = JsonWhole(strategy, "NeedSync", 0);
   g_strategy = StrategyText(status);
   g_profit = "";
   if(JsonMember(account, "Equity") != "" && JsonMember(account, "ProfitBase") != "")
     {
      double profit = StringToDouble(JsonMember(account, "Equity")) - StringToDouble(JsonMember(account, "ProfitBase"));
      g_profit = DecimalText((long)MathRound(profit * 100.0), 2);
     }
   if(need == NEED_SOFT)
      g_soft_due = true;
   if(need == NEED_HARD)
      g_hard_due = true;
   if(JsonWhole(app, "UpdateImportance", 0) >= IMPORTANCE_STOP)
      StopSending("This version is no longer accepted by the server. Please install the newest one.");
   else
      if(status == STRATEGY_CLOSED)
         RemoveSender("The strategy is closed.");
  }

string StrategyText(const int status)
  {
   switch(status)
     {
      case 0:
         return("not activated");
      case 1:
         return("active");
      case 2:
         return("paused");
      case 3:
         return("disabled");
      case STRATEGY_CLOSED:
         return("closed");
     }
   return("in order");
  }

//--- Money from outside that is 3 % or more of (equity - change) puts all proportions out.
bool MovedFromOutside()
  {
   long change = g_outside - g_outside_told;
   if(!g_synced || change == 0)
      return(false);
   long size = (change < 0 ? -change : change);
   return(100 * size >= OUTSIDE_PERCENT * (g_equity - change));
  }

void SaySync()
  {
   bool balance = (g_balance_due || MovedFromOutside());
   if(!g_hard_due && !g_soft_due && !balance)
      return;
   if(g_sync_failed && g_clock - g_sync_failed_at <= RETRY_MS)
      return;
   bool hard = (g_hard_due || balance);
   bool by_balance = (balance && !g_hard_due);
   string body = TypeText(hard ? TYPE_HARD_SYNC : TYPE_SOFT_SYNC) + ",\"Signals\":[";
   for(int i = 0; i < ArraySize(g_held); i++)
     {
      if(i > 0)
         body = body + ",";
      body = body + "{" + SignalText(g_held[i].symbol, g_held[i].lot, g_held[i].ticket) + "}";
     }
   body = body + "]";
   if(by_balance)
      body = body + ",\"Ticket\":\"Balance\"";
   int answer = Post(body + "}", true);
   MoveClock();
   if(EndedByAnswer(answer))
      return;
   if(answer != ANSWER_ACCEPTED)
     {
      g_sync_failed = true;
      g_sync_failed_at = g_clock;
      //--- The server may hold either now, so it stays due even if the money has gone back meanwhile.
      if(by_balance)
         g_balance_due = true;
      NoteFailure("sync");
      return;
     }
   g_sync_failed = false;
   g_synced = true;
   g_soft_due = false;
   g_balance_due = false;
   if(hard)
      g_hard_due = false;
   g_outside_told = g_outside;
   TellAllHeld();
   g_syncs++;
   string kind = "soft sync";
   if(hard)
      kind = "hard sync";
   if(by_balance)
      kind = "balance sync";
   NoteDone(kind + " of " + IntegerToString(ArraySize(g_held)) + " positions");
  }

//--- After a sync the server knows what is held, and nothing is doubtful.
void TellAllHeld()
  {
   int count = ArraySize(g_held);
   ArrayResize(g_told, count);
   for(int i = 0; i < count; i++)
     {
      g_told[i].key = g_held[i].key;
      g_told[i].symbol = g_held[i].symbol;
      g_told[i].ticket = g_held[i].ticket;
      g_told[i].lot = g_held[i].lot;
      g_told[i].unsure = false;
      g_told[i].failed = false;
      g_told[i].failed_at = 0;
     }
  }

void SaySignals()
  {
   for(int i = 0; i < ArraySize(g_held); i++)
      if(FindTold(g_held[i].key) < 0)
         AddTold(g_held[i].key, g_held[i].symbol, g_held[i].ticket);
   for(int k = 0; k < ArraySize(g_told) && !g_ended; k++)
     {
      int place = FindHeld(g_told[k].key);
      long lot = (place < 0 ? 0 : g_held[place].lot);
      if(lot == g_told[k].lot && !g_told[k].unsure)
         continue;
      if(g_told[k].failed && g_clock - g_told[k].failed_at <= RETRY_MS)
         continue;
      if(place >= 0)
         g_told[k].ticket = g_held[place].ticket;
      SaySignal(k, lot);
     }
   ForgetFlat();
  }

void AddTold(const string key, const string symbol, const long ticket)
  {
   int place = ArraySize(g_told);
   ArrayResize(g_told, place + 1);
   g_told[place].key = key;
   g_told[place].symbol = symbol;
   g_told[place].ticket = ticket;
   g_told[place].lot = 0;
   g_told[place].unsure = false;
   g_told[place].failed = false;
   g_told[place].failed_at = 0;
  }

void SaySignal(const int place, const long lot)
  {
   string what = g_told[place].symbol + " " + LotText(lot);
   int answer = Post(TypeText(TYPE_SIGNAL) + "," + SignalText(g_told[place].symbol, lot, g_told[place].ticket) + "}", true);
   MoveClock();
   if(EndedByAnswer(answer))
      return;
   if(answer == ANSWER_ACCEPTED)
     {
      g_told[place].lot = lot;
      g_told[place].unsure = false;
      g_told[place].failed = false;
      g_signals++;
      if(g_heartbeat_due > g_clock + AFTER_SIGNAL_MS)
         g_heartbeat_due = g_clock + AFTER_SIGNAL_MS;
      NoteDone(what);
      return;
     }
   g_told[place].failed = true;
   g_told[place].failed_at = g_clock;
   NoteFailure(what);
   if(answer == ANSWER_UNCLEAR)
      g_told[place].unsure = true;
   else
      if(g_status == 404)
        {
         //--- The server does not know the instrument; saying it again would not change that.
         g_told[place].lot = lot;
         g_told[place].unsure = false;
        }
  }

//--- Forget what is closed, told and not within a pause.
void ForgetFlat()
  {
   int kept = 0;
   for(int i = 0; i < ArraySize(g_told); i++)
     {
      bool waits = (g_told[i].failed && g_clock - g_told[i].failed_at <= RETRY_MS);
      if(g_told[i].lot == 0 && !g_told[i].unsure && !waits && FindHeld(g_told[i].key) < 0)
         continue;
      if(kept != i)
         g_told[kept] = g_told[i];
      kept++;
     }
   ArrayResize(g_told, kept);
  }

//+------------------------------------------------------------------+
//| Life                                                              |
//+------------------------------------------------------------------+

//--- True if the answer says that the token is no longer good; the sender is then removed.
bool EndedByAnswer(const int answer)
  {
   if(answer != ANSWER_DECLINED || g_status != 401)
      return(false);
   RemoveSender("The server does not accept the tokens (HTTP 401). Please check Token and AppToken.");
   return(true);
  }

void StopSending(const string text)
  {
   g_ended = true;
   g_state = "STOPPED: " + text;
   EventKillTimer();
   ReleaseLock();
   Alert("Prorata Signals: " + text);
   Show();
  }

void RemoveSender(const string text)
  {
   StopSending(text);
   ExpertRemove();
  }

bool Refuse(const string text)
  {
   g_ended = true;
   g_state = "NOT STARTED: " + text;
   Alert("Prorata Signals: " + text);
   Show();
   return(false);
  }

void NoteDone(const string what)
  {
   g_last = TimeToString(TimeLocal(), TIME_DATE | TIME_SECONDS) + "  sent " + what;
   g_shown_at = g_clock - SHOW_MS;
   Print("Prorata Signals: sent " + what);
  }

void NoteFailure(const string what)
  {
   g_failures++;
   g_last = TimeToString(TimeLocal(), TIME_DATE | TIME_SECONDS) + "  FAILED " + what + ": " + g_problem;
   g_shown_at = g_clock - SHOW_MS;
   Print("Prorata Signals: " + what + " failed: " + g_problem);
  }

void Show()
  {
   g_shown_at = g_clock;
   string text = "Prorata Signals ";
   text = text + SENDER_VERSION + "\n" + g_state;
   if(g_strategy != "" && !g_ended)
      text = text + ", strategy " + g_strategy;
   if(g_profit != "" && !g_ended)
      text = text + ", " + g_profit + " USD in this interval";
   if(g_trouble != "" && !g_ended)
      text = text + "\nNothing but heartbeats is sent: " + g_trouble;
   text = text + "\nsignals " + IntegerToString(g_signals) + ", syncs " + IntegerToString(g_syncs) + ", failed " +
          IntegerToString(g_failures);
   if(g_last != "")
      text = text + "\n" + g_last;
   Comment(text);
  }

void MoveClock()
  {
   uint ticks = GetTickCount();
   uint passed = ticks - g_ticks;
   g_clock += (long)passed;
   g_ticks = ticks;
  }

//--- Forget what an earlier life of the same program on this chart has left (a change of inputs or of the time frame).
void Forget()
  {
   ArrayResize(g_held, 0);
   ArrayResize(g_told, 0);
   g_clock = 0;
   g_ticks = GetTickCount();
   g_settled_at = SETTLE_MS;
   g_ended = false;
   g_greeted = false;
   g_synced = false;
   g_hard_due = true;
   g_soft_due = false;
   g_balance_due = false;
   g_heartbeat_sent = false;
   g_heartbeat_due = 0;
   g_sync_failed = false;
   g_outside = 0;
   g_outside_told = 0;
   g_rate_symbol = "";
   g_rate_search_at = 0;
   g_state = "starting";
   g_last = "";
   g_trouble = "";
   g_strategy = "";
   g_profit = "";
   g_shown_at = -SHOW_MS;
   g_signals = 0;
   g_syncs = 0;
   g_failures = 0;
  }

int StartSender(const string address, const string token, const string app_token, const string postfixes, const string map,
                const string multipliers, const int timer_ms)
  {
   Forget();
   ForgetOperations();
   if(MQLInfoInteger(MQL_TESTER) != 0)
     {
      Refuse("the strategy tester cannot send signals");
      return(INIT_FAILED);
     }
   if(StringFind(Trimmed(address), "http", 0) != 0)
     {
      Refuse("Address must begin with https:// (or http://)");
      return(INIT_PARAMETERS_INCORRECT);
     }
   if(Trimmed(token) == "" || Trimmed(app_token) == "")
     {
      Refuse("Token and AppToken are needed; your broker shows them");
      return(INIT_PARAMETERS_INCORRECT);
     }
   if(timer_ms < 10 || timer_ms > 1000)
     {
      Refuse("TimerMs must be between 10 and 1000");
      return(INIT_PARAMETERS_INCORRECT);
     }
   if(!ReadLists(postfixes, map, multipliers))
      return(INIT_PARAMETERS_INCORRECT);
   if(!TakeLock(Trimmed(token)))
     {
      Refuse("another chart of this terminal already sends with this token");
      return(INIT_FAILED);
     }
   g_address = AddressOf(address);
   g_headers = "Content-Type: application/json\r\nToken: " + Trimmed(token) + "\r\nAppToken: " + Trimmed(app_token) + "\r\n";
   if(!EventSetMillisecondTimer(timer_ms))
     {
      ReleaseLock();
      Refuse("the terminal gives no timer");
      return(INIT_FAILED);
     }
   Show();
   return(INIT_SUCCEEDED);
  }

void RunSender()
  {
   if(g_ended)
      return;
   MoveClock();
   if(!KeepLock())
     {
      g_locked = false;
      StopSending("Another sender has taken this token over.");
      return;
     }
   SayAll(ReadAccount());
   if(!g_ended && g_clock - g_shown_at >= SHOW_MS)
      Show();
  }

void StopSender()
  {
   EventKillTimer();
   ReleaseLock();
   //--- Why it has stopped stays on the chart.
   if(!g_ended)
      Comment("");
  }
//+------------------------------------------------------------------+
