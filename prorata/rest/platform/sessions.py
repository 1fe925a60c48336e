"""Who is signed in, and on which of his trading accounts he may act.

A session is one of the control side's clients: it ends after fifteen idle minutes, with a new password, and when its person
may no longer sign in. Beside it there is a longer one that is good for nothing here but a new session (the cookie `rt`).

A trading token is a JWT that names one trading account and the session for which it was issued: it is worth nothing
without that session, ends after fifteen minutes, and does not survive a restart.
"""

from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from prorata.access.callers import Caller, Scope
from prorata.control.sessions import Kind, MayNotSignIn, Session
from prorata.control.store import Control
from prorata.crm.accounts import CrmAccount
from prorata.crm.store import Crm
from prorata.messages.refusals import Refusal
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.units.numbers import MINUTE_MS, Login
from prorata.views.answers import Rejected

SESSION_MINUTES = 15
REFRESH_MINUTES = 12 * 60
REFRESHES_PER_HOUR = 4
SESSION_COOKIE = "co-auth"
REFRESH_COOKIE = "rt"
_ALGORITHM = "HS256"


class SignedIn(msgspec.Struct, frozen=True):
    """`token`, `refresh`: of the cookies. Neither can be shown again."""

    account: CrmAccount
    session: Session
    token: str
    refresh: str


class TradingAccess(msgspec.Struct, frozen=True):
    """The trading account that a token names."""

    platform_uuid: str
    login: Login


class Doorkeeper:
    def __init__(self, control: Control, crm: Crm) -> None:
        self._control = control
        self._crm = crm
        self._key = OctKey.generate_key(256)
        self._refreshes = Allowances(Allowance(per_second=REFRESHES_PER_HOUR / 3_600, burst=REFRESHES_PER_HOUR))

    def sign_in(self, account: CrmAccount, company_id: int) -> SignedIn:
        """Blocks. Raises `Rejected`: the person may not sign in."""
        try:
            token, session = self._control.sessions.open(Kind.CLIENT, company_id, account.id, SESSION_MINUTES)
            refresh, _ = self._control.sessions.open(Kind.CLIENT, company_id, account.id, REFRESH_MINUTES)
        except MayNotSignIn:
            raise Rejected(Refusal.CREDENTIALS_WRONG) from None
        return SignedIn(account, session, token, refresh)

    def session(self, token: str) -> Session:
        """Return whose session a cookie names. Raises `Rejected`."""
        found = self._of(token)
        if found is None or found.minutes != SESSION_MINUTES:
            raise Rejected(Refusal.NOT_AUTHENTICATED, "sign in first: the session is missing or has ended")
        return found

    def refresh(self, refresh: str, token: str) -> SignedIn:
        """Sign in anew by the cookie `rt`; it and the old session are worth nothing afterwards. Blocks. Raises `Rejected`."""
        found = self._of(refresh)
        if found is None or found.minutes != REFRESH_MINUTES:
            raise Rejected(Refusal.NOT_AUTHENTICATED, "sign in again: the session cannot be refreshed")
        self._refreshes.take(str(found.person_id))
        account = self.account_of(found)
        before = self._of(token)
        self._control.sessions.end([found, *([] if before is None or before.person_id != found.person_id else [before])])
        return self.sign_in(account, found.company_id)

    def account_of(self, session: Session) -> CrmAccount:
        """Blocks. Raises `Rejected`."""
        account = self._crm.accounts.many([session.person_id]).get(session.person_id)
        if account is None:
            raise Rejected(Refusal.NOT_AUTHENTICATED, "there is no account of this session any more")
        return account

    def _of(self, token: str) -> Session | None:
        found = self._control.sessions.find(token) if token else None
        return found if found is not None and found.kind == Kind.CLIENT else None

    # Trading tokens.

    def trading_token(self, session: Session, platform_uuid: str, login: Login) -> str:
        ends_at = self._control.database.now() + SESSION_MINUTES * MINUTE_MS
        claims = {"sid": session.digest.hex(), "sys": platform_uuid, "sub": str(login), "ends": ends_at}
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key)

    def trading_access(self, session: Session, token: str) -> TradingAccess:
        """Return the account that a token of this session names. Raises `Rejected`."""
        claims = self._claims(token)
        if claims is None or claims["sid"] != session.digest.hex():
            raise Rejected(
                Refusal.NOT_AUTHENTICATED, "Auth-trading-api: the token is missing, of another session, or has ended"
            )
        return TradingAccess(claims["sys"], int(claims["sub"]))

    def verify(self, token: bytes) -> Caller | None:
        """Return who listens with a trading token whose session lives; None for any other. For the stream: it may read."""
        claims = self._claims(token.decode("latin-1"))
        if claims is None or not self._control.sessions.lives(bytes.fromhex(claims["sid"])):
            return None
        system = self._control.platforms.by_uuid.get(claims["sys"])
        if system is None or system.archived_at:
            return None
        login = int(claims["sub"])
        return Caller(f"terminal {system.uuid} {login}", system.engine, frozenset({Scope.READ}), frozenset({login}))

    def _claims(self, token: str) -> dict[str, Any] | None:
        """Return what a token of ours says that has not ended."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        return claims if claims["ends"] > self._control.database.now() else None
