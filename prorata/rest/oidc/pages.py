"""Our own few pages for signing in and out: plain HTML that works without scripts, in light and dark, on narrow screens."""

from collections.abc import Mapping
from html import escape

from litestar import MediaType, Response

from prorata.rest.oidc.errors import NO_STORE

# No `form-action`: browsers hold it against the redirects after a form, too, and those lead to the applications.
HEADERS = {
    **NO_STORE,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    # Not "no-referrer": with it, browsers send our own forms from the origin "null".
    "referrer-policy": "same-origin",
}

_STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #57606a; --ground: #f4f5f7; --card: #fff; --line: #8c959f;
  --strong: #0b5cad; --on-strong: #fff; --bad: #a40e26; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9da7b3; --ground: #0d1117; --card: #161b22;
  --line: #6e7681; --strong: #6cb0ff; --on-strong: #0d1117; --bad: #ff9a95; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 1.5rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 1rem; } .quiet { color: var(--quiet); } .bad { color: var(--bad); font-weight: 600; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input { width: 100%; margin-bottom: 1rem; padding: .625rem .75rem; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--line); border-radius: .375rem; }
button, a.button { display: block; width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; cursor: pointer; border: 1px solid var(--strong); border-radius: .375rem;
  color: var(--on-strong); background: var(--strong); }
a.button { margin-top: .75rem; color: var(--strong); background: transparent; }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
hr { margin: 1.25rem 0; border: 0; border-top: 1px solid var(--line); }
"""


def page(title: str, body: str, *, status: int = 200) -> Response[str]:
    """Return a page; `title` is text, `body` is HTML."""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=HEADERS)


def ask_password(
    back: str, *, email: str = "", problem: str = "", outside: Mapping[str, str], status: int = 200
) -> Response[str]:
    """Ask for e-mail address and password. `outside`: the addresses of other providers by what they are called."""
    buttons = "".join(
        f'<a class="button" href="{escape(link)}">Sign in with {escape(name)}</a>' for name, link in outside.items()
    )
    form = (
        f'{_problem(problem)}<form method="post" action="/connect/login">{_hidden({"return": back})}'
        f'<label for="email">E-mail</label><input id="email" name="email" type="email" autocomplete="username" required '
        f'maxlength="128" value="{escape(email)}"{"" if email else " autofocus"}{_described(problem)}>'
        f'<label for="password">Password</label><input id="password" name="password" type="password" required '
        f'maxlength="1024" autocomplete="current-password"{" autofocus" if email else ""}{_described(problem)}>'
        f'<button type="submit">Sign in</button></form>{f"<hr>{buttons}" if buttons else ""}'
    )
    return page("Sign in", form, status=status)


def ask_code(ticket: str, back: str, *, problem: str = "", status: int = 200) -> Response[str]:
    """Ask for the second factor. `ticket`: proves that the password was right."""
    form = (
        f'<p id="about">Enter the six digits that your authenticator shows, or one of your recovery codes.</p>'
        f'{_problem(problem)}<form method="post" action="/connect/login/code">{_hidden({"ticket": ticket, "return": back})}'
        f'<label for="code">Code</label><input id="code" name="code" autocomplete="one-time-code" required autofocus '
        f'maxlength="64" spellcheck="false" autocapitalize="none" aria-describedby="about{" problem" if problem else ""}">'
        f'<button type="submit">Continue</button></form>'
    )
    return page("Second step", form, status=status)


def signed_in(email: str) -> Response[str]:
    return page("Signed in", f'<p>You are signed in as {escape(email)}.</p><p class="quiet">This page can be closed.</p>')


def ask_sign_out(email: str, fields: Mapping[str, str]) -> Response[str]:
    form = (
        f'<p>You are signed in as {escape(email)}.</p><form method="post" action="/connect/endsession">'
        f'{_hidden({**fields, "confirm": "yes"})}<button type="submit">Sign out</button></form>'
    )
    return page("Sign out?", form)


def signed_out() -> Response[str]:
    return page("Signed out", '<p>You are signed out.</p><p class="quiet">This page can be closed.</p>')


def problem_page(text: str, *, status: int) -> Response[str]:
    return page("That did not work", f"<p>{escape(text)}</p>", status=status)


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items())


def _problem(text: str) -> str:
    return f'<p id="problem" class="bad" role="alert">{escape(text)}</p>' if text else ""


def _described(problem: str) -> str:
    return ' aria-invalid="true" aria-describedby="problem"' if problem else ""
