"""Everything of an organization in one ZIP. Secrets are not in it: they are not known to us, or sealed."""

from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from prorata.control.audit import AuditFilter
from prorata.control.organizations.inside import Organization
from prorata.control.platforms.records import PlatformRecord
from prorata.control.store import Control
from prorata.rest.workspace.organizations.audit import write_json_lines
from prorata.rest.workspace.organizations.shapes import invitation_view, member_view, organization_view, role_view
from prorata.rest.workspace.program_shapes import client_view
from prorata.views.numbers import show_moment, show_moment_or_none

_PLATFORM = (
    "uuid", "name", "kind", "address", "certificate", "manager_login", "database_address", "database_name", "database_login",
)  # fmt: skip


def write_export(control: Control, organization: Organization, file: IO[bytes]) -> None:
    """Write the ZIP of an organization, which may be closed. Blocks."""
    now, number = control.database.now(), organization.id
    own_roles = [role_view(role) for role in control.roles.all(number) if not role.built_in]
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        _put(archive, "organization", organization_view(organization))
        _put(archive, "members", [member_view(member) for member in control.members.all(number)])
        _put(archive, "roles", own_roles)
        _put(archive, "invitations", [invitation_view(one, now) for one in control.invitations.all(number)])
        _put(archive, "platforms", [_platform(one) for one in control.platforms.of_organization(number)])
        _put(archive, "api-clients", [client_view(one) for one in control.api_clients.all(number)])
        with archive.open("audit.jsonl", "w", force_zip64=True) as lines:
            write_json_lines(control.audit.every(number, AuditFilter()), lines)


def _put(archive: ZipFile, name: str, value: Any) -> None:
    archive.writestr(f"{name}.json", msgspec.json.format(msgspec.json.encode(value), indent=2))


def _platform(record: PlatformRecord) -> dict[str, Any]:
    moments = {"created_at": show_moment(record.created_at), "archived_at": show_moment_or_none(record.archived_at)}
    return {name: getattr(record, name) for name in _PLATFORM} | moments
