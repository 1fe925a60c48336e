"""Every operation of every surface, called by everybody who may not, and by who may: each gets the one right answer.

What an operation needs is read from docs/permissions.md, which operations there are from the tables that calls are routed
by: one that is in the code alone, or on the page alone, fails. Nothing but the caller is right in these calls, so that who
is let in learns that his input is bad, and changes nothing.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from prorata.access.callers import Scope, permissions_of
from prorata.control.oidc.scopes import READING
from prorata.rest.description import handlers_of
from prorata.rest.own import app as own_app
from prorata.rest.ramm import methods
from prorata.rest.webapi import operations
from prorata.rest.webapi.registry import SURFACES, Operation
from prorata.rest.workspace import app as workspace_app
from tests.rest.matrix.published import published
from tests.rest.matrix.site import ABSENT, Site, all_but, check, only

assert methods
assert operations

Cells = Iterator[tuple[str, str, str]]
LET_IN = "let in"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(Path(tmp_path_factory.mktemp("matrix"))).served() as site:
        yield site


def filled(path: str, values: dict[str, str], absent: str = "999999999") -> str:
    """Return a path with values in its places; what has none is absent."""
    steps = []
    for step in path.split("/"):
        name = step[1:-1].partition(":")[0] if step.startswith("{") else ""
        steps.append(values.get(name, absent) if name else step)
    return "/".join(steps)


def in_order(names: Any) -> list[str]:
    """What removes things comes last, the things within others first."""
    return sorted(names, key=lambda name: (name.startswith("DELETE"), -name.count("/"), name))


def same(one: httpx2.Response, other: httpx2.Response) -> bool:
    """Say whether two answers differ in nothing but what differs for every call."""
    return (one.status_code, told(one)) == (other.status_code, told(other))


def told(answer: httpx2.Response) -> Any:
    body = answer.json()
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if name not in ("meta", "instance", "request_id")}


# The own API.


def own(answer: httpx2.Response) -> str:
    """Return how a call of the own API or the workspace came out, as far as it is about the caller."""
    problem = answer.json() if answer.headers["content-type"].startswith("application/problem+json") else {}
    name = str(problem.get("refusal", ""))
    return name if name in ("NOT_AUTHENTICATED", "NOT_PERMITTED", "NOT_READY") or answer.status_code >= 500 else LET_IN


def test_every_operation_of_the_own_api(site: Site) -> None:
    table = published("The own API")
    there = {f"{verb.upper()} {path}" for path, verb in handlers_of(own_app.create_operations())}
    assert there == table.keys()

    def cells() -> Cells:
        for name in in_order(table):
            verb, _, path = name.partition(" ")
            path, needs = filled(path, {}), table[name]
            for key in ("unknown", "expired", "revoked", "elsewhere"):
                yield f"{name}, key {key}", "NOT_AUTHENTICATED", own(site.ask(verb, path, site.keys[key]))
            for scope in Scope:
                may = LET_IN if needs in permissions_of(frozenset({scope})) else "NOT_PERMITTED"
                yield f"{name}, key {scope}", may, own(site.ask(verb, path, site.keys[scope]))
            for who in ("nobody", "unknown", "expired", "revoked", "of another surface", "reading"):
                yield f"{name}, {who}", "NOT_AUTHENTICATED", own(site.ask(verb, path, site.programs[who]))
            for who, wanted in ((only(needs), LET_IN), (all_but(needs), "NOT_PERMITTED")):
                answer = site.ask(verb, path, site.programs[who], **{"prorata-platform": site.live})
                yield f"{name}, {who}", wanted, own(answer)
            for who in ("other", "narrowed"):
                theirs, none = (
                    site.ask(verb, path, site.programs[who], **{"prorata-platform": uuid}) for uuid in (site.live, ABSENT)
                )
                yield (
                    f"{name}, {who}",
                    "404 as none",
                    f"{theirs.status_code} {'as none' if same(theirs, none) else theirs.text}",
                )

    check(cells())


# The workspace.


def test_every_operation_of_the_workspace(site: Site) -> None:
    table = published("The workspace")
    there = {f"{verb.upper()} {path}" for path, verb in handlers_of(workspace_app.create_operations())}
    assert there == table.keys()
    check(cell for name in in_order(table) for cell in _of_workspace(site, name, table[name]))


def _of_workspace(site: Site, name: str, needs: str) -> Cells:
    verb, _, path = name.partition(" ")
    mine = {"organization": site.organization, "uuid": site.organization}

    def ask(who: str, **more: str) -> httpx2.Response:
        return site.ask(verb, filled(path, mine | more, ABSENT), who)

    if needs == "nothing":
        yield f"{name}, nobody", LET_IN, own(ask(""))
        return
    for who, token in (("nobody", ""), ("ended", site.people["ended"]), ("a program", site.programs["all"])):
        yield f"{name}, {who}", "NOT_AUTHENTICATED", own(ask(token))
    if needs == "to be signed in":
        yield f"{name}, somebody", LET_IN, own(ask(site.fresh.pop()))
        return
    yield from _of_organization(site, name, needs, ask)


def _of_organization(site: Site, name: str, needs: str, ask: Any) -> Cells:
    stranger = site.people["stranger"]
    absent = ask(stranger, organization=ABSENT, uuid=ABSENT)
    yield f"{name}, stranger", "404 as none", _like(ask(stranger), absent)
    things = site.own | {"platform": site.live}
    if "applications" in name:
        things["client_id"] = things["application"]
    if name.count("{") > 1:
        other = {"organization": site.other, "uuid": site.other}
        absent = ask(stranger, **other)
        yield (
            f"{name}, of another organization",
            f"{absent.status_code} as none",
            _like(ask(stranger, **other, **things), absent),
        )
    if "{platform}" in name:
        narrowed = site.people["narrowed"]
        yield f"{name}, narrowed", "404 as none", _like(ask(narrowed, **things), ask(narrowed))
    if needs == "to be a member":
        yield f"{name}, member", LET_IN, own(ask(site.people["nothing"], **site.own))
        return
    yield f"{name}, {all_but(needs)}", "NOT_PERMITTED", own(ask(site.people[all_but(needs)], **things))
    yield f"{name}, {only(needs)}", LET_IN, own(ask(site.people[only(needs)], **site.own))


def _like(answer: httpx2.Response, absent: httpx2.Response) -> str:
    return f"{answer.status_code} {'as none' if same(answer, absent) else answer.text}"


# The WebAPI.


def webapi(answer: httpx2.Response) -> str:
    """Return how a call of the WebAPI came out, as far as it is about the caller."""
    body = answer.json()
    error = body.get("error", body) if (isinstance(body, dict) and answer.status_code != 200) or "meta" in body else None
    if not error:
        return LET_IN
    code, message = error.get("code"), error.get("message", "")
    if code == "Forbidden":
        return "not signed in" if answer.status_code == 401 else "forbidden"
    if code == "NotFound" and "trade platform" in message:
        return "no such platform"
    return str(code) if code in ("Internal", "OutcomeUnknown", "NoConnect", "Busy") else LET_IN


def test_every_operation_of_the_webapi(site: Site) -> None:
    table = published("The WebAPI")
    there = {
        f"{one.verb} /api/v2/{surface.name}/{{tradePlatform}}/{one.template}": one
        for surface in SURFACES.values()
        for one in surface
    }
    assert there.keys() == table.keys()
    check(cell for name in in_order(table) for cell in _of_webapi(site, name, there[name], table[name]))


def _of_webapi(site: Site, name: str, operation: Operation, needs: str) -> Cells:
    absent = {one.published: "none" for one in operation.path if not str(one.kind).startswith("typing.Annotated[int")}

    def ask(who: str, platform: str = site.live, root: str = "/api/v2") -> httpx2.Response:
        verb, _, path = name.partition(" ")
        return site.ask(verb, filled(path.replace("/api/v2", root), absent | {"tradePlatform": platform}), site.programs[who])

    answers: dict[str, str] = dict.fromkeys(("nobody", "unknown", "expired", "revoked"), "not signed in")
    answers |= {only(needs): LET_IN, all_but(needs): "forbidden"}
    answers |= {"reading": LET_IN, "writing": "forbidden"} if needs in READING else {"reading": "forbidden"}
    for who, wanted in answers.items():
        yield f"{name}, {who}", wanted, webapi(ask(who))
    for who in ("other", "narrowed"):
        theirs, none = ask(who), ask(who, ABSENT)
        yield f"{name}, {who}", "no such platform as none", f"{webapi(theirs)} {'as none' if same(theirs, none) else none.text}"
    if operation.surface.name == "MT4":
        for who, wanted in (("nobody", "not signed in"), ("other", "no such platform"), (all_but(needs), "forbidden")):
            yield f"{name}, {who} at the first version", wanted, webapi(ask(who, root="/api"))


def test_what_the_first_version_lists(site: Site) -> None:
    def cells() -> Cells:
        for path, place in (
            ("/TradePlatforms/{}", site.live),
            ("/TradePlatforms/{}/Ping", site.live),
            ("/Organizations/{}", site.organization),
        ):
            for who in ("nobody", "unknown", "expired", "revoked"):
                yield f"{path}, {who}", "401", str(site.ask("GET", f"/api{path.format(place)}", site.programs[who]).status_code)
            for who in ("other", *(["narrowed"] if place == site.live else [])):
                theirs, none = (site.ask("GET", f"/api{path.format(uuid)}", site.programs[who]) for uuid in (place, ABSENT))
                yield f"{path}, {who}", "404 as none", _like(theirs, none)
            yield f"{path}, all", "200", str(site.ask("GET", f"/api{path.format(place)}", site.programs["all"]).status_code)
        listed = {
            who: [one["id"] for one in site.ask("GET", "/api/TradePlatforms", site.programs[who]).json()]
            for who in ("all", "other", "narrowed")
        }
        yield "/TradePlatforms", str({"all": [site.live, site.spare], "other": [], "narrowed": [site.spare]}), str(listed)

    check(cells())
