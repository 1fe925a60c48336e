"""How much one key may ask for, how far a stream may fall behind, how often it is told what moves all the time."""

import msgspec


class GrpcTerms(msgspec.Struct, frozen=True, kw_only=True):
    heartbeat_seconds: float = 30.0
    """after which a silent stream is told that it is alive"""
    streams_max: int = 5_000
    streams_per_key: int = 200
    waiting_bytes: int = 4_194_304
    """unread messages of one stream; beyond it the stream is ended as too slow"""
    figures_seconds: float = 1.0
    """between two looks at open positions' results and accounts' equity"""
    throttling_ms_min: int = 0
    """least span of throttling of quotations, whatever a client asks for: for a server with many streams"""
    close_seconds: float = 5.0
    """how long a reader that is sent away may take for what is under way to it"""
    check_seconds: float = 2.0
    """how soon a key that may no more is sent away"""
    calls_per_minute: int = 500
    """streams that one key may begin"""
