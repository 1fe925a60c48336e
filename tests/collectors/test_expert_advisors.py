"""The Expert Advisors tell the same stories as the Python sender, run as C++ in a terminal of our own making."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collectors.mql_terminal import PROGRAMS, NoCompiler, Terminal, TerminalPlayer, build
from tests.collectors.stories import FOLDER, Reply, play

STORIES = sorted(FOLDER.glob("*.txt"))
HEARTBEAT = '{"Type":0,"GetInfo":true}'
ACCEPTED = '{"App":{"UpdateImportance":0},"Strategy":{"Status":1,"NeedSync":0}}'
INIT_FAILED = 1
INIT_PARAMETERS_INCORRECT = 2


@pytest.fixture(scope="module", params=PROGRAMS)
def binary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build(request.param, tmp_path_factory.mktemp("mql"))
    except NoCompiler as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))


@pytest.fixture
def terminal(binary: Path) -> Iterator[Terminal]:
    terminal = Terminal(binary)
    yield terminal
    terminal.close()


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_expert_advisor_says_at_each_moment_what_the_story_tells(path: Path, terminal: Terminal) -> None:
    assert play(path, TerminalPlayer(terminal)) > 1


def posted(terminal: Terminal, at: int) -> list[str]:
    """Return the bodies that are posted when the clock shows `at`, all of them accepted."""
    return answered(terminal, at, ACCEPTED)


def answered(terminal: Terminal, at: int, answer: str) -> list[str]:
    """Return the bodies that are posted when the clock shows `at`, each answered by HTTP 200 and `answer`."""
    bodies: list[str] = []

    def respond(body: str) -> Reply:
        bodies.append(body)
        return Reply(200, answer)

    terminal.tell(f"ticks {at}")
    terminal.timer(respond)
    return bodies


def test_tokens_travel_in_headers_to_the_completed_address(terminal: Terminal) -> None:
    assert terminal.start({"Address": " https://broker.example/ ", "Token": "strat-1", "AppToken": "app-2"}) == 0
    assert posted(terminal, 100) == [HEARTBEAT]
    headers = r"Content-Type: application/json\r\nToken: strat-1\r\nAppToken: app-2\r\n"
    assert terminal.posts == [("https://broker.example/api/trading/v1/signals.send", headers)]


def test_an_address_that_names_the_method_is_taken_as_it_is(terminal: Terminal) -> None:
    assert terminal.start({"Address": "http://127.0.0.1/api/trading/v1/Signals.Send"}) == 0
    posted(terminal, 100)
    assert terminal.posts[0][0] == "http://127.0.0.1/api/trading/v1/Signals.Send"


def test_an_account_that_is_not_loaded_yet_is_not_told_as_an_empty_one(terminal: Terminal) -> None:
    """A terminal that has just started, or lost its broker, shows no positions."""
    terminal.tell("connected 0", "account USD 0 0")
    terminal.start()
    assert posted(terminal, 100) == [HEARTBEAT]
    assert posted(terminal, 5_000) == []
    terminal.tell("connected 1")
    assert posted(terminal, 7_900) == []
    terminal.tell("account USD 1000 1000", "position 7 EURUSD 0.1 0")
    signal = '{"Symbol":"EURUSD","Lot":0.1,"Equity":1000.00,"Ticket":"7","Comment":""}'
    assert posted(terminal, 8_000) == ['{"Type":3,"Signals":[' + signal + "]}"]
    terminal.tell("connected 0", "account USD 0 0")
    assert posted(terminal, 9_000) == []
    assert posted(terminal, 10_100) == []
    assert "not connected" in terminal.show()["comment"][0]
    terminal.tell("connected 1", "account USD 1000 1000")
    assert posted(terminal, 12_000) == []
    assert posted(terminal, 14_000) == ['{"Type":1,"Symbol":"EURUSD","Lot":0,"Equity":1000.00,"Ticket":"7","Comment":""}']


def test_a_second_sender_on_the_same_token_does_not_start(binary: Path) -> None:
    first, second = Terminal(binary), Terminal(binary)
    try:
        assert first.start({"Token": "twice"}) == 0
        (variable,) = first.show()["global"]
        second.tell(f"global {variable}")
        assert second.start({"Token": "other"}) == 0
        second.tell("deinit")
        second.hear()
        assert second.start({"Token": "twice"}) == INIT_FAILED
        assert "already sends with this token" in second.show()["comment"][0]
        second.tell("timer")
        assert second.hear() == "done"
        # One that has ended gives the token back; one that crashed is forgotten after half a minute.
        first.tell("deinit")
        first.hear()
        assert first.start({"Token": "twice"}) == 0
        second.tell("ticks 30000")
        assert second.start({"Token": "twice"}) == 0
    finally:
        first.close()
        second.close()


def test_a_sender_whose_token_was_taken_over_stops(terminal: Terminal) -> None:
    terminal.start()
    assert posted(terminal, 100) == [HEARTBEAT]
    name = terminal.show()["global"][0].split()[0]
    terminal.tell(f"global {name} 1700099999")
    assert posted(terminal, 70_000) == []
    assert "taken this token over" in terminal.show()["comment"][0]


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"Address": "ftp://x"}, "Address must begin with https://"),
        ({"Token": " "}, "Token and AppToken are needed"),
        ({"AppToken": ""}, "Token and AppToken are needed"),
        ({"TimerMs": "5"}, "TimerMs must be between"),
        ({"SymbolMap": "BRN"}, "SymbolMap"),
        ({"Multipliers": "EURUSD=-1"}, "Multipliers"),
        ({"Multipliers": "EURUSD=lots"}, "Multipliers"),
    ],
)
def test_inputs_that_cannot_be_used_are_told_on_the_chart(terminal: Terminal, inputs: dict[str, str], told: str) -> None:
    assert terminal.start(inputs) == INIT_PARAMETERS_INCORRECT
    assert told in terminal.show()["comment"][0]
    assert posted(terminal, 70_000) == []


def test_the_strategy_tester_sends_nothing(terminal: Terminal) -> None:
    terminal.tell("tester 1")
    assert terminal.start() == INIT_FAILED
    assert posted(terminal, 70_000) == []


def test_an_address_that_the_terminal_does_not_allow_is_explained(terminal: Terminal) -> None:
    terminal.start()
    for at, error in ((100, 4014), (20_000, 4060)):
        terminal.tell(f"ticks {at}", "timer")
        assert terminal.hear().endswith(HEARTBEAT)
        terminal.tell(f"-1 {error}")
        assert terminal.hear() == "done"
        assert "Allow WebRequest for listed URL" in terminal.show()["comment"][0]


def test_an_account_that_cannot_be_converted_says_so_and_sends_heartbeats_only(terminal: Terminal) -> None:
    terminal.tell("account USC 1000 1000", "position 7 EURUSD 0.1 0")
    terminal.start()
    assert posted(terminal, 4_000) == [HEARTBEAT]
    posted(terminal, 6_000)
    assert "no price of USCUSD or USDUSC" in terminal.show()["comment"][0]


def test_pending_orders_are_not_told(terminal: Terminal) -> None:
    terminal.tell("account USD 1000 1000", "position 7 EURUSD 0.1 1", "position 8 USDJPY 0.2 0")
    terminal.start()
    (_, sync) = posted(terminal, 4_000)
    assert '"USDJPY"' in sync
    assert "EURUSD" not in sync


def test_the_chart_shows_strategy_interval_result_and_what_was_sent(terminal: Terminal) -> None:
    terminal.tell("account USD 1000 1000", "position 7 EURUSD 0.1 0")
    terminal.start()
    body = '{"App":{},"Strategy":{"Status":2},"Account":{"Equity":1010.5,"ProfitBase":1000.0}}'
    assert len(answered(terminal, 4_000, body)) == 2
    (comment,) = terminal.show()["comment"]
    for part in ("strategy paused", "10.50 USD in this interval", "signals 0, syncs 1, failed 0", "hard sync of 1 positions"):
        assert part in comment


UNSOUND = (
    "",
    "[]",
    "{",
    '{"',
    '{"a',
    '{"a"',
    '{"a":',
    '{"a":}',
    '{"a":1',
    '{"a":"\\',
    "}",
    "null",
    '{"App":[1,2',
    "{}}",
    "[" * 99,
)
ODD = ("{}", '{"App":null,"Strategy":"x"}', '{"Strategy":{"NeedSync":true},"a":"}\\"{"}', ' {"App":{"UpdateImportance":"5"}} ')


def test_odd_answers_are_read_or_refused_but_never_crash(terminal: Terminal) -> None:
    """Each is no JSON object, or one without what is looked for: the next heartbeat comes after the retry or after a minute."""
    terminal.start()
    at = 0
    for body in (
        "",
        "[]",
        "{",
        '{"',
        '{"a',
        '{"a"',
        '{"a":',
        '{"a":}',
        '{"a":1',
        '{"a":"\\',
        "}",
        "null",
        '{"App":[1,2',
        "{}}",
    ):
        at += 10_001
        terminal.tell(f"ticks {at}")
        assert answered(terminal, at, body) == [HEARTBEAT], body
    for body in (
        '{"App":null,"Strategy":"x"}',
        '{"Strategy":{"NeedSync":true},"a":"}\\"{"}',
        ' {"App":{"UpdateImportance":"5"}} ',
    ):
        at += 60_001
        assert HEARTBEAT in answered(terminal, at, body), body
    assert terminal.show()["timer"] == ["1"]
