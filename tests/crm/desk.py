"""A CRM for tests: a real database, and a real machine behind a port that can be told to fail."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from prorata.app.crm_engines import rate_in
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, insert_person
from prorata.control.platforms.records import Hosting
from prorata.control.platforms.terms import HostingTerms
from prorata.control.store import Control
from prorata.control.vault import Vault
from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.crossing import NotSent, Rate, Unanswered
from prorata.crm.gateways import Gateway, NewGateway
from prorata.crm.letters.statements.keeping import Histories
from prorata.crm.letters.statements.making import Book
from prorata.crm.settings import NewOffer, Offer
from prorata.crm.store import Crm
from prorata.crm.trading import TradingAccount
from prorata.messages.batch import Published, Submission
from prorata.messages.commands import BalanceKind, BookBalance, Command, PutGroup
from prorata.messages.events import Event
from prorata.messages.groups import GroupSpec
from prorata.messages.symbols import SymbolSpec
from prorata.projections.ledger import verify_state
from prorata.projections.marks import Mark
from prorata.server.machine import Machine, batch_of
from prorata.trading.equity import equities_of
from prorata.trading.state import State
from prorata.units.numbers import Login
from tests.databases import sqlite_tables

KEPT = hashed("correct horse battery")
BEGIN = 1_772_452_800_000
GROUPS = (
    GroupSpec(name="retail-usd", currency="USD", leverage=100),
    GroupSpec(name="vip-usd", currency="USD", leverage=200),
    GroupSpec(name="retail-eur", currency="EUR", leverage=100),
)


class Failing(Exception):
    """The process was killed here."""


class Machines:
    """A trade platform without a disk. `lose`: answers that are lost on the way back; `up`: whether it takes commands.

    `bids`: what its market says of the past.
    `others`: further platforms by their uuid.
    """

    def __init__(self) -> None:
        self.machine = Machine()
        self.now = BEGIN
        self.up = True
        self.lose = 0
        self.copiers: set[int] = set()
        """numbers of clients who have investments"""
        self.sent: list[tuple[str, Command]] = []
        self.published: list[Published] = []
        self.bids: dict[str, int] = {}
        self.histories: Histories | None = None
        """whose histories statements are made of"""
        self.others: dict[str, Machines] = {}
        for spec in GROUPS:
            self._apply(PutGroup(spec), "")

    @property
    def state(self) -> State:
        return self.machine.engine.desk.state

    def _apply(self, command: Command, key: str) -> tuple[Event, ...]:
        self.now += 1
        batch = batch_of(self.machine, self.now, 1, (Submission(command, "crm", key),))
        first = self.machine.sequence + 1
        answers, events, _ = self.machine.apply(batch)
        self.published.append(Published(batch.number, batch.at, first, tuple(events)))
        return answers[0][0]

    def book(self, platform_uuid: str) -> Book | None:
        return None if self.histories is None else self.histories.book(platform_uuid)

    def market(self, platform_uuid: str) -> "Machines | None":
        return self if self.up else None

    @property
    def symbols(self) -> dict[str, SymbolSpec]:
        return self.state.symbols

    def markup_of(self, login: int, symbol: str) -> tuple[int, int]:
        desk = self.machine.engine.desk
        terms = desk.terms_of(desk.state.accounts[login], symbol)
        return terms.markup_bid, terms.markup_ask

    def bid_before(self, symbol: str, moment: int) -> int:
        return self.bids.get(symbol, 0)

    def equities(self, platform_uuid: str, logins: Collection[int]) -> Mapping[int, int]:
        if not self.up:
            raise NotSent
        return equities_of(self.machine.engine.desk, logins)

    def rate(self, platform_uuid: str, source: str, target: str) -> Rate | None:
        return rate_in(self.machine.engine.copy, source, target) if self.up else None

    def reaches(self, platform_uuid: str) -> bool:
        return self.others.get(platform_uuid, self).up

    def holds(self, platform_uuid: str, login: Login) -> bool | None:
        kept = self.state.accounts.get(login)
        return (kept is not None and bool(kept.balance or kept.positions)) if self.up else None

    def copies(self, engine: str, client_id: int) -> bool | None:
        return client_id in self.copiers if self.up else None

    async def submit(self, platform_uuid: str, command: Command, key: str) -> Sequence[Event]:
        if platform_uuid in self.others:
            return await self.others[platform_uuid].submit("", command, key)
        if not self.up:
            raise NotSent
        self.sent.append((key, command))
        events = self._apply(command, key)
        if self.lose:
            self.lose -= 1
            raise Unanswered
        return events


class Desk:
    """An organization with a branch, a platform, and offers on its groups."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.now = BEGIN
        url = url or sqlite_tables(folder / "control.db")
        self.control = Control(url, bytes(32), Vault(folder / "vault.keys"), now=lambda: self.now)
        self.engines = Machines()
        with self.control.database.writing() as connection:
            self.owner = insert_person(connection, NewPerson(email="owner@broker.test"), KEPT, BEGIN)
        self.organization = self.control.organizations.add(self.owner.id, "First Broker")
        terms = HostingTerms(5, 5)
        self.platform = self.control.platforms.add_hosted(
            self.organization.id, "Live", Hosting(), host="here", terms=terms
        ).uuid  # fmt: skip
        self.start()
        self.branch = self.crm.settings.begin(self.organization.id, "Main")
        self.standard = self.offer("retail-usd")
        self.vip = self.offer("vip-usd", leverage=200)

    def start(self, **more: Any) -> None:
        """Start the CRM anew, as after a crash."""
        self.crm = Crm(self.control, self.engines, books=self.engines, **more)
        self.follower = self.crm.following.follower(self.platform, "desk")
        machine = self.engines.machine
        self.follower.begin(Mark(machine.number, machine.sequence, self.engines.now))

    def offer(self, group: str, *, currency: str = "USD", leverage: int = 100, **more: object) -> Offer:
        platform = str(more.pop("platform", self.platform))
        new = NewOffer(
            branch_id=self.branch.id, platform_uuid=platform, group_name=group, name=group, currency=currency,
            leverage=leverage, **more,  # type: ignore[arg-type]
        )  # fmt: skip
        return self.crm.settings.add_offer(self.organization.id, new)

    def account(self, email: str = "ann@mail.test") -> CrmAccount:
        wish = AccountWish(email=email, first_name="Ann", last_name="Lee")
        return self.crm.accounts.add(self.organization.id, wish, "correct horse battery", by="test")

    def another_platform(self) -> str:
        """Add a trade platform; return its uuid."""
        added = self.control.platforms.add_hosted(
            self.organization.id, "Live 2", Hosting(), host="here", terms=HostingTerms(5, 5)
        ).uuid  # fmt: skip
        self.engines.others[added] = Machines()
        return added

    def machine(self, found: TradingAccount) -> "Machines":
        return self.engines.others.get(found.platform_uuid, self.engines)

    def trading_account(self, account: CrmAccount, money: int = 0, offer: Offer | None = None) -> TradingAccount:
        """Open an account under the standard offer, or as said, with money on it."""
        opened = self.crm.trading.open(account, offer or self.standard, by="test")
        self.carry(opened.subject)
        if money:
            self.machine(opened)._apply(BookBalance(opened.login, BalanceKind.DEPOSIT, money), "")
        return self.crm.trading.get(opened.id)

    def gateway(self, **terms: Any) -> Gateway:
        new = NewGateway(name="Bank", currency="USD", **terms)
        return self.crm.gateways.add(self.organization.id, new, [self.branch.id])

    def balance(self, found: TradingAccount) -> int:
        return self.machine(found).state.accounts[found.login].balance

    def check_sums(self) -> None:
        """Every currency sums to zero on every trade platform."""
        for one in (self.engines, *self.engines.others.values()):
            report = verify_state(one.state, one.machine.engine.copy.state)
            assert not report.differences

    def carry(self, subject: str) -> None:
        asyncio.run(self.crm.carrier.carry(subject))

    def carry_waiting(self) -> None:
        """What is looked for again and again, once; enough time has passed."""
        self.now += 10_000
        asyncio.run(self.crm.carrier.carry_waiting())

    def follow(self) -> None:
        """Hand over what has happened on the platform to those who want to hear of it."""
        self.follower.write(self.engines.published)

    def close(self) -> None:
        self.control.close()
