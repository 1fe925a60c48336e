"""An authority for tests: it gives any client whose secret fits the token that the office knows it by."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

import msgspec
import uvicorn

from tests.rest.house import House

SECRET = "a secret"  # noqa: S105 - of nobody


class TokenEndpoint:
    """`tokens`: client id -> its token. `issued`: how many were given."""

    def __init__(self, house: House, tokens: dict[str, str]) -> None:
        self.tokens = tokens
        self.issued = 0
        self._house = house
        config = uvicorn.Config(self, port=0, log_level="warning", lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self.url = house.run(self._serve())

    def stop(self) -> None:
        self._server.should_exit = True
        self._house.run(self._end())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/.well-known/openid-configuration":
            await _send(send, 200, {"issuer": self.url, "token_endpoint": f"{self.url}/connect/token"})
            return
        form = {name: values[0] for name, values in parse_qs((await receive())["body"].decode()).items()}
        if form.get("grant_type") != "client_credentials" or form.get("client_secret") != SECRET:
            await _send(send, 400, {"error": "invalid_client"})
            return
        self.issued += 1
        answer = {"access_token": self.tokens[form["client_id"]], "expires_in": 3600, "token_type": "Bearer", "scope": "webapi"}
        await _send(send, 200, answer)

    async def _serve(self) -> str:
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    async def _end(self) -> None:
        await self._serving


async def _send(send: Any, status: int, answer: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": msgspec.json.encode(answer)})
