"""Connection tests: what they find, that they end in seconds whatever is there, where they do not lead, how many there are."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from prorata.control.platforms import database_probe, mt5_probe
from prorata.control.platforms.database_probe import missing_tables
from prorata.control.platforms.probing import Probed, Prober, TooManyTests
from prorata.control.platforms.records import PlatformKind, PlatformRecord
from prorata.control.platforms.terms import ConnectionTerms
from tests.control.platforms.fake_mt5 import LOGIN, PASSWORD, FakeMt5, P, serving

QUICK = ConnectionTerms(private=True, seconds=0.4, per_minute=1_000)
TERMS = ConnectionTerms(private=True, seconds=5, per_minute=1_000)
PLATFORM = PlatformRecord(
    id=1, uuid="u", organization_id=1, name="Live", kind=PlatformKind.MT5, engine="", host="", hosting=None, problem="",
    address="127.0.0.1:1", certificate="", manager_login=LOGIN, manager_password_at=1,
    database_address="127.0.0.1:1", database_name="reports", database_login="reader", database_password_at=1,
    created_at=1, archived_at=0, archive="",
)  # fmt: skip
SECRET = "s3cret-password"  # noqa: S105 - of nobody


def platform(**changes: Any) -> PlatformRecord:
    return msgspec.structs.replace(PLATFORM, **changes)


def probed_api(record: PlatformRecord, password: str = PASSWORD, terms: ConnectionTerms = TERMS) -> Probed:
    return asyncio.run(Prober(terms).api(record, password))


def probed_database(record: PlatformRecord, password: str = SECRET, terms: ConnectionTerms = TERMS) -> Probed:
    return asyncio.run(Prober(terms).database(record, password))


def summary(tested: Probed) -> list[tuple[str, bool]]:
    return [(check.name, check.ok) for check in tested.checks]


def last(tested: Probed) -> str:
    return tested.checks[-1].detail


@pytest.fixture(scope="module")
def mt5(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeMt5]:
    with serving(tmp_path_factory.mktemp("mt5")) as server:
        yield server


@pytest.fixture
def live(mt5: FakeMt5) -> PlatformRecord:
    """A platform that is the fake server."""
    mt5.knows_password, mt5.greeting, mt5.closes_after_greeting = True, None, False
    mt5.paths.clear()
    return platform(address=mt5.address, certificate=mt5.certificate)


# The Web API of MetaTrader 5.


def test_the_hashes_are_those_of_the_published_recipe() -> None:
    assert mt5_probe.password_hash(PASSWORD).hex() == P
    rand = bytes.fromhex("73007dc7184747ce0f7c98516ef1c851")
    assert mt5_probe.proof(bytes.fromhex(P), rand) == "77fe51827f7fa69dd80fbec9aa33f1bb"


def test_a_good_login_is_found_good_and_the_password_is_never_sent(mt5: FakeMt5, live: PlatformRecord) -> None:
    tested = probed_api(live)
    assert tested.ok
    assert [check.name for check in tested.checks] == ["address", "connection", "certificate", "greeting", "login", "server"]
    assert "1291" in tested.checks[4].detail
    assert len(mt5.paths) == 2
    assert not any(PASSWORD in path or P in path for path in mt5.paths)


def test_a_wrong_password_is_told_as_such(live: PlatformRecord) -> None:
    tested = probed_api(live, "Password2")
    assert summary(tested)[-1] == ("login", False)
    assert last(tested) == "refused with 1000: the login or the password is wrong"


def test_a_server_that_does_not_know_the_password_itself_is_told_as_such(mt5: FakeMt5, live: PlatformRecord) -> None:
    mt5.knows_password = False
    tested = probed_api(live)
    assert summary(tested)[-1] == ("server", False)


def test_a_certificate_that_nobody_trusts_ends_it_before_anything_is_said(mt5: FakeMt5, live: PlatformRecord) -> None:
    tested = probed_api(platform(address=live.address))
    assert summary(tested)[-1] == ("certificate", False)
    assert "self" in last(tested)
    tested = probed_api(platform(address=live.address, certificate="ab" * 32))
    assert mt5.certificate in last(tested)
    assert mt5.paths == []


def test_a_certificate_that_the_world_trusts_needs_no_mention(
    mt5: FakeMt5, live: PlatformRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = ssl.create_default_context(cafile=str(mt5.authority))
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
    assert probed_api(platform(address=live.address)).ok


@pytest.mark.parametrize(
    "greeting",
    [
        (200, b"<html>"), (200, b"{}"), (200, b'{"retcode":"x"}'), (200, b'{"retcode":"0 Done","srv_rand":"zz"}'),
        (200, b'{"retcode":"0 Done","srv_rand":' + b" " * 100_000 + b'""}'), (500, b""), (302, b""),
        (403, b'{"retcode":"8 Not enough permissions"}'),
    ],
)  # fmt: skip
def test_whatever_else_a_server_answers_is_a_finding(mt5: FakeMt5, live: PlatformRecord, greeting: tuple[int, bytes]) -> None:
    mt5.greeting = greeting
    tested = probed_api(live)
    assert not tested.ok
    assert tested.checks[-1].name in ("greeting", "login")
    assert len(mt5.paths) == 1


def test_the_session_is_one_connection_and_no_other_is_opened(mt5: FakeMt5, live: PlatformRecord) -> None:
    mt5.closes_after_greeting = True
    assert not probed_api(live).ok
    assert len(mt5.paths) == 1


def test_of_a_metatrader_4_server_it_is_tested_whether_somebody_answers_and_that_is_said(mt5: FakeMt5) -> None:
    tested = probed_api(platform(kind=PlatformKind.MT4, address=mt5.address))
    assert tested.ok
    assert "all that can be tested" in last(tested)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    refused = probed_api(platform(kind=PlatformKind.MT4, address=address))
    assert summary(refused) == [("address", True), ("connection", False)]
    assert "refused" in last(refused)


# The report database.


def test_the_tables_of_the_reports_are_looked_for(reports: PlatformRecord, reports_password: str) -> None:
    tested = probed_database(reports, reports_password)
    assert tested.ok, tested
    assert [check.name for check in tested.checks] == ["address", "connection", "login", "version", "tables"]
    assert "MariaDB" in tested.checks[3].detail
    missing = probed_database(msgspec.structs.replace(reports, kind=PlatformKind.MT4), reports_password)
    assert summary(missing)[-1] == ("tables", False)
    assert last(missing) == "missing: mt4_prices, mt4_users"


@pytest.mark.parametrize(
    ("changes", "password", "said"),
    [
        ({}, SECRET, "the login or the password is wrong, or the server does not let this address in"),
        ({"database_login": "nobody"}, "", "the login or the password is wrong, or the server does not let this address in"),
        ({"database_name": "not_there"}, None, "the login may not use this database"),
    ],
)
def test_what_the_database_server_refuses_is_told_in_words(
    reports: PlatformRecord, reports_password: str, changes: dict[str, str], password: str | None, said: str
) -> None:
    tested = probed_database(msgspec.structs.replace(reports, **changes), reports_password if password is None else password)
    assert summary(tested)[-1] == ("login", False)
    assert last(tested) == said


def test_tables_of_single_years_count() -> None:
    yearly = {"mt5_deals_2019", "mt5_daily_2018", "mt5_orders_history_2026"}
    whole = {"mt5_accounts", "mt5_orders", "mt5_positions", "mt5_prices", "mt5_users"}
    assert missing_tables(PlatformKind.MT5, yearly | whole) == []
    assert missing_tables(PlatformKind.MT5, whole) == ["mt5_daily", "mt5_deals", "mt5_orders_history"]


def test_no_more_is_read_than_was_asked_for(
    reports: PlatformRecord, reports_password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_probe._Session, "_left", 400)
    tested = probed_database(reports, reports_password)
    assert last(tested) == "the server says more than was asked"


# Whatever is there.


@contextmanager
def answering(*parts: bytes, every: float = 0.0) -> Iterator[str]:
    """Serve one connection: say the parts, then nothing more. Gives the address."""
    done = threading.Event()

    def serve() -> None:
        with listening.accept()[0] as line:
            for part in parts:
                line.sendall(part)
                if done.wait(every):
                    return
            done.wait(5)

    def quietly() -> None:
        try:
            serve()
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=quietly, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        done.set()
        thread.join(2)


GREETING = (
    b"\x0a8.0.0\x00" + bytes(4) + b"12345678\x00" + b"\xff\xf7" + b"\x08" + b"\x02\x00" + b"\x0f\x00" + b"\x15"
    + bytes(10) + b"123456789012\x00"
)  # fmt: skip


def greeting(plugin: bytes) -> bytes:
    """Return how a MySQL server without TLS greets, with the way to sign in that it wants."""
    body = GREETING + plugin + b"\x00"
    return len(body).to_bytes(3, "little") + b"\x00" + body


def test_a_server_that_says_nothing_or_drips_ends_the_test_in_its_time() -> None:
    drip = [b"\x0a"] * 100
    for test, begins in ((probed_api, b"\x16\x03\x03\x40\x00"), (probed_database, b"\x10\x00\x00\x00")):
        for parts in ([], [begins, *drip]):
            with answering(*parts, every=0.05) as address:
                began = time.perf_counter()
                tested = test(platform(address=address, database_address=address), terms=QUICK)
                seconds = time.perf_counter() - began
            assert not tested.ok
            assert last(tested) == "no answer within 0.4 s", (test, parts, tested)
            assert seconds < 1.4


def test_a_name_server_that_does_not_answer_ends_the_test_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(5) and [])
    monkeypatch.setattr("prorata.control.platforms.probing.LATE_SECONDS", 0.1)
    tested = probed_api(platform(address="slow.example:443"), terms=QUICK)
    answered.set()
    assert summary(tested) == [("address", False)]


@pytest.mark.parametrize(
    "said",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x03\x00\x00\x00\x0a5\x00", b"\x00\x00\x00\x00", b"\xff" * 64, b"SSH-2.0-x\r\n"],
)
def test_what_is_no_database_server_is_told_as_such(said: bytes) -> None:
    with answering(said) as address:
        tested = probed_database(platform(database_address=address), terms=QUICK)
    assert not tested.ok
    assert SECRET not in repr(tested)


@pytest.mark.parametrize("plugin", [b"mysql_clear_password", b"dialog"])
def test_a_database_server_that_asks_for_the_password_in_clear_does_not_get_it(plugin: bytes) -> None:
    heard: list[bytes] = []

    def serve() -> None:
        with listening.accept()[0] as line:
            line.sendall(greeting(b"mysql_native_password"))
            heard.append(line.recv(4_096))
            body = b"\xfe" + plugin + b"\x00" + b"Password: "
            line.sendall(len(body).to_bytes(3, "little") + b"\x02" + body)
            heard.append(line.recv(4_096))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        tested = probed_database(platform(database_address=f"127.0.0.1:{listening.getsockname()[1]}"))
        thread.join(5)
    assert "in clear" in last(tested)
    assert SECRET.encode() not in b"".join(heard)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254", "localhost"])
def test_a_test_does_not_lead_into_networks_that_are_not_public(host: str, mt5: FakeMt5, live: PlatformRecord) -> None:
    port = live.address.rpartition(":")[2]
    record = platform(address=f"{host}:{port}", database_address=f"{host}:{port}")
    for tested in (
        probed_api(record, terms=ConnectionTerms(private=False)),
        probed_database(record, terms=ConnectionTerms(private=False)),
    ):
        assert summary(tested) == [("address", False)]
        assert "not a public address" in last(tested)
    assert mt5.paths == []


def test_an_organization_has_so_many_tests_a_minute(live: PlatformRecord) -> None:
    async def story() -> None:
        prober = Prober(ConnectionTerms(private=True, per_minute=2))
        closed = platform()
        await prober.api(closed, PASSWORD)
        await prober.database(closed, SECRET)
        with pytest.raises(TooManyTests) as refused:
            await prober.api(closed, PASSWORD)
        assert 1 <= refused.value.seconds <= 61
        await prober.api(platform(organization_id=2), PASSWORD)

    asyncio.run(story())


@pytest.mark.parametrize(
    "text", ["", "a b", "host:0", "host:99999", "u:x@host", "host/path", "http://host", "host?x", "ho\\st"]
)
def test_what_is_no_address_is_a_finding(text: str) -> None:
    tested = probed_api(platform(address=text))
    assert summary(tested) == [("address", False)]
