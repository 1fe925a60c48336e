"""Clients who are accounts of the CRM invest and publish as far as they are known."""

from prorata.crm.accounts import AccountWish, Verification
from prorata.crm.kyc.levels import LevelTerms, Right
from prorata.crm.store import Crm
from prorata.messages.copy_commands import BookWallet, OpenWallet
from prorata.messages.copy_events import WalletOpened
from prorata.messages.copy_terms import TransferType
from tests.crm.desk import Machines
from tests.rest.ramm.broker import PASSWORD
from tests.rest.ramm.copy_stage import Person, Stage


def person(stage: Stage, crm: Crm, email: str) -> Person:
    """Return an account of the CRM with a wallet, signed in as a client."""
    wish = AccountWish(email=email, first_name="Ann", last_name="Lee")
    account = crm.accounts.add(stage.company.id, wish, PASSWORD, by="test")
    client = stage.broker.control.clients.get(stage.company.id, account.id)
    assert client is not None
    opened = stage.do(OpenWallet(client.id, stage.company.id))[0]
    assert isinstance(opened, WalletOpened)
    stage.broker.control.clients.note_wallet(client.id, opened.wallet)
    stage.do(BookWallet(opened.wallet, TransferType.FUND, 1_000_000))
    return Person(client, opened.wallet, stage.broker.client(client))


def test_who_is_not_known_neither_invests_nor_publishes(stage: Stage) -> None:
    crm = Crm(stage.broker.control, Machines())
    crm.settings.begin(stage.company.id, "Main")
    trader = stage.client()
    strategy = stage.strategy(trader)["StrategyID"]
    offer = stage.public(trader, strategy)
    ann = person(stage, crm, "ann@levels.test")
    wanted = {"StrategyID": strategy, "OfferID": offer, "Money": 1_000}
    investment = ann.done("accounts.add", **wanted)["AccountID"]

    crm.levels.add(stage.company.id, LevelTerms(rank=1, name="Investor", rights=frozenset({Right.INVEST}), verifies=True))
    for method, body in (
        ("accounts.add", wanted),
        ("accounts.fund", {"AccountID": investment, "Amount": 10}),
        ("accounts.resume", {"AccountID": investment}),
        ("myStrategies.add", {"Name": "Not known", "Money": 1_000}),
    ):
        refused = ann.call(method, **body)
        assert (refused.status, refused.code) == (403, "access_denied"), method
    ann.done("accounts.pause", AccountID=investment)
    stage.invest(stage.client(), strategy, offer)  # who is no account of the CRM is not its business

    account = crm.accounts.find(stage.company.id, crm.accounts.by_email(stage.company.id, "ann@levels.test").uuid)
    crm.accounts.change(account, AccountWish(verification=Verification.VERIFIED), by="test")
    ann.done("accounts.resume", AccountID=investment)
    assert ann.call("myStrategies.add", Name="Known", Money=1_000).status == 403, "the level invests, and publishes nothing"
