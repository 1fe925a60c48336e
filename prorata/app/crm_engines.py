"""The trade platforms that the CRM reaches: those of this process that take calls now."""

from collections.abc import Mapping, Sequence

from prorata.control.platforms.registry import Platforms
from prorata.crm.crossing import NotSent, Unanswered
from prorata.messages.commands import Command
from prorata.messages.events import Event
from prorata.rest.own.session import Platform
from prorata.server.ports import JournalFull
from prorata.server.writer import Overloaded, WriterStopped

CALLER = "crm"


class RunningEngines:
    """`reached`: the platforms of this process by their engine's name."""

    def __init__(self, platforms: Platforms, reached: Mapping[str, Platform]) -> None:
        self._platforms = platforms
        self._reached = reached

    def platform(self, platform_uuid: str) -> Platform | None:
        """Return a platform that takes calls now."""
        record = self._platforms.by_uuid.get(platform_uuid)
        return None if record is None or record.archived_at or not record.is_hosted else self._reached.get(record.engine)

    def reaches(self, platform_uuid: str) -> bool:
        return self.platform(platform_uuid) is not None

    async def submit(self, platform_uuid: str, command: Command, key: str) -> Sequence[Event]:
        platform = self.platform(platform_uuid)
        if platform is None:
            raise NotSent
        try:
            answer = await platform.writer.submit(command, caller=CALLER, key=key)
        except WriterStopped as failure:
            raise (Unanswered if failure.unknown else NotSent) from None
        except (Overloaded, JournalFull):
            raise NotSent from None
        return answer.events
