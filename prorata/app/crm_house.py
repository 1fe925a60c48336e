"""The CRM of this process: opened with all that carries, hears, delivers and watches for it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec

from prorata.access.keys import KeyStore
from prorata.app.crm_engines import RunningEngines, posting
from prorata.app.crm_line import CrmLine
from prorata.app.platform import TradePlatform
from prorata.app.settings import BadSettings, ServerSettings
from prorata.app.webhook_line import CrmWebhookLine, open_crm_webhooks
from prorata.control.store import Control
from prorata.crm.documents.objects import BadStore, Objects, open_objects
from prorata.crm.store import Crm
from prorata.crm.trader_keys import TraderKeys
from prorata.rest.broker.call import BrokerHouse
from prorata.rest.own.session import Platform


class CrmHouse(msgspec.Struct, frozen=True):
    """`line`: lets the CRM hear of platforms; `hooks`: its webhooks; `office`: what its APIs share."""

    crm: Crm
    line: CrmLine
    hooks: CrmWebhookLine
    office: BrokerHouse


@asynccontextmanager
async def opened_crm(
    settings: ServerSettings, control: Control, keys: KeyStore, platforms: Mapping[str, TradePlatform],
    reached: Mapping[str, Platform], address: str,
) -> AsyncIterator[CrmHouse]:  # fmt: skip
    """Run the CRM until the end of the block. `address`: where providers call.

    Raises:
        BadSettings: the store of documents, or the webhooks' key, is not as the settings say.
    """
    engines = RunningEngines(control.platforms, reached, control.companies)
    objects = await asyncio.to_thread(_objects_of, settings)
    async with posting() as post:
        crm = await asyncio.to_thread(
            Crm, control, engines, url=address, post=post, log_days=settings.crm.platform_log_days, objects=objects,
            books=engines, private_mail=settings.connections.terms.private, printers=settings.crm.printers,
        )  # fmt: skip
        line = CrmLine(crm.following, control.platforms, platforms)
        hooks = await asyncio.to_thread(open_crm_webhooks, settings, crm.events)
        trader_keys = TraderKeys(control.database, keys, crm.engine_of)
        async with line.running(), crm.running(), hooks.running(), trader_keys.running():
            yield CrmHouse(crm, line, hooks, BrokerHouse(control, crm, engines, trader_keys))


def _objects_of(settings: ServerSettings) -> Objects:
    try:
        return open_objects(settings.documents, settings.documents_folder())
    except BadStore as problem:
        raise BadSettings(str(problem)) from None
