"""The streams of the Broker-API over gRPC, versions 1 and 2. docs/grpc.md.

`server`      one port: from a call's path and bytes to its stream
`door`        who is let in, to which trade platform
`feed`        from the writer of a platform to the streams: what a batch changed, told to whoever hears of it
`quotations`  the same for quotes; `figures` for what moves with them: results and equity
`told`        what is told, before it has a form
`v1` `v1_enveloped` `v2`   the published messages: what a request asks for, the form of what is told
`subscriber`  one stream: what waits to be sent on it
"""
