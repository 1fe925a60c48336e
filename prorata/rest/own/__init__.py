"""Our own REST API, /api/v1.

Amounts, prices and volumes (in lots) are decimal strings, distances whole points, times RFC 3339 in UTC.
Every error is problem+json with a refusal number. Orders and positions are numbered for each platform and
found under their account: /accounts/{login}/orders/{ticket}. Only POST /orders names the login in its body.

`app`         the ASGI application: what stands in front, and the wiring
`front`       before every call: key, allowance, body        `order_protocol`   the short way for new orders
`session`     one call: who, on which platform, under which idempotency key
`views`, `settings_views`     what we answer                 `settings_bodies`  what configuration is sent to us
`paging`, `allowance`         lists in parts; how often a key may call
`orders`, `positions`, `accounts`, `configuration`, `market`, `reports`, `exposure`, `house`   the operations
`webhooks`, `webhook_views`   their own operations, with what is sent and answered
`openapi`     the description of it all, and its page

`copying`     copy trading        `ordered`   lists in the order of a figure

What the stream says as well (bodies, events, refusals) is in `prorata.views`.
"""
