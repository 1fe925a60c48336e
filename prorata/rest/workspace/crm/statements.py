"""Statements of trading accounts: those that were made, those that do not agree, and those that are asked for."""

from typing import IO, Annotated, Literal

from litestar import Controller, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from prorata.access.permissions import Grant, Permission
from prorata.control.paging import Slice
from prorata.crm.letters.statements.figures import Period
from prorata.crm.letters.statements.keeping import FORMS, Form, KeptStatement, StatementFilter
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.letter_shapes import Language, StatementView, StatementWish, read_day, statement_view
from prorata.rest.workspace.crm.letters import AccountQuery, account_in
from prorata.rest.workspace.organizations.files import file_answer
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.rest.workspace.reach import platform_in
from prorata.views.answers import Rejected

StatementPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the statement")]
FormPath = Annotated[Literal["html", "pdf", "csv"], PathParameter(description="as what")]
READS = needs(Permission.TRADES_READ)
LISTED_MAX = 500


class Statements(Controller):
    path = "/organizations/{organization:str}/statements"
    tags = ("CRM",)

    @get("/", summary="List statements", guards=[READS])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        account: AccountQuery = None,
        period: Annotated[Period | None, QueryParameter(description="only of days, or of months")] = None,
        agrees: Annotated[bool | None, QueryParameter(description="only those whose sums agree, or do not")] = None,
    ) -> list[StatementView]:
        """The newest 500. Those that do not agree were sent to nobody."""
        call.tell_read(account=account)
        number = None if account is None else (await account_in(call, grant, account)).id
        wanted = StatementFilter(
            account_id=number, period=period, differing=None if agrees is None else not agrees, platforms=grant.platforms
        )
        part = Slice("created", True, 0, LISTED_MAX)
        found, _ = await call.sql(call.crm.letter_desk.statements.search, grant.organization_id, wanted, part)
        return [statement_view(one) for one in found]

    @post("/", summary="Have a statement made", guards=[READS], status_code=200)
    async def make(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[StatementWish]
    ) -> StatementView:
        """Of a day or a month that has ended; made anew if the one that there is does not agree. It is not sent."""
        platform = platform_in(call, grant, data.platform)
        found = await call.sql(call.crm.trading.find, grant.organization_id, platform.uuid, data.login)
        make = call.crm.letter_desk.statements.make_now
        view = statement_view(await call.sql(make, grant.organization_id, found.id, data.period, read_day(data.day)))
        call.tell(after=view)
        return view

    @get("/{statement:str}/{form:str}", summary="Download a statement", guards=[READS], media=tuple(FORMS.values()))
    async def download(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        statement: StatementPath,
        form: FormPath,
        language: Annotated[Language | None, QueryParameter(description="of the person, if none is told")] = None,
    ) -> Stream:
        """As HTML, PDF or CSV; the same statement in the same language is always the same file."""
        call.tell_read(statement=statement)
        kept = await _reached(call, grant, statement)
        name, content = await call.sql(call.crm.letter_desk.statements.rendered, kept, Form(form), language or "")

        def write(file: IO[bytes]) -> None:
            file.write(content)

        return await file_answer(write, name=name, media=FORMS[Form(form)])


async def _reached(call: Call, grant: Grant, statement: str) -> KeptStatement:
    """Raises `Rejected`, `NotFound`."""
    kept = await call.sql(call.crm.letter_desk.statements.find, grant.organization_id, statement)
    if not grant.reaches(kept.platform_uuid):
        raise Rejected(Refusal.NOT_FOUND)
    return kept
