"""Who hears of what: streams by the accounts that they asked for, and telling a thing to many with one rendering."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from prorata.messages.commands import Access
from prorata.stream.grpc.forms import Form
from prorata.stream.grpc.subscriber import Subscriber
from prorata.units.numbers import Login


class Audience:
    """The streams of one kind. `on_first`: done before the first one joins."""

    __slots__ = ("_by_group", "_by_login", "_everything", "_on_first")

    def __init__(self, on_first: Callable[[], None] | None = None) -> None:
        self._everything: dict[Subscriber, None] = {}
        self._by_login: dict[Login, dict[Subscriber, None]] = {}
        self._by_group: dict[str, dict[Subscriber, None]] = {}
        self._on_first = on_first

    def __bool__(self) -> bool:
        return bool(self._everything or self._by_login or self._by_group)

    def join(self, subscriber: Subscriber) -> None:
        if not self and self._on_first is not None:
            self._on_first()
        asked = subscriber.asked
        if not asked.logins and not asked.groups:
            self._everything[subscriber] = None
        for login in asked.logins:
            self._by_login.setdefault(login, {})[subscriber] = None
        for group in asked.groups:
            self._by_group.setdefault(group, {})[subscriber] = None

    def leave(self, subscriber: Subscriber) -> None:
        self._everything.pop(subscriber, None)
        for login in subscriber.asked.logins:
            _drop(self._by_login, login, subscriber)
        for group in subscriber.asked.groups:
            _drop(self._by_group, group, subscriber)

    def logins_of(self, subscriber: Subscriber, members: Mapping[str, Iterable[Login]]) -> list[Login]:
        """Return the accounts that one stream hears of, in order; some that it names may not be there."""
        asked = subscriber.asked
        if subscriber in self._everything:
            return sorted(login for several in members.values() for login in several)
        return sorted(asked.logins.union(*(members.get(group, ()) for group in asked.groups)))

    def all(self) -> list[Subscriber]:
        found = dict(self._everything)
        for several in (*self._by_login.values(), *self._by_group.values()):
            found |= several
        return list(found)

    def of(self, login: Login, access: Access, *groups: str) -> list[Subscriber]:
        """Return who hears of an account: a list of its own, as one that is too slow leaves while it is told."""
        found = self._everything
        for several in (self._by_login.get(login), *(self._by_group.get(group) for group in groups)):
            if several:
                found = {**found, **several} if found else several
        return [one for one in found if access not in one.asked.left_out and login not in one.behind]

    def of_group(self, group: str) -> list[Subscriber]:
        """Return who hears of a group itself."""
        return [*self._everything, *self._by_group.get(group, ())]

    def logins(self, members: Mapping[str, Iterable[Login]]) -> Iterator[Login]:
        """Yield the accounts that somebody hears of; some may come twice. `members`: of each group."""
        if self._everything:
            for several in members.values():
                yield from several
            return
        yield from self._by_login
        for group in self._by_group:
            yield from members.get(group, ())


def spread(told: Any, subscribers: Iterable[Subscriber]) -> None:
    """Tell a thing to all of them, rendered once for each form."""
    rendered: dict[Form, bytes] = {}
    for subscriber in subscribers:
        form = subscriber.form
        message = rendered.get(form)
        if message is None:
            message = rendered[form] = form.render(told)
        subscriber.put(message)


def _drop(index: dict[Any, dict[Subscriber, None]], key: Any, subscriber: Subscriber) -> None:
    others = index.get(key)
    if others is not None:
        others.pop(subscriber, None)
        if not others:
            del index[key]
