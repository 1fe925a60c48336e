"""Every operation of every surface, called by everybody who may not, and by who may: each gets the one right answer.

What an operation needs is read from docs/permissions.md, which operations there are from the tables that calls are routed
by: one that is in the code alone, or on the page alone, fails. Nothing but the caller is right in these calls, so that who
is let in learns that his input is bad, and changes nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest

from prorata.access.callers import Scope, permissions_of
from prorata.access.permissions import Permission
from prorata.control.oidc.scopes import READING
from prorata.rest.broker import operations as broker_operations
from prorata.rest.broker import registry as broker
from prorata.rest.broker_v2 import app as broker_v2
from prorata.rest.broker_v2.registry import operations as operations_v2
from prorata.rest.description import handlers_of
from prorata.rest.oidc import app as oidc
from prorata.rest.own import app as own_app
from prorata.rest.platform import operations as terminal_operations
from prorata.rest.platform import registry as terminal
from prorata.rest.ramm import methods
from prorata.rest.ramm.registry import APIS, MANAGER
from prorata.rest.webapi import operations
from prorata.rest.webapi.registry import SURFACES, Operation
from prorata.rest.workspace import app as workspace_app
from prorata.stream.signalr.hubs import NEEDED
from tests.rest.matrix.published import published
from tests.rest.matrix.site import ABSENT, Site, all_but, check, only

assert methods
assert operations
assert broker_operations
assert terminal_operations


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


def like(answer: httpx2.Response, absent: httpx2.Response) -> str:
    """Return the status of an answer, and whether it is as that of what is not there."""
    return f"{answer.status_code} {'as none' if same(answer, absent) else answer.text}"


def told(answer: httpx2.Response) -> Any:
    body = answer.json()
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if name not in ("meta", "instance", "request_id", "timestamp", "path")}


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
                    like(theirs, none),
                )

    check(cells())


# The workspace.

RIGHT = {"to be a member": ("nothing", ""), "to be an Administrator": ("owner", only(Permission.ORGANIZATION_MANAGE))}
"""Who may, and who may not, where it is no matter of a permission."""


def test_every_operation_of_the_workspace(site: Site) -> None:
    table = published("The workspace")
    there = {f"{verb.upper()} {path}" for path, verb in handlers_of(workspace_app.create_operations())}
    assert there == table.keys()
    check(cell for name in in_order(table) for cell in _of_workspace(site, name, table[name]))


def _of_workspace(site: Site, name: str, needs: str) -> Cells:
    verb, _, path = name.partition(" ")
    mine = {"organization": site.organization, "key": "aaaaaaaa", "number": "999999999"}

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
    absent = ask(stranger, organization=ABSENT)
    yield f"{name}, stranger", f"{absent.status_code} as none", like(ask(stranger), absent)
    things = site.own | {"platform": site.live}
    if "applications" in name:
        things["client_id"] = things["application"]
    if name.count("{") > 1:
        absent = ask(stranger, organization=site.other)
        theirs = ask(stranger, organization=site.other, **things)
        yield f"{name}, of another organization", f"{absent.status_code} as none", like(theirs, absent)
    if "{platform}" in name:
        narrowed, absent = site.people["narrowed"], ask(site.people["narrowed"], **things | {"platform": ABSENT})
        yield f"{name}, narrowed", f"{absent.status_code} as none", like(ask(narrowed, **things), absent)
    may, may_not = RIGHT.get(needs, (only(needs), all_but(needs)))
    if may_not:
        yield f"{name}, {may_not}", "NOT_PERMITTED", own(ask(site.people[may_not], **things))
    # Nobody touches who has more than himself: of people and invitations he names none that is there.
    theirs = {part: thing for part, thing in site.own.items() if part not in ("person", "invitation")}
    yield f"{name}, {may}", LET_IN, own(ask(site.people[may], **theirs))


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
        places = {"/TradePlatforms/{}": site.live, "/TradePlatforms/{}/Ping": site.live, "/Organizations/{}": site.organization}
        for path, place in places.items():
            for who in ("nobody", "unknown", "expired", "revoked"):
                yield f"{path}, {who}", "401", str(site.ask("GET", f"/api{path.format(place)}", site.programs[who]).status_code)
            for who in ("other", *(["narrowed"] if place == site.live else [])):
                theirs, none = (site.ask("GET", f"/api{path.format(uuid)}", site.programs[who]) for uuid in (place, ABSENT))
                yield f"{path}, {who}", "404 as none", like(theirs, none)
            yield f"{path}, all", "200", str(site.ask("GET", f"/api{path.format(place)}", site.programs["all"]).status_code)
        listed = {
            who: [one["id"] for one in site.ask("GET", "/api/TradePlatforms", site.programs[who]).json()]
            for who in ("all", "other", "narrowed")
        }
        wanted = {"all": [True, True], "other": [False, False], "narrowed": [False, True]}
        came = {who: [uuid in listed[who] for uuid in (site.live, site.spare)] for who in listed}
        yield "/TradePlatforms", str(wanted), str(came)

    check(cells())


# The hubs.


def test_every_method_of_the_hubs(site: Site) -> None:
    table = published("The hubs")
    assert table.keys() == {f"/hubs/{kind}/v2 {name}" for kind, needed in NEEDED.items() for name in needed}

    def negotiated(kind: str, who: str, platform: str = site.live) -> httpx2.Response:
        return site.ask("POST", f"/hubs/{kind}/v2/negotiate?tradePlatform={platform}", site.programs[who])

    def called(path: str, name: str, who: str) -> str:
        """Call a method by long polling; say whether it is forbidden."""
        place = f"{path}?tradePlatform={site.live}&id={negotiated(path.split('/')[2], who).json()['connectionId']}"
        token = {"authorization": f"Bearer {site.programs[who]}"}
        asked: dict[str, Any] = {"type": 4 if name.startswith("stream") else 1, "invocationId": "1", "target": name}
        asked["arguments"] = [] if name.startswith("stream") else ["EURUSD"]
        site.http.get(place, headers=token)
        for message in ({"protocol": "json", "version": 1}, asked):
            site.http.post(place, headers=token, content=json.dumps(message) + "\x1e")
        said = site.http.get(place, headers=token).text
        site.http.delete(place, headers=token)
        return "forbidden" if "Forbidden" in said else LET_IN if "OnConnectionStatus" in said else said

    def cells() -> Cells:
        for kind in NEEDED:
            for who in ("nobody", "unknown", "expired", "revoked"):
                yield f"{kind}, {who}", "401", str(negotiated(kind, who).status_code)
            for who in ("other", "narrowed"):
                yield f"{kind}, {who}", "404 as none", like(negotiated(kind, who), negotiated(kind, who, ABSENT))
        for operation, needs in table.items():
            path, _, name = operation.partition(" ")
            for who, wanted in ((only(needs), LET_IN), (all_but(needs), "forbidden")):
                yield f"{operation}, {who}", wanted, called(path, name, who)

    check(cells())


# The Broker-API.


def test_every_operation_of_the_broker_api(site: Site) -> None:
    table = published("The Broker-API:")
    there = {f"{one.verb} {one.template}": one for one in broker.operations()}
    assert there.keys() == table.keys()
    keys = {who: secret for who, (_, secret) in site.secrets.items()} | {"nobody": "", "unknown": "nonsense"}

    def cells() -> Cells:
        for name, needs in table.items():
            verb, _, path = name.partition(" ")
            path = filled(path, {}, ABSENT)
            may, may_not = (only(Permission.USAGE_READ), "") if needs == "any key" else (only(needs), all_but(needs))
            for who in ("nobody", "unknown"):
                yield f"{name}, {who}", "401", str(site.ask(verb, path, keys[who]).status_code)
            if may_not:
                yield f"{name}, {may_not}", "403", str(site.ask(verb, path, keys[may_not]).status_code)
            came = site.ask(verb, path, keys[may]).status_code
            yield f"{name}, {may}", LET_IN, LET_IN if came < 500 and came not in (401, 403) else str(came)
            if any(one.published == "systemUuid" for one in there[name].query):
                for who in ("other", "narrowed"):
                    theirs, none = (site.ask(verb, f"{path}?systemUuid={uuid}", keys[who]) for uuid in (site.live, ABSENT))
                    yield f"{name}, {who}", f"{none.status_code} as none", like(theirs, none)

    check(cells())


def test_every_operation_of_the_second_broker_api(site: Site) -> None:
    table = published("The Broker-API, version 2")
    assert {f"{one.verb} {broker_v2.ROOT}{one.template}" for one in operations_v2()} == table.keys()
    keys = {who: secret for who, (_, secret) in site.secrets.items()} | {"nobody": "", "unknown": "nonsense"}

    def cells() -> Cells:
        for name, needs in table.items():
            verb, _, path = name.partition(" ")
            path = filled(path, {}, ABSENT)
            may, may_not = (only(Permission.USAGE_READ), "") if needs == "any key" else (only(needs), all_but(needs))
            for who in ("nobody", "unknown"):
                yield f"{name}, {who}", "401", str(site.ask(verb, path, keys[who]).status_code)
            if may_not:
                yield f"{name}, {may_not}", "403", str(site.ask(verb, path, keys[may_not]).status_code)
            came = site.ask(verb, path, keys[may]).status_code
            yield f"{name}, {may}", LET_IN, LET_IN if came < 500 and came not in (401, 403) else str(came)

    check(cells())


# The Platform-API.


def test_every_operation_of_the_platform_api(site: Site) -> None:
    table = published("The Platform-API")
    assert {f"{one.verb} {one.path}" for one in terminal.operations()} == table.keys()
    manager = site.managers[only(Permission.COPYING_READ)]
    sessions = {
        "nobody": "",
        "unknown": "x",
        "ended": site.ramm["ended"],
        "a manager": manager,
        "a member": site.people["owner"],
    }

    def ask(name: str, cookie: str, token: str = "", system: str = site.live) -> httpx2.Response:
        verb, _, path = name.partition(" ")
        headers = {"cookie": f"co-auth={cookie}"} | ({"auth-trading-api": token} if token else {})
        return site.ask(verb, filled(path, {"systemUuid": system}, ABSENT), "", **headers)

    def cells() -> Cells:
        session, token = site.terminal()
        _, of_another_session = site.terminal()
        for name in sorted(table, key=lambda name: (name.endswith("logout"), name)):
            if table[name] == "nothing":
                came = ask(name, "").status_code
                yield f"{name}, nobody", LET_IN, LET_IN if came in (200, 400, 404, 422) or "refresh" in name else str(came)
                continue
            for who, cookie in sessions.items():
                yield f"{name}, {who}", "401", str(ask(name, cookie, token).status_code)
            if table[name] == "a trading token":
                for who, given in (("no token", ""), ("another session's token", of_another_session), ("nonsense", "x")):
                    yield f"{name}, {who}", "401", str(ask(name, session, given).status_code)
                yield f"{name}, on another platform", "404", str(ask(name, session, token, site.spare).status_code)
            came = ask(name, session, token).status_code
            yield f"{name}, the trader", LET_IN, LET_IN if came < 500 and came not in (401, 403) else str(came)

    check(cells())


# The RAMM APIs.


def ramm(site: Site, path: str, token: str, app: str = "") -> str:
    """Call a method; say how it came out, as far as it is about the caller."""
    answer = site.http.post(path, headers={"token": token, "apptoken": app}, content=b"[")
    error = answer.json() or {}
    error = error.get("error") or error.get("Error") or {}
    code = str(error.get("code") or error.get("Code") or "")
    return code if code in ("bad_credentials", "access_denied", "not_ready", "internal_error") else LET_IN


def test_every_method_of_the_manager_api(site: Site) -> None:
    table = published("The RAMM Manager API")
    assert table.keys() == {method.name for method in MANAGER}

    def cells() -> Cells:
        for name, needs in table.items():
            path = f"/api/manager/v1/{name}"
            for who, token in {"nobody": "", "unknown": "x", "ended": site.managers["ended"], **site.ramm}.items():
                yield f"{name}, {who}", LET_IN if needs == "no token" else "bad_credentials", ramm(site, path, token)
            if needs in set(Permission):
                yield f"{name}, {all_but(needs)}", "access_denied", ramm(site, path, site.managers[all_but(needs)])
            may = needs if needs in set(Permission) else Permission.REPORTS_READ
            yield f"{name}, {only(may)}", LET_IN, ramm(site, path, site.managers[only(may)])

    check(cells())


def test_every_method_of_the_other_ramm_apis(site: Site) -> None:
    table = published("The other RAMM APIs")
    assert table.keys() == {path for api in APIS.values() if api is not MANAGER for method in api for path in method.paths}
    tokens = {"nobody": "", "unknown": "x", **site.ramm, "a manager": site.managers[only(Permission.COPYING_READ)]}
    right = {
        "a client's session": "client",
        "a partner's token": "partner",
        "a strategy's and an application's token": "strategy",
    }

    def cells() -> Cells:
        for path, caller in table.items():
            for who, token in tokens.items():
                may = caller == "no token" or who == right[caller]
                yield f"{path}, {who}", LET_IN if may else "bad_credentials", ramm(site, path, token, site.ramm["app"])
            if caller != "no token" and right[caller] == "strategy":
                yield f"{path}, no application", "bad_credentials", ramm(site, path, site.ramm["strategy"])

    check(cells())


# OpenID Connect.

PUBLIC = {
    "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json",
    "/connect/authorize", "/connect/endsession", "/connect/login", "/connect/login/code",
    "/connect/outside/{name:str}", "/connect/outside/{name:str}/callback",
}  # fmt: skip
"""For everybody: they name no caller, or ask a person to sign in."""
NAMED = {"/connect/token", "/connect/userinfo", "/connect/introspect", "/connect/revocation"}


def test_every_endpoint_of_the_provider(site: Site) -> None:
    there = {route.path for route in oidc.create_provider(cast("Any", None)).routes}
    assert there == PUBLIC | NAMED

    def form(path: str, who: str, secret: str = "", **fields: str) -> httpx2.Response:
        client_id, known = site.secrets[who]
        return site.http.post(path, data=fields, auth=(client_id, secret or known))

    def cells() -> Cells:
        for path in sorted(PUBLIC):
            yield path, LET_IN, LET_IN if site.http.get(path).status_code not in (401, 403) else "refused"
        for who in ("nobody", "unknown", "expired", "revoked", "all"):
            yield f"userinfo, {who}", "401", str(site.ask("GET", "/connect/userinfo", site.programs[who]).status_code)
        for who, wanted in (("a person unasked", "403"), ("a person", "200")):
            yield f"userinfo, {who}", wanted, str(site.ask("GET", "/connect/userinfo", site.programs[who]).status_code)
        asked = {"token": site.programs["all"], "grant_type": "client_credentials", "scope": "webapi"}
        for path in ("/connect/token", "/connect/introspect", "/connect/revocation"):
            yield f"{path}, nobody", "401", str(site.http.post(path, data=asked).status_code)
            yield f"{path}, wrong secret", "401", str(form(path, "all", "wrong", **asked).status_code)
        yield "/connect/token, all", "200", str(form("/connect/token", "all", **asked).status_code)
        for who, wanted in (("other", "False"), ("all", "True")):
            yield f"introspect, {who}", wanted, str(form("/connect/introspect", who, **asked).json()["active"])
        yield "revocation, other", "400", str(form("/connect/revocation", "other", **asked).status_code)
        yield "introspect after it", "True", str(form("/connect/introspect", "all", **asked).json()["active"])

    check(cells())
