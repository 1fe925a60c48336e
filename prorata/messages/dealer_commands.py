"""What a dealer does by hand on a client's account. One frozen class for each command.

The account's access binds its client and not the dealer; neither do trading hours, the symbol's trade mode, the freeze level
or the group's execution delay. Volumes, the side and distance of stops, room and money do. A `price` of the dealer's own
deals in the house's book, at that price exactly: nothing goes to the venue (docs/trade/dealing.md).
"""

from prorata.messages.message import Message
from prorata.messages.sides import Side
from prorata.units.numbers import Login, Moment, Points, Ticket, Volume


class DealerOpen(Message, frozen=True, tag="dealer-open"):
    """Open a position (in a netting account: deal in its position) at `price`; 0 is the market's, as the group sees it."""

    login: Login
    symbol: str
    side: Side
    volume: Volume
    price: Points = 0
    stop_loss: Points = 0
    take_profit: Points = 0
    comment: str = ""


class DealerClose(Message, frozen=True, tag="dealer-close"):
    """Close a position, or `volume` of it (0: all), at `price`; 0 is at the market, through the venue if it is hedged there."""

    login: Login
    ticket: Ticket
    volume: Volume = 0
    price: Points = 0
    comment: str = ""


class DealerCloseBy(Message, frozen=True, tag="dealer-close-by"):
    """As `CloseBy`."""

    login: Login
    ticket: Ticket
    by_ticket: Ticket


class DealerCloseAll(Message, frozen=True, tag="dealer-close-all"):
    """As `CloseAll`. The market must be open: a price of the dealer's own is for single positions."""

    login: Login
    symbol: str = ""


class DealerModify(Message, frozen=True, tag="dealer-modify"):
    """Give a position new stops, or a pending order its whole new price and stops. A trailing distance stays.

    `price`, `limit_price`, `expires_at`: of a pending order; of a position they must be 0.
    """

    login: Login
    ticket: Ticket
    stop_loss: Points = 0
    take_profit: Points = 0
    price: Points = 0
    limit_price: Points = 0
    expires_at: Moment = 0


class DealerCancel(Message, frozen=True, tag="dealer-cancel"):
    """Remove an order that waits for its price or for its group's execution delay."""

    login: Login
    ticket: Ticket


class DealerActivate(Message, frozen=True, tag="dealer-activate"):
    """Execute a pending order now, in the house's book, at `price`; 0 is the market's."""

    login: Login
    ticket: Ticket
    price: Points = 0


class DealerComment(Message, frozen=True, tag="dealer-comment"):
    """Change the comment of an open position or a pending order."""

    login: Login
    ticket: Ticket
    comment: str


DealerCommand = (
    DealerOpen | DealerClose | DealerCloseBy | DealerCloseAll | DealerModify | DealerCancel | DealerActivate | DealerComment
)
