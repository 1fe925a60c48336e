"""Why not. Numbers are public and never reused.

The bands tell which stage said no: 1xxx the request, 2xxx the account, 3xxx the symbol and its price,
4xxx the order or position, 5xxx the money, 6xxx the configuration, 7xxx the venue, 9xxx the server.
Within a command the checks run in the order of the lines below.
"""

from enum import IntEnum, unique


@unique
class Refusal(IntEnum):
    """The reason why a command was refused. A refused command has changed nothing."""

    # The request. Given by the edge; the engine never sees the command.
    MALFORMED = 1001
    BODY_TOO_LARGE = 1002
    NOT_AUTHENTICATED = 1003
    NOT_PERMITTED = 1004
    NOT_FOUND = 1005
    KEY_REUSED = 1006
    TOO_MANY_REQUESTS = 1007
    OUT_OF_RANGE = 1008
    UNSUPPORTED_MEDIA = 1009
    METHOD_NOT_ALLOWED = 1010

    # The account.
    UNKNOWN_ACCOUNT = 2001
    LOGIN_DISABLED = 2002
    TRADING_DISABLED = 2003
    CLOSE_ONLY_ACCOUNT = 2004
    ACCOUNT_EXISTS = 2005
    ACCOUNT_IN_USE = 2006

    # The symbol and its price.
    UNKNOWN_SYMBOL = 3001
    SYMBOL_NOT_IN_GROUP = 3002
    SYMBOL_DISABLED = 3003
    SYMBOL_CLOSE_ONLY = 3004
    SYMBOL_LONG_ONLY = 3005
    SYMBOL_SHORT_ONLY = 3006
    MARKET_CLOSED = 3007
    NO_QUOTE = 3008
    NO_CONVERSION_RATE = 3009
    PRICE_MOVED = 3010

    # The order or position.
    UNKNOWN_ORDER = 4001
    UNKNOWN_POSITION = 4002
    POSITION_IN_FLIGHT = 4003
    VOLUME_TOO_SMALL = 4004
    VOLUME_TOO_LARGE = 4005
    VOLUME_OFF_STEP = 4006
    VOLUME_ABOVE_POSITION = 4007
    VOLUME_LIMIT = 4008
    PRICE_MISSING = 4009
    PRICE_WRONG_SIDE = 4010
    PRICE_TOO_NEAR = 4011
    STOP_LOSS_WRONG_SIDE = 4012
    TAKE_PROFIT_WRONG_SIDE = 4013
    STOP_TOO_NEAR = 4014
    FROZEN = 4015
    EXPIRY_IN_PAST = 4016
    NOTHING_TO_CHANGE = 4017
    NOT_OPPOSITE = 4018
    HEDGING_ONLY = 4019
    NOTHING_TO_CLOSE = 4020
    TOO_MANY_ORDERS = 4021
    PRICE_OFF_TICK = 4022

    # The money.
    AMOUNT_NOT_POSITIVE = 5001
    NOT_ENOUGH_MONEY = 5002
    NOT_ENOUGH_FREE_MARGIN = 5003
    NOT_ENOUGH_CREDIT = 5004
    AMOUNT_TOO_LARGE = 5005
    EXTERNAL_ID_REUSED = 5006

    # The configuration.
    UNKNOWN_GROUP = 6001
    BAD_SYMBOL = 6002
    BAD_GROUP = 6003
    SYMBOL_IN_USE = 6004
    GROUP_IN_USE = 6005
    LEVERAGE_OUT_OF_RANGE = 6006

    # The venue.
    VENUE_REJECTED = 7001
    UNKNOWN_HEDGE_ORDER = 7002
    HEDGE_ORDER_DONE = 7003
    OVERFILLED = 7004
    UNKNOWN_BREAK = 7005

    # The server. The command was not sent, or its outcome must be asked again with the same key.
    STORAGE_FULL = 9001
    STOPPING = 9002
    OVERLOADED = 9003
    NOT_READY = 9004
    OUTCOME_UNKNOWN = 9005
