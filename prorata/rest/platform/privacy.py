"""What a person agrees to, and everything that is known of him. These paths are ours."""

import io
from typing import Annotated

from msgspec import Meta

from prorata.crm.accounts import CrmAccount
from prorata.crm.privacy.consents import Consent
from prorata.rest.broker.kinds import Given, Record, time_of
from prorata.rest.platform.call import DoorCall
from prorata.rest.platform.profile import actor, note
from prorata.rest.platform.registry import Download, door


class OwnConsent(Record, frozen=True):
    kind: str
    version: str
    given: bool
    created: str | None


class OwnConsents(Record, frozen=True):
    consents: list[OwnConsent]


class ConsentGiven(Given, frozen=True):
    """`given` false: withdrawn."""

    kind: Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{0,31}\Z")]
    version: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,32}\Z")]
    given: bool


@door("GET", "/client/consents", signed_in=True)
async def consents(call: DoorCall) -> OwnConsents:
    """What the person agrees to now: the last of each kind."""
    account = await call.person()
    return OwnConsents(consents=[_consent(one) for one in await call.sql(call.house.crm.consents.current, account.id)])


@door("POST", "/client/consents", signed_in=True)
async def put_consent(call: DoorCall, given: ConsentGiven) -> OwnConsent:
    """Agree, or withdraw."""
    account = await call.person()
    put = call.house.crm.consents.put
    made = await call.sql(
        put, account, given.kind, given.version, given=given.given, address=call.address, by=actor(account)
    )  # fmt: skip
    await note(call, account, "consent", kind=given.kind, version=given.version, given=given.given)
    return _consent(made)


@door("GET", "/client/export", signed_in=True)
async def export(call: DoorCall) -> Download:
    """Everything about the person, a ZIP of JSON; his documents are listed, and downloaded one by one."""
    account = await call.person()
    content = await call.sql(_exported, call, account)
    await note(call, account, "export")
    return Download("application/zip", f"{account.uuid}.zip", content)


def _exported(call: DoorCall, account: CrmAccount) -> bytes:
    file = io.BytesIO()
    call.house.crm.exporter.write(account, file, contents=False)
    return file.getvalue()


def _consent(consent: Consent) -> OwnConsent:
    return OwnConsent(kind=consent.kind, version=consent.version, given=consent.given, created=time_of(consent.created_at))
