"""The Platform-API: what a trader's front end needs. docs/platform-api.md.

`app`         the way in: session, trading token, operation, answer
`registry`    what there is
`sessions`    who is signed in, and the tokens of his trading accounts
`signing_in`  log-ins, refresh, password
`account`     what an account has: money, positions, orders, what is over
`market`      instruments, quotations, candles
`trading`     positions and pending orders
`partners`    what an introducing broker sees of his own
"""
