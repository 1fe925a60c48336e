"""What is sent to us about copy trading. Amounts are in the currency of the wallet or strategy, volumes in lots, signed."""

from typing import Annotated

from msgspec import Meta

from prorata.messages.copy_terms import FACTOR_ONE
from prorata.rest.own.settings_bodies import Currency, Percent
from prorata.units.numbers import LOGIN_MAX
from prorata.views.bodies import NO_CONTROLS, TEXT_MAX, Amount, Body, DecimalText, LoginNumber, MomentText, SymbolName, Text
from prorata.views.names import AccountingName, BookedTransferName, FeeBasisName, FeeFlowsName, FeeRestartName, ManageName

HELD_MAX = 1_000
TAGS_MAX = 1_000

ClientNumber = Annotated[int, Meta(ge=1, le=LOGIN_MAX, examples=[11], description="number of the client")]
CompanyNumber = Annotated[int, Meta(ge=1, le=LOGIN_MAX, examples=[1], description="number of the company")]
WalletNumber = Annotated[int, Meta(ge=1, le=LOGIN_MAX, examples=[7])]
StrategyNumber = Annotated[int, Meta(ge=1, le=LOGIN_MAX, examples=[3])]
OfferNumber = Annotated[int, Meta(ge=1, le=LOGIN_MAX, examples=[4])]
StreamNumber = Annotated[int, Meta(ge=1, le=(1 << 31) - 1, examples=[1])]
ExternalId = Annotated[str, Meta(max_length=TEXT_MAX, pattern=NO_CONTROLS, examples=["bank-20300131-1"])]
StrategyName = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS, examples=["Steady Euro"])]
Link = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS, examples=["steady20"])]
SignedLots = Annotated[DecimalText, Meta(examples=["-0.50"], description="a signed volume in lots; sold below 0")]
Factor = Annotated[
    DecimalText, Meta(examples=["1.50"], description="how many times the strategy; below 0 copies the other way round")
]
FACTOR_ONE_TEXT = f"{FACTOR_ONE // 100}.00"


class NewWallet(Body, frozen=True, kw_only=True):
    """A client's wallet. A client has one of a currency: asked again, the same one is the answer.

    `external`: it mirrors an account elsewhere.
    """

    client: ClientNumber
    company: CompanyNumber
    currency: Currency = "USD"
    test: bool = False
    external: bool = False


class NewTransfer(Body, frozen=True, kw_only=True):
    """Money into or out of a wallet. `amount` above 0. The same `external_id` is booked once on a wallet."""

    type: BookedTransferName
    amount: Amount
    external_id: ExternalId = ""
    comment: Text = ""
    internal_comment: Text = ""


class NewReservation(Body, frozen=True, kw_only=True):
    """Money that is to be paid out: out of the wallet's reach until it is known whether it was."""

    amount: Amount
    external_id: ExternalId = ""
    comment: Text = ""


class NewStrategy(Body, frozen=True, kw_only=True):
    """A strategy with the trader's own investment of `money`, taken from `wallet`.

    `manage`: where its signals come from; "account" copies the trading account `source_login`. `tags`: execution
    instructions as JSON, such as {"postfix": ".m"}.
    """

    wallet: WalletNumber
    name: StrategyName
    money: Amount
    accounting: AccountingName = "netting"
    manage: ManageName = "token"
    protection_percent: Percent = "0"
    target_percent: Percent = "0"
    source_login: LoginNumber | None = None
    external_server: Text = ""
    external_account: Text = ""
    tags: Annotated[str, Meta(max_length=TAGS_MAX, pattern=NO_CONTROLS, examples=['{"postfix": ".m"}'])] = ""


class StrategyChange(Body, frozen=True, kw_only=True):
    name: StrategyName


class NewOffer(Body, frozen=True, kw_only=True):
    """Terms on which others may invest; they cannot be changed later. `link`: the private code, unique.

    `fee_percent`: of the result of an interval. `commission_per_million`: on the turnover, at opening and closing.
    `partner_wallet` gets `partner_percent` of both; `broker_percent` is the house's part of the fee.
    """

    fee_percent: Percent = "0"
    commission_per_million: Amount = "0"
    link: Link
    partner_wallet: WalletNumber | None = None
    partner_percent: Percent = "0"
    broker_percent: Percent = "0"
    basis: FeeBasisName = "equity"
    flows: FeeFlowsName = "neutral"
    restart: FeeRestartName = "reset"
    description: Text = ""


class PublicOffer(Body, frozen=True, kw_only=True):
    """The offer that everybody sees; null: none."""

    offer: OfferNumber | None


class OfferEnd(Body, frozen=True, kw_only=True):
    """`close_investments` false: no new investments. true: those that it has are closed, too."""

    close_investments: bool = False


class NewInvestment(Body, frozen=True, kw_only=True):
    """`protection_percent`: what must not be lost of the money; `target_percent`: the yield at which it stops; 0: none."""

    wallet: WalletNumber
    offer: OfferNumber
    money: Amount
    factor: Factor = FACTOR_ONE_TEXT
    protection_percent: Percent = "0"
    target_percent: Percent = "0"


class MoneyMove(Body, frozen=True, kw_only=True):
    amount: Amount


class ProfileChange(Body, frozen=True, kw_only=True):
    """What is left out or null stays as it is. Both limits become shares of the present equity."""

    factor: Factor | None = None
    protection_percent: Percent | None = None
    target_percent: Percent | None = None


class RouteChange(Body, frozen=True, kw_only=True):
    """For what is dealt from now on; what is left out or null stays as it is."""

    a_book_percent: Annotated[int, Meta(ge=0, le=100, examples=[50])] | None = None
    stream: StreamNumber | None = None


class NewSignal(Body, frozen=True, kw_only=True):
    """What the source holds in one symbol after a change: its net lot, "0" closes.

    In a hedging strategy it is that of the position `ticket`. `equity`: the source's, in the strategy's currency. A signal
    with a `sent_at` older than what is known is refused.
    """

    strategy: StrategyNumber
    symbol: SymbolName
    lot: SignedLots
    equity: Amount
    ticket: Text = ""
    comment: Text = ""
    sent_at: MomentText | None = None


class HeldLine(Body, frozen=True, kw_only=True):
    symbol: SymbolName
    lot: SignedLots
    ticket: Text = ""


class NewSync(Body, frozen=True, kw_only=True):
    """All that the source holds. `soft`: only investments that wait for it are brought in line; else all."""

    strategy: StrategyNumber
    equity: Amount
    held: Annotated[tuple[HeldLine, ...], Meta(max_length=HELD_MAX)] = ()
    soft: bool = False
    ticket: Text = ""
    comment: Text = ""
    sent_at: MomentText | None = None
