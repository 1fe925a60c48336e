"""A person's own documents. These paths are ours."""

from prorata.crm.documents.documents import Document, DocumentStatus
from prorata.crm.documents.kinds import DocumentKind
from prorata.rest.broker.kinds import Given, Record, ShortText, text_or_none, time_of
from prorata.rest.platform.call import DoorCall
from prorata.rest.platform.profile import actor, note
from prorata.rest.platform.registry import Download, door


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


@door("GET", "/client/documents", signed_in=True)
async def documents(call: DoorCall) -> OwnDocuments:
    """The person's documents, newest first."""
    account = await call.person()
    return OwnDocuments(documents=[_document(one) for one in await call.sql(call.house.crm.documents.of_account, account.id)])


@door("POST", "/client/documents", signed_in=True, uploads=True)
async def add_document(call: DoorCall, given: DocumentSent) -> OwnDocument:
    """Hand a document in: the body is the file."""
    account = await call.person()
    sent, add = call.upload, call.house.crm.documents.add
    made = await call.sql(add, account, given.kind, given.name, sent.media, sent.content, by=actor(account))
    await note(call, account, "document", document=made.uuid, kind=made.kind)
    return _document(made)


@door("GET", "/client/documents/{uuid}", signed_in=True)
async def document_content(call: DoorCall, uuid: str) -> Download:
    """Download one of his own."""
    account = await call.person()
    mine = await call.sql(call.house.crm.documents.mine, account, uuid)
    content = await call.sql(call.house.crm.documents.content, mine)
    await note(call, account, "document read", document=mine.uuid)
    return Download(mine.media, mine.name, content)


def _document(document: Document) -> OwnDocument:
    return OwnDocument(
        uuid=document.uuid, kind=document.kind, name=document.name, media=document.media, size=document.size,
        status=document.status, reason=text_or_none(document.reason), expires_on=text_or_none(document.expires_on),
        created=time_of(document.created_at),
    )  # fmt: skip
