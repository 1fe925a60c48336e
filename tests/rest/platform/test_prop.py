"""What a trader sees of prop trading, and of others in it."""

from typing import Any

import msgspec

from prorata.crm.prop.challenges import NewChallenge, NewPhase
from prorata.crm.prop.competitions import NewCompetition
from prorata.units.numbers import DAY_MS
from tests.rest.broker.stage import Stage
from tests.rest.platform.terminal import Terminal, trader

PERCENT = 10_000
NOBODY = "00000000-0000-4000-8000-000000000000"


def seen(terminal: Terminal, path: str, status: int = 200) -> Any:
    answer = terminal.http.get(f"/client/prop/{path}")
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_trader_sees_his_own_accounts_and_how_far_he_is(stage: Stage) -> None:
    prop, offer = stage.crm.prop, stage.offer("Prop", "standard", hidden=True)
    phase = NewPhase(
        name="Evaluation", offer_uuid=offer.uuid, initial_balance=1_000_000, target_ppm=8 * PERCENT,
        daily_loss_ppm=5 * PERCENT, max_loss_ppm=10 * PERCENT, minimum_days=3,
    )  # fmt: skip
    new = NewChallenge(branch_id=stage.branch.id, platform_uuid=stage.live, name="Ten", currency="USD", fee=9_999)
    challenge = prop.challenges.add(stage.first.id, new, [phase])
    mine, other = trader(stage), trader(stage)
    owner = stage.crm.accounts.by_email(stage.first.id, mine.email)
    account = prop.accounts.take_up(owner, challenge, paid=False, by="test")
    shown = next(one for one in seen(mine, "challenges") if one["challengeId"] == challenge.uuid)
    assert (shown["fee"], shown["phases"][0]["profitTargetPercentage"]) == ("99.99", "8.0000")
    (own,) = seen(mine, "accounts")
    assert own == seen(mine, f"accounts/{account.uuid}")
    assert (own["status"], own["due"], own["challengeTargets"]["maxLossEquityLevel"]) == (
        "WAITING_FOR_PAYMENT", "99.99", "9000.00",
    )  # fmt: skip
    assert own["progress"]["lacking"] == ["PROFIT_TARGET", "TRADING_DAYS"]
    assert seen(other, "accounts") == []
    theirs, none = (seen(other, f"accounts/{uuid}", 404) for uuid in (account.uuid, NOBODY))
    assert (theirs["title"], theirs["detail"]) == (none["title"], none["detail"])
    assert stage.program_of("").get("/client/prop/accounts").status == 401


def test_a_trader_enters_a_competition_and_sees_others_by_their_chosen_names(stage: Stage) -> None:
    prop, offer = stage.crm.prop, stage.offer("Prop", "standard", hidden=True)
    new = NewCompetition(
        offer_uuid=offer.uuid, name="March", starts_at=stage.now - DAY_MS, ends_at=stage.now + DAY_MS,
        initial_balance=500_000, daily_loss_ppm=5 * PERCENT,
    )  # fmt: skip
    held = prop.competitions.put(stage.first.id, new)
    stage.house.run(prop.referee.look())
    first, second = trader(stage), trader(stage)
    for terminal in (first, second):
        entered = terminal.http.post(f"/client/prop/competitions/{held.uuid}/entry")
        assert entered.status_code == 200, entered.text
        assert entered.json()["status"] == "ACTIVE_PARTICIPATING_IN_COMPETITION"
    assert first.http.post(f"/client/prop/competitions/{held.uuid}/entry").status_code == 409
    (listed,) = [one for one in seen(first, "competitions") if one["competition"]["competitionId"] == held.uuid]
    assert listed["accountId"] == seen(first, "accounts")[0]["accountId"]
    ranking = seen(second, f"competitions/{held.uuid}/ranking")
    assert [(one["place"], one["mine"], one["name"], one["equity"]) for one in ranking] == [
        (1, False, "Ann L.", "5000.00"), (2, True, "Ann L.", "5000.00"),
    ]  # fmt: skip
    assert set(ranking[0]) == {"place", "name", "mine", "status", "equity", "returnPercentage", "prize"}
    hidden = prop.competitions.put(stage.first.id, msgspec.structs.replace(new, hidden=True))
    assert held.uuid in {one["competition"]["competitionId"] for one in seen(first, "competitions")}
    assert hidden.uuid not in {one["competition"]["competitionId"] for one in seen(first, "competitions")}
    seen(first, f"competitions/{hidden.uuid}/ranking", 404)
