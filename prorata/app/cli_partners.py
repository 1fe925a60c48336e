"""`prorata partners ...`: introducing brokers."""

import typer

from prorata.app.cli_options import AsJson, DataFolder, SettingsFile

partners_app = typer.Typer(help="Introducing brokers, and what they are owed.", no_args_is_help=True)


@partners_app.callback()
def partners() -> None:
    """Introducing brokers, and what they are owed."""


@partners_app.command("verify")
def partners_verify(settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Check that all that was earned was reversed, paid, or is unpaid, and that what was paid was booked."""
    from prorata.app.commands import partners

    partners.verify(settings, data, as_json)
