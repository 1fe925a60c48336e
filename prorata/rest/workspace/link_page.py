"""The page that links in mails lead to. It sends what is behind the # on a click: programs that follow links spend none."""

import secrets

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Prorata</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style nonce="{nonce}">
body{{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem;color:#222}}
input,button{{font:inherit;padding:.5rem .8rem;margin:.5rem 0;width:100%;box-sizing:border-box}}</style></head><body>
<h1>Prorata</h1><form id="form" hidden><p id="words"></p><label id="label" hidden>New password
<input id="password" type="password" minlength="10" maxlength="128" autocomplete="new-password"></label>
<button id="button"></button></form><p id="told" role="status">This link is incomplete.</p>
<script nonce="{nonce}">
const kinds = {{
  verify: ["auth/verify", "Confirm this address as yours?", "Confirm", "Your address is confirmed."],
  email: ["auth/email", "Take this address over?", "Take it over", "You sign in with this address from now on."],
  reset: ["auth/password", "Choose a new password.", "Set it", "Your password is set. All other sign-ins have ended."],
}};
const at = id => document.getElementById(id);
const [kind, token] = location.hash.slice(1).split(".");
history.replaceState(null, "", location.pathname);
const send = (path, body) => fetch("/api/v1/" + path, {{
  method: "POST", body: JSON.stringify(body),
  headers: {{"content-type": "application/json", "x-requested-with": "prorata"}},
}});
const show = (path, words, act, done, asksPassword) => {{
  at("told").textContent = "";
  at("words").textContent = words;
  at("button").textContent = act;
  at("label").hidden = !asksPassword;
  at("password").required = asksPassword;
  at("form").hidden = false;
  at("form").onsubmit = async event => {{
    event.preventDefault();
    const answer = await send(path, asksPassword ? {{token, password: at("password").value}} : {{token}});
    if (answer.ok) at("form").hidden = true;
    at("told").textContent = answer.ok ? done : answer.status === 401
      ? "Sign in first, then open the link in the mail once more." : (await answer.json()).detail;
  }};
}};
const invited = async () => {{
  const answer = await send("invitations/look", {{token}}), told = await answer.json();
  if (!answer.ok) {{ at("told").textContent = told.detail; return; }}
  const words = `You are invited to work in ${{told.organization}}, as ${{told.email}}.`;
  if (told.has_account) show("invitations/accept", words, "Join", "You have joined.", false);
  else show("invitations/register", words + " Choose a password.", "Join", "You have joined, and can sign in.", true);
}};
if (kind === "invitation" && token) invited();
else if (kinds[kind] && token) show(...kinds[kind], kind === "reset");
</script></body></html>
"""


def link_page() -> tuple[str, dict[str, str]]:
    """Return the page and the headers that let it do nothing but that."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return _PAGE.format(nonce=nonce), {"content-security-policy": policy, "referrer-policy": "no-referrer"}
