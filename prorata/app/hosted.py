"""Platforms of the table that are hosted here, as settings of platforms."""

import os
import uuid
from contextlib import suppress
from pathlib import Path

import msgspec

from prorata.app.settings import FeedSettings, NoFeedSettings, PlatformSettings, ServerSettings, SimulatedFeedSettings
from prorata.control.platforms.records import Hosting, PlatformRecord

HOST_FILE = "host.id"


def host_of(settings: ServerSettings) -> str:
    """Return the id of the data directory, which says whose platforms are run from it; it is made if it is not there.

    Two servers may share the tables: each runs the platforms whose journals it has.
    """
    file = settings.data / HOST_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w") as made:
        made.write(f"{uuid.uuid4()}\n")
        made.flush()
        os.fsync(made.fileno())
    return file.read_text(encoding="utf-8").strip()


def settings_with(settings: ServerSettings, record: PlatformRecord) -> ServerSettings:
    """Return the settings with a platform of the table as one more."""
    assert record.hosting is not None
    own = PlatformSettings(
        journal=settings.hosting.journal, feed=_feed_of(record.hosting), begin_with=record.hosting.begin_with
    )
    return msgspec.structs.replace(settings, platforms={**settings.platforms, record.engine: own})


def _feed_of(wanted: Hosting) -> FeedSettings:
    if wanted.feed == "none":
        return NoFeedSettings()
    return SimulatedFeedSettings(seed=wanted.seed, rate=wanted.rate, speed=wanted.speed)


def archive_folder(settings: ServerSettings, record: PlatformRecord) -> Path:
    return settings.data / "archive" / record.engine
