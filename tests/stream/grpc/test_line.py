"""The ports as the settings have them: TLS, what is off, what cannot be opened."""

import datetime
import ipaddress
import socket
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from prorata.app.grpc_line import GrpcLine, proxies_in
from prorata.app.settings import BadSettings, GrpcSettings, load
from prorata.stream.grpc.door import caller_of
from tests.stream.grpc.stage import V2_PATH, Ear, GrpcStage
from tests.stream.grpc.wire import V2

PATH = f"{V2_PATH}GroupServiceExternal/getGroupChangesStream"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """Return files of a certificate for 127.0.0.1 and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=1)
        )
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(*pem))
    return chain, secret


def test_with_a_certificate_the_port_speaks_tls(grpc_port: GrpcStage, tmp_path: Path) -> None:
    stage = grpc_port.stage
    chain, secret = certificate(tmp_path)
    settings = GrpcSettings(port=free_port(), certificate=chain, private_key=secret)
    line = GrpcLine(settings, "127.0.0.1", stage.shared)
    stage.house.run(line.start())
    try:
        assert line.addresses == {"port": f"127.0.0.1:{settings.port}"}
        trust = grpc.ssl_channel_credentials(chain.read_bytes())
        with grpc.secure_channel(line.addresses["port"], trust) as channel:
            method = channel.unary_stream(
                PATH, request_serializer=V2["GroupsAsked"].SerializeToString, response_deserializer=V2["GroupChange"].FromString
            )  # fmt: skip
            metadata = (("authorization", grpc_port.key), ("prorata-platform", stage.live))
            ear = Ear(method(V2["GroupsAsked"](), metadata=metadata, timeout=20))
            assert ear.count(1)[0].f1.f1 == "euro"
            ear.stop()
        with grpc.insecure_channel(line.addresses["port"]) as plain:
            refused = Ear(plain.unary_stream(PATH, request_serializer=bytes, response_deserializer=bytes)(b"", timeout=20))
            assert refused.ended()[0] == grpc.StatusCode.UNAVAILABLE
        other = GrpcLine(settings, "127.0.0.1", stage.shared)
        with pytest.raises(BadSettings, match=f"grpc.port: port {settings.port}"):
            stage.house.run(other.start())
    finally:
        stage.house.run(line.stop())


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "caller"),
    [
        ("ipv4:127.0.0.1:50212", "", "127.0.0.1", "127.0.0.1"),
        ("ipv4:127.0.0.1:50212", "203.0.113.7", "127.0.0.1", "203.0.113.7"),
        ("ipv4:127.0.0.1:50212", "198.51.100.1, 203.0.113.7", "127.0.0.1", "203.0.113.7"),
        ("ipv4:10.0.0.2:50212", "198.51.100.1, 10.0.0.3", "10.0.0.0/8", "198.51.100.1"),
        ("ipv4:203.0.113.9:50212", "198.51.100.1", "127.0.0.1", "203.0.113.9"),
        ("ipv4:127.0.0.1:50212", "198.51.100.1", "", "127.0.0.1"),
        ("ipv6:%5B::1%5D:50212", "198.51.100.1", "*", "198.51.100.1"),
        ("ipv6:%5B2001:db8::7%5D:50212", "", "127.0.0.1", "2001:db8::7"),
        ("unix:/tmp/socket", "", "127.0.0.1", ""),
    ],
)
def test_only_our_own_proxies_are_believed_where_a_call_comes_from(
    peer: str, forwarded: str, proxies: str, caller: str
) -> None:
    assert caller_of(peer, forwarded, proxies_in(proxies)) == caller


def test_the_settings_of_grpc() -> None:
    assert load(environment={}).grpc.port == 0
    with pytest.raises(BadSettings, match="certificate and private_key are needed both"):
        load(environment={"PRORATA_GRPC__CERTIFICATE": "chain.pem"})
    settings = load(environment={"PRORATA_GRPC__PORT": "8083", "PRORATA_GRPC__TERMS__HEARTBEAT_SECONDS": "15"})
    assert (settings.grpc.port, settings.grpc.terms.heartbeat_seconds) == (8083, 15.0)
