"""What programs of the first version still ask for: answers without an envelope, errors as HTTP statuses.

GET   /api/TradePlatforms             all trade platforms of the caller
GET   /api/TradePlatforms/{id}        one of them
GET   /api/TradePlatforms/{id}/Ping   whether it is connected
GET   /api/Organizations              the caller's organizations
GET   /api/Organizations/{id}         one of them
      /api/MT4/{trade platform}/...   the operations of the second version by their names, and three by their older form:
                                      `UsersGet`, `AdmTradesRequest/{group}/{openOnly}`, and `UserRecordUpdate` of a whole
                                      record, whose own fields and passwords are passed over

The version may be said, in the header or the query `api-version`; it is then 1.0. Records have no passwords here, either.
"""

from typing import Any

import msgspec

from prorata.rest.webapi.answering import CHALLENGE, Answering, Asked, NotSignedIn
from prorata.rest.webapi.answers import encoder
from prorata.rest.webapi.asgi import Head, Request
from prorata.rest.webapi.bodies import body_of
from prorata.rest.webapi.callers import Caller, Organization, TradePlatform
from prorata.rest.webapi.errors import ErrorCode, Failure, ResultCode, invalid, not_found
from prorata.rest.webapi.merging import names_of
from prorata.rest.webapi.registry import MT4
from prorata.rest.webapi.schemas.kinds import Record
from prorata.rest.webapi.schemas.mt4_users import MT4UserUpdate
from prorata.rest.webapi.values import time_of

LEGACY_ROOTS = (
    "/api/TradePlatforms", "/api/tradeplatforms", "/api/Organizations", "/api/organizations", "/api/MT4/", "/api/mt4/",
)  # fmt: skip
VERSION = "1.0"
VERSION_NAME = "api-version"

STATUS = {
    ErrorCode.Validation: 400,
    ErrorCode.Forbidden: 403,
    ErrorCode.NotFound: 404,
    ErrorCode.MT4Error: 422,
    ErrorCode.MT5Error: 422,
    ErrorCode.NoConnect: 503,
    ErrorCode.Busy: 503,
    ErrorCode.Timeout: 504,
    ErrorCode.OutcomeUnknown: 504,
    ErrorCode.Internal: 500,
}
_WRITABLE = {name.lower(): name for name in names_of(MT4UserUpdate)}


class OrganizationView(Record):
    id: str
    name: str
    created: Any


class TradePlatformView(Record):
    id: str
    name: str
    type: str
    login: int
    organization_id: str
    organization: OrganizationView
    created: Any


class LegacyError(Record):
    code: ErrorCode
    manager_code: ResultCode | None
    message: str


class LegacyApi:
    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    async def answer(self, request: Request) -> tuple[int, bytes, Head]:
        """Return status, body and headers. Raises `Disconnected`."""
        head: Head = []
        try:
            _check_version(request)
            if request.steps[1].upper() == "MT4":
                return 200, await self._operation(request, head), head
            return 200, encoder.encode(self._listed(request)), head
        except NotSignedIn as problem:
            return 401, _error(problem.failure), CHALLENGE
        except Failure as failure:
            return STATUS[failure.code or ErrorCode.MT4Error], _error(failure), head

    async def _operation(self, request: Request, head: Head) -> bytes:
        self._answering.caller_of(request)  # before anything is read
        came = await self._answering.answer(request, await _asked(request), head)
        if came.failure is not None:
            raise came.failure
        return came.data

    def _listed(self, request: Request) -> Any:
        caller = self._answering.counted(self._answering.caller_of(request))
        if request.verb != "GET":
            raise not_found("operation")
        match [request.steps[1].lower(), *request.steps[2:]]:
            case ["tradeplatforms"]:
                return [_platform_view(one) for one in self._answering.house.directory.platforms_of(caller)]
            case ["tradeplatforms", uuid]:
                return _platform_view(self._answering.trade_platform_of(caller, uuid))
            case ["tradeplatforms", uuid, ping] if ping.lower() == "ping":
                return self._answering.trade_platform_of(caller, uuid).reached is not None
            case ["organizations"]:
                return [_organization_view(one) for one in self._answering.house.directory.organizations_of(caller)]
            case ["organizations", uuid]:
                return _organization_view(self._organization(caller, uuid))
            case _:
                raise not_found("operation")

    def _organization(self, caller: Caller, uuid: str) -> Organization:
        for organization in self._answering.house.directory.organizations_of(caller):
            if organization.uuid == uuid.lower():
                return organization
        raise not_found("organization")


def _check_version(request: Request) -> None:
    header = request.headers.get(VERSION_NAME.encode())
    told = [value for name, value in request.query() if name.lower() == VERSION_NAME]
    if header is not None:
        told.append(header.decode("latin-1"))
    if any(version.strip() not in (VERSION, "1", "") for version in told):
        raise invalid(VERSION_NAME, f"is {VERSION} here; the second version is under /api/v2/")


async def _asked(request: Request) -> Asked:
    """Return the operation of the second version that a path means. Raises `Failure`, `Disconnected`."""
    if len(request.steps) < 4:
        raise not_found("operation")
    _, _, uuid, name, *steps = request.steps
    more: list[tuple[str, str]] = []
    wanted = name.lower()
    if wanted == "usersget":
        wanted = "usersrequest"
    elif wanted == "admtradesrequest" and len(steps) == 2:
        more = [("openOnly", steps.pop())]
    elif wanted == "userrecordupdate" and not steps and request.verb == "POST":
        login = _login_in(await request.body())
        return Asked(MT4.find(wanted, 1)["POST"], uuid, [str(login)], body_of=_update_of)
    operation = MT4.find(wanted, len(steps)).get(request.verb)
    if operation is None:
        raise not_found("operation")
    return Asked(operation, uuid, steps, more)


def _login_in(body: bytes) -> int:
    record = {name.lower(): value for name, value in body_of(dict[str, Any], body).items()}
    login = record.get("login")
    if not isinstance(login, int) or isinstance(login, bool):
        raise invalid("login", "is missing")
    return login


def _update_of(body: bytes) -> bytes:
    """Return the part of a whole record that can be changed; names are in any letter case."""
    record = body_of(dict[str, Any], body)
    return encoder.encode({_WRITABLE[name.lower()]: value for name, value in record.items() if name.lower() in _WRITABLE})


def _platform_view(platform: TradePlatform) -> TradePlatformView:
    login = platform.login
    return TradePlatformView(
        id=platform.uuid,
        name=platform.name,
        type=platform.kind,
        login=int(login) if login.isascii() and login.isdigit() else 0,
        organization_id=platform.organization.uuid,
        organization=_organization_view(platform.organization),
        created=time_of(platform.created_at),
    )


def _organization_view(organization: Organization) -> OrganizationView:
    return OrganizationView(id=organization.uuid, name=organization.name, created=time_of(organization.created_at))


def _error(failure: Failure) -> bytes:
    code = failure.code or ErrorCode.MT4Error
    return msgspec.json.encode(LegacyError(code=code, manager_code=failure.manager, message=failure.message))
