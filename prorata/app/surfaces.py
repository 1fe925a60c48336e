"""What is served beside the own API and its stream: copy trading's APIs, the WebAPI, the CRM's, the workspace.

It is imported and opened after the first orders are let in, which should not wait for it (decision 0041).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeAlias

import msgspec

from prorata.access.keys import KeyStore
from prorata.app import grpc_line
from prorata.app.crm_house import CrmHouse, opened_crm
from prorata.app.crm_line import CrmLine
from prorata.app.hosting import PlatformHost
from prorata.app.operations import Operations
from prorata.app.platform import TradePlatform
from prorata.app.provider import provider_of
from prorata.app.settings import ServerSettings
from prorata.app.stream_tokens import StreamTokens
from prorata.app.webapi_house import webapi_house
from prorata.control.mail.delivery import delivering
from prorata.control.platforms.probing import Prober
from prorata.control.store import Control
from prorata.crm.webhooks import PLATFORM as CRM_NAME
from prorata.rest.asgi import refuse_socket
from prorata.rest.broker import app as broker
from prorata.rest.broker_v2 import app as broker_v2
from prorata.rest.oidc import app as oidc
from prorata.rest.own.allowance import Allowances
from prorata.rest.own.front import Front
from prorata.rest.own.session import Platform
from prorata.rest.platform import app as terminal
from prorata.rest.ramm import app as ramm
from prorata.rest.ramm.call import House
from prorata.rest.ramm.company_terms import put_terms
from prorata.rest.ramm.engine_copying import EngineCopying
from prorata.rest.ramm.registry import ROOTS as RAMM_ROOTS
from prorata.rest.webapi import app as webapi
from prorata.rest.workspace import sections
from prorata.rest.workspace.app import create_workspace
from prorata.rest.workspace.call import PlatformWorks, Workspace
from prorata.stream.app import StreamApp
from prorata.stream.signalr import app as hubs
from prorata.stream.signalr.door import Door

Serves: TypeAlias = Callable[[Any], bool]


class Ground(msgspec.Struct, frozen=True):
    """The parts of the process that they stand on. `address`: where it is reached."""

    settings: ServerSettings
    control: Control
    keys: KeyStore
    platforms: Mapping[str, TradePlatform]
    reached: Mapping[str, Platform]
    """those that take calls"""
    rest: Front
    """the own API, which answers for paths that are nobody's, too"""
    stream: StreamApp
    tokens: StreamTokens
    operations: Operations
    host: PlatformHost
    address: str


class Surfaces:
    """Serves whatever path is not the own API's."""

    def __init__(
        self, ground: Ground, house: CrmHouse, grpc: grpc_line.GrpcLine, door: Door, live: hubs.HubsApp,
        parts: tuple[tuple[Serves, Any], ...],
    ) -> None:  # fmt: skip
        self.crm = house.crm
        self.grpc = grpc
        self.hubs = live
        self._ground = ground
        self._house = house
        self._door = door
        self._parts = parts

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._part_for(scope)(scope, receive, send)

    def _part_for(self, scope: Any) -> Any:
        if scope["type"] == "websocket":
            return self.hubs if scope["path"].startswith(hubs.ROOT) else refuse_socket
        return next((part for is_its, part in self._parts if is_its(scope)), self._ground.rest)

    async def follow(self, platform: TradePlatform, reached: Platform) -> None:
        """Know a platform that has started, before calls are let in."""
        await _follow(self._ground.control, self._house.line, platform, reached)

    def leave(self, platform: str) -> None:
        """Let go of a platform that stops, by its engine's name."""
        self._door.leave(platform)
        self.grpc.leave(platform)


@asynccontextmanager
async def opened_surfaces(ground: Ground) -> AsyncIterator[Surfaces]:
    """Open all of them until the end of the block.

    Raises:
        BadSettings: what `opened_crm`, `provider_of` and `grpc_line.serving` say.
    """
    settings, control = ground.settings, ground.control
    allowance = settings.limits.calls
    async with AsyncExitStack() as opened:
        enter = opened.enter_async_context
        house = await enter(opened_crm(settings, control, ground.keys, ground.platforms, ground.reached, ground.address))
        ground.operations.webhooks[CRM_NAME] = house.hooks
        for name, reached in ground.reached.items():
            await _follow(control, house.line, ground.platforms[name], reached)
        await enter(delivering(control.outbox, settings.mail, house.crm.letters))
        prober = Prober(settings.connections.terms)
        opened.callback(prober.close)
        shared = _workspace(ground, house, prober)
        copying = House(
            control=control, platforms=ground.reached, copying=EngineCopying(ground.reached),
            access_url=settings.ramm.access_url, gate=house.crm.gate,
        )  # fmt: skip
        await enter(ramm.serving(copying))
        web = webapi.WebApi(
            webapi_house(control, ground.keys, ground.platforms, ground.reached, ground.stream.online), allowance
        )
        opened.push_async_callback(web.close)
        door = Door(web.house)
        live = await enter(hubs.serving(door))
        terminals = terminal.PlatformApi(house.office)
        ground.tokens.terminals = terminals.door
        grpc = await enter(grpc_line.serving(settings.grpc, settings.host, house.office))
        ground.operations.streams = grpc.door.count_streams
        office, office_v2 = broker.BrokerApi(house.office), broker_v2.BrokerApiV2(house.office)
        workspace = await asyncio.to_thread(create_workspace, shared, allowance=allowance)
        yield Surfaces(
            ground, house, grpc, door, live,
            parts=(
                (_below(RAMM_ROOTS), ramm.RammApp(copying, allowance)),
                (_below(oidc.ROOTS), oidc.create_provider(provider_of(shared, settings))),
                (_below((hubs.ROOT,)), live),
                (_below(webapi.ROOTS), web),
                (lambda scope: broker_v2.serves(scope, settings.broker_v2_host), office_v2),
                (_below(broker.ROOTS), office),
                (_below(terminal.ROOTS), terminals),
                (lambda scope: sections.serves(scope["path"]), workspace),
            ),
        )  # fmt: skip


async def _follow(control: Control, line: CrmLine, platform: TradePlatform, reached: Platform) -> None:
    """Give a platform the terms of companies that were made while it did not run, and let the CRM hear of it."""
    for company in control.companies.all():
        if company.platform == platform.name:
            await put_terms(reached, company)
    await line.follow(platform)


def _workspace(ground: Ground, house: CrmHouse, prober: Prober) -> Workspace:
    settings = ground.settings
    limits, mail = settings.limits, settings.mail
    works = PlatformWorks(host=ground.host, prober=prober, keys=ground.keys, terms=settings.hosting.terms)
    return Workspace(
        control=ground.control, url=settings.public_url or ground.address, tries=Allowances(limits.tries),
        shows_outbox=mail.shown and not mail.host, works=works, tariffs=settings.usage,
        crm=house.crm, crm_webhooks=house.hooks.hooks,
    )  # fmt: skip


def _below(roots: tuple[str, ...]) -> Serves:
    return lambda scope: scope["path"].startswith(roots)
