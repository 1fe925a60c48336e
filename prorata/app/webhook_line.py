"""The webhooks of one platform, and those of the CRM: their tables, the office for people, the service that delivers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from prorata.app.settings import BadSettings, ServerSettings
from prorata.control.webhooks.office import WebhookOffice
from prorata.control.webhooks.signing import BadKey, open_key
from prorata.control.webhooks.store import WebhookStore
from prorata.crm.events import CRM_EVENT_TYPES, Events
from prorata.crm.webhooks import PLATFORM, PUBLISHER, CrmWebhooks
from prorata.server.writer import Writer
from prorata.stream.webhooks.crm import CrmNotices
from prorata.stream.webhooks.deliverer import Deliverer
from prorata.stream.webhooks.source import WriterNotices
from prorata.units.numbers import SECOND_MS
from prorata.views.copying.notices import is_large, notices_of


class WebhookLine:
    """Between `start` and `stop` webhooks are delivered."""

    def __init__(self, store: WebhookStore, deliverer: Deliverer) -> None:
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


class PlatformWebhooks(WebhookLine):
    """Those of one trade platform."""

    def __init__(self, store: WebhookStore, deliverer: Deliverer, office: WebhookOffice) -> None:
        super().__init__(store, deliverer)
        self.office = office


class CrmWebhookLine(WebhookLine):
    """Those of the CRM, of all organizations."""

    def __init__(self, store: WebhookStore, deliverer: Deliverer, source: CrmNotices, hooks: CrmWebhooks) -> None:
        super().__init__(store, deliverer)
        self.hooks = hooks
        self._source = source

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver until the end of the block."""
        async with self._source.looking():
            self.start()
            try:
                yield
            finally:
                await self.stop()


def open_webhooks(settings: ServerSettings, writer: Writer) -> PlatformWebhooks:
    """Open the tables of a platform's webhooks. Blocks. A platform is run for one company, and goes by its name.

    The platform's writer has started.

    Raises:
        BadSettings: the key file is not the one that belongs to the tables.
    """
    terms = settings.webhooks
    store = _store(settings, writer.platform, company=writer.platform, publisher=terms.publisher)
    source = WriterNotices(writer, partial(notices_of, writer.engine.copy), is_large)
    return PlatformWebhooks(store, Deliverer(store, source, terms), WebhookOffice(store, terms.allowed))


def open_crm_webhooks(settings: ServerSettings, events: Events) -> CrmWebhookLine:
    """Open the tables of the CRM's webhooks. Blocks. Raises as `open_webhooks` does."""
    terms = settings.webhooks
    store = _store(settings, PLATFORM, company=None, publisher=PUBLISHER, types=CRM_EVENT_TYPES)
    source = CrmNotices(events, store.now, kept_days=terms.retention_days)
    return CrmWebhookLine(store, Deliverer(store, source, terms), source, CrmWebhooks(store, events, terms.allowed))


def _store(settings: ServerSettings, platform: str, **more: Any) -> WebhookStore:
    try:
        return WebhookStore(settings.webhooks_url(), platform, open_key(settings.webhooks_key()), **more)
    except BadKey as problem:
        raise BadSettings(str(problem)) from None
