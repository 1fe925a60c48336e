"""Corrections of closed trades by the back office.

The ledger is not rewritten: a changed profit, commission, storage or tax of a closed trade is a balance correction of the
difference, whose external id says which trade it corrects, and by how much each amount. The trade is shown with all its
corrections in it, and they are not shown by themselves. Their external ids are counted, so of two corrections made
from the same figures one is refused.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from prorata.projections.rows import BalanceOperationRow
from prorata.units.numbers import Minor

PREFIX = "trade/"
EVENT_NUMBERS = 1 << 30
"""What has no ticket, a part that was closed among it, is numbered from here on by its event (decision 0022)."""
AMOUNTS = ("profit", "commission", "storage", "taxes")

_ID = re.compile(r"trade/(?P<order>\d+)/(?P<number>\d+)(?P<amounts>( [a-z]+=-?\d+)+)")


class Correction(msgspec.Struct):
    """What was added to a trade's amounts in all, by so many corrections."""

    number: int = 0
    profit: Minor = 0
    commission: Minor = 0
    storage: Minor = 0
    taxes: Minor = 0


def external_id_of(order: int, number: int, changes: Mapping[str, Minor]) -> str:
    """Return the id under which the `number`-th correction of a trade is booked: "trade/17/1 profit=100 storage=-20"."""
    told = "".join(f" {name}={changes[name]}" for name in AMOUNTS if name in changes)
    return f"{PREFIX}{order}/{number}{told}"


def event_number(sequence: int) -> int:
    return EVENT_NUMBERS + sequence


def is_correction(row: BalanceOperationRow) -> bool:
    return _ID.fullmatch(row.external_id) is not None


def amounts_in(external_id: str) -> tuple[int, dict[str, Minor]] | None:
    """Return the order number that a correction's external id names, and its amounts; None: it is no correction."""
    match = _ID.fullmatch(external_id)
    if match is None:
        return None
    told = (text.partition("=") for text in match["amounts"].split())
    return int(match["order"]), {name: int(amount) for name, _, amount in told}


def corrections_in(rows: Iterable[BalanceOperationRow]) -> dict[int, Correction]:
    """Return the corrections of each trade, by its order number."""
    found: dict[int, Correction] = {}
    for row in rows:
        match = _ID.fullmatch(row.external_id)
        if match is None:
            continue
        correction = found.setdefault(int(match["order"]), Correction())
        correction.number = max(correction.number, int(match["number"]))
        for told in match["amounts"].split():
            name, _, amount = told.partition("=")
            if name in AMOUNTS:
                setattr(correction, name, getattr(correction, name) + int(amount))
    return found
