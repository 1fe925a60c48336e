"""What people may ask of those who know them: what they agreed to, what there is about them, and to be forgotten."""

from functools import partial
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody
from litestar.response import Stream
from msgspec import Meta

from prorata.access.permissions import Permission
from prorata.crm.privacy.consents import Consent
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.crm.kyc import CHECKS
from prorata.rest.workspace.crm.reach import AccountPath, account_in
from prorata.rest.workspace.crm.settings import READS, WRITES
from prorata.rest.workspace.organizations.files import ZIP, file_answer
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.views.bodies import Body
from prorata.views.numbers import show_moment

ConsentKind = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Z][A-Z0-9_]*\Z", examples=["MARKETING"])]
ConsentVersion = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_.-]+\Z", examples=["2030-01"])]
SEES_PEOPLE = needs(Permission.CLIENTS_READ)
CHANGES_PEOPLE = needs(Permission.CLIENTS_WRITE)


class NewConsent(Body, frozen=True, kw_only=True):
    """`given` false: withdrawn. `version`: of the text that he agrees to."""

    kind: ConsentKind
    version: ConsentVersion
    given: bool


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    version: str
    given: bool
    address: str
    created_by: str
    created_at: str


class ForgottenView(msgspec.Struct, frozen=True, kw_only=True):
    """`audit_rows`: of how many rows of the audit the text was erased. `decisions_until`: when decisions on him are deleted."""

    account: str
    audit_rows: int
    decisions_until: str


class PrivacyTermsBody(Body, frozen=True, kw_only=True):
    """For how many days decisions on people who were forgotten are kept."""

    decisions_days: Annotated[int, Meta(ge=0, le=36_600, examples=[1_830])]


class PrivacyTermsView(msgspec.Struct, frozen=True, kw_only=True):
    decisions_days: int


def consent_view(consent: Consent) -> ConsentView:
    return ConsentView(
        kind=consent.kind, version=consent.version, given=consent.given, address=consent.address,
        created_by=consent.created_by, created_at=show_moment(consent.created_at),
    )  # fmt: skip


class AccountConsents(Controller):
    path = "/organizations/{organization:str}/accounts/{account:str}/consents"
    tags = ("Compliance",)

    @get("/", summary="List what a person agreed to", guards=[SEES_PEOPLE])
    async def all(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> list[ConsentView]:
        """All that was given and withdrawn, newest first; the newest of a kind holds."""
        call.tell_read(account=account)
        found = await account_in(call, grant, account)
        return [consent_view(one) for one in await call.sql(call.crm.consents.history, found.id)]

    @post("/", summary="Write down that a person agrees, or does not any more", guards=[CHANGES_PEOPLE])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath,
        data: JSONBody[NewConsent],
    ) -> ConsentView:  # fmt: skip
        """Said by telephone or letter; people give their own in their terminal."""
        found = await account_in(call, grant, account)
        made = await call.sql(
            call.crm.consents.put, found, data.kind, data.version, given=data.given, address=call.address, by=call.actor
        )  # fmt: skip
        return consent_view(made)


class PersonalData(Controller):
    path = "/organizations/{organization:str}/accounts/{account:str}"
    tags = ("Compliance",)

    @get("/export", summary="Everything about a person, as a ZIP", guards=[CHECKS], opt={"media": (ZIP,)})
    async def export(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> Stream:
        """A JSON file for each kind of record, and his documents."""
        call.tell_read(account=account)
        found = await account_in(call, grant, account)
        return await file_answer(partial(call.crm.exporter.write, found), name=f"{found.uuid}.zip", media=ZIP)

    @delete("/personal-data", summary="Forget a person", status_code=200, guards=[CHECKS])
    async def erase(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> ForgottenView:
        """What names him is removed for good; what the law keeps stays without a name. Not while he has money here."""
        done = await call.sql(
            call.crm.eraser.erase, grant.organization_id, account, by=call.actor, address=call.address
        )  # fmt: skip
        return ForgottenView(
            account=done.account_uuid, audit_rows=done.rows, decisions_until=show_moment(done.decisions_until)
        )  # fmt: skip


class PrivacyTerms(Controller):
    path = "/organizations/{organization:str}/privacy"
    tags = ("Compliance",)

    @get("/", summary="For how long decisions are kept", guards=[READS])
    async def one(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> PrivacyTermsView:
        return PrivacyTermsView(decisions_days=await call.sql(call.crm.eraser.decisions_days, grant.organization_id))

    @put("/", summary="Set for how long decisions are kept", guards=[WRITES])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid,
        data: JSONBody[PrivacyTermsBody],
    ) -> PrivacyTermsView:  # fmt: skip
        """Counted from the day on which a person was forgotten."""
        await call.sql(call.crm.eraser.set_decisions_days, grant.organization_id, data.decisions_days)
        return PrivacyTermsView(decisions_days=data.decisions_days)
