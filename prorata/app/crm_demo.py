"""The demo's CRM: a branch with offers and gateways, clients with trading accounts, and payments on their ways.

Started again on the same directory, what is there stays; passwords are new each time, as all of the demo's are.
"""

import asyncio
from contextlib import suppress

import msgspec

from prorata.app.groups import ECN, RETAIL, SWAP_FREE
from prorata.app.people_demo import OWNER, Owner
from prorata.control.organizations.declined import Declined
from prorata.control.passwords import invented
from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.crossing import Unanswered
from prorata.crm.gateways import SANDBOX, Gateway, NewGateway
from prorata.crm.providers import ProviderAway
from prorata.crm.settings import NewOffer, Offer
from prorata.crm.store import Crm
from prorata.crm.trading import TradingAccount
from prorata.crm.transfers import Place, rate_for

BY = "demo"
MARKUP_PPM = 5_000
"""what the house keeps of money that is converted"""
CLIENTS = (("jane@demo.test", "Jane", "Doe"), ("omar@demo.test", "Omar", "Haddad"), ("mia@demo.test", "Mia", "Lind"))
"""The first one has payments of every kind, the second a deposit that waits, the third is a lead."""


class Desk(msgspec.Struct, frozen=True):
    """What is told of the CRM: a client and what he signs in with."""

    email: str
    password: str


async def open_crm(crm: Crm, owner: Owner) -> Desk:
    """Make what is missing of the demo's CRM, in the organization of its owner."""
    person = crm.control.people.find(OWNER)
    assert person is not None, "the demo's owner is made first"
    organization_id = crm.control.platforms.by_uuid[owner.platform].organization_id
    if not await asyncio.to_thread(crm.settings.branches, organization_id):
        await _Opening(crm, organization_id, owner.platform, person.uuid).open()
    email, password = CLIENTS[0][0], invented()
    client = await asyncio.to_thread(crm.accounts.by_email, organization_id, email)
    await asyncio.to_thread(crm.accounts.set_password, client, password)
    return Desk(email, password)


class _Opening:
    """The first start. `person`: the uuid of who agrees."""

    def __init__(self, crm: Crm, organization_id: int, platform_uuid: str, person: str) -> None:
        self._person = person
        self._crm = crm
        self._organization_id = organization_id
        self._platform_uuid = platform_uuid

    async def open(self) -> None:
        branch = await asyncio.to_thread(self._crm.settings.begin, self._organization_id, "Main")
        self._branch_id = branch.id
        standard, swap_free = await self._offer("Standard", RETAIL), await self._offer("Swap-free", SWAP_FREE, "EUR")
        await self._offer("ECN", ECN)
        training = await self._offer("Training", RETAIL, demo=True, initial_deposit=1_000_000)
        await asyncio.to_thread(self._crm.transfers.set_markup, self._organization_id, MARKUP_PPM)
        terms = NewGateway(
            name="Bank transfer", currency="USD", deposit_approvals=1, withdrawal_approvals=2, withdrawal_fee_ppm=10_000,
            deposit_min=1_000,
        )  # fmt: skip
        bank = await self._gateway(terms)
        card = await self._gateway(NewGateway(name="Card (sandbox)", currency="USD", method="CARD", provider=SANDBOX))
        jane, omar, _ = [await self._client(*one) for one in CLIENTS]
        dollars, euros = await self._account(jane, standard), await self._account(jane, swap_free)
        await self._pay_in(jane, dollars, bank, 500_000, agreed=True)
        await self._pay_in(jane, dollars, bank, 75_000)
        await self._take_out(jane, dollars, bank, 20_000)
        await self._take_out(jane, dollars, bank, 10_000, rejected=True)
        await self._move(jane, Place.of(dollars, standard), Place.of(euros, swap_free), 100_000)
        await self._move(jane, Place.of(dollars, standard), await asyncio.to_thread(self._wallet), 50_000)
        await self._by_card(jane, await self._account(jane, training), card)
        await self._pay_in(omar, await self._account(omar, standard), bank, 120_000)

    async def _offer(self, name: str, group: str, currency: str = "USD", **more: object) -> Offer:
        new = NewOffer(
            branch_id=self._branch_id, platform_uuid=self._platform_uuid, group_name=group, name=name, currency=currency,
            leverage=100, **more,  # type: ignore[arg-type]
        )  # fmt: skip
        return await asyncio.to_thread(self._crm.settings.add_offer, self._organization_id, new)

    async def _gateway(self, new: NewGateway) -> Gateway:
        return await asyncio.to_thread(self._crm.gateways.add, self._organization_id, new, [self._branch_id])

    async def _client(self, email: str, first_name: str, last_name: str) -> CrmAccount:
        wish = AccountWish(email=email, first_name=first_name, last_name=last_name)
        return await asyncio.to_thread(self._crm.accounts.add, self._organization_id, wish, invented(), by=BY)

    async def _account(self, client: CrmAccount, offer: Offer) -> TradingAccount:
        opened = await asyncio.to_thread(self._crm.trading.open, client, offer, by=BY)
        await self._carry(opened.subject)
        return await asyncio.to_thread(self._crm.trading.get, opened.id)

    async def _pay_in(
        self, client: CrmAccount, account: TradingAccount, gateway: Gateway, amount: int, *, agreed: bool = False
    ) -> None:
        payments = self._crm.payments
        payment = await asyncio.to_thread(payments.deposit, client, account, gateway, amount, by=BY)
        if agreed:
            await asyncio.to_thread(payments.decide, payment, agree=True, decided_by=self._person)
            await self._carry(payment.subject)

    async def _take_out(
        self, client: CrmAccount, account: TradingAccount, gateway: Gateway, amount: int, *, rejected: bool = False
    ) -> None:
        payments = self._crm.payments
        payment = await asyncio.to_thread(payments.withdraw, client, account, gateway, amount, by=BY)
        await self._carry(payment.subject)
        if rejected:
            await asyncio.to_thread(
                payments.decide, payment, agree=False, reason="no proof of address", decided_by=self._person
            )
            await self._carry(payment.subject)

    async def _move(self, client: CrmAccount, source: Place, target: Place, amount: int) -> None:
        with suppress(Declined):  # the market may have no rate yet
            rate = rate_for(self._crm.engines, source, target)
            asked = await asyncio.to_thread(self._crm.transfers.ask, client, source, target, amount, rate, by=BY)
            await self._carry(asked.subject)

    async def _by_card(self, client: CrmAccount, account: TradingAccount, card: Gateway) -> None:
        """One that comes through, one that does not, one that is charged back: the sandbox calls back a second later."""
        for amount in (25_000, 5_013, 4_077):
            payment = await asyncio.to_thread(self._crm.payments.deposit, client, account, card, amount, by=BY)
            with suppress(ProviderAway):
                await self._crm.cashier.begin(payment)

    async def _carry(self, subject: str) -> None:
        with suppress(Unanswered):
            await self._crm.carrier.carry(subject)

    def _wallet(self) -> Place:
        return self._crm.transfers.wallet_of(self._organization_id)


def crm_introduction(address: str, owner: Owner, desk: Desk) -> str:
    """`owner`: whose program's secret is the key of the Broker-API, too."""
    content = "-H 'Content-Type: application/json'"
    return f"""\
CRM: a branch with four offers, a bank and a sandbox gateway, three clients, payments and transfers in several statuses

  client      {desk.email}  {desk.password}
  API key     {owner.secret}        (Broker-API, {address}/v1/...)

Try:
  curl -s '{address}/v1/deposits?size=3' -H 'Authorization: Bearer {owner.secret}'
  curl -s {address}/manager/mtr-login {content} -d '{{"email":"{desk.email}","password":"{desk.password}"}}'
"""
