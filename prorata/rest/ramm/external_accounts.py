"""Clients whose investments are executed on accounts elsewhere: found by the server that their account is on."""

from prorata.rest.ramm.call import Call


async def clients_of_server(call: Call, server: str) -> dict[int, str]:
    """Return the account on a server of each client of the company who has one there."""
    return await call.sql(call.control.clients.on_server, call.company.id, server)
