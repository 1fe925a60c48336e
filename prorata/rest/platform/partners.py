"""What an introducing broker sees of his own: who is below him, what it has brought, and what he was paid.

People are told by initials and number alone: they are the broker's clients, and not his.
"""

from decimal import Decimal

import msgspec

from prorata.crm.partners.office import link_of
from prorata.crm.partners.payouts import PayoutStatus
from prorata.crm.partners.reports import Person
from prorata.crm.partners.tree import LEVELS_MAX, Code
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Given, Record, ShortText, Uuid, money_of, text_or_none, time_of
from prorata.rest.platform.call import DoorCall, audit
from prorata.rest.platform.registry import door
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import DAY_MS, Minor
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment, show_day

ROOT = "/client/partner"
STATEMENT_DAYS = 31
PAYOUTS_MAX = 500


class CodeView(Record, frozen=True):
    """`link`: by which people register; null while the broker names no page for it."""

    code: str
    link: str | None
    withdrawn: bool
    created: str | None


class AccountStanding(Record, frozen=True):
    """earned = reversed + paid + unpaid; `pending` is the part of `unpaid` that is in payouts already."""

    trading_account_uuid: str
    login: str
    currency: str
    earned: Decimal
    reversed: Decimal
    paid: Decimal
    unpaid: Decimal
    pending: Decimal


class PartnerView(Record, frozen=True):
    """`role`: User, IB or Sub IB."""

    role: str
    codes: list[CodeView]
    accounts: list[AccountStanding]


class PersonView(Record, frozen=True):
    number: int
    initials: str


class Earned(Record, frozen=True):
    currency: str
    amount: Decimal


class BelowView(Record, frozen=True):
    """`parent`: the number of who is directly above."""

    client: PersonView
    parent: int
    level: int
    since: str | None
    code: str | None
    earned: list[Earned]


class Tree(Record, frozen=True):
    clients: list[BelowView]


class LineView(Record, frozen=True):
    """What a client has brought on a day. `deals`: that brought something, or were reversed."""

    day: str
    client: PersonView
    level: int
    currency: str
    deals: int
    earned: Decimal
    reversed: Decimal


class Statement(Record, frozen=True):
    accruals: list[LineView]


class PayoutView(Record, frozen=True):
    """`reason`: why it was refused."""

    uuid: str
    login: str
    amount: Decimal
    currency: str
    status: PayoutStatus
    created: str | None
    booked: str | None
    reason: str | None


class Payouts(Record, frozen=True):
    payouts: list[PayoutView]


class DepthGiven(Given, frozen=True):
    depth: int = LEVELS_MAX


class SpanGiven(Given, frozen=True):
    """RFC 3339; without `from`, the last 31 days."""

    from_: ShortText | None = msgspec.field(name="from", default=None)
    to: ShortText | None = None


class NewCodeGiven(Given, frozen=True):
    """`trading_account_uuid`: of his own, on which he is to be paid. `code`: the wanted one; without, a random one."""

    trading_account_uuid: Uuid
    code: ShortText = ""


@door("GET", ROOT, signed_in=True)
async def partner(call: DoorCall) -> PartnerView:
    """Referral codes, and how the person stands for each trading account that he is paid on."""
    person, partners = await call.person(), call.house.crm.partners
    roles = await call.sql(call.house.crm.settings.roles, person.organization_id)
    page = (await call.sql(partners.payouts.terms, person.organization_id)).link
    codes = await call.sql(partners.codes_of, person.id)
    standings = await call.sql(partners.reports.standings, person.organization_id, person.id)
    return PartnerView(
        role=next(role.name for role in roles if role.uuid == person.role_uuid), codes=[_code_view(one, page) for one in codes],
        accounts=[
            AccountStanding(
                trading_account_uuid=one.paid_on_uuid, login=str(one.login), currency=one.currency,
                earned=_money(one.earned, one.currency), reversed=_money(one.reversed, one.currency),
                paid=_money(one.paid, one.currency), unpaid=_money(one.unpaid, one.currency),
                pending=_money(one.pending, one.currency),
            )
            for one in standings
        ],
    )  # fmt: skip


@door("GET", f"{ROOT}/tree", signed_in=True)
async def tree(call: DoorCall, given: DepthGiven) -> Tree:
    """Who is below the person, level by level, and what each has brought him."""
    if not 1 <= given.depth <= LEVELS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"depth: must be from 1 to {LEVELS_MAX}")
    person = await call.person()
    found = await call.sql(call.house.crm.partners.reports.tree, person.id, given.depth)
    return Tree(
        clients=[
            BelowView(
                client=_person_view(one.person), parent=one.node.parent_id, level=one.node.level,
                since=time_of(one.node.since), code=text_or_none(one.node.code),
                earned=[Earned(currency=name, amount=_money(amount, name)) for name, amount in one.earned.items()],
            )
            for one in found
        ]
    )  # fmt: skip


@door("GET", f"{ROOT}/accruals", signed_in=True)
async def accruals(call: DoorCall, given: SpanGiven) -> Statement:
    """What the person has earned, by day and client, oldest first."""
    person, reports = await call.person(), call.house.crm.partners.reports
    until = read_moment(given.to, "to") or call.house.control.database.now() + 1
    since = read_moment(given.from_, "from") or max(0, until - STATEMENT_DAYS * DAY_MS)
    lines = await call.sql(reports.statement, person.id, since, until)
    people = await call.sql(reports.people, {line.client_id for line in lines})
    return Statement(
        accruals=[
            LineView(
                day=show_day(line.day), client=_person_view(people[line.client_id]), level=line.level,
                currency=line.currency, deals=line.deals, earned=_money(line.earned, line.currency),
                reversed=_money(line.reversed, line.currency),
            )
            for line in lines
        ]
    )  # fmt: skip


@door("GET", f"{ROOT}/payouts", signed_in=True)
async def payouts(call: DoorCall) -> Payouts:
    """The person's payouts, newest first, at most 500."""
    person, kept = await call.person(), call.house.crm.partners.payouts
    found = await call.sql(kept.newest, person.organization_id, account_id=person.id, limit=PAYOUTS_MAX)
    return Payouts(
        payouts=[
            PayoutView(
                uuid=one.uuid, login=str(one.login), amount=_money(one.amount, one.currency), currency=one.currency,
                status=one.status, created=time_of(one.created_at), booked=time_of(one.booked_at),
                reason=text_or_none(one.reason),
            )
            for one in found
        ]
    )  # fmt: skip


@door("POST", f"{ROOT}/codes", signed_in=True)
async def new_code(call: DoorCall, given: NewCodeGiven) -> CodeView:
    """Make a referral code for one of the person's own trading accounts."""
    person, partners = await call.person(), call.house.crm.partners
    own = await call.sql(call.house.crm.trading.of_account, person.id)
    if given.trading_account_uuid.lower() not in {one.uuid for one in own}:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, "tradingAccountUuid: you have none of this uuid")
    made = await call.sql(partners.new_code, person.organization_id, given.trading_account_uuid, given.code)
    audit(call, person, "referral-code-made", made.code)
    page = (await call.sql(partners.payouts.terms, person.organization_id)).link
    return _code_view(made, page)


def _person_view(person: Person) -> PersonView:
    """Tell of somebody no more than his initials, "A. L.", and his number."""
    initials = " ".join(f"{name.strip()[0].upper()}." for name in (person.first_name, person.last_name) if name.strip())
    return PersonView(number=person.number, initials=initials)


def _code_view(code: Code, page: str) -> CodeView:
    return CodeView(
        code=code.code, link=text_or_none(link_of(page, code.code)), withdrawn=code.withdrawn, created=time_of(code.created_at)
    )  # fmt: skip


def _money(amount: Minor, currency: str) -> Decimal:
    return money_of(amount, CURRENCY_DIGITS[currency])
