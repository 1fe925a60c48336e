"""Nobody can make the platform call into the house's own network."""

import asyncio
import socket
import ssl
import subprocess
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
import pytest

from prorata.control.webhooks.rows import DeliveryState
from prorata.control.webhooks.targets import Allowed, BadTarget, check_url, is_public
from prorata.stream.webhooks.sending import AddressBook
from tests.stream.webhooks.receiver import receiving
from tests.stream.webhooks.stage import LOCAL, Stage

STRICT = Allowed()
INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1", "255.255.255.255", "198.18.0.1", "240.0.0.1", "168.63.129.16", "::1", "::", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
    "2002:a00:1::", "2001:0:a00:1::", "2001:db8::1", "::127.0.0.1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_the_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/", "ftp://crm.example.com/", "crm.example.com", "https://", "https:///path",
        "https://user:secret@crm.example.com/", "https://crm.example.com/#part", "https://crm.example.com:0/",
        "https://crm.example.com:99999/", "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data", "https://[::ffff:127.0.0.1]/", "https://crm.example.com/a b",
        "https://crm.example.com\\@10.0.0.1/", "https://crm.example.com/\r\nx: y", "https://кирпич.example/", "https://[::1",
        "https://crm.example.com/" + "x" * 2_048,
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused_when_it_is_given(url: str) -> None:
    with pytest.raises(BadTarget):
        check_url(url, STRICT)


def test_a_public_https_address_is_taken() -> None:
    check_url("https://crm.example.com:8443/hooks?from=ramm", STRICT)
    check_url("http://10.0.0.1/", Allowed(http=True, private=True))


class Names:
    """What the name server says, in turn; the last one for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host != "crm.example.com":
            return self._real(host, port, *args, **more)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


def error_of(stage: Stage, url: str, **terms: Any) -> str:
    """Return what the log says of a delivery to `url`."""

    async def tell() -> str:
        chosen = msgspec.structs.replace(LOCAL, allow_private=False, timeout_seconds=2, **terms)
        async with stage.delivering(chosen):
            subscription = stage.subscribe(url)
            stage.source.happen("strategy/1")
            return (await stage.settled(subscription, DeliveryState.FAILED))[0].last_error

    return asyncio.run(tell())


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["10.0.0.7"], ["169.254.169.254"], ["8.8.8.8", "192.168.0.1"]])
def test_a_name_that_leads_inside_is_not_connected_to(stage: Stage, monkeypatch: pytest.MonkeyPatch, answer: list[str]) -> None:
    Names(monkeypatch, answer)
    assert f"leads to {answer[-1]}, which is not a public address" in error_of(stage, "http://crm.example.com:9/")


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1", "017700000001"])
def test_other_spellings_of_the_own_machine_are_not_connected_to(stage: Stage, host: str) -> None:
    async def count() -> tuple[int, str]:
        async with receiving() as receiver:
            port = receiver.url.rsplit(":", 1)[1]
            async with stage.delivering(msgspec.structs.replace(LOCAL, allow_private=False)):
                subscription = stage.subscribe(f"http://{host}:{port}")
                stage.source.happen("strategy/1")
                log = await stage.settled(subscription, DeliveryState.FAILED)
            return len(receiver.requests), log[0].last_error

    requests, error = asyncio.run(count())
    assert requests == 0
    assert "not a public address" in error


def test_what_was_allowed_once_is_refused_when_the_settings_are_strict_again(stage: Stage) -> None:
    assert error_of(stage, "http://127.0.0.1:9/") == "127.0.0.1 is not a public address"
    assert error_of(stage, "http://crm.example.com/", allow_http=False) == "the URL must begin with https://"


def test_the_connection_goes_to_the_address_that_was_checked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server gives another address each time it is asked; it is asked once for a request."""

    async def tell() -> tuple[str, int]:
        async with receiving() as receiver, stage.delivering():
            port = receiver.url.rsplit(":", 1)[1]
            names = Names(monkeypatch, ["127.0.0.1"], ["10.255.255.1"])
            stage.subscribe(f"http://crm.example.com:{port}")
            stage.source.happen("strategy/1")
            request = (await receiver.came(1))[0]
            return request.headers["host"].partition(":")[0], len(names.answers)

    assert asyncio.run(tell()) == ("crm.example.com", 1)


def test_the_next_address_is_tried_when_one_cannot_be_reached(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tell() -> int:
        async with receiving(host="127.0.0.1") as receiver, stage.delivering():
            port = receiver.url.rsplit(":", 1)[1].partition("/")[0]
            Names(monkeypatch, ["127.0.0.2", "127.0.0.1"])
            stage.subscribe(f"http://crm.example.com:{port}/hook")
            stage.source.happen("strategy/1")
            return len(await receiver.came(1))

    assert asyncio.run(tell()) == 1


def test_a_name_that_does_not_exist_is_a_failure_with_a_reason(stage: Stage) -> None:
    assert error_of(stage, "http://nobody.invalid/").startswith("gaierror: ")
    assert "not the name of a host" in asyncio.run(looked_up("x" * 70))


async def looked_up(host: str) -> str:
    book = AddressBook()
    try:
        return str(await book.addresses_of(host, 443, private=False))
    except OSError as problem:
        return str(problem)
    finally:
        book.close()


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Return key and certificate for a host of this name, made by OpenSSL."""
    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", made, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, made


@pytest.mark.parametrize(("name", "state"), [("localhost", DeliveryState.DELIVERED), ("other", DeliveryState.FAILED)])
def test_a_certificate_must_be_that_of_the_name(stage: Stage, tmp_path: Path, name: str, state: DeliveryState) -> None:
    key, made = certificate(tmp_path, name)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(made, key)
    trusting = ssl.create_default_context(cafile=str(made))

    async def tell() -> str:
        async with receiving(tls=serving) as receiver, stage.delivering(tls=trusting):
            subscription = stage.subscribe(receiver.url)
            stage.source.happen("strategy/1")
            return (await stage.settled(subscription, state))[0].last_error

    error = asyncio.run(tell())
    assert ("CERTIFICATE_VERIFY_FAILED" in error) == (state == DeliveryState.FAILED)
