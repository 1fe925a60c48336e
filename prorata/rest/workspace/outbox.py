"""The outbox, for demonstrations without a mail server: anybody may read it."""

from litestar import Controller, get

from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall
from prorata.rest.workspace.views import MailView, mail_view
from prorata.views.answers import Rejected


class OutboxShown(Controller):
    path = "/outbox"
    tags = ("Demonstration",)

    @get("/", summary="List the newest mails that wait")
    async def all(self, call: AnyCall) -> list[MailView]:
        """Not found unless the setting `mail.shown` is on and there is no mail server."""
        if not call.workspace.shows_outbox:
            raise Rejected(Refusal.NOT_FOUND)
        return [mail_view(mail) for mail in await call.sql(call.control.outbox.newest, waiting=True)]
