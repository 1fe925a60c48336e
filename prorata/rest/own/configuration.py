"""Symbols and groups: what the broker offers, and on which terms. Changes hold at once, for everybody."""

from typing import Annotated

from litestar import Controller, get, put
from litestar.params import JSONBody, PathParameter

from prorata.access.permissions import Permission
from prorata.messages.commands import PutGroup, PutSymbol
from prorata.messages.refusals import Refusal
from prorata.rest.own.session import Call, needs
from prorata.rest.own.settings_bodies import GroupSettings, GroupView, SymbolSettings, SymbolView
from prorata.rest.own.settings_views import group_view, read_group, read_symbol, symbol_view
from prorata.views.answers import Rejected
from prorata.views.outcomes import Outcome, outcome_of

NamePath = Annotated[str, PathParameter(min_length=1, max_length=64, description="name of the symbol or group")]


class Symbols(Controller):
    tags = ("Symbols",)

    @get("/symbols", summary="List symbols", guards=[needs(Permission.MARKET_READ)])
    async def all(self, session: Call) -> list[SymbolView]:
        return [symbol_view(spec) for _, spec in sorted(session.desk.state.symbols.items())]

    @get("/symbols/{name:str}", summary="Show a symbol", guards=[needs(Permission.MARKET_READ)])
    async def one(self, session: Call, name: NamePath) -> SymbolView:
        spec = session.desk.state.symbols.get(name)
        if spec is None:
            raise Rejected(Refusal.UNKNOWN_SYMBOL)
        return symbol_view(spec)

    @put("/symbols/{name:str}", summary="Add or change a symbol", guards=[needs(Permission.SETTINGS_WRITE, house=True)])
    async def put(self, session: Call, name: NamePath, data: JSONBody[SymbolSettings]) -> Outcome:
        """The whole symbol is given. While it is held or ordered, what its money is reckoned from must stay."""
        return outcome_of(session.engine, await session.submit(PutSymbol(read_symbol(name, data))))


class Groups(Controller):
    """Groups tell the house's own terms (A-book share, markups), so traders' keys do not see them."""

    tags = ("Groups",)

    @get("/groups", summary="List groups", guards=[needs(Permission.SETTINGS_READ, house=True)])
    async def all(self, session: Call) -> list[GroupView]:
        return [group_view(spec) for _, spec in sorted(session.desk.state.groups.items())]

    @get("/groups/{name:str}", summary="Show a group", guards=[needs(Permission.SETTINGS_READ, house=True)])
    async def one(self, session: Call, name: NamePath) -> GroupView:
        spec = session.desk.state.groups.get(name)
        if spec is None:
            raise Rejected(Refusal.UNKNOWN_GROUP)
        return group_view(spec)

    @put("/groups/{name:str}", summary="Add or change a group", guards=[needs(Permission.SETTINGS_WRITE, house=True)])
    async def put(self, session: Call, name: NamePath, data: JSONBody[GroupSettings]) -> Outcome:
        """The whole group is given. Margin, triggers and promises of its accounts are taken anew at once."""
        return outcome_of(session.engine, await session.submit(PutGroup(read_group(name, data))))
