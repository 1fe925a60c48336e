"""Webhooks as they are kept: who wants which events at which address, what is to be delivered, what came of it.

`notices`    what happened, as the copying engine says it, and the envelope that is made of it
`targets`    which addresses may be called
`signing`    the secret of a subscription, and signatures with it
`tables`     subscriptions, deliveries, attempts
`store`      the database of one platform's webhooks
`office`     for the people of the broker: subscribe, change, look, deliver again
`line`       for the service that delivers (`prorata.stream.webhooks`): take notices, next to send, what came of it

The delivery log and the subscriptions are no projection: they cannot be made anew from the journal.
"""
