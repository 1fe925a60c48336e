"""The cookie that a browser is signed in by: out of reach of scripts, and not sent by other sites' changes."""

from http.cookies import CookieError, SimpleCookie

from litestar.datastructures import Cookie

from prorata.control.people.sign_ins import LIFE_MS

SESSION_COOKIE = "prorata_session"


def session_cookie(token: str, *, secure: bool) -> Cookie:
    """Return the cookie with a token; "" takes it back."""
    age = LIFE_MS // 1000 if token else 0
    return Cookie(SESSION_COOKIE, value=token, path="/", max_age=age, httponly=True, samesite="lax", secure=secure)


def token_in(header: bytes) -> str:
    """Return the token in a Cookie header, "" if there is none."""
    if SESSION_COOKIE.encode() not in header:
        return ""
    try:
        found = SimpleCookie(header.decode("latin-1")).get(SESSION_COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
