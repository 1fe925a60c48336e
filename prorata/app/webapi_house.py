"""What the WebAPI asks of this process: who calls with a token, and which trade platforms and organizations he may know of.

Tokens are those of the OpenID Connect provider, and keys of the own API (`prk_...`): an installation without a workspace
has nothing else. A key sees its one platform; where that belongs to no organization, it has a uuid and an organization
made of its name, which never change.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from uuid import NAMESPACE_URL, uuid5

from prorata.access.callers import Caller as KeyCaller
from prorata.access.callers import NotFound, permissions_of
from prorata.access.keys import PREFIX, KeyStore
from prorata.access.permissions import Grant
from prorata.access.platforms import platform_for, platforms_for
from prorata.app.platform import TradePlatform as RunningPlatform
from prorata.app.upkeep import PlatformUpkeep
from prorata.control.oidc.scopes import Surface
from prorata.control.platforms.records import PlatformKind, PlatformRecord
from prorata.control.store import Control
from prorata.rest.own.session import Platform
from prorata.rest.webapi.callers import Caller, House, Organization, StaffMember, TradePlatform
from prorata.units.numbers import Login

KEY, PERSON = "key", "person"
"""how the ids of callers begin that are no API clients"""
NOBODYS = 0
"""stands for the organization of platforms that belong to none"""
KINDS: Mapping[PlatformKind, str] = {PlatformKind.PRORATA: "MT4", PlatformKind.MT4: "MT4", PlatformKind.MT5: "MT5"}
"""A platform of ours answers under both; it is listed as MT4, whose surface can do more."""


class WebApiDirectory:
    """`running`: the platforms of this process by their engine's name; `reached`: those of them that take calls now."""

    def __init__(
        self, control: Control, keys: KeyStore, running: Mapping[str, RunningPlatform], reached: Mapping[str, Platform]
    ) -> None:
        self._control = control
        self._keys = keys
        self._running = running
        self._reached = reached
        self._upkeeps: dict[str, tuple[RunningPlatform, PlatformUpkeep]] = {}

    def authenticate(self, token: str, address: str) -> Caller | None:
        """Return who calls with a token from an address; None if it is good for nothing. Looks into memory alone."""
        if token.startswith(PREFIX):
            key = self._keys.verify(token.encode("latin-1"))
            return None if key is None or not key.sees_all else Caller(f"{KEY} {key.key_id}", self._grant_of(key))
        found = self._control.oidc.tokens.check(token.encode("latin-1"), Surface.WEBAPI)
        if found is None or not found.allows(address):
            return None
        return Caller(found.client_id if found.client is not None else f"{PERSON} {found.subject}", found.grant)

    def may_stay(self, caller: Caller) -> bool:
        """Say whether a caller still may what he might when he was let in, though his token may have run out since."""
        grant = self._grant_now(caller)
        return grant is not None and grant.may_give(caller.grant)

    def _grant_now(self, caller: Caller) -> Grant | None:
        kind, _, name = caller.client_id.partition(" ")
        if kind == KEY:
            return caller.grant if self._keys.is_good(name) else None
        if kind == PERSON:
            person_id = self._control.oidc.tokens.person_of(name)
            organization = self._control.organizations.get(caller.grant.organization_id)
            if person_id is None or organization is None:
                return None
            try:
                return self._control.grants.of(person_id, organization.uuid)
            except NotFound:
                return None
        client = self._control.api_clients.find(caller.client_id)
        return None if client is None or client.disabled_at else client.grant

    def platform_for(self, caller: Caller, uuid: str) -> TradePlatform | None:
        grant = caller.grant
        if grant.organization_id == NOBODYS:
            return next((found for found in self.platforms_of(caller) if found.uuid == uuid), None)
        try:
            return self._shown(platform_for(grant, uuid, self._control.platforms.by_uuid))
        except NotFound:
            return None

    def platforms_of(self, caller: Caller) -> Sequence[TradePlatform]:
        grant = caller.grant
        if grant.organization_id == NOBODYS:
            shown = [self._shown_of_nobody(engine) for engine in self._running]
            return [platform for platform in shown if grant.reaches(platform.uuid)]
        return [self._shown(record) for record in platforms_for(grant, self._control.platforms.all())]

    def organizations_of(self, caller: Caller) -> Sequence[Organization]:
        if caller.grant.organization_id == NOBODYS:
            return [platform.organization for platform in self.platforms_of(caller)]
        return [self._organization(caller.grant.organization_id)]

    def staff(self, platform: TradePlatform) -> Sequence[StaffMember]:
        """Return the people who may work on a platform. Blocks."""
        record = self._control.platforms.by_uuid.get(platform.uuid)
        if record is None:
            return ()
        organization = self._organization(record.organization_id)
        found: list[StaffMember] = []
        for member in self._control.members.all(record.organization_id):
            with suppress(NotFound):
                grant = self._control.grants.of(member.person_id, organization.uuid)
                if grant.reaches(record.uuid):
                    found.append(StaffMember(member.person_id, f"{member.first_name} {member.last_name}".strip(), grant))
        return found

    def _grant_of(self, key: KeyCaller) -> Grant:
        permissions = permissions_of(key.scopes)
        record = self._control.platforms.of_engine(key.platform)
        if record is None:
            return Grant(NOBODYS, permissions, frozenset({uuid_of(key.platform)}))
        return Grant(record.organization_id, permissions, frozenset({record.uuid}))

    def _shown(self, record: PlatformRecord) -> TradePlatform:
        running = self._running.get(record.engine) if record.is_hosted else None
        return TradePlatform(
            uuid=record.uuid,
            name=record.name,
            kind=KINDS[record.kind],
            login=record.manager_login,
            organization=self._organization(record.organization_id),
            created_at=record.created_at,
            hosted=record.is_hosted,
            reached=self._reached.get(record.engine) if running is not None else None,
            logins=_logins_of(running),
            upkeep=self._upkeep_of(running),
        )

    def _shown_of_nobody(self, engine: str) -> TradePlatform:
        running = self._running[engine]
        return TradePlatform(
            uuid=uuid_of(engine),
            name=engine,
            kind=KINDS[PlatformKind.PRORATA],
            login="",
            organization=Organization(uuid_of(f"{engine}/organization"), engine, 0),
            created_at=0,
            hosted=True,
            reached=self._reached.get(engine),
            logins=_logins_of(running),
            upkeep=self._upkeep_of(running),
        )

    def _upkeep_of(self, running: RunningPlatform | None) -> PlatformUpkeep | None:
        """Return the one upkeep of a platform that runs; one that was started anew has a new one."""
        if running is None:
            return None
        kept = self._upkeeps.get(running.name)
        if kept is None or kept[0] is not running:
            self._upkeeps = {name: one for name, one in self._upkeeps.items() if name in self._running}
            kept = self._upkeeps[running.name] = (running, PlatformUpkeep(running, running.settings))
        return kept[1]

    def _organization(self, organization_id: int) -> Organization:
        found = self._control.organizations.get(organization_id)
        assert found is not None, "a closed organization's callers have no grant"
        return Organization(found.uuid, found.name, found.created_at)


def webapi_house(
    control: Control,
    keys: KeyStore,
    running: Mapping[str, RunningPlatform],
    reached: Mapping[str, Platform],
    online: Callable[[str], set[Login]],
) -> House:
    """Return what the calls of the WebAPI share."""
    directory = WebApiDirectory(control, keys, running, reached)
    return House(
        control=control,
        authenticate=directory.authenticate,
        directory=directory,
        audit=lambda action: control.audit.write([action]),
        count=lambda client_id: control.usage.count(client_id, calls=1),
        count_event=lambda client_id: control.usage.count(client_id, events=1),
        may_stay=directory.may_stay,
        online=online,
        staff=directory.staff,
    )


def uuid_of(name: str) -> str:
    """Return the uuid of a platform that belongs to nobody."""
    return str(uuid5(NAMESPACE_URL, f"prorata:{name}"))


def _logins_of(running: RunningPlatform | None) -> tuple[Login, Login] | None:
    return None if running is None else running.settings.platforms[running.name].new_logins
