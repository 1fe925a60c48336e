"""How much one connection may ask for, and how far it may fall behind."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    connections_max: int = 5_000
    connections_per_key: int = 200
    auth_seconds: float = 5.0
    """how long a connection without a header may wait with its first message"""
    message_bytes_max: int = 65_536
    subscriptions_max: int = 20
    """of one connection"""
    logins_max: int = 1_000
    """of one subscription; none named is all"""
    symbols_max: int = 1_000
    in_flight_max: int = 4_096
    """commands of one connection that await their answer; while there are as many, nothing more is read"""
    mailbox_bytes: int = 4_194_304
    """unread events of one connection; beyond it the connection is closed as too slow"""
    mailbox_count: int = 20_000
    frame_bytes: int = 262_144
    """a frame is closed when it has grown to this size"""
    ring_events: int = 50_000
    """the newest events that are resumed from memory"""
    quote_interval_ms: int = 25
    """between two frames of quotes; what moved twice meanwhile is sent once"""
    heartbeat_seconds: float = 5.0
    key_check_seconds: float = 1.0
    """how soon a revoked key is disconnected"""
    close_seconds: float = 5.0
    """how long a reader that is too slow may take for the closing frame"""
