"""Consents: of which kind and version, given or withdrawn, when and from where. Nothing is overwritten."""

import msgspec
from sqlalchemy import insert, select

from prorata.control.database import Database
from prorata.crm.accounts import CrmAccount
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.holding import hold_person
from prorata.crm.privacy.tables import consents
from prorata.units.numbers import Moment


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: what he agrees to ("TERMS", "MARKETING"); `version`: of its text. `given` false: withdrawn."""

    kind: str
    version: str
    given: bool
    address: str
    created_by: str
    created_at: Moment


class Consents:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, account: CrmAccount, kind: str, version: str, *, given: bool, address: str, by: str) -> Consent:
        now = self._database.now()
        made = Consent(kind=kind, version=version, given=given, address=address, created_by=by, created_at=now)
        row = {"organization_id": account.organization_id, "account_id": account.id, **msgspec.structs.asdict(made)}
        with self._database.writing() as connection:
            hold_person(connection, account.id)
            connection.execute(insert(consents).values(row))
            told = f"{kind} {version} {'given' if given else 'withdrawn'}"
            tell(connection, account.id, TimelineEvent.CONSENT, told, by, now)
        return made

    def history(self, account_id: int) -> list[Consent]:
        """Return all that was given and withdrawn, newest first."""
        query = select(consents).where(consents.c.account_id == account_id).order_by(consents.c.id.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [Consent(**{name: row[name] for name in Consent.__struct_fields__}) for row in rows]

    def current(self, account_id: int) -> list[Consent]:
        """Return what holds now: the last of each kind, by kind."""
        last: dict[str, Consent] = {}
        for one in self.history(account_id):
            last.setdefault(one.kind, one)
        return [last[kind] for kind in sorted(last)]
