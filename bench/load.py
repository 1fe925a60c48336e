"""The load generator: 64 keep-alive connections that each send an order, wait for its answer, and send the next.

Raw sockets and ready-made bytes, so that the generator costs as little as Python lets it; it runs as a
process of its own on the other core. Prints one JSON line.
"""

import asyncio
import json
import random
import sys
import time
from typing import cast

from bench import world

HEADERS = (
    "POST /api/v1/orders HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {length}\r\n\r\n"
)


class Connection(asyncio.Protocol):
    """One client. `send` is told when the answer to the last order has come whole."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.buffer = b""
        self.sent_at = 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.send()

    def send(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(self.load.next_request())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self.buffer.lower().find(b"content-length:", 0, head)
        length = int(self.buffer[at + 15 : self.buffer.find(b"\r\n", at)])
        if len(self.buffer) < head + 4 + length:
            return
        status, self.buffer = self.buffer[9:12], b""
        if self.load.answered(status, time.perf_counter() - self.sent_at):
            self.send()
        else:
            self.transport.close()


class Load:
    def __init__(self, host: str, token: str, count: int, accounts: int) -> None:
        self.host, self.token, self.left = host, token, count
        self.accounts = accounts
        self.rng = random.Random(5)
        self.run = f"{time.time_ns():x}"
        self.latencies: list[float] = []
        self.statuses: dict[str, int] = {}
        self.under_way = 0
        self.done = asyncio.Event()

    def next_request(self) -> bytes:
        self.left -= 1
        self.under_way += 1
        login = world.FIRST_LOGIN + self.rng.randrange(self.accounts)
        name = world.NAMES[self.rng.randrange(len(world.NAMES))]
        side = "buy" if self.rng.random() < 0.5 else "sell"
        body = f'{{"login":{login},"symbol":"{name}","side":"{side}","type":"market","volume":"0.01"}}'
        head = HEADERS.format(host=self.host, token=self.token, key=f"{self.run}-{self.left}", length=len(body))
        return (head + body).encode()

    def answered(self, status: bytes, took: float) -> bool:
        self.latencies.append(took)
        self.under_way -= 1
        code = status.decode()
        self.statuses[code] = self.statuses.get(code, 0) + 1
        if self.left > 0:
            return True
        if self.under_way == 0:
            self.done.set()
        return False


async def main(host: str, port: int, token: str, count: int, accounts: int, connections: int) -> None:
    load = Load(host, token, count, accounts)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    await asyncio.gather(*(loop.create_connection(lambda: Connection(load), host, port) for _ in range(connections)))
    await load.done.wait()
    took = time.perf_counter() - began
    ordered = sorted(load.latencies)
    print(
        json.dumps(
            {
                "orders_a_second": len(ordered) / took,
                "p50_ms": ordered[len(ordered) // 2] * 1e3,
                "p99_ms": ordered[len(ordered) * 99 // 100] * 1e3,
                "statuses": load.statuses,
            }
        )
    )


if __name__ == "__main__":
    import uvloop

    host, port, token, count, accounts, connections = sys.argv[1:7]
    uvloop.run(main(host, int(port), token, int(count), int(accounts), int(connections)))
