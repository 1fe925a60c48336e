"""A WebAPI for tests: real trade platforms and control database, served by a real HTTP server; people are on paper."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import uvicorn

from prorata.access.permissions import EVERYTHING, Grant
from prorata.control.store import Control
from prorata.control.vault import Vault
from prorata.rest.own.allowance import Allowance
from prorata.rest.webapi import callers
from prorata.rest.webapi.app import WebApi
from prorata.rest.webapi.callers import Caller, Organization, StaffMember, TradePlatform
from tests.rest.house import MONDAY_NOON, House
from tests.rest.webapi.published import check_answer

KEY = bytes(range(32))
LIVE = "11111111-1111-4111-8111-111111111111"
METATRADER = "22222222-2222-4222-8222-222222222222"
OTHER = "33333333-3333-4333-8333-333333333333"
FIRST = Organization("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "First Broker", MONDAY_NOON)
SECOND = Organization("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb", "Second Broker", MONDAY_NOON)


class PaperDirectory:
    """Organization 1 has platform "live" and a MetaTrader 5 that is not connected, organization 2 has "other"."""

    def __init__(self, house: House) -> None:
        def hosted(uuid: str, name: str, organization: Organization) -> TradePlatform:
            return TradePlatform(uuid, name, "MT4", "", organization, MONDAY_NOON, True, house.platforms[name])

        outside = TradePlatform(METATRADER, "MetaTrader", "MT5", "1000", FIRST, MONDAY_NOON, False, None)
        self.platforms = {
            1: [hosted(LIVE, "live", FIRST), outside],
            2: [hosted(OTHER, "other", SECOND)],
        }

    def platform_for(self, caller: Caller, uuid: str) -> TradePlatform | None:
        return next((found for found in self.platforms_of(caller) if found.uuid == uuid), None)

    def platforms_of(self, caller: Caller) -> Sequence[TradePlatform]:
        return [found for found in self.platforms[caller.grant.organization_id] if caller.grant.reaches(found.uuid)]

    def organizations_of(self, caller: Caller) -> Sequence[Organization]:
        return [FIRST if caller.grant.organization_id == 1 else SECOND]


class Answer:
    """An answer: its status, its headers, its body with exact numbers."""

    def __init__(self, response: httpx2.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.text
        self.body: Any = response.json(parse_float=Decimal)

    @property
    def data(self) -> Any:
        assert self.body["error"] is None, self.text
        return self.body["data"]

    @property
    def paging(self) -> Any:
        return self.body["meta"]["paging"]

    @property
    def code(self) -> str | None:
        """The code of the error; None if there is none."""
        return None if self.body["error"] is None else self.body["error"]["code"]

    @property
    def manager_code(self) -> str | None:
        code: str | None = self.body["error"]["managerCode"]
        return code

    @property
    def message(self) -> str:
        return str(self.body["error"]["message"])


class Client:
    """A program at one trade platform. Each answer is checked against the published description."""

    def __init__(self, url: str, token: str, platform: str = LIVE, surface: str = "MT4") -> None:
        self.http = httpx2.Client(
            verify=False, base_url=url, headers={"authorization": f"Bearer {token}"} if token else {}, timeout=20
        )
        self.platform = platform
        self.surface = surface

    def get(self, template: str, *path: object, headers: dict[str, str] | None = None, **query: Any) -> Answer:
        return self.ask("GET", template, *path, headers=headers, **query)

    def post(
        self, template: str, *path: object, body: Any = None, key: str = "", headers: dict[str, str] | None = None, **query: Any
    ) -> Answer:
        return self.ask("POST", template, *path, body=body, key=key, headers=headers, **query)

    def patch(
        self, template: str, *path: object, body: Any = None, key: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        return self.ask("PATCH", template, *path, body=body, key=key, headers=headers)

    def ask(
        self,
        verb: str,
        template: str,
        *path: object,
        body: Any = None,
        key: str = "",
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """Call an operation by its template: ask("GET", "UserRecordGet/{login}", 1001). `body` bytes is sent as it is."""
        more = {**(headers or {}), **({"idempotency-key": key} if key else {})}
        url = f"/api/v2/{self.surface}/{self.platform}/{filled(template, path)}"
        if isinstance(body, bytes):
            response = self.http.request(verb, url, params=query, content=body, headers=more)
        elif body is None:
            response = self.http.request(verb, url, params=query, headers=more)
        else:
            response = self.http.request(verb, url, params=query, json=body, headers=more)
        answer = Answer(response)
        if answer.status == 200:
            check_answer(verb, f"{self.surface}/{template}", answer.body)
        return answer


def filled(template: str, values: Sequence[object]) -> str:
    """Return a path with values in its places."""
    name, *places = template.split("/")
    assert len(places) == len(values), f"{template} has {len(places)} places"
    return "/".join([name, *[quote(str(value), safe="") for value in values]])


class Office:
    def __init__(self, house: House, folder: Path, *, allowance: Allowance | None = None) -> None:
        self.house = house
        self.control = Control(f"sqlite:///{folder}/control.db", KEY, Vault(folder / "vault.keys"), now=house.clock.now)
        self.grants: dict[str, Grant] = {"all": Grant(1, frozenset(EVERYTHING)), "second": Grant(2, frozenset(EVERYTHING))}
        self.counted: list[str] = []
        self.directory = PaperDirectory(house)
        self.online: list[int] = []
        self.staff: Sequence[StaffMember] = ()
        self._clients: list[Client] = []
        self.app = WebApi(
            callers.House(
                control=self.control,
                authenticate=self._authenticate,
                directory=self.directory,
                audit=lambda action: self.control.audit.write([action]),
                count=self.counted.append,
                online=lambda engine: self.online if engine == "live" else (),
                staff=lambda trade_platform: self.staff,
            ),
            allowance,
        )
        config = uvicorn.Config(self.app, port=0, log_level="warning", lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self.url = house.run(self._serve())

    def client(self, who: str = "all", *, platform: str = LIVE, surface: str = "MT4") -> Client:
        self._clients.append(Client(self.url, who, platform, surface))
        return self._clients[-1]

    def allowed(self, *permissions: str, platforms: frozenset[str] | None = None) -> Client:
        """Return a client of organization 1 with these permissions alone."""
        token = f"token {len(self.grants)}"
        self.grants[token] = Grant(1, frozenset(permissions), platforms)
        return self.client(token)

    def audited(self) -> list[str]:
        """Return "method outcome request" of each audited call."""
        self.control.refresh()
        rows = self.control.audit.rows(limit=100_000)
        return [f"{row.action.method} {row.action.outcome} {row.action.request}" for row in rows]

    def stop(self) -> None:
        for client in self._clients:
            client.http.close()
        self._server.should_exit = True
        self.house.run(self._end())
        self.control.close()

    def _authenticate(self, token: str, address: str) -> Caller | None:
        grant = self.grants.get(token)
        return None if grant is None else Caller(f"client {token}", grant)

    async def _serve(self) -> str:
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def _end(self) -> None:
        await self._serving
        await self.app.close()


@contextmanager
def office_of_its_own(folder: Path) -> Iterator[Office]:
    """A house and its WebAPI for one module: for those who let time pass, which does not go back."""
    house = House(folder)
    house.start()
    office = Office(house, folder)
    try:
        yield office
    finally:
        office.stop()
        house.stop()
