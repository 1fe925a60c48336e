"""The gRPC ports of the process: who is behind the door, which versions each port speaks, TLS."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from prorata.app.settings import LOOPBACK, BadSettings, GrpcSettings
from prorata.control.api_clients.addresses import BadNetwork, Network, networks_from
from prorata.rest.broker.call import BrokerHouse
from prorata.stream.grpc import v1, v1_enveloped, v2
from prorata.stream.grpc.door import Door
from prorata.stream.grpc.server import BadAddress, GrpcServer, Streams

PROXIES_VARIABLE = "FORWARDED_ALLOW_IPS"
EVERYWHERE = ("0.0.0.0/0", "::/0")

_log = structlog.get_logger("grpc")


class GrpcLine:
    """`host`: where it listens."""

    def __init__(self, settings: GrpcSettings, host: str, house: BrokerHouse) -> None:
        self.door = Door(house, settings.terms, proxies_in(os.environ.get(PROXIES_VARIABLE, LOOPBACK[0])))
        self.addresses: dict[str, str] = {}
        """where each setting's port is, once it has started: host:port"""
        self._settings = settings
        self._host = f"[{host}]" if ":" in host else host
        self._servers: list[GrpcServer] = []
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises `BadSettings`."""
        settings = self._settings
        certificate = _certificate(settings)
        for name, port, methods in (
            ("port", settings.port, (*v1.METHODS, *v2.METHODS)),
            ("enveloped_port", settings.enveloped_port, (*v1_enveloped.METHODS, *v2.METHODS)),
        ):
            if port:
                server = GrpcServer(Streams(self.door, methods), f"{self._host}:{port}", certificate)
                try:
                    await server.start()
                except BadAddress:
                    raise BadSettings(f"grpc.{name}: port {port} on {self._host} cannot be opened") from None
                self._servers.append(server)
                self.addresses[name] = f"{self._host}:{server.port}"
                _log.info("gRPC is served", setting=name, address=self.addresses[name], tls=certificate is not None)
        if self._servers:
            self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._settings.terms.check_seconds)
            self.door.check_all()

    def leave(self, platform: str) -> None:
        """End the streams of a platform that has stopped, by its engine's name."""
        self.door.leave(platform)

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self.door.close()
        for server in self._servers:
            await server.stop()


def proxies_in(told: str) -> tuple[Network, ...]:
    """Return the networks of the proxies that are believed: as the HTTP server is told them, but for those that are names."""
    found: list[Network] = []
    for part in EVERYWHERE if told.strip() == "*" else told.split(","):
        with suppress(BadNetwork):
            found += networks_from([part])
    return tuple(found)


def _certificate(settings: GrpcSettings) -> tuple[bytes, bytes] | None:
    """Return key and chain. Raises `BadSettings`."""
    if settings.certificate is None or settings.private_key is None:
        return None
    try:
        return settings.private_key.read_bytes(), settings.certificate.read_bytes()
    except OSError as problem:
        raise BadSettings(f"grpc.certificate, grpc.private_key: cannot be read ({problem.strerror})") from None


@asynccontextmanager
async def serving(settings: GrpcSettings, host: str, house: BrokerHouse) -> AsyncIterator[GrpcLine]:
    """Serve gRPC on the ports of the settings. Raises `BadSettings`."""
    line = GrpcLine(settings, settings.host or host, house)
    try:
        await line.start()
        yield line
    finally:
        await line.stop()
