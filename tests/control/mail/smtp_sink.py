"""A mail server that keeps what it is given: enough of SMTP (RFC 5321) with STARTTLS and AUTH PLAIN."""

import asyncio
import email
import email.policy
import ssl
from base64 import b64decode
from email.message import EmailMessage


class SmtpSink:
    """`refusals`: answers to recipients by address; `busy`: so many mails are put off first."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None, busy: int = 0) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.busy = busy
        self.secured = 0
        self.port = 0
        self._tls = tls
        self._login = login

    async def __aenter__(self) -> "SmtpSink":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        signed_in = self._login is None
        while line := (await reader.readline()).decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    offers = ["sink", "AUTH PLAIN", *(["STARTTLS"] if self._tls and not self.secured else [])]
                    lines = [f"250{'-' if offer is not offers[-1] else ' '}{offer}\r\n" for offer in offers]
                    writer.write("".join(lines).encode())
                case "STARTTLS":
                    writer.write(b"220 go on\r\n")
                    assert self._tls is not None
                    try:
                        await writer.start_tls(self._tls)
                    except ssl.SSLError:
                        break
                    self.secured += 1
                case "AUTH":
                    _, name, password = b64decode(rest.partition(" ")[2]).decode().split("\x00")
                    signed_in = (name, password) == self._login
                    writer.write(b"235 welcome\r\n" if signed_in else b"535 who are you\r\n")
                case "MAIL":
                    writer.write(b"250 fine\r\n" if signed_in else b"530 sign in first\r\n")
                case "RCPT":
                    address = rest.partition("<")[2].partition(">")[0]
                    writer.write(f"{self.refusals.get(address, '250 fine')}\r\n".encode())
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    sent = await reader.readuntil(b"\r\n.\r\n")
                    if self.busy:
                        self.busy -= 1
                        writer.write(b"451 later\r\n")
                    else:
                        self.mails.append(email.message_from_bytes(sent[:-3], policy=email.policy.default))
                        writer.write(b"250 taken\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                case _:
                    writer.write(b"250 fine\r\n")
        writer.close()
