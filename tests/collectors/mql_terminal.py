"""An Expert Advisor in a terminal of our own making.

MQL is close enough to C++ that its plain part becomes C++ by a few rewritings; `mql/terminal.hpp` plays the terminal. So the
logic of the programs is run as it stands in their files. What it cannot show is that MetaEditor takes every line.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import IO

from prorata.collectors.source import Manner
from tests.collectors.stories import Book, Respond

SOURCES = Path(__file__).resolve().parents[2] / "prorata" / "collectors" / "ea"
SHIM = Path(__file__).parent / "mql"
PROGRAMS = ("ProrataSignals.mq5", "ProrataSignals.mq4")
SETTLE_MS = 3_000
BALANCE_DEAL = 2

_FUNCTION = re.compile(r"^((?:void|bool|int|uint|long|double|string) \w+\([^;{]*\))\n  \{", re.MULTILINE)
_ENDINGS = {
    "unauthorized": "The server does not accept the tokens",
    "closed": "The strategy is closed.",
    "outdated": "This version is no longer accepted",
}


class NoCompiler(Exception):
    """There is no C++ compiler on this machine."""


def whole_text(program: str) -> str:
    """Return a program with what it includes."""
    text = (SOURCES / program).read_text()
    return re.sub(r'#include "(\w+\.mqh)"', lambda found: (SOURCES / found[1]).read_text(), text)


def as_cpp(program: str) -> str:
    """Return a program as C++: arrays by our type, functions announced before their use, inputs that can be set."""
    text = re.sub(r"^#property .*$", "", whole_text(program), flags=re.MULTILINE)
    text = re.sub(r"\b(\w+) &(\w+)\[\]", r"Array<\1> &\2", text)
    text = re.sub(r"^(\s*)(\w+)(\s+)(\w+)\[\];", r"\1Array<\2>\3\4;", text, flags=re.MULTILINE)
    announced = "".join(f"{found};\n" for found in _FUNCTION.findall(text))
    structs = "".join(f"struct {name};\n" for name in re.findall(r"^struct (\w+)", text, re.MULTILINE))
    inputs = re.findall(r"^input (\w+)\s+(\w+)", text, re.MULTILINE)
    setters = "".join(f'  if (name == "{name}") {name} = {_from_text(kind)};\n' for kind, name in inputs)
    setter = f"void set_input(const std::string &name, const std::string &value) {{\n{setters}}}\n"
    return f'#include "terminal.hpp"\n{structs}{announced}{text}\n{setter}#include "main.cpp"\n'


def _from_text(kind: str) -> str:
    return {"string": "value", "bool": 'value == "true"', "int": "std::stoi(value)"}[kind]


def build(program: str, folder: Path) -> Path:
    """Compile a program and return what can be run. Raises `NoCompiler`."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        raise NoCompiler("no C++ compiler")
    source, target = folder / f"{program}.cpp", folder / f"{program}.run"
    source.write_text(as_cpp(program))
    warnings = ["-Wall", "-Wextra", "-Wshadow", "-Werror", "-Wno-unused-parameter", "-Wno-unused-function"]
    command = [compiler, "-std=c++17", "-O0", "-ftrapv", *warnings, "-I", str(SHIM), str(source), "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]
    return target


class Terminal:
    """A running terminal with the program on a chart."""

    def __init__(self, binary: Path) -> None:
        self._process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.posts: list[tuple[str, str]] = []

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def tell(self, *lines: str) -> None:
        assert self._process.stdin is not None
        for line in lines:
            self._process.stdin.write(f"{line}\n")

    def hear(self) -> str:
        stdout: IO[str] | None = self._process.stdout
        assert stdout is not None
        line = stdout.readline().rstrip("\n")
        assert line, "the terminal has crashed"
        return line

    def start(self, inputs: dict[str, str] | None = None) -> int:
        """Put the program on the chart and return what its OnInit says."""
        given = {"Address": "https://broker.example", "Token": "secret", "AppToken": "app", **(inputs or {})}
        self.tell(*(f"input {name} {value}" for name, value in given.items()), "init")
        return int(self.hear().removeprefix("init "))

    def timer(self, respond: Respond) -> None:
        """Let the timer strike once and answer what the program posts."""
        self.tell("timer")
        while (line := self.hear()) != "done":
            method, address, headers, body = line.split("\t")
            assert method == "POST"
            self.posts.append((address, headers))
            reply = respond(body)
            self.tell(f"{reply.status} {5203 if reply.status < 0 else 0} {reply.body}")

    def show(self) -> dict[str, list[str]]:
        """Return its variables, messages and chart comment, each by its name."""
        self.tell("show")
        found: dict[str, list[str]] = {}
        while (line := self.hear()) != "done":
            name, _, text = line.partition(" ")
            found.setdefault(name, []).append(text)
        return found


class TerminalPlayer:
    """Plays stories in a terminal. Its clock begins just below the edge at which the terminal's counter starts anew."""

    EPOCH = 2**32 - 60_050

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def begin(self, manner: Manner) -> None:
        self._terminal.tell(f"ticks {self.EPOCH - SETTLE_MS}")
        code = self._terminal.start(
            {
                "Postfixes": ";".join(manner.postfixes),
                "SymbolMap": ";".join(f"{old}={new}" for old, new in manner.names.items()),
                "Multipliers": ";".join(f"{symbol}={number}" for symbol, number in manner.multipliers.items()),
                "ByTicket": "true" if manner.by_ticket else "false",
            }
        )
        assert code == 0
        self._operations = 0

    def moment(self, now: int, book: Book, respond: Respond) -> None:
        self._terminal.tell(f"ticks {(self.EPOCH + now) % 2**32}", *lines_of(book))
        self._terminal.timer(respond)

    def ended(self) -> str:
        found = self._terminal.show()
        reasons = [name for name, text in _ENDINGS.items() if text in found["comment"][0]]
        assert (found["timer"] == ["0"]) == bool(reasons)
        assert (found["removed"] == ["1"]) == bool({"unauthorized", "closed"} & set(reasons))
        return reasons[0] if reasons else ""


def lines_of(book: Book) -> list[str]:
    """Return the account as commands to the terminal. Deals of trades are in the history, too, and count for nothing."""
    lines = [f"account {book.currency} {book.equity} {book.equity}"]
    lines += [f"position {held.ticket} {held.symbol} {held.lot} 0" for held in book.positions.values()]
    lines += [f"price {name} {price.bid} {price.ask}" for name, price in book.prices.items()]
    lines.append("operation 500 2 77777")
    for number, amount in enumerate(book.outside):
        lines += [f"operation {1000 + 2 * number} {BALANCE_DEAL} {amount}", f"operation {1001 + 2 * number} 0 -5555"]
    return lines
