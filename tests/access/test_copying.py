"""Nobody reaches what is not his, and nobody learns that it exists."""

from collections.abc import Callable
from typing import Any

import pytest

from prorata.access.callers import NotFound
from prorata.access.copying import (
    Reach,
    investment_for,
    offer_by_link,
    offer_for,
    own_strategy_for,
    position_for,
    strategy_for,
    wallet_for,
)
from prorata.messages.copy_commands import AddOffer, CloseStrategy, Held, SendSync, SetPublicOffer
from tests.views.copy_stage import COMPANY, OTHER_COMPANY, Stage

TRADER, INVESTOR, STRANGER, FOREIGNER = 1, 2, 3, 4
MANAGER, OTHER_MANAGER = Reach(COMPANY), Reach(OTHER_COMPANY)


@pytest.fixture
def stage() -> Stage:
    """A strategy with a private offer (2) and an investor; a stranger of the same company, a client of another one."""
    stage = Stage()
    trader, investor = stage.client(TRADER), stage.client(INVESTOR)
    stage.client(STRANGER)
    stage.client(FOREIGNER, company=OTHER_COMPANY)
    strategy = stage.strategy(trader, "Alpha")
    stage.do(AddOffer(strategy, 250_000, 0, "abc"))
    stage.invest(investor, 2, 3_000_00)
    stage.do(SendSync(strategy, False, 10_000_00, (Held("EURUSD", 100_000_000),)))
    return stage


def client(number: int, company: int = COMPANY) -> Reach:
    return Reach(company, number)


def reaches(look: Callable[..., Any], *args: Any) -> bool:
    try:
        look(*args)
    except NotFound:
        return False
    return True


def test_a_wallet_is_reached_by_its_client_and_its_company(stage: Stage) -> None:
    allowed = [reach for reach in (MANAGER, OTHER_MANAGER, client(TRADER), client(INVESTOR), client(TRADER, OTHER_COMPANY))
               if reaches(wallet_for, reach, stage.copy, 1)]  # fmt: skip
    assert allowed == [MANAGER, client(TRADER)]
    assert not reaches(wallet_for, MANAGER, stage.copy, 99)


def test_a_private_strategy_is_seen_by_those_who_are_in_it(stage: Stage) -> None:
    everybody = (MANAGER, OTHER_MANAGER, client(TRADER), client(INVESTOR), client(STRANGER), client(FOREIGNER, OTHER_COMPANY))
    seen = [reach for reach in everybody if reaches(strategy_for, reach, stage.copy, 1)]
    assert seen == [MANAGER, client(TRADER), client(INVESTOR)]


def test_a_public_strategy_is_seen_by_all_of_its_company_until_it_closes(stage: Stage) -> None:
    stage.do(SetPublicOffer(1, 2))
    assert reaches(strategy_for, client(STRANGER), stage.copy, 1)
    assert not reaches(strategy_for, client(FOREIGNER, OTHER_COMPANY), stage.copy, 1)
    stage.do(CloseStrategy(1))
    assert not reaches(strategy_for, client(STRANGER), stage.copy, 1)
    assert reaches(strategy_for, client(INVESTOR), stage.copy, 1)


def test_only_its_trader_and_the_company_command_a_strategy(stage: Stage) -> None:
    stage.do(SetPublicOffer(1, 2))
    everybody = (MANAGER, OTHER_MANAGER, client(TRADER), client(INVESTOR), client(STRANGER))
    assert [reach for reach in everybody if reaches(own_strategy_for, reach, stage.copy, 1)] == [MANAGER, client(TRADER)]


def test_a_private_offer_is_found_by_its_link_alone(stage: Stage) -> None:
    assert not reaches(offer_for, client(STRANGER), stage.copy, 2)
    assert offer_by_link(client(STRANGER), stage.copy, "abc").number == 2
    assert not reaches(offer_by_link, client(FOREIGNER, OTHER_COMPANY), stage.copy, "abc")
    assert not reaches(offer_by_link, client(STRANGER), stage.copy, "abd")
    stage.do(SetPublicOffer(1, 2))
    assert reaches(offer_for, client(STRANGER), stage.copy, 2)
    assert not reaches(offer_for, client(STRANGER), stage.copy, 1), "the trader's own terms are his"


def test_a_partner_sees_his_offer(stage: Stage) -> None:
    stage.do(AddOffer(1, 250_000, 0, "xyz", partner_wallet=3, partner_ppm=100_000))
    assert reaches(offer_for, client(STRANGER), stage.copy, 3)
    assert not reaches(offer_for, client(INVESTOR), stage.copy, 3)


def test_an_investment_and_its_positions_are_the_investors_own(stage: Stage) -> None:
    everybody = (MANAGER, OTHER_MANAGER, client(TRADER), client(INVESTOR), client(STRANGER))
    position = (1 << 24) + 1
    for look, number in ((investment_for, 2), (position_for, position)):
        assert [reach for reach in everybody if reaches(look, reach, stage.copy, number)] == [MANAGER, client(INVESTOR)]
    assert not reaches(investment_for, MANAGER, stage.copy, 3)
    assert not reaches(investment_for, MANAGER, stage.copy, 0)
    assert not reaches(position_for, MANAGER, stage.copy, position + 1)
    assert not reaches(position_for, MANAGER, stage.copy, (2 << 24) + 1)
