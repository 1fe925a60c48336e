"""Which symbols are open, and until when that holds."""

from collections.abc import Sequence

from prorata.messages.symbols import Session, SymbolSpec
from prorata.units.numbers import DAY_MS, SECOND_MS, Moment
from prorata.units.rounding import div_floor


def sessions_on(spec: SymbolSpec, day: int) -> tuple[Session, ...]:
    """Return the sessions of `day` (days since 1970-01-01): the holiday's if it is one, else the weekday's."""
    for holiday in spec.holidays:
        if holiday.day == day:
            return holiday.sessions
    # 1970-01-01 was a Thursday; Sunday is 0.
    return spec.sessions[(day + 4) % 7]


def open_at(specs: Sequence[SymbolSpec], moment: Moment) -> tuple[list[bool], Moment]:
    """Return for each symbol whether it is open, and the moment up to which that surely holds.

    That moment is the next opening or closing of any of them, or the end of the day.
    """
    day = div_floor(moment, DAY_MS)
    midnight = day * DAY_MS
    until = midnight + DAY_MS
    is_open = []
    for spec in specs:
        state = False
        for session in sessions_on(spec, day):
            opens = midnight + session.opens * SECOND_MS
            closes = midnight + session.closes * SECOND_MS
            state = state or opens <= moment < closes
            until = min([until, *(edge for edge in (opens, closes) if edge > moment)])
        is_open.append(state)
    return is_open, until
