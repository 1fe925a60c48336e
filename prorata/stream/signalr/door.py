"""Who is let in to which hub: the same callers, trade platforms and permissions as in the REST surface of the WebAPI."""

from functools import partial

from prorata.rest.own.session import Platform
from prorata.rest.webapi.callers import Caller, House
from prorata.stream.signalr.app import Admitted, Denied
from prorata.stream.signalr.connection import Hub
from prorata.stream.signalr.feed import Feed
from prorata.stream.signalr.hubs import Mt4Hub, Mt5Hub

_HUBS = {"mt4": Mt4Hub, "mt5": Mt5Hub}


class Door:
    """Of one process. Feeds begin with the first connection to their platform, and last as long as it runs."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._feeds: dict[str, Feed] = {}

    def admit(self, kind: str, platform: str, token: str, address: str) -> Admitted:
        """Raises `Denied`."""
        if kind not in _HUBS:
            raise Denied(404, "there is no such hub")
        caller = self._house.authenticate(token, address)
        if caller is None:
            raise Denied(401, "the token is missing, unknown or expired")
        return _Guest(self, caller, kind, platform, self.reached(caller, platform))

    def reached(self, caller: Caller, uuid: str) -> Platform:
        """Return the engine behind a trade platform. Raises `Denied`."""
        found = self._house.directory.platform_for(caller, uuid)
        if found is None:
            raise Denied(404, "there is no such trade platform")
        if found.reached is None:
            raise Denied(503, "there is no connection to the trade platform")
        return found.reached

    def may_stay(self, caller: Caller) -> bool:
        return self._house.may_stay(caller)

    def feed_of(self, platform: Platform) -> Feed:
        name = platform.writer.platform
        feed = self._feeds.get(name)
        if feed is None or feed.platform is not platform:
            if feed is not None:
                feed.close()
            feed = self._feeds[name] = Feed(platform, name, self._house.control.account_cards)
        return feed

    def count(self, client_id: str) -> None:
        self._house.count_event(client_id)

    def leave(self, platform: str) -> None:
        """End the feed of a platform that has stopped, by its engine's name."""
        feed = self._feeds.pop(platform, None)
        if feed is not None:
            feed.close()

    def close(self) -> None:
        for feed in self._feeds.values():
            feed.close()


class _Guest:
    def __init__(self, door: Door, caller: Caller, kind: str, uuid: str, platform: Platform) -> None:
        self.who = caller.client_id
        self._door = door
        self._caller = caller
        self._kind = kind
        self._uuid = uuid
        self._platform = platform

    def is_good(self) -> bool:
        """Say whether the caller may still call, and the platform is the one that it was."""
        try:
            reached = self._door.reached(self._caller, self._uuid)
        except Denied:
            return False
        return reached is self._platform and self._door.may_stay(self._caller)

    def hub(self) -> Hub:
        count = partial(self._door.count, self._caller.client_id)
        return _HUBS[self._kind](self._door.feed_of(self._platform), self._caller.grant, count)
