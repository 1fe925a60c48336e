"""A running server with two organizations, and everybody who may call it, or may not.

The first organization has the trade platform "live", which runs, and a MetaTrader server, to which some are narrowed. Of
each permission there is somebody who has nothing else, and somebody who has all but it.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from prorata.access.callers import Scope
from prorata.access.keys import KeyStore
from prorata.access.permissions import EVERYTHING, MANAGER_METHODS, Permission
from prorata.app.hosted import host_of
from prorata.app.opening import opened_control
from prorata.app.settings import ServerSettings
from prorata.control.api_clients.store import NewApiClient
from prorata.control.clients import NewClient
from prorata.control.companies import NewCompany
from prorata.control.oidc.applications import NewApplication
from prorata.control.oidc.scopes import SCOPES, TokenScope
from prorata.control.oidc.tokens import AccessGiven, access_token
from prorata.control.organizations.inside import insert_member
from prorata.control.organizations.rights import Rights
from prorata.control.organizations.roles import Role
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, insert_person
from prorata.control.people.tables import people
from prorata.control.platforms.records import PlatformKind
from prorata.control.sessions import Kind
from prorata.control.store import Control
from prorata.crm.accounts import Accounts, AccountWish
from prorata.crm.settings import CrmSettings, NewOffer
from tests.app.programs import running

ABSENT = "00000000-0000-4000-8000-000000000000"
SETTINGS = """port = 0
[platforms.live]
feed = {kind = "none"}
[limits]
tries_per_minute = 0
"""
PASSWORD = "correct horse battery"  # noqa: S105
MINUTES = 60
FRESH_PEOPLE = 60
SHOWN = 200
WEBAPI = frozenset({TokenScope.WEBAPI, TokenScope.API, TokenScope.OPENID})


def only(permission: str) -> str:
    return f"only {permission}"


def all_but(permission: str) -> str:
    return f"all but {permission}"


class Site:
    """Tokens by who has them. `own`: what the first organization has, by the names of parameters of paths."""

    def __init__(self, folder: Path) -> None:
        self.settings = ServerSettings(data=folder)
        self.file = folder / "prorata.toml"
        self.file.write_text(f'data = "{folder}"\n{SETTINGS}')
        self.url = ""
        self.http: httpx2.Client
        self.people: dict[str, str] = {}
        """tokens of sign-ins"""
        self.fresh: list[str] = []
        """tokens of people who are in no organization and are used once"""
        self.programs: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.managers: dict[str, str] = {}
        self.ramm: dict[str, str] = {}
        """tokens of the Client, Trading and Partner APIs"""
        self.own: dict[str, str] = {}
        self.trader = ""
        """e-mail of a person of the CRM, who has a trading account"""
        self.secrets: dict[str, tuple[str, str]] = {}
        """client_id and secret of programs: "all", "other" """
        self._kept = hashed(PASSWORD)
        with opened_control(self.settings) as control:
            self._set_up(control)
        self._make_keys()

    @contextmanager
    def served(self) -> Iterator["Site"]:
        with (
            running("serve", "--settings", self.file) as (_, self.url, _),
            httpx2.Client(verify=False, base_url=self.url, timeout=20) as http,
        ):
            self.http = http
            self._open_trading_account()
            yield self

    def ask(self, verb: str, path: str, token: str, **headers: str) -> httpx2.Response:
        """Call with a bearer token, or with none; what has a body is sent one that cannot be read."""
        if token:
            headers["authorization"] = f"Bearer {token}"
        content = None
        if verb not in ("GET", "DELETE"):
            headers["content-type"], content = "application/json", b"["
        return self.http.request(verb, path, headers=headers, content=content)

    def _set_up(self, control: Control) -> None:
        self._control = control
        owner, stranger = self._person(), self._person()
        mine, other = control.organizations.add(owner, "First Broker"), control.organizations.add(stranger, "Second Broker")
        live = control.platforms.adopt(mine.id, "Live", "live", host=host_of(self.settings))
        spare = control.platforms.add_foreign(mine.id, "Outside", PlatformKind.MT5)
        self.organization, self.organization_id, self.other = mine.uuid, mine.id, other.uuid
        self.live, self.spare = live.uuid, spare.uuid
        elsewhere = frozenset({spare.uuid})
        self.people |= {"owner": self._signed_in(owner), "stranger": self._signed_in(stranger), "ended": self._ended(owner)}
        self.fresh = [self._signed_in(self._person()) for _ in range(FRESH_PEOPLE)]
        self.people["nothing"] = self._member(Rights())
        self.people["narrowed"] = self._member(Rights(permissions=EVERYTHING, platforms=elsewhere))
        self._program(owner, "all", EVERYTHING)
        self._program(owner, "to be removed", EVERYTHING)
        self._program(owner, "narrowed", EVERYTHING, platforms=elsewhere)
        for permission in Permission:
            self.people[only(permission)] = self._member(Rights(permissions=frozenset({permission})))
            self.people[all_but(permission)] = self._member(Rights(permissions=EVERYTHING - {permission}))
            self._program(owner, only(permission), {permission})
            self._program(owner, all_but(permission), EVERYTHING - {permission})
        self.organization_id = other.id
        self._program(stranger, "other", EVERYTHING)
        self.organization_id = mine.id
        self._spoilt_tokens(control)
        self._things(control, owner)
        self._crm(control)
        self._ramm(control)

    # People and programs.

    def _person(self) -> int:
        with self._control.database.writing() as connection:
            new = NewPerson(email=f"person{time.monotonic_ns()}@mail.test")
            made = insert_person(connection, new, self._kept, self._control.database.now())
            connection.execute(update(people).where(people.c.id == made.id).values(verified_at=1))
        return made.id

    def _signed_in(self, person: int) -> str:
        return self._control.sign_ins.open(person, ["pwd"])[0]

    def _ended(self, person: int) -> str:
        token, sign_in = self._control.sign_ins.open(person, ["pwd"])
        self._control.sign_ins.end([sign_in])
        return token

    def _member(self, rights: Rights) -> str:
        return self._signed_in(self._person_in(self.organization_id, rights))

    def _person_in(self, organization_id: int, rights: Rights) -> int:
        person = self._person()
        with self._control.grants.changing() as connection:
            insert_member(connection, organization_id, person, rights, self._control.database.now())
        return person

    def _program(self, by: int, name: str, permissions: Any, platforms: frozenset[str] | None = None) -> None:
        new = NewApiClient(name=name, permissions=frozenset(permissions), platforms=platforms)
        client, secret = self._control.api_clients.add(self.organization_id, new, by=by)
        self.secrets[name] = client.client_id, secret
        self.programs[name] = self._token(name)

    def _token(self, name: str, scopes: frozenset[TokenScope] = WEBAPI, *, age: int = 0) -> str:
        client_id, _ = self.secrets[name]
        tenant = self.other if name == "other" else self.organization
        given = AccessGiven(issuer="https://prorata.test", subject=client_id, client_id=client_id, scopes=scopes, tenant=tenant)
        return access_token(self._control.oidc.keys, given, self._control.database.now() - age)

    def _persons_token(self, person: str, application: str, scopes: frozenset[TokenScope]) -> str:
        """Return a token that an application was given when a person signed in to it."""
        given = AccessGiven(
            issuer="https://prorata.test", subject=person, client_id=application, scopes=scopes, tenant=self.organization,
            authorization=ABSENT,
        )  # fmt: skip
        return access_token(self._control.oidc.keys, given, self._control.database.now())

    def _spoilt_tokens(self, control: Control) -> None:
        self.programs |= {
            "nobody": "", "unknown": "a.b.c", "expired": self._token("all", age=2 * 3_600_000), "revoked": self._token("all"),
            "reading": self._token("all", frozenset({TokenScope.WEBAPI_READ})),
            "writing": self._token("all", frozenset({TokenScope.WEBAPI_WRITE})),
            "of another surface": self._token("all", frozenset({TokenScope.WEBAPI})),
        }  # fmt: skip
        said = control.oidc.tokens.read(self.programs["revoked"].encode())
        assert said is not None
        control.oidc.revocations.revoke(said.id)

    def _things(self, control: Control, owner: int) -> None:
        """Let the organization have one of everything."""
        person = control.people.by_id(owner)
        page = NewApplication(name="page", public=False, redirects=("https://app.test/in",), scopes=SCOPES)
        application, _ = control.oidc.applications.add(self.organization_id, page, by=owner)
        control.roles.add(self.organization_id, Role(name="Clerk", permissions=frozenset(), built_in=False), by=owner)
        removed = control.platforms.add_foreign(self.organization_id, "To be removed", PlatformKind.MT4)
        invited = control.invitations.add(self.organization_id, "guest@mail.test", Rights(role="Dealer"), "https://x", by=owner)
        assert person is not None
        self.programs["a person"] = self._persons_token(person.uuid, application.client_id, WEBAPI)
        self.programs["a person unasked"] = self._persons_token(
            person.uuid, application.client_id, WEBAPI - {TokenScope.OPENID}
        )
        self.own = {
            "platform": removed.uuid, "person": person.uuid, "role": "Clerk", "invitation": invited.uuid,
            "client_id": self.secrets["to be removed"][0], "application": application.client_id,
        }  # fmt: skip

    def _crm(self, control: Control) -> None:
        settings, self.trader = CrmSettings(control.database), "trader@mail.test"
        branch = settings.begin(self.organization_id, "Main")
        offer = NewOffer(
            branch_id=branch.id, platform_uuid=self.live, group_name="retail-usd", name="Standard", currency="USD", leverage=100
        )
        self.offer = settings.add_offer(self.organization_id, offer).uuid
        wish = AccountWish(email=self.trader, first_name="Ann", last_name="Lee")
        self.account = Accounts(control.database).add(self.organization_id, wish, PASSWORD, by="matrix").uuid

    def _open_trading_account(self) -> None:
        path, key = f"/v1/accounts/{self.account}/trading-accounts", self.secrets["all"][1]
        opened = self.http.post(path, json={"offerUuid": self.offer}, headers={"authorization": key})
        assert opened.status_code == 200, opened.text

    def terminal(self) -> tuple[str, str]:
        """Sign the trader in anew; return his session's cookie and the token of his trading account."""
        given = {"email": self.trader, "password": PASSWORD, "brokerId": self.organization}
        answer = httpx2.post(f"{self.url}/manager/mtr-login", json=given, verify=False)
        assert answer.status_code == 200, answer.text
        return answer.cookies["co-auth"], answer.json()["tradingAccounts"][0]["tradingApiToken"]

    def _make_keys(self) -> None:
        store = KeyStore(self.settings.keys_url())
        self.keys = {scope.value: store.create("live", [scope]) for scope in Scope}
        self.keys |= {
            "expired": store.create("live", [Scope.ADMIN], expires_at=1),
            "elsewhere": store.create("gone", [Scope.ADMIN]),
        }
        self.keys |= {"revoked": store.create("live", [Scope.ADMIN]), "unknown": "prk_aaaaaaaa_bbbb"}
        store.revoke(self.keys["revoked"].split("_")[1])
        self.own["key"] = self.keys["read"].split("_")[1]
        store.close()

    # The RAMM APIs.

    def _ramm(self, control: Control) -> None:
        company = control.companies.add(NewCompany(name="First", platform="live")).id

        def manager(permissions: frozenset[str]) -> str:
            person = self._person_in(company, Rights(permissions=permissions))
            return control.sessions.open(Kind.MANAGER, company, person, MINUTES)[0]

        def client() -> str:
            new = NewClient(login=f"c{time.monotonic_ns()}@mail.test", password=self._kept)
            return control.sessions.open(Kind.CLIENT, company, control.clients.add(company, new).id, MINUTES)[0]

        self.managers = {"ended": self._ended_session(control, manager(EVERYTHING))}
        for permission in set(MANAGER_METHODS.values()):
            self.managers[only(permission)] = manager(frozenset({permission}))
            self.managers[all_but(permission)] = manager(EVERYTHING - {permission})
        self.ramm = {
            "client": client(), "ended": self._ended_session(control, client()),
            "partner": control.partner_tokens.add(company, None), "strategy": control.strategy_tokens.renew(company, 1),
            "app": control.app_tokens.add("Tester", "1.0"),
        }  # fmt: skip

    def _ended_session(self, control: Control, token: str) -> str:
        session = control.sessions.find(token)
        assert session is not None
        control.sessions.end([session])
        return token


def check(cells: Iterable[tuple[str, str, str]]) -> None:
    """Fail with the cells, as (who calls what, wanted, came), whose answer is not the wanted one."""
    wrong = [f"{where}: wanted {wanted}, came {came}" for where, wanted, came in cells if wanted != came]
    if wrong:
        pytest.fail("\n".join([f"{len(wrong)} answers are not right", *wrong[:SHOWN]]), pytrace=False)
