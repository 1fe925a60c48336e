"""Everything about one person in a ZIP: a JSON file for each table, and his documents. Blocks."""

from datetime import UTC, datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
from sqlalchemy import Connection, select

from prorata.control.audit import AuditFilter
from prorata.control.organizations.declined import Declined
from prorata.control.store import Control
from prorata.control.tables import clients
from prorata.crm.accounts import CrmAccount
from prorata.crm.documents.documents import Document, Documents
from prorata.crm.labels.tables import account_tags, field_values, fields, tags
from prorata.crm.personal import Personal, all_personal
from prorata.crm.tables import accounts

_NUMBERS = frozenset({"id", "organization_id", "account_id", "deleted_at", "erased_at"})
"""columns that are ours alone"""
_OF_CLIENT = ("login", "email", "first_name", "last_name", "mobile", "country", "language", "created_at")


class Exporter:
    def __init__(self, control: Control, documents: Documents) -> None:
        self._control = control
        self._documents = documents

    def write(self, account: CrmAccount, file: IO[bytes], *, contents: bool = True) -> None:
        """Write the ZIP. Amounts are in minor units. `contents`: whether documents themselves are in it."""
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            with self._control.database.reading() as connection:
                _put(archive, "person", _person(connection, account))
                _put(archive, "labels", _labels(connection, account.id))
                for one in all_personal():
                    if {column.name for column in one.table.c} - _NUMBERS - one.unseen:
                        _put(archive, one.table.name.removeprefix("crm_"), _rows(connection, one, account.id))
            _put(archive, "actions", self._actions(account))
            for document in self._documents.of_account(account.id) if contents else []:
                self._put_document(archive, document)

    def _put_document(self, archive: ZipFile, document: Document) -> None:
        try:
            archive.writestr(f"documents/{document.uuid} {document.name}", self._documents.content(document))
        except Declined as declined:
            _put(archive, f"documents/{document.uuid}", {"missing": declined.code.name})

    def _actions(self, account: CrmAccount) -> list[dict[str, Any]]:
        """Return what he has done himself, as the audit has it."""
        wanted = AuditFilter(actor=f"account {account.uuid}")
        rows = self._control.audit.every(account.organization_id, wanted)
        return [{**msgspec.structs.asdict(row.action), "at": _shown("at", row.action.at)} for row in rows]


def _person(connection: Connection, account: CrmAccount) -> dict[str, Any]:
    client = connection.execute(select(clients).where(clients.c.id == account.id)).mappings().one()
    row = connection.execute(select(accounts).where(accounts.c.id == account.id)).mappings().one()
    told = {name: _shown(name, client[name]) for name in _OF_CLIENT}
    told |= {name: _shown(name, value) for name, value in row.items() if not name.endswith("_id") and name not in _NUMBERS}
    return {**told, "branch": account.branch_uuid, "lead_status": account.lead_status}


def _labels(connection: Connection, account_id: int) -> dict[str, Any]:
    """Return how the organization has sorted him: its tags, and its own fields."""
    marked = select(tags.c.name).select_from(tags.join(account_tags)).where(account_tags.c.account_id == account_id)
    has = select(fields.c.name, field_values.c.value).select_from(fields.join(field_values))
    values = connection.execute(has.where(field_values.c.account_id == account_id).order_by(fields.c.id)).all()
    names = connection.execute(marked.order_by(tags.c.name)).scalars().all()
    return {"tags": list(names), "fields": {one.name: one.value for one in values}}


def _rows(connection: Connection, one: Personal, account_id: int) -> list[dict[str, Any]]:
    query = select(one.table).where(one.of(account_id)).order_by(*one.table.primary_key.columns)
    hidden = _NUMBERS | one.unseen
    return [
        {name: _shown(name, value) for name, value in row.items() if name not in hidden and not isinstance(value, bytes)}
        for row in connection.execute(query).mappings()
    ]


def _shown(name: str, value: Any) -> Any:
    """Return a value as it is told: moments as RFC 3339, null for never."""
    if name in ("at", "valid_until", "verified_until") or name.endswith("_at"):
        return datetime.fromtimestamp(value / 1_000, UTC).isoformat(timespec="milliseconds") if value else None
    return value


def _put(archive: ZipFile, name: str, value: Any) -> None:
    archive.writestr(f"{name}.json", msgspec.json.format(msgspec.json.encode(value), indent=2))
