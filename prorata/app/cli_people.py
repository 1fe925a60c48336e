"""The commands for people of the workspace and for the mails to them."""

from typing import Annotated

import typer

from prorata.app.cli_options import AsJson, DataFolder, SettingsFile

people_app = typer.Typer(help="People of the workspace: who may sign in.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="Address of the person.")]


@people_app.command("add")
def people_add(
    email: Email,
    first_name: Annotated[str, typer.Option(help="First name.")] = "",
    last_name: Annotated[str, typer.Option(help="Last name.")] = "",
    language: Annotated[str, typer.Option(help="Of mails to the person.")] = "en",
    organization: Annotated[str, typer.Option(help="Make an organization of this name that he administers.")] = "",
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Let a person sign in, and print his password. It cannot be shown again."""
    from prorata.app.commands import people

    fields = {
        "email": email, "first_name": first_name, "last_name": last_name, "language": language, "organization": organization,
    }  # fmt: skip
    people.add(settings, data, fields, as_json)


@people_app.command("list")
def people_list(settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the people."""
    from prorata.app.commands import people

    people.show(settings, data, as_json)


@people_app.command("disable")
def people_disable(email: Email, settings: SettingsFile = None, data: DataFolder = None) -> None:
    """Let a person sign in no longer. A running server signs him out within two seconds."""
    from prorata.app.commands import people

    people.disable(settings, data, email)


@people_app.command("enable")
def people_enable(email: Email, settings: SettingsFile = None, data: DataFolder = None) -> None:
    """Let a disabled person sign in again."""
    from prorata.app.commands import people

    people.enable(settings, data, email)


@people_app.command("reset-password")
def people_reset_password(
    email: Email,
    password_only: Annotated[
        bool, typer.Option("--password-only/--lost-everything", help="Remove one-time codes and passkeys as well, or not.")
    ] = True,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that sets a new password. It works once, within two hours."""
    from prorata.app.commands import people

    people.reset_password(settings, data, email, password_only, as_json)


def outbox(
    everything: Annotated[bool, typer.Option("--all", help="Sent mails as well, without their texts.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many, the newest.")] = 20,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print the mails that wait: without a mail server, all of them."""
    from prorata.app.commands import people

    people.outbox(settings, data, everything, limit, as_json)
