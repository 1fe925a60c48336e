"""All benchmarks, one table: `make bench`, or `python -m bench.run orders quotes` for some of them.

On the compiled engine: `PYTHONPATH=.fast python -P -m bench.run`.

Figures are medians on this machine, now; what else runs on it shows in the load line. The ratio is to a peer
or a bare baseline measured in the same run.
"""

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from rich.console import Console
from rich.table import Table

from bench import crm as crm_pages
from bench import engine, fanout, investors, journal, plain_copying, service, world
from bench import tokens as access_tokens
from bench import webapi as webapi_reads
from prorata.app.memory import keep_freed_memory
from prorata.trading import deals
from tools import fast

PEER = "nautilus_trader==1.221.0"
HELD = 100_000
ACCOUNTS = 100_000
INVESTMENTS = (1_000, 10_000, 100_000, 1_000_000)


class Figure(msgspec.Struct):
    """One line. `beside`: what it is compared with, and that one's figure in the same unit."""

    name: str
    figure: float
    unit: str
    beside: str = ""
    other: float = 0.0
    note: str = ""


def orders() -> Iterator[Figure]:
    """Market orders in process, with margin check and postings, beside the peer's simulated venue."""
    yield Figure("market orders in process, none held", engine.orders_a_second(0), "/s", *_peer(10_000, 0))
    yield Figure("market orders in process, 100,000 held", engine.orders_a_second(HELD), "/s", *_peer(4_000, 4_000))


def quotes() -> Iterator[Figure]:
    """Quotes through pending orders, margin call and stop-out, beside valuing the accounts that a quote touches."""
    name, baseline = "quotes, 100,000 positions on 10,000 accounts", engine.valued_a_second(HELD)
    for market, step_ppm in (("calm market, steps to 0.003 %", 30), ("wild market, steps to 0.1 %", 1_000)):
        rate, events = engine.quotes_a_second(HELD, step_ppm=step_ppm)
        yield Figure(f"{name}; {market}", rate, "/s", "every account valued", baseline, f"{events:,} events")


def signals() -> Iterator[Figure]:
    """One signal to many investments, from the durable request to all deals in memory, beside one object for each."""
    with TemporaryDirectory() as folder:
        copying = investors.Copying(Path(folder))
        for count in INVESTMENTS:
            copying.grow(count)
            plain = plain_copying.like(copying)
            took = investors.measured(copying.signal, _rounds(count), copying.rest)
            beside = investors.measured(plain.signal, _rounds(count))
            assert plain_copying.differences(plain, copying) == 0, "the two ways give different volumes or balances"
            yield _signalled(f"signal to {count:,} investments, deals a CPU second", took, beside)
        copying.close()
    with TemporaryDirectory() as folder:
        copying = investors.Copying(Path(folder), a_book_percent=0)
        for count in INVESTMENTS:
            copying.grow(count)
            took = investors.measured(copying.signal, _rounds(count), copying.rest)
            yield _signalled(f"signal to {count:,} investments dealt at our quote, deals a CPU second", took, None)
        copying.close()


def _rounds(investments: int) -> int:
    return 2 if investments > 100_000 else 3


def _signalled(name: str, took: investors.Signalled, beside: investors.Signalled | None) -> Figure:
    note = (
        f"{took.seconds * 1e3:.1f} ms from request to deals, {took.seconds_to_outbox * 1e3:.1f} ms to the outbox, "
        f"{took.cpu_seconds / took.deals * 1e6:.2f} us CPU each"
    )
    if beside is None:
        return Figure(name, took.deals / took.cpu_seconds, "/s", note=note)
    rate = beside.deals / beside.cpu_seconds
    return Figure(name, took.deals / took.cpu_seconds, "/s", "plain objects, no journal", rate, note)


def guards() -> Iterator[Figure]:
    """Quotes through protection, target and stop-out of 100,000 investments, beside valuing all of them."""
    name = "quotes, 100,000 investments hold 3 symbols"
    with TemporaryDirectory() as folder:
        copying = investors.holding(Path(folder), 100_000)
        baseline = investors.valued_a_second(copying, 100)
        for market, step_ppm, count in (("calm", 30, 20_000), ("wild", 1_000, 500)):
            rate, left = investors.quotes_a_second(copying, count, step_ppm)
            steps = f"{market} market, steps to {step_ppm / 10_000} %"
            yield Figure(f"{name}; {steps}", rate, "/s", "every investment valued", baseline, f"{left:,} left at a limit")
        copying.close()


def replay() -> Iterator[Figure]:
    """Journal records decoded, applied, hashed and compared, beside decoding alone."""
    yield Figure("replay, market orders only", engine.replayed_a_second(), "/s", "decoding alone", engine.decoded_a_second())
    yield Figure("replay, ten quotes for each order", engine.replayed_a_second(quotes_each=10), "/s")


def compiled() -> Iterator[Figure]:
    """Orders and replay on the compiled engine (decision 0010), beside the engine from source."""
    names = ("market orders in process, none held", "market orders in process, 100,000 held", "replay, market orders only")
    sources = engine.orders_a_second(0), engine.orders_a_second(HELD), engine.replayed_a_second()
    try:
        fast.build(fast.ROOT / ".fast")
    except fast.NoCompiler as problem:
        yield Figure("engine compiled", 0.0, "/s", f"could not be compiled: {str(problem)[:60]}")
        return
    figures = _in_a_process_of_its_own("bench.compiled", f"{fast.ROOT / '.fast'}{os.pathsep}{fast.ROOT}")
    for name, figure, source in zip(names, figures, sources, strict=True):
        yield Figure(f"{name}; compiled", figure, "/s", "from source", source)


def memory() -> Iterator[Figure]:
    for_account, for_position = _in_a_process_of_its_own("bench.memory")
    yield Figure("memory of an account", for_account, "B")
    yield Figure("memory of a position, its share of the sums and guards included", for_position, "B")


def restart() -> Iterator[Figure]:
    """From starting the server's process to the answer to its first order, 1,000,000 positions in the snapshot."""
    seconds, size = service.restart_seconds(100_000, 1_000_000)
    yield Figure("restart with 1,000,000 positions", seconds, "s", note=f"snapshot {size / 1e6:.0f} MB")


def commits() -> Iterator[Figure]:
    """Journal commits of 128 orders, beside a bare overwrite and fdatasync of as many bytes."""
    yield Figure("journal commit of 128 orders, p50", journal.commit_ms(), "ms", "bare write + fdatasync", journal.bare_ms())


def server() -> Iterator[Figure]:
    """The whole server: durable orders with authentication, projections running, beside a server that does nothing else."""
    with service.running() as running:
        running.orders_over_http(5_000)
        http, bare, socket = (
            _middle([measure(count) for _ in range(3)])
            for measure, count in (
                (running.orders_over_http, 30_000),
                (service.bare_orders_over_http, 30_000),
                (running.orders_over_socket, 60_000),
            )
        )
    name, floor = "durable orders over HTTP, 64 connections", "durable and no more"
    yield Figure(name, http["orders_a_second"], "/s", floor, bare["orders_a_second"], _latency(http))
    yield Figure("durable orders over one WebSocket, pipelined", socket["orders_a_second"], "/s", note=_latency(socket))


def _middle(runs: list[dict[str, float]]) -> dict[str, float]:
    """Return the run whose orders a second are the median."""
    return sorted(runs, key=lambda run: run["orders_a_second"])[len(runs) // 2]


def tokens() -> Iterator[Figure]:
    """Who calls and what he may do, for each request with an access token, beside decoding the token alone."""
    checked, first, permitted, decoded = access_tokens.measured()
    yield Figure("access token, address and permission checked", checked, "us", "joserfc decode alone", decoded)
    yield Figure("access token checked for the first time", first, "us", "joserfc decode alone", decoded)
    yield Figure("permission on a platform checked", permitted, "us")


def webapi() -> Iterator[Figure]:
    """Reads of the WebAPI, beside a bare ASGI application that sends as many bytes from the same server."""
    with webapi_reads.served() as port:
        for limit in (100, 10):
            yield _read(f"TradesGet, pages of {limit} of 100,000", webapi_reads.trades_pages(port, limit))
        yield _read("MarginLevelGet, ten positions each", webapi_reads.margin_levels(port))


def grpc() -> Iterator[Figure]:
    """One quote or position to 500 streams, beside a bare grpc.aio server in the same process that sends the same bytes."""
    with fanout.served() as server:
        for what in fanout.PATHS:
            bare, took = (fanout.measured(server, who, what) for who in ("bare", "product"))
            delays = f"p99 {took.p99_ms:.0f} ms at 4,000 a second, bare {bare.p99_ms:.0f} ms"
            name = f"{what} delivered to {fanout.STREAMS} gRPC streams"
            yield Figure(name, took.a_second, "/s", "bare grpc.aio", bare.a_second, delays)


def _read(name: str, took: webapi_reads.Figures) -> Figure:
    return Figure(name, took.reads, "/s", "bare ASGI", took.bare, f"{took.size:,} bytes")


def crm(count: int = ACCOUNTS) -> Iterator[Figure]:
    """Pages of an organization's accounts on both databases, beside a bare SELECT of as many rows."""
    for database, took in crm_pages.measured(count):
        yield Figure(f"{count:,} accounts, {database}: {took.name}", took.milliseconds, "ms", "bare SELECT", took.bare)


def _in_a_process_of_its_own(module: str, path: str = "") -> list[float]:
    """Return the numbers that a module prints. `path`: where packages are looked for, if not here."""
    command, environment = [sys.executable, "-m", module], dict(os.environ)
    if path:
        command, environment = [sys.executable, "-P", "-m", module], {**environment, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=True)
    return [float(word) for word in done.stdout.split()]


def _latency(result: dict[str, float]) -> str:
    return f"p50 {result['p50_ms']:.1f} ms, p99 {result['p99_ms']:.1f} ms"


def _peer(count: int, held: int) -> tuple[str, float]:
    """Return the peer's name and orders a CPU second; it holds its own, smaller number of positions."""
    name = f"NautilusTrader, {held:,} held" if held else "NautilusTrader, round trips"
    script = str(Path(__file__).with_name("nautilus.py"))
    command = ["uv", "run", "-q", "--no-project", "--python", "3.11", "--with", PEER, "python", script, str(count), str(held)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    except (OSError, subprocess.SubprocessError) as problem:
        return f"{name} (could not be run: {type(problem).__name__})", 0.0
    return name, float(json.loads(done.stdout)["orders_a_second"])


BENCHMARKS: dict[str, Callable[[], Iterator[Figure]]] = {
    benchmark.__name__: benchmark
    for benchmark in (
        orders,
        quotes,
        signals,
        guards,
        replay,
        compiled,
        commits,
        tokens,
        server,
        webapi,
        crm,
        grpc,
        restart,
        memory,
    )
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="prorata bench", description="Measure: " + ", ".join(BENCHMARKS))
    parser.add_argument("names", nargs="*", metavar="NAME", help="what is measured; all of it if nothing is named")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help=f"how many accounts crm is measured with ({ACCOUNTS:,})")
    told = parser.parse_args(arguments)
    names: list[str] = told.names
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    chosen = BENCHMARKS | {"crm": partial(crm, told.accounts)}
    gc.disable()
    keep_freed_memory()  # As the server does.
    console = Console()
    kind = "from source" if str(deals.__file__).endswith(".py") else "compiled"
    python = f"Python {platform.python_version()}"
    table = Table(title=f"Prorata, engine {kind}, {python}, {len(world.NAMES)} symbols; load before {os.getloadavg()[0]:.1f}")
    for heading in ("what", "figure", "beside", "ratio", "note"):
        table.add_column(heading, justify="right" if heading in ("figure", "ratio") else "left")
    began = time.monotonic()
    for name in names or BENCHMARKS:
        with console.status(name):
            for figure in chosen[name]():
                beside = f"{figure.beside}: {_shown(figure.other, figure.unit)}" if figure.other else figure.beside
                ratio = f"{figure.figure / figure.other:.2f}" if figure.other else ""
                table.add_row(figure.name, _shown(figure.figure, figure.unit), beside, ratio, figure.note)
        gc.collect()
    console.print(table)
    console.print(f"{time.monotonic() - began:.0f} s; load after {os.getloadavg()[0]:.1f}")
    return 0


def _shown(figure: float, unit: str) -> str:
    return f"{figure:,.0f} {unit}" if figure >= 100 else f"{figure:.2f} {unit}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
