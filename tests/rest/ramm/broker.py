"""A broker's RAMM for tests: real control database, real trade platforms, served by a real HTTP server."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from prorata.control.clients import Client, NewClient
from prorata.control.companies import Company, NewCompany
from prorata.control.manager_rights import EVERYTHING
from prorata.control.manager_rows import Manager
from prorata.control.managers import NewManager
from prorata.control.store import Control
from prorata.control.vault import Vault
from prorata.crm.kyc.gate import Gate
from prorata.rest.own.allowance import Allowance
from prorata.rest.ramm.app import RammApp
from prorata.rest.ramm.call import House as RammHouse
from prorata.rest.ramm.copying import ClientFigures, ClientStatistic, ClientWallet, Copying, OpenedWallet, Stream
from prorata.rest.ramm.errors import invalid_status
from prorata.rest.ramm.values import real_of, time_text
from tests.rest.house import HandClock, House

KEY = bytes(range(32))
PASSWORD = "correct horse 1"  # noqa: S105 - of people who are not there
NOON = 1_772_452_800_000


class PaperCopying:
    """The engine's part, on paper: wallets are numbered from 11, and one client is known to be refused."""

    def __init__(self) -> None:
        self.opened: dict[int, int] = {}
        self.refuses = False

    async def open_wallet(self, company: Company, client: Client, caller: str) -> OpenedWallet:
        if self.refuses:
            raise invalid_status("no wallets today")
        return OpenedWallet(self.opened.setdefault(client.id, len(self.opened) + 11), 840, company.currency)

    async def wallets(self, company: Company, client: Client) -> Sequence[ClientWallet]:
        if client.wallet_id is None:
            return ()
        zero = real_of(0, 2)
        return (
            ClientWallet(
                ID=client.wallet_id, IDClient=client.id, DT=time_text(client.created_at), Asset=company.currency, Status=1,
                Balance=real_of(100_050, 2), Invested=zero, Margin=zero, IntervalPnL=zero, ActiveStrategiesCount=0,
            ),
        )  # fmt: skip

    async def figures(self, company: Company, clients: Sequence[Client]) -> Mapping[int, ClientFigures]:
        return {
            client.id: ClientFigures(Status=client.id % 5, TotalFunds=real_of(client.id * 100 + 5, 2)) for client in clients
        }

    async def statistic(self, company: Company, client: Client) -> ClientStatistic:
        return ClientStatistic(Equity=real_of(100_050, 2))

    async def streams(self, company: Company) -> Sequence[Stream]:
        return (Stream(1, "B-book"), Stream(2, "Hedge"))


class Answered:
    """An answer: its status, its decoded body, its headers, its text."""

    def __init__(self, response: httpx2.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.text
        self.body: Any = response.json() if response.content else None

    @property
    def code(self) -> str:
        """The code of the error, in either of the documented shapes; "" if there is none."""
        if not isinstance(self.body, dict):
            return ""
        error = self.body.get("error") or self.body.get("Error") or {}
        return str(error.get("code") or error.get("Code") or "")

    @property
    def message(self) -> str:
        error = self.body.get("error") or self.body.get("Error")
        return str(error.get("message") or error.get("Message"))


class Caller:
    """Somebody with a token, at one API."""

    def __init__(self, url: str, api: str, token: str = "", **headers: str) -> None:
        self.token = token
        self._root = f"{url}/api/{api}/"
        self._http = httpx2.Client(verify=False, headers={**({"Token": token} if token else {}), **headers}, timeout=20)

    def __call__(self, method: str, **body: Any) -> Answered:
        return Answered(self._http.post(self._root + method, json=body))

    def get(self, method: str, **query: str) -> Answered:
        return Answered(self._http.get(self._root + method, params=query))

    def send(self, method: str, content: bytes, verb: str = "POST", **headers: str) -> Answered:
        return Answered(self._http.request(verb, self._root + method, content=content, headers=headers))

    def close(self) -> None:
        self._http.close()


class Broker:
    """Companies on platforms "live" and "other", with a manager who may do everything."""

    def __init__(
        self, house: House, folder: Path, *, allowance: Allowance | None = None, copying: Copying | None = None
    ) -> None:  # fmt: skip
        self.house = house
        self.clock = HandClock(NOON)
        self.url_of_database = f"sqlite:///{folder}/control.db"
        self.control = Control(self.url_of_database, KEY, Vault(folder / "vault.keys"), now=self.clock.now)
        self.paper = PaperCopying()
        self.copying: Copying = copying or self.paper
        self._callers: list[Caller] = []
        self._logins = 0
        self.house_of_ramm = RammHouse(
            control=self.control, platforms=house.platforms, copying=self.copying, gate=Gate(self.control.database)
        )
        self.app = RammApp(self.house_of_ramm, allowance)
        self._start()
        self.company = self.add_company("First Broker")
        self.boss_login, self.boss_session = self.hire(self.company)
        self.boss = self.manager(self.boss_login, self.company, ExpirationMinutes=43_200)

    def add_company(self, name: str, platform: str = "live", **more: Any) -> Company:
        return self.control.companies.add(NewCompany(name=name, platform=platform, **more))

    def hire(self, company: Company, *methods: str, login: str = "") -> tuple[str, Manager]:
        """Make a manager with rights, to everything if none are named; return his login and himself."""
        self._logins += 1
        login = login or f"manager{self._logins}@broker.test"
        new = NewManager(login=login, password=PASSWORD, first_name="Ann", last_name="Lee")
        granted = methods or (EVERYTHING,)
        return login, self.control.managers.add(company.id, new, granted, granter=frozenset({EVERYTHING}))

    def manager(self, login: str, company: Company, **more: Any) -> Caller:
        """Sign a manager in."""
        answer = self.caller("manager/v1")("session.login", Login=login, Password=PASSWORD, CompanyID=company.id, **more)
        assert answer.status == 200, answer.text
        return self.caller("manager/v1", answer.body["Token"])

    def may(self, *methods: str, company: Company | None = None) -> Caller:
        """Return a manager who may do just this, signed in."""
        company = company or self.company
        login, _ = self.hire(company, *(methods or ("session.get",)))
        return self.manager(login, company, ExpirationMinutes=43_200)

    def enrol(self, company: Company | None = None, *, wallet: bool = False, **more: Any) -> Client:
        """Make a client, with a wallet or without."""
        self._logins += 1
        new = NewClient(**{"login": f"client{self._logins}@mail.test", "password": PASSWORD, **more})
        client = self.control.clients.add((company or self.company).id, new)
        if wallet:
            self.control.clients.note_wallet(client.id, client.id + 1_000)
        return client

    def client(self, client: Client, version: int = 2) -> Caller:
        """Sign a client in."""
        answer = self.caller(f"client/v{version}")(
            "session.login", Login=client.login, Password=PASSWORD, CompanyID=client.company_id
        )
        assert answer.status == 200, answer.text
        return self.caller(f"client/v{version}", answer.body["Session"]["Token"])

    def caller(self, api: str, token: str = "", **headers: str) -> Caller:
        self._callers.append(Caller(self.url, api, token, **headers))
        return self._callers[-1]

    def audited(self, company: Company | None = None) -> list[str]:
        """Return "actor method outcome" of each audited call of a company."""
        self.control.refresh()
        rows = self.control.audit.rows((company or self.company).id, limit=100_000)
        return [f"{row.action.actor} {row.action.method} {row.action.outcome}" for row in rows]

    def stop(self) -> None:
        for caller in self._callers:
            caller.close()
        self._server.should_exit = True
        self.house.run(self._end())
        self.control.close()

    def _start(self) -> None:
        config = uvicorn.Config(self.app, port=0, log_level="warning", lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self.url = self.house.run(self._serve())

    async def _serve(self) -> str:
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def _end(self) -> None:
        await self._serving
