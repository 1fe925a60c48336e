"""A client that knows the numbers of the fields and nothing else: its messages are made at run time, under names of their own.

A shape is a text: `1s 2d 3*Part` is a text in field 1, a double in 2, a list of `Part` in 3. Kinds: `s` text, `d` double,
`i` whole number, enumeration or bool, a name another message; `*` a list, `@Name` a map from text to a message.
"""

import re
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

F = descriptor_pb2.FieldDescriptorProto
_KINDS = {"s": F.TYPE_STRING, "d": F.TYPE_DOUBLE, "i": F.TYPE_INT64}
_FIELD = re.compile(r"(\d+)(\*|@)?(\w+)")


def messages(shapes: dict[str, str]) -> dict[str, type[Any]]:
    """Return a class for each shape, with fields named `f` and their number."""
    file = descriptor_pb2.FileDescriptorProto(name="elsewhere.proto", package="some.where.else", syntax="proto3")
    for name, shape in shapes.items():
        message = file.message_type.add(name=name)
        for number, many, kind in _FIELD.findall(shape):
            field = message.field.add(name=f"f{number}", number=int(number))
            field.label = F.LABEL_REPEATED if many else F.LABEL_OPTIONAL
            if many == "@":
                _add_map(message, field, kind)
            elif kind in _KINDS:
                field.type = _KINDS[kind]
                if not many:
                    field.proto3_optional = True
                    field.oneof_index = len(message.oneof_decl)
                    message.oneof_decl.add(name=f"_f{number}")
            else:
                field.type, field.type_name = F.TYPE_MESSAGE, f".some.where.else.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"some.where.else.{name}")) for name in shapes}


def _add_map(message: Any, field: Any, kind: str) -> None:
    entry = message.nested_type.add(name=f"F{field.number}Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=F.TYPE_STRING, label=F.LABEL_OPTIONAL)
    value = entry.field.add(name="value", number=2, type=F.TYPE_MESSAGE, label=F.LABEL_OPTIONAL)
    value.type_name = f".some.where.else.{kind}"
    field.type, field.type_name = F.TYPE_MESSAGE, f".some.where.else.{message.name}.{entry.name}"


_POSITION = "1s 2s 3d 4i 5s 6d 7d 8d 9d 10d 11d 12d 13d 14*Part 15s"
_PART = "1s 3d 4d 6s 7d 8d 9d 10d 12d"
_EVENT = "1Call 2Stopout 3Take 4Loss 5Activation"
_GROUP_SYMBOL = "1s 2s 3s 4d 5s 6s 9i 10s 11s 12s 13i 15i"

V1 = messages(
    {
        "OneAsked": "1s 2s", "ManyPositionsAsked": "1s 2*s 3*s", "LedgerAsked": "1s 2s 3*i", "LedgersAsked": "1s 2*s 3*s 4*i",
        "IncludedAsked": "1s 2*i 3*s 4i 5i", "QuotesAsked": "1s 2*s 3s 4i 5i", "GroupsAsked": "1s 2*s",
        "AccountsAsked": "1s 2*s 3i 4i", "SymbolsAsked": "1s", "EquityAsked": "1s 2*s 3*i 4i 5i",
        "Part": _PART, "Position": _POSITION, "State": "1i 2Position", "States": "1*State 2i",
        "Held": f"{_POSITION} 16i 17s", "HeldByLogin": "1@Held", "ManyPositions": "1HeldByLogin 2i",
        "Entry": "1s 2i 3s 4d 5s 6s 7i 8i", "Entries": "1*Entry 2i",
        "Order": "1s 2s 3s 4s 5i 6s 7s 8i 9s 10s 11s 12i 13s 14i",
        "Statistics": "1d 2d 3d", "Quote": "1s 2d 3d 4i 5Statistics", "Quotes": "1*Quote 2i",
        "Call": "1i 2d", "Stopout": "1i 2s 3s 4d", "Take": "1i 2s 3s 4i 5d 7d 8s", "Loss": "1i 2s 3s 4i 5d 7d 8s",
        "Activation": "1i 2s 3s 4i 5d 7d", "Event": f"{_EVENT} 6i 7s", "Events": "1*Event 2i",
        "GroupSymbol": f"{_GROUP_SYMBOL} 7i 8i 14i 16i",
        "Group": "1s 2s 3i 4s 5@GroupSymbol 6i 10i 11i 12i 13i 15i 17i 23i 24d 25i 27i 28i", "Deleted": "1s 2i",
        "GroupChange": "1Group 2Deleted 3i",
        "User": "1i 2s 3s 4i 5i 7i 8i 9s 10s 12s 19s 20i 21i", "UserDeleted": "1i 2s 3i", "UserChange": "1User 2UserDeleted 3i",
        "Hours": "1i 2i 3i 4i 5i 6i 7i",
        "Symbol": "1*Hours 2i 3s 4s 6s 7s 8s 9s 10s 11i 12i 13s 14s 15s 16s 17i 18i 19d 20s 23*s", "Gone": "1s",
        "SymbolChange": "1Symbol 2Gone 3Symbol 4i",
        "Equity": "1i 2s 3s 4s", "EquityTold": "1Equity 2i",
        # As newer clients have it.
        "NewPosition": f"{_POSITION} 16i", "NewPositions": "1*NewPosition", "NewPositionsTold": "1NewPositions 2i",
        "NewEntry": "1Entry 2i", "NewEntries": "1*NewEntry", "NewEntriesTold": "1NewEntries 2i", "NewOrder": "1Order 2i",
        "NewEvents": "1*Event", "NewEventsTold": "1NewEvents 2i", "NewQuote": "1Quote 2i",
        "NewDetails": "1s 2s 3i 6i 7i 9s 11s 22i", "NewUser": "1i 2NewDetails 3NewDetails",
        "NewUserChange": "1NewUser 2UserDeleted 3i",
    }
)  # fmt: skip

V2 = messages(
    {
        "EquityAsked": "1*s 2*s 3*i 4i", "PositionsAsked": "1*s 2*s", "LedgersAsked": "2*s 3*s 4*i 5*i",
        "FilteredAsked": "1*s 2*s 3*i", "QuotesAsked": "1*s 2s 3i 4i", "GroupsAsked": "1*s", "SymbolsAsked": "",
        "AccountsAsked": "1*s 2*i",
        "Equity": "1s 2s 3s 4s", "EquityTold": "1Equity 2i",
        "Part": "1s 2d 3s 4d 5d 6d 7d 8d",
        "Held": "1s 2s 3s 4s 5d 6i 7s 8d 9d 10d 11d 12d 13d 14d 15d 16*Part 17s 18i", "Positions": "1*Held",
        "PositionsTold": "1Positions 2i",
        "Entry": "1s 2i 3s 4d 5s 6s 7s 8i", "Entries": "1*Entry", "EntriesTold": "1Entries 2i",
        "Order": "1s 2s 3s 4d 5i 6s 7d 8i 9d 10d 11s 12i 13s 14s", "OrderTold": "1Order 2i",
        "Statistics": "1d 2d 3d", "Quote": "1s 2d 3d 4i 5Statistics", "QuoteTold": "1Quote 2i",
        "GroupSymbol": f"{_GROUP_SYMBOL} 7s 8s 14s 16s",
        "Group": "1s 2s 3i 4s 5@GroupSymbol 6i 10i 11i 12i 14i 16i 22i 23d 24i 26i 27i", "Deleted": "1s 2i",
        "GroupChange": "1Group 2Deleted 3i",
        "Hours": "1i 2i 3i 4i 5i 6i 7i",
        "Symbol": "1s 2s 3s 4s 5i 6s 7i 8i 9s 10s 11s 12s 13s 14s 15s 17s 18s 19d 22*s 23*Hours", "Gone": "1s",
        "SymbolChange": "1Symbol 2Gone 3Symbol 4i",
        "Details": "2s 3i 4i 8s 9s 10s 12s 19s 20i 21i 22i", "Account": "1s 2Details 3Details", "AccountGone": "1s 2s 3i",
        "AccountChange": "1Account 2AccountGone 3i",
        "Call": "1d", "Stopout": "1s 2s 3d", "Take": "1s 2s 3i 4d 5d 6s", "Loss": "1s 2s 3i 4d 5d 6s",
        "Activation": "1s 2s 3i 4d 5d", "Event": f"{_EVENT} 6s 7s", "Events": "1*Event", "EventsTold": "1Events 2i",
    }
)  # fmt: skip
