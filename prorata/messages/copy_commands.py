"""What may be asked of copy trading. One frozen class for each command.

Wallets, strategies, offers and investments are named by number only: whether the caller may use it is settled
before, in `prorata.access`. Money in minor units, volumes in steps of 10^-8 lot, rates in parts in a million.
"""

import msgspec

from prorata.messages.copy_terms import (
    Accounting,
    CopySpec,
    FeeBasis,
    FeeFlows,
    FeeRestart,
    ManageType,
    OfferStatus,
    StreamSpec,
    TransferType,
)
from prorata.messages.message import Message
from prorata.units.numbers import Login, Minor, Moment, Volume


class PutCopySpec(Message, frozen=True, tag="put-copy-spec"):
    spec: CopySpec


class PutStream(Message, frozen=True, tag="put-stream"):
    spec: StreamSpec


# Wallets.


class OpenWallet(Message, frozen=True, tag="open-wallet"):
    """Open a client's wallet. One client has one wallet of a currency: asked again, the same one is the answer.

    `external`: it mirrors an account elsewhere; what its investments are charged is polled and taken there.
    """

    client: int
    company: int
    currency: str = "USD"
    test: bool = False
    external: bool = False


class BookWallet(Message, frozen=True, tag="book-wallet"):
    """Book money into or out of a wallet. `amount` above 0; `type` one of the first four.

    The same `external_id` on the same wallet is booked once, as in `BookBalance`; `fee` as there, not of a bonus.
    """

    wallet: int
    type: TransferType
    amount: Minor
    external_id: str = ""
    comment: str = ""
    internal_comment: str = ""
    fee: Minor = 0


class ReserveWithdrawal(Message, frozen=True, tag="reserve-withdrawal"):
    """Take money out of a wallet's reach until it is known whether it was paid out."""

    wallet: int
    amount: Minor
    external_id: str = ""
    comment: str = ""


class EndReservation(Message, frozen=True, tag="end-reservation"):
    """`paid`: the money has left; else it returns to the wallet."""

    reservation: int
    paid: bool


# Strategies and offers.


class OpenStrategy(Message, frozen=True, tag="open-strategy"):
    """Open a strategy together with the trader's own investment of `money`, taken from `wallet`."""

    wallet: int
    name: str
    money: Minor
    accounting: Accounting = Accounting.NETTING
    manage: ManageType = ManageType.TOKEN
    protection_ppm: int = 0
    target_ppm: int = 0
    source_login: Login = 0
    """the trading account of this platform that is copied, with `ManageType.ACCOUNT`"""
    external_server: str = ""
    external_account: str = ""
    tags: str = ""
    """execution instructions as JSON, such as {"postfix": ".m"}"""
    stream: int = 0
    """where the trader's own investment deals; 0 is the company's stream for traders"""
    a_book_percent: int | None = None
    """of the trader's own investment; None is the company's share"""


class RenameStrategy(Message, frozen=True, tag="rename-strategy"):
    strategy: int
    name: str


class PauseStrategy(Message, frozen=True, tag="pause-strategy"):
    """Stop copying and close all positions of all investors."""

    strategy: int


class ResumeStrategy(Message, frozen=True, tag="resume-strategy"):
    """Copy again; the source is asked for a synchronisation."""

    strategy: int


class DisableStrategy(Message, frozen=True, tag="disable-strategy"):
    """The company stops a strategy (positions are closed), or lets it go on."""

    strategy: int
    disabled: bool


class CloseStrategy(Message, frozen=True, tag="close-strategy"):
    """End a strategy for good: all investments are closed, fees are settled, the trader's own comes last."""

    strategy: int


class AddOffer(Message, frozen=True, tag="add-offer"):
    """Add terms on which others may invest; they cannot be changed later. `link` is the private code, unique.

    `commission_per_million`: minor units of turnover commission for each million of turnover, at opening and closing.
    `partner_wallet`: who gets `partner_ppm` of fee and commission; 0 is nobody. `broker_ppm`: the house's part of the fee.
    """

    strategy: int
    fee_ppm: int
    commission_per_million: Minor
    link: str
    partner_wallet: int = 0
    partner_ppm: int = 0
    broker_ppm: int = 0
    basis: FeeBasis = FeeBasis.EQUITY
    flows: FeeFlows = FeeFlows.NEUTRAL
    restart: FeeRestart = FeeRestart.RESET
    description: str = ""


class SetPublicOffer(Message, frozen=True, tag="set-public-offer"):
    """Choose the offer that everybody sees; 0: none."""

    strategy: int
    offer: int


class EndOffer(Message, frozen=True, tag="end-offer"):
    """`ENDED`: no new investments. `CLOSED`: all its investments are closed, too."""

    offer: int
    status: OfferStatus


# Investments.


class Invest(Message, frozen=True, tag="invest"):
    """Put `money` of a wallet into a strategy, on the terms of `offer`."""

    wallet: int
    offer: int
    money: Minor
    factor: int = 100
    """hundredths"""
    protection_ppm: int = 0
    """share of the base that must not be lost; 0 is none"""
    target_ppm: int = 0
    """wanted yield; 0 is none"""


class FundInvestment(Message, frozen=True, tag="fund-investment"):
    """Add money; open positions grow in proportion."""

    investment: int
    amount: Minor


class WithdrawInvestment(Message, frozen=True, tag="withdraw-investment"):
    """Take money out; only while paused, and no more than leaves the least balance."""

    investment: int
    amount: Minor


class PauseInvestment(Message, frozen=True, tag="pause-investment"):
    investment: int


class ResumeInvestment(Message, frozen=True, tag="resume-investment"):
    investment: int


class CloseInvestment(Message, frozen=True, tag="close-investment"):
    investment: int


class SetProfile(Message, frozen=True, tag="set-profile"):
    """Change factor, protection or target; None leaves as it is. The base of both limits becomes the present equity."""

    investment: int
    factor: int | None = None
    protection_ppm: int | None = None
    target_ppm: int | None = None


class SetRoute(Message, frozen=True, tag="set-route"):
    """Change the A-book share or the stream of an investment, for what it deals from now on; None leaves as it is.

    What the old stream holds for it is given back there, by a transfer between the two hedge accounts.
    """

    investment: int
    a_book_percent: int | None = None
    stream: int | None = None


# Signals.


class SendSignal(Message, frozen=True, tag="signal"):
    """What the source holds in one symbol after a change. `lot` is signed; 0 closes.

    In a hedging strategy it is that of the position `ticket`. `equity`: the source's, in the strategy's currency.
    `sent_at`: when the source sent it, 0 if it does not say; one older than what is known is refused.
    """

    strategy: int
    symbol: str
    lot: Volume
    equity: Minor
    ticket: str = ""
    comment: str = ""
    sent_at: Moment = 0


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One line of a synchronisation."""

    symbol: str
    lot: Volume
    equity: Minor = 0
    ticket: str = ""


class SendSync(Message, frozen=True, tag="sync"):
    """All that the source holds. `soft`: only investments that wait for it are brought in line; else all.

    `equity` may be 0 if nothing is held.
    """

    strategy: int
    soft: bool
    equity: Minor
    held: tuple[Held, ...]
    ticket: str = ""
    comment: str = ""
    sent_at: Moment = 0


CopyCommand = (
    PutCopySpec | PutStream | OpenWallet | BookWallet | ReserveWithdrawal | EndReservation
    | OpenStrategy | RenameStrategy | PauseStrategy | ResumeStrategy | DisableStrategy | CloseStrategy
    | AddOffer | SetPublicOffer | EndOffer
    | Invest | FundInvestment | WithdrawInvestment | PauseInvestment | ResumeInvestment | CloseInvestment
    | SetProfile | SetRoute | SendSignal | SendSync
)  # fmt: skip
