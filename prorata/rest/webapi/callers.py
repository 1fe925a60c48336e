"""Who calls, and which trade platforms there are: what the frame asks of the control side.

`House` is handed in by the wiring. `authenticate` turns a bearer token into a caller, and `directory` knows every trade
platform of the caller's organizations; what is absent, of others, or outside the caller's grant is in neither.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from prorata.access.permissions import Grant
from prorata.control.audit import Action
from prorata.control.store import Control
from prorata.rest.own.session import Platform
from prorata.rest.webapi.mt4.book import Book, Books
from prorata.rest.webapi.upkeep import Upkeep
from prorata.units.numbers import Login, Moment


class Caller(msgspec.Struct, frozen=True, gc=False):
    """An API client or a person. `client_id`: what usage, keys and the audit know him by."""

    client_id: str
    grant: Grant


class Organization(msgspec.Struct, frozen=True, gc=False):
    uuid: str
    name: str
    created_at: Moment


class StaffMember(msgspec.Struct, frozen=True):
    """Somebody who works on a trade platform. `number`: by which he is known for good."""

    number: int
    name: str
    grant: Grant


class TradePlatform(msgspec.Struct, frozen=True):
    """A trade platform as its organization sees it.

    `kind`: MT4 or MT5, the surface that it is listed under. `login`: of the manager, "" where we are the server ourselves.
    `hosted`: it is ours, and both surfaces serve it. `reached` None: there is no connection to it now. `logins`: from
    which number to which accounts are opened that ask for no number; None: anywhere.
    """

    uuid: str
    name: str
    kind: str
    login: str
    organization: Organization
    created_at: Moment
    hosted: bool
    reached: Platform | None
    logins: tuple[Login, Login] | None = None
    upkeep: Upkeep | None = None
    """what can be done to a hosted platform as a whole, where it runs in this process"""


class Directory(Protocol):
    """The trade platforms and organizations that a caller may know of. Looks into memory alone."""

    def platform_for(self, caller: Caller, uuid: str) -> TradePlatform | None:
        """Return a trade platform; None for an absent one, one of others, and one outside the caller's grant."""

    def platforms_of(self, caller: Caller) -> Sequence[TradePlatform]:
        """Return all of the caller's trade platforms, oldest first."""

    def organizations_of(self, caller: Caller) -> Sequence[Organization]:
        """Return the organizations that the caller belongs to."""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What all calls share.

    `authenticate` is given a bearer token and the address it comes from, and looks into memory alone. `count` is told of
    every call and must not block; `audit` is told of every change, in a thread.
    """

    control: Control
    authenticate: Callable[[str, str], Caller | None]
    directory: Directory
    audit: Callable[[Action], None]
    count: Callable[[str], None] = lambda client_id: None
    count_event: Callable[[str], None] = lambda client_id: None
    """is told of every item of a stream, and must not block"""
    may_stay: Callable[[Caller], bool] = lambda caller: True
    """whether a caller that was let in earlier still may what he might, though his token may have run out; memory alone"""
    online: Callable[[str], Iterable[Login]] = lambda engine: ()
    """the accounts whose owners are connected to an engine"""
    staff: Callable[[TradePlatform], Sequence[StaffMember]] = lambda trade_platform: ()
    """the people who may work on a trade platform, by their numbers; may block: it is called in a thread"""
    books: Books = msgspec.field(default_factory=Books)

    def book_of(self, platform: Platform) -> Book:
        """Return what the MT4 surface keeps beside an engine."""
        return self.books.of(platform, self.online)
