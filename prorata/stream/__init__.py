"""The WebSocket of our own API: quotes, account events, orders (docs/stream.md).

`app`            the ASGI application: who may come in
`session`        one connection: read, perform, send, until either side ends it
`messages`       what a client may say          `orders`   wishes to commands, answers to messages
`hub`            from the writer to the subscribers: live, from the `ring`, from the `outbox`
`subscriptions`  what a client has asked for    `quotes`   gathered and conflated
`copy_subscriptions`                            the same of copy trading
`mailbox`        what waits to be sent, and when a reader is too slow
`limits`, `closing`                             numbers to set, codes to expect
"""
