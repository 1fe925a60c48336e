"""Cards of trading accounts: kept by platform and login, changed field by field, forgotten."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from prorata.control.account_cards.cards import NO_CARD, AccountCard, AccountCards, BadField
from prorata.control.database import Database
from prorata.control.lockout import Attempts, Blocked


@pytest.fixture
def cards(tmp_path: Path) -> Iterator[AccountCards]:
    database = Database(f"sqlite:///{tmp_path}/control.db", now=lambda: 1_000_000_000)
    yield AccountCards(database, Attempts(database))
    database.close()


def test_an_account_without_a_card_has_an_empty_one(cards: AccountCards) -> None:
    assert cards.get("live", 1001) == NO_CARD
    assert cards.of("live", [1001, 1002]) == {}


def test_fields_are_changed_one_by_one_and_the_same_again_changes_nothing(cards: AccountCards) -> None:
    for _ in range(2):
        cards.change("live", 1001, {"name": "Jane", "taxes": Decimal("0.10")})
        cards.change("live", 1001, {"city": "Mdina"})
    assert cards.get("live", 1001).card == AccountCard(name="Jane", taxes=Decimal("0.10"), city="Mdina")
    assert cards.get("other", 1001) == NO_CARD


def test_many_cards_are_read_at_once(cards: AccountCards) -> None:
    for login in range(1, 1_200, 100):
        cards.change("live", login, {"name": f"N{login}"})
    found = cards.of("live", range(1, 2_000))
    assert {login: kept.card.name for login, kept in found.items()} == {login: f"N{login}" for login in range(1, 1_200, 100)}


@pytest.mark.parametrize(
    ("field", "value"), [("name", "x" * 257), ("comment", "x" * 1_025), ("city", "a\x00b"), ("email", "\ud800")]
)
def test_a_text_that_cannot_be_kept_is_refused(cards: AccountCards, field: str, value: str) -> None:
    with pytest.raises(BadField) as refused:
        cards.change("live", 1001, {field: value})
    assert refused.value.field == field
    assert cards.get("live", 1001) == NO_CARD


def test_what_is_deleted_is_forgotten(cards: AccountCards) -> None:
    cards.change("live", 1001, {"name": "Jane"})
    cards.set_password("live", 1001, "correct horse", investor=False)
    cards.delete("live", 1001)
    kept = cards.get("live", 1001)
    assert (kept.card, kept.has_password, kept.deleted_at) == (AccountCard(), False, 1_000_000_000)
    assert cards.deleted("live") == {1001}
    assert cards.deleted("other") == set()


def test_wrong_passwords_block_the_account_of_one_platform_alone(cards: AccountCards) -> None:
    for platform in ("live", "other"):
        cards.set_password(platform, 1001, "correct horse", investor=False)
    for _ in range(5):
        assert not cards.password_fits("live", 1001, "wrong horse")
    with pytest.raises(Blocked):
        cards.password_fits("live", 1001, "correct horse")
    assert cards.password_fits("other", 1001, "correct horse")
