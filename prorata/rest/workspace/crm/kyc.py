"""Knowing the client: levels and questionnaires are set up here, checks are looked at and decided on."""

from typing import Annotated

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.crm.accounts import AccountWish
from prorata.crm.kyc.checks import Check
from prorata.crm.kyc.states import CheckState
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.kyc_shapes import (
    CheckDecision,
    CheckView,
    LevelBody,
    LevelView,
    NewCheck,
    Override,
    QuestionnaireBody,
    QuestionnaireView,
    StandingView,
    Verdict,
    check_view,
    level_view,
    questionnaire_view,
    questions_of,
    standing_view,
    terms_of,
)
from prorata.rest.workspace.crm.reach import AccountPath, account_in
from prorata.rest.workspace.crm.settings import READS, WRITES
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.views.answers import Rejected

CHECKS = needs(Permission.COMPLIANCE)
LevelPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the level")]
CheckPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the check")]


class Levels(Controller):
    path = "/organizations/{organization:str}/kyc/levels"
    tags = ("Compliance",)

    @get("/", summary="List levels", guards=[READS])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[LevelView]:
        """Lowest first. Without any, nobody is restricted."""
        return [level_view(one) for one in await call.sql(call.crm.levels.all, grant.organization_id)]

    @post("/", summary="Add a level", guards=[WRITES])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[LevelBody]
    ) -> LevelView:
        """With the first one, everybody is restricted to what his level allows. Rank 0 is what all have without a check."""
        view = level_view(await call.sql(call.crm.levels.add, grant.organization_id, terms_of(data)))
        call.tell(after=view)
        return view

    @put("/{level:str}", summary="Change a level", guards=[WRITES])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, level: LevelPath,
        data: JSONBody[LevelBody],
    ) -> LevelView:  # fmt: skip
        """At once for all who have it. What was approved stays approved."""
        before = await call.sql(call.crm.levels.find, grant.organization_id, level)
        view = level_view(await call.sql(call.crm.levels.change, before, terms_of(data)))
        call.tell(before=level_view(before), after=view)
        return view

    @delete("/{level:str}", summary="Take a level away", status_code=200, guards=[WRITES])
    async def remove(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, level: LevelPath
    ) -> LevelView:
        """Nobody has it any more; its checks stay in the history."""
        found = await call.sql(call.crm.levels.find, grant.organization_id, level)
        await call.sql(call.crm.levels.remove, found)
        call.tell(before=level_view(found))
        return level_view(found)


class QuestionnaireVersions(Controller):
    path = "/organizations/{organization:str}/kyc/questionnaires"
    tags = ("Compliance",)

    @get("/", summary="List the versions of the questionnaire", guards=[READS])
    async def all(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid
    ) -> list[QuestionnaireView]:
        """Newest first; the newest one is asked."""
        return [questionnaire_view(one) for one in await call.sql(call.crm.questionnaires.versions, grant.organization_id)]

    @post("/", summary="Make a new version of the questionnaire", guards=[WRITES])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid,
        data: JSONBody[QuestionnaireBody],
    ) -> QuestionnaireView:  # fmt: skip
        """What was answered before is kept with its version."""
        made = await call.sql(
            call.crm.questionnaires.add, grant.organization_id, questions_of(data), suitable_from=data.suitable_from,
            warn_from=data.warn_from, by=call.actor,
        )  # fmt: skip
        return questionnaire_view(made)


class PeopleChecks(Controller):
    path = "/organizations/{organization:str}/kyc/checks"
    tags = ("Compliance",)

    @get("/", summary="List checks", guards=[CHECKS])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        check_state: Annotated[CheckState | None, QueryParameter(description="only in this state")] = None,
    ) -> list[CheckView]:
        """The newest 500."""
        call.tell_read(state=check_state)
        found = await call.sql(call.crm.checks.all, grant.organization_id, check_state)
        return [check_view(one) for one in found]

    @post("/", summary="Begin a check for a person", guards=[CHECKS])
    async def start(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[NewCheck]
    ) -> CheckView:
        """People begin their own; this is for those who come by letter."""
        account = await account_in(call, grant, data.account)
        try:
            level = await call.sql(call.crm.levels.find, grant.organization_id, data.level)
        except NotFound:
            raise Rejected(Refusal.UNKNOWN_REFERENCE, "level: there is none of this uuid") from None
        return check_view(await call.sql(call.crm.checks.start, account, level, by=call.actor))

    @post("/{check:str}/submission", summary="Hand a check in for a person", status_code=200, guards=[CHECKS])
    async def submit(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, check: CheckPath
    ) -> CheckView:
        """Where several must agree, whoever hands it in is none of them."""
        found = await _found(call, grant, check)
        return _told(call, found, await call.sql(call.crm.checks.submit, found, by=call.actor))

    @post("/{check:str}/review", summary="Begin to look at a check", status_code=200, guards=[CHECKS])
    async def take(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, check: CheckPath
    ) -> CheckView:
        """Whoever looked at it before hands it over."""
        found = await _found(call, grant, check)
        return _told(call, found, await call.sql(call.crm.checks.take, found, by=call.actor))

    @post("/{check:str}/decision", summary="Decide on a check", status_code=200, guards=[CHECKS])
    async def decide(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, check: CheckPath,
        data: JSONBody[CheckDecision],
    ) -> CheckView:  # fmt: skip
        """Agree, and with enough others it is approved; reject it, or take an approval back; ask the person for more."""
        found, checks = await _found(call, grant, check), call.crm.checks
        ways = {Verdict.AGREE: checks.agree, Verdict.REJECT: checks.reject, Verdict.SEND_BACK: checks.send_back}
        return _told(call, found, await call.sql(ways[data.verdict], found, data.reason, by=call.actor))


class Standings(Controller):
    path = "/organizations/{organization:str}/accounts/{account:str}/standing"
    tags = ("Compliance",)

    @get("/", summary="What is known of a person, and what he may do", guards=[CHECKS])
    async def one(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> StandingView:
        """His level and rights, his checks and answers, and who did what about them."""
        call.tell_read(account=account)
        return await _standing(call, grant, account)

    @put("/override", summary="Set a person's status by hand", guards=[CHECKS])
    async def override(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath,
        data: JSONBody[Override],
    ) -> StandingView:  # fmt: skip
        """It holds until the next decision on a check of his; BLOCKED until it is set or lifted by hand."""
        found = await account_in(call, grant, account)
        wish = AccountWish(verification=data.verification)
        await call.sql(call.crm.accounts.change, found, wish, by=call.actor, reason=data.reason)
        return await _standing(call, grant, account)

    @delete("/override", summary="Let a person's status follow from his checks again", status_code=200, guards=[CHECKS])
    async def resume(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> StandingView:
        found = await account_in(call, grant, account)
        await call.sql(call.crm.gate.resume, found, by=call.actor)
        return await _standing(call, grant, account)


async def _found(call: Call, grant: Grant, check: str) -> Check:
    """Raises `NotFound`."""
    return await call.sql(call.crm.checks.find, grant.organization_id, check)


def _told(call: Call, before: Check, after: Check) -> CheckView:
    view = check_view(after)
    call.tell(before=check_view(before), after=view)
    return view


async def _standing(call: Call, grant: Grant, account_uuid: str) -> StandingView:
    account, crm = await account_in(call, grant, account_uuid), call.crm
    return standing_view(
        await call.sql(crm.gate.standing, account), await call.sql(crm.checks.of_account, account.id),
        await call.sql(crm.questionnaires.answered, account.id), await call.sql(crm.gate.history, account),
    )  # fmt: skip
