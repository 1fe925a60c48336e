"""What the CRM reaches outside of it: the trade platforms of this process that take calls now, and addresses."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx2

from prorata.control.companies import Companies
from prorata.control.platforms.registry import Platforms
from prorata.copying.desk import CopyDesk
from prorata.crm.crossing import NotSent, Rate, Unanswered
from prorata.crm.partners.market import Market
from prorata.crm.sandbox import Post
from prorata.messages.commands import Command
from prorata.messages.copy_commands import OpenWallet
from prorata.messages.events import Event
from prorata.messages.symbols import SymbolSpec
from prorata.projections.candles import Period, span_of
from prorata.rest.own.session import Platform
from prorata.rest.ramm.company_terms import put_terms
from prorata.rest.ramm.errors import Failure
from prorata.server.ports import JournalFull
from prorata.server.writer import Overloaded, WriterStopped
from prorata.trading.equity import equities_of
from prorata.units.numbers import Login, Minor, Moment, Points

CALLER = "crm"
POST_SECONDS = 10


class RunningEngines:
    """`reached`: the platforms of this process by their engine's name; `companies`: whose clients' wallets are opened."""

    def __init__(self, platforms: Platforms, reached: Mapping[str, Platform], companies: Companies) -> None:
        self._platforms = platforms
        self._reached = reached
        self._companies = companies

    def platform(self, platform_uuid: str) -> Platform | None:
        """Return a platform that takes calls now."""
        record = self._platforms.by_uuid.get(platform_uuid)
        return None if record is None or record.archived_at or not record.is_hosted else self._reached.get(record.engine)

    book = platform
    """what statements read"""

    def holds(self, platform_uuid: str, login: Login) -> bool | None:
        """As `Books`."""
        platform = self.platform(platform_uuid)
        if platform is None:
            return None
        kept = platform.desk.state.accounts.get(login)
        return kept is not None and bool(kept.balance or kept.credit or kept.swap or kept.positions or kept.orders)

    def copies(self, engine: str, client_id: int) -> bool | None:
        """As `Books`."""
        platform = self._reached.get(engine)
        return None if platform is None else _has_copying(platform.engine.copy, client_id)

    def market(self, platform_uuid: str) -> Market | None:
        platform = self.platform(platform_uuid)
        return None if platform is None else PlatformMarket(platform)

    def reaches(self, platform_uuid: str) -> bool:
        return self.platform(platform_uuid) is not None

    async def submit(self, platform_uuid: str, command: Command, key: str) -> Sequence[Event]:
        platform = self.platform(platform_uuid)
        if platform is None:
            raise NotSent
        try:
            if isinstance(command, OpenWallet):
                await self._put_terms(platform, command.company)
            answer = await platform.writer.submit(command, caller=CALLER, key=key)
        except WriterStopped as failure:
            raise (Unanswered if failure.unknown else NotSent) from None
        except (Overloaded, JournalFull):
            raise NotSent from None
        return answer.events

    async def _put_terms(self, platform: Platform, company_id: int) -> None:
        """Let a company copy where its first wallet is opened. Raises as `submit` does."""
        if self._companies.get(company_id) is None:
            await asyncio.to_thread(self._companies.load)  # Its organization has begun with the CRM a moment ago.
        company = self._companies.get(company_id)
        if company is None:
            raise NotSent
        try:
            await put_terms(platform, company)
        except Failure:
            raise NotSent from None

    def equities(self, platform_uuid: str, logins: Collection[Login]) -> Mapping[Login, Minor]:
        platform = self.platform(platform_uuid)
        if platform is None:
            raise NotSent
        return equities_of(platform.desk, logins)

    def rate(self, platform_uuid: str, source: str, target: str) -> Rate | None:
        platform = self.platform(platform_uuid)
        return None if platform is None else rate_in(platform.writer.engine.copy, source, target)


def rate_in(copy: CopyDesk, source: str, target: str) -> Rate | None:
    """Return what a unit of a currency is worth in another, at the side that gives its owner less."""
    route = copy.route(source, target)
    return Rate(*route.fraction(1)) if route is not None and route.has_quotes() else None


class PlatformMarket:
    """A platform's market as `prorata.crm.partners` asks for it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @property
    def symbols(self) -> Mapping[str, SymbolSpec]:
        return self._platform.desk.state.symbols

    def markup_of(self, login: Login, symbol: str) -> tuple[Points, Points]:
        desk = self._platform.desk
        terms = desk.terms_of(desk.state.accounts[login], symbol)
        return terms.markup_bid, terms.markup_ask

    def bid_before(self, symbol: str, moment: Moment) -> Points:
        quotes = self._platform.quotes
        # The longer a period, the longer it is kept.
        for period in (Period.M1, Period.H1, Period.D1):
            before = quotes.candles(symbol, period, until=span_of(period, moment)[0], limit=1, last=True)
            if before:
                return before[0].close
        first = quotes.candles(symbol, Period.M1, limit=1)
        return first[0].open if first else 0


def _has_copying(copy: CopyDesk, client_id: int) -> bool:
    # Copies, for the platform goes on while they are looked through.
    wallets = [wallet for wallet in list(copy.state.wallets.values()) if wallet.client == client_id]
    if any(wallet.balance or wallet.reserved for wallet in wallets):
        return True
    return any(client == client_id for client, _ in list(copy.investors))


@asynccontextmanager
async def posting() -> AsyncIterator[Post]:
    """Give what calls addresses by HTTP."""
    async with httpx2.AsyncClient(timeout=POST_SECONDS) as client:

        async def post(address: str, headers: Mapping[str, str], body: bytes) -> int:
            try:
                return (await client.post(address, headers=dict(headers), content=body)).status_code
            except httpx2.HTTPError:
                return 0

        yield post
