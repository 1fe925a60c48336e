"""Between the holidays of the engine's symbols and the rows of the holiday calendar. Pure: rows and specifications in and out.

A row concerns one symbol, one group of symbols ("Forex" is also "Forex/Majors"), or all of them ("All"). Where several
concern a symbol on the same day, the most particular one counts, of equals the first. Only days on which a change of the
calendar changes something are touched: hours that a row cannot say stay with a symbol to the second.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from prorata.messages.symbols import Holiday, Session, SymbolSpec
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.schemas.mt4_server import MT4Holiday

ALL = "All"
MINUTES_OF_DAY = 1_440
YEAR_MIN, YEAR_MAX = 1970, 2200
TEXT_LENGTH_MAX = 128

_EPOCH = date(1970, 1, 1)


def check_row(row: MT4Holiday) -> None:
    """Raise `Failure` for a row that says no day, no hours or no symbols."""
    if not YEAR_MIN <= row.year <= YEAR_MAX:
        raise invalid("year", f"must be from {YEAR_MIN} to {YEAR_MAX}: a holiday is entered for each year")
    try:
        date(row.year, row.month, row.day)
    except ValueError:
        raise invalid("day", "there is no such day") from None
    if (row.from_, row.to) != (0, 0) and not 0 <= row.from_ < row.to <= MINUTES_OF_DAY:
        raise invalid("to", f"from and to must be minutes of the day, one after the other, up to {MINUTES_OF_DAY}; or both 0")
    if not 1 <= len(row.symbol or "") <= TEXT_LENGTH_MAX:
        raise invalid("symbol", "must name a symbol, a group of symbols, or All")
    if len(row.description or "") > TEXT_LENGTH_MAX:
        raise invalid("description", f"has more than {TEXT_LENGTH_MAX} characters")


def holidays_by(rows: Sequence[MT4Holiday], spec: SymbolSpec) -> dict[int, Holiday]:
    """Return a symbol's holidays as the rows say, by day."""
    found: dict[int, tuple[int, Holiday]] = {}
    for row in rows:
        closeness = _closeness(row, spec) if row.enable else 0
        if closeness > found.get(_day_of(row), (0,))[0]:
            found[_day_of(row)] = (closeness, _holiday_of(row))
    return {day: holiday for day, (_, holiday) in found.items()}


def changed_specs(specs: Iterable[SymbolSpec], before: Sequence[MT4Holiday], after: Sequence[MT4Holiday]) -> list[SymbolSpec]:
    """Return the symbols whose holidays are others after a change of the calendar."""
    changed = []
    for spec in specs:
        was, will = holidays_by(before, spec), holidays_by(after, spec)
        days = {day for day in was.keys() | will.keys() if was.get(day) != will.get(day)}
        kept = [holiday for holiday in spec.holidays if holiday.day not in days]
        new = [will[day] for day in days if day in will]
        holidays = tuple(sorted([*kept, *new], key=lambda holiday: holiday.day))
        if holidays != spec.holidays:
            changed.append(msgspec.structs.replace(spec, holidays=holidays))
    return changed


def calendar(stored: Sequence[MT4Holiday], specs: Sequence[SymbolSpec]) -> list[MT4Holiday]:
    """Return the rows of the calendar: those that are kept and still say how it is, then what they do not say.

    Kept rows also stay while they are not enabled, or concern nothing that is here.
    """
    kept = [row for row in stored if _is_so(row, specs)]
    left: dict[_Shown, set[str]] = {}
    for spec in specs:
        told = {day: _shown(holiday) for day, holiday in holidays_by(kept, spec).items()}
        for holiday in spec.holidays:
            if told.get(holiday.day) != _shown(holiday):
                left.setdefault(_shown(holiday), set()).add(spec.name)
    scopes = list(_scopes(specs))
    return [*kept, *(row for shown in sorted(left) for row in _folded(shown, left[shown], scopes))]


class _Shown(NamedTuple):
    """A holiday as a row can show it: one stretch of the day."""

    day: int
    from_: int
    to: int
    name: str


def _shown(holiday: Holiday) -> _Shown:
    if not holiday.sessions:
        return _Shown(holiday.day, 0, 0, holiday.name)
    return _Shown(holiday.day, holiday.sessions[0].opens // 60, holiday.sessions[-1].closes // 60, holiday.name)


def _scopes(specs: Sequence[SymbolSpec]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what a row may concern, with the symbols that are meant: all of them, groups from the largest on, each one."""
    yield ALL, frozenset(spec.name for spec in specs)
    groups: dict[str, set[str]] = {}
    for spec in specs:
        steps = spec.category.split("/") if spec.category else []
        for depth in range(1, len(steps) + 1):
            groups.setdefault("/".join(steps[:depth]), set()).add(spec.name)
    for name in sorted(groups, key=lambda name: (-len(groups[name]), name)):
        yield name, frozenset(groups[name])
    for spec in specs:
        yield spec.name, frozenset({spec.name})


def _folded(shown: _Shown, symbols: set[str], scopes: Iterable[tuple[str, frozenset[str]]]) -> Iterator[MT4Holiday]:
    """Yield as few rows as say that these symbols, and no others, have a holiday."""
    left = set(symbols)
    for scope, members in scopes:
        if members and members <= left:
            left -= members
            day = _EPOCH + timedelta(days=shown.day)
            yield MT4Holiday(
                year=day.year, month=day.month, day=day.day, from_=shown.from_, to=shown.to, symbol=scope,
                description=shown.name, enable=True,
            )  # fmt: skip


def _is_so(row: MT4Holiday, specs: Sequence[SymbolSpec]) -> bool:
    day = _day_of(row)
    concerned = (spec for spec in specs if row.enable and _closeness(row, spec))
    return all(any(holiday.day == day for holiday in spec.holidays) for spec in concerned)


def _closeness(row: MT4Holiday, spec: SymbolSpec) -> int:
    """Return how closely a row concerns a symbol; 0: not at all."""
    name = row.symbol or ""
    if name == spec.name:
        return 3
    if spec.category == name or spec.category.startswith(f"{name}/"):
        return 2
    return int(name.lower() == ALL.lower())


def _day_of(row: MT4Holiday) -> int:
    return (date(row.year, row.month, row.day) - _EPOCH).days


def _holiday_of(row: MT4Holiday) -> Holiday:
    sessions = (Session(row.from_ * 60, row.to * 60),) if row.to else ()
    return Holiday(_day_of(row), sessions, row.description or "")
