"""What happens on trade platforms, handed to the parts of the CRM: each event of a trading account of ours once, in order.

    projector -> `Follower.write` -> handlers, and how far it has got: one transaction

So what a handler writes is there exactly once, whatever is cut off where. A handler looks at the connection alone. What it
wants done on a platform is a crossing, what it wants sent is a letter in the outbox: both are rows.

A platform is followed from where it is when its organization first has it here. What lies between two lives of the process
is in the platform's outbox, or else in its journal (`Follower.write` takes both).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import msgspec
import structlog
from sqlalchemy import Column, Connection, String, Table, insert, select, update

from prorata.control.columns import metadata, whole
from prorata.control.database import Database
from prorata.crm.holding import hold_people
from prorata.crm.tables import offers, trading_accounts
from prorata.crm.trading import LOGIN_FIRST
from prorata.messages.events import Event
from prorata.projections.marks import Mark, follow
from prorata.projections.recording import Happened
from prorata.units.numbers import Login, Moment

POSITION_EVERY = 10_000
"""Events of nobody here after which the position is written all the same: so many are looked through again after a crash."""
ASKED_AT_ONCE = 500

positions = Table(
    "crm_positions",
    metadata,
    Column("platform_uuid", String(36), primary_key=True),
    whole("number"),
    whole("sequence"),
    whole("at"),
)
"""How far each platform has been followed, as `projections.marks.Mark`."""

_log = structlog.get_logger("crm")


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The trading account that something happened to, as the CRM has it. `demo`: of its offer."""

    id: int
    uuid: str
    organization_id: int
    account_id: int
    offer_id: int
    login: Login
    currency: str
    demo: bool


class Heard(msgspec.Struct, frozen=True):
    """`sequence`: the event's number on its platform."""

    platform_uuid: str
    trading_account: Known
    sequence: int
    at: Moment
    event: Event


Handler: TypeAlias = Callable[[Connection, Heard], None]


class Following:
    """Who wants to hear of what."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._handlers: dict[type[Event], list[Handler]] = defaultdict(list)

    def on(self, kind: type[Event], handler: Handler) -> None:
        """Have `handler` called with each event of a kind, which has a `login`. Before anything is followed."""
        assert "login" in kind.__struct_fields__, f"{kind.__name__} is not about a trading account"
        self._handlers[kind].append(handler)

    def follower(self, platform_uuid: str, engine: str) -> "Follower":
        return Follower(self._database, platform_uuid, engine, self._handlers)


class Follower:
    """What a projector writes one platform's events into. `platform`: its name in the log. Blocks on the database."""

    what = "crm"

    def __init__(
        self, database: Database, platform_uuid: str, engine: str, handlers: dict[type[Event], list[Handler]]
    ) -> None:  # fmt: skip
        self.platform = engine
        self._platform_uuid = platform_uuid
        self._database = database
        self._handlers = handlers
        self._mark = Mark()
        self._written = 0
        """the event up to which the tables say that it has been followed"""

    def begin(self, now: Mark) -> None:
        """Go on where it was left; at `now`, where the platform is, the first time, or if that lies before.

        A platform is behind what was followed if its journal was put back from a backup: what was heard has happened.
        """
        here = positions.c.platform_uuid == self._platform_uuid
        with self._database.writing() as connection:
            row = connection.execute(select(positions).where(here)).first()
            if row is None:
                values = msgspec.structs.asdict(now)
                connection.execute(insert(positions).values(platform_uuid=self._platform_uuid, **values))
            elif row.sequence > now.sequence:
                _log.warning(
                    "a platform's journal was put back", platform=self.platform, followed=row.sequence, now=now.sequence
                )
                self._set_position(connection, now)
            self._mark = now if row is None or row.sequence > now.sequence else Mark(row.number, row.sequence, row.at)
        self._written = self._mark.sequence

    def journal_position(self) -> Mark:
        """Return how far the platform has been followed."""
        return self._mark

    def write(self, happened: Iterable[Happened]) -> Mark:
        """Hand over what has not been handed over yet, all in one transaction, and return how far that is.

        Raises:
            RebuildNeeded: the first new batch does not follow. Nothing was handed over.
        """
        mark = self._mark
        found: list[tuple[int, Moment, Event]] = []
        for batch in happened:
            if batch.number > mark.number:
                mark = follow(mark, batch)
                found += self._wanted(batch)
        if found or mark.sequence - self._written >= POSITION_EVERY:
            with self._database.writing() as connection:
                self._hand_over(connection, found)
                self._set_position(connection, mark)
            self._written = mark.sequence
        self._mark = mark
        return mark

    def _wanted(self, batch: Happened) -> list[tuple[int, Moment, Event]]:
        return [
            (batch.first + place, batch.at, event)
            for place, event in enumerate(batch.events)
            if type(event) in self._handlers and event.login >= LOGIN_FIRST  # type: ignore[union-attr]
        ]

    def _hand_over(self, connection: Connection, found: Sequence[tuple[int, Moment, Event]]) -> None:
        known = self._known(connection, {event.login for _, _, event in found})  # type: ignore[union-attr]
        for sequence, at, event in found:
            trading_account = known.get(event.login)  # type: ignore[union-attr]
            if trading_account is not None:
                heard = Heard(self._platform_uuid, trading_account, sequence, at, event)
                for handler in self._handlers[type(event)]:
                    handler(connection, heard)

    def _known(self, connection: Connection, logins: set[Login]) -> dict[Login, Known]:
        """Return those trading accounts that are in the CRM, by number, and hold whose they are."""
        joined = trading_accounts.join(offers, offers.c.id == trading_accounts.c.offer_id)
        query = select(trading_accounts, offers.c.currency, offers.c.demo).select_from(joined)
        here = (trading_accounts.c.platform_uuid == self._platform_uuid) & (trading_accounts.c.deleted_at == 0)
        asked, found = sorted(logins), {}
        for place in range(0, len(asked), ASKED_AT_ONCE):
            some = trading_accounts.c.login.in_(asked[place : place + ASKED_AT_ONCE])
            for row in connection.execute(query.where(here, some)).mappings():
                found[row["login"]] = Known(**{name: row[name] for name in Known.__struct_fields__})
        held = hold_people(connection, {one.account_id for one in found.values()})
        return {login: one for login, one in found.items() if one.account_id in held}

    def _set_position(self, connection: Connection, mark: Mark) -> None:
        here = positions.c.platform_uuid == self._platform_uuid
        connection.execute(update(positions).where(here).values(msgspec.structs.asdict(mark)))
