"""Signs in to the Web API of a MetaTrader 5 server, as far as is needed to know that the login is good.

Over HTTPS, on one connection, which is the session:

1. `GET /api/auth/start?version&agent&login&type=manager` gives `srv_rand`, 16 random bytes.
2. `GET /api/auth/answer?srv_rand_answer&cli_rand` shows that we know the password, and asks the server for the same.

Both sides prove it by `MD5(P || rand)` with `P = MD5(MD5(password in UTF-16LE) || "WebAPI")`. The password itself is
never sent, but `P` is as good as it, and MD5 is guessed quickly: so the certificate is checked before anything is said.
"""

import hmac
import http.client
import secrets
import ssl
from hashlib import md5, sha256
from typing import Any
from urllib.parse import urlencode

import msgspec

from prorata.control.platforms.addresses import Address
from prorata.control.platforms.reaching import Failed, Findings, Line

VERSION = 3211
"""of the Web API, as clients announce it; a server refuses what is too old for it with 1010"""
AGENT = "Prorata"
RAND_BYTES = 16
BODY_MAX = 65_536
_DONE = 0
_REASONS = {
    8: "the manager has not the right to use the Web API",
    1000: "the login or the password is wrong",
    1001: "the login is disabled",
    1002: "the server does not let this address in",
    1010: "the server wants a newer version of the Web API",
}


class _Answer(msgspec.Struct, frozen=True):
    retcode: str
    version_access: str | int = ""
    version_trade: str | int = ""
    srv_rand: str = ""
    cli_rand_answer: str = ""


def password_hash(password: str) -> bytes:
    """Return `P`, which stands for the password."""
    inner = md5(password.encode("utf-16-le"), usedforsecurity=False).digest()
    return md5(inner + b"WebAPI", usedforsecurity=False).digest()


def proof(hashed: bytes, rand: bytes) -> str:
    """Return what shows to whoever sent `rand` that one knows `P`."""
    return md5(hashed + rand, usedforsecurity=False).hexdigest()


def sign_in(line: Line, address: Address, findings: Findings, *, login: str, password: str, certificate: str) -> None:
    """Sign in over a connection that was just opened. `certificate`: the SHA-256 of the only one that is accepted, or "".

    Raises:
        Failed: and why.
    """
    findings.begin("certificate")
    http_line = http.client.HTTPSConnection(address.host, address.port)
    # Were the server to close the connection, the library would open another one, to an address that nobody has checked.
    http_line.auto_open = 0
    with _encrypted(line, address, certificate) as http_line.sock:
        findings.passed(certificate or "trusted")
        try:
            _authenticate(http_line, findings, login, password_hash(password))
        except (OSError, http.client.HTTPException, msgspec.MsgspecError, ValueError) as problem:
            raise Failed(f"this is not the Web API of a MetaTrader 5 server ({type(problem).__name__})") from problem


def _encrypted(line: Line, address: Address, certificate: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    if certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        secured = context.wrap_socket(line.socket, server_hostname=address.host)
    except ssl.SSLCertVerificationError as problem:
        raise Failed(f"the certificate is not trusted: {problem.verify_message}") from problem
    except OSError as problem:
        raise Failed(f"there is no TLS: {problem}") from problem
    shown = secured.getpeercert(binary_form=True) or b""
    if certificate and not hmac.compare_digest(sha256(shown).hexdigest(), certificate):
        secured.close()
        raise Failed(f"the server shows another certificate, with SHA-256 {sha256(shown).hexdigest()}")
    return secured


def _authenticate(line: http.client.HTTPSConnection, findings: Findings, login: str, hashed: bytes) -> None:
    findings.begin("greeting")
    greeting = _ask(line, "start", version=VERSION, agent=AGENT, login=login, type="manager")
    findings.passed(f"access server {greeting.version_access}")
    findings.begin("login")
    rand = secrets.token_bytes(RAND_BYTES)
    answer = _ask(line, "answer", srv_rand_answer=proof(hashed, bytes.fromhex(greeting.srv_rand)), cli_rand=rand.hex())
    findings.passed(f"trade server {answer.version_trade}")
    findings.begin("server")
    if not hmac.compare_digest(answer.cli_rand_answer.lower().encode(), proof(hashed, rand).encode()):
        raise Failed("the server does not know the password that it accepted")
    findings.passed("it knows the password")


def _ask(line: http.client.HTTPSConnection, step: str, **query: Any) -> _Answer:
    """A refusal comes as status 400 with the same kind of body. Raises `Failed`, and what is not an answer raises."""
    line.request("GET", f"/api/auth/{step}?{urlencode(query)}", headers={"Connection": "keep-alive"})
    response = line.getresponse()
    body = response.read(BODY_MAX)
    if response.status not in (http.client.OK, http.client.BAD_REQUEST, http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        raise Failed(f"the server answers with HTTP status {response.status}")
    answer = msgspec.json.decode(body, type=_Answer)
    number, _, words = answer.retcode.partition(" ")
    if int(number) != _DONE:
        raise Failed(f"refused with {int(number)}: {_REASONS.get(int(number), words)}")
    return answer
