"""`prorata platform ...` and `prorata secrets ...`: trade platforms of organizations, and the key of stored secrets."""

from pathlib import Path
from typing import Annotated

import typer

from prorata.app.cli_options import AsJson, DataFolder, SettingsFile

platform_app = typer.Typer(help="Trade platforms of organizations: hosted here, or MetaTrader.", no_args_is_help=True)
secrets_app = typer.Typer(help="Stored secrets, and the key that they are sealed with.", no_args_is_help=True)

Organization = Annotated[str, typer.Option("--organization", "-o", help="Whose it is: an organization's uuid.")]


@platform_app.command("list")
def platform_list(
    organization: Annotated[str, typer.Option("--organization", "-o", help="Only of this organization, by its uuid.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Those that were removed, too.")] = False,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """List the platforms, without their secrets."""
    from prorata.app.commands import platforms

    platforms.show(settings, data, organization, archived, as_json)


@platform_app.command("add")
def platform_add(
    name: str,
    organization: Organization,
    kind: Annotated[str, typer.Option(help="prorata (hosted here), mt5 or mt4.")] = "prorata",
    feed: Annotated[str, typer.Option(help="Of one hosted here: simulated or none.")] = "simulated",
    seed: Annotated[int, typer.Option(help="Of the simulated market.")] = 1,
    rate: Annotated[int, typer.Option(help="Its quotes a second.")] = 50,
    speed: Annotated[int, typer.Option(help="Its seconds in a real one.")] = 1,
    begin_with: Annotated[str, typer.Option(help="What it has at first: defaults or nothing.")] = "defaults",
    address: Annotated[str, typer.Option(help="Of a MetaTrader server: host:port.")] = "",
    certificate: Annotated[str, typer.Option(help="SHA-256 of the one certificate that it may show.")] = "",
    login: Annotated[str, typer.Option(help="The manager's login there.")] = "",
    password_file: Annotated[Path | None, typer.Option(help="File with his password; - is standard input.")] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Add a platform to an organization. A running server starts one that is hosted here within seconds."""
    from prorata.app.commands import platforms

    wish = platforms.PlatformWish(
        name=name, organization=organization, kind=kind, feed=feed, seed=seed, rate=rate, speed=speed, begin_with=begin_with,
        address=address, certificate=certificate, login=login, password_file=password_file,
    )  # fmt: skip
    platforms.add(settings, data, wish, as_json)


@platform_app.command("adopt")
def platform_adopt(
    engine: Annotated[str, typer.Argument(help="Name of the platform in the settings.")],
    organization: Organization,
    name: Annotated[str, typer.Option(help="What its people call it [the same].")] = "",
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give a platform of the settings file to an organization. It runs as before."""
    from prorata.app.commands import platforms

    platforms.adopt(settings, data, engine, organization, name, as_json)


@platform_app.command("test")
def platform_test(
    platform: Annotated[str, typer.Argument(help="Its uuid.")],
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Test the manager's login and the report database of a MetaTrader server. Exit code 1: something is wrong."""
    from prorata.app.commands import platforms

    platforms.probe(settings, data, platform, as_json)


@platform_app.command("archive")
def platform_archive(
    platform: Annotated[str, typer.Argument(help="Its uuid.")],
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Remove a platform: one hosted here stops and its journal is put away, of others the passwords are forgotten."""
    from prorata.app.commands import platforms

    platforms.archive(settings, data, platform, as_json)


@secrets_app.command("rotate")
def secrets_rotate(settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Seal all stored secrets with a new key and forget the old one. The server may run; it may be begun again."""
    from prorata.app.commands import secrets

    secrets.rotate(settings, data, as_json)
