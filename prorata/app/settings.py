"""Settings: a TOML file, and the environment over it.

`PRORATA_PORT=8080` sets `port`; two underscores go a level down: `PRORATA_PLATFORMS__LIVE__JOURNAL` sets
`journal` of platform "live". Which file: `--settings`, else `PRORATA_SETTINGS`, else `prorata.toml` in the
working directory if there is one. docs/operations.md lists everything.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec
from msgspec import Meta

from prorata.control.mail.terms import MailTerms
from prorata.control.oidc.terms import IdentityTerms
from prorata.control.people.addresses import BadAddress, mailbox_of
from prorata.control.platforms.terms import ConnectionTerms, HostingTerms
from prorata.control.usage.tariff import BadTariff, Tariffs, check_tariff
from prorata.crm.documents.terms import DocumentTerms
from prorata.projections.quotes import Retention
from prorata.rest.own.allowance import Allowance
from prorata.stream.grpc.terms import GrpcTerms
from prorata.stream.limits import Limits as StreamLimits
from prorata.stream.webhooks.terms import WebhookTerms
from prorata.units.currency import CURRENCY_DIGITS
from prorata.venues.router import RouterSettings
from prorata.venues.simulated_book import Faults

PREFIX = "PRORATA_"
FILE_VARIABLE = "PRORATA_SETTINGS"
DEFAULT_FILE = Path("prorata.toml")
OTHER_VARIABLES = (FILE_VARIABLE, "PRORATA_TEST_", "PRORATA_SIGNALS_")
"""Beginnings of variables that are no settings: the file's name, what tests go by, the secrets of `prorata signals send`."""
PLATFORM_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")

Port = Annotated[int, Meta(ge=0, le=65_535)]
Speed = Annotated[float, Meta(ge=0)]
AboveZero = Annotated[float, Meta(gt=0)]
Whole = Annotated[int, Meta(ge=1)]


class BadSettings(Exception):
    """A setting is missing, unknown or of the wrong kind. The text names the key, where it stands, and what is expected."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all sections."""


class SimulatedFeedSettings(Settings, frozen=True, tag_field="kind", tag="simulated"):
    """The seeded market. `rate`: quotes a second over all symbols; `speed`: market seconds in a real one."""

    seed: int = 1
    speed: AboveZero = 1.0
    rate: AboveZero = 50.0


class FileFeedSettings(Settings, frozen=True, tag_field="kind", tag="file"):
    """Real quotes from files (their form is seen from their first line). `speed` 0: as fast as they are taken, none left out.

    `symbol`: whose quotes they are, if neither the lines nor the file's name say so.
    """

    paths: tuple[Path, ...]
    symbol: str = ""
    speed: Speed = 1.0


class NoFeedSettings(Settings, frozen=True, tag_field="kind", tag="none"):
    """No quotes."""


FeedSettings = SimulatedFeedSettings | FileFeedSettings | NoFeedSettings


class SimulatedVenueSettings(Settings, frozen=True, tag_field="kind", tag="simulated"):
    """A venue of our own making. It has no memory: it begins with what our hedge book says."""

    name: str = "simulated"
    seed: int = 1
    faults: Faults = Faults()
    router: RouterSettings = RouterSettings()


class NoVenueSettings(Settings, frozen=True, tag_field="kind", tag="none"):
    """No venue: A-book orders wait until there is one."""


VenueSettings = SimulatedVenueSettings | NoVenueSettings


class PlatformSettings(Settings, frozen=True):
    """A trade platform."""

    journal: str = ""
    """sqlite:///... or postgresql://...; "" is a SQLite file in the data directory"""
    feed: FeedSettings = SimulatedFeedSettings()
    venue: VenueSettings = SimulatedVenueSettings()
    begin_with: Literal["defaults", "nothing"] = "defaults"
    """what a platform whose journal is empty gets: the default symbols and groups, or nothing"""
    snapshot_every: Whole = 200_000
    """commands from one snapshot to the next"""
    new_logins: tuple[Whole, Whole] | None = None
    """from which number to which accounts are opened through the WebAPI that ask for no number; None is anywhere"""
    outbox_kept: Whole = 1_000_000
    """batches whose events subscribers can still ask for; older ones are forgotten with a snapshot"""


class Limits(Settings, frozen=True):
    calls_per_second: Annotated[int, Meta(ge=0)] = 0
    """REST calls of one key; 0 is no limit"""
    tries_per_minute: Annotated[int, Meta(ge=0)] = 60
    """sign-ins, registrations, links and codes from one address; 0 is no limit"""
    connections: Whole = 10_000
    stop_seconds: Annotated[int, Meta(ge=1)] = 10
    """how long a stop waits for calls and connections under way"""
    stream: StreamLimits = StreamLimits()

    @property
    def calls(self) -> Allowance:
        """Return what each key may call."""
        return Allowance(per_second=self.calls_per_second, burst=max(1, self.calls_per_second))

    @property
    def tries(self) -> Allowance:
        """Return what each address may try."""
        return Allowance(per_second=self.tries_per_minute / 60, burst=max(1, self.tries_per_minute))


class RammSettings(Settings, frozen=True):
    access_url: str = ""
    """where managers' sessions are opened, as `session.login` tells them; "" is the address they came to"""


class GrpcSettings(Settings, frozen=True):
    """The streams of the Broker-API over gRPC. Ports: 0 is off."""

    host: str = ""
    """"" is the server's"""
    port: Port = 0
    """version 2, and version 1 as it is published"""
    enveloped_port: Port = 0
    """version 2, and version 1 as its newer clients have it"""
    certificate: Path | None = None
    """file of the certificate and its chain, PEM; with `private_key` the ports speak TLS"""
    private_key: Path | None = None
    terms: GrpcTerms = GrpcTerms()


class HostingSettings(Settings, frozen=True):
    """Platforms that organizations add while the server runs."""

    per_organization: Annotated[int, Meta(ge=0)] = 3
    total: Annotated[int, Meta(ge=0)] = 50
    """of all organizations together: each takes a process and some 80 MB"""
    journal: str = ""
    """where their journals are: postgresql://...; "" is a SQLite file of each in the data directory"""

    @property
    def terms(self) -> HostingTerms:
        return HostingTerms(self.per_organization, self.total)


class ConnectionSettings(Settings, frozen=True):
    """Connection tests of MetaTrader servers and report databases."""

    private: bool = False
    """whether they may lead into networks that are not public; at the command line they always may"""
    seconds: Annotated[float, Meta(gt=0, le=60)] = 8.0
    per_minute: Whole = 6
    """tests of one organization"""

    @property
    def terms(self) -> ConnectionTerms:
        return ConnectionTerms(private=self.private, seconds=self.seconds, per_minute=self.per_minute)


class CrmSettings(Settings, frozen=True):
    platform_log_days: Annotated[int, Meta(ge=0)] = 90
    printers: Annotated[int, Meta(ge=0, le=64)] = 2
    """processes that make PDFs of statements, each begun when it is needed; 0: they are made by the server itself"""
    """how long it is kept who signed in from where, and what was done on terminals; 0 is for ever"""


class UsageSettings(Tariffs, Settings, frozen=True):
    """What organizations pay for what their API clients use in a month."""


class ServerSettings(Settings, frozen=True):
    """Everything.

    Secrets can only be in `tables`, `control`, `journal` (a database's password: show them with `redacted`), `mail`
    and `identity`.
    """

    data: Path = Path("data")
    tables: str = ""
    """history, quotes, keys and webhooks: postgresql://...; "" is SQLite files in the data directory"""
    control: str = ""
    """companies, managers, clients, sessions, audit: sqlite:///... or postgresql://...; "" is where `tables` are"""
    control_key: Path | None = None
    """file of the key that strategies' tokens are derived with; None is one in the data directory, made at the first start"""
    host: str = "127.0.0.1"
    port: Port = 8000
    public_url: str = ""
    """where the outside reaches the server, as https://broker.example.com; "" is http://, host and port"""
    broker_v2_host: str = ""
    """the host name under which version 2 of the Broker-API has the paths of its own, without the base address before them"""
    metrics_port: Port = 0
    """0: /metrics is on `port`"""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    limits: Limits = Limits()
    ramm: RammSettings = RammSettings()
    grpc: GrpcSettings = GrpcSettings()
    identity: IdentityTerms = IdentityTerms()
    mail: MailTerms = MailTerms()
    retention: Retention = Retention()
    webhooks: WebhookTerms = WebhookTerms()
    hosting: HostingSettings = HostingSettings()
    connections: ConnectionSettings = ConnectionSettings()
    usage: UsageSettings = UsageSettings()
    crm: CrmSettings = CrmSettings()
    documents: DocumentTerms = DocumentTerms()
    platforms: dict[str, PlatformSettings] = {}

    def journal_url(self, platform: str) -> str:
        """Return where the platform's journal is kept."""
        return self.platforms[platform].journal or _sqlite_url(self.data / platform / "journal.db")

    def history_url(self) -> str:
        return self.tables or _sqlite_url(self.data / "history.db")

    def quotes_url(self) -> str:
        return self.tables or _sqlite_url(self.data / "quotes.db")

    def webhooks_url(self) -> str:
        return self.tables or _sqlite_url(self.data / "webhooks.db")

    def webhooks_key(self) -> Path:
        """Return the file of the key from which the secrets of webhooks are derived."""
        return self.data / "webhooks.key"

    def keys_url(self) -> str:
        if self.tables:
            return "postgresql+psycopg://" + self.tables.partition("://")[2]
        return _sqlite_url(self.data / "keys.db")

    def control_url(self) -> str:
        return self.control or self.tables or _sqlite_url(self.data / "control.db")

    def control_key_file(self) -> Path:
        return self.control_key or self.data / "control.key"

    def documents_folder(self) -> Path:
        """Return where documents of people lie, encrypted, if no object store is set."""
        return self.data / "documents"

    def vault_file(self) -> Path:
        """Return the file of the ring of keys that stored secrets are sealed with."""
        return self.data / "vault.keys"


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}" if path.is_absolute() else f"sqlite:///{quote(str(path))}"


def redacted(url: str) -> str:
    """Return a database's address without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{parts.hostname}{port}"))


def load(
    path: Path | None = None, environment: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> ServerSettings:
    """Read the file, lay the environment over it and `overrides` (from the command line) over both.

    Without any platform there is one, "main".

    Raises:
        BadSettings: see there.
    """
    environment = os.environ if environment is None else environment
    file = _file(path, environment)
    tree = _read_file(file) if file is not None else {}
    origins = _Origins(str(file) if file is not None else "the settings")
    for name in sorted(environment):
        if name.startswith(PREFIX) and not name.startswith(OTHER_VARIABLES):
            _lay_over(tree, name, environment[name], origins)
    for key, value in (overrides or {}).items():
        if value is not None:
            tree[key] = value
            origins.of[key] = "the command line"
    return _convert(tree, origins)


class _Origins:
    """Where each key that is not from the file was set."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.of: dict[str, str] = {}

    def find(self, key: str) -> str:
        while key:
            if key in self.of:
                return self.of[key]
            key = key.rpartition(".")[0]
        return self.file


def _file(path: Path | None, environment: Mapping[str, str]) -> Path | None:
    if path is not None:
        return path
    if environment.get(FILE_VARIABLE):
        return Path(environment[FILE_VARIABLE])
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadSettings(f"{path}: cannot be read ({problem.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadSettings(f"{path}: not TOML: {problem}") from None


def _lay_over(tree: dict[str, Any], name: str, value: str, origins: _Origins) -> None:
    keys = name.removeprefix(PREFIX).lower().split("__")
    if keys[0] == "platforms" and len(keys) > 1:
        keys[1] = keys[1].replace("_", "-")
    here = tree
    for key in keys[:-1]:
        here = here.setdefault(key, {})
        if not isinstance(here, dict):
            raise BadSettings(f"{name}: {key} is a single setting and has none below it")
    here[keys[-1]] = value.split(os.pathsep) if keys[-1] == "paths" else value
    origins.of[".".join(keys)] = f"environment variable {name}"


def _convert(tree: dict[str, Any], origins: _Origins) -> ServerSettings:
    sections = tree.pop("platforms", {})
    if not isinstance(sections, dict) or not all(isinstance(section, dict) for section in sections.values()):
        raise BadSettings(f"platforms in {origins.file}: expected tables, such as [platforms.live]")
    for name in sections:
        if PLATFORM_NAME.fullmatch(name) is None:
            raise BadSettings(f"platforms.{name} in {origins.file}: a name has small letters, digits and hyphens, 32 at most")
    for section in sections.values():
        for part in ("feed", "venue"):
            if isinstance(section.get(part), dict):
                section[part].setdefault("kind", "simulated")
    platforms = {
        name: _section(PlatformSettings, section, f"platforms.{name}", origins)
        for name, section in (sections or {"main": {}}).items()
    }
    settings = msgspec.structs.replace(_section(ServerSettings, tree, "", origins), platforms=platforms)
    _check_addresses(settings, origins)
    _check_usage(settings.usage, origins)
    return settings


def _check_usage(usage: UsageSettings, origins: _Origins) -> None:
    if usage.currency not in CURRENCY_DIGITS:
        raise BadSettings(f"usage.currency in {origins.find('usage.currency')}: there is no currency {usage.currency}")
    for name, tariff in (("calls", usage.calls), ("events", usage.events)):
        try:
            check_tariff(tariff)
        except BadTariff as problem:
            raise BadSettings(f"usage.{name} in {origins.find(f'usage.{name}')}: {problem}") from None


def _check_addresses(settings: ServerSettings, origins: _Origins) -> None:
    """Addresses are not shown: they may hold a password."""
    for key, url in (("public_url", settings.public_url), ("identity.url", settings.identity.url)):
        if url and _ORIGIN.fullmatch(url) is None:
            place = origins.find(key)
            raise BadSettings(f"{key} in {place}: expected an address such as https://broker.example.com, without a path")
    for key, names in (
        ("identity.applications", [one.client_id for one in settings.identity.applications]),
        ("identity.providers", [one.name for one in settings.identity.providers]),
    ):
        if len(set(names)) < len(names):
            raise BadSettings(f"{key} in {origins.find(key)}: two have the same name")
    if (settings.grpc.certificate is None) != (settings.grpc.private_key is None):
        place = origins.find("grpc")
        raise BadSettings(f"grpc in {place}: certificate and private_key are needed both, or none of them")
    if settings.mail.shown and settings.host not in LOOPBACK:
        place = origins.find("mail.shown")
        raise BadSettings(f"mail.shown in {place}: mails hold passwords; only with host {' or '.join(LOOPBACK)}")
    if settings.mail.host:
        try:
            mailbox_of(parseaddr(settings.mail.sender)[1])
        except BadAddress:
            place = origins.find("mail.from")
            raise BadSettings(f"mail.from in {place}: expected the address that mails come from") from None
    if settings.tables and not settings.tables.startswith("postgresql://"):
        raise BadSettings(f'tables in {origins.find("tables")}: expected an address that begins with postgresql://, or ""')
    if settings.control and not settings.control.startswith(("sqlite:///", "postgresql://")):
        place = origins.find("control")
        raise BadSettings(f'control in {place}: expected an address that begins with sqlite:/// or postgresql://, or ""')
    if settings.hosting.journal and not settings.hosting.journal.startswith("postgresql://"):
        place = origins.find("hosting.journal")
        raise BadSettings(f'hosting.journal in {place}: expected an address that begins with postgresql://, or ""')
    for name, platform in settings.platforms.items():
        if platform.journal and not platform.journal.startswith(("sqlite:///", "postgresql://")):
            key = f"platforms.{name}.journal"
            raise BadSettings(f"{key} in {origins.find(key)}: expected an address that begins with sqlite:/// or postgresql://")
    files = [url for url in map(settings.journal_url, settings.platforms) if url.startswith("sqlite")]
    if len(set(files)) < len(files):
        raise BadSettings(f"platforms in {origins.file}: two have the same SQLite journal; each needs a file of its own")


Section = TypeVar("Section", bound=msgspec.Struct)
_PLACE = re.compile(r" - at `\$\.?(?P<path>.*)`$")
_CHOICES = {
    "kind": "simulated, file (of a feed) or none",
    "log_level": "debug, info, warning or error",
    "begin_with": "defaults or nothing",
}
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`")


def _section(kind: type[Section], tree: dict[str, Any], prefix: str, origins: _Origins) -> Section:
    try:
        return msgspec.convert(tree, kind, strict=False, dec_hook=_path_of)
    except msgspec.ValidationError as problem:
        raise BadSettings(_told(str(problem), prefix, origins)) from None


def _path_of(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str | Path):
        return Path(value)
    raise ValueError(f"expected a path, got {value!r}")


def _told(text: str, prefix: str, origins: _Origins) -> str:
    """Turn "Expected `int`, got `str` - at `$.port`" into key, place and expectation."""
    place = _PLACE.search(text)
    path = place["path"] if place else ""
    unknown = _UNKNOWN.match(text)
    steps = [step for step in (prefix, path, unknown["field"] if unknown else "") if step]
    key = ".".join(steps) or "the settings"
    reason = "there is no such setting" if unknown else _PLACE.sub("", text)
    reason = reason[:1].lower() + reason[1:].replace("`", "")
    choices = _CHOICES.get(key.rpartition(".")[2])
    if choices and reason.startswith("invalid"):
        reason += f", expected {choices}"
    return f"{key} in {origins.find(key)}: {reason}"
