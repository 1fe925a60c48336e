"""Before somebody has an account: whose front end it is, and registration under one of the broker's offers."""

from prorata.access.callers import NotFound
from prorata.control.organizations.inside import Organization
from prorata.crm.accounts import AccountWish, Verification
from prorata.crm.enrolling import open_or_withdraw
from prorata.crm.settings import Offer
from prorata.crm.trading import check_open
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Given, Record, ShortText, Uuid
from prorata.rest.platform.call import DoorCall, audit
from prorata.rest.platform.registry import door
from prorata.rest.ramm.signing_in import LoginText, PasswordText
from prorata.views.answers import Rejected


class Broker(Given, frozen=True):
    """`partner_id`: the broker's number or uuid."""

    partner_id: ShortText | int = ""


class PlatformDetails(Record, frozen=True):
    partner_id: str
    broker_name: str
    platform_url: str


class NewUser(Given, frozen=True):
    """`partner_id` as above. `referral`: the code of the introducing broker that brings the person."""

    partner_id: ShortText | int
    offer_id: Uuid
    email: LoginText
    password: PasswordText
    first_name: ShortText = ""
    last_name: ShortText = ""
    referral: ShortText = ""


class SingleUseView(Record, frozen=True):
    token: str


@door("GET", "/manager/platform-details")
async def platform_details(call: DoorCall, given: Broker) -> PlatformDetails:
    """Whose front end it is. Without `partnerId` where there is but one broker."""
    broker = _broker(call, given.partner_id)
    url = f"{'https' if call.secure else 'http'}://{call.host}"
    return PlatformDetails(partner_id=str(broker.id), broker_name=broker.name, platform_url=url)


@door("POST", "/manager/user")
async def register(call: DoorCall, given: NewUser) -> SingleUseView:
    """Make an account with a trading account under a public offer; the token signs its person in, once."""
    crm = call.house.crm
    offer = await _offer(call, _broker(call, given.partner_id), given.offer_id)
    check_open(offer, offer.branch_id, Verification.NEW)
    if call.house.running.platform(offer.platform_uuid) is None:
        raise Rejected(Refusal.NOT_READY, "the trade platform does not answer; nothing was done", retry_after=5)
    profile = {"referral": given.referral} if given.referral else {}
    wish = AccountWish(email=given.email, first_name=given.first_name, last_name=given.last_name, profile=profile)
    account = await call.sql(
        crm.accounts.add, offer.organization_id, wish, given.password, by="registration", branch_id=offer.branch_id
    )  # fmt: skip
    await open_or_withdraw(crm, account, offer, by="registration")
    audit(call, account, "register")
    return SingleUseView(token=await call.sql(call.house.control.one_time.issue, account.id))


def _broker(call: DoorCall, named: str | int) -> Organization:
    try:
        return call.house.control.organizations.named(str(named))
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND, "partnerId: there is no such broker") from None


async def _offer(call: DoorCall, broker: Organization, offer_uuid: str) -> Offer:
    try:
        return await call.sql(call.house.crm.settings.offer, broker.id, offer_uuid.lower())
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, "offerId: there is no offer of this uuid") from None
