"""The SignalR hubs of the WebAPI: /hubs/mt4/v2 and /hubs/mt5/v2, with the JSON protocol.

`app`          negotiation and the two transports: WebSocket, long polling
`connection`   one client: handshake, calls, streams, what waits to be sent
`hubs`         what a client may call and stream on each hub
`feed`         from the writer of a platform to the streams
`protocol`     the messages on the wire
"""
