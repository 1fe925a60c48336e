"""Settings come from a file and the environment; what is wrong is named with its key, its place and what is expected."""

from pathlib import Path

import pytest

from prorata.app.settings import (
    BadSettings,
    FileFeedSettings,
    NoVenueSettings,
    ServerSettings,
    SimulatedFeedSettings,
    load,
    redacted,
)
from prorata.control.usage.tariff import CALLS, Step, Tariff


def from_text(folder: Path, text: str, **environment: str) -> ServerSettings:
    file = folder / "prorata.toml"
    file.write_text(text)
    return load(file, environment)


def test_without_any_setting_there_is_one_platform_with_a_simulated_market() -> None:
    settings = load(None, {})
    assert list(settings.platforms) == ["main"]
    assert isinstance(settings.platforms["main"].feed, SimulatedFeedSettings)
    assert settings.journal_url("main") == "sqlite:///data/main/journal.db"


def test_the_environment_lies_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    text = 'port = 1\nhost = "a"\nlog_level = "error"\n'
    file = tmp_path / "prorata.toml"
    file.write_text(text)
    settings = load(file, {"PRORATA_PORT": "2", "PRORATA_HOST": "b"}, {"port": 3, "host": None})
    assert (settings.port, settings.host, settings.log_level) == (3, "b", "error")


def test_two_underscores_go_a_level_down_and_text_becomes_numbers(tmp_path: Path) -> None:
    settings = from_text(
        tmp_path,
        '[platforms.live-1.feed]\nkind = "file"\npaths = ["a.csv"]\n',
        PRORATA_PLATFORMS__LIVE_1__FEED__SPEED="0",
        PRORATA_PLATFORMS__LIVE_1__VENUE__KIND="none",
        PRORATA_RETENTION__TICKS="3",
    )
    platform = settings.platforms["live-1"]
    assert platform.feed == FileFeedSettings(paths=(Path("a.csv"),), speed=0.0)
    assert platform.venue == NoVenueSettings()
    assert settings.retention.ticks == 3


@pytest.mark.parametrize(
    ("text", "environment", "told"),
    [
        ('port = "x"', {}, "port in {file}: expected int, got str"),
        ("port = 70000", {}, "port in {file}: expected int <= 65535"),
        ("prot = 1", {}, "prot in {file}: there is no such setting"),
        (
            '[hosting]\njournal = "sqlite:///x"',
            {},
            'hosting.journal in {file}: expected an address that begins with postgresql://, or ""',
        ),
        ("[hosting]\nper_organization = -1", {}, "hosting.per_organization in {file}: expected int >= 0"),
        ('[usage]\ncurrency = "XXX"', {}, "usage.currency in {file}: there is no currency XXX"),
        ("[usage.calls]\nfree = 1\nprice = 2", {}, "usage.calls.price in {file}: there is no such setting"),
        (
            "[[usage.events.steps]]\nto = 5\nper_thousand = 1",
            {},
            "usage.events in {file}: expected steps of which the last one, and no other, is without `to`",
        ),
        ("", {"PRORATA_PORT": "x"}, "port in environment variable PRORATA_PORT: expected int, got str"),
        ("", {"PRORATA_PROT": "1"}, "prot in environment variable PRORATA_PROT: there is no such setting"),
        ('log_level = "loud"', {}, "log_level in {file}: invalid enum value 'loud', expected debug, info, warning or error"),
        (
            '[platforms.a.feed]\nkind = "fix"',
            {},
            "platforms.a.feed.kind in {file}: invalid value 'fix', expected simulated, file (of a feed) or none",
        ),
        ("[platforms.a.feed]\nspeed = -1", {}, "platforms.a.feed.speed in {file}: expected float > 0.0"),
        (
            "[platforms.a]\njournal = 'mysql://x'",
            {},
            "platforms.a.journal in {file}: expected an address that begins with sqlite:/// or postgresql://",
        ),
        ("[platforms.'A B']", {}, "platforms.A B in {file}: a name has small letters, digits and hyphens, 32 at most"),
        (
            "[platforms.a]\njournal = 'sqlite:///x.db'\n[platforms.b]\njournal = 'sqlite:///x.db'",
            {},
            "platforms in {file}: two have the same SQLite journal; each needs a file of its own",
        ),
        ("[mail]\nhost = 'mail.test'", {}, "mail.from in {file}: expected the address that mails come from"),
        (
            "host = '0.0.0.0'\n[mail]\nshown = true",
            {},
            "mail.shown in {file}: mails hold passwords; only with host 127.0.0.1 or ::1 or localhost",
        ),
        (
            "public_url = 'https://broker.test/path'",
            {},
            "public_url in {file}: expected an address such as https://broker.example.com, without a path",
        ),
        ("platforms = 3", {}, "platforms in {file}: expected tables, such as [platforms.live]"),
        ("", {"PRORATA_PORT__X": "1", "PRORATA_PORT": "1"}, "PRORATA_PORT__X: port is a single setting and has none below it"),
    ],
)
def test_a_bad_setting_is_named_with_its_place_and_what_is_expected(
    tmp_path: Path, text: str, environment: dict[str, str], told: str
) -> None:
    with pytest.raises(BadSettings) as bad:
        from_text(tmp_path, text, **environment)
    assert str(bad.value) == told.format(file=tmp_path / "prorata.toml")


def test_prices_of_usage_are_a_ladder_in_minor_units(tmp_path: Path) -> None:
    steps = "[[usage.calls.steps]]\nto = 100_000\nper_thousand = 100\n[[usage.calls.steps]]\nper_thousand = 50\n"
    settings = from_text(tmp_path, f'[usage]\ncurrency = "USD"\n[usage.calls]\nfree = 10\n{steps}')
    assert settings.usage.currency == "USD"
    assert settings.usage.calls == Tariff(free=10, steps=(Step(to=100_000, per_thousand=100), Step(per_thousand=50)))
    assert load(None, {}).usage.calls == CALLS


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"gone\.toml: cannot be read"):
        load(tmp_path / "gone.toml", {})
    with pytest.raises(BadSettings, match=r"prorata\.toml: not TOML"):
        from_text(tmp_path, "port =")


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    assert redacted("postgresql://broker:secret@db:5432/live") == "postgresql://broker:***@db:5432/live"
    assert redacted("sqlite:///data/live.db") == "sqlite:///data/live.db"
    with pytest.raises(BadSettings) as bad:
        from_text(tmp_path, 'tables = "mysql://broker:secret@db/live"')
    assert "secret" not in str(bad.value)
