"""The holiday calendar. Its rows are the holidays of our symbols; a change is a change of these symbols."""

from collections.abc import Callable, Sequence

from prorata.access.permissions import Permission
from prorata.messages.commands import PutSymbols
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.mt4.holiday_rows import calendar, changed_specs, check_row
from prorata.rest.webapi.mt4.stored import StoredList, check_place, moved, without
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import MT4
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_server import MT4Holiday

WHAT = "holiday"

_ROWS = StoredList("holidays", MT4Holiday)


async def _calendar(call: Call) -> list[MT4Holiday]:
    # In a thread: with many symbols and holidays it takes longer than others should wait.
    return await call.sql(calendar, _ROWS.of(call), list(call.state.symbols.values()))


async def _change(call: Call, changed: Callable[[Sequence[MT4Holiday]], list[MT4Holiday]]) -> None:
    """Change the symbols that the calendar has other holidays for, then keep its rows in their order."""
    before = await _calendar(call)
    after = changed(before)
    specs = await call.sql(changed_specs, list(call.state.symbols.values()), before, after)
    if specs:
        await call.submit(PutSymbols(tuple(specs)))
    await _ROWS.change(call, lambda rows: after)


@MT4.get("CfgRequestHoliday", needs=Permission.SETTINGS_READ)
async def cfg_request_holiday(call: Call, page: Page) -> Listed[MT4Holiday]:
    """The holidays of all symbols."""
    rows = await _calendar(call)
    return await page.of(range(len(rows)), rows.__getitem__)


@MT4.post("CfgUpdateHoliday/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_update_holiday(call: Call, pos: Int32, given: MT4Holiday, add: bool = False) -> MT4Holiday:
    """Change a holiday: the symbols that it concerns trade by it at once."""
    check_row(given)

    def put(rows: Sequence[MT4Holiday]) -> list[MT4Holiday]:
        if add and pos == len(rows):
            return [*rows, given]
        check_place(rows, pos, WHAT)
        return [*rows[:pos], given, *rows[pos + 1 :]]

    await _change(call, put)
    return given


@MT4.post("CfgDeleteHoliday/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_delete_holiday(call: Call, pos: Int32) -> bool:
    """Forget a holiday: its symbols trade that day as on any other."""
    await _change(call, lambda rows: without(rows, pos, WHAT))
    return True


@MT4.post("CfgShiftHoliday/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_shift_holiday(call: Call, pos: Int32, shift: Int32 = 0) -> bool:
    """Move a holiday within the list; of two that concern a symbol as closely on one day, the first one counts."""
    await _change(call, lambda rows: moved(rows, pos, shift, WHAT))
    return True
