"""Signals: what a strategy's source holds, sent to us and copied."""

from litestar import Controller, post
from litestar.params import JSONBody

from prorata.rest.own.copying import commands as copy_commands
from prorata.rest.own.copying.bodies import NewSignal, NewSync
from prorata.rest.own.copying.reach import COPY_DEALING, strategy_of
from prorata.rest.own.session import Call
from prorata.views.copying.outcomes import CopyOutcome, copy_outcome_of


class Signals(Controller):
    tags = ("Signals",)

    @post("/signals", summary="Send a signal", guards=[COPY_DEALING])
    async def send(self, session: Call, data: JSONBody[NewSignal]) -> CopyOutcome:
        """Every investment that copies gets its part of the change."""
        command = copy_commands.send_signal(strategy_of(session, data.strategy), data)
        return copy_outcome_of(session.engine, await session.submit(command))

    @post("/signals/sync", summary="Bring positions in line with the source", guards=[COPY_DEALING])
    async def sync(self, session: Call, data: JSONBody[NewSync]) -> CopyOutcome:
        """What is not named in `held` is closed. Symbols that are not known here are passed over."""
        command = copy_commands.send_sync(strategy_of(session, data.strategy), data)
        return copy_outcome_of(session.engine, await session.submit(command))
