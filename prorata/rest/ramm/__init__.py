"""The RAMM APIs: Manager, Client, Trading and Partner, as their published documents have them.

    /api/manager/v1/{method}    /api/client/v1|v2|v3/{method}
    /api/trading/v1/signals.send    /api/partner/v1|v3/{method}

`app`        the frame: path, token, allowance, right, body; then the handler; then the audit
`registry`   the methods of each API; what a handler is registered with
`call`       what a handler is given: who calls, his company, its trade platform, `submit(command)`
`bodies`, `values`, `searching`   what comes in: structs with the documented names, exact numbers, lists in pages
`errors`, `rendering`             why not, and how that is said
`client_reach`, `manager_reach`   from the numbers that a caller names to his wallets, strategies, investments
`past`, `yields`, `listed`        what the tables know; curves and yields; strategies in lists
`senders`    one sender of signals for each strategy
`copying`    what the methods over people need of the engine that copies
`methods`    brings in the files with handlers: `manager/`, `client/`, `trading`, `partner`

To add a method, write it in the file of its subject, and name a new file in `methods`:

    class DealsFilter(Input, frozen=True, kw_only=True):
        AccountID: Id | None = None
        DTFrom: Time | None = None

    class DealsSearch(Search, frozen=True, kw_only=True):
        Filter: DealsFilter = DealsFilter()

    class DealRow(msgspec.Struct, frozen=True):
        ID: int
        DT: str
        Profit: Decimal

    class DealsFound(Found, frozen=True, kw_only=True):
        Deals: list[DealRow]

    @MANAGER.method("deals.search", reads=True)
    async def deals_search(call: Call, given: DealsSearch) -> DealsFound:
        '''Find deals.'''
        part = given.part(ORDERS)
        rows, total = page_of(deals_within(call.platform, call.company.id), part, ORDERS, tie=by_id)
        return DealsFound(**echo_of(given, part, total), Deals=rows)

Structs have the documented field names and no others; what may be left out has a default. `also=` gives a method the
other spellings of its documents, `versions=` binds it to some versions of its API, `reads=True` lets it be called by
GET. The right to a manager's method is its name. Whatever a field names is looked up within `call.company` and, if it
is not there, answered with `Absent(field)`: nobody learns what another company has. What the engine is asked goes by
`call.submit`, what blocks on a database by `call.sql`. Then add a row for it to tests/rest/ramm/contract.py; a test
fails until there is one.
"""
