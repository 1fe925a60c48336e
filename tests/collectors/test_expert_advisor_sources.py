"""The form of the Expert Advisors' sources: what a compiler would refuse first, and what MQL documents."""

import re

import pytest

from tests.collectors.mql_terminal import PROGRAMS, SHIM, SOURCES, whole_text

FILES = (*PROGRAMS, "ProrataSignals.mqh")
PAIRS = {")": "(", "]": "[", "}": "{"}
INPUTS = {
    "Address": "string", "Token": "string", "AppToken": "string", "Postfixes": "string", "SymbolMap": "string",
    "Multipliers": "string", "ByTicket": "bool", "TimerMs": "int",
}  # fmt: skip
KEYWORDS = {"if", "while", "for", "switch", "return"}
TYPES = {"void", "bool", "char", "ushort", "int", "uint", "long", "ulong", "double", "string", "datetime"}
CASTS = {"long", "ulong", "int", "uint", "double"}
HANDLERS = {"OnInit", "OnDeinit", "OnTimer"}


def documented(kind: str, program: str) -> set[str]:
    """Return the functions or constants that MQL documents for a program; program "both": those of both languages."""
    found: dict[str, set[str]] = {}
    section: set[str] = set()
    for line in (SHIM / "documented.txt").read_text().splitlines():
        if line.startswith(("functions ", "constants ")):
            section = found.setdefault(line, set())
        elif not line.startswith("#"):
            section.update(line.split())
    return found[f"{kind} both"] | found[f"{kind} {program}"]


def bare(text: str) -> str:
    """Return code without comments, and with texts and letters emptied. Fails on a quote that is not closed in its line."""
    lines = []
    for line in text.splitlines():
        kept, quote, place = "", "", 0
        while place < len(line):
            letter = line[place]
            if quote:
                if letter == "\\":
                    place += 1
                elif letter == quote:
                    quote = ""
                    kept += letter
            elif line.startswith("//", place):
                break
            else:
                quote = letter if letter in "\"'" else ""
                kept += letter
            place += 1
        assert not quote, f"a quote is not closed: {line}"
        lines.append(kept)
    return "\n".join(lines)


def declared(code: str) -> list[str]:
    """Return the functions of our own that are defined."""
    return re.findall(rf"^(?:{'|'.join(TYPES)}) (\w+)\([^)]*\)\s*\{{", code, re.MULTILINE)


def called(code: str) -> set[str]:
    return set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", code)) - KEYWORDS


@pytest.mark.parametrize("name", FILES)
def test_brackets_and_quotes_are_closed(name: str) -> None:
    opened: list[tuple[str, int]] = []
    for number, line in enumerate(bare((SOURCES / name).read_text()).splitlines(), 1):
        for letter in line:
            if letter in "([{":
                opened.append((letter, number))
            elif letter in PAIRS:
                assert opened, f"line {number}: {letter} closes nothing"
                assert opened.pop()[0] == PAIRS[letter], f"line {number}: {letter}"
    assert opened == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_function_is_declared_once_and_used(program: str) -> None:
    code = bare(whole_text(program))
    functions = declared(code)
    assert len(functions) == len(set(functions))
    assert len(functions) > 40
    used = [name for name in functions if len(re.findall(rf"\b{name}\s*\(", code)) > 1]
    assert set(functions) - set(used) == HANDLERS


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_function_is_called_that_is_neither_ours_nor_documented(program: str) -> None:
    code = bare(whole_text(program))
    assert called(code) - set(declared(code)) <= documented("functions", program)


def test_the_shared_file_uses_only_what_both_languages_have() -> None:
    shared = bare((SOURCES / "ProrataSignals.mqh").read_text())
    built_in = called(shared) - {name for program in PROGRAMS for name in declared(bare(whole_text(program)))}
    assert built_in <= documented("functions", "both")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_constant_is_defined_by_us_or_documented(program: str) -> None:
    code = bare(whole_text(program))
    own = set(re.findall(r"^#define (\w+)", code, re.MULTILINE))
    named = set(re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", code))
    assert named - own <= documented("constants", program)
    assert {name for name in own if len(re.findall(rf"\b{name}\b", code)) == 1} == set()


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_inputs_are_there_before_the_shared_file(program: str) -> None:
    text = (SOURCES / program).read_text()
    found = re.findall(r"^input (\w+)\s+(\w+)\s*=.*; +// \S", text, re.MULTILINE)
    assert {name: kind for kind, name in found} == INPUTS
    assert text.rindex("\ninput ") < text.index("#include")
    assert re.search(r"int\s+TimerMs\s*= 100;", text)
    assert 'SymbolMap   = "BRN=BRENT;GOLD=XAUUSD"' in text


@pytest.mark.parametrize("name", FILES)
def test_sources_are_plain_ascii_so_that_every_editor_reads_them_alike(name: str) -> None:
    assert (SOURCES / name).read_bytes().isascii()


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_global_variable_is_left_unused(program: str) -> None:
    code = bare(whole_text(program))
    names = re.findall(rf"^(?:{'|'.join(TYPES)}|HeldTarget|ToldTarget)\s+(g_\w+)", code, re.MULTILINE)
    assert len(names) > 40
    assert {name for name in names if len(re.findall(rf"\b{name}\b", code)) == 1} == set()
