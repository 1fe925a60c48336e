"""Challenges that do not fit together are refused; a change leaves those alone who have begun."""

from typing import Any

import pytest

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.crm.prop.records import PropStatus
from prorata.crm.prop.shop import NewAddOn
from prorata.crm.prop.terms import Kind
from prorata.messages.refusals import Refusal
from tests.crm.prop.firm import PERCENT, Firm, phase


@pytest.mark.parametrize(
    "wrong",
    [
        {"initial_balance": 0}, {"target_ppm": -1}, {"max_loss_ppm": 101 * PERCENT}, {"daily_loss_ppm": 100 * PERCENT},
        {"trailing": True, "max_loss_ppm": 0}, {"minimum_days": 1_000}, {"funded": True}, {"split_ppm": 80 * PERCENT},
        {"name": " "}, {"target_ppm": 0},
    ],
)  # fmt: skip
def test_a_phase_that_does_not_fit_is_refused(firm: Firm, wrong: dict[str, Any]) -> None:
    with pytest.raises(Declined) as refused:
        firm.challenge(phase(firm.hidden, **wrong), firm.funded())
    assert refused.value.code == Refusal.PROP_UNFIT
    assert firm.prop.challenges.all(firm.desk.organization.id) == []


def test_a_phases_offer_is_hidden_and_of_the_challenges_currency(firm: Firm) -> None:
    visible = firm.desk.standard.uuid
    euro = firm.desk.offer("retail-eur", currency="EUR", hidden=True).uuid
    for offer, code in (
        (visible, Refusal.PROP_UNFIT),
        (euro, Refusal.PROP_UNFIT),
        ("00000000-0000-4000-8000-000000000000", Refusal.UNKNOWN_REFERENCE),
    ):
        with pytest.raises(Declined) as refused:
            firm.challenge(phase(offer))
        assert refused.value.code == code
    assert firm.prop.challenges.own_offers(firm.desk.organization.id) == frozenset()
    firm.challenge()
    assert len(firm.prop.challenges.own_offers(firm.desk.organization.id)) == 1


def test_who_has_begun_goes_on_by_the_rules_he_began_with(firm: Firm) -> None:
    challenge = firm.challenge(phase(firm.hidden), firm.funded())
    account = firm.take_up(challenge)
    changed = firm.prop.challenges.change(
        challenge, {"fee": 5_000}, [phase(firm.hidden, target_ppm=10 * PERCENT), firm.funded(split_ppm=50 * PERCENT)]
    )
    assert (changed.version, changed.fee, changed.phases[0].target_ppm) == (2, 5_000, 10 * PERCENT)
    firm.trade(account, 1, 1.18000)
    firm.settle()
    assert firm.again(account).status == PropStatus.PASSED
    assert firm.next_of(account).terms.split_ppm == 80 * PERCENT
    late = firm.take_up(changed, firm.desk.account("bob@mail.test"))
    assert (late.terms.target, late.version) == (1_000_000, 2)
    counts = {one.step: one.counts for one in firm.prop.challenges.figures(changed)}
    assert counts == {1: {"PASSED": 1, "ACTIVE_PARTICIPATING_IN_CHALLENGE": 1}, 2: {"ACTIVE_FUNDED": 1}}


def test_an_add_on_is_changed_and_taken_away(firm: Firm) -> None:
    shop, organization = firm.prop.shop, firm.desk.organization.id
    challenge, other = firm.challenge(), firm.challenge(name="Other")
    new = NewAddOn(
        name="More", kind=Kind.DAILY_LOSS, value=PERCENT, price_ppm=PERCENT, challenge_uuids=(challenge.uuid,)
    )  # fmt: skip
    made = shop.put_add_on(organization, new)
    assert shop.add_ons(organization) == [made]
    with pytest.raises(Declined) as refused:
        shop.price(other, [made.uuid], "")
    assert refused.value.code == Refusal.PROP_CLOSED
    with pytest.raises(Declined):
        shop.put_add_on(organization, NewAddOn(name="None", kind=Kind.MAX_LOSS, value=0, price_ppm=0))
    shop.remove_add_on(made)
    assert shop.add_ons(organization) == []
    with pytest.raises(NotFound):
        shop.add_on(organization, made.uuid)
    with pytest.raises(Declined) as refused:
        shop.price(challenge, [made.uuid], "")
    assert refused.value.code == Refusal.UNKNOWN_REFERENCE
