"""`signals send`: tells a copy trading strategy what an account holds, until it is stopped."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from prorata.app import logs
from prorata.app.commands.common import BadUsage, NotThere, say
from prorata.app.commands.serving import run, stop_on_signals
from prorata.collectors.broker import Broker
from prorata.collectors.files import PositionsFile
from prorata.collectors.sender import Counts, Finished, Kind, Notice, SignalSender
from prorata.collectors.source import DEFAULT_NAMES, Manner, Source, SourceGone
from prorata.collectors.token_lock import TokenInUse
from prorata.units.decimals import parse_decimal

MULTIPLIER_DIGITS = 8


class SendWish(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says."""

    address: str
    token: str
    app_token: str
    file: Path | None
    login: int | None
    key: str
    source_address: str
    postfixes: tuple[str, ...]
    names: tuple[str, ...]
    multipliers: tuple[str, ...]
    by_ticket: bool
    as_json: bool


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended; the last line of `--json`."""

    finished: Finished
    counts: Counts


ENDS = {
    Finished.UNAUTHORIZED: "the server does not accept the tokens (HTTP 401): check --token and --app-token",
    Finished.CLOSED: "the strategy is closed",
    Finished.OUTDATED: "the server no longer accepts this version; install the newest one",
}


def send(wish: SendWish) -> None:
    logs.set_up("warning")
    if not wish.address.startswith(("http://", "https://")):
        raise BadUsage("--address: expected an address that begins with https:// or http://")
    run(_send(wish, manner_of(wish)))


def manner_of(wish: SendWish) -> Manner:
    """Return how the account is told. Raises `BadUsage`."""
    names = dict(_pair(text, "--name", "NAME=NAME") for text in wish.names)
    multipliers = dict(_pair(text, "--multiplier", "SYMBOL=NUMBER") for text in wish.multipliers)
    return Manner(
        postfixes=wish.postfixes,
        names=DEFAULT_NAMES | names,
        multipliers={symbol: _multiplier(number) for symbol, number in multipliers.items()},
        by_ticket=wish.by_ticket,
    )


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    name, _, value = (part.strip() for part in text.partition("="))
    if not name or not value:
        raise BadUsage(f"{option} {text}: expected {form}")
    return name, value


def _multiplier(text: str) -> Decimal:
    try:
        number = parse_decimal(text, MULTIPLIER_DIGITS)
    except ValueError:
        number = 0
    if number <= 0:
        raise BadUsage(f"--multiplier: {text} is no decimal number above 0 with at most {MULTIPLIER_DIGITS} places")
    return Decimal(number).scaleb(-MULTIPLIER_DIGITS)


def source_of(wish: SendWish) -> Source:
    """Return where the positions come from. Raises `BadUsage`, `NotThere`."""
    if (wish.file is None) == (wish.login is None):
        raise BadUsage("say where the positions come from: either --file, or --login with --key")
    if wish.file is not None:
        try:
            return PositionsFile(wish.file)
        except SourceGone as problem:
            raise BadUsage(str(problem)) from None
    assert wish.login is not None
    if not wish.key:
        raise BadUsage("--login needs --key, an API key with scope read that reaches this account")
    return Broker(wish.source_address or wish.address, wish.login, wish.key)


async def _send(wish: SendWish, manner: Manner) -> None:
    stop = stop_on_signals()
    source = source_of(wish)
    with _watching(hidden=wish.as_json) as status:
        watch = _Watch(status, as_json=wish.as_json)
        sender = SignalSender(wish.address, wish.token, wish.app_token, source, manner=manner, tell=watch.tell)
        watch.sender = sender
        try:
            finished = await sender.run(stop)
        except TokenInUse as problem:
            raise NotThere(str(problem)) from None
        finally:
            await source.close()
    counts = sender.counts
    words = (
        f"{finished}: {counts.signals} signals, {counts.syncs} syncs, {counts.heartbeats} heartbeats, {counts.failed} failed"
    )
    say(Sent(finished=finished, counts=counts), as_json=wish.as_json, words=words)
    if finished is not Finished.STOPPED:
        raise NotThere(ENDS.get(finished, sender.reason))


@contextmanager
def _watching(*, hidden: bool) -> Iterator[Status | None]:
    """Show a status line on standard error, if that is a terminal."""
    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield None
        return
    with console.status("starting") as status:
        yield status


class _Watch:
    """Tells notices: as lines, heartbeats on the status line only; or each as a JSON object."""

    def __init__(self, status: Status | None, *, as_json: bool) -> None:
        self.sender: SignalSender | None = None
        self._status = status
        self._as_json = as_json

    def tell(self, notice: Notice) -> None:
        if self._as_json:
            _print(msgspec.json.encode(notice).decode())
        elif notice.kind is not Kind.HEARTBEAT:
            at = datetime.fromtimestamp(notice.at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            _print(f"{at} {notice.kind}: {notice.text}")
        if self._status is not None and self.sender is not None:
            self._status.update(escape(f"{notice.text}; {_shown(self.sender.counts)}"))


def _shown(counts: Counts) -> str:
    return f"{counts.signals} signals, {counts.syncs} syncs, {counts.heartbeats} heartbeats, {counts.failed} failed"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
