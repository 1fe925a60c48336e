"""The single writer: every command of a trade platform passes here, one after the other (decisions D1, D2).

`machine`   the engine, the idempotency keys and the numbering: what a journal replays into
`writer`    the pipeline: collect, stamp, journal, apply, answer, publish
`worker`    the thread on which the journal is written
`replay`    from snapshot and journal back to the state
`ports`     what the writer needs from outside
"""
