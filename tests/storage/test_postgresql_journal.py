"""What only PostgreSQL's journal promises: many platforms in one database, and fencing across connections."""

import threading

import psycopg
import pytest

from prorata.server.ports import JournalFailed, JournalFenced
from prorata.storage.chain import JournalUnusable
from prorata.storage.verify import verify

from .journal_grounds import PostgresqlGround, append_all, batch, chain, written


def test_platforms_share_a_database_and_nothing_else(postgresql_ground: PostgresqlGround) -> None:
    one, two = (postgresql_ground.journal(platform) for platform in ("live-1", "live-2"))
    one.open()
    two.open()
    records = chain(1, 3)
    append_all(one, records)
    append_all(two, records[:1])
    two.append(records[1], [(1, b"events")])
    one.save_snapshot(3, b"state", bytes(32))
    assert (one.last_number(), two.last_number()) == (3, 2)
    assert (one.last_published(), two.last_published()) == (0, 1)
    assert (one.snapshot_numbers(), two.snapshot_numbers()) == ([3], [])
    two.prune_published(before=9)
    assert postgresql_ground.journal().last_number() == 3


def test_reading_a_platform_that_has_no_journal_is_refused(postgresql_ground: PostgresqlGround) -> None:
    with pytest.raises(JournalUnusable, match="holds no journal"):
        verify(postgresql_ground.journal())
    written(postgresql_ground, 1)
    with pytest.raises(JournalUnusable, match="holds no journal of platform 'live-9'"):
        verify(postgresql_ground.journal("live-9"))


def test_a_claim_waits_for_an_append_in_flight_and_sees_it(postgresql_ground: PostgresqlGround) -> None:
    first, second = chain(1, 2)
    stale, leader = postgresql_ground.journal(), postgresql_ground.journal()
    stale.open()
    opened: list[tuple[int, bytes, int]] = []
    claim = threading.Thread(target=lambda: opened.append(leader.open()))
    connection = stale._writer  # type: ignore[attr-defined]
    with connection.transaction():
        stale.append(first, [])
        claim.start()
        claim.join(timeout=0.3)
        assert claim.is_alive()
    claim.join(timeout=10)
    assert opened == [(1, first.hash, 2)]
    with pytest.raises(JournalFenced):
        stale.append(second, [])


def test_an_append_waits_for_a_claim_in_flight_and_is_fenced_by_it(postgresql_ground: PostgresqlGround) -> None:
    first = chain(1, 1)[0]
    stale = postgresql_ground.journal()
    stale.open()
    outcome: list[type[Exception]] = []

    def append() -> None:
        try:
            stale.append(first, [])
        except JournalFenced as fenced:
            outcome.append(type(fenced))

    appending = threading.Thread(target=append)
    with psycopg.connect(postgresql_ground.url) as claim:
        claim.execute("UPDATE journal_writers SET epoch = epoch + 1")
        appending.start()
        appending.join(timeout=0.3)
        assert appending.is_alive()
    appending.join(timeout=10)
    assert outcome == [JournalFenced]
    assert postgresql_ground.journal().last_number() == 0


def test_a_lost_connection_stops_the_writer_until_it_opens_again(postgresql_ground: PostgresqlGround) -> None:
    first, second = chain(1, 2)
    journal = postgresql_ground.journal()
    journal.open()
    journal.append(first, [])
    process = journal._writer.info.backend_pid  # type: ignore[attr-defined]
    postgresql_ground.run("SELECT pg_terminate_backend(%s, 5000)", process)
    for _ in range(2):
        with pytest.raises(JournalFailed):
            journal.append(second, [])
    assert journal.open() == (1, first.hash, 2)
    journal.append(second, [])


def test_a_reader_whose_connection_was_lost_connects_again(postgresql_ground: PostgresqlGround) -> None:
    written(postgresql_ground, 2)
    journal = postgresql_ground.journal()
    assert journal.last_number() == 2
    process = journal._reader.info.backend_pid  # type: ignore[attr-defined]
    postgresql_ground.run("SELECT pg_terminate_backend(%s, 5000)", process)
    with pytest.raises(JournalFailed):
        journal.last_number()
    assert journal.last_number() == 2


def test_commits_are_durable_even_where_the_server_is_set_otherwise(postgresql_ground: PostgresqlGround) -> None:
    journal = postgresql_ground.at(f"{postgresql_ground.url}%20-csynchronous_commit%3Doff")
    journal.open()
    setting = journal._writer.execute("SHOW synchronous_commit").fetchone()  # type: ignore[attr-defined]
    assert setting == ("on",)


def test_writers_that_start_together_make_the_tables_once(postgresql_ground: PostgresqlGround) -> None:
    opened: list[int] = []
    starting = [
        threading.Thread(target=lambda name=f"live-{n}": opened.append(postgresql_ground.journal(name).open()[2]))
        for n in range(4)
    ]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    assert opened == [1, 1, 1, 1]


def test_an_address_with_a_driver_for_the_tables_is_understood(postgresql_ground: PostgresqlGround) -> None:
    written(postgresql_ground, 2)
    url = postgresql_ground.url.replace("postgresql://", "postgresql+asyncpg://")
    assert postgresql_ground.at(url).last_number() == 2


def test_what_is_cut_off_is_kept_aside(postgresql_ground: PostgresqlGround) -> None:
    written(postgresql_ground, 2)
    postgresql_ground.alter(2, batch(2)[:10])
    postgresql_ground.journal().open()
    with psycopg.connect(postgresql_ground.url) as connection:
        kept = connection.execute("SELECT number, body, epoch FROM journal_cut_records").fetchall()
    assert kept == [(2, batch(2)[:10], 2)]
