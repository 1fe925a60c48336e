"""What the back office does to trades: checking stops beforehand, correcting, deleting, calling back."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from msgspec import UNSET

from prorata.access.permissions import Permission
from prorata.messages.commands import BalanceKind, BookBalance, OrderType, Side
from prorata.messages.dealer_commands import DealerCancel, DealerComment, DealerModify
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.projections.rows import BalanceOperationRow
from prorata.projections.trade_history import TradeHistory
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, failure_of, invalid, not_found
from prorata.rest.webapi.mt4.asked import PENDING_TYPES, Asked, comment_of
from prorata.rest.webapi.mt4.corrections import AMOUNTS, PREFIX, corrections_in, external_id_of
from prorata.rest.webapi.mt4.past import up_to_date
from prorata.rest.webapi.mt4.trades import book_of, trade_now
from prorata.rest.webapi.registry import MT4, TRADE_SECONDS
from prorata.rest.webapi.schemas.kinds import Double, Int32
from prorata.rest.webapi.schemas.mt4_names import TradeCommand
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade, MT4TradeTransaction, MT4TradeUpdate
from prorata.rest.webapi.values import money_of, price_of
from prorata.trading import checks
from prorata.trading.markets import Market
from prorata.trading.state import LastQuote, OrderState
from prorata.trading.terms import GroupTerms, Terms
from prorata.units.numbers import MINUTE_MS, Login, Minor, Points

LEAST_EXPIRY_MS = 10 * MINUTE_MS
"""A pending order must be good for so long, as the description says of this check."""
