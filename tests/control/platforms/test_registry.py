"""Platforms of organizations: whose they are, how many, and passwords that are for one address only."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from prorata.access.callers import NotFound
from prorata.access.permissions import EVERYTHING, Grant
from prorata.access.platforms import platform_for, platforms_for
from prorata.control.organizations.tables import organizations
from prorata.control.platforms.records import ApiAccess, DatabaseAccess, Hosting, PlatformKind
from prorata.control.platforms.registry import EngineTaken, PasswordMissing, TooManyPlatforms
from prorata.control.platforms.terms import HostingTerms
from prorata.control.store import Control
from tests.control.conftest import OpenControl
from tests.control.platforms.conftest import organization_in

TERMS = HostingTerms(per_organization=2, total=3)
API = ApiAccess(address="mt5.broker.example:443", login="1000")
DATABASE = DatabaseAccess(address="db.broker.example:3306", name="reports", login="reader")


def test_a_platform_is_found_by_those_alone_who_may_know_of_it(control: Control, organization: int) -> None:
    mine = control.platforms.add_foreign(organization, "Live", PlatformKind.MT5)
    second = control.platforms.add_foreign(organization, "Live 2", PlatformKind.MT4)
    other = control.platforms.add_foreign(organization_in(control, 2), "Theirs", PlatformKind.MT5)
    grant = Grant(organization, EVERYTHING)
    known = control.platforms.by_uuid
    assert platform_for(grant, mine.uuid, known) == mine
    narrowed = Grant(organization, EVERYTHING, frozenset({second.uuid}))
    for holder, uuid in ((grant, "absent"), (grant, other.uuid), (narrowed, mine.uuid)):
        with pytest.raises(NotFound):
            platform_for(holder, uuid, known)
    assert platforms_for(narrowed, control.platforms.all()) == [second]
    control.platforms.archive(mine)
    with pytest.raises(NotFound):
        platform_for(grant, mine.uuid, control.platforms.by_uuid)
    assert platforms_for(grant, control.platforms.all()) == [second]


def test_another_process_sees_a_platform_that_was_added(control: Control, organization: int, open_control: OpenControl) -> None:
    other = open_control()
    added = control.platforms.add_hosted(organization, "Demo", Hosting(rate=7), host="here", terms=TERMS)
    assert other.platforms.all() == []
    other.refresh()
    assert other.platforms.all() == [added]
    assert added.hosting == Hosting(rate=7)
    assert added.engine == added.uuid.replace("-", "")


def test_passwords_are_sealed_and_what_shows_a_platform_has_only_since_when_there_is_one(
    control: Control, organization: int, everything_stored: Callable[[], str]
) -> None:
    record = control.platforms.add_foreign(organization, "Live", PlatformKind.MT5)
    assert control.platforms.manager_password(record) is None
    record = control.platforms.set_api(record, API, "s3cret-manager")
    record = control.platforms.set_database(record, DATABASE, "s3cret-reader")
    for text in (repr(record), everything_stored()):
        assert "s3cret" not in text
    assert record.manager_password_at == record.database_password_at == control.database.now()
    assert control.platforms.manager_password(record) == "s3cret-manager"
    assert control.platforms.database_password(record) == "s3cret-reader"


def test_a_password_is_kept_for_the_address_and_login_that_it_was_given_for_alone(control: Control, organization: int) -> None:
    record = control.platforms.add_foreign(organization, "Live", PlatformKind.MT5)
    with pytest.raises(PasswordMissing):
        control.platforms.set_api(record, API, None)
    record = control.platforms.set_api(record, API, "first")
    assert control.platforms.set_api(record, API, None) == record
    for other in (
        ApiAccess(address="evil.example:443", login="1000"),
        ApiAccess(address=API.address, login="1001"),
        ApiAccess(address=API.address, login="1000", certificate="ab" * 32),
    ):
        with pytest.raises(PasswordMissing):
            control.platforms.set_api(record, other, None)
    record = control.platforms.forget_api(record)
    assert (record.address, record.manager_login, record.manager_password_at) == ("", "", 0)
    assert control.platforms.manager_password(record) is None


def test_an_archived_platform_keeps_no_password_and_gets_none(
    control: Control, organization: int, everything_stored: Callable[[], str]
) -> None:
    record = control.platforms.add_foreign(organization, "Live", PlatformKind.MT5)
    record = control.platforms.set_api(record, API, "s3cret")
    archived = control.platforms.archive(record)
    assert archived.archived_at
    for change in (control.platforms.archive, lambda one: control.platforms.set_api(one, API, "s3cret")):
        with pytest.raises(NotFound):
            change(record)
    assert control.platforms.manager_password(record) is None
    assert "1000" not in everything_stored()
    assert control.platforms.by_uuid[record.uuid] == archived


def test_there_are_no_more_hosted_platforms_than_the_terms_allow(control: Control, organization: int) -> None:
    def add(organization_id: int) -> str:
        return control.platforms.add_hosted(organization_id, "Demo", Hosting(), host="here", terms=TERMS).uuid

    first, _ = add(organization), add(organization)
    with pytest.raises(TooManyPlatforms, match="at most 2"):
        add(organization)
    second = organization_in(control, 2)
    add(second)
    with pytest.raises(TooManyPlatforms, match="no more"):
        add(second)
    control.platforms.archive(control.platforms.by_uuid[first])
    add(organization)


def test_a_closed_organization_gets_no_platform(control: Control, organization: int) -> None:
    with control.database.writing() as connection:
        connection.execute(update(organizations).values(closed_at=1))
    with pytest.raises(NotFound):
        control.platforms.add_foreign(organization, "Live", PlatformKind.MT5)
    with pytest.raises(NotFound):
        control.platforms.add_hosted(organization, "Demo", Hosting(), host="here", terms=TERMS)
    with pytest.raises(NotFound):
        control.platforms.adopt(organization, "Main", "main", host="here")


def test_a_platform_of_the_settings_file_belongs_to_one_organization(control: Control, organization: int) -> None:
    adopted = control.platforms.adopt(organization, "Main", "main", host="here")
    assert (adopted.engine, adopted.hosting) == ("main", None)
    assert control.platforms.of_engine("main") == adopted
    with pytest.raises(EngineTaken):
        control.platforms.adopt(organization_in(control, 2), "Mine", "main", host="here")
    control.platforms.archive(adopted)
    control.platforms.adopt(organization, "Main again", "main", host="here")
