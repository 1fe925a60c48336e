"""An organization's trade platforms: added, named, reached, tested, started, archived."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Concatenate, ParamSpec

from litestar import Controller, delete, get, patch, post, put
from litestar.params import JSONBody, QueryParameter

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.access.platforms import platforms_for
from prorata.control.platforms.addresses import API_PORT, DATABASE_PORT, address_of
from prorata.control.platforms.hosting import Running
from prorata.control.platforms.probing import Probed, TooManyTests
from prorata.control.platforms.records import ApiAccess, DatabaseAccess, Hosting, PlatformKind, PlatformRecord
from prorata.control.platforms.registry import PasswordMissing, PlatformInUse, TooManyPlatforms
from prorata.control.vault import Unopenable
from prorata.control.webhooks.targets import BadTarget
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, PlatformWorks, SignedIn
from prorata.rest.workspace.permitted import Granted, needs
from prorata.rest.workspace.platform_shapes import (
    ApiSettings,
    DatabaseSettings,
    NewPlatform,
    PlatformChange,
    PlatformView,
    ProbedView,
    platform_view,
    probed_view,
    told,
)
from prorata.rest.workspace.reach import PlatformUuid, platform_in
from prorata.views.answers import Rejected

P = ParamSpec("P")

Archived = Annotated[bool, QueryParameter(description="those that were removed, instead of those that are there")]


def works_of(call: Call) -> PlatformWorks:
    if call.workspace.works is None:
        raise Rejected(Refusal.NOT_READY, retry_after=1)
    return call.workspace.works


def running(call: Call, record: PlatformRecord) -> Running | None:
    return works_of(call).host.running(record) if record.is_hosted else None


def view_of(call: Call, record: PlatformRecord) -> PlatformView:
    """Return a platform as it is shown to somebody who manages it."""
    return platform_view(record, running(call, record), managed=True)


def reached(call: Call, grant: Grant, platform: str, kind: bool | None = None) -> PlatformRecord:
    """Return a platform that the grant reaches. `kind` True: it must be hosted here, False: by others. Raises `Rejected`."""
    record = platform_in(call, grant, platform)
    if kind is not None and kind != record.is_hosted:
        raise Rejected(Refusal.PLATFORM_KIND)
    return record


MANAGES = needs(Permission.PLATFORMS_MANAGE)


class Platforms(Controller):
    path = "/organizations/{organization:str}/platforms"
    tags = ("Trade platforms",)

    @get("/", summary="List trade platforms", guards=[needs(None)])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, archived: Archived = False) -> list[PlatformView]:
        """Every member sees those that he reaches; how servers are reached is shown to those who manage them."""
        own = call.control.platforms.of_organization(grant.organization_id)
        records = [one for one in own if one.archived_at and grant.reaches(one.uuid)] if archived else platforms_for(grant, own)
        return [_view_for(call, grant, record) for record in records]

    @post("/", summary="Add a trade platform", guards=[MANAGES])
    async def add(self, call: AnyCall, caller: SignedIn, grant: Granted, data: JSONBody[NewPlatform]) -> PlatformView:
        """One that is hosted here starts at once; `state` tells when it runs."""
        if grant.platforms is not None:
            raise Rejected(Refusal.NOT_PERMITTED, "who is narrowed to single platforms adds none")
        record = await self._added(call, grant.organization_id, data)
        works_of(call).host.wake()
        view = view_of(call, record)
        call.tell(after=told(view))
        return view

    async def _added(self, call: Call, organization_id: int, data: NewPlatform) -> PlatformRecord:
        works, platforms = works_of(call), call.control.platforms
        hosted = data.kind == PlatformKind.PRORATA
        if not hosted and data.hosting is not None:
            raise Rejected(Refusal.MALFORMED, "hosting: only of a platform that is hosted here")
        try:
            if not hosted:
                return await call.sql(platforms.add_foreign, organization_id, data.name, data.kind)
            hosting = data.hosting or Hosting()
            return await call.sql(
                platforms.add_hosted, organization_id, data.name, hosting, host=works.host.id, terms=works.terms
            )
        except NotFound:
            raise Rejected(Refusal.NOT_FOUND) from None
        except TooManyPlatforms as problem:
            raise Rejected(Refusal.QUOTA_REACHED, str(problem)) from None

    @get("/{platform:str}", summary="Show a trade platform", guards=[needs(None)])
    async def one(self, call: AnyCall, caller: SignedIn, grant: Granted, platform: PlatformUuid) -> PlatformView:
        return _view_for(call, grant, platform_in(call, grant, platform))

    @patch("/{platform:str}", summary="Rename a trade platform", guards=[MANAGES])
    async def rename(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        platform: PlatformUuid,
        data: JSONBody[PlatformChange],
    ) -> PlatformView:
        record = reached(call, grant, platform)
        return await _changed(call, record, call.control.platforms.rename, data.name)

    @put("/{platform:str}/api", summary="Say where a MetaTrader server is, and who signs in there", guards=[MANAGES])
    async def set_api(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        platform: PlatformUuid,
        data: JSONBody[ApiSettings],
    ) -> PlatformView:
        """The password is sealed and never shown again. It is kept for this address and login alone."""
        record = reached(call, grant, platform, False)
        certificate = (data.certificate or "").replace(":", "").lower()
        api = ApiAccess(address=_address(call, data.address, API_PORT), login=data.login, certificate=certificate)
        return await _changed(call, record, call.control.platforms.set_api, api, data.password)

    @delete("/{platform:str}/api", summary="Forget the manager's login", status_code=200, guards=[MANAGES])
    async def forget_api(self, call: AnyCall, caller: SignedIn, grant: Granted, platform: PlatformUuid) -> PlatformView:
        record = reached(call, grant, platform, False)
        return await _changed(call, record, call.control.platforms.forget_api)

    @put("/{platform:str}/database", summary="Say where the report database is, and who reads it", guards=[MANAGES])
    async def set_database(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        platform: PlatformUuid,
        data: JSONBody[DatabaseSettings],
    ) -> PlatformView:
        """The password is sealed and never shown again. It is kept for this address, database and login alone."""
        record = reached(call, grant, platform, False)
        address = _address(call, data.address, DATABASE_PORT)
        database = DatabaseAccess(address=address, name=data.name, login=data.login)
        return await _changed(call, record, call.control.platforms.set_database, database, data.password)

    @delete("/{platform:str}/database", summary="Forget the report database", status_code=200, guards=[MANAGES])
    async def forget_database(self, call: AnyCall, caller: SignedIn, grant: Granted, platform: PlatformUuid) -> PlatformView:
        record = reached(call, grant, platform, False)
        return await _changed(call, record, call.control.platforms.forget_database)

    @post("/{platform:str}/api/test", summary="Test the manager's login", status_code=200, guards=[MANAGES])
    async def test_api(self, call: AnyCall, caller: SignedIn, grant: Granted, platform: PlatformUuid) -> ProbedView:
        """Ends in seconds, whatever is there. Some a minute for an organization."""
        record = reached(call, grant, platform, False)
        return await _tested(call, record, is_api=True)

    @post("/{platform:str}/database/test", summary="Test the report database", status_code=200, guards=[MANAGES])
    async def test_database(self, call: AnyCall, caller: SignedIn, grant: Granted, platform: PlatformUuid) -> ProbedView:
        """Signs in, reads the version, looks for the tables. Ends in seconds. Some a minute for an organization."""
        record = reached(call, grant, platform, False)
        return await _tested(call, record, is_api=False)

    @post("/{platform:str}/start", summary="Start a hosted platform that has failed", status_code=200, guards=[MANAGES])
    async def start(self, call: AnyCall, caller: SignedIn, grant: Granted, platform: PlatformUuid) -> PlatformView:
        """It is tried again by itself as well, less often each time."""
        record = reached(call, grant, platform, True)
        works_of(call).host.retry(record)
        return view_of(call, record)

    @delete("/{platform:str}", summary="Remove a trade platform", status_code=200, guards=[MANAGES])
    async def archive(self, call: AnyCall, caller: SignedIn, grant: Granted, platform: PlatformUuid) -> PlatformView:
        """One that is hosted here stops, and its journal is archived; of others the passwords are forgotten."""
        record = reached(call, grant, platform)
        if record.is_hosted and record.hosting is None and works_of(call).host.has_own(record):
            raise Rejected(Refusal.PLATFORM_OF_SETTINGS)
        return await _changed(call, record, call.control.platforms.archive)


def _view_for(call: Call, grant: Grant, record: PlatformRecord) -> PlatformView:
    return platform_view(record, running(call, record), managed=grant.may(Permission.PLATFORMS_MANAGE, record.uuid))


def _address(call: Call, text: str, port: int) -> str:
    try:
        return str(address_of(text, port, works_of(call).prober.terms.allowed))
    except BadTarget as problem:
        raise Rejected(Refusal.MALFORMED, f"address: {problem}") from None


async def _changed(
    call: Call,
    record: PlatformRecord,
    work: Callable[Concatenate[PlatformRecord, P], PlatformRecord],
    *args: P.args,
    **kwargs: P.kwargs,
) -> PlatformView:
    """Have a platform changed, and the server and the audit told of it. Raises `Rejected`."""
    before = view_of(call, record)
    try:
        changed = await asyncio.to_thread(work, record, *args, **kwargs)
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND) from None
    except PasswordMissing:
        raise Rejected(Refusal.MALFORMED, "password: expected one, for this address and login there is none") from None
    except PlatformInUse as problem:
        raise Rejected(Refusal.PLATFORM_IN_USE, str(problem)) from None
    works_of(call).host.wake()
    after = view_of(call, changed)
    call.tell(before=told(before), after=told(after))
    return after


async def _tested(call: Call, record: PlatformRecord, *, is_api: bool) -> ProbedView:
    prober, platforms = works_of(call).prober, call.control.platforms
    try:
        password = await call.sql(platforms.manager_password if is_api else platforms.database_password, record)
    except Unopenable:
        raise Rejected(Refusal.NOTHING_TO_TEST, "the password cannot be read any more: give it again") from None
    if password is None:
        raise Rejected(Refusal.NOTHING_TO_TEST)
    try:
        probed: Probed = await (prober.api if is_api else prober.database)(record, password)
    except TooManyTests as problem:
        raise Rejected(Refusal.TOO_MANY_REQUESTS, retry_after=problem.seconds) from None
    view = probed_view(probed)
    call.tell(after=told(view))
    return view
