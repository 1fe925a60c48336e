"""Makes the history anew where it cannot go on by itself: it was dropped, or it belongs to another journal.

The outbox reaches back only so far; the journal reaches back to the beginning.
"""

import structlog

from prorata.projections.history import History, rebuild, replayed
from prorata.server.ports import Journal
from prorata.server.writer import Writer

log = structlog.get_logger()


def rebuild_if_needed(history: History, writer: Writer, journal: Journal) -> None:
    """Rebuild `history` from `journal` if the outbox of `writer` does not lead on from it. Blocks."""
    if not _is_cut_off(history, writer):
        return
    log.warning("history is rebuilt from the journal", platform=history.platform, batches=writer.number)
    mark = rebuild(history, replayed(journal))
    log.info("history rebuilt", platform=history.platform, number=mark.number, events=mark.sequence)


def _is_cut_off(history: History, writer: Writer) -> bool:
    mark = history.journal_position()
    if mark.number > writer.number or mark.sequence > writer.sequence:
        return True
    if mark.sequence == writer.sequence:
        return False
    follows = writer.published(mark.number, 1)
    return not follows or follows[0].first != mark.sequence + 1
