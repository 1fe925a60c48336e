"""Letters to clients: what was sent, by which texts, in whose name, and what people do without. Messages in their inbox."""

from typing import Annotated

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.access.permissions import Grant, Permission
from prorata.control.paging import Slice
from prorata.crm.accounts import CrmAccount
from prorata.crm.letters.kinds import LetterKind
from prorata.crm.letters.letters import LetterFilter, LetterStatus
from prorata.crm.letters.mailing import LetterSettings, Mailing, MailingWish
from prorata.crm.letters.templates import preview
from prorata.crm.letters.texts import Text
from prorata.crm.letters.tongues import TONGUES
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.letter_shapes import (
    KindView,
    Language,
    LetterSettingsBody,
    LetterView,
    MailingBody,
    MailingView,
    MessageBody,
    MessageView,
    PreviewView,
    RefusedKinds,
    SentView,
    TextBody,
    TextsView,
    TextView,
    kind_view,
    letter_view,
    mailing_view,
    message_view,
    text_view,
)
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.views.answers import Rejected

BranchPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the branch")]
AccountPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the account")]
KindPath = Annotated[LetterKind, PathParameter(description="kind of letter")]
LanguagePath = Annotated[Language, PathParameter(description="language of the text")]
AccountQuery = Annotated[str | None, QueryParameter(min_length=36, max_length=36, description="only of this account")]
READS, WRITES = needs(Permission.SETTINGS_READ), needs(Permission.SETTINGS_WRITE)
SEES, SENDS = needs(Permission.CLIENTS_READ), needs(Permission.MESSAGES_SEND)
LISTED_MAX = 500


async def account_in(call: Call, grant: Grant, account: str) -> CrmAccount:
    """Return an account of the organization. Raises `NotFound`."""
    return await call.sql(call.crm.accounts.find, grant.organization_id, account)


def _text_of(data: TextBody) -> Text:
    return Text(data.subject, data.body, data.html)


class Letters(Controller):
    path = "/organizations/{organization:str}/letters"
    tags = ("CRM",)

    @get("/", summary="List letters", guards=[SEES])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        account: AccountQuery = None,
        kind: Annotated[LetterKind | None, QueryParameter(description="only of this kind")] = None,
        status: Annotated[LetterStatus | None, QueryParameter(description="only with this status")] = None,
    ) -> list[LetterView]:
        """The newest 500, with what became of each."""
        call.tell_read(account=account)
        number = None if account is None else (await account_in(call, grant, account)).id
        wanted = LetterFilter(account_id=number, kind=kind, status=status)
        part = Slice("created", True, 0, LISTED_MAX)
        found, _ = await call.sql(call.crm.letters.search, grant.organization_id, wanted, part)
        return [letter_view(one) for one in found]

    @get("/kinds", summary="List the kinds of letters and their fields", guards=[READS])
    async def kinds(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[KindView]:
        return [kind_view(kind) for kind in LetterKind]

    @get("/settings", summary="What is sent, and in which language", guards=[READS])
    async def settings(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid
    ) -> LetterSettings:  # fmt: skip
        return await call.sql(call.crm.letter_desk.mailings.settings, grant.organization_id)

    @put("/settings", summary="Set what is sent, and in which language", guards=[WRITES])
    async def set_settings(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid,
        data: JSONBody[LetterSettingsBody],
    ) -> LetterSettings:  # fmt: skip
        mailings = call.crm.letter_desk.mailings
        before = await call.sql(mailings.settings, grant.organization_id)
        wanted = LetterSettings(**{name: getattr(data, name) for name in LetterSettings.__struct_fields__})
        after = await call.sql(mailings.set_settings, grant.organization_id, wanted)
        call.tell(before=before, after=after)
        return after

    @get("/texts", summary="List the texts in force", guards=[READS])
    async def texts(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[TextView]:
        """Of every kind and language; version 0 is our own text."""
        return [text_view(one) for one in await call.sql(call.crm.letter_desk.templates.all, grant.organization_id)]

    @get("/texts/{kind:str}/{language:str}", summary="A text and its versions", guards=[READS])
    async def text(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, kind: KindPath,
        language: LanguagePath,
    ) -> TextsView:  # fmt: skip
        templates = call.crm.letter_desk.templates
        in_force = await call.sql(templates.in_force, grant.organization_id, kind, language)
        versions = await call.sql(templates.versions, grant.organization_id, kind, language)
        return TextsView(in_force=text_view(in_force), versions=tuple(map(text_view, versions)))

    @put("/texts/{kind:str}/{language:str}", summary="Write a text", guards=[WRITES])
    async def write_text(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, kind: KindPath,
        language: LanguagePath, data: JSONBody[TextBody],
    ) -> TextView:  # fmt: skip
        """It is in force at once, as a new version. One that cannot be filled in is refused, with the line."""
        write = call.crm.letter_desk.templates.write
        view = text_view(await call.sql(write, grant.organization_id, kind, language, _text_of(data), by=caller.person_uuid))
        call.tell(after=view)
        return view

    @delete("/texts/{kind:str}/{language:str}", summary="Let our own text be in force again", guards=[WRITES], status_code=200)
    async def withdraw_text(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, kind: KindPath,
        language: LanguagePath,
    ) -> TextView:  # fmt: skip
        """The versions stay to be looked at."""
        templates = call.crm.letter_desk.templates
        await call.sql(templates.withdraw, grant.organization_id, kind, language, by=caller.person_uuid)
        view = text_view(await call.sql(templates.in_force, grant.organization_id, kind, language))
        call.tell(after=view)
        return view

    @post("/texts/{kind:str}/{language:str}/preview", summary="Fill in a text with examples", guards=[READS], status_code=200)
    async def preview(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, kind: KindPath,
        language: LanguagePath, data: JSONBody[TextBody],
    ) -> PreviewView:  # fmt: skip
        """Nothing is kept. The HTML is what others have written: show it in a frame of its own."""
        shown = await call.sql(preview, kind, TONGUES[language], _text_of(data))
        return PreviewView(subject=shown.subject, body=shown.body, html=shown.html)


class BranchMailings(Controller):
    path = "/organizations/{organization:str}/branches/{branch:str}/mailing"
    tags = ("CRM",)

    @get("/", summary="By which mail server a branch sends", guards=[READS])
    async def one(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, branch: BranchPath
    ) -> MailingView:  # fmt: skip
        return mailing_view(await _mailing_of(call, grant, branch))

    @put("/", summary="Set by which mail server a branch sends", guards=[WRITES])
    async def set(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, branch: BranchPath,
        data: JSONBody[MailingBody],
    ) -> MailingView:  # fmt: skip
        """The password is sealed, and never shown. Over a server of its own its letters come from `sender`."""
        before = mailing_view(await _mailing_of(call, grant, branch))
        wish = MailingWish(
            host=data.email_host, port=data.email_port, tls=data.email_tls, ssl=data.email_ssl, login=data.email_user,
            password=data.email_password, sender=data.sender, confirmations=data.confirmations,
        )  # fmt: skip
        after = mailing_view(await call.sql(call.crm.letter_desk.mailings.set, grant.organization_id, branch, wish))
        call.tell(before=before, after=after)
        return after


class Messages(Controller):
    path = "/organizations/{organization:str}/messages"
    tags = ("CRM",)

    @post("/", summary="Send a message to clients' inboxes", guards=[SENDS])
    async def send(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[MessageBody]
    ) -> SentView:
        """To all of the accounts or none. With `mail` a letter tells each of it."""
        send = call.crm.letter_desk.inbox.send
        sent = await call.sql(
            send, grant.organization_id, data.accounts, data.title, data.body, mail=data.mail, by=caller.person_uuid
        )  # fmt: skip
        call.tell(after={"accounts": list(data.accounts), "title": data.title})
        return SentView(messages=tuple(one.uuid for one in sent))


class LettersOfAccount(Controller):
    path = "/organizations/{organization:str}/accounts/{account:str}"
    tags = ("CRM",)

    @get("/messages", summary="List messages in a client's inbox", guards=[SEES])
    async def messages(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> list[MessageView]:
        """The newest 500."""
        call.tell_read(account=account)
        found = await account_in(call, grant, account)
        return [message_view(one) for one in await call.sql(call.crm.letter_desk.inbox.of_account, found.id)]

    @get("/refused-letters", summary="Which letters a client does without", guards=[SEES])
    async def refused(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> RefusedKinds:
        found = await account_in(call, grant, account)
        return RefusedKinds(kinds=tuple(await call.sql(call.crm.letters.refused_by, found.id)))

    @put("/refused-letters", summary="Set which letters a client does without", guards=[needs(Permission.CLIENTS_WRITE)])
    async def refuse(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath,
        data: JSONBody[RefusedKinds],
    ) -> RefusedKinds:  # fmt: skip
        """Only of kinds that are optional; all others are owed."""
        found = await account_in(call, grant, account)
        await call.sql(call.crm.letters.refuse, found.id, data.kinds)
        call.tell(after=data)
        return RefusedKinds(kinds=tuple(await call.sql(call.crm.letters.refused_by, found.id)))


async def _mailing_of(call: Call, grant: Grant, branch: str) -> Mailing:
    """Raises `Rejected`."""
    found = await call.sql(call.crm.letter_desk.mailings.all, grant.organization_id)
    for mailing in found.values():
        if mailing.branch_uuid == branch:
            return mailing
    raise Rejected(Refusal.NOT_FOUND)
