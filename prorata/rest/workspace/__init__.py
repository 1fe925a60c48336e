"""The workspace: people sign in here, and work for the organizations that they are members of.

path     /api/v1/{auth|me|organizations|invitations|outbox}/...
who      the cookie `prorata_session`, or `Authorization: Bearer` with a session's token
order    body's size, caller, own site, allowance; then the operation; then the audit; then the answer

`front`   what stands in front of every call
`call`    one call: who calls, what the audit is told of it
`app`     the operations as one ASGI application
"""
