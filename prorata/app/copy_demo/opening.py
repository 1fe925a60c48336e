"""Opens what the copy trading of the demo begins with; what is there already is left as it is.

A demo may be killed at any moment of it: each step looks at the state, and what moves money has an external id or a key.
"""

import asyncio
from collections.abc import Iterable, Sequence
from random import Random

from prorata.app.copy_demo.characters import Character
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.commands import BalanceKind, BookBalance, Command, OpenAccount
from prorata.messages.copy_commands import (
    AddOffer,
    BookWallet,
    Invest,
    OpenStrategy,
    OpenWallet,
    PutCopySpec,
    PutStream,
    SetPublicOffer,
)
from prorata.messages.copy_terms import CopySpec, ManageType, StreamSpec, TransferType
from prorata.messages.events import Refused
from prorata.messages.groups import Commission, CommissionType
from prorata.server.writer import Answer, Writer
from prorata.units.numbers import DAY_MS, Login, Minor

CALLER = "demo"
CURRENCY = "USD"
FIRST_SOURCE: Login = 9001
OWN_MONEY: Minor = 10_000_00
NEW_MONEY: Minor = 20_000_00
SOURCE_DEPOSIT: Minor = 50_000_00
FIRST_DEPOSIT = "first-deposit"
WEDNESDAY = 3
LIFE_MS, RETRY_MS = 60_000, 1_000
LIFE_MAX_MS = 7 * DAY_MS


def login_of(place: int) -> Login:
    """Return the trading account that the character in this place trades on."""
    return FIRST_SOURCE + place


def strategy_named(copy: CopyDesk, name: str) -> Strategy | None:
    return next((strategy for strategy in copy.state.strategies.values() if strategy.name == name), None)


async def put_terms(writer: Writer, company: int, investor_min: Minor, trader_min: Minor, speed: float) -> None:
    """Put the company's account specification and its stream, if they are not so already.

    The stream's times are those of a venue in real time, however fast the market's clock runs. Fees fall due when
    Wednesday begins.
    """
    life_ms = min(max(LIFE_MS, int(LIFE_MS * speed)), LIFE_MAX_MS)
    retry_ms = min(max(RETRY_MS, int(RETRY_MS * speed)), DAY_MS)
    stream = StreamSpec(id=1, name="Hedge", life_ms=life_ms, retry_ms=retry_ms, liquidity_per_million=5_00)
    spec = CopySpec(
        company=company, currency=CURRENCY, investor_min=investor_min, trader_min=trader_min, settle_weekday=WEDNESDAY,
        commission=Commission(CommissionType.PER_LOT, 250),
    )  # fmt: skip
    state = writer.engine.copy.state
    if state.streams.get(stream.id) != stream:
        await done(writer, PutStream(stream))
    if state.specs.get(f"{company}/{CURRENCY}") != spec:
        await done(writer, PutCopySpec(spec))


async def open_wallets(writer: Writer, company: int, clients: Sequence[int], deposits: Sequence[Minor]) -> dict[int, int]:
    """Open a wallet for each client, with a first deposit each. Returns client -> wallet."""
    copy = writer.engine.copy
    missing = [client for client in clients if (client, CURRENCY) not in copy.wallet_of]
    await all_done(writer, (OpenWallet(client, company, CURRENCY) for client in missing))
    wallets = {client: copy.wallet_of[client, CURRENCY] for client in clients}
    unfunded = [
        BookWallet(wallets[client], TransferType.FUND, deposit, FIRST_DEPOSIT, "wire transfer")
        for client, deposit in zip(clients, deposits, strict=True)
        if f"{wallets[client]}/{FIRST_DEPOSIT}" not in copy.state.booked
    ]
    await all_done(writer, unfunded)
    return wallets


async def open_sources(writer: Writer, characters: Sequence[Character]) -> None:
    """Open the trading accounts of the traders, with a first deposit each."""
    state = writer.engine.desk.state
    own = [(place, one) for place, one in enumerate(characters) if one.manage == ManageType.ACCOUNT]
    missing = [
        OpenAccount(one.group, login_of(place), demo=True) for place, one in own if login_of(place) not in state.accounts
    ]
    await all_done(writer, missing)
    unfunded = [
        BookBalance(login_of(place), BalanceKind.DEPOSIT, SOURCE_DEPOSIT, FIRST_DEPOSIT, "wire transfer")
        for place, _ in own
        if f"{login_of(place)}/{FIRST_DEPOSIT}" not in state.booked
    ]
    await all_done(writer, unfunded)


async def open_strategy(
    writer: Writer, character: Character, name: str, client: int, source: Login, partner: int
) -> Strategy:  # fmt: skip
    """Open a strategy with its offer, for everybody to see. `partner`: whose wallet gets the partner's part."""
    copy = writer.engine.copy
    wallet = copy.wallet_of[client, CURRENCY]
    if strategy_named(copy, name) is None:
        if copy.state.wallets[wallet].balance < OWN_MONEY:
            await done(writer, BookWallet(wallet, TransferType.FUND, NEW_MONEY, name, "wire transfer"))
        source_login = source if character.manage == ManageType.ACCOUNT else 0
        opening = OpenStrategy(
            wallet, name, OWN_MONEY, accounting=character.accounting, manage=character.manage, source_login=source_login
        )
        await done(writer, opening)
    strategy = strategy_named(copy, name)
    assert strategy is not None
    if len(strategy.offers) < 2:  # The first one is the trader's own.
        terms = AddOffer(
            strategy.number, character.fee_ppm, character.commission_per_million, f"demo{strategy.number}",
            partner_wallet=partner if character.partner_ppm else 0, partner_ppm=character.partner_ppm, broker_ppm=100_000,
            description=character.about,
        )  # fmt: skip
        await done(writer, terms)
    if not strategy.public_offer:
        await done(writer, SetPublicOffer(strategy.number, strategy.offers[-1]))
    return strategy


async def invest_first(
    writer: Writer, wallets: Iterable[int], strategies: Sequence[tuple[Character, Strategy]], seed: int
) -> None:
    """Let everybody invest whose first deposit lies untouched."""
    copy = writer.engine.copy
    idle = [wallet for wallet in wallets if wallet not in copy.investments_of]
    chosen = [investment_of(copy, wallet, strategies, Random(f"{seed}/first/{wallet}")) for wallet in idle]
    await all_done(writer, (command for command in chosen if command is not None))


def investment_of(
    copy: CopyDesk, wallet: int, strategies: Sequence[tuple[Character, Strategy]], chance: Random
) -> Invest | None:  # fmt: skip
    """Return an investment as its owner would choose it: in what is popular, with a factor and limits of all kinds."""
    open_ = [(character, strategy) for character, strategy in strategies if strategy.public_offer]
    purse = copy.state.wallets[wallet].balance
    if not open_ or purse < 500_00:
        return None
    character, strategy = chance.choices(open_, weights=[character.popularity for character, _ in open_])[0]
    factor = chance.choice((50, 100, 100, 100, 150, 200, 300))
    return Invest(
        wallet, strategy.public_offer, purse * chance.randrange(50, 95) // 100 // 100 * 100,
        factor=-factor if character.contrary else factor,
        protection_ppm=chance.choice((0, 0, 500_000, 700_000, 800_000, 900_000)),
        target_ppm=chance.choice((0, 0, 0, 100_000, 300_000, 1_000_000)),
    )  # fmt: skip


# Asking.


async def done(writer: Writer, command: Command) -> Answer:
    """Have a command done that cannot be refused."""
    answer = await writer.submit(command, caller=CALLER)
    assert not (answer.events and isinstance(answer.events[0], Refused)), (command, answer.events[0])
    return answer


async def all_done(writer: Writer, commands: Iterable[Command]) -> None:
    await asyncio.gather(*(done(writer, command) for command in commands))
