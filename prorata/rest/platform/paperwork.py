"""A person's own documents. These paths are ours."""

from prorata.crm.documents.documents import Document, DocumentStatus
from prorata.crm.documents.kinds import DocumentKind
from prorata.rest.broker.kinds import Given, Record, ShortText, Uuid, text_or_none, time_of
from prorata.rest.platform.call import DoorCall
from prorata.rest.platform.profile import actor, me, note
from prorata.rest.platform.registry import File, door


class OwnDocument(Record, frozen=True):
    uuid: str
    kind: DocumentKind
    name: str
    media: str
    size: int
    status: DocumentStatus
    reason: str | None
    expires_on: str | None
    created: str | None


class OwnDocuments(Record, frozen=True):
    documents: list[OwnDocument]


class DocumentSent(Given, frozen=True):
    kind: DocumentKind
    name: ShortText


class DocumentWanted(Given, frozen=True):
    uuid: Uuid


@door("GET", "/manager/documents", signed_in=True)
async def documents(call: DoorCall) -> OwnDocuments:
    """The person's documents, newest first."""
    account = await me(call)
    return OwnDocuments(documents=[_document(one) for one in await call.sql(call.house.crm.documents.of_account, account.id)])


@door("POST", "/manager/documents", signed_in=True, uploads=True)
async def add_document(call: DoorCall, given: DocumentSent) -> OwnDocument:
    """Hand a document in: the body is the file."""
    account = await me(call)
    sent, add = call.upload, call.house.crm.documents.add
    made = await call.sql(add, account, given.kind, given.name, sent.media, sent.content, by=actor(account))
    await note(call, account, "document", document=made.uuid, kind=made.kind)
    return _document(made)


@door("GET", "/manager/documents/content", signed_in=True)
async def document_content(call: DoorCall, given: DocumentWanted) -> File:
    """Download one of his own."""
    account = await me(call)
    mine = await call.sql(call.house.crm.documents.mine, account, given.uuid)
    content = await call.sql(call.house.crm.documents.content, mine)
    await note(call, account, "document read", document=mine.uuid)
    return File(mine.media, content)


def _document(document: Document) -> OwnDocument:
    return OwnDocument(
        uuid=document.uuid, kind=document.kind, name=document.name, media=document.media, size=document.size,
        status=document.status, reason=text_or_none(document.reason), expires_on=text_or_none(document.expires_on),
        created=time_of(document.created_at),
    )  # fmt: skip
