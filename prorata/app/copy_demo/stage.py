"""Copy trading of the demo, put on stage: everything opened, everybody ready to act."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from prorata.app.copy_demo import company as office
from prorata.app.copy_demo.asking import Asking
from prorata.app.copy_demo.characters import CHARACTERS
from prorata.app.copy_demo.company import Enrolled, SignIns
from prorata.app.copy_demo.figures import CopyGauge
from prorata.app.copy_demo.investors import Investors
from prorata.app.copy_demo.opening import invest_first, open_sources, open_wallets, put_terms
from prorata.app.copy_demo.traders import Trader, Traders
from prorata.app.platform import TradePlatform
from prorata.control.store import Control
from prorata.messages.copy_terms import ManageType
from prorata.units.numbers import Minor

TRADER_DEPOSIT: Minor = 20_000_00
INVESTOR_SECONDS = 400
"""In the mean each investor wishes something once in so many seconds."""


class CopyStage:
    """What `open_stage` has opened."""

    def __init__(self, asking: Asking, traders: Traders, investors: Investors) -> None:
        self.gauge = CopyGauge(asking)
        self._traders = traders
        self._investors = investors

    def acts(self) -> list[Coroutine[Any, Any, None]]:
        """Return what runs for ever."""
        return [self._traders.run(), self._investors.run()]


async def open_stage(
    platform: TradePlatform, control: Control, *, investors: int, seed: int, speed: float
) -> tuple[CopyStage, SignIns]:  # fmt: skip
    """Open company, wallets, trading accounts, strategies and investments as far as they are missing."""
    writer = platform.writer
    enrolled = await asyncio.to_thread(office.enrol, control, platform.name, [one.name for one in CHARACTERS], investors)
    terms = enrolled.company
    await put_terms(writer, terms.id, terms.account_min_balance, terms.security_min_balance, speed)
    wallets = await _open_wallets(platform, control, enrolled, seed)
    await open_sources(writer, CHARACTERS)
    people = [Trader(one, place, enrolled.traders[place], seed) for place, one in enumerate(CHARACTERS)]
    asking = Asking(writer)
    traders = Traders(asking, people, partner=wallets[enrolled.partner], now=platform.clock.now)
    await traders.open()
    purses = [wallets[client] for client in enrolled.investors]
    await invest_first(writer, purses, traders.strategies(), seed)
    crowd = Investors(asking, purses, traders.strategies, seed=seed, rate=len(purses) / INVESTOR_SECONDS)
    by_token = next(place for place, one in enumerate(CHARACTERS) if one.manage == ManageType.TOKEN)
    strategy = traders.number_of(people[by_token])
    client = (*enrolled.investors, *enrolled.traders)[0]
    sign_ins = await asyncio.to_thread(office.renew_sign_ins, control, terms, client, strategy)
    return CopyStage(asking, traders, crowd), sign_ins


async def _open_wallets(platform: TradePlatform, control: Control, enrolled: Enrolled, seed: int) -> dict[int, int]:
    """Return client -> wallet of everybody: the partner, the traders, the investors."""
    chance = Random(f"{seed}/purses")
    clients = [enrolled.partner, *enrolled.traders, *enrolled.investors]
    deposits = [100_00, *(TRADER_DEPOSIT for _ in enrolled.traders)]
    deposits += [int(10 ** chance.uniform(5.0, 6.7)) for _ in enrolled.investors]
    wallets = await open_wallets(platform.writer, enrolled.company.id, clients, deposits)
    await asyncio.to_thread(office.note_wallets, control, enrolled.company, wallets)
    return wallets
