"""What the provider says about a person to an application: in ID tokens and at the user info address."""

from typing import Any

from sqlalchemy import select

from prorata.control.database import Database
from prorata.control.oidc.scopes import TokenScope
from prorata.control.organizations.tables import members, organizations
from prorata.control.people.tables import people

CLAIMS = ("sub", "name", "given_name", "family_name", "locale", "email", "email_verified", "role", "tenant")


def claims_of(database: Database, person_uuid: str, tenant: str, scopes: frozenset[TokenScope]) -> dict[str, Any] | None:
    """Return the claims that the scopes allow; None if there is no such person, or he may not sign in.

    `tenant`: the organization (uuid) that he works for at the moment, or "".
    """
    role = (
        select(members.c.role)
        .join(organizations, organizations.c.id == members.c.organization_id)
        .where(members.c.person_id == people.c.id, organizations.c.uuid == tenant)
        .scalar_subquery()
    )
    query = select(people, role.label("role")).where(people.c.uuid == person_uuid, people.c.disabled_at == 0)
    with database.reading() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        return None
    claims: dict[str, Any] = {"sub": person_uuid}
    if TokenScope.PROFILE in scopes:
        names = {"given_name": row["first_name"], "family_name": row["last_name"]}
        names["name"] = f"{row['first_name']} {row['last_name']}".strip()
        claims |= {name: value for name, value in names.items() if value} | {"locale": row["language"]}
    if TokenScope.EMAIL in scopes and row["email"]:
        claims |= {"email": row["email"], "email_verified": row["verified_at"] > 0}
    if tenant:
        claims["tenant"] = tenant
    if TokenScope.ROLES in scopes and row["role"]:
        claims["role"] = row["role"]
    return claims
