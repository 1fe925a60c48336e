"""What those who run the platform ask of it: /healthz, /readyz, /metrics.

None of them needs a key and none tells of clients or money: counts, ages and positions only.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from prorata.app.platform import TradePlatform
from prorata.app.webhook_line import WebhookLine
from prorata.messages.refusals import Refusal

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
BATCH_SIZES = tuple(1 << power for power in range(13))


class PlatformStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a platform is. `position`: the last journal batch; `events`: the last event; lags in batches."""

    ready: bool
    position: int = 0
    events: int = 0
    commands_waiting: int = 0
    history_lag: int = 0
    quotes_lag: int = 0
    crm_lag: int = 0
    quote_age_ms: int | None = None
    """of the newest quote; null before the first"""
    accounts: int = 0
    problem: str = ""


BETWEEN = PlatformStatus(ready=False, problem="starting or stopping")


class Status(msgspec.Struct, frozen=True, kw_only=True):
    ready: bool
    version: str
    connections: int
    """HTTP and WebSocket"""
    platforms: dict[str, PlatformStatus]


def status_of(platform: TradePlatform) -> PlatformStatus:
    """Return how `platform` is; one that has not started is not ready."""
    writer = platform.writer
    if not platform.is_up or (not writer.is_open and writer.failure is None):
        return BETWEEN
    problem = problem_of(platform)
    return PlatformStatus(
        ready=writer.is_open and not problem,
        position=writer.number,
        events=writer.sequence,
        commands_waiting=writer.waiting,
        history_lag=platform.projector.lag,
        quotes_lag=platform.recorder.lag,
        crm_lag=platform.crm.lag if platform.crm is not None else 0,
        quote_age_ms=quote_age_ms(platform),
        accounts=len(writer.engine.desk.state.accounts),
        problem=problem,
    )


def problem_of(platform: TradePlatform) -> str:
    """Name what has stopped that should run, "" if nothing has. Databases that are away are only behind: see the lags."""
    for part, failure in (("writer", platform.writer.failure), ("a part", platform.failure)):
        if failure is not None:
            return f"{part} has stopped: {type(failure).__name__}"
    return ""


def quote_age_ms(platform: TradePlatform) -> int | None:
    feeding = platform.feeding
    if feeding is None or not feeding.last:
        return None
    return max(0, platform.clock.now() - feeding.last)


class Operations:
    """Answers the three paths. `platforms` may change meanwhile; those `needed` make the process ready.

    `reached` names those that take calls: one that is up takes them a moment later, and is not ready before.
    `connections` counts those that are open. `failed` gives the platforms that do not run though they should, with
    the reasons. `is_whole` says whether all that the process serves is there.
    """

    def __init__(
        self,
        platforms: Mapping[str, TradePlatform],
        needed: Collection[str],
        reached: Collection[str],
        version: str,
        connections: Callable[[], int],
        failed: Callable[[], Mapping[str, str]],
        is_whole: Callable[[], bool],
    ) -> None:
        self._platforms = platforms
        self._needed = tuple(needed)
        self._reached = reached
        self._version = version
        self._connections = connections
        self._failed = failed
        self._is_whole = is_whole
        self.webhooks: dict[str, WebhookLine] = {}
        """those that are no platform's, by the name that they have among them"""
        self.streams: Callable[[], int] = int
        """counts the streams over gRPC that are open"""
        self._registry = CollectorRegistry()
        self._registry.register(_PlatformMetrics(platforms, connections, lambda: self.streams(), self._states, self.webhooks))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def status(self) -> Status:
        platforms = self._states()
        ready = self._is_whole() and bool(self._needed) and all(platforms[name].ready for name in self._needed)
        return Status(ready=ready, version=self._version, connections=self._connections(), platforms=platforms)

    def _states(self) -> dict[str, PlatformStatus]:
        states = {name: PlatformStatus(ready=False, problem=problem) for name, problem in self._failed().items()}
        return states | {
            name: status_of(platform) if name in self._reached else BETWEEN for name, platform in self._platforms.items()
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            await _send(send, 405, "application/json", b'{"problem":"only GET"}')
        elif path == "/healthz":
            await _send(send, 200, "application/json", b'{"alive":true}')
        elif path == "/readyz":
            status = self.status()
            await _send(send, 200 if status.ready else 503, "application/json", msgspec.json.encode(status))
        elif path == "/metrics":
            await _send(send, 200, CONTENT_TYPE_LATEST, generate_latest(self._registry))
        else:
            await _send(send, 404, "application/json", b'{"problem":"nothing here"}')


async def _send(send: Any, status: int, kind: str, body: bytes) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _PlatformMetrics(Collector):
    """Reads the counters of all platforms when it is asked; nothing is counted twice for it."""

    def __init__(
        self,
        platforms: Mapping[str, TradePlatform],
        connections: Callable[[], int],
        streams: Callable[[], int],
        states: Callable[[], Mapping[str, PlatformStatus]],
        webhooks: Mapping[str, WebhookLine],
    ) -> None:
        self._platforms = platforms
        self._connections = connections
        self._streams = streams
        self._states = states
        self._webhooks = webhooks

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("prorata_connections", "Open HTTP and WebSocket connections", self._connections())
        yield GaugeMetricFamily("prorata_grpc_streams", "Open streams over gRPC", self._streams())
        platforms = self._platforms
        yield _counter(platforms, "commands", "Commands that were journaled and answered", lambda p: p.writer.counters.commands)
        yield _counter(platforms, "batches", "Journal batches written", lambda p: p.writer.counters.batches)
        yield _counter(platforms, "commit_seconds", "Time spent in journal commits", lambda p: p.writer.counters.commit_seconds)
        yield _counter(platforms, "apply_seconds", "Time spent applying batches", lambda p: p.writer.counters.apply_seconds)
        yield _counter(platforms, "journal_full", "Batches refused for want of room", lambda p: p.writer.counters.full)
        yield _counter(platforms, "quotes", "Quotes taken from the feed", lambda p: p.feeding.taken if p.feeding else 0)
        yield _refusals(platforms)
        yield _batch_sizes(platforms)
        yield from self._gauges()
        own = {name: platform.webhooks for name, platform in platforms.items() if platform.webhooks is not None}
        yield from _webhooks({**own, **self._webhooks})

    def _gauges(self) -> Iterator[Metric]:
        states = list(self._states().items())
        yield _gauge(states, "ready", "1 if the platform takes commands", lambda s: int(s.ready))
        yield _gauge(states, "journal_position", "The last journal batch", lambda s: s.position)
        yield _gauge(states, "event_sequence", "The last published event", lambda s: s.events)
        yield _gauge(states, "commands_waiting", "Commands that wait for the journal", lambda s: s.commands_waiting)
        yield _gauge(states, "accounts", "Trading accounts", lambda s: s.accounts)
        lag = GaugeMetricFamily(
            "prorata_projection_lag_batches", "Batches not in the tables yet", labels=("platform", "tables")
        )
        for name, status in states:
            lag.add_metric((name, "history"), status.history_lag)
            lag.add_metric((name, "quotes"), status.quotes_lag)
            lag.add_metric((name, "crm"), status.crm_lag)
        yield lag
        age = GaugeMetricFamily("prorata_quote_age_seconds", "Market time since the newest quote", labels=("platform",))
        for name, status in states:
            if status.quote_age_ms is not None:
                age.add_metric((name,), status.quote_age_ms / 1000)
        yield age


def _webhooks(lines: Mapping[str, WebhookLine]) -> Iterator[Metric]:
    labels = ("platform", "state")
    up = GaugeMetricFamily("prorata_webhooks_up", "1 while webhooks are delivered", labels=("platform",))
    attempts = CounterMetricFamily("prorata_webhook_attempts", "Requests, by what became of the delivery", labels=labels)
    pending = GaugeMetricFamily("prorata_webhook_deliveries_pending", "Deliveries not made yet", labels=labels)
    oldest = GaugeMetricFamily(
        "prorata_webhook_oldest_pending_seconds", "Age of the oldest delivery not made yet", labels=("platform",)
    )
    for name, line in lines.items():
        deliverer = line.deliverer
        up.add_metric((name,), int(deliverer.failure is None))
        for state, count in msgspec.structs.asdict(deliverer.counters).items():
            attempts.add_metric((name, state), count)
        pending.add_metric((name, "waiting"), deliverer.backlog.waiting)
        pending.add_metric((name, "failed"), deliverer.backlog.failed)
        oldest.add_metric((name,), line.oldest_seconds())
    yield from (up, attempts, pending, oldest)


def _counter(
    platforms: Mapping[str, TradePlatform], name: str, text: str, value: Callable[[TradePlatform], float]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"prorata_{name}", text, labels=("platform",))
    for platform in platforms.values():
        family.add_metric((platform.name,), value(platform))
    return family


def _gauge(
    states: Iterable[tuple[str, PlatformStatus]], name: str, text: str, value: Callable[[PlatformStatus], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"prorata_{name}", text, labels=("platform",))
    for platform, status in states:
        family.add_metric((platform,), value(status))
    return family


def _refusals(platforms: Mapping[str, TradePlatform]) -> CounterMetricFamily:
    family = CounterMetricFamily("prorata_refusals", "Commands the engine refused", labels=("platform", "number", "refusal"))
    for platform in platforms.values():
        for number, count in sorted(platform.writer.counters.refusals.items()):
            family.add_metric((platform.name, str(number), Refusal(number).name), count)
    return family


def _batch_sizes(platforms: Mapping[str, TradePlatform]) -> HistogramMetricFamily:
    family = HistogramMetricFamily("prorata_batch_commands", "Commands in a journal batch", labels=("platform",))
    for platform in platforms.values():
        counters = platform.writer.counters
        buckets, below = [], 0
        for size in BATCH_SIZES:
            below += counters.batch_sizes.get(size, 0)
            buckets.append((str(float(size)), below))
        family.add_metric((platform.name,), [*buckets, ("+Inf", counters.batches)], sum_value=counters.commands)
    return family
