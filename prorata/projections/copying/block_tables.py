"""The tables of what happened to many investments of a strategy at once.

A *block* is one event about them, and has one row in `copy_blocks`; each of its investments has one row in a table of
details, whose key is (sequence, investment). So a signal to 100,000 investments is 100,000 rows at the end of a table.

An index of the details by investment would have to be changed in as many places, and would be the slower the more it
holds. So only the details of small blocks are in such an index; those of `large` ones are found through the blocks of the
investment's strategy, one look-up for each (`copy_narrowing`).
"""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Table, text

from prorata.projections.schema import WHOLE, codes, free_texts, key, table, whole, wholes

LARGE = 500
"""Investments from which on a block is large. Part of what is in the tables: to change it is to rebuild them."""

_LARGE = text("large = 1")
_SMALL = text("large = 0")
_SIGNAL = text("signal > 0")
_COMMAND = text("command > 0")
_STOP_OUT = text("stop_out > 0")
_REQUEST = text("request > 0")
_FIRST_DEAL = text("first_deal > 0")
_DAY = text("day > 0")
_QUOTE = text("bid > 0")


def _partial(name: str, *columns: str, only: Any, unique: bool = False) -> Index:
    return Index(name, "platform", *columns, unique=unique, sqlite_where=only, postgresql_where=only)


copy_blocks = table(
    "copy_blocks",
    key("sequence"),
    whole("at"),
    *codes("kind"),
    whole("strategy"),
    *codes("large"),
    *wholes("investments", "signal", "command", "stop_out", "request", "fill"),
    *free_texts("symbol", "ticket"),
    *wholes("price", "bid", "ask", "first_deal", "transfer", "interval", "next_interval", "day"),
    *codes("nights", "state"),
    CheckConstraint("kind BETWEEN 0 AND 9", "kind"),
    CheckConstraint("large IN (0, 1)", "large"),
    CheckConstraint("investments > 0", "investments"),
    Index("ix_copy_blocks_strategy", "platform", "strategy", "sequence", unique=True),
    Index("ix_copy_blocks_symbol", "platform", "symbol", "sequence", unique=True),
    _partial("ix_copy_blocks_large", "strategy", "sequence", only=_LARGE, unique=True),
    _partial("ix_copy_blocks_signal", "signal", "sequence", only=_SIGNAL, unique=True),
    _partial("ix_copy_blocks_command", "command", "sequence", only=_COMMAND, unique=True),
    _partial("ix_copy_blocks_stop_out", "stop_out", "sequence", only=_STOP_OUT, unique=True),
    _partial("ix_copy_blocks_request", "request", "sequence", only=_REQUEST, unique=True),
    _partial("ix_copy_blocks_first_deal", "first_deal", only=_FIRST_DEAL),
    _partial("ix_copy_blocks_day", "day", "sequence", only=_DAY, unique=True),
    _partial("ix_copy_blocks_limits", "strategy", "sequence", only=_QUOTE, unique=True),
)
"""`kind` is a `BlockKind`, and says which table has the details. What does not concern a kind is 0 or empty. `transfer`:
the one on the wallet's side of a money block, of a fee block the first."""


def _details(name: str, *parts: Any) -> Table:
    return table(
        name, key("sequence"), key("investment"), *parts, *codes("large"),
        _partial(f"ix_{name}_investment", "investment", "sequence", only=_SMALL, unique=True),
    )  # fmt: skip


copy_deals = _details(
    "copy_deals",
    whole("deal"),
    *codes("type", "entry"),
    *wholes(
        "position", "volume", "a_volume", "held", "cost", "turnover", "profit", "swap", "broker_commission",
        "liquidity_commission", "trader_commission", "partner_commission",
    ),
    Column("balance", WHOLE),
    CheckConstraint("type IN (0, 1, 2, 5, 7, 10, 11)", "type"),
    CheckConstraint("entry BETWEEN 0 AND 2", "entry"),
)  # fmt: skip
"""Deals in the market (type 0, 1), movements of money (2), corrections (5), fees (7) and what was asked for in vain (10,
11). Volumes are signed. What a deal did to the balance is profit + swap - the four commissions; of money, the amount is
in `profit`. `held` and `cost` (volume x price, summed) are of the position after it. `balance`: after it; NULL where the
event does not say."""

trimmed_volumes = _details("trimmed_volumes", *wholes("reasons", "asked", "given"))
"""Investments that were given another volume than the formula gave. `reasons` are `VolumeReason` flags."""

investment_fees = _details(
    "investment_fees",
    *wholes("deal", "fee", "trader_share", "partner_share", "partner_wallet", "broker_share", "drawdown"),
)

interval_results = _details("interval_results", *wholes("base", "drawdown"))
"""Each investment when an interval ended: what the next result is counted from, and the loss to be made up first."""

investment_swaps = _details("investment_swaps", *wholes("amount"))

investment_states = _details("investment_states", *wholes("equity"))

investment_days = _details("investment_days", *wholes("equity", "balance", "unit_price"))
