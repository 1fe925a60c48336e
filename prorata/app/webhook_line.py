"""The webhooks of one platform: their tables, the office for people, the service that delivers."""

import asyncio
from functools import partial

from prorata.app.settings import BadSettings, ServerSettings
from prorata.control.webhooks.office import WebhookOffice
from prorata.control.webhooks.signing import BadKey, open_key
from prorata.control.webhooks.store import WebhookStore
from prorata.server.writer import Writer
from prorata.stream.webhooks.deliverer import Deliverer
from prorata.stream.webhooks.source import WriterNotices
from prorata.units.numbers import SECOND_MS
from prorata.views.copying.notices import is_large, notices_of


class WebhookLine:
    """Between `start` and `stop` webhooks are delivered."""

    def __init__(self, store: WebhookStore, office: WebhookOffice, deliverer: Deliverer) -> None:
        self.office = office
        self.deliverer = deliverer
        self._store = store
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self.deliverer.run(), name=f"webhooks {self._store.platform}")

    async def stop(self) -> None:
        """Let requests under way end, and close the tables."""
        self.deliverer.stop()
        if self._running is not None:
            await self._running
        await asyncio.to_thread(self._store.close)

    def oldest_seconds(self) -> float:
        """Return for how long the oldest delivery that is not made yet has waited; 0 if there is none."""
        since = self.deliverer.backlog.oldest_at
        return max(0, self._store.now() - since) / SECOND_MS if since else 0.0


def open_webhooks(settings: ServerSettings, writer: Writer) -> WebhookLine:
    """Open the tables of a platform's webhooks. Blocks. A platform is run for one company, and goes by its name.

    The platform's writer has started.

    Raises:
        BadSettings: the key file is not the one that belongs to the tables.
    """
    terms = settings.webhooks
    try:
        key = open_key(settings.webhooks_key())
        store = WebhookStore(settings.webhooks_url(), writer.platform, key, company=writer.platform, publisher=terms.publisher)
    except BadKey as problem:
        raise BadSettings(str(problem)) from None
    source = WriterNotices(writer, partial(notices_of, writer.engine.copy), is_large)
    deliverer = Deliverer(store, source, terms)
    return WebhookLine(store, WebhookOffice(store, terms.allowed), deliverer)
