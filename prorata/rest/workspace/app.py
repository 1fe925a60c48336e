"""The operations of the workspace as one ASGI application."""

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from prorata.rest.handling import EXCEPTION_HANDLERS, StrictRequest, refuse_unknown_parameters
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.workspace.auth import Auth
from prorata.rest.workspace.call import Workspace, call_of, caller_of
from prorata.rest.workspace.front import ROOT, WorkspaceFront
from prorata.rest.workspace.me import Me, MyPasskeys, MySecondStep, MySignIns
from prorata.rest.workspace.outbox import OutboxShown

OPERATIONS = [Auth, Me, MySignIns, MySecondStep, MyPasskeys, OutboxShown]


def create_workspace(workspace: Workspace, *, allowance: Allowance | None = None) -> WorkspaceFront:
    """Return the ASGI application that serves the workspace of one installation."""
    behind = Litestar(
        route_handlers=[Router(ROOT, route_handlers=[*OPERATIONS])],
        dependencies={
            "call": Provide(call_of, sync_to_thread=False),
            "caller": Provide(caller_of, sync_to_thread=False),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        request_class=StrictRequest,
        before_request=refuse_unknown_parameters,
        openapi_config=OpenAPIConfig(title="Prorata workspace", version="1", use_handler_docstrings=True),
        logging_config=None,
        debug=False,
    )
    return WorkspaceFront(behind, workspace, Allowances(allowance or Allowance()))
