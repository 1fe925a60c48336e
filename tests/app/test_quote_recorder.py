"""What the quote tables remember of the journal."""

import asyncio
from pathlib import Path

from prorata.app.quote_recorder import QuoteRecorder
from prorata.projections.quotes import QuoteStore
from prorata.server.writer import Writer
from prorata.storage.database import open_database
from prorata.storage.journals import open_journal
from tests.server.stage import SetClock, ask, buy, set_up


def test_a_start_reads_nothing_of_the_journal_that_was_read_before_though_no_quotes_came(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/journal.db"
    store = QuoteStore(open_database(f"sqlite:///{tmp_path}/quotes.db"), "live-1")
    store.create_tables()

    async def run(*, trades: bool) -> list[int]:
        """Return how far the tables are when the platform has started, and when it has stopped, and where the journal ends."""
        writer = Writer("live-1", open_journal(address, "live-1"), clock=SetClock())
        await writer.start()
        recorder = QuoteRecorder(store, writer, SetClock())
        reader = open_journal(address, "live-1")
        await asyncio.to_thread(recorder.catch_up, reader)
        reader.close()
        recorder.start()
        if trades:
            await set_up(writer)
            await ask(writer, buy(), buy())
        started = store.position()
        await writer.stop()
        await recorder.stop()
        return [started, store.position(), writer.number]

    _, stopped, number = asyncio.run(run(trades=True))
    assert stopped == number
    started, _, _ = asyncio.run(run(trades=False))
    assert started == number
