"""`oidc rotate`, `oidc keys`: the keys that access and ID tokens are signed with."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from prorata.app.commands.common import say, settings_of
from prorata.app.opening import opened_control
from prorata.control.audit import Action
from prorata.control.oidc.keys import Algorithm, SigningKey
from prorata.control.store import Control


class KeyLine(msgspec.Struct, frozen=True, kw_only=True):
    kid: str
    algorithm: str
    signs_from: str
    state: str
    """next, signing or old"""


class KeyLines(msgspec.Struct, frozen=True, kw_only=True):
    keys: list[KeyLine]


def rotate(file: Path | None, data: Path | None, at_once: bool, as_json: bool) -> None:
    """Make the next keys. A server that runs takes them over within seconds."""
    with opened_control(settings_of(file, data)) as control:
        keys = control.oidc.keys
        if at_once:
            keys.replace()
        else:
            for algorithm in Algorithm:
                keys.signer(algorithm)
            keys.rotate()
        action = Action(
            at=control.database.now(), actor="command line", method="oidc rotate", address="",
            request=msgspec.json.encode({"at_once": at_once}).decode(), outcome="ok",
        )  # fmt: skip
        control.audit.write([action])
        _show(control, as_json)


def show(file: Path | None, data: Path | None, as_json: bool) -> None:
    with opened_control(settings_of(file, data)) as control:
        _show(control, as_json)


def _show(control: Control, as_json: bool) -> None:
    lines = _lines(control)
    if as_json:
        say(KeyLines(keys=lines), as_json=True, words="")
        return
    table = Table("key", "algorithm", "signs from", "state")
    for line in lines:
        table.add_row(line.kid, line.algorithm, line.signs_from, line.state)
    Console().print(table)


def _lines(control: Control) -> list[KeyLine]:
    keys, now = control.oidc.keys.all(), control.database.now()
    signing = {key.algorithm: key.kid for key in keys if key.signs_from <= now}

    def state(key: SigningKey) -> str:
        if key.signs_from > now:
            return "next"
        return "signing" if signing[key.algorithm] == key.kid else "old"

    return [
        KeyLine(
            kid=key.kid,
            algorithm=key.algorithm.value,
            signs_from=datetime.fromtimestamp(key.signs_from / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            state=state(key),
        )
        for key in keys
    ]
