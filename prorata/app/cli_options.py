"""Options that many commands have."""

from pathlib import Path
from typing import Annotated

import typer

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", "-s", help="TOML file [env PRORATA_SETTINGS; prorata.toml if there is one]")
]
DataFolder = Annotated[Path | None, typer.Option("--data", help="Data directory, over the settings.")]
PlatformName = Annotated[str, typer.Option("--platform", "-p", help="Which platform, if there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")]
