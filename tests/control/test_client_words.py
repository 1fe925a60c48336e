"""Clients are found by what their records hold, whoever wrote them and whatever index there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from prorata.control.client_words import clients_with
from prorata.control.clients import NewClient
from prorata.control.companies import NewCompany, insert_company
from prorata.control.people.people import NewPerson
from prorata.control.store import Control
from prorata.control.tables import clients
from prorata.control.vault import Vault
from tests.databases import postgresql_schema

ANN = NewClient(
    login="ann", password="correct horse", email="Ann.Lee@mail.test", first_name="Ann", last_name="Łęcka",  # noqa: S106
    mobile="+48 22 5550100", country="Poland",
)  # fmt: skip
BOB = NewClient(login="bob", password="correct horse", email="bob@mail.test", first_name="Bob", last_name='100%_"sure"')  # noqa: S106


@pytest.fixture(params=["sqlite", "postgresql"])
def control(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Control]:
    addresses = iter([f"sqlite:///{tmp_path}/control.db"]) if request.param == "sqlite" else postgresql_schema()
    for address in addresses:
        control = Control(address, bytes(32), Vault(tmp_path / "vault.keys"))
        yield control
        control.close()


def found(control: Control, looked_for: str) -> list[str]:
    (company,) = control.companies.all()
    with control.database.reading() as connection:
        numbers = clients_with(connection, company.id, looked_for)
        query = select(clients.c.login).where(clients.c.id.in_(numbers)).order_by(clients.c.id)
        return list(connection.execute(query).scalars())


def test_a_client_is_found_by_any_part_of_his_record(control: Control) -> None:
    person = control.people.add(NewPerson(email="boss@mail.test"))
    organization = control.organizations.add(person.id, "Desk")
    with control.database.writing() as connection:
        insert_company(connection, organization.id, NewCompany(name="Desk", platform=""))
    control.refresh()
    ann, bob = (control.clients.add(organization.id, new) for new in (ANN, BOB))
    for looked_for in ("ann.lee@mail", "ANN", "n Łę", "5550100", "pol", "Ł", "2", "+48"):
        assert found(control, looked_for) == ["ann"], looked_for
    for looked_for in ("mail.test", "@", "mail.test b"[:9]):
        assert found(control, looked_for) == ["ann", "bob"], looked_for
    for looked_for in ("%", "100%", "0%_", '"sure"', "_"):
        assert found(control, looked_for) == ["bob"], looked_for
    assert found(control, "nobody") == found(control, "zz") == []

    control.clients.set(ann.id, first_name="Anna Maria", login="anna")
    assert found(control, "maria") == ["anna"]
    control.clients.set(bob.id, last_name="Doe", wallet_id=7)
    assert (found(control, "sure"), found(control, "doe")) == ([], ["bob"])
    control.clients.withdraw(ann.id)
    assert found(control, "maria") == []
    assert control.clients.add(organization.id, ANN).id != ann.id, "triggers do not disturb the numbers of rows"


def test_an_index_that_is_missing_is_made_and_filled_at_the_next_start(control: Control) -> None:
    person = control.people.add(NewPerson(email="boss@mail.test"))
    organization = control.organizations.add(person.id, "Desk")
    with control.database.writing() as connection:
        insert_company(connection, organization.id, NewCompany(name="Desk", platform=""))
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP INDEX ix_control_clients_words"))
        else:
            for name in ("added", "changed", "gone"):
                connection.execute(text(f"DROP TRIGGER control_clients_{name}"))
            connection.execute(text("DROP TABLE control_client_trigrams"))
            connection.execute(text("DROP VIEW control_client_words"))
    control.refresh()
    control.clients.add(organization.id, ANN)
    assert found(control, "5550100") == ["ann"], "without an index, all records are looked through"
    control.database.create_tables()
    assert found(control, "5550100") == ["ann"]
    with control.database.reading() as connection:
        names = {"sqlite": "SELECT name FROM sqlite_master", "postgresql": "SELECT indexname FROM pg_indexes"}
        made = connection.execute(text(names[connection.dialect.name])).scalars().all()
    assert {"control_client_trigrams", "ix_control_clients_words"} & set(made)
