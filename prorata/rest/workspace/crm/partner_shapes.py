"""What is sent about introducing brokers, and what is shown. Amounts are decimal texts, shares percent."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from prorata.crm.partners.office import link_of
from prorata.crm.partners.payouts import Payout, PayoutPeriod, PayoutStatus, PayoutTerms
from prorata.crm.partners.plans import SHARES, Plan, Rule, RuleKind, Terms
from prorata.crm.partners.reports import Below, Level, Line, Person, Standing
from prorata.crm.partners.tree import Code
from prorata.rest.workspace.crm.shapes import Amount, Approvals, Currency, Words
from prorata.rest.workspace.organizations.shapes import Title, Uuid
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Login, Minor
from prorata.views.bodies import NO_CONTROLS, Body, MomentText
from prorata.views.numbers import (
    read_moment,
    read_money,
    read_percent,
    show_day,
    show_moment,
    show_moment_or_none,
    show_percent,
    show_volume,
)

Pattern: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_CONTROLS, examples=["EUR*"])]
CodeText: TypeAlias = Annotated[str, Meta(max_length=32, pattern=r"^[A-Za-z0-9]*\Z", examples=["SUMMER24"])]
PageText: TypeAlias = Annotated[str, Meta(max_length=256, pattern=NO_CONTROLS, examples=["https://broker.test/register"])]


class RuleBody(Body, frozen=True, kw_only=True):
    """`values`: of level 1, directly above the client, and on: amounts in the plan's currency, or percent of a share."""

    kind: RuleKind
    values: Annotated[tuple[Amount, ...], Meta(min_length=1, max_length=10)]
    symbols: Annotated[tuple[Pattern, ...], Meta(min_length=1, max_length=200)] = ("*",)


class PlanTerms(Body, frozen=True, kw_only=True):
    """`since`: from when on they hold; without, from now."""

    rules: Annotated[tuple[RuleBody, ...], Meta(min_length=1, max_length=100)]
    held_seconds_min: Annotated[int, Meta(ge=0, le=604_800, examples=[60])] = 0
    since: MomentText | None = None


class NewPlan(Body, frozen=True, kw_only=True):
    name: Title
    currency: Currency
    rules: Annotated[tuple[RuleBody, ...], Meta(min_length=1, max_length=100)]
    held_seconds_min: Annotated[int, Meta(ge=0, le=604_800, examples=[60])] = 0


class Parenthood(Body, frozen=True, kw_only=True):
    """`paid_on`: the trading account on which the IB is paid; null: nobody is above the account."""

    paid_on: Uuid | None


class NewCode(Body, frozen=True, kw_only=True):
    """`code`: the wanted one; without, a random one."""

    paid_on: Uuid
    code: CodeText = ""


class TermsBody(Body, frozen=True, kw_only=True):
    """`minimums`: by currency; what is less is carried over."""

    period: PayoutPeriod
    approvals: Approvals
    minimums: Annotated[dict[Currency, Amount], Meta(max_length=50)] = msgspec.field(default_factory=dict)
    link: PageText = ""


class Gathering(Body, frozen=True, kw_only=True):
    """`account`: of one IB; without, of all."""

    account: Uuid | None = None


class PayoutDecision(Body, frozen=True, kw_only=True):
    agree: bool
    reason: Words = ""


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    kind: RuleKind
    values: tuple[str, ...]
    symbols: tuple[str, ...]


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    since: str
    rules: tuple[RuleView, ...]
    held_seconds_min: int
    created_by: str


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """`uuid` is what trading accounts have as commissionUuid. `versions`: oldest first."""

    uuid: str
    name: str
    currency: str
    created_at: str
    versions: tuple[VersionView, ...]


class CodeView(msgspec.Struct, frozen=True, kw_only=True):
    """`link`: by which people register; "" while the terms name no page."""

    code: str
    link: str
    withdrawn: bool
    created_at: str


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    uuid: str
    email: str
    name: str


class BelowView(msgspec.Struct, frozen=True, kw_only=True):
    """`parent`: the number of who is directly above; `earned`: what his deals have brought, by currency."""

    account: PersonView
    parent: int
    level: int
    since: str
    code: str
    earned: dict[str, str]


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    day: str
    account: PersonView
    level: int
    currency: str
    deals: int
    earned: str
    reversed: str


class LevelView(msgspec.Struct, frozen=True, kw_only=True):
    """What the clients of a level have brought. `lots`: of deals that brought something."""

    level: int
    currency: str
    clients: int
    deals: int
    lots: str
    earned: str
    reversed: str


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """earned = reversed + paid + unpaid; `pending` is the part of `unpaid` that is in payouts already. `booked`: what the trade
    platform has told of. `holds`: the sums come out."""

    account: PersonView
    paid_on: str
    login: Login
    currency: str
    earned: str
    reversed: str
    paid: str
    unpaid: str
    pending: str
    booked: str
    holds: bool


class ControlView(msgspec.Struct, frozen=True, kw_only=True):
    """`deals`: how many were heard of, by how far they are; what waits, waits for quotes or for its trade platform."""

    holds: bool
    standings: tuple[StandingView, ...]
    deals: dict[str, int]


class TermsView(msgspec.Struct, frozen=True, kw_only=True):
    period: PayoutPeriod
    approvals: int
    minimums: dict[str, str]
    link: str


class PayoutView(msgspec.Struct, frozen=True, kw_only=True):
    """`until`: accruals from before it are in it. `reason`: why it was refused."""

    uuid: str
    account: str
    email: str
    login: Login
    amount: str
    currency: str
    status: PayoutStatus
    until: str
    approvals: int
    needed: int
    reason: str
    created_by: str
    created_at: str
    booked_at: str | None


def money(amount: Minor, currency: str) -> str:
    return format_decimal(amount, CURRENCY_DIGITS[currency])


def terms_of(body: PlanTerms | NewPlan, currency: str) -> Terms:
    """Return terms in whole numbers. Raises `Rejected`."""
    rules = tuple(_rule(number, rule, currency) for number, rule in enumerate(body.rules))
    return Terms(rules=rules, held_seconds_min=body.held_seconds_min)


def _rule(number: int, rule: RuleBody, currency: str) -> Rule:
    where = f"rules[{number}].values"
    if rule.kind in SHARES:
        values = tuple(read_percent(text, where) for text in rule.values)
    else:
        values = tuple(read_money(text, CURRENCY_DIGITS.get(currency, 2), where) for text in rule.values)
    return Rule(kind=rule.kind, values=values, symbols=rule.symbols)


def since_of(body: PlanTerms) -> int:
    """Raises `Rejected`."""
    return read_moment(body.since, "since")


def plan_view(plan: Plan) -> PlanView:
    versions = tuple(
        VersionView(
            since=show_moment(one.since), rules=tuple(_rule_view(rule, plan.currency) for rule in one.terms.rules),
            held_seconds_min=one.terms.held_seconds_min, created_by=one.created_by,
        )
        for one in plan.versions
    )  # fmt: skip
    return PlanView(
        uuid=plan.uuid, name=plan.name, currency=plan.currency, created_at=show_moment(plan.created_at), versions=versions
    )  # fmt: skip


def _rule_view(rule: Rule, currency: str) -> RuleView:
    shown = (show_percent(value) if rule.kind in SHARES else money(value, currency) for value in rule.values)
    return RuleView(kind=rule.kind, values=tuple(shown), symbols=rule.symbols)


def code_view(code: Code, page: str) -> CodeView:
    return CodeView(
        code=code.code, link=link_of(page, code.code), withdrawn=code.withdrawn, created_at=show_moment(code.created_at)
    )  # fmt: skip


def person_view(person: Person) -> PersonView:
    name = f"{person.first_name} {person.last_name}".strip()
    return PersonView(number=person.number, uuid=person.uuid, email=person.email, name=name)


def below_view(below: Below) -> BelowView:
    node = below.node
    return BelowView(
        account=person_view(below.person), parent=node.parent_id, level=node.level, since=show_moment(node.since),
        code=node.code, earned={currency: money(amount, currency) for currency, amount in below.earned.items()},
    )  # fmt: skip


def line_view(line: Line, people: dict[int, Person]) -> LineView:
    return LineView(
        day=show_day(line.day), account=person_view(people[line.client_id]), level=line.level, currency=line.currency,
        deals=line.deals, earned=money(line.earned, line.currency), reversed=money(line.reversed, line.currency),
    )  # fmt: skip


def level_view(level: Level) -> LevelView:
    return LevelView(
        level=level.level, currency=level.currency, clients=level.clients, deals=level.deals, lots=show_volume(level.volume),
        earned=money(level.earned, level.currency), reversed=money(level.reversed, level.currency),
    )  # fmt: skip


def standing_view(standing: Standing, people: dict[int, Person]) -> StandingView:
    names = ("earned", "reversed", "paid", "unpaid", "pending", "booked")
    amounts = {name: money(getattr(standing, name), standing.currency) for name in names}
    return StandingView(
        account=person_view(people[standing.account_id]), paid_on=standing.paid_on_uuid, login=standing.login,
        currency=standing.currency, holds=standing.holds, **amounts,
    )  # fmt: skip


def payout_terms_of(body: TermsBody) -> PayoutTerms:
    """Raises `Rejected`."""
    minimums = {
        currency: read_money(text, CURRENCY_DIGITS.get(currency, 2), f"minimums.{currency}")
        for currency, text in body.minimums.items()
    }
    return PayoutTerms(period=body.period, approvals=body.approvals, minimums=minimums, link=body.link)


def terms_view(terms: PayoutTerms) -> TermsView:
    minimums = {currency: money(amount, currency) for currency, amount in terms.minimums.items()}
    return TermsView(period=terms.period, approvals=terms.approvals, minimums=minimums, link=terms.link)


def payout_view(payout: Payout) -> PayoutView:
    return PayoutView(
        uuid=payout.uuid, account=payout.account_uuid, email=payout.email, login=payout.login,
        amount=money(payout.amount, payout.currency), currency=payout.currency, status=payout.status,
        until=show_moment(payout.until), approvals=payout.approvals, needed=payout.needed, reason=payout.reason,
        created_by=payout.created_by, created_at=show_moment(payout.created_at),
        booked_at=show_moment_or_none(payout.booked_at),
    )  # fmt: skip
