"""Traders who do anything at all: what the CRM says of their accounts is what the trade platform has."""

import random
from typing import Any

from prorata.crm.prop.accounts import guards_of
from prorata.crm.prop.records import ACTIVE, PropAccount, PropStatus
from prorata.messages.commands import (
    Access,
    CloseAll,
    CloseBy,
    ClosePosition,
    DailyBase,
    PlaceOrder,
    PutGroup,
    ReversePosition,
    Side,
)
from prorata.messages.groups import GroupSpec
from prorata.units.numbers import VOLUME_PER_LOT
from tests.crm.desk import Desk
from tests.crm.prop.firm import PERCENT, Firm, phase

S = PropStatus


def accounts(firm: Firm) -> list[PropAccount]:
    """Let four people take up challenges: by balance and by equity, static and trailing, hedging and netting."""
    netting = firm.desk.offer("netting-usd", hidden=True).uuid
    firm.platform(PutGroup(GroupSpec(name="netting-usd", currency="USD", leverage=100, hedging=False)))
    found = []
    for number, (offer, base, trailing) in enumerate(
        (
            (firm.hidden, DailyBase.BALANCE, False), (firm.hidden, DailyBase.HIGHER, True),
            (netting, DailyBase.EQUITY, True), (netting, DailyBase.BALANCE, False),
        )
    ):  # fmt: skip
        terms: dict[str, Any] = {"daily_base": base, "trailing": trailing, "target_ppm": 3 * PERCENT, "minimum_days": 2}
        challenge = firm.challenge(
            phase(offer, **terms), phase(offer, **terms), firm.funded(offer, trailing=trailing), name=f"No. {number}"
        )  # fmt: skip
        found.append(firm.take_up(challenge, firm.desk.account(f"{number}@mail.test")))
    return found


def trade(firm: Firm, account: PropAccount, chance: random.Random) -> None:
    """Send some command of a trader; the platform may refuse it."""
    login, positions = account.login or 0, list(firm.engine(account).positions)
    side = chance.choice((Side.BUY, Side.SELL))
    order = PlaceOrder(login, "EURUSD", side, chance.randint(1, 600) * VOLUME_PER_LOT // 100)
    one, other = (chance.choice(positions), chance.choice(positions)) if positions else (0, 0)
    half = VOLUME_PER_LOT // 100
    firm.platform(
        chance.choice(
            (order, order, order, ClosePosition(login, one), ClosePosition(login, one, half), CloseBy(login, one, other),
             ReversePosition(login, one), CloseAll(login))
        )
    )  # fmt: skip


def check(firm: Firm, account: PropAccount) -> None:
    found, kept = firm.again(account), firm.engine(account)
    assert (found.progress.balance, found.progress.open_positions) == (kept.balance, len(kept.positions))
    if found.status in ACTIVE:
        assert kept.access == Access.FULL
        with firm.desk.control.database.reading() as connection:
            row = firm.prop.accounts.row(connection, account.id)
        wanted = guards_of(row)
        assert kept.guards is not None
        assert (kept.guards.floor, kept.guards.daily_loss, kept.guards.target, kept.guards.base) == (
            wanted.floor, wanted.daily_loss, wanted.target, found.progress.base,
        )  # fmt: skip
        assert firm.equity(account) > max(kept.guards.floor, kept.guards.base - kept.guards.daily_loss)
    elif found.status == S.LOCKED_FAILED_CHALLENGE:
        assert (kept.access, kept.positions) == (Access.TRADING_DISABLED, {})
    else:
        assert (found.status, kept.access, found.progress.balance >= found.terms.target_level) == (
            S.PASSED, Access.CLOSE_ONLY, True,
        )  # fmt: skip


def test_whatever_traders_do_both_sides_agree(desk: Desk) -> None:
    firm, chance = Firm(desk), random.Random(3)
    people = [account.account_id for account in accounts(firm)]
    price = 1.10000
    for step in range(1, 161):
        price = min(1.3, max(0.9, price + chance.gauss(0, 0.0015)))
        firm.quote(price)
        for person in people:
            newest = firm.prop.accounts.of_person(person)[0]
            if newest.status in ACTIVE and chance.random() < 0.5:
                trade(firm, newest, chance)
        desk.follow()
        if step % 16 == 0:
            firm.next_day()
            for person in people:
                for account in firm.prop.accounts.of_person(person):
                    check(firm, account)
    statuses = {account.status for person in people for account in firm.prop.accounts.of_person(person)}
    assert statuses >= {S.LOCKED_FAILED_CHALLENGE, S.PASSED, S.ACTIVE_FUNDED}, "or little has happened"
