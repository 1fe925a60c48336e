"""`people`, `outbox`: who may sign in to the workspace, and the mails to them."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from prorata.app.commands.common import BadUsage, NotThere, say, settings_of
from prorata.app.commands.control import day_of, note
from prorata.app.opening import opened_control
from prorata.app.settings import ServerSettings
from prorata.control.mail.outbox import Mail
from prorata.control.people.addresses import BadAddress
from prorata.control.people.people import EmailTaken, NewPerson, Person
from prorata.control.store import Control
from prorata.rest.workspace.bodies import NewRegistration
from prorata.units.numbers import Moment


class MadePerson(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    email: str
    password: str


class ShownPerson(msgspec.Struct, frozen=True, kw_only=True):
    """`verified_at`, `disabled_at` 0: not yet, not at all."""

    uuid: str
    email: str
    first_name: str
    last_name: str
    language: str
    created_at: Moment
    verified_at: Moment
    disabled_at: Moment


class PasswordLink(msgspec.Struct, frozen=True, kw_only=True):
    link: str


def add(file: Path | None, data: Path | None, fields: dict[str, str], as_json: bool) -> None:
    """`fields`: those of a registration. `organization` "": none is made."""
    try:
        wish = msgspec.convert(fields, NewRegistration)
    except msgspec.ValidationError as problem:
        raise BadUsage(str(problem)) from None
    new = NewPerson(email=wish.email, first_name=wish.first_name, last_name=wish.last_name, language=wish.language)
    with opened_control(settings_of(file, data)) as control:
        try:
            person, password = control.registration.enrol(new, wish.organization)
        except BadAddress as problem:
            raise BadUsage(str(problem)) from None
        except EmailTaken:
            raise BadUsage(f"somebody has the address {wish.email}") from None
        note(control, 0, "people add", email=person.email, person=person.uuid, organization=wish.organization)
    say(MadePerson(uuid=person.uuid, email=person.email, password=password), as_json=as_json, words=password)


def show(file: Path | None, data: Path | None, as_json: bool) -> None:
    with opened_control(settings_of(file, data)) as control:
        people = control.people.all()
        note(control, 0, "people list", people=len(people))
    if as_json:
        say([msgspec.convert(person, ShownPerson, from_attributes=True) for person in people], as_json=True, words="")
        return
    table = Table("e-mail", "name", "made", "state", "uuid")
    for person in people:
        name = f"{person.first_name} {person.last_name}".strip()
        table.add_row(person.email, name, day_of(person.created_at), _state(person), person.uuid)
    Console().print(table)


def disable(file: Path | None, data: Path | None, email: str) -> None:
    with opened_control(settings_of(file, data)) as control:
        person = _person(control, email)
        control.people.disable(person.id)
        note(control, 0, "people disable", email=person.email, person=person.uuid)


def enable(file: Path | None, data: Path | None, email: str) -> None:
    with opened_control(settings_of(file, data)) as control:
        person = _person(control, email)
        control.people.enable(person.id)
        note(control, 0, "people enable", email=person.email, person=person.uuid)


def reset_password(file: Path | None, data: Path | None, email: str, password_only: bool, as_json: bool) -> None:
    settings = settings_of(file, data)
    url = _url_of(settings)
    with opened_control(settings) as control:
        person = _person(control, email)
        if not password_only:
            control.second_step.remove(person, url)
            for passkey in control.passkeys.of_person(person.id):
                control.passkeys.remove(person, passkey.uuid, url)
        link = control.renewal.password_link(person, url)
        note(control, 0, "people reset-password", email=person.email, person=person.uuid, password_only=password_only)
    say(PasswordLink(link=link), as_json=as_json, words=link)


def outbox(file: Path | None, data: Path | None, everything: bool, limit: int, as_json: bool) -> None:
    with opened_control(settings_of(file, data)) as control:
        mails = control.outbox.newest(limit, waiting=not everything)
        note(control, 0, "outbox", mails=len(mails))
    words = "\n".join(_written(mail) for mail in reversed(mails)) or "there are no mails"
    say(mails, as_json=as_json, words=words)


def _person(control: Control, email: str) -> Person:
    try:
        person = control.people.find(email)
    except BadAddress as problem:
        raise BadUsage(str(problem)) from None
    if person is None:
        raise NotThere(f"nobody has the address {email}; `prorata people list` shows everybody")
    return person


def _url_of(settings: ServerSettings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url or f"http://{host}:{settings.port}"


def _state(person: Person) -> str:
    if person.disabled_at:
        return f"disabled {day_of(person.disabled_at)}"
    return "good" if person.verified_at else "address not confirmed"


def _written(mail: Mail) -> str:
    at = datetime.fromtimestamp(mail.created_at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    state = "sent" if mail.sent_at else "given up" if mail.given_up_at else "waits"
    problem = f" ({mail.problem})" if mail.problem else ""
    return f"To: {mail.recipient}\nSubject: {mail.subject}\nDate: {at} UTC, {state}{problem}\n\n{mail.body}"
