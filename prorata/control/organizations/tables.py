"""The tables of organizations: their members, roles and invitations."""

from sqlalchemy import Column, Index, String, Text, UniqueConstraint

from prorata.control.columns import LOGIN_LENGTH_MAX, NAME_LENGTH_MAX, code, control_table, digest, number, of, text, whole

organizations = control_table(
    "organizations",
    number(),
    Column("uuid", String(36), nullable=False, unique=True),
    text("name", NAME_LENGTH_MAX),
    whole("created_at"),
    whole("closed_at"),
)

roles = control_table(
    "roles",
    number(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("permissions"),
    whole("created_at"),
    UniqueConstraint("organization_id", "name"),
)
"""An organization's own roles; those that every organization has are in `prorata.access.permissions`."""

members = control_table(
    "members",
    number(),
    of("organizations", "organization_id"),
    of("people", "person_id"),
    text("role", NAME_LENGTH_MAX),
    text("permissions"),
    Column("platforms", Text, nullable=True),
    whole("created_at"),
    whole("rights_at"),
    whole("disabled_at"),
    whole("used_at"),
    Column("login", String(LOGIN_LENGTH_MAX), nullable=True),
    Column("login_key", String(LOGIN_LENGTH_MAX), nullable=True),
    text("mobile"),
    text("comment"),
    whole("tag"),
    code("status"),
    UniqueConstraint("organization_id", "person_id"),
    Index("ux_control_members_login", "organization_id", "login_key", unique=True),
    Index("ix_control_members_person", "person_id"),
    Index("ix_control_members_login", "login_key"),
)
"""`permissions`: what is given beyond the role. `platforms`: uuids that he is narrowed to; none: all. Blanks between.
`rights_at`: when they last changed. `used_at`: when he last worked in the organization.

The rest is what a company knows of its managers: `login`, none for whoever signs in with his e-mail; `status`, see
`prorata.control.managers`: `disabled_at` is what decides."""

invitations = control_table(
    "invitations",
    number(),
    Column("uuid", String(36), nullable=False, unique=True),
    digest(),
    of("organizations", "organization_id"),
    text("email", LOGIN_LENGTH_MAX),
    text("email_key", LOGIN_LENGTH_MAX),
    text("role", NAME_LENGTH_MAX),
    text("permissions"),
    Column("platforms", Text, nullable=True),
    of("people", "inviter_id"),
    whole("created_at"),
    whole("sent_at"),
    whole("expires_at"),
    whole("used_at"),
    whole("revoked_at"),
    Index("ix_control_invitations_organization", "organization_id"),
)
"""`digest`: of the token that was mailed last; those before it are no longer good."""
