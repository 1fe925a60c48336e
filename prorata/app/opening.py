"""Opens the control side that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager

from prorata.app.identity import set_identity
from prorata.app.settings import ServerSettings
from prorata.control.store import Control
from prorata.control.tokens import key_in
from prorata.control.vault import Vault


def open_control(settings: ServerSettings) -> Control:
    """Open the control database; it and its keys are made if they are not there. Raises `BadSettings`."""
    control = Control(settings.control_url(), key_in(settings.control_key_file()), Vault(settings.vault_file()))
    set_identity(control, settings)
    return control


@contextmanager
def opened_control(settings: ServerSettings) -> Iterator[Control]:
    """Open it for a command."""
    settings.data.mkdir(parents=True, exist_ok=True)
    control = open_control(settings)
    try:
        yield control
    finally:
        control.close()
