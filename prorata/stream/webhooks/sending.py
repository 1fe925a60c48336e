"""One request: look the address up, check it, connect to just that one, sign, post.

The name is looked up here and the connection goes to the number that was checked: were the name looked up once more by
whoever connects, its owner could give another answer the second time.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import httpx2

from prorata.control.webhooks.rows import Delivery
from prorata.control.webhooks.signing import signature_of
from prorata.control.webhooks.targets import BadTarget, addresses_of, check_url
from prorata.stream.webhooks.backoff import Answer
from prorata.stream.webhooks.terms import WebhookTerms
from prorata.units.numbers import SECOND_MS, Moment
from prorata.units.rounding import div_floor

LOOKUPS_AT_ONCE = 16
REST_BYTES_MAX = 65_536
REST_SECONDS = 0.5
"""How much of an answer's body is read, and for how long, so that the connection can be used again. Its status has
said all by then; a connection with more to say is closed."""


class AddressBook:
    """Looks names up on threads of its own: a name server that does not answer holds up no other work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="webhook address")

    async def addresses_of(self, host: str, port: int, *, private: bool) -> list[str]:
        """Return the numeric addresses of `host`, all of them public unless `private`. Raises `BadTarget`, `OSError`."""
        look_up = partial(addresses_of, host, port, private=private)
        return await asyncio.get_running_loop().run_in_executor(self._threads, look_up)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class Sender:
    """Sends the deliveries of one subscription.

    Its connections are its own, one set for each host: two hosts may share an address, and a connection that was
    opened, and whose certificate was checked, for the one must not carry what is meant for the other.
    """

    def __init__(self, terms: WebhookTerms, addresses: AddressBook, tls: ssl.SSLContext, now: Callable[[], Moment]) -> None:
        self._terms = terms
        self._addresses = addresses
        self._tls = tls
        self._now = now
        self._clients: dict[str, httpx2.AsyncClient] = {}

    async def send(self, url: str, delivery: Delivery, secrets: Iterable[bytes]) -> Answer:
        """Send one delivery and return what came of it; whatever fails outside is in the answer."""
        began = time.perf_counter()
        status, error = 0, ""
        try:
            async with asyncio.timeout(self._terms.timeout_seconds):
                status = await self._post(httpx2.URL(url), url, delivery, secrets)
        except TimeoutError:
            error = f"no answer within {self._terms.timeout_seconds:g} s"
        except (BadTarget, httpx2.HTTPError, httpx2.InvalidURL, OSError) as problem:
            error = f"{type(problem).__name__}: {problem}".removeprefix("BadTarget: ")
        return Answer(self._now(), int((time.perf_counter() - began) * SECOND_MS), status, error)

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def _post(self, target: httpx2.URL, url: str, delivery: Delivery, secrets: Iterable[bytes]) -> int:
        check_url(url, self._terms.allowed)  # What is allowed may have changed since the subscription was made.
        port = target.port or (443 if target.scheme == "https" else 80)
        addresses = await self._addresses.addresses_of(target.host, port, private=self._terms.allow_private)
        for address in addresses[:-1]:
            try:
                return await self._post_to(address, target, delivery, secrets)
            except httpx2.ConnectError:
                continue  # Nothing was sent; another address may answer.
        return await self._post_to(addresses[-1], target, delivery, secrets)

    async def _post_to(self, address: str, target: httpx2.URL, delivery: Delivery, secrets: Iterable[bytes]) -> int:
        body = delivery.body.encode()
        timestamp = div_floor(self._now(), SECOND_MS)
        headers = {
            "host": target.netloc.decode("ascii"),
            "content-type": "application/json",
            "user-agent": "Prorata-Webhooks/1",
            "webhook-id": delivery.uuid,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(signature_of(secret, delivery.uuid, timestamp, body) for secret in secrets),
        }
        to = target.copy_with(host=address)
        extensions = {"sni_hostname": target.host}
        client = self._client_of(target.host)
        async with client.stream("POST", to, content=body, headers=headers, extensions=extensions) as answer:
            await _read_rest(answer)
            return answer.status_code

    def _client_of(self, host: str) -> httpx2.AsyncClient:
        client = self._clients.get(host)
        if client is None:
            # No proxy and nothing else from the environment: a proxy would look the name up by itself.
            client = httpx2.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False, timeout=None)
            self._clients[host] = client
        return client


async def _read_rest(answer: httpx2.Response) -> None:
    read = 0
    with suppress(TimeoutError, httpx2.HTTPError):
        async with asyncio.timeout(REST_SECONDS):
            async for part in answer.aiter_raw():
                read += len(part)
                if read > REST_BYTES_MAX:
                    return
