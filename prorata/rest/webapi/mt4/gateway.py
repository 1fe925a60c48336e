"""Where orders go and what is added to prices: the gateway's rules and markups are the terms of our account groups.

A *rule* is the A-book share of a group: `exeVolumePercent` of each order goes to the venue. A *markup* is what a group
takes from the bid and adds to the ask of a symbol, in points; its `source` is the group, its `symbol` "*" for all others.
The accounts of copy trading have their share in their own specification: those rules are shown, and changed there.
"""

from collections.abc import Mapping

import msgspec

from prorata.access.permissions import Permission
from prorata.messages.commands import PutGroup
from prorata.messages.groups import GroupSpec, GroupSymbol
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid, not_found
from prorata.rest.webapi.merging import check_granted
from prorata.rest.webapi.mt4.server_tables import VENUE_ID, our_venue
from prorata.rest.webapi.mt4.stored import Order, check_place
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import MT4
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_feeds import MT4GatewayMarkup, MT4GatewayRule

ALL_SYMBOLS = "*"
COPYING = "copying "
"""how the name of a rule of copy trading begins"""

_RULES = Order("gateway rules", "gateway rule")
_MARKUPS = Order("gateway markups", "gateway markup")


# Rules.


def _rules(call: Call) -> dict[str, MT4GatewayRule]:
    """Return the rules that send something to the venue, by name, in order."""
    venue = our_venue(call)
    rules = {name: _rule_of(spec, venue) for name, spec in call.state.groups.items() if spec.a_book_percent}
    copying = call.platform.engine.copy.state
    for key, spec in copying.specs.items():
        if spec.a_book_percent:
            name, stream = f"{COPYING}{key}", copying.streams[spec.stream]
            rules[name] = _rule(name, key, spec.a_book_percent, account=stream.name, number=stream.id)
    return {name: rules[name] for name in _RULES.of(call, rules)}


def _rule_of(spec: GroupSpec, venue: str) -> MT4GatewayRule:
    return _rule(spec.name, spec.name, spec.a_book_percent, account=venue, number=VENUE_ID)


def _rule(name: str, group: str, percent: int, *, account: str, number: int) -> MT4GatewayRule:
    return MT4GatewayRule(
        enable=percent > 0,
        name=name,
        request_symbol=ALL_SYMBOLS,
        request_group=group,
        exe_account_name=account,
        exe_account_id=number,
        exe_volume_percent=percent,
    )


@MT4.get("CfgRequestGatewayRule", needs=Permission.SETTINGS_READ)
async def cfg_request_gateway_rule(call: Call, page: Page) -> Listed[MT4GatewayRule]:
    """Which share of whose orders goes to the venue."""
    rules = list(_rules(call).values())
    return await page.of(range(len(rules)), rules.__getitem__)


@MT4.post("CfgUpdateGatewayRule", needs=Permission.SETTINGS_WRITE)
async def cfg_update_gateway_rule(call: Call, given: MT4GatewayRule) -> MT4GatewayRule:
    """Change the share of a group's orders that goes to the venue."""
    name = given.name or ""
    if name.startswith(COPYING) and name in _rules(call):
        raise invalid("name", "this share is set in the account specification of copy trading")
    spec = call.state.groups.get(name)
    if spec is None:
        raise not_found("gateway rule")
    if not 0 <= given.exe_volume_percent <= 100:
        raise invalid("exeVolumePercent", "must be from 0 to 100")
    after = msgspec.structs.replace(spec, a_book_percent=given.exe_volume_percent if given.enable else 0)
    shown = _rule_of(after, our_venue(call))
    wanted = msgspec.structs.replace(given, exe_volume_percent=after.a_book_percent)
    check_granted(shown, wanted, shown, _REASONS)
    await _put_group(call, spec, after)
    return shown


@MT4.post("CfgDeleteGatewayRule/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_delete_gateway_rule(call: Call, pos: Int32) -> bool:
    """Keep all orders of a group in the house."""
    rules = list(_rules(call))
    check_place(rules, pos, "gateway rule")
    spec = call.state.groups.get(rules[pos])
    if spec is None:
        raise invalid("pos", "this share is set in the account specification of copy trading")
    await _put_group(call, spec, msgspec.structs.replace(spec, a_book_percent=0))
    return True


@MT4.post("CfgShiftGatewayRule/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_shift_gateway_rule(call: Call, pos: Int32, shift: Int32 = 0) -> bool:
    """Move a rule within the list; each concerns another group, so the order decides nothing."""
    await _RULES.move(call, _rules(call), pos, shift)
    return True


# Markups.


def _markups(call: Call) -> dict[str, tuple[GroupSpec, GroupSymbol]]:
    """Return the markups that there are, by "group/symbol", in order."""
    found = {
        f"{spec.name}/{own.symbol}": (spec, own)
        for spec in call.state.groups.values()
        for own in spec.symbols
        if own.markup_bid or own.markup_ask
    }
    return {key: found[key] for key in _MARKUPS.of(call, found)}


def _markup_of(spec: GroupSpec, own: GroupSymbol) -> MT4GatewayMarkup:
    return MT4GatewayMarkup(
        enable=bool(own.markup_bid or own.markup_ask),
        source=spec.name,
        symbol=own.symbol,
        account_name="",
        bid_markup=-own.markup_bid,
        ask_markup=own.markup_ask,
    )


@MT4.get("CfgRequestGatewayMarkup", needs=Permission.SETTINGS_READ)
async def cfg_request_gateway_markup(call: Call, page: Page) -> Listed[MT4GatewayMarkup]:
    """What groups take from the bid and add to the ask of symbols."""
    markups = [_markup_of(spec, own) for spec, own in _markups(call).values()]
    return await page.of(range(len(markups)), markups.__getitem__)


@MT4.post("CfgUpdateGatewayMarkup", needs=Permission.SETTINGS_WRITE)
async def cfg_update_gateway_markup(call: Call, given: MT4GatewayMarkup) -> MT4GatewayMarkup:
    """Change what a group takes from the bid and adds to the ask of a symbol; "*" is all that have no markup of their own."""
    spec, symbol = call.state.groups.get(given.source or ""), given.symbol or ""
    if spec is None or (symbol != ALL_SYMBOLS and symbol not in call.state.symbols):
        raise not_found("gateway markup")
    if given.bid_markup > 0:
        raise invalid("bidMarkup", "must be 0 or less: it is added to the bid")
    if given.ask_markup < 0:
        raise invalid("askMarkup", "must be 0 or more")
    bid, ask = (-given.bid_markup, given.ask_markup) if given.enable else (0, 0)
    after = _with_markup(spec, symbol, bid, ask)
    shown = _markup_of(after, _override_of(after, symbol))
    check_granted(shown, msgspec.structs.replace(given, bid_markup=-bid, ask_markup=ask), shown, _REASONS)
    await _put_group(call, spec, after)
    return shown


@MT4.post("CfgDeleteGatewayMarkup/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_delete_gateway_markup(call: Call, pos: Int32) -> bool:
    """Let a group have a symbol without markup."""
    markups = list(_markups(call).values())
    check_place(markups, pos, "gateway markup")
    spec, own = markups[pos]
    await _put_group(call, spec, _with_markup(spec, own.symbol, 0, 0))
    return True


@MT4.post("CfgShiftGatewayMarkup/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_shift_gateway_markup(call: Call, pos: Int32, shift: Int32 = 0) -> bool:
    """Move a markup within the list; each concerns another group and symbol, so the order decides nothing."""
    await _MARKUPS.move(call, _markups(call), pos, shift)
    return True


def _override_of(spec: GroupSpec, symbol: str) -> GroupSymbol:
    """Return what a group changes about a symbol: its own line, else that for all others."""
    own = {line.symbol: line for line in spec.symbols}
    line = own.get(symbol) or own.get(ALL_SYMBOLS) or GroupSymbol(symbol=symbol)
    return msgspec.structs.replace(line, symbol=symbol)


def _with_markup(spec: GroupSpec, symbol: str, bid: int, ask: int) -> GroupSpec:
    # A symbol's own line stands alone: what it had by the line for all others goes into it.
    line = msgspec.structs.replace(_override_of(spec, symbol), markup_bid=bid, markup_ask=ask)
    if any(own.symbol == symbol for own in spec.symbols):
        lines = tuple(line if own.symbol == symbol else own for own in spec.symbols)
    else:
        lines = (*spec.symbols, line)
    return msgspec.structs.replace(spec, symbols=lines)


# Both.

_REASONS: Mapping[str, str] = {
    "enable": "a rule or markup of 0 is none",
    "requestSymbol": "a group's share holds for all symbols",
    "requestGroup": "a rule concerns the group that it is named after",
    "exeAccountName": "there is one venue",
    "exeAccountId": "there is one venue",
    "exeAccountPos": "it is not set, but reached",
}


async def _put_group(call: Call, before: GroupSpec, after: GroupSpec) -> None:
    if after != before:
        await call.submit(PutGroup(after))
