"""The documents of people's files: handed in for them, looked at, downloaded. Who looked at which is in the audit."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from prorata.access.permissions import Grant
from prorata.crm.documents.documents import Document, DocumentStatus
from prorata.crm.documents.kinds import MEDIA, DocumentKind
from prorata.rest.asgi import media_in
from prorata.rest.handling import StrictRequest
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.kyc import CHECKS
from prorata.rest.workspace.crm.reach import AccountPath, account_in
from prorata.rest.workspace.crm.shapes import Words
from prorata.rest.workspace.permitted import Granted, OrganizationUuid
from prorata.views.bodies import NO_CONTROLS, Body
from prorata.views.numbers import show_moment, show_moment_or_none

DocumentPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the document")]
Day = Annotated[str, Meta(max_length=10, pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z", examples=["2030-12-31"])]
FileName = Annotated[
    str, QueryParameter(min_length=1, max_length=256, pattern=NO_CONTROLS, description="what the file is called")
]


class Review(Body, frozen=True, kw_only=True):
    """A rejection needs a `reason`, which the person is told. `expires_on`: the last day that it is good, "" for none."""

    accepted: bool
    reason: Words = ""
    expires_on: Day = ""


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """`size` in bytes."""

    uuid: str
    account: str
    email: str
    kind: DocumentKind
    name: str
    media: str
    size: int
    status: DocumentStatus
    reason: str
    expires_on: str
    reviewed_by: str
    reviewed_at: str | None
    created_by: str
    created_at: str


def document_view(document: Document) -> DocumentView:
    return DocumentView(
        uuid=document.uuid, account=document.account_uuid, email=document.email, kind=document.kind, name=document.name,
        media=document.media, size=document.size, status=document.status, reason=document.reason,
        expires_on=document.expires_on, reviewed_by=document.reviewed_by,
        reviewed_at=show_moment_or_none(document.reviewed_at), created_by=document.created_by,
        created_at=show_moment(document.created_at),
    )  # fmt: skip


class AccountDocuments(Controller):
    path = "/organizations/{organization:str}/accounts/{account:str}/documents"
    tags = ("Compliance",)

    @get("/", summary="List a person's documents", guards=[CHECKS])
    async def all(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> list[DocumentView]:
        """Newest first."""
        call.tell_read(account=account)
        found = await account_in(call, grant, account)
        return [document_view(one) for one in await call.sql(call.crm.documents.of_account, found.id)]

    @post("/", summary="Hand a document in for a person", guards=[CHECKS], opt={"uploads": MEDIA})
    async def add(
        self, request: StrictRequest, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid,
        account: AccountPath, kind: Annotated[DocumentKind, QueryParameter(description="what it is")], name: FileName,
    ) -> DocumentView:  # fmt: skip
        """The body is the file, at most 10 MiB; its `Content-Type` must be what it is."""
        found = await account_in(call, grant, account)
        content = await request.body()
        made = await call.sql(call.crm.documents.add, found, kind, name, _media(request), content, by=call.actor)
        call.tell(after=document_view(made))
        return document_view(made)


class PeopleDocuments(Controller):
    path = "/organizations/{organization:str}/documents"
    tags = ("Compliance",)

    @get("/", summary="List documents", guards=[CHECKS])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        status: Annotated[DocumentStatus | None, QueryParameter(description="only with this status")] = None,
    ) -> list[DocumentView]:
        """The newest 500."""
        call.tell_read(status=status)
        return [document_view(one) for one in await call.sql(call.crm.documents.all, grant.organization_id, status)]

    @get("/{document:str}/content", summary="Download a document", guards=[CHECKS], opt={"media": MEDIA})
    async def content(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, document: DocumentPath
    ) -> Response[bytes]:
        """What was handed in; if it is not that any more, it is not shown."""
        call.tell_read(document=document)
        found = await _found(call, grant, document)
        content = await call.sql(call.crm.documents.content, found)
        return Response(content, media_type=found.media, headers={"content-disposition": "attachment"})

    @post("/{document:str}/review", summary="Accept or reject a document", status_code=200, guards=[CHECKS])
    async def review(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, document: DocumentPath,
        data: JSONBody[Review],
    ) -> DocumentView:  # fmt: skip
        """One that was accepted can still be rejected."""
        found = await _found(call, grant, document)
        reviewed = await call.sql(
            call.crm.documents.review, found, accepted=data.accepted, reason=data.reason, expires_on=data.expires_on,
            by=call.actor,
        )  # fmt: skip
        call.tell(before=document_view(found), after=document_view(reviewed))
        return document_view(reviewed)


async def _found(call: Call, grant: Grant, document: str) -> Document:
    """Raises `NotFound`."""
    return await call.sql(call.crm.documents.find, grant.organization_id, document)


def _media(request: StrictRequest) -> str:
    return media_in(dict(request.scope["headers"]))
