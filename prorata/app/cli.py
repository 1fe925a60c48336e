"""The command `prorata`.

Exit codes: 0 done, and what was examined is sound; 1 something was examined and is not sound (a damaged journal, a
ledger that differs, a platform that is not ready, a simulation that failed); 2 wrong usage or settings; 3 something
needed is not there (no journal, a database or server that cannot be reached, a port or data directory in use).

Commands import what they need when they run, so that `prorata --help` is quick.
"""

import gc
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from prorata.app.cli_options import AsJson, DataFolder, PlatformName, SettingsFile
from prorata.app.cli_partners import partners_app
from prorata.app.cli_people import outbox, people_app
from prorata.app.cli_platforms import platform_app, secrets_app
from prorata.app.exit_codes import BAD_USAGE

GRPC_PORT = 8083
"""of the demo's streams"""

app = typer.Typer(
    name="prorata", help="The brokerage back end.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
keys_app = typer.Typer(help="API keys: made once, shown once.", no_args_is_help=True)
journal_app = typer.Typer(help="The journal: every command of a platform, chained by hashes.", no_args_is_help=True)
ledger_app = typer.Typer(help="The ledger: every movement of money.", no_args_is_help=True)
quotes_app = typer.Typer(help="Quotes from files.", no_args_is_help=True)
signals_app = typer.Typer(help="Signals of a trading account for a copy trading strategy.", no_args_is_help=True)
company_app = typer.Typer(help="Companies: brokers that work with the RAMM APIs.", no_args_is_help=True)
app_token_app = typer.Typer(help="Applications that send signals (AppToken).", no_args_is_help=True)
partner_token_app = typer.Typer(help="Partners' pages that show strategies.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit: what managers did, chained by hashes.", no_args_is_help=True)
oidc_app = typer.Typer(help="The OpenID Connect provider: the keys that tokens are signed with.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
app.add_typer(journal_app, name="journal")
app.add_typer(ledger_app, name="ledger")
app.add_typer(quotes_app, name="quotes")
app.add_typer(signals_app, name="signals")
app.add_typer(company_app, name="company")
app.add_typer(app_token_app, name="app-token")
app.add_typer(partner_token_app, name="partner-token")
app.add_typer(audit_app, name="audit")
app.add_typer(people_app, name="people")
app.add_typer(partners_app, name="partners")
app.add_typer(oidc_app, name="oidc")
app.add_typer(platform_app, name="platform")
app.add_typer(secrets_app, name="secrets")
app.command()(outbox)


def _what_serves() -> ModuleType:
    """Import it without collecting garbage: looking through what is imported, and stays, is a quarter of the time."""
    gc.disable()  # The server collects in idle seconds.
    from prorata.app.commands import serving

    return serving


@app.command()
def serve(
    settings: SettingsFile = None,
    data: DataFolder = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
) -> None:
    """Serve the platforms of the settings until Ctrl-C or SIGTERM."""
    serving = _what_serves()
    serving.serve(settings, {"data": data, "host": host, "port": port})


@app.command()
def demo(
    data: Annotated[Path, typer.Option("--data", help="Where the demo lives; started again it goes on.")] = Path("data/demo"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was there before.")] = False,
    quotes: Annotated[list[Path] | None, typer.Option("--quotes", help="Real quotes: a file, or bid and ask file.")] = None,
    symbol: Annotated[str, typer.Option(help="Whose quotes they are, if the file does not say.")] = "",
    speed: Annotated[float | None, typer.Option(min=0.001, help="Market seconds in a real one [1440, or 60 of files].")] = None,
    rate: Annotated[float, typer.Option(min=0.0, help="Wishes of the crowd a second.")] = 20.0,
    accounts: Annotated[int, typer.Option(min=3, max=100_000, help="How many trading accounts.")] = 200,
    investors: Annotated[int, typer.Option(min=0, max=100_000, help="How many investors of copy trading.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Another seed, another market and crowd.")] = 1,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    grpc_port: Annotated[
        int | None, typer.Option(help="Port of the streams over gRPC; 0 takes a free one [8083, with --port 0 a free one].")
    ] = None,
    duration: Annotated[float, typer.Option(min=0.0, help="End by itself after so many seconds; 0 is never.")] = 0.0,
) -> None:
    """Bring a broker to life: a market, 200 trading accounts, 13 strategies with 2,000 investors, and a live view."""
    serving = _what_serves()
    from prorata.app.demo import DemoWish

    serving.demo(
        DemoWish(
            data=data, fresh=fresh, quotes=tuple(quotes or ()), symbol=symbol, speed=speed, rate=rate, accounts=accounts,
            investors=investors, seed=seed, host=host, port=port,
            grpc_port=(GRPC_PORT if port else 0) if grpc_port is None else grpc_port, duration=duration,
        )
    )  # fmt: skip


@app.command()
def status(
    settings: SettingsFile = None,
    url: Annotated[str, typer.Option(help="Where the server is [host and port of the settings].")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask a running server how it is. Exit code 1: not ready; 3: not reached."""
    from prorata.app.commands import asking

    asking.status(settings, url, as_json)


@app.command()
def snapshot(
    settings: SettingsFile = None, data: DataFolder = None, platform: PlatformName = "", as_json: AsJson = False
) -> None:
    """Replay the journal and keep a snapshot, so that the next start is short. The server may run meanwhile."""
    from prorata.app.commands import journals

    journals.snapshot(settings, data, platform, as_json)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def sim(context: typer.Context) -> None:
    """Run the seeded simulation: a crowd on the real engine, faults, crashes, an oracle (`prorata sim --help`)."""
    from prorata.app.commands import checkout

    raise typer.Exit(checkout.sim(context.args))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def bench(context: typer.Context) -> None:
    """Run the benchmarks of the checkout (`prorata bench --help`)."""
    from prorata.app.commands import checkout

    raise typer.Exit(checkout.bench(context.args))


@keys_app.command("add")
def keys_add(
    scope: Annotated[list[str], typer.Option("--scope", help="read, trade, dealer or admin; may be given several times.")],
    login: Annotated[list[int] | None, typer.Option("--login", help="Only this account (several: again); none is all.")] = None,
    label: Annotated[str, typer.Option(help="Whose key it is.")] = "",
    days: Annotated[int, typer.Option(min=0, help="How long it is good for; 0 is without end.")] = 0,
    settings: SettingsFile = None,
    data: DataFolder = None,
    platform: PlatformName = "",
    as_json: AsJson = False,
) -> None:
    """Make a key and print it. It cannot be shown again."""
    from prorata.app.commands import keys

    keys.add(settings, data, platform, scope, login, label, days, as_json)


@keys_app.command("list")
def keys_list(
    settings: SettingsFile = None, data: DataFolder = None, platform: PlatformName = "", as_json: AsJson = False
) -> None:
    """List the keys, without their secrets."""
    from prorata.app.commands import keys

    keys.show(settings, data, platform, as_json)


@keys_app.command("revoke")
def keys_revoke(key_id: str, settings: SettingsFile = None, data: DataFolder = None) -> None:
    """End a key. A running server refuses it within two seconds."""
    from prorata.app.commands import keys

    keys.revoke(settings, data, key_id)


@journal_app.command("verify")
def journal_verify(
    settings: SettingsFile = None, data: DataFolder = None, platform: PlatformName = "", as_json: AsJson = False
) -> None:
    """Check every record against the chain and name the first bad one."""
    from prorata.app.commands import journals

    journals.verify(settings, data, platform, as_json)


@journal_app.command("replay")
def journal_replay(
    settings: SettingsFile = None,
    data: DataFolder = None,
    platform: PlatformName = "",
    from_snapshot: Annotated[bool, typer.Option("--from-snapshot", help="Start from the newest snapshot.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replay the journal and print the hash of the state it leads to."""
    from prorata.app.commands import journals

    journals.replay(settings, data, platform, from_snapshot, as_json)


@journal_app.command("export")
def journal_export(
    settings: SettingsFile = None,
    data: DataFolder = None,
    platform: PlatformName = "",
    after: Annotated[int, typer.Option(min=0, help="Only batches above this number.")] = 0,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write [standard output].")] = None,
) -> None:
    """Print the journal in words: one batch a line, as JSON."""
    from prorata.app.commands import journals

    journals.export(settings, data, platform, after, output)


@ledger_app.command("verify")
def ledger_verify(
    settings: SettingsFile = None, data: DataFolder = None, platform: PlatformName = "", as_json: AsJson = False
) -> None:
    """Prove that each currency sums to zero and each balance is the sum of its postings."""
    from prorata.app.commands import ledger

    ledger.verify(settings, data, platform, as_json)


@quotes_app.command("replay")
def quotes_replay(
    paths: Annotated[list[Path], typer.Argument(help="A file, or the bid and the ask file of minute bars.")],
    symbol: Annotated[str, typer.Option(help="Whose quotes they are, if the file does not say.")] = "",
    speed: Annotated[float, typer.Option(min=0.0, help="Market seconds in a real one; 0 is as fast as can be.")] = 0.0,
    settings: SettingsFile = None,
    data: DataFolder = None,
    platform: PlatformName = "",
    as_json: AsJson = False,
) -> None:
    """Replay the quotes of a file through a platform that is not running: orders trigger, candles are made."""
    from prorata.app.commands import serving

    serving.replay_quotes(settings, data, platform, paths, symbol, speed, as_json)


@signals_app.command("send")
def signals_send(
    address: Annotated[str, typer.Option(help="Of the server that has the strategy, such as https://broker.example.")],
    token: Annotated[str, typer.Option(envvar="PRORATA_SIGNALS_TOKEN", help="Token of the strategy.")],
    app_token: Annotated[str, typer.Option(envvar="PRORATA_SIGNALS_APP_TOKEN", help="Token of the application.")],
    file: Annotated[Path | None, typer.Option(help="Positions that a script of yours keeps in a .json or .csv file.")] = None,
    login: Annotated[int | None, typer.Option(min=1, help="Or: a trading account of a Prorata platform.")] = None,
    key: Annotated[str, typer.Option(envvar="PRORATA_SIGNALS_KEY", help="With --login: API key with scope read.")] = "",
    source_address: Annotated[str, typer.Option(help="With --login: where that platform is [--address].")] = "",
    postfix: Annotated[list[str] | None, typer.Option(help="Ending of symbols to cut off (several: again).")] = None,
    name: Annotated[list[str] | None, typer.Option(help="What the server calls a symbol: OLD=NEW (several: again).")] = None,
    multiplier: Annotated[list[str] | None, typer.Option(help="Lots times this: SYMBOL=NUMBER (several: again).")] = None,
    by_ticket: Annotated[bool, typer.Option("--by-ticket", help="Tell each position (strategy in hedging mode).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """Tell a strategy what an account holds, until Ctrl-C. Exit code 3: nothing more can be sent, and why."""
    from prorata.app.commands import signals

    signals.send(
        signals.SendWish(
            address=address, token=token, app_token=app_token, file=file, login=login, key=key, source_address=source_address,
            postfixes=tuple(postfix or ()), names=tuple(name or ()), multipliers=tuple(multiplier or ()), by_ticket=by_ticket,
            as_json=as_json,
        )
    )  # fmt: skip


@company_app.command("add")
def company_add(
    name: str,
    login: Annotated[str, typer.Option(help="E-mail of the first manager.")],
    platform: PlatformName = "",
    parent: Annotated[int | None, typer.Option(help="Below which company.")] = None,
    url: Annotated[str, typer.Option(help="Its own address, to which its clients come.")] = "",
    brand: Annotated[str, typer.Option(help="Key of its branding.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="No real money.")] = False,
    currency: Annotated[str, typer.Option(help="Of its wallets and accounts.")] = "USD",
    min_investment: Annotated[str, typer.Option(help="What an investment must hold.")] = "100",
    min_strategy: Annotated[str, typer.Option(help="What a trader's own investment must hold.")] = "200",
    hide_portfolio: Annotated[bool, typer.Option("--hide-portfolio", help="Do not show what strategies hold now.")] = False,
    rating_age: Annotated[int, typer.Option(min=0, help="Days that a strategy must have lived to be rated.")] = 30,
    rating_deals: Annotated[int, typer.Option(min=0, help="Deals that it must have made.")] = 0,
    rating_yield: Annotated[str, typer.Option(help="Yield that it must have: 0.05 is 5 %.")] = "0",
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make a company with its first manager, and print his password. It cannot be shown again."""
    from prorata.app.commands import control

    wish = control.CompanyWish(
        name=name, login=login, platform=platform, parent=parent, url=url, brand=brand, demo=demo, currency=currency,
        min_investment=min_investment, min_strategy=min_strategy, hide_portfolio=hide_portfolio, rating_age=rating_age,
        rating_deals=rating_deals, rating_yield=rating_yield,
    )  # fmt: skip
    control.add_company(settings, data, wish, as_json)


@company_app.command("list")
def company_list(settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the companies."""
    from prorata.app.commands import control

    control.list_companies(settings, data, as_json)


@company_app.command("set")
def company_set(
    company: int,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    url: Annotated[str | None, typer.Option(help="Its own address, to which its clients come.")] = None,
    brand: Annotated[str | None, typer.Option(help="Key of its branding.")] = None,
    min_investment: Annotated[str | None, typer.Option(help="What an investment must hold.")] = None,
    min_strategy: Annotated[str | None, typer.Option(help="What a trader's own investment must hold.")] = None,
    show_portfolio: Annotated[bool | None, typer.Option(help="Whether to show what strategies hold now.")] = None,
    rating_age: Annotated[int | None, typer.Option(min=0, help="Days that a strategy must have lived to be rated.")] = None,
    rating_deals: Annotated[int | None, typer.Option(min=0, help="Deals that it must have made.")] = None,
    rating_yield: Annotated[str | None, typer.Option(help="Yield that it must have: 0.05 is 5 %.")] = None,
    deleted: Annotated[bool | None, typer.Option("--deleted/--restored", help="Nobody of it may sign in.")] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
) -> None:
    """Change a company. A running server takes it over within two seconds."""
    from prorata.app.commands import control

    change = control.CompanyChange(
        name=name, url=url, brand=brand, min_investment=min_investment, min_strategy=min_strategy,
        show_portfolio=show_portfolio, rating_age=rating_age, rating_deals=rating_deals, rating_yield=rating_yield,
        deleted=deleted,
    )  # fmt: skip
    control.change_company(settings, data, company, change)


@company_app.command("password")
def company_password(
    company: int,
    login: Annotated[str, typer.Option(help="The manager who has lost his password.")],
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give a manager of a company a new password and print it. His sessions end."""
    from prorata.app.commands import control

    control.renew_password(settings, data, company, login, as_json)


@app_token_app.command("add")
def app_token_add(
    name: str,
    version: Annotated[str, typer.Option(help="Version of the application.")] = "1.0",
    newest: Annotated[str, typer.Option(help="Newest version there is [the same].")] = "",
    importance: Annotated[int, typer.Option(min=0, max=5, help="How urgent an update is.")] = 0,
    token: Annotated[str, typer.Option(help="The token that the application has already [a new one].")] = "",
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Let an application send signals, and print its token."""
    from prorata.app.commands import control

    control.add_app_token(settings, data, name, version, newest, importance, token, as_json)


@app_token_app.command("list")
def app_token_list(settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the applications, without their tokens."""
    from prorata.app.commands import control

    control.list_tokens(settings, data, "app", as_json)


@app_token_app.command("revoke")
def app_token_revoke(token_id: int, settings: SettingsFile = None, data: DataFolder = None) -> None:
    """End an application's token. A running server refuses it within two seconds."""
    from prorata.app.commands import control

    control.revoke_token(settings, data, "app", token_id)


@partner_token_app.command("add")
def partner_token_add(
    company: Annotated[int, typer.Option(help="Whose strategies are shown.")],
    client: Annotated[int | None, typer.Option(help="The partner, if only his offers are shown.")] = None,
    label: Annotated[str, typer.Option(help="Which page it is for.")] = "",
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a partner's page and print it. It cannot be shown again."""
    from prorata.app.commands import control

    control.add_partner_token(settings, data, company, client, label, as_json)


@partner_token_app.command("list")
def partner_token_list(settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the partners' tokens, without what they are."""
    from prorata.app.commands import control

    control.list_tokens(settings, data, "partner", as_json)


@partner_token_app.command("revoke")
def partner_token_revoke(token_id: int, settings: SettingsFile = None, data: DataFolder = None) -> None:
    """End a partner's token. A running server refuses it within two seconds."""
    from prorata.app.commands import control

    control.revoke_token(settings, data, "partner", token_id)


@audit_app.command("verify")
def audit_verify(settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Check every row of the audit against the chain and name the first bad one."""
    from prorata.app.commands import control

    control.verify_audit(settings, data, as_json)


@oidc_app.command("rotate")
def oidc_rotate(
    at_once: Annotated[bool, typer.Option("--at-once", help="A key has leaked: all tokens end now.")] = False,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Publish the next keys; they sign in an hour, and the old ones stay published while their tokens live."""
    from prorata.app.commands import oidc

    oidc.rotate(settings, data, at_once, as_json)


@oidc_app.command("keys")
def oidc_keys(settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the keys that are published."""
    from prorata.app.commands import oidc

    oidc.show(settings, data, as_json)


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the command line and exit."""
    if not __debug__:
        print("prorata: do not run it with python -O: its assertions stop an engine that is in error", file=sys.stderr)
        sys.exit(BAD_USAGE)
    try:
        app(args=None if arguments is None else list(arguments))
    except Exception as problem:
        from prorata.app.commands.common import told

        text = told(problem)
        if text is None:
            raise
        print(f"prorata: {text[0]}", file=sys.stderr)
        sys.exit(text[1])
