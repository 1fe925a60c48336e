"""A MetaTrader 5 access server for tests: its Web API over real TLS, as far as signing in goes."""

import datetime
import json
import secrets
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOGIN = "1000"
PASSWORD = "Password1"  # noqa: S105 - of nobody
P = "904ba8ecb16273d2f0ae9c3b8a023752"
"""what stands for the password, computed elsewhere"""


class FakeMt5(ThreadingHTTPServer):
    """`certificate`: the SHA-256 of the one it shows. `greeting`: sent instead of its own, if set. `paths`: what was asked."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        key, certificate = self_signed()
        file = folder / "mt5.pem"
        file.write_bytes(key + certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.certificate = sha256(ssl.PEM_cert_to_DER_cert(certificate.decode())).hexdigest()
        self.authority = folder / "authority.pem"
        self.authority.write_bytes(certificate)
        self.knows_password = True
        self.greeting: tuple[int, bytes] | None = None
        self.closes_after_greeting = False
        self.paths: list[str] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up on an untrusted certificate are no matter."""


class _Handler(BaseHTTPRequestHandler):
    """One connection, which is the session: who has asked for a challenge here may answer it here."""

    protocol_version = "HTTP/1.1"
    server: FakeMt5
    rand = b""

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/api/auth/start":
            self._start(query)
        elif parts.path == "/api/auth/answer":
            self._answer(query)
        else:
            self._send(404, b"")

    def _start(self, query: dict[str, str]) -> None:
        if self.server.greeting is not None:
            self._send(*self.server.greeting)
            return
        assert query["type"] == "manager"
        assert query["agent"]
        if int(query["version"]) < 3000:
            self._say(400, retcode="1010 Invalid version")
            return
        self.rand = secrets.token_bytes(16)
        self._say(200, retcode="0 Done", version_access="1290", srv_rand=self.rand.hex())
        if self.server.closes_after_greeting:
            self.close_connection = True

    def _answer(self, query: dict[str, str]) -> None:
        expected = md5(bytes.fromhex(P) + self.rand).hexdigest()
        if not self.rand or query["srv_rand_answer"] != expected:
            self._say(400, retcode="1000 Invalid account")
            return
        own = bytes.fromhex(P) if self.server.knows_password else bytes(16)
        answer = md5(own + bytes.fromhex(query["cli_rand"])).hexdigest()
        self._say(200, retcode="0 Done", version_access="1290", version_trade="1291", cli_rand_answer=answer)

    def _say(self, status: int, **body: str) -> None:
        self._send(status, json.dumps(body).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[FakeMt5]:
    server = FakeMt5(folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def self_signed() -> tuple[bytes, bytes]:
    """Return a key and a certificate of 127.0.0.1 in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mt5.test")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=x509.random_serial_number(),
        not_valid_before=now - datetime.timedelta(days=1), not_valid_after=now + datetime.timedelta(days=1),
    )  # fmt: skip
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    own = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    return own, certificate.public_bytes(serialization.Encoding.PEM)
