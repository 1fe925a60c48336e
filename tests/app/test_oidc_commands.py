"""Identity at the console and in the settings: keys rotated, applications and providers that do not fit refused."""

from pathlib import Path

import pytest

from tests.app.programs import here

APPLICATION = '[[identity.applications]]\nclient_id = "office"\nredirects = ["https://office.test/in"]\n'
PROVIDER = '[[identity.providers]]\nname = "work"\nissuer = "https://id.test"\nclient_id = "a"\nclient_secret = "b"\n'


def test_the_next_keys_are_published_and_a_leaked_one_is_replaced(tmp_path: Path) -> None:
    def states(*words: str) -> list[tuple[str, str]]:
        done = here("oidc", *words, "--data", tmp_path, "--json")
        assert done.code == 0, done.err
        return [(key["algorithm"], key["state"]) for key in done.json()["keys"]]

    assert states("keys") == []
    both = [("RS256", "signing"), ("ES256", "signing")]
    assert states("rotate") == [*both, ("RS256", "next"), ("ES256", "next")]
    assert states("rotate") == states("keys")
    assert states("rotate", "--at-once") == both
    assert "signing" in here("oidc", "keys", "--data", tmp_path).out
    assert here("audit", "verify", "--data", tmp_path).code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            APPLICATION.replace("https://office.test/in", "http://office.test/in"),
            "identity.applications: http://office.test/in",
        ),
        (APPLICATION + 'scopes = "openid everything"\n', "identity.applications: everything"),
        (APPLICATION + 'algorithm = "none"\n', "identity.applications[0].algorithm"),
        (APPLICATION * 2, "two have the same name"),
        (PROVIDER * 2, "two have the same name"),
        (PROVIDER + "unknown = 1\n", "identity.providers[0].unknown in"),
        ('[identity]\nurl = "https://id.test/path"\n', "identity.url"),
    ],
)
def test_what_does_not_fit_in_the_settings_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "prorata.toml").write_text(text)
    done = here("oidc", "keys", "--settings", tmp_path / "prorata.toml", "--data", tmp_path / "data")
    assert (done.code, told in done.err) == (2, True), done.err


def test_an_application_of_the_broker_s_own_is_taken(tmp_path: Path) -> None:
    (tmp_path / "prorata.toml").write_text(APPLICATION + PROVIDER)
    assert here("oidc", "keys", "--settings", tmp_path / "prorata.toml", "--data", tmp_path / "data").code == 0
