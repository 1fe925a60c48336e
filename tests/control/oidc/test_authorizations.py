"""Codes and refresh tokens on both databases: taken once, however many ask at the same moment; API clients elsewhere."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from prorata.access.permissions import EVERYTHING
from prorata.control.api_clients.addresses import BadNetwork, is_within, networks_from
from prorata.control.api_clients.store import USED_EVERY_MS, ApiClientChange, NewApiClient
from prorata.control.oidc.authorizations import (
    AUTHORIZATION_LIFE_MS,
    CODE_LIFE_MS,
    REFRESH_LIFE_MS,
    Authorization,
    BadGrant,
    NewAuthorization,
    challenge_of,
)
from prorata.control.oidc.keys import KEEP_MS
from prorata.control.oidc.scopes import TokenScope
from prorata.control.oidc.tables import authorizations, refresh_tokens, revoked_tokens
from prorata.control.organizations.declined import Declined
from prorata.control.people.people import NewPerson
from prorata.control.store import Control
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS
from tests.control.conftest import OpenControl
from tests.rest.house import HandClock

VERIFIER = "a-verifier-of-fifty-characters-that-nobody-guesses"
REDIRECT = "https://app.test/in"
OFFLINE = frozenset({TokenScope.OPENID, TokenScope.OFFLINE_ACCESS})


def code_of(control: Control, scopes: frozenset[TokenScope] = OFFLINE, sign_in: str = "s") -> str:
    """Make a person who gives an application a code."""
    person = control.people.find("ann@mail.test") or control.people.add(NewPerson(email="ann@mail.test"))
    return control.oidc.authorizations.begin(
        NewAuthorization(
            client_id="app", person_id=person.id, organization_id=None, sign_in=sign_in, redirect=REDIRECT, scopes=scopes,
            nonce="", challenge=challenge_of(VERIFIER), methods=("pwd",), proved_at=0,
        )
    )  # fmt: skip


def redeem(control: Control, code: str) -> Authorization:
    return control.oidc.authorizations.redeem(code, client_id="app", redirect=REDIRECT, verifier=VERIFIER)


def refresh(control: Control, token: str) -> str:
    return control.oidc.authorizations.refresh(token, client_id="app")[1]


def at_once(work: Callable[[], Any], times: int = 4) -> list[Any]:
    """Return what came of doing something several times at the same moment; None where it was refused."""
    gate = Barrier(times)

    def one(_: int) -> Any:
        gate.wait()
        try:
            return work()
        except BadGrant:
            return None

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_of_several_who_show_a_code_at_once_one_gets_it_and_it_is_revoked(open_control: OpenControl) -> None:
    control = open_control()
    code = code_of(control)
    taken = [one for one in at_once(lambda: redeem(control, code)) if one is not None]
    assert len(taken) == 1
    assert control.oidc.revocations.has(taken[0].uuid)


def test_of_several_who_show_a_refresh_token_at_once_one_gets_the_next_and_the_family_ends(open_control: OpenControl) -> None:
    control, elsewhere = open_control(), open_control()
    authorization = redeem(control, code_of(control))
    token = control.oidc.authorizations.issue_refresh(authorization)
    following = [one for one in at_once(lambda: refresh(control, token)) if one is not None]
    assert len(following) == 1
    with pytest.raises(BadGrant):
        refresh(elsewhere, following[0])
    assert not elsewhere.oidc.revocations.has(authorization.uuid)
    elsewhere.refresh()
    assert elsewhere.oidc.revocations.has(authorization.uuid)


def test_refresh_tokens_follow_each_other_for_half_a_year(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    token = control.oidc.authorizations.issue_refresh(redeem(control, code_of(control)))
    for _ in range(AUTHORIZATION_LIFE_MS // REFRESH_LIFE_MS):
        clock.moment += REFRESH_LIFE_MS - 1
        control.oidc.sweep()
        token = refresh(control, token)
    clock.moment += REFRESH_LIFE_MS - 1
    with pytest.raises(BadGrant):
        refresh(control, token)


def test_what_is_over_is_forgotten(open_control: OpenControl, clock: HandClock) -> None:
    control = open_control()
    kept = control.oidc.authorizations.issue_refresh(redeem(control, code_of(control)))
    code_of(control)
    control.oidc.revocations.revoke("token")
    clock.moment += max(DAY_MS, KEEP_MS)
    control.oidc.sweep()

    def counts() -> list[int]:
        tables = (authorizations, refresh_tokens, revoked_tokens)
        with control.database.reading() as connection:
            return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]

    assert counts() == [1, 1, 0]
    refresh(control, kept)
    clock.moment += REFRESH_LIFE_MS
    control.oidc.sweep()
    assert counts() == [0, 0, 0]


def test_signing_out_ends_what_was_given_meanwhile_but_not_what_is_for_his_absence(open_control: OpenControl) -> None:
    control = open_control()
    online = redeem(control, code_of(control, frozenset({TokenScope.API})))
    offline = redeem(control, code_of(control))
    other = redeem(control, code_of(control, frozenset({TokenScope.API}), sign_in="other"))
    control.oidc.authorizations.revoke_of_sign_in("s")
    assert [control.oidc.revocations.has(one.uuid) for one in (online, offline, other)] == [True, False, False]
    control.oidc.authorizations.revoke_of_person(offline.person_id)
    assert control.oidc.revocations.has(offline.uuid)


def test_a_code_is_good_for_a_minute_less_a_moment(sqlite_control: Control, clock: HandClock) -> None:
    code = code_of(sqlite_control)
    clock.moment += CODE_LIFE_MS - 1
    redeem(sqlite_control, code)


# API clients.


def test_a_client_is_known_elsewhere_after_a_refresh_and_its_use_is_written_down(
    open_control: OpenControl, clock: HandClock
) -> None:
    here, elsewhere = open_control(), open_control()
    person = here.people.add(NewPerson(email="boss@mail.test"))
    organization = here.organizations.add(person.id, "Desk").id
    client, secret = here.api_clients.add(organization, NewApiClient(name="robot", permissions=EVERYTHING), by=person.id)
    assert elsewhere.api_clients.proved(client.client_id, secret) is None
    elsewhere.refresh()
    assert elsewhere.api_clients.proved(client.client_id, secret) == client
    elsewhere.api_clients.note_use(client.client_id)
    elsewhere.refresh()
    at = clock.moment
    here.api_clients.change(organization, client.client_id, ApiClientChange(name="robot 2"), by=person.id)
    assert here.api_clients.get(organization, client.client_id).used_at == at
    clock.moment += USED_EVERY_MS - 1
    elsewhere.api_clients.note_use(client.client_id)
    assert elsewhere.api_clients.get(organization, client.client_id).used_at == at
    here.api_clients.change(organization, client.client_id, ApiClientChange(disabled=True), by=person.id)
    elsewhere.refresh()
    assert elsewhere.api_clients.proved(client.client_id, secret) is None


def test_an_organization_has_so_many_clients_and_no_more(sqlite_control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prorata.control.api_clients.store.CLIENTS_MAX", 2)
    control = sqlite_control
    person = control.people.add(NewPerson(email="boss@mail.test"))
    organization = control.organizations.add(person.id, "Desk").id
    new = NewApiClient(name="robot", permissions=frozenset())
    for _ in range(2):
        last, _ = control.api_clients.add(organization, new, by=person.id)
    with pytest.raises(Declined) as declined:
        control.api_clients.add(organization, new, by=person.id)
    assert declined.value.code == Refusal.QUOTA_REACHED
    control.api_clients.remove(organization, last.client_id, by=person.id)
    control.api_clients.add(organization, new, by=person.id)


def test_the_clients_of_a_closed_organization_are_nobodys(sqlite_control: Control) -> None:
    control = sqlite_control
    person = control.people.add(NewPerson(email="boss@mail.test"))
    organization = control.organizations.add(person.id, "Desk").id
    client, secret = control.api_clients.add(organization, NewApiClient(name="robot", permissions=EVERYTHING), by=person.id)
    control.organizations.close(organization, by=person.id)
    control.refresh()
    assert control.api_clients.proved(client.client_id, secret) is None


@pytest.mark.parametrize(
    ("networks", "address", "inside"),
    [
        ([], "anything", True),
        (["10.0.0.0/8"], "10.1.2.3", True),
        (["10.0.0.0/8"], "11.1.2.3", False),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", True),
        (["10.0.0.0/8"], "", False),
        (["2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "10.1.2.3", False),
        (["192.0.2.1", "192.0.2.7"], "192.0.2.7", True),
    ],
)
def test_an_address_is_within_a_network(networks: list[str], address: str, inside: bool) -> None:
    assert is_within(networks_from(networks), address) is inside


def test_what_is_no_network_is_refused() -> None:
    for text in ("", "10.0.0.1/8", "host", "10.0.0.0/33"):
        with pytest.raises(BadNetwork):
            networks_from([text])
