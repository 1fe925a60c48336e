"""API keys of a platform that is hosted here, for its own API and stream. Nobody makes one that could do what he may not."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.params import JSONBody, PathParameter

from prorata.access.callers import lacking
from prorata.access.keys import Key
from prorata.access.permissions import Permission
from prorata.control.platforms.records import PlatformRecord
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.permitted import Granted, needs
from prorata.rest.workspace.platform_shapes import KeyView, MadeKey, NewKey, Revoked, key_view, told
from prorata.rest.workspace.platforms import reached, works_of
from prorata.rest.workspace.reach import PlatformUuid
from prorata.units.numbers import DAY_MS
from prorata.views.answers import Rejected

KeyId = Annotated[str, PathParameter(min_length=1, max_length=16, description="id of the key")]


class PlatformKeys(Controller):
    path = "/organizations/{organization:str}/platforms/{platform:str}/keys"
    tags = ("Trade platforms",)
    guards = (needs(Permission.API_CLIENTS_MANAGE),)

    @get("/", summary="List the keys of a hosted platform")
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, platform: PlatformUuid) -> list[KeyView]:
        record = reached(call, grant, platform, True)
        return [key_view(key) for key in await _keys(call, record)]

    @post("/", summary="Make a key of a hosted platform")
    async def add(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        platform: PlatformUuid,
        data: JSONBody[NewKey],
    ) -> MadeKey:
        """The key is shown once. It is for the platform's own API and stream, and knows no organization."""
        record = reached(call, grant, platform, True)
        missing = lacking(grant, record.uuid, data.scopes)
        if missing:
            raise Rejected(Refusal.NOT_PERMITTED, f"a key with these scopes needs the permission {missing[0]}")
        keys = works_of(call).keys
        key = await call.sql(
            keys.create, record.engine, data.scopes, logins=data.logins, label=data.label,
            expires_at=call.now() + data.days * DAY_MS if data.days else 0,
        )  # fmt: skip
        return MadeKey(platform=record.engine, key=key)

    @delete("/{key:str}", summary="Revoke a key of a hosted platform", status_code=200)
    async def revoke(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        platform: PlatformUuid,
        key: KeyId,
    ) -> Revoked:
        """It ends at once, and stays so."""
        record = reached(call, grant, platform, True)
        found = [one for one in await _keys(call, record) if one.id == key]
        if not found:
            raise Rejected(Refusal.NOT_FOUND)
        await call.sql(works_of(call).keys.revoke, key)
        call.tell(before=told(key_view(found[0])))
        return Revoked(key)


async def _keys(call: Call, record: PlatformRecord) -> list[Key]:
    return await call.sql(works_of(call).keys.list, record.engine)
