"""The demo's organization in the workspace: a person who owns the demo platform; and what is told of it at the start.

A password cannot be shown twice, so each start gives a new one. The examples are meant to be pasted into a shell as they stand.
"""

from pathlib import Path

import msgspec

from prorata.control.passwords import invented
from prorata.control.people.people import NewPerson
from prorata.control.store import Control

OWNER = "owner@demo.test"
ORGANIZATION = "Demo Broker"
PLATFORM_NAME = "Demo"

_READING = """grep -o '"token":"[^"]*' | cut -d'"' -f4"""


class Owner(msgspec.Struct, frozen=True):
    """Who owns the demo platform, and what he signs in with. `organization`: its uuid."""

    email: str
    password: str
    organization: str


def open_organization(control: Control, engine: str, *, host: str, url: str) -> Owner:
    """Make what is missing of the organization, its owner and its platform. Blocks."""
    person = control.people.find(OWNER)
    if person is None:
        person, password = control.registration.enrol(
            NewPerson(email=OWNER, first_name="Olivia", last_name="Owner"), ORGANIZATION
        )
    else:
        password = invented()
        control.renewal.reset_password(control.renewal.password_link(person, url).rpartition(".")[2], password, url)
    organization = control.organizations.of_person(person.id)[0].organization
    if control.platforms.of_engine(engine) is None:
        control.platforms.adopt(organization.id, PLATFORM_NAME, engine, host=host)
    return Owner(OWNER, password, organization.uuid)


def people_introduction(address: str, settings: Path, owner: Owner, *, shown: bool) -> str:
    """`shown`: mails can be seen at the address, too."""
    auth = f"{address}/api/v1/auth"
    content = "-H 'Content-Type: application/json'"
    seen = f"\n  curl -s {address}/api/v1/outbox" if shown else ""
    signed_in = (
        f"""curl -s {auth}/login {content} -d '{{"email":"{owner.email}","password":"{owner.password}","token":true}}'"""
    )
    return f"""\
Workspace: {owner.email} is the Administrator of an organization that owns the demo platform.
Or register with an address alone; the mail with the password stays here, there is no mail server

  owner       {owner.email}  {owner.password}        (organization {owner.organization})

Try:
  curl -s {address}/api/v1/organizations/{owner.organization}/platforms \
-H "Authorization: Bearer $({signed_in} | {_READING})"
  curl -s {auth}/register {content} -d '{{"email":"you@broker.example"}}'{seen}
  prorata outbox --settings {settings}
"""
