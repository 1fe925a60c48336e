"""The demo's company in the workspace: a person is its Administrator, it owns the demo platform; and what is told of it.

A password cannot be shown twice, so each start gives a new one. The examples are meant to be pasted into a shell as they stand.
"""

from pathlib import Path

import msgspec

from prorata.access.permissions import ADMINISTRATOR
from prorata.control.organizations.inside import insert_member
from prorata.control.organizations.rights import Rights
from prorata.control.passwords import invented
from prorata.control.people.people import NewPerson
from prorata.control.store import Control

OWNER = "owner@demo.test"
PLATFORM_NAME = "Demo"

_READING = """grep -o '"token":"[^"]*' | cut -d'"' -f4"""


class Owner(msgspec.Struct, frozen=True):
    """The Administrator, and what he signs in with. `organization`: the uuid of the company, which is one."""

    email: str
    password: str
    organization: str


def own_platform(control: Control, company: int, engine: str, *, host: str, url: str) -> Owner:
    """Make what is missing of the company's Administrator and its platform. Blocks."""
    person = control.people.find(OWNER)
    if person is None:
        person, password = control.registration.enrol(NewPerson(email=OWNER, first_name="Olivia", last_name="Owner"), "")
        with control.grants.changing() as connection:
            insert_member(connection, company, person.id, Rights(role=ADMINISTRATOR), control.database.now())
    else:
        password = invented()
        control.renewal.reset_password(control.renewal.password_link(person, url).rpartition(".")[2], password, url)
    if control.platforms.of_engine(engine) is None:
        control.platforms.adopt(company, PLATFORM_NAME, engine, host=host)
    control.refresh()  # A company that is new is known as an organization at once, and not within seconds.
    organization = control.organizations.get(company)
    assert organization is not None
    return Owner(OWNER, password, organization.uuid)


def people_introduction(address: str, settings: Path, owner: Owner, *, shown: bool) -> str:
    """`shown`: mails can be seen at the address, too."""
    auth = f"{address}/api/v1/auth"
    content = "-H 'Content-Type: application/json'"
    seen = f"\n  curl -s {address}/api/v1/outbox" if shown else ""
    login = f'{{"email":"{owner.email}","password":"{owner.password}","token":true}}'
    signed_in = f"curl -s {auth}/login {content} -d '{login}'"
    platforms = f"{address}/api/v1/organizations/{owner.organization}/platforms"
    return f"""\
Workspace: the company is an organization, {owner.organization}, and owns the demo platform.
Or register with an address alone; the mail with the password stays here, there is no mail server

  owner       {owner.email}  {owner.password}

Try:
  curl -s {platforms} -H "Authorization: Bearer $({signed_in} | {_READING})"
  curl -s {auth}/register {content} -d '{{"email":"you@broker.example"}}'{seen}
  prorata outbox --settings {settings}
"""
