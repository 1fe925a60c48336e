"""One call of version 2, which names accounts by their login alone."""

from prorata.access.platforms import platforms_for
from prorata.control.platforms.records import PlatformKind
from prorata.crm.trading import TradingAccount
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import Headers
from prorata.rest.broker.call import Call
from prorata.rest.broker.dealing import Dealing
from prorata.rest.broker.kinds import LoginGiven
from prorata.rest.own.session import Platform
from prorata.trading.state import Account
from prorata.views.answers import Rejected

PLATFORM = b"prorata-platform"


class CallV2(Call):
    """`named`: the uuid of the trade platform that the head of the call names, "" for none."""

    __slots__ = ("named",)

    def read_head(self, headers: Headers) -> None:
        self.named = headers.get(PLATFORM, b"").decode("latin-1").strip()

    @property
    def system_uuid(self) -> str:
        """Return the trade platform that is meant: the one that is named, or the only one in reach. Raises `Rejected`."""
        if self.named:
            return self.system(self.named).uuid
        found = platforms_for(self.grant, self.control.platforms.of_organization(self.organization_id))
        ours = [one.uuid for one in found if one.kind == PlatformKind.PRORATA]
        if not ours:
            raise Rejected(Refusal.NOT_FOUND, "the key reaches no trade platform")
        if len(ours) > 1:
            raise Rejected(
                Refusal.MALFORMED, "the key reaches several trade platforms: name one in the header Prorata-Platform"
            )
        return ours[0]

    @property
    def platform(self) -> Platform:
        """Raises `Rejected`."""
        return self.running(self.system_uuid)

    def deals(self, login: LoginGiven) -> Dealing:
        """Raises `Rejected`."""
        return self.dealing(self.system_uuid, login)

    def holds(self, login: LoginGiven) -> tuple[Platform, Account]:
        """Return an account as the trade platform has it. Raises `Rejected`."""
        return self.traded(self.system_uuid, login)

    async def known(self, login: LoginGiven) -> TradingAccount:
        """Return an account as the CRM has it. Raises `Rejected`."""
        return await self.trading_account(self.system_uuid, login)
