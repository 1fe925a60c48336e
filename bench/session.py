"""One pipelined WebSocket session: orders are sent without waiting, at most `window` unanswered. Prints one JSON line."""

import asyncio
import json
import random
import sys
import time

import msgspec
from websockets.asyncio.client import connect

from bench import world

TOGETHER = 64
"""Messages joined in one frame."""


class Reply(msgspec.Struct):
    id: int | None = None
    error: msgspec.Raw = msgspec.Raw(b"")


async def main(port: int, token: str, count: int, accounts: int, window: int) -> None:
    rng = random.Random(6)
    run = f"{time.time_ns():x}"
    decode = msgspec.json.Decoder(Reply | list[Reply]).decode
    sent_at = [0.0] * count
    latencies: list[float] = []
    refused = 0
    room = asyncio.Semaphore(window // TOGETHER)

    def message(number: int) -> str:
        login = world.FIRST_LOGIN + rng.randrange(accounts)
        name, side = world.NAMES[rng.randrange(len(world.NAMES))], "buy" if rng.random() < 0.5 else "sell"
        return (
            f'{{"op":"place-order","id":{number},"key":"{run}-{number}","login":{login},'
            f'"symbol":"{name}","side":"{side}","volume":"0.01"}}'
        )

    frames = [
        "[" + ",".join(message(i) for i in range(at, min(count, at + TOGETHER))) + "]" for at in range(0, count, TOGETHER)
    ]
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(
        f"ws://127.0.0.1:{port}/api/v1/stream", additional_headers=headers, compression=None, max_size=None
    ) as connection:
        await connection.recv()

        async def send() -> None:
            for place, frame in enumerate(frames):
                await room.acquire()
                now = time.perf_counter()
                for number in range(place * TOGETHER, min(count, (place + 1) * TOGETHER)):
                    sent_at[number] = now
                await connection.send(frame)

        began = time.perf_counter()
        sending = asyncio.create_task(send())
        answered = 0
        while answered < count:
            replies = decode(await connection.recv(decode=False))
            now = time.perf_counter()
            for reply in replies if isinstance(replies, list) else [replies]:
                if reply.id is None:
                    continue
                latencies.append(now - sent_at[reply.id])
                refused += bool(reply.error)
                answered += 1
                if answered % TOGETHER == 0:
                    room.release()
        took = time.perf_counter() - began
        await sending
    latencies.sort()
    print(
        json.dumps(
            {
                "orders_a_second": count / took,
                "p50_ms": latencies[count // 2] * 1e3,
                "p99_ms": latencies[count * 99 // 100] * 1e3,
                "refused": refused,
            }
        )
    )


if __name__ == "__main__":
    import uvloop

    port, token, count, accounts, window = sys.argv[1:6]
    uvloop.run(main(int(port), token, int(count), int(accounts), int(window)))
