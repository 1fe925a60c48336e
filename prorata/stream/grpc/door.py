"""Who is let in: the keys, trade platforms and permissions of the Broker-API, and how many streams each key may have."""

from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import unquote

import grpc
from google.protobuf.message import DecodeError

from prorata.access.platforms import platforms_for
from prorata.control.api_clients.addresses import Network, is_within
from prorata.control.audit import Action, shown
from prorata.control.platforms.records import PlatformKind
from prorata.messages.refusals import Refusal
from prorata.rest.broker.call import BrokerHouse, Call, client_with, key_of
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.own.session import Platform
from prorata.stream.grpc.feed import Feed
from prorata.stream.grpc.forms import NEEDS, Asked, Method, Stream
from prorata.stream.grpc.subscriber import Subscriber
from prorata.stream.grpc.terms import GrpcTerms
from prorata.views.answers import STATUS, Rejected

KEY = "authorization"
FORWARDED = "x-forwarded-for"
SYSTEM = "prorata-platform"
"""of a call whose request has no place for it: which trade platform it is about"""
_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT, 401: grpc.StatusCode.UNAUTHENTICATED, 403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND, 429: grpc.StatusCode.RESOURCE_EXHAUSTED, 503: grpc.StatusCode.UNAVAILABLE,
}  # fmt: skip


Right: TypeAlias = tuple[str, str, Stream, int]


class Guest:
    """A stream that was let in."""

    def __init__(self, door: "Door", call: Call, key: str, method: Method, asked: Asked, uuid: str, platform: Platform) -> None:
        self.client_id = call.client.client_id
        self.organization_id = call.organization_id
        self.address = call.address
        self.method = method
        self.platform = platform
        self.uuid = uuid
        self.subscriber = Subscriber(asked, method.form, door.terms)
        self._door = door
        self._key = key

    @property
    def right(self) -> "Right":
        """What it needs to stay. Streams of one key have few different ones."""
        return self._key, self.address, self.method.stream, id(self.platform)

    def check(self) -> None:
        """Raise `Rejected` if it may no more: its key, what that may do, or the platform has gone."""
        house = self._door.house
        call = Call(house, client_with(house.control, self._key, self.address), self.address)
        _check_permitted(call, self.method)
        call.system(self.uuid)
        if call.running(self.uuid) is not self.platform:
            raise Rejected(Refusal.NOT_READY, "the trade platform was started anew")


class Door:
    """Of one process. Feeds begin with the first stream of their platform, and last as long as it runs.

    `proxies`: networks of the proxies that are believed where a call comes from.
    """

    def __init__(self, house: BrokerHouse, terms: GrpcTerms, proxies: tuple[Network, ...] = ()) -> None:
        self.house = house
        self.terms = terms
        self._proxies = proxies
        self._allowances = Allowances(Allowance(per_second=terms.calls_per_minute / 60, burst=terms.calls_per_minute))
        self._feeds: dict[str, Feed] = {}
        self._guests: dict[Guest, None] = {}
        self._by_key: dict[str, int] = {}
        self._is_closed = False

    def count_streams(self) -> int:
        """Return how many streams are on."""
        return len(self._guests)

    def let_in(self, method: Method, request: bytes, metadata: Mapping[str, str], peer: str) -> Guest:
        """Return the stream that a call begins. Raises `Rejected`."""
        key = key_of(metadata.get(KEY, "").encode())
        address = caller_of(peer, metadata.get(FORWARDED, ""), self._proxies)
        client = client_with(self.house.control, key, address)
        self._allowances.take(client.client_id)
        self.house.control.api_clients.note_use(client.client_id)
        self.house.control.usage.count(client.client_id, calls=1)
        call = Call(self.house, client, address)
        _check_permitted(call, method)
        if len(self._guests) >= self.terms.streams_max:
            raise Rejected(Refusal.NOT_READY, "there are too many streams")
        if self._by_key.get(client.client_id, 0) >= self.terms.streams_per_key:
            raise Rejected(Refusal.TOO_MANY_REQUESTS, f"a key has at most {self.terms.streams_per_key} streams at once")
        try:
            asked = method.read(method.request.FromString(request))
        except DecodeError:
            raise Rejected(Refusal.MALFORMED, "the request cannot be read") from None
        uuid = call.system(asked.system if asked.system is not None else self._only_system(call, metadata)).uuid
        guest = Guest(self, call, key, method, asked, uuid, call.running(uuid))
        self._guests[guest] = None
        self._by_key[guest.client_id] = self._by_key.get(guest.client_id, 0) + 1
        return guest

    def _only_system(self, call: Call, metadata: Mapping[str, str]) -> str:
        """Return the trade platform of a request that does not name one. Raises `Rejected`."""
        if SYSTEM in metadata:
            return metadata[SYSTEM]
        found = platforms_for(call.grant, self.house.control.platforms.of_organization(call.organization_id))
        reached = [one.uuid for one in found if one.kind == PlatformKind.PRORATA]
        if len(reached) != 1:
            problem = "the key reaches no trade platform" if not reached else "the key reaches several trade platforms"
            raise Rejected(Refusal.MALFORMED if reached else Refusal.NOT_FOUND, f"{problem}; name one as metadata {SYSTEM}")
        return reached[0]

    async def begin(self, guest: Guest) -> None:
        """Have the stream told what is there and what changes. Raises `Rejected`."""
        feed = self._feed_of(guest)
        await feed.prepare(guest.method.stream, guest.subscriber)
        guest.check()
        if self._is_closed or self._feeds.get(guest.platform.writer.platform) is not feed:
            raise Rejected(Refusal.NOT_READY, "the server or the trade platform stops")
        feed.join(guest.method.stream, guest.subscriber)
        if guest.method.stream == Stream.ACCOUNTS:
            self._note(guest)

    def _note(self, guest: Guest) -> None:
        """Audit who hears of people."""
        asked, control = guest.subscriber.asked, self.house.control
        control.note(
            Action(
                at=control.database.now(), organization_id=guest.organization_id, actor=f"api client {guest.client_id}",
                method=f"grpc {guest.method.path.rpartition('/')[2]}"[:64], address=guest.address,
                request=shown((("platform", guest.uuid), ("groups", sorted(asked.groups)))), outcome="ok",
            )
        )  # fmt: skip

    def _feed_of(self, guest: Guest) -> Feed:
        name = guest.platform.writer.platform
        feed = self._feeds.get(name)
        if feed is None or feed.platform is not guest.platform:
            self.leave(name)
            record = self.house.control.platforms.by_uuid[guest.uuid]
            house = self.house
            feed = self._feeds[name] = Feed(
                guest.platform, guest.uuid, record.organization_id, house.control, house.crm, self.terms
            )  # fmt: skip
        return feed

    def count(self, guest: Guest, messages: int) -> None:
        self.house.control.usage.count(guest.client_id, events=messages)

    def let_out(self, guest: Guest) -> None:
        """A stream is over, whoever has ended it."""
        guest.subscriber.end(grpc.StatusCode.CANCELLED, "")
        if self._guests.pop(guest, ...) is None:
            left = self._by_key[guest.client_id] - 1
            if left:
                self._by_key[guest.client_id] = left
            else:
                del self._by_key[guest.client_id]

    def check_all(self) -> None:
        """Send away whoever may no more."""
        found: dict[Right, Rejected | None] = {}
        for guest in list(self._guests):
            if guest.right not in found:
                found[guest.right] = _problem_of(guest)
            problem = found[guest.right]
            if problem is not None:
                guest.subscriber.end(*ending_of(problem))

    def leave(self, platform: str) -> None:
        """End the streams of a platform that has stopped, by its engine's name."""
        feed = self._feeds.pop(platform, None)
        if feed is not None:
            feed.close("the trade platform stops")

    def close(self) -> None:
        self._is_closed = True
        for feed in self._feeds.values():
            feed.close("the server stops")
        self._feeds.clear()


def _check_permitted(call: Call, method: Method) -> None:
    """Raises `Rejected`."""
    needed = NEEDS[method.stream]
    if not call.grant.may(needed):
        raise Rejected(Refusal.NOT_PERMITTED, f"the key needs the permission {needed}")


def _problem_of(guest: Guest) -> Rejected | None:
    try:
        guest.check()
    except Rejected as rejected:
        return rejected
    return None


def ending_of(rejected: Rejected) -> tuple[grpc.StatusCode, str]:
    """Return status and words of a refusal."""
    status = STATUS[rejected.code].value
    code = _CODES.get(status, grpc.StatusCode.INTERNAL if status >= 500 else grpc.StatusCode.FAILED_PRECONDITION)
    return code, rejected.detail or rejected.code.name


def caller_of(peer: str, forwarded: str, proxies: tuple[Network, ...]) -> str:
    """Return the address that a call comes from: the peer's, or if that is a proxy of ours, the one that it tells.

    `forwarded`: addresses as proxies add them, the newest last.
    """
    address = address_of(peer)
    for told in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not proxies or not is_within(proxies, address):
            break
        address = told
    return address


def address_of(peer: str) -> str:
    """Return the address of a peer: "ipv4:127.0.0.1:50212", "ipv6:%5B::1%5D:50212"."""
    kind, _, rest = unquote(peer).partition(":")
    if kind not in ("ipv4", "ipv6"):
        return ""
    return rest.rpartition(":")[0].strip("[]")
