"""`secrets rotate`."""

from pathlib import Path

import msgspec

from prorata.app.commands.common import progress, say, settings_of
from prorata.app.commands.control import note
from prorata.app.opening import opened_control


class Rotated(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    secrets: int


def rotate(file: Path | None, data: Path | None, as_json: bool) -> None:
    """Raises `Unopenable`: a secret is damaged; then the old keys are kept."""
    with opened_control(settings_of(file, data)) as control, progress(hidden=as_json) as shown:
        task = shown.add_task("sealing secrets anew", total=None)
        done = control.seals.rotate(lambda count, total: shown.update(task, completed=count, total=total))
        note(control, 0, "secrets rotate", key=done.key, secrets=done.secrets)
    result = Rotated(key=done.key, secrets=done.secrets)
    say(result, as_json=as_json, words=f"{done.secrets} secrets sealed anew with key {done.key}; older keys are forgotten")
