"""`status`: asks a running server."""

from pathlib import Path

import httpx2
import msgspec
from typer import Exit

from prorata.app.commands.common import NotThere, say, settings_of
from prorata.app.exit_codes import NOT_SOUND
from prorata.app.operations import Status

ASK_SECONDS = 5.0


def status(file: Path | None, url: str, as_json: bool) -> None:
    settings = settings_of(file)
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    address = url.rstrip("/") or f"http://{host}:{settings.port}"
    try:
        answer = httpx2.get(f"{address}/readyz", timeout=ASK_SECONDS)
        found = msgspec.json.decode(answer.content, type=Status)
    except httpx2.HTTPError as problem:
        raise NotThere(f"{address} cannot be reached: {problem}") from None
    except msgspec.MsgspecError:
        raise NotThere(f"{address} is not a Prorata server") from None
    say(found, as_json=as_json, words=_words(found, address))
    if not found.ready:
        raise Exit(NOT_SOUND)


def _words(status: Status, address: str) -> str:
    lines = [
        f"{address}: {'ready' if status.ready else 'NOT READY'}, version {status.version}, {status.connections} connections"
    ]
    for name, platform in status.platforms.items():
        age = "no quote yet" if platform.quote_age_ms is None else f"newest quote {platform.quote_age_ms} ms old"
        lines.append(
            f"{name}: {'ready' if platform.ready else 'NOT READY'}{': ' + platform.problem if platform.problem else ''}, "
            f"batch {platform.position}, event {platform.events}, {platform.accounts} accounts, {age}, "
            f"{platform.commands_waiting} commands waiting, history {platform.history_lag} and quotes "
            f"{platform.quotes_lag} batches behind"
        )
    return "\n".join(lines)
