// The test's side of the terminal: one command a line.
int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string what, name;
    words >> what;
    if (what == "input") {
      std::string value;
      words >> name;
      std::getline(words, value);
      set_input(name, value.empty() ? "" : value.substr(1));
    } else if (what == "init") {
      std::cout << "init " << OnInit() << std::endl;
    } else if (what == "deinit") {
      OnDeinit(0);
      std::cout << "done" << std::endl;
    } else if (what == "timer") {
      if (terminal::timer && !terminal::removed)
        OnTimer();
      std::cout << "done" << std::endl;
    } else if (what == "ticks") {
      words >> terminal::ticks;
    } else if (what == "account") {
      words >> terminal::currency >> terminal::equity >> terminal::balance;
      terminal::positions.clear();
      terminal::operations.clear();
      terminal::prices.clear();
      terminal::symbols.clear();
    } else if (what == "position") {
      terminal::Position position{};
      words >> position.ticket >> position.symbol >> position.lots >> position.pending;
      terminal::positions.push_back(position);
    } else if (what == "operation") {
      terminal::Operation operation{};
      words >> operation.ticket >> operation.type >> operation.profit;
      terminal::operations.push_back(operation);
    } else if (what == "price") {
      std::pair<double, double> price;
      words >> name >> price.first >> price.second;
      terminal::symbols.push_back(name);
      terminal::prices[name] = price;
    } else if (what == "connected") {
      words >> terminal::connected;
    } else if (what == "tester") {
      words >> terminal::tester;
    } else if (what == "global") {
      double value = 0;
      words >> name >> value;
      terminal::globals[name] = value;
    } else if (what == "show") {
      for (const auto &[key, value] : terminal::globals)
        std::cout << "global " << key << ' ' << static_cast<long>(value) << std::endl;
      for (const auto &text : terminal::log)
        std::cout << "log " << terminal::escaped(text) << std::endl;
      std::cout << "comment " << terminal::escaped(terminal::comment) << std::endl;
      std::cout << "removed " << terminal::removed << std::endl;
      std::cout << "timer " << terminal::timer << std::endl;
      std::cout << "done" << std::endl;
    } else {
      std::cout << "unknown command " << what << std::endl;
      return 2;
    }
  }
}
