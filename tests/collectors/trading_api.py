"""A Trading API for tests: a real HTTP server that records what it is told and answers as it is bidden."""

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

Answer = tuple[int, str]
DROPPED: Answer = (0, "")
"""The connection is closed without an answer."""
GOOD: dict[str, Any] = {"App": {"UpdateImportance": 0}, "Strategy": {"Status": 1, "NeedSync": 0}}


class Told(msgspec.Struct, frozen=True):
    path: str
    token: str
    app_token: str
    text: str
    body: dict[str, Any]


def good(body: dict[str, Any]) -> Answer:
    return 200, json.dumps(GOOD) if body["Type"] == 0 else json.dumps({"SignalID": 7}) if body["Type"] == 1 else ""


class TradingApi:
    """`told`: everything that came, answered or not. `holds`: what a server would hold that took all it answered with 200.

    `answer` says what to answer; it is called in the server's threads, one at a time.
    """

    def __init__(self, port: int = 0) -> None:
        self.told: list[Told] = []
        self.holds: dict[str, Decimal] = {}
        self.answer: Callable[[dict[str, Any]], Answer] = good
        self._came = threading.Condition()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                head = self.headers
                told = Told(self.path, head["Token"], head["AppToken"], text, json.loads(text, parse_float=Decimal))
                status, body = api._take(told)
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is logged."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def types(self) -> list[int]:
        return [told.body["Type"] for told in self.told]

    def wait(self, ready: Callable[[], bool], seconds: float = 10) -> None:
        """Wait until `ready` says so, which is asked after each message."""
        with self._came:
            assert self._came.wait_for(ready, seconds), [told.text for told in self.told]

    def _take(self, told: Told) -> Answer:
        with self._came:
            self.told.append(told)
            answer = self.answer(told.body)
            if answer[0] == 200:
                self._apply(told.body)
            self._came.notify_all()
        return answer

    def _apply(self, body: dict[str, Any]) -> None:
        if body["Type"] >= 2:
            self.holds = {signal["Symbol"]: Decimal(signal["Lot"]) for signal in body["Signals"]}
        elif body["Type"] == 1:
            self.holds[body["Symbol"]] = Decimal(body["Lot"])

    def __enter__(self) -> "TradingApi":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
