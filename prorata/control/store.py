"""The control side of one installation, opened once for each process."""

import asyncio
import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.account_cards.cards import AccountCards
from prorata.control.api_clients.store import ApiClients
from prorata.control.audit import Action, Audit
from prorata.control.clients import Clients
from prorata.control.companies import Companies
from prorata.control.database import Database
from prorata.control.lockout import Attempts
from prorata.control.mail.outbox import Outbox
from prorata.control.managers import Managers
from prorata.control.oidc.store import Oidc
from prorata.control.one_time import OneTimePasswords
from prorata.control.organizations.grants import Grants
from prorata.control.organizations.invitations import Invitations
from prorata.control.organizations.members import Members
from prorata.control.organizations.organizations import Organizations
from prorata.control.organizations.roles import Roles
from prorata.control.people.passkeys import Passkeys
from prorata.control.people.people import People
from prorata.control.people.proving import Proving
from prorata.control.people.registration import Registration
from prorata.control.people.renewal import Renewal
from prorata.control.people.second_step import SecondStep
from prorata.control.people.sign_ins import SignIns
from prorata.control.people.tickets import Tickets
from prorata.control.platforms.registry import Platforms
from prorata.control.seals import Seals
from prorata.control.server_settings.lists import SettingsLists
from prorata.control.server_settings.messages import Messages
from prorata.control.sessions import Sessions
from prorata.control.tokens import AppTokens, PartnerTokens, StrategyTokens
from prorata.control.usage.meter import Usage
from prorata.control.user_settings import UserSettings
from prorata.control.vault import Vault
from prorata.units.numbers import MINUTE_MS, Moment

REFRESH_SECONDS = 2.0
SWEEP_MS = 60 * MINUTE_MS

_log = structlog.get_logger("control")


class Control:
    """`key`: what strategies' tokens are derived with, see `tokens`. `vault`: seals what must be read again."""

    def __init__(self, url: str, key: bytes, vault: Vault, *, now: Callable[[], Moment] | None = None) -> None:
        self.database = database = Database(url, now=now)
        self.vault = vault
        self.seals = Seals(database, vault)
        self.sessions = Sessions(database)
        self.grants = grants = Grants(database, self.sessions.load)
        self.companies = Companies(database)
        self.managers = Managers(database, grants)
        self.clients = Clients(database)
        self.attempts = Attempts(database)
        self.account_cards = AccountCards(database, self.attempts)
        self.one_time = OneTimePasswords(database)
        self.strategy_tokens = StrategyTokens(database, key)
        self.app_tokens = AppTokens(database)
        self.partner_tokens = PartnerTokens(database)
        self.settings = UserSettings(database)
        self.server_settings = SettingsLists(database)
        self.messages = Messages(database)
        self.organizations = Organizations(database, grants)
        self.members = Members(database, grants)
        self.roles = Roles(database, grants)
        self.outbox = Outbox(database, self.seals)
        self.invitations = Invitations(database, grants, self.outbox)
        self.sign_ins = SignIns(database, self.sessions)
        self.people = People(database, self.sign_ins)
        self.tickets = Tickets(database)
        self.registration = Registration(database, self.outbox, grants, self.organizations)
        self.renewal = Renewal(database, self.outbox, self.tickets, self.sign_ins)
        self.second_step = SecondStep(database, self.seals, self.outbox)
        self.proving = Proving(self.attempts, self.people, self.tickets, self.second_step)
        self.passkeys = Passkeys(database, self.tickets, self.outbox)
        self.platforms = Platforms(database, self.seals)
        self.api_clients = ApiClients(database)
        self.oidc = Oidc(database, self.seals, self.people, self.registration, self.api_clients, grants.of)
        self.usage = Usage(database)
        self.audit = Audit(database)
        self._read: list[Action] = []
        self._seen_revision = 0
        self._swept_at: Moment = 0
        self._refreshing = threading.Lock()
        self.refresh()

    def note(self, action: Action) -> None:
        """Audit an action that changed nothing: written with the next refresh; looks into memory alone."""
        self._read.append(action)

    def refresh(self) -> None:
        """Take over what other processes have changed; write down who was active and who read what."""
        with self._refreshing:
            self._write_noted()
            self.sessions.write_activity()
            self.sign_ins.write_activity()
            self.grants.write_activity()
            self.api_clients.write_use()
            self.usage.write()
            self._sweep()
            with self.database.reading() as connection:
                revision = self.database.revision(connection)
            if revision != self._seen_revision:
                self.load()
                self._seen_revision = revision

    def _sweep(self) -> None:
        now = self.database.now()
        if now - self._swept_at >= SWEEP_MS:
            self._swept_at = now
            self.sessions.sweep()
            self.sign_ins.sweep()
            self.attempts.sweep()
            self.api_clients.sweep()
            self.oidc.sweep()
            self.tickets.sweep()
            self.outbox.sweep()

    def load(self) -> None:
        """Read again what is held in memory."""
        self.companies.load()
        self.sessions.load()
        self.sign_ins.load()
        self.grants.load()
        self.organizations.load()
        for tokens in (self.strategy_tokens, self.app_tokens, self.partner_tokens):
            tokens.load()
        self.platforms.load()
        self.api_clients.load()
        self.oidc.load()
        self.server_settings.load()

    async def keep_fresh(self) -> None:
        """Refresh for ever, every `REFRESH_SECONDS`, without holding up the event loop.

        While the database is away, whoever is signed in stays so; a new connection is tried each time.
        """
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await asyncio.to_thread(self.refresh)
            except SQLAlchemyError as problem:
                _log.warning("the control database cannot be read", problem=type(problem).__name__)

    def _write_noted(self) -> None:
        noted = self._read[:]
        self.audit.write(noted)
        del self._read[: len(noted)]

    def close(self) -> None:
        """Write what is not yet written, after a refresh that is under way."""
        with self._refreshing:
            self._write_noted()
            self.sessions.write_activity()
            self.sign_ins.write_activity()
            self.grants.write_activity()
            self.api_clients.write_use()
            self.usage.write()
            self.database.close()
