"""The broker of the demo in the control database: a company, its first manager, its clients, and what they sign in with.

Passwords and tokens cannot be shown twice, so each start gives new ones to those that are printed.
"""

from collections.abc import Mapping, Sequence

import msgspec

from prorata.control import passwords
from prorata.control.clients import ClientFilter, NewClient
from prorata.control.companies import Company, NewCompany
from prorata.control.manager_rights import EVERYTHING
from prorata.control.managers import NewManager
from prorata.control.store import Control
from prorata.units.numbers import PPM

COMPANY = "Demo Broker"
MANAGER = "manager@demo.test"
PARTNER = "partner@demo.test"
APP, APP_VERSION = "demo", "1.0"


class Enrolled(msgspec.Struct, frozen=True):
    """The company, and the numbers of its clients."""

    company: Company
    traders: tuple[int, ...]
    investors: tuple[int, ...]
    partner: int


class SignIns(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo prints for the RAMM APIs."""

    company: int
    manager: str
    manager_password: str
    client: str
    client_password: str
    strategy_token: str
    app_token: str


def enrol(control: Control, platform: str, traders: Sequence[str], investors: int) -> Enrolled:
    """Make what is missing of the company, its manager and its clients. Blocks."""
    company = next((one for one in control.companies.all() if one.name == COMPANY), None)
    if company is None:
        # A market of minutes has no strategies of thirty days: all are rated.
        new = NewCompany(name=COMPANY, platform=platform, demo=True, rating_age_min=0, rating_yield_min_ppm=-PPM)
        company = control.companies.add(new)
    if control.managers.find(company.id, MANAGER) is None:
        manager = NewManager(login=MANAGER, password=passwords.invented())
        control.managers.add(company.id, manager, [EVERYTHING], granter=frozenset({EVERYTHING}))
    nobodys = passwords.invented()
    wanted = [NewClient(login=PARTNER, password=nobodys, first_name="Paula", last_name="Partner")]
    wanted += [_trader(place, name, nobodys) for place, name in enumerate(traders, 1)]
    wanted += [_investor(number, nobodys) for number in range(1, investors + 1)]
    known = {names.login for names in control.clients.logins(company.id).values()}
    control.clients.add_many(company.id, [one for one in wanted if one.login not in known])
    numbers = {names.login: number for number, names in control.clients.logins(company.id).items()}
    first = 1 + len(traders)
    return Enrolled(
        company,
        tuple(numbers[one.login] for one in wanted[1:first]),
        tuple(numbers[one.login] for one in wanted[first:]),
        numbers[PARTNER],
    )


def _trader(place: int, name: str, password: str) -> NewClient:
    first, _, last = name.rpartition(" ")
    return NewClient(login=f"trader{place}@demo.test", password=password, first_name=first, last_name=last)


def _investor(number: int, password: str) -> NewClient:
    return NewClient(login=f"investor{number}@demo.test", password=password, first_name="Investor", last_name=str(number))


def note_wallets(control: Control, company: Company, wallets: Mapping[int, int]) -> None:
    """Write down the wallets of clients who have none yet. Blocks."""
    clients, _ = control.clients.search(company.id, ClientFilter())
    control.clients.note_wallets({one.id: wallets[one.id] for one in clients if one.wallet_id is None and one.id in wallets})


def renew_sign_ins(control: Control, company: Company, client: int, strategy: int) -> SignIns:
    """Give manager and client new passwords, and the sender of signals a new token of its application. Blocks."""
    manager = control.managers.find(company.id, MANAGER)
    person = control.clients.get(company.id, client)
    assert manager is not None
    assert person is not None
    manager_password, client_password = passwords.invented(), passwords.invented()
    control.managers.set_password(manager.id, manager_password)
    control.clients.set_password(client, client_password)
    for old in control.app_tokens.list():
        if old.name == APP and not old.revoked_at:
            control.app_tokens.revoke(old.id)
    tokens = control.strategy_tokens
    return SignIns(
        company=company.id,
        manager=MANAGER,
        manager_password=manager_password,
        client=person.login,
        client_password=client_password,
        strategy_token=tokens.current(company.id, strategy) or tokens.renew(company.id, strategy),
        app_token=control.app_tokens.add(APP, APP_VERSION),
    )
