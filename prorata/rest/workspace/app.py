"""The operations of the workspace as one ASGI application."""

import asyncio
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Response, Router, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.rest.description import describe, docs_page
from prorata.rest.handling import EXCEPTION_HANDLERS, StrictRequest, refuse_unknown_parameters
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.workspace.auth import Auth
from prorata.rest.workspace.call import Workspace, call_of, caller_of
from prorata.rest.workspace.crm.chargebacks import Chargebacks, PaymentChargebacks
from prorata.rest.workspace.crm.documents import AccountDocuments, PeopleDocuments
from prorata.rest.workspace.crm.kyc import Levels, PeopleChecks, QuestionnaireVersions, Standings
from prorata.rest.workspace.crm.labels import FieldList, LeadStatusList, PoolList, TagList
from prorata.rest.workspace.crm.letters import BranchMailings, Letters, LettersOfAccount, Messages
from prorata.rest.workspace.crm.partners import PartnerPayouts, Partners, Plans
from prorata.rest.workspace.crm.payments import Payments
from prorata.rest.workspace.crm.people import DuplicatePairs, People
from prorata.rest.workspace.crm.platform_logs import PlatformLogs
from prorata.rest.workspace.crm.privacy import AccountConsents, PersonalData, PrivacyTerms
from prorata.rest.workspace.crm.reconciliation import BankEntries, BankStatements
from prorata.rest.workspace.crm.settings import Branches, Gateways, Offers
from prorata.rest.workspace.crm.statements import Statements
from prorata.rest.workspace.crm.transfers import PaymentProblems, TransferMarkup, Transfers
from prorata.rest.workspace.crm.webhooks import CrmWebhookOperations
from prorata.rest.workspace.front import WorkspaceFront
from prorata.rest.workspace.me import Me, MyPasskeys, MySecondStep, MySignIns
from prorata.rest.workspace.openapi import SURFACE
from prorata.rest.workspace.organizations.audit import OrganizationAudit
from prorata.rest.workspace.organizations.invitations import Invitations, Invited
from prorata.rest.workspace.organizations.members import Members
from prorata.rest.workspace.organizations.organizations import Organizations
from prorata.rest.workspace.organizations.roles import Roles
from prorata.rest.workspace.outbox import OutboxShown
from prorata.rest.workspace.permitted import check_signed_in, grant_of, refuse_absent, refuse_declined
from prorata.rest.workspace.platform_keys import PlatformKeys
from prorata.rest.workspace.platforms import Platforms
from prorata.rest.workspace.programs import ApiClients, Applications
from prorata.rest.workspace.sections import ROOT
from prorata.rest.workspace.usage import UsageOfClients

OPERATIONS = [
    Auth, Me, MySignIns, MySecondStep, MyPasskeys, OutboxShown,
    Organizations, Members, Roles, Invitations, Invited, OrganizationAudit,
    ApiClients, Applications, Platforms, PlatformKeys, UsageOfClients,
    Levels, QuestionnaireVersions, PeopleChecks, Standings, AccountDocuments, PeopleDocuments,
    AccountConsents, PersonalData, PrivacyTerms,
    People, DuplicatePairs, TagList, FieldList, PoolList, LeadStatusList,
    Letters, BranchMailings, Messages, LettersOfAccount, Statements,
    Branches, Offers, Gateways, Payments, Transfers, TransferMarkup, PaymentProblems, PaymentChargebacks, Chargebacks,
    BankStatements, BankEntries, CrmWebhookOperations, PlatformLogs,
    Plans, Partners, PartnerPayouts,
]  # fmt: skip


@get("/workspace/openapi.json", include_in_schema=False)
async def openapi_json(request: StrictRequest) -> Response[bytes]:
    spec = await asyncio.to_thread(_description_of, request.app)
    return Response(msgspec.json.encode(spec), media_type=MediaType.JSON)


@get("/workspace/docs", include_in_schema=False, media_type=MediaType.HTML)
async def docs(request: StrictRequest) -> str:
    return docs_page(await asyncio.to_thread(_description_of, request.app))


@cache
def _description_of(app: Litestar) -> dict[str, Any]:
    return describe(app, SURFACE)


def create_workspace(workspace: Workspace, *, allowance: Allowance | None = None) -> WorkspaceFront:
    """Return the ASGI application that serves the workspace of one installation."""
    return WorkspaceFront(create_operations(), workspace, Allowances(allowance or Allowance()))


def create_operations() -> Litestar:
    """Return the operations without what stands in front of them."""
    return Litestar(
        route_handlers=[Router(ROOT, route_handlers=[*OPERATIONS, openapi_json, docs])],
        dependencies={
            "call": Provide(call_of, sync_to_thread=False),
            "caller": Provide(caller_of, sync_to_thread=False),
            "grant": Provide(grant_of, sync_to_thread=False),
        },
        exception_handlers={**EXCEPTION_HANDLERS, NotFound: refuse_absent, Declined: refuse_declined},
        request_class=StrictRequest,
        before_request=refuse_unknown_parameters,
        guards=[check_signed_in],
        openapi_config=OpenAPIConfig(title="Prorata workspace", version="1", use_handler_docstrings=True),
        logging_config=None,
        debug=False,
    )
