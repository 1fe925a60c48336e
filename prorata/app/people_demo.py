"""The demo's company in the workspace: its Administrator, its platform, its program; and what is told of them.

A password or secret cannot be shown twice, so each start gives a new one. The examples are meant to be pasted into a
shell as they stand.
"""

from pathlib import Path

import msgspec

from prorata.access.permissions import ADMINISTRATOR, EVERYTHING
from prorata.control.api_clients.store import NewApiClient
from prorata.control.organizations.inside import insert_member
from prorata.control.organizations.rights import Rights
from prorata.control.passwords import invented
from prorata.control.people.people import NewPerson
from prorata.control.store import Control

OWNER = "owner@demo.test"
PLATFORM_NAME = "Demo"
PROGRAM = "Demo program"

_READING = """grep -o '"token":"[^"]*' | cut -d'"' -f4"""
_READING_ACCESS = _READING.replace("token", "access_token")


class Owner(msgspec.Struct, frozen=True):
    """The company's Administrator, and what he and its program sign in with. `organization`: the company, which is one.

    `organization` and `platform` are uuids.
    """

    email: str
    password: str
    organization: str
    platform: str
    client_id: str
    secret: str


def own_platform(control: Control, company: int, engine: str, *, host: str, url: str) -> Owner:
    """Make what is missing of the company's Administrator, its platform and its program. Blocks."""
    person = control.people.find(OWNER)
    if person is None:
        person, password = control.registration.enrol(NewPerson(email=OWNER, first_name="Olivia", last_name="Owner"), "")
        with control.grants.changing() as connection:
            insert_member(connection, company, person.id, Rights(role=ADMINISTRATOR), control.database.now())
    else:
        password = invented()
        control.renewal.reset_password(control.renewal.password_link(person, url).rpartition(".")[2], password, url)
    platform = control.platforms.of_engine(engine) or control.platforms.adopt(company, PLATFORM_NAME, engine, host=host)
    client_id, secret = _program(control, company, person.id)
    organization = control.organizations.of_person(person.id)[0].organization
    control.refresh()  # A company that is new is known as an organization at once, and not within seconds.
    return Owner(OWNER, password, organization.uuid, platform.uuid, client_id, secret)


def _program(control: Control, organization_id: int, person_id: int) -> tuple[str, str]:
    """Return the id and a new secret of the program, which is made if it is missing."""
    known = [client for client in control.api_clients.all(organization_id) if client.name == PROGRAM]
    if known:
        client, secret = control.api_clients.rotate(organization_id, known[0].client_id, overlap_ms=0, by=person_id)
    else:
        new = NewApiClient(name=PROGRAM, permissions=EVERYTHING)
        client, secret = control.api_clients.add(organization_id, new, by=person_id)
    return client.client_id, secret


def people_introduction(address: str, grpc: str, settings: Path, owner: Owner, *, shown: bool) -> str:
    """`grpc`: where the streams of the Broker-API are; `shown`: mails can be seen at the address, too."""
    auth = f"{address}/api/v1/auth"
    content = "-H 'Content-Type: application/json'"
    seen = f"\n  curl -s {address}/api/v1/outbox" if shown else ""
    signed_in = (
        f"""curl -s {auth}/login {content} -d '{{"email":"{owner.email}","password":"{owner.password}","token":true}}'"""
    )
    token = (
        f"curl -s {address}/connect/token -d 'grant_type=client_credentials&scope=webapi"
        f"&client_id={owner.client_id}&client_secret={owner.secret}'"
    )
    return f"""\
Workspace: the company is an organization that owns the demo platform; {owner.email} is its Administrator.
Or register with an address alone; the mail with the password stays here, there is no mail server

  owner       {owner.email}  {owner.password}        (organization {owner.organization})
  program     {owner.client_id}  {owner.secret}        (platform {owner.platform})
  gRPC        {grpc}        (the program's secret is the key, the platform the systemUuid)

Try:
  curl -s {address}/api/v1/organizations/{owner.organization}/platforms \
-H "Authorization: Bearer $({signed_in} | {_READING})"
  curl -s {address}/api/v2/MT4/{owner.platform}/TradesGet?limit=3 -H "Authorization: Bearer $({token} | {_READING_ACCESS})"
  curl -s {auth}/register {content} -d '{{"email":"you@broker.example"}}'{seen}
  prorata outbox --settings {settings}
"""
