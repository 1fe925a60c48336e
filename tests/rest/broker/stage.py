"""A broker for tests: the Broker-API on a real HTTP server over a real control database and a real trade platform."""

import asyncio
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from prorata.access.keys import KeyStore
from prorata.access.permissions import EVERYTHING
from prorata.app.crm_engines import RunningEngines
from prorata.control.api_clients.store import NewApiClient
from prorata.control.organizations.inside import insert_member
from prorata.control.organizations.rights import Rights
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, insert_person
from prorata.control.store import Control
from prorata.control.vault import Vault
from prorata.control.webhooks.signing import MasterKey
from prorata.control.webhooks.store import WebhookStore
from prorata.control.webhooks.targets import Allowed
from prorata.crm.events import CRM_EVENT_TYPES
from prorata.crm.settings import NewOffer, Offer
from prorata.crm.store import Crm
from prorata.crm.trader_keys import TraderKeys
from prorata.crm.webhooks import PLATFORM, PUBLISHER, CrmWebhooks
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.rest.broker.app import BrokerApi
from prorata.rest.broker.call import BrokerHouse
from prorata.rest.broker_v2 import app as broker_v2
from prorata.rest.own.session import Platform
from prorata.rest.platform.app import ROOTS, PlatformApi
from prorata.rest.workspace.app import create_workspace
from prorata.rest.workspace.call import Workspace
from prorata.trading.state import Account
from prorata.views.texts import moment_text
from tests.rest.house import MONDAY_NOON, House

KEPT = hashed("correct horse battery")
PASSWORD = "correct horse"  # noqa: S105
_numbers = count(1)


class Answer:
    """An answer: its status, its headers, its body with exact numbers."""

    def __init__(self, response: httpx2.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.text
        self.body: Any = response.json(parse_float=Decimal) if response.content else None


class Program:
    """A program with a key."""

    def __init__(self, url: str, key: str) -> None:
        self.http = httpx2.Client(verify=False, base_url=url, headers={"authorization": key} if key else {}, timeout=20)

    def get(self, path: str, **query: Any) -> Answer:
        query = {name.rstrip("_"): value for name, value in query.items()}
        return Answer(self.http.get(path, params=query))

    def post(self, path: str, body: Any = None, *, key: str = "", **query: Any) -> Answer:
        headers = {"idempotency-key": key} if key else {}
        return Answer(self.http.post(path, json=body, headers=headers, params=query))

    def delete(self, path: str, body: Any = None) -> Answer:
        return Answer(self.http.request("DELETE", path, json=body))

    def put(self, path: str, body: Any = None) -> Answer:
        return Answer(self.http.put(path, json=body))

    def patch(self, path: str, body: Any = None, **query: Any) -> Answer:
        return Answer(self.http.patch(path, json=body, params=query))


class Stage:
    """Organization "First Broker" has the platform "live" of the house, "Second Broker" has "other"."""

    def __init__(self, folder: Path, house: House) -> None:
        self.house = house
        self.browsers: list[httpx2.Client] = []
        """what is closed in the end"""
        self.now = MONDAY_NOON
        self.control = Control(f"sqlite:///{folder}/control.db", bytes(32), Vault(folder / "vault.keys"), now=self._tick)
        with self.control.database.writing() as connection:
            self.owner = insert_person(connection, NewPerson(email="owner@broker.test"), KEPT, self.now)
        organizations = self.control.organizations
        self.first, self.second = (organizations.add(self.owner.id, f"{name} Broker") for name in ("First", "Second"))
        adopt = self.control.platforms.adopt
        self.live = adopt(self.first.id, "Live", "live", host="here").uuid
        self.other = adopt(self.second.id, "Other", "other", host="here").uuid
        self.reached: dict[str, Platform] = dict(house.platforms)
        self.engines = RunningEngines(self.control.platforms, self.reached, self.control.companies)
        self.hears = True
        """whether calls of the sandbox arrive"""
        self.crm = Crm(self.control, self.engines, post=self._post, books=self.engines)
        self.branch = self.crm.settings.begin(self.first.id, "Main")
        self.foreign_branch = self.crm.settings.begin(self.second.id, "Main")
        self.standard = self.offer("Standard", "standard", leverage=100)
        self.netting = self.offer("Netting", "netting", leverage=50)
        self.keys = KeyStore(f"sqlite:///{folder}/keys.db", now=self._tick)
        self.trader_keys = TraderKeys(self.control.database, self.keys, self.crm.engine_of)
        self.shared = shared = BrokerHouse(self.control, self.crm, self.engines, self.trader_keys)
        self.api = BrokerApi(shared, per_minute=100_000)
        self.second_version = broker_v2.BrokerApiV2(shared, per_minute=100_000)
        self.terminal = PlatformApi(shared, per_minute=100_000)
        self.webhooks = WebhookStore(
            f"sqlite:///{folder}/webhooks.db", PLATFORM, MasterKey(bytes(32)), company=None, publisher=PUBLISHER,
            types=CRM_EVENT_TYPES, now=lambda: self.now,
        )  # fmt: skip
        hooks = CrmWebhooks(self.webhooks, self.crm.events, Allowed(http=True, private=True))
        self.workspace = create_workspace(
            Workspace(control=self.control, url="https://broker.test", crm=self.crm, crm_webhooks=hooks)
        )  # fmt: skip
        self.house.run(self._serve())
        self.program = self.program_with(EVERYTHING)
        self.stranger = self.program_with(EVERYTHING, organization=self.second.id)

    def _tick(self) -> int:
        """Each look is a millisecond later, so that what is made has an order."""
        self.now += 1
        return self.now

    def offer(self, name: str, group: str, *, currency: str = "USD", organization: int = 0, **more: Any) -> Offer:
        mine = not organization
        new = NewOffer(
            branch_id=more.pop("branch_id", self.branch.id if mine else self.foreign_branch.id),
            platform_uuid=self.live if mine else self.other, group_name=group, name=name, currency=currency,
            leverage=more.pop("leverage", 100), **more,
        )  # fmt: skip
        return self.crm.settings.add_offer(organization or self.first.id, new)

    def key(self, permissions: Iterable[str], *, organization: int = 0, **more: Any) -> str:
        new = NewApiClient(name="website", permissions=frozenset(permissions), **more)
        return self.control.api_clients.add(organization or self.first.id, new, by=self.owner.id)[1]

    def program_with(self, permissions: Iterable[str], **more: Any) -> Program:
        return self.program_of(f"Bearer {self.key(permissions, **more)}")

    def program_of(self, authorization: str) -> Program:
        """Return a program that sends this header."""
        program = Program(self.url, authorization)
        self.browsers.append(program.http)
        return program

    def person(self, role: str) -> Program:
        """Return somebody with a role in the organization, who is signed in."""
        new = NewPerson(email=self.email())
        with self.control.database.writing() as connection:
            made = insert_person(connection, new, KEPT, self.now)
            insert_member(connection, self.first.id, made.id, Rights(role=role), self.now)
            self.control.database.note_change(connection)
        self.control.refresh()
        token, _ = self.control.sign_ins.open(made.id, ["pwd"])
        return self.program_of(f"Bearer {token}")

    @property
    def platform_time(self) -> str:
        """The time of the trade platform, as it is shown."""
        return moment_text(self.house.platforms["live"].writer.at)

    @property
    def office(self) -> str:
        """Where the workspace has the organization."""
        return f"/api/v1/organizations/{self.first.uuid}"

    def engine(self, login: str | int) -> Account:
        return self.house.platforms["live"].desk.state.accounts[int(login)]

    def deposit(self, login: str | int, amount: int) -> None:
        self.house.run(self.house.platforms["live"].writer.submit(BookBalance(int(login), BalanceKind.DEPOSIT, amount)))

    def email(self) -> str:
        return f"client{next(_numbers)}@mail.test"

    def account(self, offer: Offer | None = None, **more: Any) -> dict[str, Any]:
        """Make an account; with an offer, with a trading account."""
        body = {
            "email": self.email(), "password": PASSWORD, "personalDetails": {"firstname": "Ann", "lastname": "Lee"}, **more,
        }  # fmt: skip
        if offer is not None:
            body["offerUuid"] = offer.uuid
        answer = self.program.post("/v1/accounts", body)
        assert answer.status == 200, answer.text
        made: dict[str, Any] = answer.body
        return made

    def trader(self, offer: Offer | None = None, amount: int = 1_000_000) -> str:
        """Return the number of a new trading account with 10,000.00, or as said, in minor units."""
        (made,) = self.trading_accounts(self.account(offer or self.standard))
        login: str = made["login"]
        self.deposit(login, amount)
        return login

    def trading_accounts(self, account: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.program.get("/v1/trading-accounts", query=account["email"]).body["content"]
        return found

    async def _post(self, address: str, headers: Mapping[str, str], body: bytes) -> int:
        if not self.hears:
            return 0
        async with httpx2.AsyncClient(verify=False) as client:
            return (await client.post(self.url + address, headers=dict(headers), content=body)).status_code

    def close(self) -> None:
        for browser in self.browsers:
            browser.close()
        self._server.should_exit = True
        self.house.run(self._served())
        self.keys.close()
        self.webhooks.close()
        self.control.close()

    async def _serve(self) -> None:
        async def serve(scope: Any, receive: Any, send: Any) -> None:
            path = scope["path"]
            app = self.workspace if path.startswith("/api/v1/") else self.terminal if path.startswith(ROOTS) else self.api
            if broker_v2.serves(scope, "broker-v2.test"):
                app = self.second_version
            await app(scope, receive, send)

        config = uvicorn.Config(serve, port=0, log_level="warning", lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    async def _served(self) -> None:
        await self._serving
