"""Version 2 as an ASGI application: that of version 1, below a base address of its own, with a type in every error."""

import msgspec

from prorata.messages.refusals import Refusal
from prorata.rest.asgi import Head, ScopeDict
from prorata.rest.broker.app import ROOTS, BrokerApi
from prorata.rest.broker.bodies import ErrorBody, refused_answer
from prorata.rest.broker.kinds import encoder
from prorata.rest.broker_v2 import operations
from prorata.rest.broker_v2.call import CallV2
from prorata.rest.broker_v2.registry import V2
from prorata.views.answers import Rejected

assert operations

ROOT = "/broker-api-v2"
_TYPES = {Refusal.EMAIL_TAKEN: "user-account/already-exists"}


def serves(scope: ScopeDict, host: str) -> bool:
    """Say whether a call is for version 2: by its path, or by the host name that is set aside for it."""
    if scope["path"].startswith(f"{ROOT}/"):
        return True
    if not host or not scope["path"].startswith(ROOTS):
        return False
    called = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return called.decode("latin-1").partition(":")[0].lower() == host.lower()


class TypedError(ErrorBody, frozen=True):
    type: str


class BrokerApiV2(BrokerApi):
    registry = V2
    call_kind = CallV2
    method = "broker2"
    root = ROOT
    calls_path = None

    def _refused(self, scope: ScopeDict, rejected: Rejected) -> tuple[int, bytes, Head]:
        """Return an error. What version 1 tells from a bad request as unprocessable is a bad request here."""
        status, body, head = refused_answer(rejected, scope["path"], self.house.control.database.now())
        told = msgspec.json.decode(body, type=ErrorBody)
        status = 400 if status == 422 else status
        typed = TypedError(**msgspec.structs.asdict(told) | {"status": status}, type=type_of(rejected.code))
        return status, encoder.encode(typed), head


def type_of(code: Refusal) -> str:
    """Return the type by which a program tells errors apart."""
    return f"error://broker-api/{_TYPES.get(code) or code.name.lower().replace('_', '-')}"
