"""How a refusal becomes an HTTP answer: problem+json (RFC 9457) with our number."""

from http import HTTPStatus

import msgspec

from prorata.messages.refusals import Refusal
from prorata.views.problems import PROBLEMS

PROBLEM_JSON = "application/problem+json"

_UNFIT = HTTPStatus.UNPROCESSABLE_ENTITY
_CONFLICT = HTTPStatus.CONFLICT
_MISSING = HTTPStatus.NOT_FOUND

STATUS: dict[Refusal, HTTPStatus] = {
    Refusal.MALFORMED: HTTPStatus.BAD_REQUEST,
    Refusal.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.NOT_AUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Refusal.NOT_PERMITTED: HTTPStatus.FORBIDDEN,
    Refusal.NOT_FOUND: _MISSING,
    Refusal.KEY_REUSED: _CONFLICT,
    Refusal.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal.OUT_OF_RANGE: HTTPStatus.BAD_REQUEST,
    Refusal.UNSUPPORTED_MEDIA: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Refusal.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Refusal.CROSS_SITE: HTTPStatus.FORBIDDEN,
    Refusal.CREDENTIALS_WRONG: HTTPStatus.FORBIDDEN,
    Refusal.CODE_WRONG: HTTPStatus.FORBIDDEN,
    Refusal.LINK_SPENT: HTTPStatus.GONE,
    Refusal.PASSWORD_UNFIT: _UNFIT,
    Refusal.PROOF_NEEDED: HTTPStatus.FORBIDDEN,
    Refusal.FACTOR_EXISTS: _CONFLICT,
    Refusal.PASSKEY_REFUSED: _UNFIT,
    Refusal.LAST_ADMINISTRATOR: _CONFLICT,
    Refusal.BAD_RIGHTS: _UNFIT,
    Refusal.ALREADY_MEMBER: _CONFLICT,
    Refusal.ALREADY_INVITED: _CONFLICT,
    Refusal.INVITATION_ENDED: HTTPStatus.GONE,
    Refusal.ROLE_EXISTS: _CONFLICT,
    Refusal.ROLE_IN_USE: _CONFLICT,
    Refusal.PLATFORM_LIVE: _CONFLICT,
    Refusal.QUOTA_REACHED: _CONFLICT,
    Refusal.HAS_ACCOUNT: _CONFLICT,
    Refusal.PLATFORM_KIND: _CONFLICT,
    Refusal.PLATFORM_OF_SETTINGS: _CONFLICT,
    Refusal.PLATFORM_IN_USE: _CONFLICT,
    Refusal.NOTHING_TO_TEST: _CONFLICT,
    Refusal.EMAIL_TAKEN: _CONFLICT,
    Refusal.UNKNOWN_REFERENCE: _UNFIT,
    Refusal.OFFER_UNFIT: _UNFIT,
    Refusal.CHANGE_UNDER_WAY: _CONFLICT,
    Refusal.PAYMENT_UNFIT: _UNFIT,
    Refusal.PAYMENT_ENDED: _CONFLICT,
    Refusal.LEVEL_NEEDED: HTTPStatus.FORBIDDEN,
    Refusal.LEVEL_UNFIT: _UNFIT,
    Refusal.CHECK_STATE: _CONFLICT,
    Refusal.CHECK_INCOMPLETE: _UNFIT,
    Refusal.ANSWERS_UNFIT: _UNFIT,
    Refusal.DOCUMENT_UNFIT: _UNFIT,
    Refusal.DOCUMENT_DAMAGED: _CONFLICT,
    Refusal.PERSON_BOUND: _CONFLICT,
    Refusal.FIELD_UNFIT: _UNFIT,
    Refusal.PARTNER_UNFIT: _UNFIT,
    Refusal.PARTNER_CYCLE: _CONFLICT,
    Refusal.PARTNER_HAS_STRUCTURE: _CONFLICT,
    Refusal.UNKNOWN_REFERRAL: _UNFIT,
    Refusal.BAD_COMMISSION_PLAN: _UNFIT,
    Refusal.NOTHING_TO_PAY: _CONFLICT,
    Refusal.PAYOUT_ENDED: _CONFLICT,
    Refusal.TEMPLATE_UNFIT: _UNFIT,
    Refusal.MAILING_UNFIT: _UNFIT,
    Refusal.LETTER_OWED: _UNFIT,
    Refusal.STATEMENT_NOT_READY: _CONFLICT,
    Refusal.PROBLEM_SETTLED: _CONFLICT,
    Refusal.NOTHING_TO_TRY: _CONFLICT,
    Refusal.TRANSFER_UNFIT: _UNFIT,
    Refusal.NO_TRANSFER_RATE: _CONFLICT,
    Refusal.CHARGEBACK_UNFIT: _UNFIT,
    Refusal.BANK_FILE_UNREADABLE: _UNFIT,
    Refusal.BANK_FILE_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.BANK_FILE_SUMS: _UNFIT,
    Refusal.ENTRY_SETTLED: _CONFLICT,
    Refusal.MATCH_UNFIT: _UNFIT,
    Refusal.PAYMENT_LIMIT: _UNFIT,
    Refusal.PROP_UNFIT: _UNFIT,
    Refusal.PROP_CLOSED: _UNFIT,
    Refusal.DISCOUNT_UNFIT: _UNFIT,
    Refusal.PROP_STATE: _CONFLICT,
    Refusal.EVALUATION_ENDED: _CONFLICT,
    Refusal.ABOVE_PROFIT: _UNFIT,
    Refusal.COMPETITION_CLOSED: _CONFLICT,
    Refusal.ALREADY_ENTERED: _CONFLICT,
    Refusal.PROP_MONEY: _UNFIT,
    Refusal.UNKNOWN_ACCOUNT: _MISSING,
    Refusal.LOGIN_DISABLED: HTTPStatus.FORBIDDEN,
    Refusal.TRADING_DISABLED: HTTPStatus.FORBIDDEN,
    Refusal.CLOSE_ONLY_ACCOUNT: HTTPStatus.FORBIDDEN,
    Refusal.ACCOUNT_EXISTS: _CONFLICT,
    Refusal.ACCOUNT_IN_USE: _CONFLICT,
    Refusal.BAD_GUARDS: _UNFIT,
    Refusal.UNKNOWN_SYMBOL: _MISSING,
    Refusal.SYMBOL_NOT_IN_GROUP: _UNFIT,
    Refusal.SYMBOL_DISABLED: _UNFIT,
    Refusal.SYMBOL_CLOSE_ONLY: _UNFIT,
    Refusal.SYMBOL_LONG_ONLY: _UNFIT,
    Refusal.SYMBOL_SHORT_ONLY: _UNFIT,
    Refusal.MARKET_CLOSED: _CONFLICT,
    Refusal.NO_QUOTE: _CONFLICT,
    Refusal.NO_CONVERSION_RATE: _CONFLICT,
    Refusal.PRICE_MOVED: _CONFLICT,
    Refusal.UNKNOWN_ORDER: _MISSING,
    Refusal.UNKNOWN_POSITION: _MISSING,
    Refusal.POSITION_IN_FLIGHT: _CONFLICT,
    Refusal.VOLUME_TOO_SMALL: _UNFIT,
    Refusal.VOLUME_TOO_LARGE: _UNFIT,
    Refusal.VOLUME_OFF_STEP: _UNFIT,
    Refusal.VOLUME_ABOVE_POSITION: _UNFIT,
    Refusal.VOLUME_LIMIT: _UNFIT,
    Refusal.PRICE_MISSING: _UNFIT,
    Refusal.PRICE_WRONG_SIDE: _UNFIT,
    Refusal.PRICE_TOO_NEAR: _UNFIT,
    Refusal.STOP_LOSS_WRONG_SIDE: _UNFIT,
    Refusal.TAKE_PROFIT_WRONG_SIDE: _UNFIT,
    Refusal.STOP_TOO_NEAR: _UNFIT,
    Refusal.FROZEN: _CONFLICT,
    Refusal.EXPIRY_IN_PAST: _UNFIT,
    Refusal.NOTHING_TO_CHANGE: _UNFIT,
    Refusal.NOT_OPPOSITE: _UNFIT,
    Refusal.HEDGING_ONLY: _UNFIT,
    Refusal.NOTHING_TO_CLOSE: _UNFIT,
    Refusal.TOO_MANY_ORDERS: _UNFIT,
    Refusal.PRICE_OFF_TICK: _UNFIT,
    Refusal.POSITION_HEDGED: _CONFLICT,
    Refusal.AMOUNT_NOT_POSITIVE: _UNFIT,
    Refusal.NOT_ENOUGH_MONEY: _UNFIT,
    Refusal.NOT_ENOUGH_FREE_MARGIN: _UNFIT,
    Refusal.NOT_ENOUGH_CREDIT: _UNFIT,
    Refusal.AMOUNT_TOO_LARGE: _UNFIT,
    Refusal.EXTERNAL_ID_REUSED: _CONFLICT,
    Refusal.UNKNOWN_GROUP: _MISSING,
    Refusal.BAD_SYMBOL: _UNFIT,
    Refusal.BAD_GROUP: _UNFIT,
    Refusal.SYMBOL_IN_USE: _CONFLICT,
    Refusal.GROUP_IN_USE: _CONFLICT,
    Refusal.LEVERAGE_OUT_OF_RANGE: _UNFIT,
    Refusal.VENUE_REJECTED: HTTPStatus.BAD_GATEWAY,
    Refusal.UNKNOWN_HEDGE_ORDER: _MISSING,
    Refusal.HEDGE_ORDER_DONE: _CONFLICT,
    Refusal.OVERFILLED: _CONFLICT,
    Refusal.UNKNOWN_BREAK: _MISSING,
    Refusal.UNKNOWN_WALLET: _MISSING,
    Refusal.UNKNOWN_STRATEGY: _MISSING,
    Refusal.UNKNOWN_OFFER: _MISSING,
    Refusal.UNKNOWN_INVESTMENT: _MISSING,
    Refusal.UNKNOWN_STREAM: _MISSING,
    Refusal.NO_COPY_SPEC: _CONFLICT,
    Refusal.BAD_COPY_SPEC: _UNFIT,
    Refusal.BAD_STREAM: _UNFIT,
    Refusal.STRATEGY_CLOSED: _CONFLICT,
    Refusal.STRATEGY_NOT_ACTIVE: _CONFLICT,
    Refusal.STRATEGY_NOT_PAUSED: _CONFLICT,
    Refusal.OFFER_ENDED: _CONFLICT,
    Refusal.OWN_INVESTMENT: _CONFLICT,
    Refusal.INVESTMENT_CLOSED: _CONFLICT,
    Refusal.INVESTMENT_NOT_ACTIVE: _CONFLICT,
    Refusal.INVESTMENT_NOT_PAUSED: _CONFLICT,
    Refusal.NAME_INVALID: _UNFIT,
    Refusal.NAME_TAKEN: _CONFLICT,
    Refusal.LINK_TAKEN: _CONFLICT,
    Refusal.FACTOR_OUT_OF_RANGE: _UNFIT,
    Refusal.PROTECTION_OUT_OF_RANGE: _UNFIT,
    Refusal.TARGET_OUT_OF_RANGE: _UNFIT,
    Refusal.SHARE_OUT_OF_RANGE: _UNFIT,
    Refusal.BELOW_LEAST_BALANCE: _UNFIT,
    Refusal.ABOVE_WITHDRAWABLE: _UNFIT,
    Refusal.UNKNOWN_RESERVATION: _MISSING,
    Refusal.RESERVATION_ENDED: _CONFLICT,
    Refusal.SOURCE_MISSING: _UNFIT,
    Refusal.SOURCE_EQUITY_NOT_POSITIVE: _UNFIT,
    Refusal.STALE_SIGNAL: _CONFLICT,
    Refusal.TICKET_MISSING: _UNFIT,
    Refusal.CURRENCIES_DIFFER: _UNFIT,
    Refusal.ALREADY_INVESTED: _CONFLICT,
    Refusal.LIMIT_REACHED: _CONFLICT,
    Refusal.INVESTMENT_CLOSING: _CONFLICT,
    Refusal.STORAGE_FULL: HTTPStatus.INSUFFICIENT_STORAGE,
    Refusal.STOPPING: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.OVERLOADED: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.NOT_READY: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.OUTCOME_UNKNOWN: HTTPStatus.INTERNAL_SERVER_ERROR,
}
assert STATUS.keys() == set(Refusal), f"no status for {set(Refusal) - STATUS.keys()}"


class Rejected(Exception):
    """The call is refused. Raised anywhere below a surface, turned into an answer in one place."""

    def __init__(self, code: Refusal, detail: str = "", *, retry_after: int = 0) -> None:
        super().__init__(code.name, detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        """seconds; 0 is not said"""


class Problem(msgspec.Struct, frozen=True):
    """Why a call was refused. `code` is stable and public; programs decide by it and never by the texts."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: int
    refusal: str
    retryable: bool
    request_id: str


def problem_of(rejected: Rejected, path: str, request_id: str) -> Problem:
    code = rejected.code
    text = PROBLEMS[code]
    return Problem(
        type=f"/problems/{code.value}",
        title=text.title,
        status=STATUS[code].value,
        detail=rejected.detail or text.title,
        instance=path,
        code=code.value,
        refusal=code.name,
        retryable=text.retryable,
        request_id=request_id,
    )


def problem_headers(rejected: Rejected) -> dict[str, str]:
    """Return the headers that belong to a problem, besides its media type."""
    headers: dict[str, str] = {}
    if rejected.code == Refusal.NOT_AUTHENTICATED:
        headers["www-authenticate"] = 'Bearer realm="prorata"'
    if rejected.retry_after:
        headers["retry-after"] = str(rejected.retry_after)
    return headers
