"""`company`, `app-token`, `partner-token`, `audit`: what is made at the console and then used through the RAMM APIs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from prorata.app.commands.common import BadUsage, NotThere, chosen, say, settings_of
from prorata.app.exit_codes import NOT_SOUND
from prorata.app.opening import opened_control
from prorata.control import passwords
from prorata.control.audit import Action, shown
from prorata.control.companies import Company, CompanyStatus, NewCompany
from prorata.control.manager_rights import EVERYTHING
from prorata.control.manager_rows import login_key_of
from prorata.control.managers import NewManager, NotTheCompanys
from prorata.control.sessions import Kind
from prorata.control.store import Control
from prorata.control.tokens import TokenTaken, UnknownToken
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import NotADecimal, TooManyDecimals, parse_decimal
from prorata.units.numbers import MONEY_MAX, Minor, Moment

CONSOLE = "command line"
_PPM_DIGITS = 6
APP_COLUMNS = ("id", "name", "version", "newest", "importance")
PARTNER_COLUMNS = ("id", "company_id", "client_id", "label")


class MadeCompany(msgspec.Struct, frozen=True, kw_only=True):
    company: int
    login: str
    password: str


class MadeToken(msgspec.Struct, frozen=True, kw_only=True):
    token: str


class CheckedAudit(msgspec.Struct, frozen=True, kw_only=True):
    sound: bool
    first_bad: int | None


class CompanyWish(msgspec.Struct, frozen=True, kw_only=True):
    """A company as it is asked for. Amounts are decimal texts in its currency."""

    name: str
    login: str
    platform: str = ""
    parent: int | None = None
    url: str = ""
    brand: str = ""
    demo: bool = False
    currency: str = "USD"
    min_investment: str = "100"
    min_strategy: str = "200"
    hide_portfolio: bool = False
    rating_age: int = 30
    rating_deals: int = 0
    rating_yield: str = "0"


def add_company(file: Path | None, data: Path | None, wish: CompanyWish, as_json: bool) -> None:
    """Make a company and its first manager, who may do everything; his password is shown once."""
    settings, platform = chosen(settings_of(file, data), wish.platform)
    new = _new_company(platform, wish)
    if not wish.login.strip():
        raise BadUsage("the first manager needs a login")
    with opened_control(settings) as control:
        if wish.parent is not None:
            _company(control, wish.parent)
        company = control.companies.add(new)
        password = passwords.invented()
        manager = NewManager(login=wish.login, password=password)
        control.managers.add(company.id, manager, [EVERYTHING], granter=frozenset({EVERYTHING}))
        note(control, company.id, "company add", **msgspec.structs.asdict(wish))
    made = MadeCompany(company=company.id, login=wish.login, password=password)
    say(made, as_json=as_json, words=f"company {company.id}\nlogin {wish.login}\npassword {password}")


class CompanyChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different; None stays. Amounts are decimal texts in the company's currency."""

    name: str | None = None
    url: str | None = None
    brand: str | None = None
    min_investment: str | None = None
    min_strategy: str | None = None
    show_portfolio: bool | None = None
    rating_age: int | None = None
    rating_deals: int | None = None
    rating_yield: str | None = None
    deleted: bool | None = None


def change_company(file: Path | None, data: Path | None, company_id: int, change: CompanyChange) -> None:
    """Change a company. A deleted one has no sessions; its people and its accounts stay where they are."""
    with opened_control(settings_of(file, data)) as control:
        company = _company(control, company_id)
        changes: dict[str, Any] = {
            "name": change.name,
            "url": change.url,
            "brand_key": change.brand,
            "account_min_balance": _amount_or_none(change.min_investment, company.currency, "--min-investment"),
            "security_min_balance": _amount_or_none(change.min_strategy, company.currency, "--min-strategy"),
            "shows_portfolio": change.show_portfolio,
            "rating_age_min": change.rating_age,
            "rating_deals_min": change.rating_deals,
            "rating_yield_min_ppm": None if change.rating_yield is None else _ppm(change.rating_yield, "--rating-yield"),
            "status": None if change.deleted is None else (CompanyStatus.DELETED if change.deleted else CompanyStatus.OK),
        }
        changes = {name: value for name, value in changes.items() if value is not None}
        if not changes:
            raise BadUsage("say what is to be changed")
        control.companies.set(company_id, **changes)
        note(control, company_id, "company set", **changes)


def renew_password(file: Path | None, data: Path | None, company_id: int, login: str, as_json: bool) -> None:
    """Give a manager who has lost his password a new one, shown once; his sessions end."""
    with opened_control(settings_of(file, data)) as control:
        _company(control, company_id)
        manager = control.managers.find(company_id, login)
        if manager is None:
            raise NotThere(f"company {company_id} has no manager {login}")
        password = passwords.invented()
        try:
            control.managers.set_password(manager.id, password)
        except NotTheCompanys:
            raise BadUsage(f"{login} has an account of the workspace; `prorata people password` gives him a link") from None
        control.sessions.end_all(Kind.MANAGER, manager.id)
        control.attempts.succeeded(Kind.MANAGER.value, login_key_of(login))
        note(control, company_id, "company password", login=login)
    made = MadeCompany(company=company_id, login=manager.login, password=password)
    say(made, as_json=as_json, words=password)


def list_companies(file: Path | None, data: Path | None, as_json: bool) -> None:
    with opened_control(settings_of(file, data)) as control:
        companies = control.companies.all()
    if as_json:
        say(companies, as_json=True, words="")
        return
    table = Table("id", "below", "name", "platform", "currency", "kind", "made")
    for company in companies:
        table.add_row(*_columns(company))
    Console().print(table)


def add_app_token(
    file: Path | None, data: Path | None, name: str, version: str, newest: str, importance: int, token: str, as_json: bool
) -> None:
    with opened_control(settings_of(file, data)) as control:
        try:
            made = control.app_tokens.add(name, version, newest=newest, importance=importance, token=token)
        except TokenTaken:
            raise BadUsage("an application has this token, or had it") from None
        note(control, 0, "app-token add", name=name, version=version, newest=newest, importance=importance)
    say(MadeToken(token=made), as_json=as_json, words=made)


def add_partner_token(
    file: Path | None, data: Path | None, company_id: int, client_id: int | None, label: str, as_json: bool
) -> None:
    with opened_control(settings_of(file, data)) as control:
        _company(control, company_id)
        if client_id is not None and control.clients.get(company_id, client_id) is None:
            raise NotThere(f"company {company_id} has no client {client_id}")
        made = control.partner_tokens.add(company_id, client_id, label=label)
        note(control, company_id, "partner-token add", client=client_id, label=label)
    say(MadeToken(token=made), as_json=as_json, words=made)


def list_tokens(file: Path | None, data: Path | None, kind: str, as_json: bool) -> None:
    """Show the tokens of a `kind`, "app" or "partner", without what they are."""
    with opened_control(settings_of(file, data)) as control:
        tokens: list[Any] = [*(control.app_tokens.list() if kind == "app" else control.partner_tokens.list())]
    if as_json:
        say(tokens, as_json=True, words="")
        return
    fields = APP_COLUMNS if kind == "app" else PARTNER_COLUMNS
    table = Table(*fields, "made", "state")
    for token in tokens:
        state = f"revoked {day_of(token.revoked_at)}" if token.revoked_at else "good"
        table.add_row(*(str(getattr(token, name)) for name in fields), day_of(token.created_at), state)
    Console().print(table)


def revoke_token(file: Path | None, data: Path | None, kind: str, token_id: int) -> None:
    with opened_control(settings_of(file, data)) as control:
        tokens = control.app_tokens if kind == "app" else control.partner_tokens
        try:
            tokens.revoke(token_id)
        except UnknownToken:
            raise NotThere(f"there is no good {kind} token {token_id}; `prorata {kind}-token list` shows them") from None
        note(control, 0, f"{kind}-token revoke", token_id=token_id)


def verify_audit(file: Path | None, data: Path | None, as_json: bool) -> None:
    """Check every row of the audit against the chain; name the first bad one."""
    with opened_control(settings_of(file, data)) as control:
        bad = control.audit.first_bad()
    words = "the audit is whole" if bad is None else f"row {bad} of the audit does not fit the chain"
    say(CheckedAudit(sound=bad is None, first_bad=bad), as_json=as_json, words=words)
    if bad is not None:
        raise typer.Exit(NOT_SOUND)


def _new_company(platform: str, wish: CompanyWish) -> NewCompany:
    if wish.currency not in CURRENCY_DIGITS:
        raise BadUsage(f"there is no currency {wish.currency}: {', '.join(sorted(CURRENCY_DIGITS))}")
    return NewCompany(
        name=wish.name,
        platform=platform,
        parent_id=wish.parent,
        url=wish.url,
        demo=wish.demo,
        brand_key=wish.brand,
        currency=wish.currency,
        account_min_balance=_amount(wish.min_investment, wish.currency, "--min-investment"),
        security_min_balance=_amount(wish.min_strategy, wish.currency, "--min-strategy"),
        shows_portfolio=not wish.hide_portfolio,
        rating_age_min=wish.rating_age,
        rating_deals_min=wish.rating_deals,
        rating_yield_min_ppm=_ppm(wish.rating_yield, "--rating-yield"),
    )


def _ppm(text: str, option: str) -> int:
    try:
        return parse_decimal(text, _PPM_DIGITS)
    except (NotADecimal, TooManyDecimals):
        raise BadUsage(f"{option}: {text!r} is no share such as 0.05") from None


def _company(control: Control, company_id: int) -> Company:
    company = control.companies.get(company_id)
    if company is None:
        raise NotThere(f"there is no company {company_id}; `prorata company list` shows them")
    return company


def _amount_or_none(text: str | None, currency: str, option: str) -> Minor | None:
    return None if text is None else _amount(text, currency, option)


def _amount(text: str, currency: str, option: str) -> Minor:
    try:
        amount = parse_decimal(text, CURRENCY_DIGITS[currency])
    except (NotADecimal, TooManyDecimals):
        raise BadUsage(f"{option}: expected an amount in {currency}") from None
    if not 0 <= amount <= MONEY_MAX:
        raise BadUsage(f"{option}: out of bounds")
    return amount


def note(control: Control, company_id: int, method: str, **request: Any) -> None:
    """Write down what was done at the console. `company_id` 0: it was about no company."""
    at = control.database.now()
    control.audit.write(
        [
            Action(
                at=at, organization_id=company_id, actor=CONSOLE, method=method, address="", request=shown(request.items()),
                outcome="ok",
            )
        ]
    )  # fmt: skip


def _columns(company: Company) -> tuple[str, ...]:
    below = "" if company.parent_id is None else str(company.parent_id)
    kind = "demo" if company.demo else "real"
    return str(company.id), below, company.name, company.platform, company.currency, kind, day_of(company.created_at)


def day_of(moment: Moment) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d")
