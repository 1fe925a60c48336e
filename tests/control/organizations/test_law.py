"""Whatever people do to each other's rights: nobody holds what no Administrator gave, and there is always an Administrator.

What somebody holds is reckoned here as pairs of a right and a place, without the arithmetic of grants. A step that is
done may add to anybody only what whoever did it held a moment before; at first the Administrator alone holds anything.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prorata.access.permissions import ADMINISTRATOR, MANAGER_METHODS, NO_ROLE, Permission
from prorata.control.organizations.inside import insert_member
from prorata.control.organizations.invitations import RESEND_MS
from prorata.control.organizations.members import MemberChange
from prorata.control.organizations.rights import Rights
from prorata.control.organizations.roles import Role
from prorata.control.store import Control
from tests.control.organizations.office import Office, refusal_of
from tests.rest.house import HandClock

NAMES = ("ann", "bob", "cat", "dan")
ELSEWHERE = "every other platform"
SOME_RIGHTS = (Permission.MEMBERS_MANAGE, Permission.CLIENTS_READ, "clients.get", "money.move")
SOME_ROLES = (ADMINISTRATOR, "Dealer", NO_ROLE, "Own")

Held = set[tuple[str, str]]

names = st.sampled_from(NAMES)
permissions = st.frozensets(st.sampled_from(SOME_RIGHTS), max_size=2)
places = st.sampled_from((None, None, None, frozenset({0}), frozenset({0, 1})))
rights = st.tuples(st.sampled_from(SOME_ROLES), permissions, places)
nothing = st.none()


def step_of(what: str, more: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, str, str, Any]]:
    """Return steps of a kind: what, who does it, to whom, with what."""
    return st.tuples(st.just(what), names, names, more)


steps = st.one_of(
    step_of("change", rights),
    step_of("change", rights),
    step_of("join", rights),
    step_of("invite", rights),
    step_of("accept", nothing),
    step_of("disable", st.booleans()),
    step_of("add role", permissions),
    step_of("change role", permissions),
    st.one_of(
        step_of("remove", nothing),
        step_of("leave", nothing),
        step_of("hand over", st.sampled_from(("Dealer", None))),
        step_of("remove role", nothing),
    ),
)


class Play:
    """One organization, two trade platforms, and the tokens of whoever was invited."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.control = office.control
        office.organization = self.control.organizations.add(office.people["ann"], "Play")
        self.platforms = (office.add_platform("First"), office.add_platform("Second"))
        self.tokens: dict[str, tuple[str, str]] = {}
        """of each invited person: the token, and who sent it"""
        self.begin()

    def begin(self) -> None:
        """Put something in it: most steps would be refused among strangers."""
        manages = frozenset({Permission.MEMBERS_MANAGE})
        given = {
            "bob": Rights(role="Dealer", permissions=manages),
            "cat": Rights(role="Dealer", permissions=manages, platforms=frozenset({self.platforms[0]})),
            "dan": Rights(permissions=frozenset({"clients.get"})),
        }
        with self.control.grants.changing() as connection:
            for name, rights in given.items():
                insert_member(connection, self.office.id, self.office.people[name], rights, self.office.clock.now())

    def held(self, name: str) -> Held:
        grant = self.office.grant(name)
        if grant is None:
            return set()
        where = (*self.platforms, ELSEWHERE) if grant.platforms is None else tuple(grant.platforms)
        parts = {method for method, permission in MANAGER_METHODS.items() if permission in grant.permissions}
        return {(right, place) for right in grant.permissions | parts for place in where}

    def rights(self, drawn: tuple[str, frozenset[str], frozenset[int] | None]) -> Rights:
        role, permissions, places = drawn
        narrowed = None if places is None else frozenset(self.platforms[place] for place in places)
        return Rights(role=role, permissions=permissions, platforms=narrowed)

    def take(self, what: str, name: str, other: str, more: Any) -> str | None:
        """Take a step if it is allowed; return whose gift it is, None if nothing was done."""
        me, whom, where = self.office.people[name], self.office.uuid(other), self.office.id
        control = self.control
        role = Role(name="Own", permissions=more if isinstance(more, frozenset) else frozenset(), built_in=False)
        match what:
            case "invite":
                return self.invite(name, other, self.rights(more))
            case "join":
                self.invite(name, other, self.rights(more))
                return self.accept(other)
            case "accept":
                return self.accept(name)
            case "change":
                given = self.rights(more)
                change = MemberChange(role=given.role, permissions=given.permissions, platforms=given.platforms)
                refusal = refusal_of(control.members.change, where, whom, change, by=me)
            case "disable":
                refusal = refusal_of(control.members.change, where, whom, MemberChange(disabled=more), by=me)
            case "remove":
                refusal = refusal_of(control.members.remove, where, whom, by=me)
            case "leave":
                refusal = refusal_of(control.organizations.leave, where, by=me)
            case "hand over":
                refusal = refusal_of(control.organizations.hand_over, where, whom, more, by=me)
            case "add role":
                refusal = refusal_of(control.roles.add, where, role, by=me)
            case "change role":
                refusal = refusal_of(control.roles.change, where, "Own", new_name=None, permissions=role.permissions, by=me)
            case _:
                refusal = refusal_of(control.roles.remove, where, "Own", by=me)
        return name if refusal is None else None

    def accept(self, name: str) -> str | None:
        token, inviter = self.tokens.get(name, ("none", name))
        accepted = refusal_of(self.control.invitations.accept, token, self.office.people[name]) is None
        return inviter if accepted else None

    def invite(self, name: str, other: str, given: Rights) -> str | None:
        self.office.clock.moment += RESEND_MS
        if refusal_of(self.office.invite, other, given, by=name) is not None:
            return None
        self.tokens[other] = (self.office.mailed(other), name)
        return name


@pytest.fixture(scope="module")
def players(one_control: Control, steady_clock: HandClock) -> Office:
    office = Office(one_control, steady_clock)
    for name in NAMES:
        office.person(name)
    return office


@given(story=st.lists(steps, min_size=10, max_size=30))
@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_nobody_holds_what_no_administrator_gave_and_there_is_always_one(
    players: Office, story: list[tuple[str, str, str, Any]]
) -> None:
    play = Play(players)
    before = {name: play.held(name) for name in NAMES}
    for step in story:
        giver = play.take(*step)
        after = {name: play.held(name) for name in NAMES}
        for name in NAMES:
            assert after[name] - before[name] <= (before[giver] if giver else set()), (step, name)
        if giver:
            members = play.control.members.all(play.office.id)
            assert any(member.rights.role == ADMINISTRATOR and member.is_active for member in members), step
        before = after
