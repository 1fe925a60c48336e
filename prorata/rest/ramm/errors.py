"""Why a call was not done: the documented codes, and the HTTP status that each comes with.

| code | status | |
|---|---|---|
| `incorrect_method` | 404, 405 | there is no such method; or not by this HTTP verb |
| `invalid_input` | 400 | the body is not JSON; a field (the message names it) is missing, of a wrong type or out of bounds |
| `invalid_input` | 413 | the body is too large |
| `bad_credentials` | 401 | login and password do not fit; a token is missing, unknown or expired |
| `access_denied` | 403 | the manager has no right to the method |
| `login_blocked` | 403 | the login is disabled, or blocked for a while after wrong passwords |
| `forbidden` | 403 | there is no such thing, or it belongs to somebody else: on purpose the same (Manager API) |
| `invalid_input` | 404 | the same in the other APIs; an instrument that is not known (Trading API) |
| `invalid_input` | 402 | there is not enough money; the message names the amount |
| `invalid_status` | 422 | the thing is not in a state that allows it |

Not in the published documents, which say nothing of them: `too_many_requests` (429), `not_ready` (503) and
`internal_error` (500: the outcome is unknown).
"""

from http import HTTPStatus

from prorata.messages.refusals import Refusal
from prorata.views.answers import STATUS
from prorata.views.problems import PROBLEMS

INCORRECT_METHOD = "incorrect_method"
ACCESS_DENIED = "access_denied"
INVALID_INPUT = "invalid_input"
BAD_CREDENTIALS = "bad_credentials"
LOGIN_BLOCKED = "login_blocked"
INVALID_STATUS = "invalid_status"
FORBIDDEN = "forbidden"
TOO_MANY_REQUESTS = "too_many_requests"
NOT_READY = "not_ready"
INTERNAL_ERROR = "internal_error"


class Failure(Exception):
    """The call is not done. Raised anywhere below the frame, which turns it into an answer."""

    def __init__(self, status: HTTPStatus, code: str, message: str, *, retry_after: int = 0) -> None:
        super().__init__(code, message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        """seconds; 0 is not said"""


class Absent(Exception):
    """What a field names is not there, or not the caller's. Each API has its own words for it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def incorrect_method() -> Failure:
    return Failure(HTTPStatus.NOT_FOUND, INCORRECT_METHOD, "The method you are trying to invoke doesn't exist")


def wrong_verb() -> Failure:
    return Failure(HTTPStatus.METHOD_NOT_ALLOWED, INCORRECT_METHOD, "This method is called by POST")


def access_denied(message: str = "No rights to use the invoked method") -> Failure:
    return Failure(HTTPStatus.FORBIDDEN, ACCESS_DENIED, message)


def invalid_input(field: str, reason: str = "", *, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Failure:
    """`field` is its path as documented: "Filter.Name"; `reason` goes on from there: "expected text"."""
    message = f"Invalid input in the field '{field}'"
    return Failure(status, INVALID_INPUT, f"{message}: {reason}" if reason else message)


def unreadable(reason: str) -> Failure:
    return Failure(HTTPStatus.BAD_REQUEST, INVALID_INPUT, f"The request cannot be read: {reason}")


def body_too_large(size_max: int) -> Failure:
    return Failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, INVALID_INPUT, f"The request has more than {size_max} bytes")


def too_many_requests(seconds: int) -> Failure:
    message = "The token has used up its allowance"
    return Failure(HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY_REQUESTS, message, retry_after=seconds)


def bad_credentials(message: str = "Login/Password incorrect or not found") -> Failure:
    return Failure(HTTPStatus.UNAUTHORIZED, BAD_CREDENTIALS, message)


def bad_token() -> Failure:
    return bad_credentials("The token is missing, unknown or expired")


def login_blocked(seconds: int = 0) -> Failure:
    message = "The login you are using was blocked"
    return Failure(HTTPStatus.FORBIDDEN, LOGIN_BLOCKED, message, retry_after=seconds)


def invalid_status(message: str) -> Failure:
    return Failure(HTTPStatus.UNPROCESSABLE_ENTITY, INVALID_STATUS, message)


def not_enough_money(field: str, reason: str = "not enough money") -> Failure:
    return invalid_input(field, reason, status=HTTPStatus.PAYMENT_REQUIRED)


def not_ready() -> Failure:
    return Failure(HTTPStatus.SERVICE_UNAVAILABLE, NOT_READY, "The platform is starting or stopping", retry_after=1)


def internal_error() -> Failure:
    return Failure(HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL_ERROR, "The call failed; its outcome is unknown")


def failure_of(refusal: Refusal) -> Failure | Absent:
    """Return what an engine's refusal is here. Handlers that know the field concerned say it better."""
    status: HTTPStatus = STATUS[refusal]
    title = PROBLEMS[refusal].title
    if refusal in _MONEY:
        return Failure(HTTPStatus.PAYMENT_REQUIRED, INVALID_INPUT, title)
    if status == HTTPStatus.NOT_FOUND:
        return Absent("ID")
    if status == HTTPStatus.BAD_REQUEST:
        return unreadable(title)
    if status in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN):
        return invalid_status(title)
    return Failure(status, NOT_READY if status >= 500 else INVALID_STATUS, title, retry_after=1)


_MONEY = frozenset({Refusal.NOT_ENOUGH_MONEY, Refusal.NOT_ENOUGH_FREE_MARGIN, Refusal.NOT_ENOUGH_CREDIT})
