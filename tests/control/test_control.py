"""Companies, managers, clients, sessions, tokens, audit: what the database keeps, and what other processes see of it."""

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy
from sqlalchemy import update

from prorata.control import tables
from prorata.control.audit import Action, digests_of, shown
from prorata.control.clients import Client, ClientFilter, NewClient
from prorata.control.columns import metadata
from prorata.control.companies import Company, CompanyFilter, NewCompany
from prorata.control.lockout import FREE_TRIES, LONGEST_BLOCK_MS, Blocked, block_ms
from prorata.control.manager_rights import EVERYTHING, RightsNotHeld
from prorata.control.manager_rows import Manager, ManagerStatus
from prorata.control.managers import LoginTaken, NewManager
from prorata.control.one_time import LIFE_MS
from prorata.control.paging import Slice
from prorata.control.passwords import hashed, matches
from prorata.control.sessions import ACTIVITY_MS, Kind, MayNotSignIn
from prorata.control.store import Control
from prorata.control.tokens import KeyUnusable, StrategyToken, TokenTaken, UnknownToken, key_in
from prorata.control.user_settings import KEYS_MAX, TooManySettings
from prorata.units.numbers import DAY_MS, MINUTE_MS
from tests.control.conftest import KEY, OpenControl
from tests.rest.house import HandClock

ALL = frozenset({EVERYTHING})
BY_ID = Slice("ID", False, 0, 100)


def company_of(control: Control, name: str = "First", **more: Any) -> Company:
    return control.companies.add(NewCompany(name=name, platform="live", **more))


def manager_of(control: Control, company: Company, *methods: str, login: str = "ann@b.test") -> Manager:
    return control.managers.add(company.id, NewManager(login=login, password="secret 123"), methods, granter=ALL)  # noqa: S106


def client_of(control: Control, company: Company, login: str = "joe@mail.test", **more: Any) -> Client:
    return control.clients.add(company.id, NewClient(login=login, password="secret 123", **more))  # noqa: S106


# Companies.


def test_a_company_is_seen_by_other_processes_after_a_refresh(open_control: OpenControl) -> None:
    here, elsewhere = open_control(), open_control()
    company = company_of(here)
    assert elsewhere.companies.get(company.id) is None
    elsewhere.refresh()
    assert elsewhere.companies.get(company.id) == company


def test_a_company_and_all_below_it_are_one_house(open_control: OpenControl) -> None:
    control = open_control()
    top = company_of(control)
    other = company_of(control, "Other")
    child = company_of(control, "Child", parent_id=top.id)
    grandchild = company_of(control, "Grandchild", parent_id=child.id)
    assert control.companies.below(top.id) == {top.id, child.id, grandchild.id}
    assert control.companies.below(other.id) == {other.id}


def test_a_search_finds_names_in_any_letter_case_and_takes_wildcards_as_they_are(open_control: OpenControl) -> None:
    control = open_control()
    within = {company_of(control, name).id for name in ("FX Invest", "100% Gold", "Plain")}
    for name, found in (("fx", ["FX Invest"]), ("%", ["100% Gold"]), ("_", [])):
        rows, total = control.companies.search(within, CompanyFilter(name=name), BY_ID)
        assert ([company.name for company, _ in rows], total) == (found, len(found))


# Managers and rights.


def test_a_login_is_one_managers_within_a_company_only(open_control: OpenControl) -> None:
    control = open_control()
    first, second = company_of(control), company_of(control, "Second")
    manager_of(control, first, login="Ann@B.test")
    manager_of(control, second, login="ann@b.test")
    with pytest.raises(LoginTaken):
        manager_of(control, first, login=" ann@b.TEST ")
    assert [candidate.manager.company_id for candidate in control.managers.candidates("ann@b.test")] == [first.id, second.id]


def test_nobody_grants_what_he_lacks(open_control: OpenControl) -> None:
    control = open_control()
    company = company_of(control)
    new = NewManager(login="new@b.test", password="secret 123")  # noqa: S106
    with pytest.raises(RightsNotHeld) as refused:
        control.managers.add(company.id, new, ["clients.get", "clients.set"], granter=frozenset({"clients.get"}))
    assert refused.value.methods == ("clients.set",)
    assert control.managers.candidates("new@b.test") == []
    with pytest.raises(RightsNotHeld):
        control.managers.add(company.id, new, [EVERYTHING], granter=frozenset({"clients.get"}))


def test_rights_that_the_granter_lacks_stay_as_they_are(open_control: OpenControl) -> None:
    control = open_control()
    company = company_of(control)
    manager = manager_of(control, company, "clients.get", "deals.get", "managers.add")
    granter = frozenset({"clients.get", "clients.set"})
    control.managers.set_rights(manager.id, company.id, ["clients.set"], granter=granter)
    assert control.managers.rights(manager.id) == {company.id: frozenset({"clients.set", "deals.get", "managers.add"})}
    with pytest.raises(RightsNotHeld):
        control.managers.set_rights(manager.id, company.id, ["deals.search"], granter=granter)


# Sessions.


def test_a_session_opened_here_is_good_elsewhere_after_a_refresh(open_control: OpenControl) -> None:
    here, elsewhere = open_control(), open_control()
    company = company_of(here)
    manager = manager_of(here, company, "clients.get")
    token, session = here.sessions.open(Kind.MANAGER, company.id, manager.id, 10)
    assert elsewhere.sessions.find(token) is None
    elsewhere.refresh()
    found = elsewhere.sessions.find(token)
    assert found is not None
    assert (found.id, found.person_id, found.rights, found.login) == (
        session.id,
        manager.id,
        frozenset({"clients.get"}),
        "ann@b.test",
    )
    elsewhere.sessions.end([found])
    here.refresh()
    assert here.sessions.find(token) is None


def test_a_session_ends_when_it_was_idle_for_its_minutes(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    company = company_of(control)
    token, _ = control.sessions.open(Kind.MANAGER, company.id, manager_of(control, company).id, 10)
    for _ in range(3):
        clock.moment += 10 * MINUTE_MS - 1
        assert control.sessions.find(token) is not None
    clock.moment += 10 * MINUTE_MS
    assert control.sessions.find(token) is None
    assert control.sessions.live() == []


def test_activity_elsewhere_keeps_a_session_alive(open_control: OpenControl, clock: HandClock) -> None:
    here, elsewhere = open_control(), open_control()
    company = company_of(here)
    token, _ = here.sessions.open(Kind.MANAGER, company.id, manager_of(here, company).id, 10)
    elsewhere.refresh()
    clock.moment += 9 * MINUTE_MS
    assert elsewhere.sessions.find(token) is not None
    elsewhere.refresh()
    clock.moment += ACTIVITY_MS
    here.refresh()
    clock.moment += 9 * MINUTE_MS
    assert here.sessions.find(token) is not None


def test_a_session_outlives_the_process(open_control: OpenControl) -> None:
    first = open_control()
    company = company_of(first)
    client = client_of(first, company, test=True)
    token, _ = first.sessions.open(Kind.CLIENT, company.id, client.id, 60)
    first.close()
    session = open_control().sessions.find(token)
    assert session is not None
    assert (session.kind, session.person_id, session.test) == (Kind.CLIENT, client.id, True)


def test_whoever_is_disabled_has_no_session_any_more(open_control: OpenControl) -> None:
    control = open_control()
    company = company_of(control)
    manager, client = manager_of(control, company), client_of(control, company)
    tokens = [
        control.sessions.open(Kind.MANAGER, company.id, manager.id, 10)[0],
        control.sessions.open(Kind.CLIENT, company.id, client.id, 10)[0],
    ]
    control.managers.set(company.id, manager.id, granter=ALL, status=ManagerStatus.DISABLED.value)
    control.clients.set(client.id, enabled=False)
    control.refresh()
    assert [control.sessions.find(token) for token in tokens] == [None, None]
    with pytest.raises(MayNotSignIn):
        control.sessions.open(Kind.MANAGER, company.id, manager.id, 10)


def test_ending_all_sessions_of_a_person_spares_the_one_and_other_people(open_control: OpenControl) -> None:
    control = open_control()
    company = company_of(control)
    ann, bob = manager_of(control, company), manager_of(control, company, login="bob@b.test")
    mine = [control.sessions.open(Kind.MANAGER, company.id, ann.id, 10) for _ in range(3)]
    other, _ = control.sessions.open(Kind.MANAGER, company.id, bob.id, 10)
    assert control.sessions.end_all(Kind.MANAGER, ann.id, but=mine[1][1]) == 2
    assert [control.sessions.find(token) is not None for token, _ in mine] == [False, True, False]
    assert control.sessions.find(other) is not None


def test_the_database_has_no_token_and_no_password(open_control: OpenControl) -> None:
    control = open_control()
    company = company_of(control)
    client = client_of(control, company)
    secrets = [
        control.sessions.open(Kind.CLIENT, company.id, client.id, 10)[0],
        control.one_time.issue(client.id),
        control.strategy_tokens.renew(company.id, 5),
        control.app_tokens.add("EA", "1.0"),
        control.partner_tokens.add(company.id, None),
        "secret 123",
    ]
    with control.database.reading() as connection:
        dump = "".join(repr(connection.execute(sqlalchemy.select(table)).all()) for table in metadata.sorted_tables)
    assert [secret for secret in secrets if secret in dump] == []


# Passwords.


@pytest.mark.usefixtures("costly_hashes")
def test_a_password_matches_itself_alone() -> None:
    kept = hashed("secret 123")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert matches(kept, "secret 123")
    assert not matches(kept, "secret 124")
    assert not matches(None, "secret 123")
    assert not matches("no hash", "secret 123")


def test_wrong_passwords_block_a_login_for_longer_and_longer(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    for _ in range(FREE_TRIES):
        control.attempts.begin("manager", "ann@b.test")
    with pytest.raises(Blocked) as blocked:
        control.attempts.begin("manager", "ann@b.test")
    assert blocked.value.until == clock.moment + block_ms(FREE_TRIES)
    control.attempts.begin("client", "ann@b.test")
    clock.moment = blocked.value.until
    control.attempts.begin("manager", "ann@b.test")
    with pytest.raises(Blocked) as longer:
        control.attempts.begin("manager", "ann@b.test")
    assert longer.value.until == clock.moment + 2 * block_ms(FREE_TRIES)


def test_a_right_password_and_a_quiet_day_forget_the_wrong_ones(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    for _ in range(FREE_TRIES - 1):
        control.attempts.begin("manager", "ann@b.test")
    control.attempts.succeeded("manager", "ann@b.test")
    for _ in range(FREE_TRIES - 1):
        control.attempts.begin("manager", "ann@b.test")
    clock.moment += DAY_MS
    for _ in range(FREE_TRIES - 1):
        control.attempts.begin("manager", "ann@b.test")


def test_what_is_over_is_swept(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    company = company_of(control)
    manager = manager_of(control, company)
    token, _ = control.sessions.open(Kind.MANAGER, company.id, manager.id, 3 * 24 * 60)
    control.sessions.open(Kind.MANAGER, company.id, manager.id, 10)
    control.sessions.end([control.sessions.open(Kind.MANAGER, company.id, manager.id, 10)[1]])
    control.attempts.begin("manager", "nobody@b.test")
    clock.moment += 2 * DAY_MS
    control.refresh()
    with control.database.reading() as connection:
        left = [connection.execute(sqlalchemy.select(table)).all() for table in (tables.sessions, tables.attempts)]
    assert [len(rows) for rows in left] == [1, 0]
    assert control.sessions.find(token) is not None


def test_no_block_is_longer_than_an_hour() -> None:
    assert [block_ms(FREE_TRIES + more) for more in (0, 1, 7, 100)] == [30_000, 60_000, LONGEST_BLOCK_MS, LONGEST_BLOCK_MS]


def test_tries_at_the_same_moment_are_all_counted(open_control: OpenControl) -> None:
    control = open_control()
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            control.attempts.begin("manager", "ann@b.test")
            outcomes.append("tried")
        except Blocked:
            outcomes.append("blocked")

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["blocked"] * (12 - FREE_TRIES) + ["tried"] * FREE_TRIES


def test_a_one_time_password_is_good_once_and_for_a_while(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    client = client_of(control, company_of(control))
    first, second = control.one_time.issue(client.id), control.one_time.issue(client.id)
    assert control.one_time.use(first) == client.id
    assert control.one_time.use(first) is None
    assert control.one_time.use("0" * 64) is None
    clock.moment += LIFE_MS
    assert control.one_time.use(second) is None


# Clients.


def test_a_client_of_another_company_is_not_there(open_control: OpenControl) -> None:
    control = open_control()
    first, second = company_of(control), company_of(control, "Second")
    client = client_of(control, first, execution_server="MT5", execution_account="77")
    assert control.clients.get(first.id, client.id) == client
    assert control.clients.by_execution(first.id, "MT5", "77") == client
    assert control.clients.many(first.id, [client.id]) == {client.id: client}
    assert control.clients.get(second.id, client.id) is None
    assert control.clients.find(second.id, client.login) is None
    assert control.clients.by_execution(second.id, "MT5", "77") is None
    assert control.clients.many(second.id, [client.id]) == {}
    assert control.clients.search(second.id, ClientFilter(), BY_ID) == ([], 0)


def test_many_clients_are_made_together_or_not_at_all(open_control: OpenControl) -> None:
    control = open_control()
    company = company_of(control)
    many = [NewClient(login=f"n{number}@mail.test", password="secret 123") for number in range(50)]  # noqa: S106
    control.clients.add_many(company.id, [*many[:2], msgspec.structs.replace(many[2], password="other 1234")])  # noqa: S106
    with pytest.raises(LoginTaken):
        control.clients.add_many(company.id, many[2:])
    control.clients.add_many(company.id, many[3:])
    control.clients.add_many(company.id, [])
    found, total = control.clients.search(company.id, ClientFilter())
    assert total == 50
    kept = {one.client.login: one.password for number in range(3) for one in control.clients.candidates(f"n{number}@mail.test")}
    assert [matches(kept[f"n{number}@mail.test"], "secret 123") for number in range(3)] == [True, True, False]
    control.clients.note_wallets({found[0].id: 7, found[1].id: 8})
    control.clients.note_wallets({})
    wallets = [client.wallet_id for client in control.clients.search(company.id, ClientFilter())[0]]
    assert wallets == [7, 8, *[None] * 48]


def test_a_client_with_a_wallet_is_not_taken_back(open_control: OpenControl) -> None:
    control = open_control()
    company = company_of(control)
    without, having = client_of(control, company), client_of(control, company, "eva@mail.test")
    control.clients.note_wallet(having.id, 11)
    control.clients.withdraw(without.id)
    control.clients.withdraw(having.id)
    assert [client.id for client in control.clients.search(company.id, ClientFilter())[0]] == [having.id]


# Tokens.


def test_a_strategys_token_can_be_read_again_until_there_is_a_new_one(open_control: OpenControl) -> None:
    control = open_control()
    company = company_of(control)
    first = control.strategy_tokens.renew(company.id, 5)
    assert control.strategy_tokens.current(company.id, 5) == first
    assert control.strategy_tokens.find(first) == StrategyToken(company.id, 5)
    second = control.strategy_tokens.renew(company.id, 5)
    assert control.strategy_tokens.find(first) is None
    assert control.strategy_tokens.find(second) == StrategyToken(company.id, 5)
    assert control.strategy_tokens.current(company.id, 6) is None
    control.strategy_tokens.revoke(company.id, 5)
    assert control.strategy_tokens.find(second) is None


def test_with_another_key_tokens_go_on_but_cannot_be_read(open_control: OpenControl) -> None:
    first = open_control()
    company = company_of(first)
    token = first.strategy_tokens.renew(company.id, 5)
    other = open_control(key=bytes(32))
    assert other.strategy_tokens.find(token) is not None
    assert other.strategy_tokens.current(company.id, 5) is None


def test_tokens_of_programs_end_when_they_are_revoked(open_control: OpenControl) -> None:
    here, elsewhere = open_control(), open_control()
    company = company_of(here)
    app = here.app_tokens.add("EA", "1.0", token="as it was built")  # noqa: S106
    partner = here.partner_tokens.add(company.id, None, label="landing page")
    elsewhere.refresh()
    known = elsewhere.app_tokens.find(app)
    assert known is not None
    assert (app, known.name, known.newest) == ("as it was built", "EA", "1.0")
    with pytest.raises(TokenTaken):
        here.app_tokens.add("EA", "1.1", token=app)
    found = elsewhere.partner_tokens.find(partner)
    assert found is not None
    assert (found.company_id, found.client_id) == (company.id, None)
    here.app_tokens.revoke(known.id)
    here.partner_tokens.revoke(found.id)
    elsewhere.refresh()
    assert (elsewhere.app_tokens.find(app), elsewhere.partner_tokens.find(partner)) == (None, None)
    with pytest.raises(UnknownToken):
        here.app_tokens.revoke(known.id)
    assert [token.revoked_at > 0 for token in here.partner_tokens.list()] == [True]


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "control.key"
    key = key_in(file)
    assert key_in(file) == key
    assert file.stat().st_mode & 0o777 == 0o600
    assert key != KEY
    file.write_bytes(b"short")
    with pytest.raises(KeyUnusable):
        key_in(file)


# Settings and audit.


def test_a_manager_has_a_bounded_number_of_settings(open_control: OpenControl) -> None:
    control = open_control()
    manager = manager_of(control, company_of(control))
    for number in range(KEYS_MAX):
        control.settings.set(manager.id, f"key {number}", "value")
    control.settings.set(manager.id, "key 0", "again")
    with pytest.raises(TooManySettings):
        control.settings.set(manager.id, "one more", "value")
    control.settings.set(manager.id, "key 1", None)
    assert [control.settings.get(manager.id, key) for key in ("key 0", "key 1", "one more")] == ["again", None, None]


def action(number: int = 0) -> Action:
    return Action(
        at=number, organization_id=1, actor="manager 1", method="manager clients.get", address="", request="{}", outcome="ok"
    )


def test_the_audit_of_several_processes_is_one_chain(open_control: OpenControl) -> None:
    controls = [open_control(), open_control()]
    threads = [
        threading.Thread(target=lambda one=control: [one.audit.write([action(n), action(n)]) for n in range(10)])
        for control in controls
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert controls[0].audit.first_bad() is None
    assert [row.number for row in controls[0].audit.rows()] == list(range(1, 41))


@pytest.mark.parametrize("change", [{"outcome": "access_denied"}, {"at": 99}, {"hash": b"x" * 32}])
def test_a_changed_row_of_the_audit_is_found(open_control: OpenControl, change: dict[str, Any]) -> None:
    control = open_control()
    control.audit.write([action(number) for number in range(5)])
    with control.database.writing() as connection:
        connection.execute(update(tables.audit).where(tables.audit.c.number == 3).values(change))
    assert control.audit.first_bad() == 3


def test_a_row_taken_out_of_the_audit_is_found(open_control: OpenControl) -> None:
    control = open_control()
    control.audit.write([action(number) for number in range(5)])
    with control.database.writing() as connection:
        connection.execute(sqlalchemy.delete(tables.audit).where(tables.audit.c.number == 2))
    assert control.audit.first_bad() == 3


def test_secrets_are_hidden_at_any_depth() -> None:
    request = {"Manager": {"Login": "a", "Password": "p1"}, "List": [{"OTP": "p2", "token": "p3"}], "OldPassword": None}
    assert msgspec.json.decode(shown(request.items())) == {
        "Manager": {"Login": "a", "Password": "***"},
        "List": [{"OTP": "***", "token": "***"}],
        "OldPassword": None,
    }
    long = shown([("Comment", "p" * 5_000)])
    assert "characters" in long
    assert len(long) < 200


def about(number: int, person: str) -> Action:
    return msgspec.structs.replace(action(number), request=f'{{"name":"{person}"}}', before="x", after=f"{person} again")


def test_what_the_audit_told_of_a_person_is_erased_and_the_chain_stays_whole(open_control: OpenControl) -> None:
    control = open_control()
    control.audit.write([about(number, "Ann" if number % 2 else "Bob") for number in range(6)])
    assert control.audit.erase(action(7), "account 17", ["ann"]) == 3
    assert control.audit.erase(action(8), "account 17", ["ann"]) == 0
    rows = control.audit.rows()
    assert ["Ann" in row.action.request for row in rows] == [False] * 8
    assert [row.action.request for row in rows[6:]] == ['{"person":"account 17","rows":3}', '{"person":"account 17","rows":0}']
    assert [row.erased_by for row in rows] == [0, 7, 0, 7, 0, 7, 0, 0]
    control.audit.write([about(9, "Eve")])
    assert control.audit.first_bad() is None


@pytest.mark.parametrize(
    "forged",
    [
        {"request": "", "before": "", "after": ""},
        {"request": "", "before": "", "after": "", "erased_by": 7, "digests": b"x" * 96},
        {"request": "another", "erased_by": 7},
        {"erased_by": 99},
    ],
)
def test_an_erasure_that_was_none_is_found(open_control: OpenControl, forged: dict[str, Any]) -> None:
    control = open_control()
    control.audit.write([about(number, "Ann" if number % 2 else "Bob") for number in range(6)])
    control.audit.erase(action(7), "account 17", ["ann"])
    with control.database.writing() as connection:
        connection.execute(update(tables.audit).where(tables.audit.c.number == 3).values(forged))
    assert control.audit.first_bad() == 3


def test_a_row_that_is_erased_beside_those_that_were_told_is_found(open_control: OpenControl) -> None:
    control = open_control()
    control.audit.write([about(number, "Ann" if number % 2 else "Bob") for number in range(6)])
    control.audit.erase(action(7), "account 17", ["ann"])
    kept = digests_of(about(2, "Bob"))
    with control.database.writing() as connection:
        forged = {"request": "", "before": "", "after": "", "erased_by": 7, "digests": kept}
        connection.execute(update(tables.audit).where(tables.audit.c.number == 3).values(forged))
    assert control.audit.first_bad() is not None
