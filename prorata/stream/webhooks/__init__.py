"""Webhooks as they are delivered: at least once, in order for each order key, one slow receiver never before another.

`terms`      numbers to set
`source`     from the writer's events to notices
`deliverer`  the service: takes notices, keeps a lane for each subscription, watches the backlog
`lane`       one subscription: what is due, a few requests at a time, one for each order key
`sending`    one request: look the address up, check it, connect to just that one, sign, post
`backoff`    what an answer means, and when to try again

What is kept, and what people do with it, is in `prorata.control.webhooks`.
"""
