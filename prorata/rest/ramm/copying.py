"""What the methods over people need of the engine that copies: wallets and figures. One call each.

The answer of `open_wallet` is durable, and the same when it is asked again for the same client.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import msgspec

from prorata.control.clients import Client
from prorata.control.companies import Company

ZERO = Decimal(0)


class OpenedWallet(msgspec.Struct, frozen=True):
    """`asset_id`: as in `assets.get`."""

    id: int
    asset_id: int
    asset_name: str


class ClientWallet(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet as its client is shown it when he signs in."""

    ID: int
    IDClient: int
    DT: str
    Asset: str
    Status: int
    Balance: Decimal
    Invested: Decimal
    Margin: Decimal
    IntervalPnL: Decimal
    ActiveStrategiesCount: int


class ClientFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What a client has, for lists. `Status`: where the money came from, 0 to 4."""

    Status: int = 0
    ActiveAccountsCount: int = 0
    ActiveAccountsTotalBalance: Decimal = ZERO
    ActiveAccountsTotalEquity: Decimal = ZERO
    ActiveAccountsTotalPositionsCount: int = 0
    ClosedAccountsCount: int = 0
    ActiveStrategiesCount: int = 0
    ClosedStrategiesCount: int = 0
    WalletsTotalBalance: Decimal = ZERO
    TotalFunds: Decimal = ZERO


class ClientStatistic(msgspec.Struct, frozen=True, kw_only=True):
    """What a client has done, for his card; accounts of type 1 are left out."""

    GrossBalance: Decimal = ZERO
    NetBalance: Decimal = ZERO
    Equity: Decimal = ZERO
    NetEquity: Decimal = ZERO
    ActiveAccounts: int = 0
    ClosedAccounts: int = 0
    ActiveStrategies: int = 0
    ClosedStrategies: int = 0
    ClientFundsTotalIn: Decimal = ZERO
    ClientFundsTotalOut: Decimal = ZERO
    ClientFundsDelta: Decimal = ZERO
    ClientBonusDelta: Decimal = ZERO
    GrossProfit: Decimal = ZERO
    NetProfit: Decimal = ZERO
    GrossSwap: Decimal = ZERO
    CommissionBroker: Decimal = ZERO
    CommissionTrader: Decimal = ZERO
    FeeCharged: Decimal = ZERO
    FeeReceived: Decimal = ZERO
    CommissionReceived: Decimal = ZERO
    Volume: Decimal = ZERO
    NetFloatingProfit: Decimal = ZERO


class Stream(msgspec.Struct, frozen=True):
    StreamID: int
    Name: str


class Copying(Protocol):
    async def open_wallet(self, company: Company, client: Client, caller: str) -> OpenedWallet:
        """Open the client's wallet. Raises `Failure` if the platform refuses: then there is none."""

    async def wallets(self, company: Company, client: Client) -> Sequence[ClientWallet]: ...

    async def figures(self, company: Company, clients: Sequence[Client]) -> Mapping[int, ClientFigures]:
        """Return the figures of each client by id; whoever is missing has none."""

    async def statistic(self, company: Company, client: Client) -> ClientStatistic: ...

    async def streams(self, company: Company) -> Sequence[Stream]: ...
