"""The tables of the OpenID Connect provider. Codes and tokens are kept as SHA-256, private keys sealed."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

from prorata.control.columns import (
    NAME_LENGTH_MAX,
    WHOLE,
    control_table,
    digest,
    flag,
    metadata,
    number,
    of,
    sealed,
    text,
    whole,
)

SUBJECT_LENGTH_MAX = 255

signing_keys = control_table(
    "signing_keys",
    number(),
    Column("kid", String(64), nullable=False, unique=True),
    text("algorithm", 16),
    sealed("private"),
    whole("created_at"),
    whole("signs_from"),
)

applications = control_table(
    "applications",
    number(),
    Column("client_id", String(64), nullable=False, unique=True),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    flag("public"),
    text("redirects"),
    text("logout_redirects"),
    text("scopes"),
    text("algorithm", 16),
    whole("created_at"),
    whole("disabled_at"),
    whole("deleted_at"),
    Index("ix_control_applications_organization", "organization_id"),
)
"""`redirects`: addresses, blanks between. `public`: it has no secret. `algorithm`: what its ID tokens are signed with."""

application_secrets = control_table(
    "application_secrets",
    number(),
    digest(),
    of("applications", "application_id"),
    whole("created_at"),
    whole("expires_at"),
)

authorizations = control_table(
    "authorizations",
    number(),
    digest(),
    Column("uuid", String(36), nullable=False, unique=True),
    text("client_id", 64),
    of("people", "person_id"),
    Column("organization_id", WHOLE, ForeignKey("control_organizations.id"), nullable=True),
    text("sign_in", 36),
    text("redirect"),
    text("scopes"),
    text("nonce"),
    text("challenge", 43),
    text("methods"),
    whole("proved_at"),
    whole("created_at"),
    whole("redeemed_at"),
    whole("revoked_at"),
    Index("ix_control_authorizations_person", "person_id"),
    Index("ix_control_authorizations_sign_in", "sign_in"),
)
"""`digest`: of the code. `sign_in`: uuid of the sign-in in which the person gave it, `proved_at` and `methods` are its."""

refresh_tokens = control_table(
    "refresh_tokens",
    number(),
    digest(),
    of("authorizations", "authorization_id"),
    whole("created_at"),
    whole("expires_at"),
    whole("used_at"),
    Index("ix_control_refresh_tokens_authorization", "authorization_id"),
)

revoked_tokens = Table(
    "control_revoked_tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    whole("expires_at"),
)
"""`id`: the `jti` of an access token, or the uuid of an authorization, whose tokens are all revoked."""

external_identities = control_table(
    "external_identities",
    number(),
    Column("issuer", String(SUBJECT_LENGTH_MAX), nullable=False),
    Column("subject", String(SUBJECT_LENGTH_MAX), nullable=False),
    of("people", "person_id"),
    whole("created_at"),
    UniqueConstraint("issuer", "subject"),
    Index("ix_control_external_identities_person", "person_id"),
)
"""Who somebody is at another provider."""
